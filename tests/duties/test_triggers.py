"""What a duty may say of when and whose, and the days that come of it."""

from datetime import date

import pytest
from pydantic import ValidationError

from zhibu.duties import spans
from zhibu.packs.schema.duties import Duty

FIXED = {
    "title": "样例",
    "cites": [{"source": "s", "seen": "text"}],
    "holder": "organization",
    "applies_to": ["branch"],
    "fulfilled_by": ["x/y:a"],
}
WHO = {"all": ["is_full_member"]}
TERM = {"fact": "term_ends_on", "notice": "P6M"}


def duty(**more):
    return Duty.model_validate(FIXED | more)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "要写一个，也只写一个"),
        ({"every": "month", "before": TERM}, "要写一个，也只写一个"),
        ({"before": TERM, "season": {"since": "01-01", "until": "02-01"}}, "只和 every 一起写"),
        ({"every": "year", "season": {"since": "02-29", "until": "03-05"}}, "不是每年都有的日子"),
        ({"every": "year", "season": {"since": "10-01", "until": "10-01"}}, "不能是同一天"),
        ({"after": {"within": "P1D"}}, "fact 和 kinds 要写一个"),
        ({"after": {"kinds": ["x/y:a"], "within": "P1D"}}, "不能是同一种活动"),
        ({"every": "year", "holder": "person"}, "要写 who"),
        ({"every": "year", "who": WHO}, "要写 who，不是就不要写"),
        ({"every": "year", "holder": "pair", "who": WHO}, "要写 with_one_of"),
        ({"every": "year", "holder": "pair", "who": WHO, "with_one_of": {"of": "above"}},
         "要写 posts"),
        ({"every": "year", "holder": "register-row"}, "要写 rows_of"),
        ({"every": "year", "holder": "person", "who": WHO,
          "items": [{"id": "a", "title": "a", "required": True}]}, "不写 items"),
        ({"holder": "person", "who": WHO, "after": {"kinds": ["x/y:b"], "within": "P1D"}},
         "holder 不能是 person"),
    ],
)  # fmt: skip
def test_what_a_duty_may_not_say(more, says):
    with pytest.raises(ValidationError, match=says):
        duty(**more)


def days(found):
    return [(period.since.isoformat(), period.last_day.isoformat()) for period in found]


@pytest.mark.parametrize(
    ("trigger", "ground", "expected"),
    [
        ({"before": TERM}, date(2026, 12, 31), [("2026-06-30", "2026-12-31")]),
        ({"before": TERM}, date(2027, 8, 31), []),  # begins on 28 February 2027
        ({"after": {"fact": "joined_on", "within": "P10D"}}, date(2026, 3, 1),
         [("2026-03-01", "2026-03-11")]),
        ({"after": {"fact": "joined_on", "within": "P1M"}}, date(2026, 1, 31),
         [("2026-01-31", "2026-02-28")]),
        ({"anniversary": {"fact": "joined_on", "held_in": "month"}}, date(2024, 2, 29),
         [("2026-02-01", "2026-02-28")]),
        ({"anniversary": {"fact": "joined_on", "held_in": "week"}}, date(2020, 12, 31),
         [("2026-12-28", "2027-01-03")]),
        ({"anniversary": {"fact": "joined_on", "held_in": "month"}}, date(2026, 5, 4), []),
    ],
)  # fmt: skip
def test_spans_reckoned_from_a_day_that_begin_in_2026(trigger, ground, expected):
    found = spans.from_day(duty(**trigger), ground, date(2026, 1, 1), date(2027, 1, 1))

    assert days(found) == expected


@pytest.mark.parametrize(
    ("every", "season", "expected"),
    [
        ("year", ("10-01", "12-01"), [("2026-10-01", "2026-11-30")]),
        ("year", ("11-15", "02-01"), [("2025-11-15", "2026-01-31"), ("2026-11-15", "2027-01-31")]),
        ("quarter", ("06-15", "11-01"), [("2026-07-01", "2026-09-30"),
                                         ("2026-10-01", "2026-12-31")]),
        ("month", ("11-15", "02-01"), [("2026-01-01", "2026-01-31"), ("2026-12-01", "2026-12-31")]),
    ],
)  # fmt: skip
def test_seasons_of_2026(every, season, expected):
    asked = duty(every=every, season=dict(zip(("since", "until"), season, strict=True)))

    assert days(spans.calendar(asked, date(2026, 1, 1), date(2027, 1, 1))) == expected


@pytest.mark.parametrize(
    ("trigger", "label"),
    [
        ({"before": TERM}, "12月31日前"),
        ({"after": {"fact": "joined_on", "within": "P1M"}}, "12月31日后"),
        ({"anniversary": {"fact": "joined_on", "held_in": "month"}}, "12月"),
    ],
)
def test_labels(trigger, label):
    asked = duty(**trigger)
    ground = date(2025, 12, 31) if asked.anniversary else date(2026, 12, 31)
    period = next(spans.from_day(asked, ground, date(2026, 1, 1), date(2027, 1, 1)))

    assert spans.label(asked, period, date(2026, 11, 1)) == label


def test_what_is_reckoned_from_a_day_may_be_made_up_for_as_long_again():
    assert spans.made_up_until(duty(before=TERM), date(2026, 6, 30), date(2027, 1, 1)) == date(
        2027, 7, 5
    )
    assert spans.made_up_until(duty(every="month"), date(2026, 6, 1), date(2026, 7, 1)) == date(
        2026, 8, 1
    )
