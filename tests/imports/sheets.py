"""Small rosters as rows, checked without a file in between."""

from datetime import date
from typing import Any

from tests.conftest import TODAY
from tests.imports.workbooks import id_number
from zhibu.imports import checking, rules
from zhibu.imports.checking import Preview
from zhibu.imports.reading import Book, Sheet
from zhibu.imports.targets import Check, Ground

ORGANIZATIONS = ["组织代码", "组织名称", "组织类别", "上级组织代码", "成立日期", "本届届满日期"]
MEMBERS = [
    "姓名", "性别", "民族", "出生日期", "公民身份号码", "入党日期", "转正日期", "人员类别",
    "所在党支部", "党内职务", "联系电话",
]  # fmt: skip
TREE = [
    ["D1", "中共某县委员会", "党委", "", "1950-01-01", "2028-12-28"],
    ["D2", "中共东镇委员会", "党委", "D1", "1956-01-01", ""],
    ["D3", "前村党支部", "党支部", "D2", "1960-01-01", "2027-05-28"],
    ["D4", "后村党支部", "党支部", "D2", "1961-01-01", ""],
]
BORN = date(1980, 3, 5)
MAN, WOMAN = id_number(BORN, serial=1), id_number(BORN, serial=2)
VALID = {
    "姓名": "顾长林",
    "性别": "男",
    "民族": "汉族",
    "出生日期": "1980-03-05",
    "公民身份号码": MAN,
    "入党日期": "2005-07-01",
    "转正日期": "2006-07-01",
    "人员类别": "正式党员",
    "所在党支部": "前村党支部",
    "党内职务": "",
    "联系电话": "19912340001",
}


def member(**changes: Any) -> list[Any]:
    """A valid row with some cells changed, in the order of ``MEMBERS``."""
    return [changes.get(heading, VALID[heading]) for heading in MEMBERS]


def organizations(*rows: list[Any]) -> tuple[str, list[list[Any]]]:
    return ("组织", [ORGANIZATIONS, *rows])


def members(*rows: list[Any], headings: list[str] = MEMBERS) -> tuple[str, list[list[Any]]]:
    return ("党员", [headings, *rows])


def sheet(name: str, rows: list[list[Any]]) -> Sheet:
    width = max(map(len, rows), default=0)
    cells = [["" if c is None else c for c in row] + [""] * (width - len(row)) for row in rows]
    return Sheet(name, cells)


def book(*sheets: tuple[str, list[list[Any]]]) -> Book:
    return Book([sheet(name, rows) for name, rows in sheets])


def look(
    by: Any, *sheets: tuple[str, list[list[Any]]], ground: Ground | None = None
) -> tuple[Check, Preview]:
    """Check sheets as ``by`` would; below the first place where they may import."""
    check = Check(by, ground or rules.grounds(by)[0], TODAY)
    return checking.check_book(book(*sheets), check, file_name="名册.xlsx")


def codes(preview: Preview) -> list[str]:
    return [fault.code for fault in preview.errors]


def warned(preview: Preview) -> list[str]:
    """Codes of warnings, without the one that every invented number draws."""
    return [f.code for f in preview.warnings if f.code != "id_region_unassigned"]
