"""The entries of the navigation, registered by the areas whose pages they open.

An entry appears where its test says so; five of a role's list make the phone's bottom
bar. No area, no entry: never an empty page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhibu.accounts.models import User


@dataclass(frozen=True, slots=True)
class Entry:
    """One place to go. ``order`` sorts; ``section`` draws the line between groups.

    ``shown(user)`` says whether the user has anything there; ``count(user)`` the red number.
    ``is_main`` marks the one entry drawn as the action (记一次). ``bar`` is its rank when
    the phone's bar has room for four: the lowest stay, the rest go under 更多. ``words`` are
    what else people call it: the search box knows them.
    """

    title: str
    url_name: str
    icon: str
    order: int
    section: int
    shown: Callable[["User"], bool]
    count: Callable[["User"], int] | None = None
    is_main: bool = False
    bar: int = 50
    words: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A page that the navigation has no room for, found by the search box: its ``title`` and
    other ``words`` people call it by."""

    title: str
    url_name: str
    shown: Callable[["User"], bool]
    words: str = ""


_entries: list[Entry] = []
_ways: list[Way] = []


def register(entry: Entry) -> None:
    _entries.append(entry)


def also(way: Way) -> None:
    _ways.append(way)


def ways(user: "User") -> list[Way]:
    """What ``user`` may open beside the navigation, as registered."""
    return [way for way in _ways if way.shown(user)]


def entries(user: "User") -> list[Entry]:
    """What ``user`` sees, in order."""
    return sorted((e for e in _entries if e.shown(user)), key=lambda e: (e.section, e.order))
