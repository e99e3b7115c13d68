"""How an outcome changes the world: effects by name, typed, in the caller's transaction.

Areas register what they can do; packs bind outcomes to names, and lower areas call
upper ones by name (``duties.refresh`` after a move) without importing them.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from pydantic import BaseModel, ConfigDict


class Params(BaseModel):
    """Base of an effect's parameters; strict, nothing extra."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Run = Callable[[Any, Any, datetime], None]


@dataclass(frozen=True, slots=True)
class Effect:
    """``run(params, by, at)``; ``by`` is None for scheduled work."""

    name: str
    title: str
    params: type[Params]
    run: Run


_registry: dict[str, Effect] = {}


def effect(name: str, *, title: str, params: type[Params]) -> Callable[[Run], Run]:
    def register(function: Run) -> Run:
        if name in _registry:
            raise ValueError(f"作用 {name} 登记了两次")
        _registry[name] = Effect(name, title, params, function)
        return function

    return register


def get(name: str) -> Effect:
    """Raises ``KeyError`` for a name nobody registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)


def run(name: str, *, by: Any, at: datetime, **params: Any) -> None:
    """Run an effect inside the current transaction.

    Raises:
        TransactionManagementError: there is no transaction.
        ValidationError: the parameters are not the effect's.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(f"作用 {name} 要在事务里执行")
    known = _registry[name]
    known.run(known.params.model_validate(params), by, at)


# --- work that several effects in a row ask for, done once at the end

Finish = Callable[[list[int]], None]
_waiting: ContextVar[dict[Hashable, tuple[set[int], Finish]] | None] = ContextVar(
    "waiting", default=None
)


@contextmanager
def gathered(*, is_kept: bool = True) -> Iterator[None]:
    """Within this block what is put off waits, and is done once at the block's end.

    Not where the block raises, and not where it is taken back anyway (``is_kept`` false).
    """
    waiting: dict[Hashable, tuple[set[int], Finish]] = {}
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    if is_kept:
        for items, finish in waiting.values():
            finish(sorted(items))


def put_off(key: Hashable, items: Iterable[int], finish: Finish) -> bool:
    """Whether ``items`` wait for the end of a block; what waits under one ``key`` is finished
    together, by the first ``finish``. False outside a block: then it is the caller's turn."""
    waiting = _waiting.get()
    if waiting is None:
        return False
    waiting.setdefault(key, (set(), finish))[0].update(items)
    return True
