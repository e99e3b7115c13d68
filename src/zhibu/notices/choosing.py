"""How somebody wants to be told: here only, or by mail too, to an address they confirmed.

One's own choice, for oneself: like a filter kept it leaves no entry in the ledger.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zhibu.core import rate
from zhibu.core.verdicts import Refused, no, require
from zhibu.notices import rules, sending
from zhibu.notices.models import Delivery, Outgoing, Preference
from zhibu.notices.pace import ready_at

if TYPE_CHECKING:
    from zhibu.accounts.models import User

CODE_FOR = timedelta(hours=24)
CODES_PER_DAY, TRIES_PER_HOUR = 5, 10
DIGITS = 8


def of(user: "User") -> Preference | None:
    """What ``user`` chose; None for in-app only."""
    return Preference.objects.filter(user=user).first()


@transaction.atomic
def here_only(*, by: "User") -> None:
    """No mail any more; the address is forgotten at once, what waits is not sent."""
    Outgoing.objects.gathering().filter(webhook=None, notice__user=by).delete()
    Preference.objects.filter(user=by).delete()


def by_mail(
    *, address: str, rhythm: str, hour: int, by: "User", at: datetime
) -> tuple[Preference, bool]:
    """Mail too, as often as said; and whether a code was sent to confirm the address.

    ``address`` "" keeps the one there is. A new one, or one not confirmed yet, is sent a code.

    Raises:
        Refused: mail is not set up, no address, or codes were asked for too often.
    """
    require(rules.may_choose_mail())
    before = of(by)
    address = address or (before.address if before else "")
    if not address:
        raise Refused(no("还没有写邮箱。请写一个自己收得到信的地址。"))
    if before is None or _needs_code(before, address):
        _require_few_codes(address, by, at)
    with transaction.atomic():
        row, _ = Preference.objects.select_for_update().get_or_create(
            user=by, defaults={"address_sealed": b"", "chosen_at": at}
        )
        row.rhythm, row.hour, row.chosen_at = rhythm, hour, at
        needs_code = _needs_code(row, address)
        if needs_code:
            row.address = address
            row.code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
            row.confirmed_at, row.code_until = None, at + CODE_FOR
        row.save()
        if needs_code:
            _send_code(by, at)
        _settle_anew(by, rhythm, hour)
    return row, needs_code


def _needs_code(row: Preference, address: str) -> bool:
    return row.confirmed_at is None or row.address != address


def _require_few_codes(address: str, by: "User", at: datetime) -> None:
    """Nobody's mailbox is filled with codes from here, by one account or by several."""
    day = timedelta(days=1)
    for subject in (str(by.pk), address.lower()):
        if not rate.is_within("notices-code", subject, limit=CODES_PER_DAY, within=day, at=at):
            raise Refused(no(f"不能再发确认码：一天最多 {CODES_PER_DAY} 次。请明天再来。"))


def _send_code(by: "User", at: datetime) -> None:
    Delivery.objects.create(
        user=by, purpose=Delivery.Purpose.CODE, made_at=at, trying_since=at, next_at=at
    )
    sending.run_soon.enqueue()


def _settle_anew(user: "User", rhythm: str, hour: int) -> None:
    """What is being gathered goes out as often as is wanted now."""
    waiting = Outgoing.objects.gathering().filter(webhook=None, notice__user=user)
    rows = list(waiting.select_related("notice"))
    for row in rows:
        row.ready_at = ready_at(rhythm, hour, row.notice.at)
    Outgoing.objects.bulk_update(rows, ["ready_at"], batch_size=500)


def confirm(code: str, *, by: "User", at: datetime) -> Preference:
    """The address is one's own: whoever reads its mail has the code.

    Raises:
        Refused: another code, too late, too many tries, or nothing to confirm.
    """
    within = timedelta(hours=1)
    if not rate.is_within(
        "notices-confirm", str(by.pk), limit=TRIES_PER_HOUR, within=within, at=at
    ):
        raise Refused(no(f"一小时最多试 {TRIES_PER_HOUR} 次，请过一会儿再试。"))
    with transaction.atomic():
        row = Preference.objects.select_for_update().filter(user=by).first()
        if row is None or row.confirmed_at is not None:
            raise Refused(no("没有要确认的邮箱。请先在“怎么通知我”里写上。"))
        if not row.code_is_open(at):
            raise Refused(no("确认码过期了。请在“怎么通知我”里再点一次“保存”，会寄一个新的。"))
        if not hmac.compare_digest(row.code.encode(), code.encode()):
            raise Refused(no("确认码不对。请照最近一封信里的数字写。"))
        row.confirmed_at, row.code, row.code_until = at, "", None
        row.save(update_fields=["confirmed_at", "code_sealed", "code_until"])
    return row
