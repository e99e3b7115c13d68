"""Tallies beside the records, for whoever wants to know; what differs is told, never mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhibu.cases.campaigns.counting import EVER, tally
from zhibu.cases.campaigns.models import Campaign, Tally, Unit
from zhibu.cases.campaigns.queries import Run, Sheet

CHUNK = 100
VALUES = ("since", "last_on", "asked", "in_time", "made_up", "late", "done_on", "is_entered_later")


@dataclass(frozen=True, slots=True)
class Difference:
    """An item of a unit: what is stored and what comes out, by column; None: there is no row."""

    unit: Unit
    item: str
    stored: dict[str, Any] | None
    found: dict[str, Any] | None


@dataclass(slots=True)
class Outcome:
    """``compared`` cells of ``units``; ``waiting`` units are not counted, and vouch for nothing."""

    on: date
    units: int
    waiting: int
    compared: int
    differences: list[Difference]


def evaluate(on: date) -> Outcome:
    """Every tally that stands for ``on``, counted again. A dozen queries for each ``CHUNK`` of
    units of a campaign."""
    counted = Unit.objects.taking_part().counted(on)
    outcome = Outcome(on, counted.count(), Unit.objects.taking_part().uncounted(on).count(), 0, [])
    for campaign in Campaign.objects.filter(pk__in=counted.values("campaign")).order_by("pk"):
        run = Run(campaign)
        units = list(
            counted.filter(campaign=campaign).select_related("organization").order_by("pk")
        )
        for start in range(0, len(units), CHUNK):
            for difference in _compared(run, units[start : start + CHUNK], on, outcome):
                outcome.differences.append(difference)
    return outcome


def _compared(run: Run, units: list[Unit], on: date, outcome: Outcome) -> Iterator[Difference]:
    sheet = Sheet(run, units, on, until=EVER)
    stored = {(row.unit_id, row.item): row for row in Tally.objects.filter(unit__in=units)}
    for unit in units:
        for item in sheet.items:
            outcome.compared += 1
            found, kept = _values(tally(sheet, unit, item)), stored.pop((unit.pk, item.id), None)
            before = _values(kept) if kept else None
            if before != found:
                yield Difference(unit, item.id, before, found)
    by_pk = {unit.pk: unit for unit in units}
    for (pk, name), row in stored.items():
        yield Difference(by_pk[pk], name, _values(row), None)


def _values(row: Tally) -> dict[str, Any]:
    return {name: getattr(row, name) for name in VALUES}
