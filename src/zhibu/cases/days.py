"""When a stage may be done and until when, from the days that others were done: pure dates.

Months are clipped, working days come from the published calendar. A year without a calendar
gives no day rather than a wrong one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zhibu.core import workdays
from zhibu.core.dates import Duration
from zhibu.core.workdays import UnknownYear
from zhibu.packs.schema.procedures import Counts, Limit, Wait

START = "start"


@dataclass(frozen=True, slots=True)
class Earliest:
    """The first day a wait lets through, and the wait; ``day`` None where no calendar says."""

    day: date | None
    wait: Wait


def waited(since: date, length: str, counts: Counts) -> date | None:
    """The first day on which ``length`` has gone by.

    Calendar: the same day later. Working days: the first day with so many of them behind it,
    ``since`` counted if people worked on it.

    >>> waited(date(2026, 11, 17), "P5D", "working-days")
    datetime.date(2026, 11, 24)
    >>> waited(date(2026, 8, 31), "P6M", "calendar")
    datetime.date(2027, 2, 28)
    """
    duration = Duration.parse(length)
    if counts == "calendar":
        return duration.after(since)
    try:
        last = workdays.add_working_days(since - timedelta(days=1), duration.days)
    except UnknownYear:
        return None
    return last + timedelta(days=1) if duration.days else since


def last_day(since: date, length: str, counts: Counts) -> date | None:
    """The last day within ``length`` of ``since``, which itself is not counted.

    >>> last_day(date(2026, 11, 13), "P5D", "working-days")
    datetime.date(2026, 11, 20)
    """
    duration = Duration.parse(length)
    if counts == "calendar":
        return duration.after(since)
    try:
        return workdays.add_working_days(since, duration.days)
    except UnknownYear:
        return None


def earliest(waits: Sequence[Wait], done: Mapping[str, date]) -> list[Earliest]:
    """What each wait says, of stages that were done; ``done`` has the day of the start too.

    A wait for a stage that was never done says nothing.
    """
    return [
        Earliest(waited(done[wait.after], wait.at_least, wait.counts), wait)
        for wait in waits
        if wait.after in done
    ]


def not_before(waits: Sequence[Wait], done: Mapping[str, date]) -> date | None:
    """The latest of the days that all waits let through; None without one."""
    found = [one.day for one in earliest(waits, done) if one.day]
    return max(found, default=None)


def due(
    limit: Limit | None, done: Mapping[str, date], opened_on: date, named: date | None
) -> date | None:
    """The last day in time; ``named`` is what the limit's field says. None where nothing does."""
    if limit is None:
        return None
    if limit.by_field:
        return named
    assert limit.within is not None
    since = done.get(limit.after, opened_on) if limit.after else opened_on
    return last_day(since, limit.within, limit.counts)
