"""Dealing, changing and exchanging turns: what is done with rotas."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.core.jobs import every, once
from zhibu.core.pacing import Pacer
from zhibu.core.verdicts import YES, Refused, Verdict, no, require
from zhibu.ledger import actions as ledger
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.organizations.actions import hold
from zhibu.organizations.models import Organization
from zhibu.packs.schema.pair_kinds import PairKind, stored
from zhibu.pairings import rules
from zhibu.pairings.drafts import REASON, Faulty, RotaDraft, rota_faults, shifts_of
from zhibu.pairings.drawing import clash, dealt, seats
from zhibu.pairings.models import Change, RollPlace, Rota, Turn, as_time
from zhibu.people.models import Person

BATCH = 100


class Kind(StrEnum):
    DRAWN = "pairings:rota:drawn"
    CANCELLED = "pairings:rota:cancelled"
    CHANGED = "pairings:turn:changed"
    OFFERED = "pairings:turn:offered"
    WITHDRAWN = "pairings:turn:withdrawn"
    TAKEN = "pairings:turn:taken"
    EXCHANGED = "pairings:turn:exchanged"
    NOTED = "pairings:turn:noted"


WORDS = {
    Kind.DRAWN: "排了轮值",
    Kind.CANCELLED: "停用了轮值表",
    Kind.CHANGED: "换了值班的人",
    Kind.OFFERED: "让了一班",
    Kind.WITHDRAWN: "收回了让的一班",
    Kind.TAKEN: "接了一班",
    Kind.EXCHANGED: "对换了两班",
    Kind.NOTED: "记了值班的来没来",
}

notice_kinds.register("turn", "轮到您值班")
notice_kinds.register("turn-offered", "有一班等人替")
notice_kinds.register("turn-taken", "您让的一班有人接了")
notice_kinds.register("turn-changed", "您的值班改了")


@transaction.atomic
def draw_up(
    organization: Organization,
    draft: RotaDraft,
    *,
    kind: str,
    wording: date,
    rule: PairKind,
    by: User,
    at: datetime,
) -> Rota:
    """Deal the shifts of the days to the roll in turn, by ``pack:kind`` as worded on ``wording``;
    ``rule`` is that as strict as it is in force there.

    Raises:
        Refused: ``rules.may_begin`` refuses.
        Faulty: the days are none or too many, the shifts lie inside one another, or the roll is
            too short for the rest that is asked.
    """
    place = hold(organization.pk)
    require(rules.may_begin(by, place, rule))
    asked = rule.rota
    assert asked is not None
    if found := rota_faults(asked, draft):
        raise Faulty(found)
    shifts = shifts_of(asked, draft)
    rota = Rota.objects.create(
        organization=place, kind=kind, wording=wording, title=draft.title or rule.title[:40],
        since=draft.since, until=draft.until, shifts=stored(shifts), per_shift=asked.per_shift,
        rest=asked.rest or "", made_by=by, made_at=at,
    )  # fmt: skip
    RollPlace.objects.bulk_create(
        RollPlace(rota=rota, person_id=pk, place=number) for number, pk in enumerate(draft.roll, 1)
    )
    some = seats(shifts, asked.per_shift, draft.since, draft.until)
    whose = dealt(some, len(draft.roll), as_time(asked.rest))
    Turn.objects.bulk_create(
        Turn(
            rota=rota, on=seat.on, shift=seat.shift, seat=seat.number, starts_at=seat.starts_at,
            ends_at=seat.ends_at, person_id=draft.roll[index],
        )
        for seat, index in zip(some, whose, strict=True)
    )  # fmt: skip
    ledger.record(Kind.DRAWN, rota, organization=place.pk, by=by, at=at, occurred=rota.since)
    return rota


def _locked(turn: Turn) -> Turn:
    """The turn as it stands now; its organisation, then its rota is locked, so that nobody changes
    another turn of it meanwhile."""
    known = Rota.objects.get(pk=turn.rota_id)
    hold(known.organization_id)
    rota = Rota.objects.select_for_update(of=("self",)).select_related("organization")
    held = rota.get(pk=turn.rota_id)
    found = Turn.objects.select_related("person", "wanted").get(pk=turn.pk)
    found.rota = held
    return found


def _note(kind: Kind, turn: Turn, by: User, at: datetime) -> None:
    rota = turn.rota
    ledger.record(kind, rota, organization=rota.organization_id, by=by, at=at, occurred=turn.on)


def fits(turn: Turn, person: int, *, apart_from: Iterable[int] = ()) -> str:
    """Why ``person`` cannot have the turn, "" where they can: not on the roll, or another of their
    turns (but for ``apart_from``) too close. Two queries."""
    rota = turn.rota
    if not rota.roll.filter(person=person).exists():
        return "不在轮值名单上。"
    rest = rota.rest_time
    near = Turn.objects.filter(
        rota=rota, person=person, starts_at__lt=turn.ends_at + rest,
        ends_at__gt=turn.starts_at - rest,
    ).exclude(pk__in=[turn.pk, *apart_from])  # fmt: skip
    other = near.in_order().first()
    if other is None:
        return ""
    said = "同一时间已经有一班" if clash(turn.span, other.span, timedelta()) else "隔得太近"
    return f"{said}：{timezone.localtime(other.starts_at):%m-%d %H:%M} 的班。"


def _must_fit(turn: Turn, person: Person, *, apart_from: Iterable[int] = ()) -> None:
    if said := fits(turn, person.pk, apart_from=apart_from):
        raise Refused(no(f"不能排给{person.name}：{said}"))


def _pass(turn: Turn, person: Person, kind: Change.Kind, by: User, at: datetime) -> None:
    """Somebody else's from now on; nobody offers it any more, nothing asks for it in exchange."""
    Change.objects.create(
        rota=turn.rota, turn=turn, kind=kind, before=turn.person, after=person, by=by, at=at
    )
    turn.person, turn.offered_at, turn.wanted, turn.came = person, None, None, ""
    turn.save()
    Turn.objects.filter(wanted=turn).update(offered_at=None, wanted=None)


@transaction.atomic
def change_turn(turn: Turn, *, person: Person, by: User, at: datetime) -> Turn:
    """Put ``person`` in a turn by hand.

    Raises:
        Refused: ``rules.may_change`` refuses, or it does not fit.
    """
    turn = _locked(turn)
    require(rules.may_change(by, turn, at))
    before = turn.person
    if before.pk == person.pk:
        return turn
    _must_fit(turn, person)
    _pass(turn, person, Change.Kind.BY_HAND, by, at)
    _note(Kind.CHANGED, turn, by, at)
    if turn.starts_at > at:
        _tell(
            [before.pk, person.pk], turn, f"改成了{person.name}值班", by, at,
            key=f"turn-changed:{turn.pk}:{at.isoformat()}",
        )  # fmt: skip
    return turn


@transaction.atomic
def offer_turn(turn: Turn, *, wanted: Turn | None = None, by: User, at: datetime) -> Turn:
    """Offer a turn to whoever takes it; with ``wanted``, only in exchange for that one.

    Raises:
        Refused: ``rules.may_offer`` refuses, or there can be no such exchange.
    """
    turn = _locked(turn)
    require(rules.may_offer(by, turn, at))
    if wanted is not None:
        wanted = Turn.objects.select_related("person").get(pk=wanted.pk)
        require(_exchangeable(turn, wanted, at))
    turn.offered_at, turn.wanted = at, wanted
    turn.save()
    _note(Kind.OFFERED, turn, by, at)
    if wanted is not None:
        asked, said = [wanted.person_id], f"{turn.person.name}想用这一班换您 {wanted.on} 的一班"
    else:
        others = turn.rota.roll.exclude(person=turn.person_id)
        asked = list(others.values_list("person", flat=True))
        said = f"{turn.person.name}来不了，等人替"
    _tell(asked, turn, said, by, at, key=f"turn-offered:{turn.pk}:{at.isoformat()}")
    return turn


def _exchangeable(turn: Turn, wanted: Turn, at: datetime) -> Verdict:
    if wanted.rota_id != turn.rota_id or wanted.person_id == turn.person_id:
        return no("不能对换：要换的是同一张表上别人的一班。")
    if (wanted.on, wanted.shift) == (turn.on, turn.shift):
        return no("不能对换：是同一班，不用换。")
    if wanted.starts_at <= at:
        return no("不能对换：要换的那一班已经开始了。")
    return YES


@transaction.atomic
def withdraw_offer(turn: Turn, *, by: User, at: datetime) -> Turn:
    """Keep a turn after all.

    Raises:
        Refused: ``rules.may_withdraw`` refuses.
    """
    turn = _locked(turn)
    require(rules.may_withdraw(by, turn, at))
    turn.offered_at, turn.wanted = None, None
    turn.save()
    _note(Kind.WITHDRAWN, turn, by, at)
    return turn


@transaction.atomic
def take_turn(turn: Turn, *, person: Person, by: User, at: datetime) -> Turn:
    """``person`` takes an offered turn; where it was offered in exchange, both change hands.

    Raises:
        Refused: ``rules.may_take`` refuses (somebody was quicker), or it does not fit.
    """
    turn = _locked(turn)
    require(rules.may_take(by, turn, person.pk, at))
    before, wanted = turn.person, turn.wanted
    if wanted is None:
        _must_fit(turn, person)
        _pass(turn, person, Change.Kind.TAKEN, by, at)
        _note(Kind.TAKEN, turn, by, at)
    else:
        wanted = Turn.objects.select_related("person").get(pk=wanted.pk)
        wanted.rota = turn.rota
        _must_fit(turn, person, apart_from=[wanted.pk])
        _must_fit(wanted, before, apart_from=[turn.pk])
        _pass(turn, person, Change.Kind.EXCHANGED, by, at)
        _pass(wanted, before, Change.Kind.EXCHANGED, by, at)
        _note(Kind.EXCHANGED, turn, by, at)
    said = f"{person.name}接了"
    _tell([before.pk], turn, said, by, at, key=f"turn-taken:{turn.pk}:{at.isoformat()}")
    return turn


@transaction.atomic
def note_turn(turn: Turn, *, came: str, by: User, at: datetime) -> Turn:
    """Note whether whoever had the turn came (``Turn.Came``); "" takes it back.

    Raises:
        Refused: ``rules.may_note`` refuses.
    """
    turn = _locked(turn)
    require(rules.may_note(by, turn, at))
    turn.came = Turn.Came(came)
    turn.save()
    _note(Kind.NOTED, turn, by, at)
    return turn


@transaction.atomic
def cancel_rota(rota: Rota, *, reason: str, by: User, at: datetime) -> Rota:
    """Stop a rota: its turns stay readable, nobody is reminded of them any more.

    Raises:
        Refused: ``rules.may_cancel`` refuses.
        Faulty: no reason is given.
    """
    hold(rota.organization_id)
    rows = Rota.objects.select_for_update(of=("self",)).select_related("organization")
    rota = rows.get(pk=rota.pk)
    require(rules.may_cancel(by, rota))
    if not reason.strip():
        raise Faulty({REASON: "请写为什么停用。"})
    rota.state, rota.reason = Rota.State.CANCELLED, reason.strip()
    rota.save()
    ledger.record(Kind.CANCELLED, rota, organization=rota.organization_id, by=by, at=at)
    return rota


# --- telling


def _accounts(people: Iterable[int], apart_from: User | None) -> list[int]:
    able = User.objects.able_to_sign_in().filter(person_id__in=list(people))
    if apart_from is not None:
        able = able.exclude(pk=apart_from.pk)
    return list(able.values_list("pk", flat=True))


def _tell(
    people: Iterable[int], turn: Turn, said: str, by: User, at: datetime, *, key: str
) -> None:
    """A notice to the accounts of ``people`` but for who did it. Two queries and an insert."""
    notify(
        _accounts(people, by), key=key,
        title=f"{turn.rota.title}：{word_turn(turn)}", body=f"{said}。",
        url=turn.get_absolute_url(), at=at,
    )  # fmt: skip


def word_turn(turn: Turn) -> str:
    """11月2日 上半夜 19:00-01:00."""
    begins, ends = timezone.localtime(turn.starts_at), timezone.localtime(turn.ends_at)
    title = turn.shift_rule.title
    return f"{begins.month}月{begins.day}日 {title} {begins:%H:%M}-{ends:%H:%M}"


@every("0 18 * * *", name="pairings.remind_of_turns")
def remind_of_turns(at: datetime) -> int:
    """Tell everybody who has a turn tomorrow, once a turn and person; how many were told."""
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    rows = Turn.objects.in_use().filter(on=tomorrow).order_by("pk")
    ids, pacer, told = list(rows.values_list("pk", flat=True)), Pacer(), 0
    for start in range(0, len(ids), BATCH):
        with pacer.turn():
            told += _remind(ids[start : start + BATCH], at)
    return told


def _remind(ids: Iterable[int], at: datetime) -> int:
    """Judged again as they stand now, in the turn's transaction."""
    told = 0
    turns = Turn.objects.in_use().filter(pk__in=list(ids)).select_related("rota__organization")
    for turn in turns.order_by("pk"):
        if not once(f"turn:{turn.pk}:{turn.person_id}", at=at):
            continue
        told += 1
        notify(
            _accounts([turn.person_id], None), key=f"turn:{turn.pk}:{turn.person_id}",
            title=f"明天轮到您值班：{word_turn(turn)}",
            body=f"{turn.rota.organization.called}“{turn.rota.title}”。来不了的，点进去让出这一班。",
            url=turn.get_absolute_url(), at=at,
        )  # fmt: skip
    return told
