"""What goes along when organisations end and others take their place.

The tree decides who succeeds whom on which day; what an area keeps of an organisation it
moves itself, by an effect of its own that takes ``Follow``. Before that it says how much
there is, and who could be told where to go, so that a preview shows it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from zhibu.core.effects import Params


class Follow(Params):
    """Where to go on a day.

    ``homes``: each organisation that ends, and who takes its place for all that is told
    nothing else. ``people`` are told by id, ``groups`` are party groups and those formed in
    their stead, ``posts`` the posts of such groups. ``about`` is the organisation whose
    history names it.
    """

    on: date
    about: int
    homes: dict[int, int]
    people: dict[int, int] = {}
    groups: dict[int, int] = {}
    posts: dict[int, int] = {}


Counts = Callable[[Collection[int], date], dict[int, int]]


@dataclass(frozen=True, slots=True)
class Following:
    """``counts(ids, on)``: how many of each organisation go along; ``note`` says what becomes
    of them. ``effect`` moves them. Lower ``order`` goes first."""

    effect: str
    title: str
    unit: str
    note: str
    counts: Counts
    order: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of an organisation that is divided, and the party group they are in."""

    person: int
    name: str
    group: int | None


Roster = Callable[[int, date], list[Member]]
_followings: dict[tuple[str, str], Following] = {}
_rosters: list[Roster] = []


def follows(following: Following) -> None:
    _followings[following.effect, following.title] = following


def followings() -> list[Following]:
    return sorted(_followings.values(), key=lambda each: (each.order, each.title))


def names_people(roster: Roster) -> None:
    """Register who knows the people of an organisation on a day."""
    if roster not in _rosters:
        _rosters.append(roster)


def members(organization: int, on: date) -> list[Member]:
    """The people who must be told where to go when ``organization`` is divided."""
    return [member for roster in _rosters for member in roster(organization, on)]
