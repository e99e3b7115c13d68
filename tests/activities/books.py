"""Small books of past meetings as rows, checked and brought in without a file in between."""

from typing import Any

from tests.imports import bringing
from tests.imports.sheets import look
from zhibu.imports.models import Batch

HEADINGS = [
    "组织名称", "组织代码", "党小组", "开会日期", "活动类别", "主题", "内容", "决定", "地点",
    "主持人", "记录人", "主讲人", "应到人数", "实到人数", "缺席人数", "缺席的人",
]  # fmt: skip
VALID = {
    "组织名称": "前村党支部",
    "开会日期": "2021-03-10",
    "活动类别": "党员大会",
}


def meeting(**changes: Any) -> list[Any]:
    """A valid row with some cells changed, in the order of ``HEADINGS``."""
    return [{**VALID, **changes}.get(heading, "") for heading in HEADINGS]


def book(*rows: list[Any], headings: list[str] = HEADINGS) -> tuple[str, list[list[Any]]]:
    return ("活动台账", [headings, *rows])


def look_at(by: Any, *rows: list[Any], headings: list[str] = HEADINGS) -> Any:
    return look(by, book(*rows, headings=headings))


def bring_in(by: Any, *rows: list[Any], clean_only: bool = False, **more: Any) -> Batch:
    check, preview = look_at(by, *rows, **more)
    return bringing.apply(by, check, preview, clean_only=clean_only)
