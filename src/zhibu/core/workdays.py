"""Working days of the published Chinese calendar.

First our own file of years (``data/workdays.toml``: newly published notices, and the
statutory days of years not yet arranged, marked provisional), then ``chinesecalendar``.
"""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import chinese_calendar

_FILE = Path(__file__).parent / "data" / "workdays.toml"


class UnknownYear(ValueError):
    """No calendar covers the year asked for."""


@cache
def _years() -> dict[int, tuple[frozenset[date], frozenset[date], bool]]:
    raw = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        int(year): (frozenset(part["off"]), frozenset(part["work"]), part["provisional"])
        for year, part in raw.items()
    }


def is_working_day(day: date) -> bool:
    """Whether people work on ``day``, make-up days included.

    Raises:
        UnknownYear: neither our file nor the library covers the year.
    """
    if day.year in _years():
        off, work, _ = _years()[day.year]
        return day in work or (day.weekday() < 5 and day not in off)
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise UnknownYear(f"{day.year} 年的节假日安排还没有，请更新 workdays.toml") from error


def is_provisional(year: int) -> bool:
    """Whether the year's exchange of days off (调休) is not yet published."""
    return year in _years() and _years()[year][2]


def next_working_day(day: date) -> date:
    """``day`` itself if people work on it, else the first later day they do."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_days(since: date, until: date) -> Iterator[date]:
    """Working days of ``[since, until)``, in order."""
    while since < until:
        if is_working_day(since):
            yield since
        since += timedelta(days=1)


def add_working_days(day: date, count: int) -> date:
    """The ``count``-th working day after ``day`` (``day`` itself is not counted).

    Raises:
        ValueError: ``count`` is negative.
    """
    if count < 0:
        raise ValueError("工作日数不能为负")
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day
