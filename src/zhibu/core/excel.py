"""Writing lists as Excel files: one writer for every export.

Text stays text: a cell that begins with ``=`` or looks like a link is not turned into
one. Every sheet says what it is, as of which day, and whether it is demo data.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import xlsxwriter
from django.conf import settings

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 2**20  # bytes; a longer file is written to disk
DEMO_LINE = "演示数据，纯属虚构"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and its width in characters."""

    title: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a workbook; ``name`` is its tab, at most 31 characters."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    note: str = ""


def workbook(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    note: str = "",
    made_at: datetime | None = None,
) -> bytes:
    """An .xlsx of one sheet: title, note, headings, rows.

    With ``made_at`` the file says that it was made then, and is the same whenever it is made.
    """
    return book([Sheet("表", title, columns, rows, note)], made_at=made_at)


def book(sheets: Iterable[Sheet], *, made_at: datetime | None = None) -> bytes:
    """An .xlsx of several sheets, each as ``workbook`` makes its one."""
    with _written(sheets, made_at) as file:
        return file.read()


def file(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, note: str = ""
) -> IO[bytes]:
    """What ``workbook`` makes, on disk and gone when closed: for lists of any length.

    Rows are read one by one; at a million of them the process grows by some megabytes.
    """
    return _written([Sheet("表", title, columns, rows, note)], None)


def _written(sheets: Iterable[Sheet], made_at: datetime | None) -> IO[bytes]:
    """The workbook on disk, to be read from its beginning; whoever asks closes it."""
    to: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - handed on open
    made = xlsxwriter.Workbook(
        to, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    if made_at is not None:
        made.set_properties({"created": made_at.replace(tzinfo=None)})
    formats = _Formats(
        strong=made.add_format({"bold": True}),
        head=made.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        day=made.add_format({"num_format": "yyyy-mm-dd"}),
        moment=made.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    )
    for sheet in sheets:
        _fill(made.add_worksheet(sheet.name), sheet, formats)
    made.close()
    to.seek(0)
    return to


@dataclass(frozen=True, slots=True)
class _Formats:
    strong: Any
    head: Any
    day: Any
    moment: Any


def _fill(tab: Any, sheet: Sheet, formats: _Formats) -> None:
    for index, column in enumerate(sheet.columns):
        tab.set_column(index, index, column.width)
    demo = [DEMO_LINE] if settings.IS_DEMO else []
    lines = [sheet.title, *([sheet.note] if sheet.note else []), *demo]
    for number, line in enumerate(lines):
        tab.write_string(number, 0, line, formats.strong if number == 0 else None)
    start = len(lines)
    for index, column in enumerate(sheet.columns):
        tab.write_string(start, index, column.title, formats.head)
    for number, row in enumerate(sheet.rows, start + 1):
        for index, value in enumerate(row):
            _write(tab, number, index, value, formats.day, formats.moment)
    tab.repeat_rows(start)
    tab.set_landscape()
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)


def _write(sheet: Any, row: int, column: int, value: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, bool):
        sheet.write_string(row, column, "是" if value else "否")
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:32767])
