"""An empty roster to fill in: the headings that are understood, one sheet a target."""

from io import BytesIO

import xlsxwriter
from django.conf import settings

from zhibu.core.excel import DEMO_LINE
from zhibu.imports import targets

ROWS = 2000  # below the headings, in which words are offered
LISTED = 200  # characters; a spreadsheet refuses a longer list


def workbook(subject: str = "") -> bytes:
    """An .xlsx with the targets' own headings, or those of what is asked for; columns are text, so
    that numbers keep digits, and where one of a few words belongs they are offered."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer)
    head = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for target in targets.in_order(subject):
        sheet = book.add_worksheet(_sheet_name(targets.title_of(target, subject)))
        start = 0
        if settings.IS_DEMO:
            sheet.write_string(0, 0, DEMO_LINE)
            start = 1
        fields = targets.vocabulary(target, subject).fields.values()
        for column, words in enumerate(fields):
            sheet.set_column(column, column, max(12, 2 * len(words.title) + 4), text)
            sheet.write_string(start, column, words.title, head)
            if words.offered and sum(map(len, words.offered)) < LISTED:
                offered = {"validate": "list", "source": list(words.offered), "ignore_blank": True}
                sheet.data_validation(
                    start + 1, column, start + ROWS, column, offered | {"show_error": False}
                )
    book.close()
    return buffer.getvalue()


def _sheet_name(title: str) -> str:
    """A title as a spreadsheet lets a sheet be called."""
    return "".join("　" if mark in "[]:*?/\\'" else mark for mark in title)[:31]
