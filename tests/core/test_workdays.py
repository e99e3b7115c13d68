import tomllib
from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhibu.core import workdays
from zhibu.core.workdays import UnknownYear, add_working_days, is_working_day

KNOWN = st.dates(date(2021, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize("year", range(2021, 2027))
def test_published_years_agree_with_a_second_library(year):
    # Exchanged weekends are marked as half-days of another kind there: those are worked.
    calendar = holidays.China(years=year)
    differing = []
    day = date(year, 1, 1)
    while day.year == year:
        if calendar.is_working_day(day) != is_working_day(day):
            differing.append(day)
        day += timedelta(days=1)

    assert differing == []


@pytest.mark.parametrize("year", [2027, 2028, 2029])
def test_provisional_years_hold_the_statutory_days(year):
    statutory = {
        day
        for day, name in holidays.China(years=year, categories=["public"]).items()
        if day.weekday() < 5 or day
    }
    raw = tomllib.loads(workdays._FILE.read_text("utf-8"))[str(year)]

    assert workdays.is_provisional(year)
    assert set(raw["off"]) == statutory
    assert raw["work"] == []


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # a Saturday worked for the National Day
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
    ],
)
def test_known_days(day, works):
    assert is_working_day(day) is works


def test_published_year_is_not_provisional():
    assert not workdays.is_provisional(2026)


def test_unknown_year_says_what_to_do():
    with pytest.raises(UnknownYear, match=r"2040 年.*workdays\.toml"):
        is_working_day(date(2040, 1, 1))


@given(KNOWN)
def test_next_working_day_is_the_first_one_from_here(day):
    found = workdays.next_working_day(day)

    assert is_working_day(found)
    assert not any(is_working_day(day + timedelta(days=n)) for n in range((found - day).days))


@given(KNOWN, st.integers(0, 20))
def test_added_working_days_are_counted(day, count):
    end = add_working_days(day, count)
    between = list(workdays.working_days(day + timedelta(days=1), end + timedelta(days=1)))

    assert len(between) == count
    assert end == (between[-1] if count else day)


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="不能为负"):
        add_working_days(date(2026, 11, 20), -1)
