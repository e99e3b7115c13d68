"""What a request reads once: kept until it ends, or until an action changes it.

Outside a request everything is read each time.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_memory: ContextVar[dict[str, dict[Hashable, Any]] | None] = ContextVar("once", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """Within this block what is asked through ``read`` is read once."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def read(name: str, key: Hashable, reader: Callable[[], T]) -> T:
    """What ``reader`` gives, or gave in this request for the same ``name`` and ``key``."""
    memory = _memory.get()
    if memory is None:
        return reader()
    kept = memory.setdefault(name, {})
    if key not in kept:
        kept[key] = reader()
    found: T = kept[key]
    return found


def forget(name: str) -> None:
    """Called by every action that changes what is read under ``name``."""
    memory = _memory.get()
    if memory is not None:
        memory.pop(name, None)
