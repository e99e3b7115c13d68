"""What is open on a post when it goes to the next holder, told by the areas that know.

An area registers what it finds and, where the thing itself can go to the successor, how.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Post:
    """Who hands over what post where. ``group_id`` is the party group of a group's post."""

    post_id: int
    organization_id: int
    group_id: int | None
    person_id: int


@dataclass(frozen=True, slots=True)
class Item:
    """One open thing; ``id`` is the area's own number for it, ``url`` where it is seen."""

    area: str
    id: int
    title: str
    about: str = ""
    due_on: date | None = None
    url: str = ""

    def frozen(self) -> dict[str, Any]:
        """As plain JSON, for the list that both sign."""
        return {**asdict(self), "due_on": self.due_on.isoformat() if self.due_on else ""}


Open = Callable[[Post, date], Iterable[Item]]
Take = Callable[[Collection[int], int, Any, datetime], None]


@dataclass(frozen=True, slots=True)
class Provider:
    """``open(post, on)`` lists; ``take(ids, successor, by, at)`` passes them on, if it can."""

    area: str
    title: str
    order: int
    open: Open
    take: Take | None = None


_providers: dict[str, Provider] = {}


def provides(
    area: str, *, title: str, order: int, take: Take | None = None
) -> Callable[[Open], Open]:
    """Register what ``area`` has open; the title heads its part of the list."""

    def register(function: Open) -> Open:
        if area in _providers:
            raise ValueError(f"{area} 登记了两次")
        _providers[area] = Provider(area, title, order, function, take)
        return function

    return register


def providers() -> list[Provider]:
    return sorted(_providers.values(), key=lambda provider: provider.order)


def open_on(post: Post, on: date) -> list[Item]:
    """Everything open, area by area."""
    return [item for provider in providers() for item in provider.open(post, on)]
