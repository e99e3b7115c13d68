"""Days of waits and limits, held against calendars that are not ours."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from zhibu.cases import days
from zhibu.packs.schema.base import Cite
from zhibu.packs.schema.procedures import Limit, Notice, Span, Wait

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

    assert days.not_before(waits, done, {}) == date(2026, 3, 2)
    assert days.not_before(waits[:1], done, {}) == date(2026, 2, 28)
    assert days.not_before(waits[2:], done, {}) is None


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

    assert days.due(limit, done, date(2026, 3, 10), {"due_on": date(2027, 1, 1)}) == expected


# --- against dateutil and the calendar library, by property

LENGTHS = st.tuples(st.integers(0, 36), st.integers(0, 120)).filter(any)


@given(DAYS, LENGTHS, st.integers(-400, 1500))
def test_span_is_within_as_dateutil_says(since, length, away):
    months, more = length
    day = since + timedelta(days=away)
    bound = since + relativedelta(months=months) + timedelta(days=more)
    text = f"P{months}M{more}D"

    least = Span(field="a", after="x", at_least=text, says="早", cites=CITES)
    most = Span(field="a", after="x", at_most=text, says="晚", cites=CITES)
    assert days.is_within(least, since, day) is (day >= bound)
    assert days.is_within(most, since, day) is (day <= bound)


@given(KNOWN, st.integers(1, 25), st.integers(0, 60))
def test_span_of_working_days_counts_as_the_calendar_does(since, count, away):
    day = since + timedelta(days=away)
    least = Span(field="a", after="x", at_least=f"P{count}D", counts="working-days", says="早",
                 cites=CITES)  # fmt: skip
    most = Span(field="a", after="x", at_most=f"P{count}D", counts="working-days", says="晚",
                cites=CITES)  # fmt: skip

    assert days.is_within(least, since, day) is (at_work(since, day - timedelta(days=1)) >= count)
    after = at_work(since + timedelta(days=1), day)
    last = after == count and chinese_calendar.is_workday(day)
    assert days.is_within(most, since, day) is (after < count or last)


@given(DAYS, DAYS, LENGTHS, LENGTHS)
def test_extension_is_capped_from_where_the_limit_counts(done_on, opened_on, within, cap):
    def moved(since, length):
        return since + relativedelta(months=length[0]) + timedelta(days=length[1])

    def written(length):
        return f"P{length[0]}M{length[1]}D"

    limit = Limit(within=written(within), after="a", extendable=True, extendable_to=written(cap),
                  cites=CITES)  # fmt: skip
    assert days.due(limit, {"a": done_on}, opened_on, {}) == moved(done_on, within)
    assert days.extended_at_most(limit, {"a": done_on}, opened_on) == moved(done_on, cap)
    assert days.extended_at_most(limit, {}, opened_on) == moved(opened_on, cap)
    plain = limit.model_copy(update={"after": None})
    assert days.extended_at_most(plain, {"a": done_on}, opened_on) == moved(opened_on, cap)


@given(st.lists(st.tuples(st.sampled_from("abc"), LENGTHS), max_size=5),
       st.dictionaries(st.sampled_from("abc"), DAYS))  # fmt: skip
def test_all_waits_have_to_be_over(waits, done):
    made = [Wait(after=name, at_least=f"P{m}M{d}D", cites=CITES) for name, (m, d) in waits]
    expected = [
        done[name] + relativedelta(months=m) + timedelta(days=d)
        for name, (m, d) in waits
        if name in done
    ]
    assert days.not_before(made, done, {}) == max(expected, default=None)


@given(KNOWN, st.integers(1, 20))
def test_notice_hangs_so_many_working_days_its_first_counted(since, count):
    notice = Notice(at_least=f"P{count}D", counts="working-days", cites=CITES)
    last = days.hangs_until(notice, since)

    assert at_work(since, last) == count
    assert chinese_calendar.is_workday(last)


@given(DAYS, LENGTHS)
def test_notice_hangs_so_many_days_its_first_counted(since, length):
    months, more = length
    notice = Notice(at_least=f"P{months}M{more}D", cites=CITES)
    end = since + relativedelta(months=months) + timedelta(days=more)

    assert days.hangs_until(notice, since) == end - timedelta(days=1)


@given(st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
       st.integers(0, 10), st.integers(0, 200), st.integers(1, 59))  # fmt: skip
def test_hours_and_minutes_count_from_the_moment(at, more, hours, minutes):
    limit = Limit(within=f"P{more}DT{hours}H{minutes}M", cites=CITES)

    expected = at + timedelta(days=more, hours=hours, minutes=minutes)
    assert days.due_at(limit, at) == expected
    assert days.due(limit, {}, at.date(), {}) is None
