"""Campaigns, and what stands in their grids. A ``Sheet`` is the one reading behind every page."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from zhibu.adoptions.queries import HeldItem, items_in_force
from zhibu.cases.campaigns import judging
from zhibu.cases.campaigns.judging import Fact, Judged, Window
from zhibu.cases.campaigns.models import Batch, Campaign, Entry, Opening, Span, Unit, UnitQuerySet
from zhibu.cases.models import Case
from zhibu.core import fulfilling
from zhibu.core.dates import Duration
from zhibu.core.intervals import on_day
from zhibu.organizations.models import Organization
from zhibu.packs.schema.campaigns import Campaign as Rule
from zhibu.packs.schema.campaigns import CampaignItem, MakeUp, Phase
from zhibu.people.models import Belonging, MembershipState, Person
from zhibu.people.models.persons import MEMBERS

if TYPE_CHECKING:
    from zhibu.accounts.models import User

ENTRY, CASE = "entry", "case"
VIEWS = {"": "全部", "lacking": "有没办的", "waiting": "有待办的", "complete": "必做的都办了"}
Holder = tuple[int, str, int]  # unit, item, person (0: the unit itself)


def offered(organization: Organization, on: date) -> dict[str, HeldItem]:
    """Campaigns in force for ``organization`` on a day, by ``pack:campaign``. Three queries."""
    found = items_in_force(organization, on, "campaigns")["campaigns"]
    return {held.reference: held for held in found}


def listed(user: "User", state: str) -> QuerySet[Campaign]:
    """Campaigns within reach, latest first, with their days and how many units. Two queries."""
    rows = Campaign.objects.visible_to(user)
    if state:
        rows = rows.filter(state=state)
    return (
        rows.select_related("organization")
        .prefetch_related(Prefetch("spans", Span.objects.order_by("batch__number", "number")))
        .annotate(taking_part=Count("units", filter=Q(units__removed_on=None)))
        .order_by("-launched_at", "-pk")
    )


def fitting(
    organization: Organization, rule: Rule, on: date, taken: Collection[int] = ()
) -> tuple[dict[str, list[int]], list[int]]:
    """Units below ``organization`` by batch, each in the first that it fits, in order of code;
    and those that fit none. ``taken`` are chosen by hand already.

    A few queries, whatever the number.
    """
    rows = (
        Organization.objects.standing_on(on)
        .under(organization.path)
        .filter(kind__in=rule.applies_to)
        .in_order()
    )
    kinds = dict(rows.values_list("pk", "kind"))
    left = [pk for pk in kinds if pk not in set(taken)]
    found: dict[str, list[int]] = {}
    for batch in rule.batches:
        if batch.by_hand:
            found[batch.id] = []
            continue
        fit = {pk for pk in left if not batch.applies_to or kinds[pk] in batch.applies_to}
        if batch.when and fit:
            fit = batch.when.satisfied_by(fit, on)
        found[batch.id] = [pk for pk in left if pk in fit]
        left = [pk for pk in left if pk not in fit]
    return found, left


class Run:
    """A campaign with its rule and its days. Two queries, when they are first asked for."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.rule: Rule = campaign.rule

    @cached_property
    def batches(self) -> list[Batch]:
        """In order. Every batch has the days of every phase."""
        return list({span.batch_id: span.batch for span in self.spans}.values())

    @cached_property
    def spans(self) -> list[Span]:
        """In order of batch and phase."""
        rows = self.campaign.spans.select_related("batch")
        return list(rows.order_by("batch__number", "number"))

    @cached_property
    def openings(self) -> dict[tuple[int, int | None], Opening]:
        """By span and unit; None for the whole batch. No query where no phase has a gate."""
        if all(phase.gate is None for phase in self.rule.phases):
            return {}
        rows = Opening.objects.filter(span__campaign=self.campaign).select_related("by")
        return {(one.span_id, one.unit_id): one for one in rows}

    @cached_property
    def by_batch(self) -> dict[int, dict[str, Span]]:
        found: dict[int, dict[str, Span]] = defaultdict(dict)
        for span in self.spans:
            found[span.batch_id][span.phase] = span
        return found

    def phase(self, id_: str) -> Phase:
        found = self.rule.phase(id_)
        assert found is not None
        return found

    def window(self, span: Span, unit: int) -> Window | None:
        """The days of a phase for a unit; None while its gate is closed."""
        phase = self.phase(span.phase)
        days = Window(span.since, span.last_on)
        if phase.gate is None:
            return days
        by_unit = phase.gate.opener == "unit"
        opening = self.openings.get((span.pk, unit if by_unit else None))
        return judging.opened(phase, days, opening.opened_on) if opening else None

    def windows(self, unit: Unit) -> dict[str, Window]:
        """The days of each phase that has begun or will, by phase; closed ones are left out."""
        found = {}
        for phase, span in self.by_batch[unit.batch_id].items():
            window = self.window(span, unit.pk)
            if window is not None:
                found[phase] = window
        return found

    def planned(self, batch: int) -> dict[str, Window]:
        return {
            phase: Window(span.since, span.last_on) for phase, span in self.by_batch[batch].items()
        }

    def main_end(self, batch: int) -> date:
        return judging.main_end(self.rule, self.planned(batch))

    @property
    def last_on(self) -> date:
        return max(span.last_on for span in self.spans)

    @property
    def main_last_on(self) -> date:
        return max(self.main_end(batch.pk) for batch in self.batches)

    @property
    def first_on(self) -> date:
        return min(span.since for span in self.spans)

    def cited(self, cites: Sequence[Any] = ()) -> str:
        return self.campaign.pack.citation(next(iter(cites), None) or self.rule.cites[0])

    def current(self, on: date) -> str:
        """The phase that most batches are in, for a first view: the last one that has begun."""
        begun = [span for span in self.spans if span.since <= on]
        latest = max(begun, key=lambda span: (span.since, span.number), default=None)
        return latest.phase if latest else self.spans[0].phase


@dataclass(frozen=True, slots=True)
class Cell:
    """An item at a unit. Of the unit itself: ``judged``. Of its people: how many stand how."""

    item: CampaignItem
    judged: Judged | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def over(self) -> int:
        return sum(self.counts[state] for state in judging.OVER)

    @property
    def state(self) -> str:
        """One state for the cell: the least finished one among its people."""
        if self.judged is not None:
            return self.judged.state
        order = (judging.MISSING, judging.OPEN, judging.NOT_YET, judging.LATE, judging.MADE_UP)
        return next((s for s in order if self.counts[s]), self._rest())

    def _rest(self) -> str:
        return judging.DONE if self.counts[judging.DONE] else judging.UNASKED

    @property
    def is_over(self) -> bool:
        return self.state in judging.OVER or (self.judged is None and not self.total)

    @property
    def word(self) -> str:
        """待办, or 22/24 where it is its people's."""
        if self.judged is not None:
            return self.judged.word
        return f"{self.over}/{self.total}" if self.total else "没有人"

    @property
    def shape(self) -> str:
        return judging.SHAPES[self.state]


@dataclass(frozen=True, slots=True)
class _Bearing:
    """The window of an item at a unit, what makes it up, windows in which its kinds count for
    something else, and what it is without any fact."""

    window: Window | None
    make_up: MakeUp | None
    others: list[Window]
    undone: Judged


class Sheet:
    """What became of ``items`` at ``units`` on a day: at most ten queries for any number.

    ``units`` carry their organisation. People are those who belonged to the unit at the end of
    the ordinary phases of its batch, or on ``on`` before that. ``until``: facts up to that day are
    read, though none after ``on`` counts.
    """

    def __init__(
        self,
        run: Run,
        units: Sequence[Unit],
        on: date,
        items: Collection[CampaignItem] | None = None,
        *,
        until: date | None = None,
    ) -> None:
        self.run, self.rule, self.on, self.until = run, run.rule, on, until or on
        self.units = list(units)
        self.items = list(run.rule.items if items is None else items)
        self._windows = {unit.pk: run.windows(unit) for unit in self.units}
        self._planned = {batch.pk: run.planned(batch.pk) for batch in run.batches}
        self._of_unit = {unit.organization_id: unit.pk for unit in self.units}
        self._bearings: dict[tuple[int, str], _Bearing] = {}

    @cached_property
    def roll(self) -> dict[int, list[int]]:
        """Persons by unit, in order of number. Two queries a batch, and those of ``who``."""
        found: dict[int, list[int]] = {unit.pk: [] for unit in self.units}
        if not any(item.per == "person" for item in self.items):
            return found
        days: dict[date, list[int]] = defaultdict(list)
        for unit in self.units:
            day = min(self.on, self.run.main_end(unit.batch_id))
            days[day].append(unit.organization_id)
        for day, places in days.items():
            rows = list(members(places, day))
            if self.rule.who is not None and rows:
                meet = self.rule.who.satisfied_by({person for _, person in rows}, day)
                rows = [(place, person) for place, person in rows if person in meet]
            for place, person in rows:
                found[self._of_unit[place]].append(person)
        return found

    @cached_property
    def facts(self) -> dict[Holder, list[Fact]]:
        """What was done, by unit, item and person (0: by the unit)."""
        found: dict[Holder, list[Fact]] = defaultdict(list)
        self._add_entries(found)
        for per in ("organization", "person"):
            items = [item for item in self.items if item.per == per]
            self._add_activities(found, items, per)
            self._add_cases(found, [item for item in items if item.case], per)
        return found

    def _add_entries(self, found: dict[Holder, list[Fact]]) -> None:
        rows = Entry.objects.counting().filter(
            campaign=self.run.campaign, item__in=[item.id for item in self.items]
        )
        known = {unit.pk for unit in self.units}
        rows = rows.filter(unit__in=known) if len(known) <= 500 else rows
        make_ups = {item.id for item in self.items if not item.entered}
        for pk, unit, name, person, day, at in rows.values_list(
            "pk", "unit", "item", "person", "happened_on", "at"
        ):
            if unit in known:
                entered = timezone.localdate(at)
                fact = Fact(day, ENTRY, pk, entered, is_make_up=name in make_ups)
                found[unit, name, person or 0].append(fact)

    @cached_property
    def _whose(self) -> dict[int, int]:
        """The unit of each person on the roll."""
        return {person: unit for unit, people in self.roll.items() for person in people}

    def _holders(self, per: str) -> list[int]:
        return list(self._whose if per == "person" else self._of_unit)

    def _place(self, per: str, subject: int) -> tuple[int, int] | None:
        """Unit and person of a subject of a record."""
        if per == "person":
            unit = self._whose.get(subject)
            return (unit, subject) if unit is not None else None
        unit = self._of_unit.get(subject)
        return (unit, 0) if unit is not None else None

    def _add_activities(
        self, found: dict[Holder, list[Fact]], items: Sequence[CampaignItem], per: Any
    ) -> None:
        by_kind: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        for item in items:
            for kind in item.activities:
                by_kind[kind].append((item.id, False))
            make_up = self.rule.make_up(item.id)
            for kind in make_up.activities if make_up else []:
                if kind not in item.activities:
                    by_kind[kind].append((item.id, True))
        if not by_kind:
            return
        rows = fulfilling.of(
            per, self._holders(per), sorted(by_kind), self.run.first_on, self.until
        )
        for source, subject, kind, day, record in rows:
            place = self._place(per, subject)
            if place is not None:
                for name, is_make_up in by_kind[kind]:
                    fact = Fact(day, source, record, is_make_up=is_make_up)
                    found[place[0], name, place[1]].append(fact)

    def _add_cases(
        self, found: dict[Holder, list[Fact]], items: Sequence[CampaignItem], per: str
    ) -> None:
        by_procedure: dict[str, list[CampaignItem]] = defaultdict(list)
        for item in items:
            assert item.case is not None
            by_procedure[item.case.procedure].append(item)
        if not by_procedure:
            return
        column = "owner" if per == "person" else "organization"
        rows = Case.objects.filter(
            procedure__in=by_procedure, state=Case.State.ENDED,
            ended_on__range=(self.run.first_on, self.until),
            **{f"{column}__in": self._holders(per)},
        )  # fmt: skip
        for pk, subject, name, ended_as, day in rows.values_list(
            "pk", column, "procedure", "ended_as", "ended_on"
        ):
            place = self._place(per, subject)
            for item in by_procedure[name]:
                asked = item.case.ended_as if item.case else []
                if place is not None and (not asked or ended_as in asked):
                    found[place[0], item.id, place[1]].append(Fact(day, CASE, pk))

    def window(self, unit: Unit, item: CampaignItem) -> Window | None:
        return self._windows[unit.pk].get(item.phase)

    def judged(self, unit: Unit, item: CampaignItem, person: int = 0) -> Judged:
        known = self._bearings.get((unit.pk, item.id))
        if known is None:
            known = self._bearings[unit.pk, item.id] = self._bearing(unit, item)
        facts = self.facts.get((unit.pk, item.id, person))
        if not facts or known.window is None:
            return known.undone
        bearing = judging.counting(_unmixed(facts), known.window, known.others, self.on)
        return judging.judge(item, known.window, bearing, known.make_up, self.on)

    def _bearing(self, unit: Unit, item: CampaignItem) -> "_Bearing":
        """What is the same for everybody of a unit."""
        days = self._windows[unit.pk]
        window, make_up = self.window(unit, item), self.rule.make_up(item.id)
        if window is None:
            planned = self._planned[unit.batch_id].get(item.phase)
            undone = Judged(judging.NOT_YET, until=planned.last_on if planned else None)
            return _Bearing(None, make_up, [], undone)
        others = judging.elsewhere(item, self.rule, days) if item.activities else []
        undone = judging.judge(item, window, [], make_up, self.on)
        return _Bearing(window, make_up, others, undone)

    def cell(self, unit: Unit, item: CampaignItem) -> Cell:
        if item.per == "organization":
            return Cell(item, self.judged(unit, item))
        counts = Counter(self.judged(unit, item, person).state for person in self.roll[unit.pk])
        return Cell(item, counts=counts)

    def cells(self, unit: Unit) -> list[Cell]:
        return [self.cell(unit, item) for item in self.items]

    def is_met(self, unit: Unit, items: Iterable[CampaignItem]) -> bool:
        """Whether every one of ``items`` is done there, in time or not."""
        return all(self.cell(unit, item).is_over for item in items)

    def missed(self) -> Iterator["Missed"]:
        """What was not done in its window, made up since or not, people one by one."""
        for unit in self.units:
            for item in self.items:
                yield from self.missed_at(unit, item)

    def missed_at(self, unit: Unit, item: CampaignItem) -> Iterator["Missed"]:
        for person in self.roll[unit.pk] if item.per == "person" else [0]:
            judged = self.judged(unit, item, person)
            if judged.state in (judging.MISSING, judging.MADE_UP, judging.LATE):
                yield Missed(unit, item, person, judged)


def _unmixed(facts: Sequence[Fact]) -> Sequence[Fact]:
    """One fact a record: an activity of two kinds was one sitting, and is the thing itself
    before it is a make-up."""
    if len(facts) == 1:
        return facts
    found: dict[tuple[str, int], Fact] = {}
    for fact in facts:
        key = (fact.source, fact.record)
        if key not in found or not fact.is_make_up:
            found[key] = fact
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Missed:
    """An item somebody has not done in time; ``person`` 0 where it is the unit's."""

    unit: Unit
    item: CampaignItem
    person: int
    judged: Judged


def members(places: Collection[int], day: date) -> Iterable[tuple[int, int]]:
    """Organisation and person: members whose home branch it was on ``day``. One query, which
    asks for the states of these people alone."""
    states = MembershipState.objects.filter(
        on_day(day), person=OuterRef("person"), state__in=MEMBERS
    )
    rows = Belonging.objects.filter(
        on_day(day), Exists(states), organization__in=places, kind=Belonging.Kind.HOME
    )
    return rows.order_by("person").values_list("organization", "person")


@dataclass(slots=True)
class Line:
    """One row of the progress sheet: an item in a batch, and how many stand how.

    ``units`` counts those whose people have all done it.
    """

    item: CampaignItem
    batch: Batch
    counts: Counter[str] = field(default_factory=Counter)
    units: int = 0
    units_over: int = 0

    @property
    def asked(self) -> int:
        return self.counts.total()

    @property
    def over(self) -> int:
        return sum(self.counts[state] for state in judging.OVER)

    def of(self, state: str) -> int:
        return self.counts[state]

    @property
    def done(self) -> int:
        return self.counts[judging.DONE]

    @property
    def made_up(self) -> int:
        return self.counts[judging.MADE_UP]

    @property
    def late(self) -> int:
        return self.counts[judging.LATE]

    @property
    def missing(self) -> int:
        return self.counts[judging.MISSING]

    @property
    def waiting(self) -> int:
        return self.counts[judging.OPEN] + self.counts[judging.NOT_YET]


def progress(sheet: Sheet) -> list[Line]:
    """Item by item and batch by batch, in the order of the pack. No query beyond the sheet's."""
    lines = {
        (batch.pk, item.id): Line(item, batch)
        for item in sheet.items
        for batch in sheet.run.batches
    }
    for unit in sheet.units:
        for item in sheet.items:
            cell, line = sheet.cell(unit, item), lines[unit.batch_id, item.id]
            if cell.judged is not None:
                line.counts[cell.judged.state] += 1
            else:
                line.counts.update(cell.counts)
            line.units += 1
            line.units_over += cell.is_over
    return [line for line in lines.values() if line.units]


def taking_part(campaign: Campaign) -> UnitQuerySet:
    """Units that take part, with their organisation and batch, by code."""
    rows = campaign.units.taking_part().select_related("organization", "batch")
    return rows.order_by("organization__code")


def state_of(cells: Sequence[Cell]) -> str:
    """Which of ``VIEWS`` a unit is in; optional items put it nowhere."""
    asked = [cell for cell in cells if cell.item.required]
    if any(cell.state == judging.MISSING for cell in asked):
        return "lacking"
    if all(cell.is_over for cell in asked):
        return "complete"
    return "waiting" if any(cell.state == judging.OPEN for cell in asked) else ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a gate stays closed: how many units lack what it asks, and the first of them."""

    asked: int
    met: int
    examples: list[str]


def people(ids: Collection[int]) -> dict[int, Person]:
    return Person.objects.in_bulk(list(ids))


@dataclass(frozen=True, slots=True)
class Due:
    """A phase that runs or is about to, for a first screen."""

    title: str
    phase: str
    since: date
    last_on: date
    url: str
    has_begun: bool


def due(organizations: Collection[int], on: date, *, per: str | None = None) -> list[Due]:
    """Phases of open campaigns for units among ``organizations``: running ones, and those that
    begin soon. ``per`` keeps those that ask something of such holders. One query.

    What is done of it stands on the unit's page.
    """
    soon = on + timedelta(days=62)
    rows = (
        Unit.objects.taking_part()
        .filter(
            organization__in=organizations, campaign__state=Campaign.State.OPEN,
            batch__spans__since__lte=soon, batch__spans__last_on__gte=on,
        )
        .select_related("campaign")
        .order_by("batch__spans__last_on", "pk")
    )  # fmt: skip
    found = []
    unit: Any
    days = {"phase": F("batch__spans__phase"), "since": F("batch__spans__since"),
            "last_on": F("batch__spans__last_on")}  # fmt: skip
    for unit in rows.annotate(**days):
        rule: Rule = unit.campaign.rule
        phase = rule.phase(unit.phase)
        assert phase is not None
        asked = [item for item in rule.items if item.phase == phase.id and per in (None, item.per)]
        begins = Duration.parse(rule.tells_before)
        if asked and unit.since <= begins.after(on):
            url = unit.get_absolute_url()
            found.append(
                Due(unit.campaign.title, phase.title, unit.since, unit.last_on, url,
                    unit.since <= on)
            )  # fmt: skip
    return found
