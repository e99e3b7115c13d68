"""Rolls, quorums and majorities: pure arithmetic, used by meetings, cases and ballots.

The platform sets no share of its own: shares, bases and strictness come from packs.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Base(StrEnum):
    """Whom a share is counted of."""

    ENTITLED = "entitled"  # everyone entitled who is due to attend
    PRESENT = "present"  # the entitled who are present
    CAST = "cast"  # yes and no together


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a base: at least ``of``, or more than ``of`` where ``strict``."""

    of: Fraction
    strict: bool
    base: Base

    def __post_init__(self) -> None:
        if not 0 < self.of <= 1 or (self.strict and self.of == 1):
            raise ValueError(f"比例 {self.of} 无法满足")

    def needed(self, count: int) -> int:
        """Fewest that satisfy the share of ``count``; fractions round up, exactly.

        >>> Share(Fraction(1, 2), strict=False, base=Base.ENTITLED).needed(19)
        10
        >>> Share(Fraction(1, 2), strict=True, base=Base.ENTITLED).needed(18)
        10
        """
        if count < 0:
            raise ValueError("人数不能为负")
        exact = self.of * count
        if self.strict:
            return exact.numerator // exact.denominator + 1
        return -(-exact.numerator // exact.denominator)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a vote may be held and when it carries."""

    attendance: Share
    majority: Share


@dataclass(frozen=True, slots=True)
class Roll:
    """Entitled and due to attend, and how many of those are present; frozen at the vote.

    ``written``: opinions lodged before the count by some who are not present. They are votes
    and no presence.
    """

    entitled: int
    present: int
    written: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.present <= self.entitled:
            raise ValueError(f"实到 {self.present} 人多于应到 {self.entitled} 人")
        if not 0 <= self.written <= self.entitled - self.present:
            raise ValueError(f"书面意见 {self.written} 份多于没有到会的人")


@dataclass(frozen=True, slots=True)
class Tally:
    """Votes counted; those present who cast nothing are neither."""

    yes: int
    no: int
    abstain: int

    def __post_init__(self) -> None:
        if min(self.yes, self.no, self.abstain) < 0:
            raise ValueError("票数不能为负")

    @property
    def total(self) -> int:
        return self.yes + self.no + self.abstain


@dataclass(frozen=True, slots=True)
class Result:
    """A judged vote. ``is_tie`` where yes equals no, whatever the majority asks."""

    is_quorate: bool
    passed: bool
    present_needed: int
    yes_needed: int
    is_tie: bool


def judge(roll: Roll, tally: Tally, rule: Rule) -> Result:
    """Judge a vote; not quorate means not passed.

    Raises:
        ValueError: more votes than people present.
    """
    if tally.total > roll.present + roll.written:
        more = f"加书面意见 {roll.written} 份" if roll.written else ""
        raise ValueError(f"{tally.total} 票多于实到 {roll.present} 人{more}")
    counts = {
        Base.ENTITLED: roll.entitled,
        Base.PRESENT: roll.present,
        Base.CAST: tally.yes + tally.no,
    }
    present_needed = rule.attendance.needed(counts[rule.attendance.base])
    yes_needed = rule.majority.needed(counts[rule.majority.base])
    is_quorate = roll.entitled > 0 and roll.present >= present_needed
    passed = is_quorate and tally.yes > 0 and tally.yes >= yes_needed
    return Result(is_quorate, passed, present_needed, yes_needed, tally.yes == tally.no)
