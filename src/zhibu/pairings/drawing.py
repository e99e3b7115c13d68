"""Dealing seats to a roll in turn: pure, exact, no clock, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from zhibu.packs.schema.pair_kinds import Shift


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """One person's place in a shift; ``number`` tells apart those of one shift."""

    starts_at: datetime
    ends_at: datetime
    on: date
    shift: str
    number: int


class Impossible(Exception):
    """There are too few people; ``needed`` is how many it takes, ``at`` where it first lacks."""

    def __init__(self, needed: int, at: datetime) -> None:
        super().__init__(f"{needed} {at}")
        self.needed, self.at = needed, at


def moments(shift: Shift, on: date) -> tuple[datetime, datetime]:
    """When the shift of a day begins and ends, in local time."""
    midnight = timezone.make_aware(datetime.combine(on, time()))
    since, until = (midnight + timedelta(minutes=one) for one in shift.span)
    return since, until


def seats(shifts: Sequence[Shift], per_shift: int, since: date, until: date) -> list[Seat]:
    """Every seat of ``[since, until)``, by beginning, then end."""
    found = []
    for offset in range((until - since).days):
        on = since + timedelta(days=offset)
        for shift in shifts:
            begins, ends = moments(shift, on)
            found += [Seat(begins, ends, on, shift.id, number) for number in range(per_shift)]
    return sorted(found)


def dealt(some: Sequence[Seat], people: int, rest: timedelta) -> list[int]:
    """For each of ``some`` (from ``seats``), whose turn it is: 0, 1, … ``people`` - 1, and again.

    Nobody has two at once or closer than ``rest``; counts differ by one at most. Where no shift
    lies inside another this finds a way whenever there is one.

    Raises:
        Impossible: more seats lie closer together than there are people.
    """
    needed, at = crowd(some, rest)
    if needed > people and at is not None:
        raise Impossible(needed, at)
    return [index % people for index in range(len(some))]


def crowd(some: Sequence[Seat], rest: timedelta) -> tuple[int, datetime | None]:
    """The most seats of which each two are too close for one person, and where they begin."""
    most, at, first = 0, None, 0
    for index, seat in enumerate(some):
        while not too_close(some[first].ends_at, seat.starts_at, rest):
            first += 1
        if index - first + 1 > most:
            most, at = index - first + 1, some[first].starts_at
    return most, at


def too_close(ends_at: datetime, starts_at: datetime, rest: timedelta) -> bool:
    """Whether one person cannot have both: the later begins before ``rest`` is over. One that
    begins the moment the other ends, or just as ``rest`` is over, is not too close."""
    return starts_at < ends_at + rest


def clash(
    one: tuple[datetime, datetime], other: tuple[datetime, datetime], rest: timedelta
) -> bool:
    """``too_close`` of two spans, whichever is the earlier."""
    first, second = sorted((one, other))
    return too_close(first[1], second[0], rest)
