"""Which columns point to a person, so that two records of one person can become one.

Areas register their columns; ``people`` rewires them all in one transaction. A test lists
every column that could point to a person and fails for one that nobody registered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

Record = tuple[type[models.Model], str]
Gone = list[tuple[str, int]]
Move = Callable[[int, int], Gone]


@dataclass(frozen=True, slots=True)
class Pointer:
    """``model.column`` names a person by id.

    ``record`` is the protected record a row belongs to and the column that names it, where
    the ledger has to hear of the change. ``move(kept, gone)`` is the column's own way where
    an update would run into a constraint: what then falls away is the area's to decide. It
    gives the protected records (name in the ledger, id) that are no more.
    """

    model: type[models.Model]
    column: str
    record: Record | None = None
    move: Move | None = None
    only: Mapping[str, object] = field(default_factory=dict)

    def rows(self, person: int) -> models.QuerySet[Any]:
        manager: Any = self.model._base_manager
        found: models.QuerySet[Any] = manager.filter(**{self.column: person, **self.only})
        return found


_pointers: dict[tuple[str, str], Pointer] = {}


def points_to_person(
    model: type[models.Model],
    column: str,
    *,
    record: Record | None = None,
    move: Move | None = None,
    only: Mapping[str, object] | None = None,
) -> None:
    """Register a column (its attribute name, ``person_id``).

    ``only``: the rows in which it names a person, where the column may name other things.
    """
    key = (model._meta.label_lower, column)
    if key in _pointers:
        raise ValueError(f"{key} 登记了两次")
    _pointers[key] = Pointer(model, column, record, move, only or {})


def pointers() -> list[Pointer]:
    return [_pointers[key] for key in sorted(_pointers)]


def records_of(pointer: Pointer, person: int) -> set[tuple[type[models.Model], int]]:
    """The protected records in which ``pointer`` names ``person``. One query."""
    if pointer.record is None:
        return set()
    model, column = pointer.record
    return {(model, pk) for pk in pointer.rows(person).values_list(column, flat=True)}


def move(pointer: Pointer, kept: int, gone: int) -> tuple[int, Gone]:
    """Let rows that name ``gone`` name ``kept``; how many there were, and what fell away."""
    count = pointer.rows(gone).count()
    if pointer.move is not None:
        return count, pointer.move(kept, gone)
    pointer.rows(gone).update(**{pointer.column: kept})
    return count, []
