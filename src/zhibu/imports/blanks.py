"""An empty roster to fill in: the headings that are understood, one sheet a target."""

from io import BytesIO

import xlsxwriter
from django.conf import settings

from zhibu.core.excel import DEMO_LINE
from zhibu.imports import targets


def workbook() -> bytes:
    """An .xlsx with the targets' own headings; columns are text, so that numbers keep digits."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer)
    head = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for target in targets.in_order():
        sheet = book.add_worksheet(target.title)
        start = 0
        if settings.IS_DEMO:
            sheet.write_string(0, 0, DEMO_LINE)
            start = 1
        fields = targets.vocabulary(target).fields.values()
        for column, words in enumerate(fields):
            sheet.set_column(column, column, max(12, 2 * len(words.title) + 4), text)
            sheet.write_string(start, column, words.title, head)
    book.close()
    return buffer.getvalue()
