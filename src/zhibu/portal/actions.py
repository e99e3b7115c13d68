from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from zhibu.adoptions.queries import HeldItem
from zhibu.cases import actions as cases
from zhibu.cases import doorway
from zhibu.cases import rules as case_rules
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Step
from zhibu.core.encryption import new_salt
from zhibu.core.jobs import every, once
from zhibu.core.pacing import Pacer
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import CHANNELS, Procedure
from zhibu.portal import rules
from zhibu.portal.models import Look, Ticket, code_for, hash_of, new_code

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Kind(StrEnum):
    """About the case, with the ticket beside: who may not know of a case hears of no ticket."""

    ASKED = "portal:ticket:asked"
    LOOKED = "portal:ticket:looked-at"
    ERASED = "portal:ticket:erased"


WORDS = {
    Kind.ASKED: "有人提了一件事",
    Kind.LOOKED: "看了提的人的姓名、电话",
    Kind.ERASED: "到期删了提的人的姓名、电话",
}


@transaction.atomic
def ask(
    asked: Organization,
    *,
    held: HeldItem,
    values: Mapping[str, Any],
    name: str = "",
    phone: str = "",
    channel: str = "online",
    seal: str = "",
    by: "User | None" = None,
    at: datetime,
) -> tuple[Ticket, str]:
    """Take in what somebody asks for at the door of ``asked``: the ticket, and the code, this
    once. ``by``: who wrote it down, None where it came by the page; then ``seal`` names the
    question that was answered, which serves once.

    Raises:
        Refused: a rule refuses, or the question was used before.
        Faulty: something lacks.
    """
    rule = held.wording.item
    assert isinstance(rule, Procedure) and rule.doorway is not None
    if by is None and not once(f"portal:sum:{seal}", at=at):
        raise Refused(no("已经提交过了。要再提一件，请再算一次、再提交。"))
    if channel not in rule.doorway.channels or (channel == "online") != (by is None):
        raise Refused(no(f"不能从这个渠道提：{CHANNELS.get(channel, '没有这个渠道')}。"))
    if by is not None:
        place = case_rules.proper_place(asked, rule) if not rule.is_kept_apart else asked
        assert place is not None
        require(rules.may_take(by, asked, place, rule))
    case = doorway.ask(asked, held=held, values=values, by=by, at=at)
    code = code_for(seal) if by is None else new_code()
    ticket = Ticket(
        case=case, organization=asked, channel=channel, code_hash=hash_of(code), taken_by=by,
        asked_at=at,
    )  # fmt: skip
    ticket.name, ticket.phone = name.strip(), phone.strip()
    ticket.save(force_insert=True)
    ledger.record(
        Kind.ASKED, case, organization=case.organization_id, by=by, at=at, touched=[ticket]
    )
    return ticket, code


@transaction.atomic
def answer_back(ticket: Ticket, turn: Turn, step: Step, *, at: datetime) -> Case:
    """End a turn as whoever asked, by the code: say whether the answer will do, or go on.

    Raises:
        Refused: it is not their turn, or no longer.
        Faulty: something lacks.
    """
    if turn.case_id != ticket.case_id:
        raise Refused(no("不能办：不是这一件。"))
    return cases.act(turn, step, by=None, at=at)


@transaction.atomic
def look(ticket: Ticket, *, field: str, reason: str, by: "User", at: datetime) -> str:
    """The sealed name or phone; that somebody looked, and why, is kept.

    Raises:
        Refused: ``rules.may_look`` refuses, or no reason is given.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("case").get(pk=ticket.pk)
    require(rules.may_look(by, ticket))
    if not reason.strip():
        raise Refused(no("要写明为什么看。"))
    Look.objects.create(ticket=ticket, field=field, reason=reason.strip(), by=by, at=at)
    ledger.record(
        Kind.LOOKED, ticket.case, organization=ticket.case.organization_id, by=by, at=at,
        touched=[ticket],
    )  # fmt: skip
    value: str = getattr(ticket, Look.Field(field).value)
    return value


@every("50 0 * * *", name="portal.erase")
def erase_due(at: datetime) -> int:
    """Contacts that are kept no longer; of how many. One query and a few each."""
    today, found, pacer = timezone.localdate(at), 0, Pacer()
    rows = Ticket.objects.filter(erased_on=None).exclude(case__state=Case.State.OPEN)
    for ticket in rows.select_related("case").order_by("pk").iterator(500):
        if not doorway.is_kept(ticket.case, ticket.case.rule, today):
            with pacer.turn():
                found += erase(ticket, at=at)
    return found


@transaction.atomic
def erase(ticket: Ticket, *, at: datetime) -> bool:
    """Erase name and phone, and who looked at them; the code leads nowhere from now on."""
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("case").get(pk=ticket.pk)
    if ticket.erased_on is not None:
        return False
    ticket.name, ticket.phone, ticket.salt = "", "", new_salt()
    ticket.code_hash, ticket.erased_on = f"erased{ticket.pk}", timezone.localdate(at)
    ticket.save()
    ticket.looks.all().delete()
    ledger.record(
        Kind.ERASED, ticket.case, organization=ticket.case.organization_id, by=None, at=at,
        touched=[ticket],
    )  # fmt: skip
    return True
