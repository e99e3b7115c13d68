"""When a stage may be done and until when, from the days that others were done: pure dates.

Months are clipped, working days come from the published calendar. A year without a calendar
gives no day rather than a wrong one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from zhibu.core import workdays
from zhibu.core.dates import Duration
from zhibu.core.workdays import UnknownYear
from zhibu.packs.schema.procedures import Counts, Limit, Notice, Span, Wait

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


def earliest(
    waits: Sequence[Wait], done: Mapping[str, date], named: Mapping[str, date]
) -> list[Earliest]:
    """What each wait says, of stages that were done and days that fields name.

    ``done`` has the day of the start too. A wait for what never was says nothing.
    """
    found = []
    for wait in waits:
        since = done.get(wait.after) if wait.after else named.get(wait.after_field or "")
        if since:
            found.append(Earliest(waited(since, wait.at_least, wait.counts), wait))
    return found


def not_before(
    waits: Sequence[Wait], done: Mapping[str, date], named: Mapping[str, date]
) -> date | None:
    """The latest of the days that all waits let through; None without one."""
    found = [one.day for one in earliest(waits, done, named) if one.day]
    return max(found, default=None)


def due(
    limit: Limit | None,
    done: Mapping[str, date],
    opened_on: date,
    named: Mapping[str, date],
) -> date | None:
    """The last day in time. None where nothing says so, and for limits by the hour."""
    if limit is None or limit.is_by_the_hour:
        return None
    if limit.by_field:
        return named.get(limit.by_field)
    assert limit.within is not None
    return last_day(_since(limit, done, opened_on), limit.within, limit.counts)


def due_at(limit: Limit | None, opened_at: datetime) -> datetime | None:
    """The last moment in time of a limit in hours and minutes; None for others."""
    if limit is None or not limit.is_by_the_hour:
        return None
    assert limit.within is not None
    return Duration.parse(limit.within).after(opened_at)


def extended_at_most(limit: Limit, done: Mapping[str, date], opened_on: date) -> date | None:
    """The last day up to which the limit may be put off; None where nothing caps it."""
    if limit.extendable_to is None:
        return None
    return last_day(_since(limit, done, opened_on), limit.extendable_to, limit.counts)


def _since(limit: Limit, done: Mapping[str, date], opened_on: date) -> date:
    return done.get(limit.after, opened_on) if limit.after else opened_on


def is_within(span: Span, since: date, day: date) -> bool:
    """Whether ``day`` lies so long after ``since`` as ``span`` asks; unknown calendars pass."""
    if span.at_least:
        first = waited(since, span.at_least, span.counts)
        if first and day < first:
            return False
    if span.at_most:
        last = last_day(since, span.at_most, span.counts)
        if last and day > last:
            return False
    return True


def hangs_until(notice: Notice, since: date) -> date | None:
    """The last day a notice has to hang that was posted on ``since``, itself counted."""
    free = waited(since, notice.at_least, notice.counts)
    return free - timedelta(days=1) if free else None


def is_nearer(one: date, other: date, length: str) -> bool:
    """Whether two days lie nearer than ``length``, and are not the same.

    >>> is_nearer(date(2026, 11, 4), date(2026, 10, 28), "P7D")
    False
    >>> is_nearer(date(2026, 11, 3), date(2026, 10, 28), "P7D")
    True
    """
    first, second = sorted((one, other))
    return first != second and second < Duration.parse(length).after(first)
