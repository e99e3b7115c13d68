"""A cross-table as a sheet: done and owed each in a column of their own."""

from collections.abc import Iterator, Sequence

from zhibu.core import excel
from zhibu.insight.tables import Cell, Table

Lines = list[tuple[str, list[Cell], bool]]


def lines(table: Table) -> Lines:
    """The rows of the table; the sums last, marked."""
    rows: Lines = [(line.word, line.cells, False) for line in table.lines]
    if table.sums:
        whole = [table.whole] if table.whole and table.question.column else []
        rows.append(("合计", [*table.sums, *whole], True))
    return rows


def columns(table: Table) -> list[excel.Column]:
    found = [excel.Column(table.question.row.title, 26)]
    for word in table.columns:
        if table.question.subject.has_total:
            subject = table.question.subject
            found += [
                excel.Column(f"{word} {title}", 12) for title in (subject.counts, subject.out_of)
            ]
        else:
            found.append(excel.Column(f"{word}（{table.question.subject.unit}）", 12))
    return found


def values(cells: Sequence[Cell]) -> Iterator[int]:
    for cell in cells:
        yield cell.figure.count
        if cell.figure.total is not None:
            yield cell.figure.total
