"""What counts, what is late, what is entered late: every edge, on numbers alone."""

from datetime import date

import pytest

from zhibu.duties.counting import closes_on, count
from zhibu.duties.models import Credit
from zhibu.packs.schema.duties import Duty

CITED = [{"source": "s", "at": "第一条", "seen": "text"}]
REFERENCE = "x/y:duty"
OATH, DUES, EXTRA = (f"{REFERENCE}/{item}" for item in ("oath", "dues", "extra"))
UNTIL = date(2026, 4, 1)  # the period is March 2026


def duty(**more):
    fixed = {
        "title": "主题党日",
        "cites": CITED,
        "holder": "organization",
        "applies_to": ["branch"],
        "every": "month",
        "fulfilled_by": ["x/y:a", "x/y:b"],
    }
    return Duty.model_validate(fixed | more)


ITEMS = [
    {"id": "oath", "title": "誓词", "required": True},
    {"id": "dues", "title": "党费", "required": True},
    {"id": "extra", "title": "自选", "required": False},
]


def held(activity, day, entered=None, items=(), kind="x/y:a"):
    """An activity held on a day of March and entered on ``entered`` (the same day)."""
    on = date(2026, 3, day) if isinstance(day, int) else day
    return Credit(
        source_id=activity,
        kind=kind,
        held_on=on,
        credited_on=on,
        entered_on=entered or on,
        items=list(items),
    )


def counted(reported, *, by=None, times=1, due=31, **more):
    by, due_on = by or duty(times=times, **more), date(2026, 3, due)
    made = count(
        by,
        REFERENCE,
        reported,
        required=times,
        due_on=due_on,
        closes_on=closes_on(by, due_on, UNTIL),
    )
    return made.done, made.done_on and made.done_on.day, made.held_late, made.entered_late


APRIL = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("reported", "times", "due", "expected"),
    [
        ([], 1, 31, (0, None, False, False)),
        ([held(1, 1)], 1, 31, (1, 1, False, False)),
        ([held(1, 31)], 1, 31, (1, 31, False, False)),
        # due on the 6th: that day is in time, the next is late
        ([held(1, 6)], 1, 6, (1, 6, False, False)),
        ([held(1, 7)], 1, 6, (1, 7, True, False)),
        # entered on the period's last day is in time whatever the due day, the day after is late
        ([held(1, 5, date(2026, 3, 31))], 1, 6, (1, 5, False, False)),
        ([held(1, 5, APRIL)], 1, 6, (1, 5, False, True)),
        ([held(1, 7, APRIL)], 1, 6, (1, 7, True, True)),
        # fewer than needed are counted and nothing is said of them
        ([held(1, 20, APRIL)], 2, 6, (1, None, False, False)),
        # the needed number decides, in order of days, whatever the order of entry
        ([held(2, 20), held(1, 3)], 2, 31, (2, 20, False, False)),
        ([held(1, 3), held(2, 20), held(3, 9)], 2, 10, (3, 9, False, False)),
        ([held(1, 3), held(2, 20)], 2, 10, (2, 20, True, False)),
        # one entered late beside enough entered in time
        ([held(1, 3, APRIL), held(2, 20)], 1, 31, (2, 3, False, False)),
        ([held(1, 3, APRIL), held(2, 20)], 2, 31, (2, 20, False, True)),
        # one sitting with two kinds of the duty counts once
        ([held(1, 3), held(1, 3, kind="x/y:b")], 2, 31, (1, None, False, False)),
        # what makes March up is held in April
        ([held(1, date(2026, 4, 9))], 1, 31, (1, 9, True, True)),
    ],
)
def test_count(reported, times, due, expected):
    assert counted(reported, times=times, due=due) == expected


@pytest.mark.parametrize(
    ("items", "done", "lacking"),
    [
        ((), [], [1]),
        ((OATH,), [], [1]),
        ((DUES, EXTRA), [], [1]),
        ((OATH, DUES), [1], []),
        ((EXTRA, DUES, OATH), [1], []),
        (("other/pack:duty/oath", DUES), [], [1]),
    ],
)
def test_required_items_gate_what_counts(items, done, lacking):
    made = count(
        duty(items=ITEMS), REFERENCE, [held(1, 3, items=items)],
        required=1, due_on=date(2026, 3, 31), closes_on=date(2026, 3, 31),
    )  # fmt: skip

    assert (made.credited_by, made.incomplete_by, made.done) == (done, lacking, len(done))


def test_items_of_two_sittings_do_not_add_up():
    reported = [held(1, 3, items=[OATH]), held(2, 4, items=[DUES])]
    assert counted(reported, by=duty(items=ITEMS)) == (0, None, False, False)


def test_activities_are_named_by_the_day_held_then_by_number():
    reported = [held(9, 3), held(2, 20), held(5, 3), held(5, 3, kind="x/y:b")]

    made = count(
        duty(),
        REFERENCE,
        reported,
        required=1,
        due_on=date(2026, 3, 31),
        closes_on=date(2026, 3, 31),
    )

    assert made.credited_by == [5, 9, 2]


@pytest.mark.parametrize(
    ("entered_within", "due_on", "closes"),
    [
        ("P0D", date(2026, 3, 6), date(2026, 3, 31)),
        ("P0D", date(2026, 3, 31), date(2026, 3, 31)),
        ("P0D", date(2026, 4, 2), date(2026, 4, 2)),  # shifted beyond the period
        ("P5D", date(2026, 3, 6), date(2026, 4, 5)),
        ("P5D", date(2026, 4, 2), date(2026, 4, 7)),
        ("P1M", date(2026, 3, 6), date(2026, 4, 30)),  # a month from 31 March is clipped
    ],
)
def test_time_to_enter_runs_from_the_later_of_period_and_due_day(entered_within, due_on, closes):
    assert closes_on(duty(entered_within=entered_within), due_on, UNTIL) == closes
