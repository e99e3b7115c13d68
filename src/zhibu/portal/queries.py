"""What whoever asked is told of a request, and what those who answer see of all of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.utils.crypto import salted_hmac

from zhibu.adoptions.queries import HeldItem
from zhibu.cases import steps
from zhibu.cases.claiming import claimable
from zhibu.cases.models import Case, Turn, is_past
from zhibu.cases.queries import procedures
from zhibu.cases.steps import Running
from zhibu.core import paths
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import CHANNELS, Doorway, Outcome, Procedure, Stage
from zhibu.portal.models import Ticket, TicketQuerySet, code_for, hash_of

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def doors(organization: Organization, on: date) -> dict[str, HeldItem]:
    """Procedures in force there on a day that one may ask for, by ``pack:procedure``, in the
    order that the packs give them, those kept apart last. Three queries."""
    held = procedures(organization, on)
    found = {
        reference: one
        for reference, one in held.items()
        if isinstance(one.wording.item, Procedure) and one.wording.item.doorway
    }
    return dict(sorted(found.items(), key=_in_order))


def asked_before(seal: str, rule: Procedure, values: Mapping[str, Any]) -> bool:
    """Whether the very same was taken in with this question already: a double click. One query."""
    rows = Ticket.objects.filter(code_hash=hash_of(code_for(seal))).select_related("case")
    ticket = rows.first()
    return ticket is not None and ticket.case.began_with == steps.store(rule.fields, values)


def digest_of(place: Organization, held: HeldItem, values: Mapping[str, Any]) -> str:
    """Of what was asked for at a door: the same for the same organisation, procedure and words,
    and says nothing to whoever has not our key. No query."""
    said = json.dumps(steps.store(_rule(held).fields, values), sort_keys=True)
    text = f"{place.pk} {held.reference} {said}"
    return salted_hmac("portal.sent", text, algorithm="sha256").hexdigest()[:32]


def _in_order(pair: tuple[str, HeldItem]) -> tuple[bool, int, str]:
    reference, held = pair
    rule = _rule(held)
    assert rule.doorway is not None
    return rule.is_kept_apart, rule.doorway.order, reference


def _rule(held: HeldItem) -> Procedure:
    assert isinstance(held.wording.item, Procedure)
    return held.wording.item


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the story in plain words: ``until`` where it runs, ``said`` the answer or why
    it was not taken. ``is_now``: it is here at present, ``is_mine`` the requester's turn;
    ``where``: who has it, "" of the requester's and of what is not for everybody."""

    title: str
    where: str
    on: date
    until: date | None
    said: str
    is_now: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Story:
    """What a page tells whoever holds the code. ``mine``: the turn that waits for them; ``sorts``:
    what they chose at the beginning, as the door asked it."""

    sorts: list[tuple[str, str]]
    lines: list[Told]
    answer: str
    answered_on: date | None
    answered_by: str
    ended: str
    mine: Turn | None
    stage: Stage | None
    outcomes: list[Outcome]
    until: date | None

    @property
    def now(self) -> list[Told]:
        """Where it is at present, the requester's own turn left out."""
        return [one for one in self.lines if one.is_now and not one.is_mine]

    @property
    def heading(self) -> str:
        """How it stands, in the words of the pack."""
        if self.mine is not None:
            asked = [one.title for one in self.lines if one.is_now and one.is_mine]
            return asked[0] if asked else "已经答复，请您看"
        return self.ended or "；".join(one.title for one in self.now) or "在办"


def story(running: Running) -> Story:
    """Of one case. Only stages the pack has words for are told, and of what was written only the
    answer, why it was not taken, and why it takes longer: no names of people, and of what is not
    for everybody not who has it. Four queries at most."""
    case, rule = running.case, running.procedure
    door = rule.doorway
    assert door is not None
    lines, answer, last = [], "", None
    put_off = {one.turn_id: one.reason for one in case.extensions.order_by("pk")}
    for turn in running.turns:
        stage = running.stage(turn)
        words = door.words.get(stage.id)
        if turn.state == Turn.State.DONE and turn.content.get(door.answer):
            answer, last = turn.content[door.answer], turn
        if words is None or turn.state == Turn.State.DROPPED:
            continue
        outcome = stage.outcome(turn.outcome) if turn.outcome else None
        refused = outcome is not None and not outcome.to and outcome.reason
        said = turn.reason if refused else ""
        if turn.pk in put_off:
            said = f"延到 {turn.due_on}：{put_off[turn.pk]}"
        is_now = turn.is_open
        is_told = not (turn.is_requesters or case.is_confidential)
        lines.append(
            Told(words, turn.organization.called if is_told else "", turn.opened_on,
                 turn.due_on if is_now else None, said, is_now, turn.is_requesters)
        )  # fmt: skip
    mine = next((one for one in running.open if one.is_requesters), None)
    asked = running.stage(mine) if mine else None
    outcomes = [one for one in asked.outcomes if one.id != asked.lapses] if asked else []
    return Story(
        _sorts(case, rule, door), lines, str(answer), last.happened_on if last else None,
        last.organization.called if last else "", "" if case.is_open else case.ended_as, mine,
        asked, outcomes,
        mine.due_on if mine else None,
    )  # fmt: skip


def _sorts(case: Case, rule: Procedure, door: Doorway) -> list[tuple[str, str]]:
    """What was chosen at the door, as it asked and as the pack calls it. No query."""
    specs = {spec.id: spec for spec in rule.fields}
    found = []
    for one in door.asks:
        chosen = case.began_with.get(one.field)
        titles = [choice.title for choice in specs[one.field].choices if choice.id == chosen]
        found += [(one.label, title) for title in titles]
    return found


def listed(user: "User", view: str, today: date) -> TicketQuerySet:
    """Tickets within reach: running ones by the nearest day, others the newest first."""
    rows = Ticket.objects.visible_to(user).filter(case__is_kept_apart=False)
    match view:
        case "late":
            late = Case.objects.open().filter(is_past(today))
            rows = rows.filter(case__in=late.values("pk"))
        case "pool":
            waiting = Turn.objects.open().filter(claimable(registered=True), is_claimed=False)
            rows = rows.filter(case__in=waiting.values("case"))
        case "ended":
            return rows.exclude(case__state=Case.State.OPEN).order_by("-case__ended_on", "-pk")
        case "all":
            return rows.order_by("-asked_at", "-pk")
        case _:
            rows = rows.filter(case__state=Case.State.OPEN)
    return rows.order_by("case__due_on", "pk")


@dataclass(frozen=True, slots=True)
class Share:
    """How many came one way, of how many in all."""

    title: str
    count: int
    total: int


def by_channel(rows: "QuerySet[Ticket]") -> list[Share]:
    """A line for each way that something came by, in the order of the ways. One query."""
    counted = dict(rows.order_by().values_list("channel").annotate(n=Count("pk")))
    total = sum(counted.values())
    return [Share(title, counted[one], total) for one, title in CHANNELS.items() if one in counted]


@dataclass(frozen=True, slots=True)
class Rated:
    """What whoever asked said of the answers: of how many that were answered, how many said so,
    how many would do; taken up again counts each time."""

    answered: int
    said: int
    satisfied: int
    again: int


def ratings(cases: "QuerySet[Case]", rule: Procedure) -> Rated:
    """Of cases of one procedure. One query."""
    door = rule.doorway
    if door is None or door.rated_at is None:
        return Rated(0, 0, 0, 0)
    stage = rule.stage(door.rated_at)
    assert stage is not None
    goes_on = [one.id for one in stage.outcomes if one.to]
    rows = Turn.objects.filter(case__in=cases, stage=stage.id).exclude(state=Turn.State.DROPPED)
    done = Q(state=Turn.State.DONE)
    found = rows.aggregate(
        answered=Count("pk"),
        said=Count("pk", filter=done & ~Q(way=Turn.Way.LAPSED)),
        satisfied=Count("pk", filter=done & Q(outcome__in=door.satisfied)),
        again=Count("pk", filter=done & Q(outcome__in=goes_on)),
    )
    return Rated(**found)


def not_taken_up(prefix: str = "") -> Q:
    """Cases, reached by ``prefix``, that ended without being taken up: called at their end as an
    outcome says that gives a reason instead of an answer, by any wording of its pack. Where an
    answered one may be called the same, it counts as answered. No query."""
    found = paths.nothing()
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            rules = [one.item for one in wordings if isinstance(one.item, Procedure)]
            ends = [end for rule in rules if rule.doorway for end in _ends(rule, rule.doorway)]
            words = {word for word, is_left in ends if is_left}
            words -= {word for word, is_left in ends if not is_left}
            if words:
                reference = f"{pack.id}:{wordings[0].id}"
                found |= Q((f"{prefix}procedure", reference), (f"{prefix}ended_as__in", words))
    return found


def _ends(rule: Procedure, door: Doorway) -> Iterator[tuple[str, bool]]:
    """What a case of it may be called at its end, and whether that leaves it unanswered."""
    for stage in rule.stages:
        asks = any(spec.id == door.answer for spec in stage.fields)
        for outcome in stage.outcomes:
            if not outcome.to:
                is_answered = asks and not outcome.skips_fields
                is_left = outcome.reason and not is_answered and not stage.actor.is_requester
                yield outcome.ends_as or outcome.title, is_left


def quarter(text: str) -> tuple[date, date] | None:
    """``2026Q1`` → its first day and the day after its last; None for what is none."""
    if len(text) != 6 or text[4] != "Q" or not text[:4].isdecimal() or text[5] not in "1234":
        return None
    year, number = int(text[:4]), int(text[5])
    if not 1900 < year < 2200:
        return None
    since = date(year, 3 * number - 2, 1)
    return since, date(year + number // 4, 3 * number % 12 + 1, 1)
