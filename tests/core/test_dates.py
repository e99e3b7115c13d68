from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from dateutil.relativedelta import FR, MO, relativedelta
from hypothesis import given
from hypothesis import strategies as st

from zhibu.core.dates import (
    MONTHS,
    WEEKDAYS,
    Duration,
    Period,
    add_months,
    age_on,
    nth_weekday,
    period_of,
    periods,
)

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
EVERY = st.sampled_from(["week", "month", "quarter", "half-year", "year"])


@given(DAYS, st.integers(-600, 600))
def test_months_are_added_as_dateutil_does(day, months):
    assert add_months(day, months) == day + relativedelta(months=months)


@pytest.mark.parametrize(
    ("day", "months", "moved"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_month_ends_are_clipped(day, months, moved):
    assert add_months(day, months) == moved


@given(DAYS, DAYS)
def test_age_is_counted_in_full_years(born, day):
    if born > day:
        born, day = day, born

    age = age_on(born, day)

    # A person born on 29 February turns a year older on 1 March; dateutil says 28 February.
    if (born.month, born.day) != (2, 29):
        assert age == relativedelta(day, born).years


@pytest.mark.parametrize(("day", "age"), [(date(2027, 2, 28), 18), (date(2027, 3, 1), 19)])
def test_leap_day_child_is_older_on_the_first_of_march(day, age):
    assert age_on(date(2008, 2, 29), day) == age


@given(DAYS, EVERY)
def test_period_contains_its_day_and_joins_its_neighbours(day, every):
    period = period_of(day, every)

    assert day in period
    assert period.until not in period
    assert period_of(period.since - timedelta(days=1), every).until == period.since
    assert period.next.since == period.until
    assert period.last_day + timedelta(days=1) == period.until


@given(DAYS, st.sampled_from(list(MONTHS)))
def test_period_of_months_is_so_many_months_long(day, every):
    period = period_of(day, every)

    assert period.until == period.since + relativedelta(months=MONTHS[every])
    assert period.since.day == 1
    assert (period.since.month - 1) % MONTHS[every] == 0


@given(DAYS)
def test_week_begins_on_monday(day):
    assert period_of(day, "week").since == day + relativedelta(weekday=MO(-1))


@given(DAYS, st.integers(0, 800), EVERY)
def test_periods_cover_the_interval_without_gap(since, length, every):
    until = since + timedelta(days=length)

    found = list(periods(every, since, until))

    if since == until:
        assert found == []
        return
    assert found[0].since <= since < found[0].until
    assert found[-1].since < until <= found[-1].until
    assert all(a.until == b.since for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("every", "day", "same_year", "other_year"),
    [
        ("week", date(2026, 11, 20), "11月16日这一周", "2026年11月16日这一周"),
        ("month", date(2026, 11, 20), "11月", "2026年11月"),
        ("quarter", date(2026, 11, 20), "四季度", "2026年四季度"),
        ("quarter", date(2026, 1, 1), "一季度", "2026年一季度"),
        ("half-year", date(2026, 6, 30), "上半年", "2026年上半年"),
        ("half-year", date(2026, 7, 1), "下半年", "2026年下半年"),
        ("year", date(2026, 11, 20), "2026年", "2026年"),
    ],
)
def test_period_is_called_as_people_say(every, day, same_year, other_year):
    period = period_of(day, every)

    assert period.label(date(2026, 12, 31)) == same_year
    assert period.label(date(2027, 1, 1)) == other_year
    assert period.label() == other_year


@given(DAYS, EVERY, st.sampled_from(WEEKDAYS), st.integers(1, 6), st.booleans())
def test_nth_weekday_agrees_with_counting(day, every, weekday, nth, from_end):
    period = period_of(day, every)
    length = (period.until - period.since).days
    every_day = [period.since + timedelta(days=n) for n in range(length)]
    matching = [d for d in every_day if d.weekday() == WEEKDAYS.index(weekday)]
    if from_end:
        matching.reverse()

    found = nth_weekday(period, weekday, -nth if from_end else nth)

    assert found == (matching[nth - 1] if nth <= len(matching) else None)


@given(DAYS)
def test_first_friday_is_dateutils(day):
    month = period_of(day, "month")

    assert nth_weekday(month, "friday", 1) == month.since + relativedelta(weekday=FR(1))


def test_weekdays_count_from_one():
    with pytest.raises(ValueError, match="从 1 数起"):
        nth_weekday(period_of(date(2026, 11, 20), "month"), "friday", 0)


DURATIONS = st.builds(Duration, st.integers(0, 400), st.integers(0, 4000), st.integers(0, 100_000))


@given(DURATIONS)
def test_duration_written_and_read_is_the_same(duration):
    assert Duration.parse(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "duration", "words"),
    [
        ("P1Y6M", Duration(months=18), "1年6个月"),
        ("P2W", Duration(days=14), "14天"),
        ("P10D", Duration(days=10), "10天"),
        ("PT2H30M", Duration(minutes=150), "2小时30分钟"),
        ("P1DT1H", Duration(days=1, minutes=60), "1天1小时"),
        ("P0D", Duration(), "当天"),
    ],
)
def test_duration_is_read_and_worded(text, duration, words):
    assert Duration.parse(text) == duration
    assert duration.in_words() == words


@pytest.mark.parametrize("text", ["", "P", "PT", "P1", "1D", "P-1D", "P1.5D", "PT1S", "P1H", "p1d"])
def test_other_durations_are_refused(text):
    with pytest.raises(ValueError, match="ISO 8601"):
        Duration.parse(text)


@given(DURATIONS, st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))
def test_duration_is_added_months_first_as_dateutil_does(duration, moment):
    moment = moment.replace(tzinfo=UTC)
    delta = relativedelta(months=duration.months, days=duration.days, minutes=duration.minutes)

    assert duration.after(moment) == moment + delta
    assert duration.before(moment) == moment - delta


def test_hours_are_not_added_to_days():
    with pytest.raises(ValueError, match="时刻"):
        Duration(minutes=60).after(date(2026, 11, 20))


def test_period_is_half_open():
    period = Period("month", date(2026, 11, 1), date(2026, 12, 1))

    assert [date(2026, 11, 1) in period, date(2026, 12, 1) in period] == [True, False]
