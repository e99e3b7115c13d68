"""Who may answer what users say."""

from typing import TYPE_CHECKING

from zhibu.core import standing
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
