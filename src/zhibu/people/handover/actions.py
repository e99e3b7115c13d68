"""Drawing up the list of a hand-over, signing it, and letting the post pass."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from django.db import transaction
from django.utils import timezone

from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User as Account
from zhibu.core import handing
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.people import actions as people
from zhibu.people import queries as asking
from zhibu.people.handover import queries, rules
from zhibu.people.models import Handover, Holding, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Side = Literal["given", "taken"]


class Kind(StrEnum):
    DRAWN_UP = "people:handover:drawn-up"
    SIGNED = "people:handover:signed"
    FINISHED = "people:handover:finished"
    CANCELLED = "people:handover:cancelled"


WORDS = {
    Kind.DRAWN_UP: "做了职务交接清单",
    Kind.SIGNED: "在交接清单上签了字",
    Kind.FINISHED: "办结了职务交接",
    Kind.CANCELLED: "取消了职务交接",
}

notice_kinds.register("handover", "有职务交接要您看")


@transaction.atomic
def draw_up(
    holding: Holding,
    *,
    successor: Person | None,
    since: date,
    papers: Sequence[str] = (),
    note: str = "",
    by: "User",
    at: datetime,
) -> Handover:
    """Freeze what is open on a post into one list that both sign; both are told.

    Raises:
        Refused: ``rules.may_draw_up`` refuses, a list is open already, or the day is before
            the holding began.
    """
    holding = (
        Holding.objects.select_for_update(of=("self",))
        .select_related("person", "post__organization", "post__group")
        .get(pk=holding.pk)
    )
    require(rules.may_draw_up(by, holding))
    if holding.handovers.open().exists():
        raise Refused(no("已经有一份清单在等签字。要重做，先取消那一份。"))
    if successor is not None and successor.pk == holding.person_id:
        raise Refused(no(f"{successor.name}就是现在任职的人，请写接手的人。"))
    if since <= holding.since:
        raise Refused(no(f"不能在这天交接：{holding.since} 才任职。"))
    items = [item.frozen() for item in queries.open_items(holding, timezone.localdate(at))]
    made = Handover.objects.create(
        holding=holding,
        successor=successor,
        since=since,
        items=items,
        papers=[line.strip() for line in papers if line.strip()],
        note=note,
        drawn_by=by,
        drawn_at=at,
    )
    _record(Kind.DRAWN_UP, made, by, at, occurred=since)
    _tell(made, f"{holding.post.title}的交接清单做好了，请核对签字", by, at)
    return made


def _record(
    kind: Kind, handover: Handover, by: "User", at: datetime, occurred: date | None = None
) -> None:
    organization = handover.holding.post.organization_id
    ledger.record(kind, handover, organization=organization, by=by, at=at, occurred=occurred)


def _tell(handover: Handover, title: str, by: "User", at: datetime) -> None:
    people_ = [handover.holding.person_id, handover.successor_id]
    users = Account.objects.filter(person_id__in=people_, is_active=True).exclude(pk=by.pk)
    notify(
        users.values_list("pk", flat=True),
        key=f"handover:{handover.pk}:{handover.state}",
        title=title,
        url=handover.get_absolute_url(),
        at=at,
    )


def _locked(handover: Handover) -> Handover:
    return (
        Handover.objects.select_for_update(of=("self",))
        .select_related("holding__person", "holding__post__organization", "holding__post__group")
        .select_related("successor")
        .get(pk=handover.pk)
    )


@transaction.atomic
def sign(handover: Handover, *, side: Side, how: str, by: "User", at: datetime) -> Handover:
    """One side confirms the list, in the system or, as somebody notes, on paper."""
    handover = _locked(handover)
    require(rules.may_sign(by, handover, side, how))
    if getattr(handover, f"{side}_at"):
        raise Refused(no("不用办：这一边已经签过。"))
    setattr(handover, f"{side}_how", how)
    setattr(handover, f"{side}_at", at)
    handover.save(update_fields=[f"{side}_how", f"{side}_at"])
    _record(Kind.SIGNED, handover, by, at)
    return handover


@transaction.atomic
def finish(handover: Handover, *, reason: str = "", by: "User", at: datetime) -> Handover:
    """Let the post pass: the old holder's access and sessions end, the new one's access begins.

    Open tasks go along with it. Without both hands a reason is needed.

    Raises:
        Refused: ``rules.may_finish`` refuses, or a hand is missing and no reason is given.
    """
    handover = _locked(handover)
    require(rules.may_finish(by, handover, timezone.localdate(at)))
    if not handover.is_signed and not reason.strip():
        raise Refused(no("还没有两边都签字。一定要现在办结的，请写原因，例如原任去世、联系不上。"))
    holding, successor = handover.holding, handover.successor
    people.end_holding(holding, on=handover.since, by=by, at=at)
    if successor is not None:
        people.hold_post(successor, post=holding.post, since=handover.since, by=by, at=at)
        _pass_on(handover, successor, by, at)
    account = asking.account_of(holding.person)
    if account is not None:
        organization = holding.post.organization_id
        accounts.sign_out(account, organization=organization, by=by, at=at)
    _end(handover, Handover.State.DONE, reason, by, at)
    _record(Kind.FINISHED, handover, by, at, occurred=handover.since)
    _tell(handover, f"{holding.post.title}已经交接，权限从 {handover.since} 起换人", by, at)
    return handover


def _pass_on(handover: Handover, successor: Person, by: "User", at: datetime) -> None:
    """Whatever can go to the successor goes, area by area."""
    by_area: dict[str, list[int]] = defaultdict(list)
    for item in handover.items:
        by_area[item["area"]].append(item["id"])
    for provider in handing.providers():
        if provider.take is not None and by_area[provider.area]:
            provider.take(by_area[provider.area], successor.pk, by, at)


@transaction.atomic
def cancel(handover: Handover, *, reason: str, by: "User", at: datetime) -> Handover:
    """Put a list away; the post stays where it is."""
    handover = _locked(handover)
    require(rules.may_cancel(by, handover))
    if not reason.strip():
        raise Refused(no("请写为什么不办了。"))
    _end(handover, Handover.State.CANCELLED, reason, by, at)
    _record(Kind.CANCELLED, handover, by, at)
    return handover


def _end(handover: Handover, state: str, reason: str, by: "User", at: datetime) -> None:
    handover.state, handover.ended_reason = state, reason.strip()
    handover.ended_by, handover.ended_at = by, at
    handover.save(update_fields=["state", "ended_reason", "ended_by", "ended_at"])
