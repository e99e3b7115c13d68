"""What may be made public from a record, and how it is masked.

Areas register a drafting function per kind of record; area ``publishing`` reads them.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a draft. ``masked`` says that something was left out or covered."""

    label: str
    text: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A disclosure drawn from a record, never typed again."""

    title: str
    lines: tuple[Line, ...]


Compose = Callable[[int], Draft]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """``compose(record id)`` gives the draft as an outsider would see it."""

    name: str
    title: str
    compose: Compose


_registry: dict[str, Disclosure] = {}


def disclosure(name: str, *, title: str) -> Callable[[Compose], Compose]:
    def register(function: Compose) -> Compose:
        if name in _registry:
            raise ValueError(f"公开内容 {name} 登记了两次")
        _registry[name] = Disclosure(name, title, function)
        return function

    return register


def get(name: str) -> Disclosure:
    """Raises ``KeyError`` for a name nobody registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)
