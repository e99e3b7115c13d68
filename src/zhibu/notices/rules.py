"""Who may answer what users say, who looks after what leaves the platform."""

from typing import TYPE_CHECKING

from django.conf import settings

from zhibu.core import mail, standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.notices.models import Feedback

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_read_all(user: "User") -> Verdict:
    if standing.may_anywhere(user, "feedback.answer"):
        return YES
    return no("不能看全部意见：由系统管理员看和答复。您自己提的在“提意见”里。")


def may_answer(user: "User", feedback: Feedback) -> Verdict:
    """Once: an answer that was read is not quietly replaced by another."""
    verdict = may_read_all(user)
    if verdict and feedback.answered_at:
        return no("已经答复过了。还有要说的，请对方再提一条。")
    return verdict


def may_choose_mail() -> Verdict:
    """Whether mail can be sent at all, and a link in it lead back here."""
    missing = [
        name
        for name, value in (
            ("ZHIBU_MAIL_SERVER", settings.MAIL_SERVER),
            ("ZHIBU_MAIL_FROM", settings.MAIL_FROM),
            ("ZHIBU_ADDRESS", settings.ADDRESS),
        )
        if not value
    ]
    if mail.is_set_up() and not missing:
        return YES
    return no(
        "邮件没有开通：这个平台还没有设发信服务器。"
        f"请系统管理员在服务器上设好 {'、'.join(missing)}，再用 zhibu check-mail 试一封。"
    )


def may_manage_deliveries(user: "User") -> Verdict:
    if standing.may_anywhere(user, "deliveries.manage"):
        return YES
    return no("不能看发送情况、设推送：由系统管理员办。自己的在“消息”的“怎么通知我”里。")
