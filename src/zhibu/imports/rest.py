"""Rows given back: the sheets as they were, refused rows only, with a column of reasons."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.conf import settings

from zhibu.core.excel import DEMO_LINE
from zhibu.imports.faults import Fault
from zhibu.imports.reading import Cell
from zhibu.imports.recognition import Table

REASON = "退回原因"
WIDEST = 60


def workbook(tables: Sequence[Table], faults: Iterable[Fault]) -> bytes:
    """An .xlsx of the rows that ``faults`` name, each sheet, column and row in its order.

    It can be mended and imported as it is. Text stays text: an identity number keeps its
    digits, nothing becomes a formula or a link.
    """
    reasons: dict[tuple[str, int], list[str]] = defaultdict(list)
    for fault in faults:
        if fault.sheet is not None and fault.row is not None:
            said = reasons[fault.sheet, fault.row]
            if fault.message not in said:
                said.append(fault.message)
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    formats = {
        "heading": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
        "reason": book.add_format({"text_wrap": True, "font_color": "#a3201f"}),
    }
    written = 0
    for table in tables:
        rows = [row for row in table.rows if (table.name, row.number) in reasons]
        if not rows:
            continue
        sheet = book.add_worksheet(table.name[:31])
        written += 1
        _sheet(
            sheet, table, [(row.cells, reasons[table.name, row.number]) for row in rows], formats
        )
    if not written:
        book.add_worksheet("没有退回的行")
    book.close()
    return buffer.getvalue()


def _sheet(
    sheet: Any,
    table: Table,
    rows: Sequence[tuple[list[Cell], list[str]]],
    formats: dict[str, Any],
) -> None:
    headings = [*table.headings, REASON]
    start = 0
    if settings.IS_DEMO:
        sheet.write_string(0, 0, DEMO_LINE)
        start = 1
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, 60 if heading == REASON else _width(heading))
        sheet.write_string(start, column, heading, formats["heading"])
    for number, (cells, reasons) in enumerate(rows, start + 1):
        for column, cell in enumerate(cells[: len(table.headings)]):
            _write(sheet, number, column, cell, formats)
        sheet.write_string(number, len(table.headings), "".join(reasons), formats["reason"])


def _width(heading: str) -> int:
    return min(WIDEST, max(12, 2 * len(heading) + 2, 22 if "号" in heading else 0))


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    if cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, (datetime, date)):
        sheet.write_datetime(row, column, cell, formats["day"])
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, cell[:32767], formats["text"])
