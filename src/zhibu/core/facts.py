"""Dated facts that duties are reckoned from: named days of organisations and people.

A fact answers for many subjects at once, ``(ids, since, until) -> days``, so that a county
costs as many queries as a branch.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

Subject = Literal["organization", "person"]
Over = Callable[[Collection[int], date, date], dict[int, list[date]]]


@dataclass(frozen=True, slots=True)
class Fact:
    """``over(ids, since, until)`` gives each id's days in ``[since, until)``, oldest first.

    An id without one, or whose day nobody knows, is left out. ``title`` is what people
    call the day: 届满日.
    """

    name: str
    subject: Subject
    title: str
    over: Over


_registry: dict[str, Fact] = {}


def fact(name: str, *, subject: Subject, title: str) -> Callable[[Over], Over]:
    """Register ``function`` under ``name``; a second registration is an error."""

    def register(function: Over) -> Over:
        if name in _registry:
            raise ValueError(f"日期 {name} 登记了两次")
        _registry[name] = Fact(name, subject, title, function)
        return function

    return register


def get(name: str) -> Fact:
    """Raises ``KeyError`` for a name nobody registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)


def faults(name: str, subject: Subject) -> list[str]:
    """What is wrong with naming a fact for such a subject; [] where nothing is."""
    if name not in _registry:
        return [f"没有日期“{name}”，可用的有 {'、'.join(names())}"]
    known = _registry[name]
    if known.subject != subject:
        return [f"日期“{name}”说的是 {known.subject}，这里要 {subject}"]
    return []
