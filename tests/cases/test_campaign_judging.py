"""Days of phases and what became of an item, against a reckoning day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import campaigns
from zhibu.cases.campaigns import judging
from zhibu.cases.campaigns.judging import Fact, Window

RULE = campaigns.pack().items["campaigns", "education"][0].item
DAY = timedelta(days=1)
MARCH, APRIL = (
    Window(date(2026, 3, 1), date(2026, 3, 31)),
    Window(date(2026, 4, 1), date(2026, 4, 30)),
)
CLASS, TRAINING = RULE.item("class"), RULE.item("training")
DAYS = st.dates(date(2026, 2, 20), date(2026, 8, 1))


def test_phases_are_counted_from_the_batch_and_the_look_back_from_their_end():
    assert judging.windows(RULE, date(2026, 1, 31)) == {
        "study": Window(date(2026, 1, 31), date(2026, 2, 27)),
        "appraise": Window(date(2026, 2, 28), date(2026, 3, 27)),
        "rectify": Window(date(2026, 3, 31), date(2026, 4, 29)),
        "look-back": Window(date(2026, 7, 30), date(2026, 8, 29)),
    }
    assert judging.main_end(RULE, judging.windows(RULE, date(2026, 1, 31))) == date(2026, 4, 29)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 3, 1), "done"), (date(2026, 3, 31), "done"),
        (date(2026, 4, 1), "made-up"), (date(2026, 6, 30), "made-up"), (date(2026, 7, 1), "late"),
    ],
)  # fmt: skip
def test_state_by_the_day_it_was_done(day, state):
    on = date(2026, 9, 1)
    facts = judging.counting([Fact(day)], MARCH, [], on)

    assert judging.judge(CLASS, MARCH, facts, RULE.make_up("class"), on).state == state


def test_before_its_phase_counts_for_nothing():
    assert judging.counting([Fact(date(2026, 2, 28))], MARCH, [], date(2026, 9, 1)) == []


@pytest.mark.parametrize(
    ("on", "required", "state"),
    [
        (date(2026, 2, 28), True, "not-yet"), (date(2026, 3, 1), True, "open"),
        (date(2026, 3, 31), True, "open"), (date(2026, 4, 1), True, "missing"),
        (date(2026, 4, 1), False, "unasked"),
    ],
)  # fmt: skip
def test_state_of_what_is_not_done(on, required, state):
    item = CLASS.model_copy(update={"required": required})

    assert judging.judge(item, MARCH, [], RULE.make_up("class"), on).state == state


def test_closed_gate_is_not_yet_whatever_was_done():
    found = judging.judge(TRAINING, None, [Fact(date(2026, 3, 3))], None, date(2026, 9, 1))

    assert found.state == "not-yet"


def test_entered_after_the_window_is_done_and_says_so():
    fact = Fact(date(2026, 3, 31), "entry", 1, date(2026, 4, 2))
    found = judging.judge(TRAINING, MARCH, [fact], None, date(2026, 9, 1))

    assert (found.state, found.word) == ("done", "已办，补记")


def test_times_are_counted_and_a_make_up_stands_for_all():
    twice = CLASS.model_copy(update={"times": 2})
    on, rule = date(2026, 6, 1), RULE.make_up("class")
    once = Fact(date(2026, 3, 3), "activity", 1)

    assert judging.judge(twice, MARCH, [once], rule, on).state == "missing"
    again = Fact(date(2026, 3, 20), "activity", 2)
    assert judging.judge(twice, MARCH, [once, again], rule, on).fact == again
    made_up = Fact(date(2026, 5, 1), "activity", 3, is_make_up=True)
    assert judging.judge(twice, MARCH, [once, made_up], rule, on).state == "made-up"


def test_what_another_phase_asks_for_is_no_late_deed_of_this_one():
    days = {"study": MARCH, "appraise": APRIL}
    others = judging.elsewhere(TRAINING, RULE, days)
    on = date(2026, 9, 1)

    assert others == [APRIL]
    assert judging.counting([Fact(date(2026, 4, 15))], MARCH, others, on) == []
    assert judging.counting([Fact(date(2026, 5, 2))], MARCH, others, on) == [Fact(date(2026, 5, 2))]


@given(st.lists(DAYS, max_size=4), DAYS)
def test_state_agrees_with_a_reckoning_day_by_day(days, on):
    """Told independently: walk through the days until ``on`` and note the first deed."""
    facts = judging.counting([Fact(day) for day in days], MARCH, [], on)
    found = judging.judge(CLASS, MARCH, facts, RULE.make_up("class"), on)

    day, state = MARCH.since, "not-yet" if on < MARCH.since else "open"
    while day <= on:
        if day in days:
            state = "done" if day.month == 3 else "made-up" if day <= date(2026, 6, 30) else "late"
            break
        state = "open" if day.month == 3 else "missing"
        day += DAY
    assert found.state == state


@pytest.mark.parametrize(
    ("met", "asked", "share", "is_enough"),
    [(1, 2, "1/2", True), (1, 3, "1/2", False), (2, 3, None, False), (3, 3, None, True),
     (0, 0, None, True)],
)  # fmt: skip
def test_share_of_units(met, asked, share, is_enough):
    assert judging.enough(met, asked, share) is is_enough


def test_phase_opened_late_keeps_its_length_and_a_fixed_one_its_last_day():
    phase = RULE.phase("appraise")
    late = date(2026, 4, 11)

    assert judging.opened(phase, APRIL, late) == Window(late, date(2026, 5, 10))
    fixed = phase.model_copy(update={"lasts": None})
    assert judging.opened(fixed, APRIL, late) == Window(late, date(2026, 4, 30))
    assert judging.opened(phase, APRIL, date(2026, 3, 20)) == APRIL
