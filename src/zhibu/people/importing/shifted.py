"""Rows whose values slipped one column to the side: an inserted or a deleted cell."""

from collections.abc import Callable

from zhibu.imports import values
from zhibu.imports.cells import Cells, Trouble
from zhibu.imports.reading import Cell
from zhibu.imports.values import matching, show
from zhibu.people import id_numbers
from zhibu.people.importing.words import words

_TELLING = frozenset(
    {
        "missing_name", "odd_name", "unknown_sex", "missing_id", "bad_id_length",
        "bad_id_characters", "bad_date", "unknown_category", "unknown_ethnicity",
        "missing_category", "missing_sex", "unknown_branch", "missing_branch", "id_as_number",
    }
)  # fmt: skip


def _is_day(cell: Cell) -> bool:
    found = values.day(cell)
    return found.day is not None and found.how in {"", "form", "month"}


_FITS: dict[str, Callable[[Cell], bool]] = {
    "sex": lambda cell: matching(show(cell)) in words().sex,
    "ethnicity": lambda cell: (
        show(cell).strip() in words().ethnicity or f"{show(cell).strip()}族" in words().ethnicity
    ),
    "born_on": _is_day,
    "id_number": lambda cell: id_numbers.read(cell).fault in {"", "bad_check_digit"},
    "joined_on": _is_day,
    "confirmed_on": _is_day,
    "category": lambda cell: matching(show(cell)) in words().category,
}


def may_be(cells: Cells) -> bool:
    """Whether so much is wrong with the row that it may have slipped."""
    return len({t.field for t in cells.troubles if t.code in _TELLING}) >= 3


def say(cells: Cells) -> None:
    """Say of each slipped cell that it has, instead of what is wrong with it by itself."""
    for step, side in ((1, "右"), (-1, "左")):
        moved = _moved(cells, step)
        if len(moved) < 3 or ("id_number" not in moved and len(moved) < 4):
            continue
        columns = cells.table.columns
        first = min(columns[name].index for name in moved) - 1  # where a cell came in or went
        slipped = [name for name, column in columns.items() if column.index >= first]
        kept = [t for t in cells.troubles if t.field not in slipped]
        for name in slipped:
            if name not in moved and not any(t.field == name for t in cells.troubles):
                continue
            shown = _masked(cells, name)
            title = cells.heading(name)
            text = f"“{shown}”不是{title}" if shown else f"{title}空着"
            message = f"{text}：这一行的内容像是往{side}错了一格。请把这一行对齐标题。"
            kept.append(Trouble(name, "shifted_row", shown or None, message, is_error=True))
        cells.troubles = kept
        return


def _moved(cells: Cells, step: int) -> set[str]:
    """Fields whose cell does not fit while the one beside it does."""
    moved = set()
    for name, fits in _FITS.items():
        column = cells.table.columns.get(name)
        if column is None:
            continue
        beside = column.index + step
        if not 0 <= beside < len(cells.row.cells):
            continue
        here, there = cells.row.cells[column.index], cells.row.cells[beside]
        if there != "" and not fits(here) and fits(there):
            moved.add(name)
    return moved


def _masked(cells: Cells, name: str) -> str:
    """What stands in the cell, covered where it may be an identity number."""
    shown = cells.shown(name)
    digits = sum(c.isdigit() for c in shown)
    return f"{shown[:2]}****{shown[-2:]}" if digits >= 11 else shown
