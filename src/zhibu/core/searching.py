"""What the one search box looks through: sections, registered by the areas that own the rows.

An area says how its rows are found, within what the user may see, and how one is written
down; the page draws the sections without knowing whose they are. What must not stand in an
address (somebody's number) is said by the area that knows such numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from zhibu.core import navigation

if TYPE_CHECKING:
    from zhibu.accounts.models import User

MOST = 10
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """One row that was found: what it is called, one line about it, its address."""

    title: str
    url: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind. ``rows(user, text, on)`` gives those that fit and that ``user`` may
    see, in the order of their own list, as a query set or a sequence: it is cut here.

    ``shown(user)`` says whether the user has such a list at all. ``list_url`` names the list
    that takes the same words as ``q``; "" where the section has none.
    """

    title: str
    icon: str
    order: int
    shown: Callable[["User"], bool]
    rows: Callable[["User", str, date], Any]
    hit: Callable[[Any], Hit]
    list_url: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A section's first rows, at most ``MOST``; ``more`` is the address of all of them, ""
    where these are all or where there is no such list."""

    section: Section
    hits: Sequence[Hit]
    more: str


_sections: list[Section] = []
_withheld: list[Callable[[str], bool]] = []


def register(section: Section) -> None:
    _sections.append(section)


def withholds(test: Callable[[str], bool]) -> None:
    """Register what must not stand in an address: ``test(text)`` is true of it."""
    _withheld.append(test)


def is_withheld(text: str) -> bool:
    return any(test(text) for test in _withheld)


def sections(user: "User") -> list[Section]:
    """Where ``user`` may look, in order."""
    return sorted((s for s in _sections if s.shown(user)), key=lambda s: s.order)


def find(user: "User", text: str, on: date) -> list[Found]:
    """What fits ``text`` by section, empty sections left out; [] of "" and of what is withheld.

    One query a section, and one more where a row needs its own rows.
    """
    if not text or is_withheld(text):
        return []
    found = []
    for section in sections(user):
        rows = list(section.rows(user, text, on)[: MOST + 1])
        if rows:
            hits = [section.hit(row) for row in rows[:MOST]]
            has_more = len(rows) > MOST and section.list_url
            more = f"{reverse(section.list_url)}?{urlencode({'q': text})}" if has_more else ""
            found.append(Found(section, hits, more))
    return found


def _pages(user: "User", text: str, on: date) -> list[navigation.Entry | navigation.Way]:
    wanted = text.casefold()
    known: list[navigation.Entry | navigation.Way] = [*navigation.entries(user)]
    known += navigation.ways(user)
    return [way for way in known if wanted in way.title.casefold() or wanted in way.words]


register(
    Section(
        title="功能",
        icon="right",
        order=0,
        shown=lambda user: True,
        rows=_pages,
        hit=lambda way: Hit(way.title, reverse(way.url_name)),
    )
)
