"""Lists of cases, and what a page about one shows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import timezone

from zhibu.adoptions.queries import HeldItem, items_in_force
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Running
from zhibu.core import fields
from zhibu.core.dates import Duration
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

if TYPE_CHECKING:
    from zhibu.accounts.models import User

VIEWS = {
    "mine": "轮到我办",
    "waiting": "等别人办",
    "overdue": "超期",
    "ended": "办结和取消",
    "all": "全部",
}


def procedures(organization: Organization, on: date) -> dict[str, HeldItem]:
    """Procedures in force for ``organization`` on a day, by ``pack:procedure``. Three queries."""
    found = items_in_force(organization, on, "procedures")["procedures"]
    return {held.reference: held for held in found}


def titles() -> dict[str, str]:
    """``pack:procedure`` → title of its latest wording, of all packs that are here."""
    return {
        f"{pack.id}:{wordings[0].id}": wordings[-1].item.title
        for pack in library.packs().values()
        for wordings in pack.wordings("procedures")
    }


def listed(user: "User", view: str, today: date) -> QuerySet[Case]:
    """Cases of one of ``VIEWS`` within reach; open ones by the nearest day, others newest first."""
    rows = Case.objects.visible_to(user)
    if view == "mine":
        rows = rows.waiting_for(user)
    elif view == "waiting":
        rows = rows.open().exclude(pk__in=rows.waiting_for(user).values("pk"))
    elif view == "overdue":
        rows = rows.overdue(today)
    elif view == "ended":
        return rows.exclude(state=Case.State.OPEN).order_by("-ended_on", "-pk")
    return rows.order_by(F("due_on").asc(nulls_last=True), "pk")


def with_turns(rows: QuerySet[Case]) -> QuerySet[Case]:
    """With what a list shows: organisation, owner, open turns. Two queries."""
    open_turns = Turn.objects.open().select_related("organization", "person").order_by("number")
    return rows.select_related("organization", "owner").prefetch_related(
        Prefetch("turns", open_turns, to_attr="open_turns")
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list: where it stands and until when, in words. ``is_stale``: nothing has
    moved for so long that the pack wants it marked."""

    case: Case
    procedure: str
    stands: str
    who: str
    due_on: date | None
    is_late: bool
    is_stale: bool


def lines(cases: Sequence[Case], today: date) -> list[Line]:
    """``cases`` come from ``with_turns``. No query; each wording is looked up once."""
    rules: dict[tuple[str, date], Procedure] = {}
    for case in cases:
        key = (case.procedure, case.wording)
        if key not in rules:
            rules[key] = case.rule
    return [_line(case, rules[case.procedure, case.wording], today) for case in cases]


def _line(case: Case, rule: Procedure, today: date) -> Line:
    turns: list[Turn] = case.open_turns  # type: ignore[attr-defined]
    stands = "、".join(turn.rule(rule).title for turn in turns) or case.ended_as
    people = [turn.person.name if turn.person else turn.organization.called for turn in turns]
    due = case.due_on
    return Line(
        case,
        rule.short or rule.title,
        stands or case.get_state_display(),
        "、".join(dict.fromkeys(people)),
        due,
        due is not None and due < today,
        is_stale(case, rule, today),
    )


def is_stale(case: Case, rule: Procedure, today: date) -> bool:
    if not case.is_open or not rule.stale_after:
        return False
    moved_on = timezone.localdate(case.moved_at)
    return Duration.parse(rule.stale_after).after(moved_on) < today


def counts(user: "User", today: date) -> dict[str, int]:
    """How many are in each of the open views. One query."""
    mine = Q(pk__in=Turn.objects.waiting_for(user).values("case"))
    return (
        Case.objects.visible_to(user)
        .open()
        .aggregate(
            mine=Count("pk", filter=mine),
            waiting=Count("pk", filter=~mine),
            overdue=Count("pk", filter=Q(due_on__lt=today)),
        )
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One turn of the story: title, whether it is over, facts below it, what was written.

    ``is_entered_later`` (补记): done in time, written down after the last day.
    """

    turn: Turn
    title: str
    outcome: str
    written: list[tuple[str, str]]
    is_late: bool
    is_entered_later: bool


def story(running: Running, today: date) -> list[Told]:
    """Every turn in order, with what was written in words. No query beyond the turns'."""
    found = []
    for turn in running.turns:
        stage = running.stage(turn)
        outcome = stage.outcome(turn.outcome) if turn.outcome else None
        written = [
            (spec.title, _shown(spec, turn.content[spec.id]))
            for spec in stage.fields
            if spec.id in turn.content
        ]
        is_late = turn.is_late(today)
        entered_later = (
            turn.at is not None
            and turn.due_on is not None
            and not is_late
            and timezone.localdate(turn.at) > turn.due_on
        )
        found.append(
            Told(
                turn, stage.title, outcome.title if outcome else "", written,
                is_late, entered_later,
            )
        )  # fmt: skip
    return found


def shown_facts(running: Running) -> list[tuple[str, str]]:
    """What was written at the beginning, as it is now, in words."""
    facts = running.case.facts
    return [
        (spec.title, _shown(spec, facts[spec.id]))
        for spec in running.procedure.fields
        if spec.id in facts
    ]


def _shown(spec: Any, stored: Any) -> str:
    kind = fields.get(spec.type)
    return kind.show(spec, kind.load(stored))


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage of a board: how many stand there, and how many of them late."""

    id: str
    title: str
    count: int
    late: int


def board(user: "User", procedure: str, rule: Procedure, today: date) -> list[Lane]:
    """Open cases of a procedure by the stage they stand at; one at two stages stands in both.

    In the order of the pack. One query.
    """
    cases = Case.objects.visible_to(user).open().filter(procedure=procedure)
    rows = Turn.objects.open().filter(case__in=cases).values("stage")
    found = {
        row["stage"]: row
        for row in rows.annotate(count=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    }
    known = Counter({name: row["count"] for name, row in found.items()})
    return [
        Lane(stage.id, stage.title, known[stage.id], found.get(stage.id, {"late": 0})["late"])
        for stage in rule.stages
    ]
