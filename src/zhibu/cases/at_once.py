"""Beginning many cases of one procedure at once: judged as one by one, written together.

Each is a case of its own with an entry of its own in the ledger; only the queries are shared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.adoptions import queries as adoptions
from zhibu.adoptions.queries import HeldItem
from zhibu.cases import actions, days, rules, steps
from zhibu.cases.models import Case, Turn
from zhibu.cases.queries import acting
from zhibu.cases.steps import DAY, OWNER, SUBJECT, Running
from zhibu.core import bulk
from zhibu.core.verdicts import Verdict, no
from zhibu.ledger import actions as ledger
from zhibu.ledger.actions import Note
from zhibu.notices.actions import notify
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Procedure, all_hold
from zhibu.people.models import Person

AT_ONCE = 100  # rows a transaction: a turn holds the write lock as long as it takes
WHO = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One case to begin: where (with its parent), what about, cleaned values by field."""

    organization: Organization
    title: str
    values: Mapping[str, Any]
    owner: Person | None = None
    person: Person | None = None


class FaultyRows(Exception):
    """Drafts that cannot be begun: place in the list → field → what to mend."""

    def __init__(self, faults: Mapping[int, Mapping[str, str]]) -> None:
        super().__init__(f"{len(faults)} 行开始不了")
        self.faults = {place: dict(said) for place, said in faults.items()}


@dataclass
class _Ground:
    """What is known of the organisations and people of the drafts. A dozen queries."""

    reference: str
    drafts: Sequence[Draft]
    on: date
    by: User
    held: dict[int, HeldItem | None] = field(default_factory=dict)
    may: dict[int, Verdict] = field(default_factory=dict)
    fitness: dict[date, steps.Fitness] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = {one.organization.pk: one.organization for one in self.drafts}
        found = adoptions.in_force_for(list(places.values()), self.on)
        # Organisations with the same adoptions share one answer: reading it over is dear.
        known: dict[tuple[int, ...], HeldItem | None] = {}
        for pk, held in found.items():
            key = tuple(one.adoption.pk for one in held)
            if key not in known:
                items = adoptions.items_of(held, "procedures", self.on)
                known[key] = next((i for i in items if i.reference == self.reference), None)
            self.held[pk] = known[key]
        for pk, place in places.items():
            rule = self.rule(pk)
            self.may[pk] = (
                rules.may_start(self.by, place, rule) if rule
                else no(f"不能开始：{self.on} {place.called}没有采用这种程序。")
            )  # fmt: skip
        people = {one.person.pk for one in self.drafts if one.person}
        rows = Case.objects.open().filter(person__in=people, procedure=self.reference)
        busy = {pk for pk in rows.values_list("person", flat=True) if pk is not None}
        for item in known.values():
            worded = item.wording.item if item else None
            if item and isinstance(worded, Procedure) and worded.subject:
                found_fit = steps.Fitness.of(worded.subject, people, self.on)
                found_fit.busy = busy
                self.fitness[item.wording.since] = found_fit

    def rule(self, place: int) -> Procedure | None:
        held = self.held.get(place)
        item = held.wording.item if held else None
        return item if isinstance(item, Procedure) else None


def judged(
    reference: str, drafts: Sequence[Draft], *, on: date, by: User, at: datetime
) -> dict[int, dict[str, str]]:
    """What keeps drafts from being begun, by their place; {} where nothing does. Queries as for
    a few, whatever the number."""
    return _judged(_Ground(reference, drafts, on, by), at)[1]


def _judged(
    ground: _Ground, at: datetime
) -> tuple[list[tuple[Case, Procedure]], dict[int, dict[str, str]]]:
    made, faults, named = [], {}, Counter(d.person.pk for d in ground.drafts if d.person)
    for place, draft in enumerate(ground.drafts):
        pk = draft.organization.pk
        rule, held = ground.rule(pk), ground.held[pk]
        if rule is None or held is None or not ground.may[pk]:
            faults[place] = {WHO: ground.may[pk].reason}
            continue
        case = _case(ground, draft, held, rule, at)
        running = Running(case)
        found = steps.missing(running, rule.fields, rule.needs, case.facts, case.facts)
        found |= steps.wrong_spans(running, rule.spans, case.facts, {days.START: ground.on})
        if ground.on > timezone.localdate(at):
            found[DAY] = "日期在以后，办了再记。"
        if rule.has_owner and draft.owner is None:
            found[OWNER] = "定一个责任人。"
        if wrong := _wrong_subject(ground, draft, held, running, named):
            found[SUBJECT] = wrong
        if found:
            faults[place] = found
        made.append((case, rule))
    return made, faults


def _case(ground: _Ground, draft: Draft, held: HeldItem, rule: Procedure, at: datetime) -> Case:
    facts = steps.kept(rule, rule.fields, draft.values)
    return Case(
        organization=draft.organization, procedure=ground.reference, wording=held.wording.since,
        title=draft.title, owner=draft.owner, person=draft.person, facts=facts, began_with=facts,
        stricter=[{"field": one.field, "value": one.value} for one in held.stricter],
        started_on=ground.on, started_by=ground.by, started_at=at, moved_at=at,
        is_confidential=rule.is_confidential,
        is_shown_to_person=bool(rule.subject and rule.subject.sees),
    )  # fmt: skip


def _wrong_subject(
    ground: _Ground,
    draft: Draft,
    held: HeldItem,
    running: Running,
    named: Mapping[int, int],
) -> str:
    """As for one, and nobody twice in a table where one person has one case."""
    wrong = steps.wrong_subject(running, ground.fitness.get(held.wording.since, steps.Fitness()))
    subject, person = running.procedure.subject, draft.person
    if not wrong and subject and subject.once and person and named[person.pk] > 1:
        return f"{person.name}写了 {named[person.pk]} 行，一个人同时只能有一件。"
    return wrong


@transaction.atomic
def start_many(
    reference: str, drafts: Sequence[Draft], *, on: date, by: User, at: datetime
) -> list[Case]:
    """Begin a case for every draft, in their order: all or none. At most ``AT_ONCE``.

    Raises:
        FaultyRows: some cannot be begun, each with what to mend.
        ValueError: more than ``AT_ONCE``.
    """
    if len(drafts) > AT_ONCE:
        raise ValueError(f"一次最多 {AT_ONCE} 件")
    ids = sorted({draft.organization.pk for draft in drafts})
    list(Organization.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    people = sorted({draft.person.pk for draft in drafts if draft.person})
    list(Person.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    made, faults = _judged(_Ground(reference, drafts, on, by), at)
    if faults:
        raise FaultyRows(faults)
    _number(made, reference, on)
    turns = _all_first_turns(made, at)
    cases = [case for case, _ in made]
    bulk.create(Case, cases)
    for case, turn in turns:
        turn.case = case
    bulk.create(Turn, [turn for _, turn in turns])
    ledger.record_many([
        Note(actions.Kind.STARTED, case, case.organization_id, by, at, occurred=on)
        for case in cases
    ])  # fmt: skip
    _tell(turns, made, on, at)
    return cases


def _number(made: Iterable[tuple[Case, Procedure]], reference: str, on: date) -> None:
    """The next ones within organisation, procedure and year. One query."""
    cases = [case for case, _ in made]
    rows = Case.objects.filter(
        organization__in={case.organization_id for case in cases}, procedure=reference,
        started_on__year=on.year,
    )  # fmt: skip
    last = defaultdict(int, rows.values_list("organization").annotate(last=Max("number")))
    for case in cases:
        last[case.organization_id] += 1
        case.number = last[case.organization_id]


def _all_first_turns(
    made: Sequence[tuple[Case, Procedure]], at: datetime
) -> list[tuple[Case, Turn]]:
    """Raises ``FaultyRows`` where a step asks everyone on a roll and nobody stands on it."""
    turns, faults = [], {}
    for place, (case, rule) in enumerate(made):
        try:
            turns += [(case, turn) for turn in _first_turns(case, rule, at)]
        except steps.Faulty as faulty:
            faults[place] = {WHO: str(faulty)}
    if faults:
        raise FaultyRows(faults)
    return turns


def _first_turns(case: Case, rule: Procedure, at: datetime) -> list[Turn]:
    """A query for each step that asks everyone on a roll."""
    running = Running(case)
    running.turns = []  # nothing was done yet
    stages = [stage for stage in rule.stages if stage.id in rule.start]
    stages.sort(key=lambda stage: rule.start.index(stage.id))
    made: list[Turn] = []
    for stage in stages:
        if not stage.joins and all_hold(stage.when, case.facts):
            made += actions.opened_turns(running, stage, len(made) + 1, case.started_on, at)
    days_due = [turn.due_on for turn in made if turn.due_on]
    hours_due = [turn.due_at for turn in made if turn.due_at]
    case.due_on = min(days_due, default=None)
    case.due_at = min(hours_due, default=None)
    return made


def _tell(
    turns: Sequence[tuple[Case, Turn]],
    made: Sequence[tuple[Case, Procedure]],
    on: date,
    at: datetime,
) -> None:
    """Whoever is asked hears once of all their turns of a stage, not once of each. Two queries,
    and a notice for each person or place."""
    rule = made[0][1] if made else None
    if rule is None:
        return
    by_name: dict[tuple[int, str], list[Turn]] = defaultdict(list)
    there: dict[tuple[int, str], list[Turn]] = defaultdict(list)
    for _, turn in turns:
        if turn.person_id:
            by_name[turn.person_id, turn.stage].append(turn)
        else:
            there[turn.organization_id, turn.stage].append(turn)
    today = timezone.localdate(at)
    held = acting({place for place, _ in there}, today, is_confidential=rule.is_confidential)
    asked = [({person}, stage, some) for (person, stage), some in by_name.items()]
    asked += [(held[place], stage, some) for (place, stage), some in there.items()]
    users = User.objects.able_to_sign_in().filter(
        person_id__in=set().union(*(people for people, _, _ in asked))
    )
    accounts = dict(users.values_list("person_id", "pk"))
    for people, stage, some in asked:
        told = rule.stage(stage)
        only = some[0] if len(some) == 1 else None
        title = told.title if told and not rule.is_confidential else "办一件事"
        notify(
            [accounts[person] for person in people if person in accounts],
            key=f"case:{some[0].case_id}:{some[0].number}",
            title=f"轮到您：{title}" + ("" if only else f"，{len(some)} 件"),
            body=f"{rule.known_as or rule.title}，{some[0].organization.called}。",
            url=only.case.get_absolute_url() if only else reverse("cases:list"),
            at=at,
        )
