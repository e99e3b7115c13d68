"""What areas above play of an example: they register who does."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol

from zhibu.activities.replay.cases import Cases
from zhibu.activities.replay.registers import Registers
from zhibu.activities.replay.situation import Situation
from zhibu.packs.schema.examples import Example

Step = tuple[date, Callable[[], None]]


class Player(Protocol):
    """Plays one part of an example. Differences are added to the list it was given."""

    def __init__(
        self,
        situation: Situation,
        example: Example,
        differences: list[str],
        cases: Cases,
        registers: Registers,
    ) -> None: ...

    def days(self) -> Iterable[Step]:
        """What happens, each with its day, in the order of the example."""

    def looks(self) -> Iterable[Step]:
        """What is looked at in the evening of a day."""


_players: list[type[Player]] = []


def plays(player: type[Player]) -> type[Player]:
    """Register a player of an area above."""
    if player not in _players:
        _players.append(player)
    return player


def players() -> list[type[Player]]:
    return list(_players)
