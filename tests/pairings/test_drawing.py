"""Dealing: nobody twice at once, rest kept, counts differ by one at most, and a way wherever there
is one."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zhibu.packs.schema.pair_kinds import Shift, nested
from zhibu.pairings.drawing import Impossible, clash, crowd, dealt, seats

MONDAY = date(2026, 11, 16)


def shift(number: int, starts: int, minutes: int) -> Shift:
    ends = (starts + minutes) % 1440
    clock = [f"{at // 60:02d}:{at % 60:02d}" for at in (starts, ends)]
    return Shift(id=f"s{number}", title=f"第{number}班", starts=clock[0], ends=clock[1])


@st.composite
def asked(draw):
    """Shifts of which none lies inside another, how many a shift, some days, a rest."""
    spans = draw(
        st.lists(
            st.tuples(st.integers(0, 23), st.integers(1, 14)), min_size=1, max_size=3, unique=True
        )
    )
    shifts = [shift(n, hour * 60, long * 60) for n, (hour, long) in enumerate(spans)]
    assume(not nested(shifts))
    days, per_shift = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    rest = timedelta(hours=draw(st.integers(0, 30)))
    return seats(shifts, per_shift, MONDAY, MONDAY + timedelta(days=days)), rest


def fits(some, whose, rest) -> bool:
    """Whether no person has two of the seats too close: told pair by pair."""
    return not any(
        whose[a] == whose[b]
        and clash((some[a].starts_at, some[a].ends_at), (some[b].starts_at, some[b].ends_at), rest)
        for a, b in combinations(range(len(some)), 2)
    )


def some_way(some, people: int, rest) -> bool:
    """Whether any dealing at all fits: by trying, seat after seat."""
    whose: list[int] = []

    def go_on() -> bool:
        if len(whose) == len(some):
            return True
        for person in range(min(people, max(whose, default=-1) + 2)):
            whose.append(person)
            if fits(some[: len(whose)], whose, rest) and go_on():
                return True
            whose.pop()
        return False

    return go_on()


@given(asked(), st.integers(1, 9))
def test_dealt_keeps_everything_or_says_that_there_are_too_few(found, people):
    some, rest = found
    try:
        whose = dealt(some, people, rest)
    except Impossible:
        assert crowd(some, rest)[0] > people
        return

    assert fits(some, whose, rest)
    counts = [whose.count(person) for person in range(people)]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == len(some)


@given(asked(), st.integers(1, 4))
def test_dealt_finds_a_way_whenever_there_is_one(found, people):
    some, rest = found
    assume(len(some) <= 9)
    try:
        dealt(some, people, rest)
    except Impossible:
        assert not some_way(some, people, rest)
    else:
        assert some_way(some, people, rest)


@given(asked())
def test_as_many_as_it_takes_are_enough_and_one_fewer_is_not(found):
    some, rest = found
    needed, _ = crowd(some, rest)

    dealt(some, needed, rest)
    if needed > 1:
        with pytest.raises(Impossible):
            dealt(some, needed - 1, rest)


def test_a_shift_may_pass_midnight_and_is_of_the_day_it_begins():
    (seat,) = seats([shift(1, 20 * 60, 600)], 1, MONDAY, MONDAY + timedelta(days=1))

    assert (seat.on, seat.ends_at - seat.starts_at) == (MONDAY, timedelta(hours=10))
    assert seat.ends_at.date() == MONDAY + timedelta(days=1)


def test_rest_that_is_just_over_is_enough_and_a_minute_less_is_not():
    some = seats([shift(1, 8 * 60, 720), shift(2, 20 * 60, 720)], 1, MONDAY,
                 MONDAY + timedelta(days=2))  # fmt: skip

    dealt(some, 3, timedelta(hours=24))
    with pytest.raises(Impossible):
        dealt(some, 3, timedelta(hours=24, minutes=1))


@pytest.mark.parametrize(
    ("one", "other", "is_nested"),
    [
        ((480, 120), (420, 300), True),  # inside
        ((480, 120), (540, 120), False),  # over one another
        ((480, 120), (480, 120), False),  # the same hours, twice
        ((60, 60), (1200, 600), True),  # inside one that began the day before
    ],
)
def test_nested_shifts_are_told(one, other, is_nested):
    assert bool(nested([shift(1, *one), shift(2, *other)])) is is_nested
