"""How many there may be of something: asked where a row is written, answered by who knows caps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that is, or is about to be, in ``book`` (pack:register) of an organisation from ``on``,
    with stored ``values``. ``row`` is its id where it is there already: it is not counted then."""

    book: str
    organization: Any
    on: date
    values: Mapping[str, Any]
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What one cap leaves: ``used`` of ``most`` in ``period``, the row in question not counted.

    ``group`` tells which rows are counted together, no two the same of two organisations.
    ``over_with``: the column that lets a row go beyond, "" where nothing does; ``is_excused``: it
    is filled.
    """

    cap: str
    group: tuple[str, ...]
    title: str
    period: str
    used: int
    most: int
    cited: str
    over_with: str = ""
    is_excused: bool = False

    @property
    def is_full(self) -> bool:
        return self.used >= self.most

    def in_words(self) -> str:
        """全年会议：2026年最多 12 次，已经有 11."""
        return f"{self.title}：{self.period}最多 {self.most}，已经有 {self.used}"


@dataclass(frozen=True, slots=True)
class Provider:
    """``is_capped``: whether anything caps a book. ``rooms``: the caps that hold for an entry.
    ``counted_in``: ids of the organisations, others than its own, in which it is counted: whoever
    writes it locks them first, the highest first."""

    is_capped: Callable[[str], bool]
    rooms: Callable[[Entry], list[Room]]
    counted_in: Callable[[Entry], list[int]]


_providers: list[Provider] = []


def register(provider: Provider) -> None:
    _providers.append(provider)


def is_capped(book: str) -> bool:
    """Spares whoever writes many rows the question of each."""
    return any(provider.is_capped(book) for provider in _providers)


def rooms(entry: Entry) -> list[Room]:
    return [room for provider in _providers for room in provider.rooms(entry)]


def counted_in(entry: Entry) -> list[int]:
    return [pk for provider in _providers for pk in provider.counted_in(entry)]
