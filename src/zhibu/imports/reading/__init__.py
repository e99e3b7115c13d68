"""Reading a workbook that may be careless or hostile, into plain rows.

The file is opened in a child process only (``child``): it looks at the archive and at
every part by streaming first (``scan``), refuses what is too large, and reads the cells
under limits of memory and time. A file that kills its reader kills nothing else.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

SECONDS = 120
READER = (sys.executable, "-I", str(Path(__file__).with_name("child.py")))

Cell = str | int | float | bool | date | datetime
Place = tuple[int, int]


class UnreadableFile(Exception):
    """The file cannot be taken; ``code`` names why, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Sheet:
    """One visible sheet. ``rows[0]`` is the spreadsheet's row 1; an empty cell is "".

    ``odd`` are cells that read as empty but are not: an error value (``#REF!``), or a
    formula without a result (``""``), by (row, column) from 0. ``merged`` are ranges
    (first row, first column, last row, last column), all from 0.
    """

    name: str
    rows: list[list[Cell]]
    odd: dict[Place, str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """A read file. ``hidden`` are names of sheets left unread; ``notes`` are codes."""

    sheets: list[Sheet]
    hidden: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def refuse_size(size: int, limit: int) -> None:
    """Raises ``UnreadableFile`` for a file larger than ``limit`` bytes, or an empty one."""
    if size > limit:
        raise UnreadableFile(
            "file_too_large",
            f"文件 {size / 1024 / 1024:.0f} MB，超过 {limit // 1024 // 1024} MB，没有读。"
            "请删去图片和用不着的表，或按乡镇拆成几个文件再导入。",
        )
    if size == 0:
        raise UnreadableFile("file_empty", "文件是空的，没有内容。请重新导出一份再导入。")


def read(content: bytes) -> Book:
    """Read .xlsx, .xlsm (data only) or .csv, told by content and not by name.

    Raises:
        UnreadableFile: another kind of file, too large inside, damaged, or too slow.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no argument from outside
            READER, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(
            "file_too_slow",
            "文件读了两分钟还没读完，停下了。请另存一份只留名册的 .xlsx 再导入。",
        ) from error
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        raise UnreadableFile(
            "file_exhausting",
            "文件读到一半撑满了内存，停下了，多半是表格很远的地方有内容或格式。"
            "请新建一个表，只把名册复制进去，另存为 .xlsx 再导入。",
        )
    head = json.loads(lines[0])
    if "refused" in head:
        raise UnreadableFile(head["refused"], head["message"])
    return _book(head, lines[1:])


def _book(head: dict[str, Any], lines: list[bytes]) -> Book:
    sheets = []
    start = 0
    for part in head["sheets"]:
        rows = [_row(json.loads(line)) for line in lines[start : start + part["rows"]]]
        start += part["rows"]
        sheets.append(
            Sheet(
                part["name"],
                rows,
                odd={(row, column): text for row, column, text in part["odd"]},
                merged=[tuple(each) for each in part["merged"]],
                hidden_rows=part["hidden_rows"],
            )
        )
    return Book(sheets, head["hidden"], head["notes"])


def _row(cells: list[Any]) -> list[Cell]:
    """Days and moments travel as lists, everything else as itself."""
    for index, cell in enumerate(cells):
        if cell.__class__ is list:
            text = cell[0]
            is_day = len(text) == 10
            cells[index] = date.fromisoformat(text) if is_day else datetime.fromisoformat(text)
    return cells
