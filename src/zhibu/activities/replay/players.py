"""Areas above that have a part in examples: what they do on a day, and what they look at."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Protocol

from zhibu.activities.replay.cases import Cases
from zhibu.activities.replay.situation import Situation
from zhibu.packs.schema.examples import Example


class Player(Protocol):
    """``deeds`` happen at noon, after cases; ``looks`` in the evening."""

    def deeds(self) -> Iterator[tuple[date, Callable[[], None]]]: ...
    def looks(self) -> Iterator[tuple[date, Callable[[], None]]]: ...


Make = Callable[[Situation, Example, list[str], Cases], Player]
_made: list[Make] = []


def register(make: Make) -> None:
    """``make(situation, example, differences, cases)``; differences are added to that list."""
    if make not in _made:
        _made.append(make)


def known() -> list[Make]:
    return list(_made)
