"""Materialised paths of the tree: fixed-width steps, ranges instead of LIKE.

A path is the concatenation of one step per level. The subtree of ``p`` is the range
``p <= path < p + "~"``, which an index answers on both databases (measured in
``benchmarks/``). Models that carry a copy of an organisation's path register here, so
that a move rewrites them without the tree knowing them.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr

from zhibu.core.bytewise import BytewiseCharField

STEP = 4
DEEPEST = 12
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROOM = 65_536  # kB
AFTER = "~"  # sorts after every digit in the C collation


def step(number: int) -> str:
    """``number`` as one step: four base-36 digits.

    Raises:
        ValueError: outside 1 to 1,679,615.
    """
    if not 0 < number < 36**STEP:
        raise ValueError(f"{number} 超出路径一级的范围")
    digits = ""
    for _ in range(STEP):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits


def numbers(path: str) -> list[int]:
    """The numbers of the steps of ``path``, root first: the inverse of ``step``."""
    return [int(path[i : i + STEP], 36) for i in range(0, len(path), STEP)]


def ancestors(path: str) -> list[str]:
    """Every prefix of ``path`` that is a node, root first, ``path`` itself last."""
    return [path[:end] for end in range(STEP, len(path) + 1, STEP)]


def depth(path: str) -> int:
    """0 for the root."""
    return len(path) // STEP - 1


def is_under(path: str, top: str) -> bool:
    """Whether ``path`` is ``top`` or below it."""
    return path.startswith(top)


def under(top: str, field: str = "path") -> Q:
    """Rows whose ``field`` is ``top`` or below it, as an index range."""
    return Q(**{f"{field}__gte": top, f"{field}__lt": top + AFTER})


def nothing() -> Q:
    """A filter that no row passes."""
    return Q(pk__in=[])


def everything() -> Q:
    """A filter that every row passes, also when joined by or: an empty ``Q`` would vanish."""
    return ~nothing()


def within(trees: Collection[str], places: Collection[str], field: str = "path") -> Q:
    """Rows whose ``field`` is one of ``places`` or lies under one of ``trees``; none if both
    are empty. What lies under another tree adds nothing and is left out, as is an empty
    path, which is nowhere."""
    found = nothing()
    kept: list[str] = []
    for top in sorted(filter(None, trees)):
        if not (kept and is_under(top, kept[-1])):
            kept.append(top)
            found |= under(top, field)
    for place in sorted(filter(None, places)):
        if not any(is_under(place, top) for top in kept):
            found |= Q(**{field: place})
    return found


class PathField(BytewiseCharField):
    """A path column."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", STEP * DEEPEST)
        super().__init__(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class Copy:
    """A model that carries a copied path in ``field``."""

    model: type[models.Model]
    field: str


_copies: list[Copy] = []


def carries_copy(model: type[models.Model], field: str = "path") -> None:
    """Register ``model`` as carrying a copy that a move must rewrite."""
    copy = Copy(model, field)
    if copy not in _copies:
        _copies.append(copy)


def copies() -> tuple[Copy, ...]:
    return tuple(_copies)


def rewrite(old: str, new: str) -> int:
    """Replace the prefix ``old`` by ``new`` on every registered copy; rows changed.

    Call inside the move's transaction. One UPDATE a model.
    """
    changed = 0
    with _room_for_many():
        for copy in _copies:
            tail = Substr(F(copy.field), len(old) + 1)
            manager = copy.model._base_manager
            changed += manager.filter(under(old, copy.field)).update(
                **{copy.field: Concat(Value(new), tail)}
            )
    return changed


@contextmanager
def _room_for_many() -> Iterator[None]:
    """SQLite keeps 2 MB of pages and writes the rest out again and again; a subtree's people
    fit into 64 MB. It halves the work of a large move (``benchmarks/moves.py``)."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("pragma cache_size")
        (usual,) = cursor.fetchone()
        cursor.execute(f"pragma cache_size = {-ROOM}")
        try:
            yield
        finally:
            cursor.execute(f"pragma cache_size = {int(usual)}")
