"""Days of waits and limits, held against calendars that are not ours."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from zhibu.cases import days
from zhibu.packs.schema.base import Cite
from zhibu.packs.schema.procedures import Limit, Wait

DAYS = st.dates(date(2019, 1, 1), date(2030, 12, 31))
KNOWN = st.dates(date(2018, 1, 1), date(2024, 12, 31))
CITES = [Cite(source="charter", seen="text")]


@given(DAYS, st.integers(0, 60), st.integers(0, 400))
def test_calendar_lengths_are_those_of_another_library(since, months, more):
    length = f"P{months}M{more}D"
    expected = since + relativedelta(months=months) + timedelta(days=more)

    assert days.waited(since, length, "calendar") == expected
    assert days.last_day(since, length, "calendar") == expected


def at_work(first, last):
    """Days people work on, both ends counted, by the library itself."""
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sum(chinese_calendar.is_workday(day) for day in span)


@given(KNOWN, st.integers(1, 30))
def test_after_a_wait_so_many_working_days_lie_behind(since, count):
    found = days.waited(since, f"P{count}D", "working-days")

    assert at_work(since, found - timedelta(days=1)) == count
    assert chinese_calendar.is_workday(found - timedelta(days=1))


@given(KNOWN, st.integers(1, 30))
def test_last_day_is_the_nth_working_day_after(since, count):
    found = days.last_day(since, f"P{count}D", "working-days")

    assert at_work(since + timedelta(days=1), found) == count
    assert chinese_calendar.is_workday(found)


def test_notice_of_five_working_days_over_a_weekend():
    assert days.waited(date(2026, 11, 17), "P5D", "working-days") == date(2026, 11, 24)


def test_year_without_a_calendar_gives_no_day():
    assert days.waited(date(2099, 1, 4), "P5D", "working-days") is None
    assert days.last_day(date(2099, 1, 4), "P5D", "working-days") is None


def test_latest_wait_counts_and_one_for_what_was_never_done_does_not():
    waits = [
        Wait(after="a", at_least="P1M", cites=CITES),
        Wait(after="b", at_least="P1D", cites=CITES),
        Wait(after="c", at_least="P9Y", cites=CITES),
    ]
    done = {"a": date(2026, 1, 31), "b": date(2026, 3, 1)}

    assert days.not_before(waits, done) == date(2026, 3, 2)
    assert days.not_before(waits[:1], done) == date(2026, 2, 28)
    assert days.not_before(waits[2:], done) is None


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (None, None),
        (Limit(within="P10D", cites=CITES), date(2026, 3, 20)),
        (Limit(within="P1M", after="a", cites=CITES), date(2026, 2, 28)),
        (Limit(within="P10D", after="never", cites=CITES), date(2026, 3, 20)),
        (Limit(by_field="due_on", cites=CITES), date(2027, 1, 1)),
    ],
)
def test_due_day(limit, expected):
    done = {"a": date(2026, 1, 31)}

    assert days.due(limit, done, date(2026, 3, 10), date(2027, 1, 1)) == expected
