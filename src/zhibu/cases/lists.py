"""Lists of one procedure below an organisation: what was promised, what is to be done by whom
until when, who answers for how much, and the ledger with every change.

Which step is the promise, the pack says (``promises``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, F, Prefetch, Q
from django.utils import timezone

from zhibu.cases.days import START
from zhibu.cases.models import Case, CaseQuerySet, Extension, Posting, Turn, is_past
from zhibu.core import fields, paths
from zhibu.core.fields import FieldSpec
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

LISTS = {"promises": "承诺清单", "tasks": "任务清单", "people": "责任清单", "ledger": "台账"}


def choosable() -> dict[str, str]:
    """``pack:procedure`` → title, of those that have a promise and are not confidential."""
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            item = wordings[-1].item
            assert isinstance(item, Procedure)
            if item.promises and not item.is_confidential:
                found[f"{pack.id}:{wordings[0].id}"] = item.title
    return found


def cases(user: "User", place: Organization, reference: str) -> CaseQuerySet:
    """All of them below ``place``, by day begun."""
    return (
        Case.objects.visible_to(user)
        .filter(paths.under(place.path, "organization__path"), procedure=reference)
        .exclude(state=Case.State.VOIDED)
        .order_by("started_on", "pk")
    )


def with_turns(rows: CaseQuerySet, *, changes: bool) -> CaseQuerySet:
    """With what the lists show, and with ``changes`` what the ledger shows. Two queries, four
    with ``changes``."""
    turns = Turn.objects.select_related("organization", "person").order_by("number")
    postings = Posting.objects.annotate(said=Count("objections")).order_by("pk")
    more = [
        Prefetch("extensions", Extension.objects.order_by("pk"), to_attr="all_extensions"),
        Prefetch("postings", postings, to_attr="all_postings"),
    ]
    return rows.select_related("organization", "owner").prefetch_related(
        Prefetch("turns", turns, to_attr="all_turns"), *(more if changes else [])
    )


def answered_by(person: int) -> Q:
    """Cases somebody answers for: as the owner, or by a claim."""
    claimed = Turn.objects.open().filter(is_claimed=True, person=person)
    return Q(owner=person) | Q(pk__in=claimed.values("case"))


@dataclass(frozen=True, slots=True)
class Task:
    """One open step: what, whose, until when."""

    title: str
    who: str
    due_on: date | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Change:
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A case as all the lists tell of it; ``until`` is its furthest last day, ``versions`` how
    often the promise was written."""

    case: Case
    number: str
    who: str
    promise: str
    versions: int
    until: date | None
    tasks: list[Task]
    changes: list[Change]
    posted: list[str]

    @property
    def standing(self) -> str:
        return self.case.ended_as or self.case.get_state_display()


def lines(rows: Sequence[Case], today: date) -> list[Line]:
    """``rows`` come from ``with_turns``. No query; each wording is looked up once."""
    rules: dict[tuple[str, date], Procedure] = {}
    for case in rows:
        key = (case.procedure, case.wording)
        if key not in rules:
            rules[key] = case.rule
    return [_line(case, rules[case.procedure, case.wording], today) for case in rows]


def _line(case: Case, rule: Procedure, today: date) -> Line:
    turns: list[Turn] = case.all_turns  # type: ignore[attr-defined]
    postings: list[Posting] = getattr(case, "all_postings", [])
    for turn in turns:
        turn.case = case
    still = [turn for turn in turns if turn.is_open]
    claimed = [turn.person.name for turn in still if turn.is_claimed and turn.person]
    return Line(
        case=case,
        number=f"{case.started_on.year}-{case.number}",
        who=case.owner.name if case.owner else "、".join(claimed),
        promise=_promise(case, turns, rule),
        versions=_versions(case, turns, rule),
        until=max(
            (one.due_on for one in turns if one.due_on and one.state != Turn.State.DROPPED),
            default=None,
        ),
        tasks=[
            Task(
                turn.rule(rule).title,
                turn.person.name if turn.person else turn.organization.called,
                turn.due_on,
                turn.is_late(today),
            )
            for turn in still
        ],
        changes=_changes(case, turns, rule),
        posted=[
            f"{one.channel}，{one.place}，{one.posted_on} 到 {one.until}"
            + (f"，意见 {one.said} 条" if one.said else "")  # type: ignore[attr-defined]
            for one in postings
        ],
    )


def _promise(case: Case, turns: Sequence[Turn], rule: Procedure) -> str:
    """What was written at the step that promises, or at the beginning, as it stands: later steps
    may word it anew."""
    stage = rule.stage(rule.promises or "")
    if stage is None and rule.promises != START:
        return ""
    asked = rule.fields if stage is None else stage.fields
    names = {spec.id: spec for spec in asked if spec.required}
    said = {} if stage else {name: case.began_with.get(name) for name in names}
    has_promised = stage is None
    for turn in turns:
        if stage is not None:
            has_promised |= turn.stage == stage.id and turn.state == Turn.State.DONE
        if has_promised:
            said |= {name: turn.content[name] for name in names if name in turn.content}
    return "；".join(
        f"{spec.title}：{_shown(spec, said[name]).rstrip('。')}"
        for name, spec in names.items()
        if said.get(name) is not None
    )


def _versions(case: Case, turns: Sequence[Turn], rule: Procedure) -> int:
    """How often what was promised was written: the first time, and each time anew."""
    if not rule.promises:
        return 0
    stage = rule.stage(rule.promises)
    names = {spec.id for spec in (stage.fields if stage else rule.fields) if spec.required}
    written = sum(bool(names & set(turn.content)) for turn in turns)
    return written + (stage is None and bool(case.began_with))


def _changes(case: Case, turns: Sequence[Turn], rule: Procedure) -> list[Change]:
    """Every step that was done, what it wrote of the case anew, and every day put off."""
    asked = {spec.id for spec in rule.fields} - set(rule.closed_fields)
    found = []
    for turn in turns:
        if turn.state != Turn.State.DONE or turn.happened_on is None:
            continue
        stage = turn.rule(rule)
        outcome = stage.outcome(turn.outcome)
        text = f"{stage.title}：{outcome.title if outcome else ''}"
        if turn.reason:
            text += f"（{turn.reason}）"
        if outcome and not outcome.skips_fields:
            anew = [
                f"{spec.title}{_shown(spec, turn.content[spec.id])}"
                for spec in stage.fields
                if spec.id in asked and spec.id in turn.content
            ]
            text += f"，{'，'.join(anew)}" if anew else ""
        found.append(Change(turn.happened_on, text))
    extensions: list[Extension] = getattr(case, "all_extensions", [])
    found += [
        Change(timezone.localdate(one.at), f"延期：{one.before} 改为 {one.until}（{one.reason}）")
        for one in extensions
    ]
    return sorted(found, key=lambda change: change.on)


def _shown(spec: FieldSpec, stored: object) -> str:
    kind = fields.get(spec.type)
    return kind.show(spec, kind.load(stored))


@dataclass(frozen=True, slots=True)
class Burden:
    """How many open cases somebody answers for, and how many of those are late."""

    person: Person
    open: int
    late: int


def people(rows: CaseQuerySet, today: date) -> list[Burden]:
    """Who answers for how many open ones, by name; by a claim too. Three queries."""
    within = rows.open().order_by()
    late = Count("pk", filter=is_past(today))
    owned = within.exclude(owner=None).values(who=F("owner")).annotate(open=Count("pk"), late=late)
    claimed = (
        Turn.objects.open()
        .filter(is_claimed=True, case__in=within.filter(owner=None).values("pk"))
        .values(who=F("person"))
        .annotate(open=Count("pk"), late=late)
    )
    counted: dict[int, tuple[int, int]] = {}
    for row in [*owned, *claimed]:
        before = counted.get(row["who"], (0, 0))
        counted[row["who"]] = (before[0] + row["open"], before[1] + row["late"])
    known = Person.objects.filter(pk__in=counted).order_by("name", "pk")
    return [Burden(person, *counted[person.pk]) for person in known]


def unanswered(rows: CaseQuerySet) -> int:
    """Open ones nobody answers for yet. One query."""
    claimed = Turn.objects.open().filter(is_claimed=True)
    still = rows.open().filter(owner=None)
    return int(still.exclude(pk__in=claimed.values("case")).count())
