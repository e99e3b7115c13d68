"""Conditions of packs: named predicates joined by all, any, none. Nothing else.

A predicate answers for many subjects at once, ``(ids, on) -> ids that satisfy it``, so
that a county is judged in as many queries as a branch.
"""

from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zhibu.core import shapes

Subject = Literal["organization", "party-group", "person", "post", "case"]
T = TypeVar("T")


class Params(BaseModel):
    """Base of a predicate's parameters; strict, nothing extra."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Holds = Callable[[Collection[int], date, Any], set[int]]


@dataclass(frozen=True, slots=True)
class Predicate:
    """``holds(ids, on, params)`` gives the ids for which it is true on that day.

    ``title`` says it in words, with its parameters in braces: 正式党员不少于 {count} 人.
    """

    name: str
    subject: Subject
    title: str
    params: type[Params]
    holds: Holds


_registry: dict[str, Predicate] = {}


def predicate(
    name: str, *, subject: Subject, title: str, params: type[Params] = Params
) -> Callable[[Holds], Holds]:
    """Register ``function`` under ``name``; a second registration is an error."""

    def register(function: Holds) -> Holds:
        if name in _registry:
            raise ValueError(f"条件 {name} 登记了两次")
        _registry[name] = Predicate(name, subject, title, params, function)
        return function

    return register


Turned = Callable[[Collection[int], date, Any], dict[int, date]]
_turned: dict[str, Turned] = {}


def turned(name: str) -> Callable[[Turned], Turned]:
    """Register since when a predicate has been as it is, ``(ids, on) -> day`` by id.

    True since, for subjects it holds for, untrue since for the others; an id whose day
    nobody knows is left out.
    """

    def register(function: Turned) -> Turned:
        if name in _turned:
            raise ValueError(f"条件 {name} 的起始日登记了两次")
        _turned[name] = function
        return function

    return register


def get(name: str) -> Predicate:
    """Raises ``KeyError`` for a name nobody registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)


class Test(BaseModel):
    """One predicate with constants, as a pack writes it."""

    __test__ = False
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    is_: str
    with_: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        """``{ is = "x", days = 3 }``: everything beside ``is`` is a parameter."""
        if isinstance(value, str):
            return {"is_": value}
        if isinstance(value, dict) and "is" in value:
            return {"is_": value["is"], "with_": {k: v for k, v in value.items() if k != "is"}}
        return value

    def faults(self, subject: Subject) -> list[str]:
        if self.is_ not in _registry:
            return [f"没有条件“{self.is_}”，可用的有 {'、'.join(names())}"]
        known = _registry[self.is_]
        if known.subject != subject:
            return [f"条件“{self.is_}”说的是 {known.subject}，这里要 {subject}"]
        try:
            known.params.model_validate(self.with_)
        except ValidationError as error:
            return [
                f"条件“{self.is_}”的参数 {shapes.place(fault)}：{shapes.message(fault)}"
                for fault in error.errors()
            ]
        return []

    def satisfied_by(self, ids: Collection[int], on: date) -> set[int]:
        known = _registry[self.is_]
        return known.holds(ids, on, known.params.model_validate(self.with_))


class Condition(BaseModel):
    """True where all of ``all``, some of ``any`` (if given) and none of ``none`` hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    all: list[Test] = Field(default=[], description="全都要满足")
    any: list[Test] = Field(default=[], description="满足一个就行")
    none: list[Test] = Field(default=[], description="一个都不能满足")

    @property
    def tests(self) -> list[Test]:
        return [*self.all, *self.any, *self.none]

    def faults(self, subject: Subject) -> list[str]:
        return [fault for test in self.tests for fault in test.faults(subject)]

    def satisfied_by(self, ids: Collection[int], on: date) -> set[int]:
        """The subjects among ``ids`` that meet the condition on ``on``."""
        left = set(ids)
        for test in self.all:
            left &= test.satisfied_by(left, on)
        if self.any:
            left &= set().union(*(test.satisfied_by(left, on) for test in self.any))
        for test in self.none:
            left -= test.satisfied_by(left, on)
        return left


_facts: ContextVar[dict[str, Any] | None] = ContextVar("facts", default=None)


def shared(name: str, read: Callable[[], T]) -> T:
    """What ``read`` gives, read once within an ``Asking``: predicates may live on one fact.

    ``name`` stands for the fact; the subjects and the day are the asking's.
    """
    facts = _facts.get()
    if facts is None:
        return read()
    if name not in facts:
        facts[name] = read()
    found: T = facts[name]
    return found


def since(condition: Condition, ids: Collection[int], on: date) -> dict[int, date]:
    """Since when each of ``ids``, which meet ``condition`` on ``on``, has met it.

    The latest turn among its tests; an id without a known one is left out. A query or two
    a test that registered ``turned``.
    """
    found: dict[int, date] = {}
    for test in condition.tests:
        if test.is_ in _turned:
            params = _registry[test.is_].params.model_validate(test.with_)
            for pk, day in _turned[test.is_](ids, on, params).items():
                found[pk] = max(day, found.get(pk, day))
    return found


class Asking:
    """Many conditions asked about the same subjects on the same day.

    Each test is asked once, of all subjects, and facts that several predicates live on
    are read once. Nothing outlives it.
    """

    def __init__(self, ids: Collection[int], on: date) -> None:
        self.ids = frozenset(ids)
        self.on = on
        self._facts: dict[str, Any] = {}
        self._answers: dict[str, set[int]] = {}

    def meets(self, condition: Condition | None) -> set[int]:
        """The subjects that meet ``condition``; all of them where there is none."""
        left = set(self.ids)
        if condition is None:
            return left
        for test in condition.all:
            left &= self._answer(test)
        if condition.any:
            left &= set().union(*(self._answer(test) for test in condition.any))
        for test in condition.none:
            left -= self._answer(test)
        return left

    def _answer(self, test: Test) -> set[int]:
        key = repr(test)
        if key not in self._answers:
            token = _facts.set(self._facts)
            try:
                self._answers[key] = test.satisfied_by(self.ids, self.on)
            finally:
                _facts.reset(token)
        return self._answers[key]
