import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from zhibu.core.excel import DEMO_LINE, Column, workbook

COLUMNS = [Column("名称", 20), Column("值")]


def read(content: bytes) -> list[list]:
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def parts(content: bytes) -> str:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


@pytest.mark.parametrize(
    "text",
    ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "http://x.example", "{=1}", "\t=1"],
)
def test_formula_text_stays_text(text, settings):
    settings.IS_DEMO = False
    content = workbook("表", COLUMNS, [("甲", text)])

    assert read(content)[-1] == ["甲", text]
    inside = parts(content)
    assert "<f>" not in inside
    assert "<hyperlink" not in inside


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        ("", None),
        (True, "是"),
        (False, "否"),
        (14, 14),
        (0, 0),
        (Decimal("36.50"), 36.5),
        (date(2026, 11, 20), datetime(2026, 11, 20)),
        (datetime(2026, 11, 20, 4, 30, tzinfo=UTC), datetime(2026, 11, 20, 4, 30)),
        ("990101199001010011", "990101199001010011"),
        ("007", "007"),
    ],
)
def test_values_keep_their_type(value, cell):
    assert read(workbook("表", COLUMNS, [("甲", value)]))[-1][1] == cell


@pytest.mark.parametrize("is_demo", [True, False])
def test_sheet_says_what_it_is_and_whether_it_is_play(is_demo, settings):
    settings.IS_DEMO = is_demo

    rows = read(workbook("应办", COLUMNS, [("甲", 1)], note="截至 2026年11月20日"))

    heads = ["应办", "截至 2026年11月20日", *([DEMO_LINE] if is_demo else []), "名称"]
    assert [row[0] for row in rows] == [*heads, "甲"]


def test_rows_may_be_a_generator():
    rows = ((str(n), n) for n in range(1000))

    assert len(read(workbook("表", COLUMNS, rows))) >= 1000
