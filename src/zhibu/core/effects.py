"""How an outcome changes the world: effects by name, typed, in the caller's transaction.

Areas register what they can do; packs bind outcomes to names, and lower areas call
upper ones by name (``duties.refresh`` after a move) without importing them.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from pydantic import BaseModel, ConfigDict

from zhibu.core.fields import FieldSpec


class Params(BaseModel):
    """Base of an effect's parameters; strict, nothing extra."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Unfit(Exception):
    """An effect cannot be so; ``faults`` maps its parameters to what to mend, "" is all of
    it; ``columns.name`` is one of the columns it was given.

    Whoever ran it knows where each parameter was written, and shows the fault there.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("".join(faults.values()))
        self.faults = dict(faults)


Run = Callable[[Any, Any, datetime], None]
Columns = Callable[[Mapping[str, Any], Any], Mapping[str, FieldSpec] | None]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A sentence for whoever decides, before it is done; ``url`` where more of it stands."""

    text: str
    url: str = ""


Foresee = Callable[[Mapping[str, Any], Any], list[Foreseen]]


@dataclass(frozen=True, slots=True)
class Effect:
    """``run(params, by, at)``; ``by`` is None for scheduled work. ``for_packs``: an outcome of a
    procedure may bind it; the others are how areas call each other.

    ``columns(constants, packs)``: what an item of a pack that the constants name takes besides,
    as stored values under the parameter ``columns``; None where they name no such item.

    ``foresees(params, user)``: what ``user`` should know before it is done, from the parameters as
    far as they are known by then.

    ``is_seen``: what it writes names the case where others read who may not see confidential
    ones, so that no confidential procedure may bind it.
    """

    name: str
    title: str
    params: type[Params]
    run: Run
    for_packs: bool = False
    columns: Columns | None = None
    is_seen: bool = False
    foresees: Foresee | None = None


_registry: dict[str, Effect] = {}


def effect(
    name: str,
    *,
    title: str,
    params: type[Params],
    for_packs: bool = False,
    columns: Columns | None = None,
    is_seen: bool = False,
    foresees: Foresee | None = None,
) -> Callable[[Run], Run]:
    def register(function: Run) -> Run:
        if name in _registry:
            raise ValueError(f"作用 {name} 登记了两次")
        _registry[name] = Effect(
            name, title, params, function, for_packs, columns, is_seen, foresees
        )
        return function

    return register


def get(name: str) -> Effect:
    """Raises ``KeyError`` for a name nobody registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)


def for_packs() -> list[str]:
    """Names that a pack may bind."""
    return [name for name in names() if _registry[name].for_packs]


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
