from fractions import Fraction
from itertools import product
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhibu.core.quorum import Base, Roll, Rule, Share, Tally, judge

FRACTIONS = st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=10)
SHARES = st.builds(Share, FRACTIONS, st.booleans(), st.sampled_from(Base))
HALF = Share(Fraction(1, 2), strict=True, base=Base.ENTITLED)


@given(SHARES, st.integers(0, 500))
def test_needed_is_the_fewest_that_satisfy(share, count):
    needed = share.needed(count)

    def satisfies(number):
        exact = share.of * count
        return number > exact if share.strict else number >= exact

    assert satisfies(needed)
    assert needed == 0 or not satisfies(needed - 1)


@pytest.mark.parametrize(
    ("share", "strict", "count", "needed"),
    [
        (Fraction(1, 2), False, 19, 10),
        (Fraction(1, 2), False, 18, 9),
        (Fraction(1, 2), True, 18, 10),
        (Fraction(1, 2), True, 19, 10),
        (Fraction(2, 3), False, 18, 12),
        (Fraction(2, 3), True, 18, 13),
        (Fraction(4, 5), False, 11, 9),
        (Fraction(1), False, 7, 7),
        (Fraction(1, 2), False, 0, 0),
        (Fraction(1, 2), True, 0, 1),
    ],
)
def test_known_shares(share, strict, count, needed):
    assert Share(share, strict, Base.ENTITLED).needed(count) == needed


@pytest.mark.parametrize(("of", "strict"), [(0, False), (Fraction(3, 2), False), (1, True)])
def test_share_nobody_can_reach_is_refused(of, strict):
    with pytest.raises(ValueError, match="无法满足"):
        Share(Fraction(of), strict, Base.PRESENT)


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="不能为负"):
        HALF.needed(-1)
    with pytest.raises(ValueError, match="不能为负"):
        Tally(1, -1, 0)


@pytest.mark.parametrize(("entitled", "present"), [(3, 4), (3, -1)])
def test_more_present_than_entitled_is_refused(entitled, present):
    with pytest.raises(ValueError, match="应到"):
        Roll(entitled, present)


def test_more_votes_than_present_are_refused():
    with pytest.raises(ValueError, match="21 票多于实到 18 人"):
        judge(Roll(20, 18), Tally(20, 1, 0), Rule(HALF, HALF))


def by_counting(entitled, present, yes, no, attendance, majority):
    """The same judgement said the long way round, without ``needed``."""

    def met(share, number):
        base = {
            Base.ENTITLED: entitled,
            Base.PRESENT: present,
            Base.CAST: yes + no,
        }[share.base]
        exact = share.of * base
        return number > exact if share.strict else number >= exact

    quorate = entitled > 0 and met(attendance, present)
    return quorate, quorate and yes > 0 and met(majority, yes)


def test_every_small_meeting_is_judged_as_by_counting():
    shares = [
        Share(of, strict, base)
        for of, strict, base in product(
            (Fraction(1, 2), Fraction(2, 3), Fraction(4, 5)), (True, False), Base
        )
    ]
    attendances = [share for share in shares if share.base == Base.ENTITLED]
    for attendance, majority in product(attendances, shares):
        for entitled in range(6):
            for present in range(entitled + 1):
                for yes, no in product(range(present + 1), repeat=2):
                    if yes + no > present:
                        continue
                    result = judge(
                        Roll(entitled, present),
                        Tally(yes, no, present - yes - no),
                        Rule(attendance, majority),
                    )
                    expected = by_counting(entitled, present, yes, no, attendance, majority)
                    assert (result.is_quorate, result.passed) == expected


@given(SHARES, SHARES, st.integers(0, 60), st.data())
def test_one_more_yes_never_loses_a_vote(attendance, majority, entitled, data):
    present = data.draw(st.integers(0, entitled))
    yes = data.draw(st.integers(0, present))
    rule = Rule(attendance, majority)
    roll = Roll(entitled, present)

    passed = [
        judge(roll, Tally(number, present - number, 0), rule).passed for number in (yes, present)
    ]

    assert passed[0] <= passed[1]


def test_nobody_entitled_passes_nothing():
    anything = Share(Fraction(1, 2), strict=False, base=Base.ENTITLED)

    result = judge(Roll(0, 0), Tally(0, 0, 0), Rule(anything, anything))

    assert (result.is_quorate, result.passed, result.is_tie) == (False, False, True)


def test_all_abstaining_passes_nothing():
    cast = Share(Fraction(1, 2), strict=False, base=Base.CAST)

    assert not judge(Roll(10, 10), Tally(0, 0, 10), Rule(HALF, cast)).passed


@given(FRACTIONS, st.integers(1, 400))
def test_unrounded_share_is_exact_where_floats_are_not(of, count):
    assert Share(of, strict=False, base=Base.PRESENT).needed(count) == ceil(of * count)
