"""Who was present where: answered by the area that keeps attendance, asked by lower ones."""

from collections.abc import Callable, Collection, Iterable
from datetime import date

Provider = Callable[[Collection[int], Collection[str], date], Iterable[tuple[int, int]]]
_providers: list[Provider] = []


def provides(function: Provider) -> Provider:
    """Register a source of attendance; all sources are joined."""
    if function not in _providers:
        _providers.append(function)
    return function


def of(people: Collection[int], kinds: Collection[str], since: date) -> set[tuple[int, int]]:
    """Source and person: who of ``people`` was at which activity of ``kinds`` from ``since`` on.

    Only what took place and counts; somebody who sat in was there. One query a source.
    """
    if not people or not kinds:
        return set()
    return {pair for provider in _providers for pair in provider(people, kinds, since)}
