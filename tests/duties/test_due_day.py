"""Fixed days against the holidays as they were published."""

from datetime import date

import pytest

from zhibu.core.dates import period_of
from zhibu.core.workdays import is_provisional
from zhibu.duties.derive import due_day
from zhibu.packs.schema.duties import DayRule, Duty

CITED = [{"source": "s", "at": "第一条", "seen": "text"}]


def duty(every="month", **day):
    return Duty.model_validate(
        {
            "title": "主题党日",
            "cites": CITED,
            "holder": "organization",
            "applies_to": ["branch"],
            "every": every,
            "fulfilled_by": ["x/y:z"],
            "day": DayRule(**day) if day else None,
        }
    )


# First Friday of the month and the day it falls on where that is a day off. Days off and
# working weekends: 国务院办公厅关于部分节假日安排的通知, 国办发明电〔2023〕7号 for 2024,
# 〔2024〕12号 for 2025, 〔2025〕7号 for 2026.
FIRST_FRIDAYS = {
    2024: [
        ("01-05", ""), ("02-02", ""), ("03-01", ""),
        ("04-05", "04-07"),  # 清明 4 to 6 April; Sunday the 7th is worked
        ("05-03", "05-06"),  # 劳动节 1 to 5 May
        ("06-07", ""), ("07-05", ""), ("08-02", ""), ("09-06", ""),
        ("10-04", "10-08"),  # 国庆 1 to 7 October
        ("11-01", ""), ("12-06", ""),
    ],
    2025: [
        ("01-03", ""), ("02-07", ""), ("03-07", ""),
        ("04-04", "04-07"),  # 清明 4 to 6 April
        ("05-02", "05-06"),  # 劳动节 1 to 5 May
        ("06-06", ""), ("07-04", ""), ("08-01", ""), ("09-05", ""),
        ("10-03", "10-09"),  # 国庆、中秋 1 to 8 October
        ("11-07", ""), ("12-05", ""),
    ],
    2026: [
        ("01-02", "01-04"),  # 元旦 1 to 3 January; Sunday the 4th is worked
        ("02-06", ""), ("03-06", ""), ("04-03", ""),
        ("05-01", "05-06"),  # 劳动节 1 to 5 May
        ("06-05", ""), ("07-03", ""), ("08-07", ""), ("09-04", ""),
        ("10-02", "10-08"),  # 国庆 1 to 7 October
        ("11-06", ""), ("12-04", ""),
    ],
}  # fmt: skip
TABLE = [
    (date.fromisoformat(f"{year}-{friday}"), date.fromisoformat(f"{year}-{due or friday}"))
    for year, rows in FIRST_FRIDAYS.items()
    for friday, due in rows
]


@pytest.mark.parametrize(("friday", "due"), TABLE, ids=lambda day: f"{day}")
def test_first_friday_shifts_for_published_holidays(friday, due):
    shifted = duty(weekday="friday", nth=1, shift="next-working-day")
    fixed = duty(weekday="friday", nth=1)

    assert due_day(shifted, period_of(friday, "month")) == due
    assert due_day(fixed, period_of(friday, "month")) == friday


def test_a_year_not_yet_arranged_shifts_for_its_statutory_days():
    assert is_provisional(2027)
    first = duty(weekday="friday", nth=1, shift="next-working-day")
    assert due_day(first, period_of(date(2027, 1, 1), "month")) == date(2027, 1, 4)


@pytest.mark.parametrize(
    ("every", "day", "in_period", "due"),
    [
        ("month", {}, date(2024, 2, 10), date(2024, 2, 29)),
        ("quarter", {}, date(2026, 5, 5), date(2026, 6, 30)),
        ("half-year", {}, date(2026, 7, 1), date(2026, 12, 31)),
        ("year", {}, date(2026, 7, 1), date(2026, 12, 31)),
        ("week", {}, date(2026, 11, 20), date(2026, 11, 22)),
        ("month", {"weekday": "friday", "nth": -1}, date(2026, 11, 1), date(2026, 11, 27)),
        ("month", {"weekday": "friday", "nth": 5}, date(2026, 10, 1), date(2026, 10, 30)),
        # no fifth Friday: the last day
        ("month", {"weekday": "friday", "nth": 5}, date(2026, 11, 1), date(2026, 11, 30)),
        ("month", {"weekday": "friday", "nth": -5}, date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", {"weekday": "monday", "nth": 1}, date(2026, 11, 1), date(2026, 10, 5)),
        ("week", {"weekday": "wednesday", "nth": 1}, date(2026, 11, 20), date(2026, 11, 18)),
        # the shift may leave the period: 31 January 2025 lies within 春节, 28.1. to 4.2.
        (
            "month",
            {"weekday": "friday", "nth": -1, "shift": "next-working-day"},
            date(2025, 1, 1),
            date(2025, 2, 5),
        ),
    ],
)
def test_due_day(every, day, in_period, due):
    assert due_day(duty(every, **day), period_of(in_period, every)) == due
