"""What stands in grids, read from the tallies; from the records where those are not counted yet.

Everything here gives what a ``Sheet`` over the same units gives, in as many queries for one unit
as for all of a county. Units that are not counted today cost what their records cost.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from zhibu.cases.campaigns import judging, queries
from zhibu.cases.campaigns.judging import Fact, Judged, Window
from zhibu.cases.campaigns.models import OVER, Tally, Unit, UnitQuerySet, counted_on
from zhibu.cases.campaigns.queries import Cell, Gap, Line, Missed, Run, Sheet
from zhibu.packs.schema.campaigns import CampaignItem


class Board:
    """``items`` at ``units`` on a day, which have their organisation and batch selected.

    One query tells which units are not counted; nothing more where all are.
    """

    def __init__(
        self, run: Run, units: UnitQuerySet, on: date, items: Sequence[CampaignItem] | None = None
    ) -> None:
        self.run, self.units, self.on = run, units, on
        self.items = list(run.rule.items if items is None else items)

    @cached_property
    def live(self) -> Sheet:
        """Over the units that are not counted."""
        return Sheet(self.run, list(self.units.uncounted(self.on)), self.on, self.items)

    def tallies(self) -> QuerySet[Tally]:
        """Of the units that are counted."""
        units = self.units.order_by().counted(self.on).values("pk")
        return Tally.objects.filter(unit__in=units, item__in=[item.id for item in self.items])

    def in_state(self, state: str) -> UnitQuerySet:
        """Units that are in one of ``queries.VIEWS``, in their order."""
        sheet = self.live
        fit = [u.pk for u in sheet.units if queries.state_of(sheet.cells(u)) == state]
        asked = [item.id for item in self.items if item.required]
        short = Tally.objects.short().filter(unit=OuterRef("pk"), item__in=asked)
        lacking = Exists(short.filter(last_on__lt=self.on))
        now = Exists(short.filter(since__lte=self.on, last_on__gte=self.on))
        found = {
            "lacking": Q(lacking),
            "complete": ~Q(Exists(short)),
            "waiting": Q(now) & ~Q(lacking),
        }[state]
        return self.units.filter(Q(counted_on(self.on), found) | Q(pk__in=fit))

    def short(self) -> UnitQuerySet:
        """Units at which one of the items is not done, in their order."""
        sheet = self.live
        late = [u.pk for u in sheet.units if not sheet.is_met(u, self.items)]
        asked = [item.id for item in self.items]
        short = Exists(Tally.objects.short().filter(unit=OuterRef("pk"), item__in=asked))
        return self.units.filter(Q(counted_on(self.on), short) | Q(pk__in=late))

    def lines(self) -> list[Line]:
        """The progress sheet, as ``queries.progress`` gives it. One query where all is counted."""
        found = {
            (batch.pk, item.id): Line(item, batch)
            for item in self.items
            for batch in self.run.batches
        }
        left = F("asked") - OVER
        sums = (
            self.tallies().order_by().values("unit__batch", "item").annotate(
                units=Count("pk"), units_over=Count("pk", filter=Q(asked=OVER)),
                done=Sum("in_time"), made_up_=Sum("made_up"), late_=Sum("late"), left=Sum(left),
                gone=Sum(left, filter=Q(last_on__lt=self.on), default=0),
                now=Sum(left, filter=Q(since__lte=self.on, last_on__gte=self.on), default=0),
            )
        )  # fmt: skip
        for row in sums:
            line = found[row["unit__batch"], row["item"]]
            line.units, line.units_over = row["units"], row["units_over"]
            missing = judging.MISSING if line.item.required else judging.UNASKED
            line.counts.update({
                judging.DONE: row["done"], judging.MADE_UP: row["made_up_"],
                judging.LATE: row["late_"], missing: row["gone"], judging.OPEN: row["now"],
                judging.NOT_YET: row["left"] - row["gone"] - row["now"],
            })  # fmt: skip
        for line in queries.progress(self.live):
            there = found[line.batch.pk, line.item.id]
            there.units += line.units
            there.units_over += line.units_over
            there.counts.update(line.counts)
        return [line for line in found.values() if line.units]


def cells(
    run: Run, units: Sequence[Unit], on: date, items: Sequence[CampaignItem]
) -> dict[int, list[Cell]]:
    """The grid's rows by unit. One query where all are counted."""
    stale = [unit for unit in units if not is_counted(unit, on)]
    sheet = Sheet(run, stale, on, items)
    found = {unit.pk: sheet.cells(unit) for unit in stale}
    counted = [unit for unit in units if unit.pk not in found]
    known = {
        (row.unit_id, row.item): row
        for row in Tally.objects.filter(
            unit__in=[unit.pk for unit in counted], item__in=[item.id for item in items]
        )
    }
    for unit in counted:
        found[unit.pk] = [cell(run, unit, item, known[unit.pk, item.id], on) for item in items]
    return found


def is_counted(unit: Unit, on: date) -> bool:
    """What ``counted_on`` asks of rows."""
    ends = unit.holds_until
    return bool(unit.tallied_on and unit.tallied_on <= on and (ends is None or on < ends))


def cell(run: Run, unit: Unit, item: CampaignItem, row: Tally, on: date) -> Cell:
    """What a sheet would say of it."""
    make_up = run.rule.make_up(item.id)
    window = Window(row.since, row.last_on) if row.since and row.last_on else None
    undone = judging.judge(item, window, [], make_up, on)
    if item.per == "person":
        counts = {judging.DONE: row.in_time, judging.MADE_UP: row.made_up,
                  judging.LATE: row.late, undone.state: row.asked - row.over}  # fmt: skip
        return Cell(item, counts=Counter({state: n for state, n in counts.items() if n}))
    if window is None:
        planned = run.planned(unit.batch_id).get(item.phase)
        return Cell(item, Judged(judging.NOT_YET, until=planned.last_on if planned else None))
    if not row.done_on:
        return Cell(item, undone)
    state = next(
        name for name, n in (
            (judging.DONE, row.in_time), (judging.MADE_UP, row.made_up), (judging.LATE, row.late)
        ) if n
    )  # fmt: skip
    until = window.last_on if state == judging.DONE else judging.made_up_until(window, make_up)
    return Cell(item, Judged(state, Fact(row.done_on), until, row.is_entered_later))


def gap(run: Run, asked: Sequence[CampaignItem], units: UnitQuerySet, on: date) -> Gap:
    """How far units are with what a gate asks. Three queries where all are counted."""
    short = Board(run, units, on, asked).short()
    total, lacking = units.count(), short.count()
    return Gap(total, total - lacking, [unit.organization.called for unit in short[:3]])


# --- what was missed


@dataclass(frozen=True, slots=True)
class Place:
    """A unit and item at which ``missed`` holders did not do it in time, ``over`` of them since."""

    unit: int
    path: str
    item: CampaignItem
    missed: int
    over: int


def places(board: Board) -> list[Place]:
    """Where something was missed, in the order of units and items. Three queries where all is
    counted."""
    at: dict[int, list[Tally]] = defaultdict(list)
    for row in board.tallies().filter(last_on__lt=board.on).exclude(asked=F("in_time")):
        at[row.unit_id].append(row)
    live: dict[tuple[int, str], Counter[bool]] = defaultdict(Counter)
    for one in board.live.missed():
        live[one.unit.pk, one.item.id][one.judged.is_over] += 1
    for (unit, item_id), counts in live.items():
        at[unit].append(Tally(item=item_id, asked=counts.total(), late=counts[True],
                              in_time=0, made_up=0))  # fmt: skip
    found = []
    for pk, path in board.units.filter(pk__in=at).values_list("pk", "organization__path"):
        rows = {row.item: row for row in at[pk]}
        for item in board.items:
            known = rows.get(item.id)
            if known is not None:
                since = known.made_up + known.late
                missed = since + (known.asked - known.over if item.required else 0)
                found.append(Place(pk, path, item, missed, since))
    return [place for place in found if place.missed]


class MissedRows:
    """Who missed what, one by one, for a pager: only the units of a page are read whole."""

    def __init__(self, board: Board, found: Sequence[Place], *, is_open: bool = False) -> None:
        self.board, self.is_open = board, is_open
        self.places = [place for place in found if self._count(place)]

    def _count(self, place: Place) -> int:
        return place.missed - place.over if self.is_open else place.missed

    def __iter__(self) -> Iterator[Missed]:
        return self._read(self.places)

    def __len__(self) -> int:
        return sum(self._count(place) for place in self.places)

    def __getitem__(self, part: slice) -> list[Missed]:
        start, stop, _ = part.indices(len(self))
        chosen: list[Place] = []
        passed = skipped = 0
        for place in self.places:
            before, passed = passed, passed + self._count(place)
            if before < stop and passed > start:
                skipped = skipped if chosen else before
                chosen.append(place)
        return list(self._read(chosen))[start - skipped : stop - skipped]

    def _read(self, chosen: Sequence[Place]) -> Iterator[Missed]:
        asked = {place.item.id for place in chosen}
        rows = self.board.units.filter(pk__in={place.unit for place in chosen})
        items = [item for item in self.board.items if item.id in asked]
        sheet = Sheet(self.board.run, list(rows), self.board.on, items)
        units = {unit.pk: unit for unit in sheet.units}
        for place in chosen:
            for one in sheet.missed_at(units[place.unit], place.item):
                if not (self.is_open and one.judged.is_over):
                    yield one
