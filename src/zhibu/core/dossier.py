"""Everything held on one person, told by the areas that hold it.

Each area registers sections for the tables where a person stands; the file a person may take
along is made of all of them. A test compares the sections with the columns that point to a
person, so that no table is forgotten.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

Rows = Callable[[int], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Section:
    """``rows(person_id)`` gives one line a row, values in the order of ``columns``.

    ``covers`` are the models told of.
    """

    title: str
    order: int
    columns: tuple[str, ...]
    covers: tuple[type[models.Model], ...]
    rows: Rows


_sections: list[Section] = []


def section(
    title: str, *, order: int, columns: Sequence[str], covers: Sequence[type[models.Model]]
) -> Callable[[Rows], Rows]:
    """Register a function as the section of that title."""

    def register(function: Rows) -> Rows:
        if any(known.title == title for known in _sections):
            raise ValueError(f"“{title}”登记了两次")
        _sections.append(Section(title, order, tuple(columns), tuple(covers), function))
        return function

    return register


def sections() -> list[Section]:
    return sorted(_sections, key=lambda section: section.order)
