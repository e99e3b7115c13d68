"""The process that opens an uploaded file: standard input in, JSON lines out.

Run by ``reading.read`` with no rights beyond its limits: memory, processor time, no files
written. First line: the head, or why the file is refused. Then one line a row.
"""

import csv
import io
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn
from xml.sax import SAXException

sys.path.insert(0, str(Path(__file__).parent))

import python_calamine as calamine
import scan  # type: ignore[import-not-found]
from defusedxml import DefusedXmlException

MEMORY = 1_500 * 1024 * 1024
PROCESSOR_SECONDS = 90
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SAVE_AS = "请在 Excel 或 WPS 里打开，另存为 .xlsx 再导入。"
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, NotImplementedError)
_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta)", re.I)


class Refused(Exception):
    """Why the file is not taken: a code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _plain(cell: Any) -> Any:
    """A cell as JSON can carry it; days and moments as one-element lists."""
    kind = cell.__class__
    if kind is str:
        return cell
    if kind is float:
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if kind is datetime:
        return [cell.isoformat()] if cell.time() != time.min else [cell.date().isoformat()]
    if kind is date:
        return [cell.isoformat()]
    if kind in {time, timedelta}:
        return str(cell)
    return cell


def main() -> None:
    _limit()
    content = sys.stdin.buffer.read()
    try:
        sheets, head = _open(content)
    except Refused as refused:
        _line({"refused": refused.code, "message": refused.message})
        return
    _line(head)
    for rows in sheets:
        for row in rows:
            _line([_plain(cell) for cell in row])
    sys.stdout.flush()


def _line(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")


def _open(content: bytes) -> tuple[list[list[list[Any]]], dict[str, Any]]:
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Refused("file_locked", f"文件加了密码，读不了。请去掉密码。{SAVE_AS}")
        raise Refused("file_old_format", f"这是老格式（.xls、.et）的表格，读不了。{SAVE_AS}")
    if content.startswith(b"%PDF"):
        raise Refused("file_not_a_table", "这是 PDF，不是表格。请用原来的 Excel 表导入。")
    if _HTML.match(content[:1024]) or content.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<?xml"):
        raise Refused("file_not_a_table", f"这个文件其实是网页，只是名字像表格。{SAVE_AS}")
    return _text(content)


def _workbook(content: bytes) -> tuple[list[list[list[Any]]], dict[str, Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            notes, parts, has_macros = _looked_at(archive)
    except scan.TooLarge as error:
        raise Refused(
            "file_exhausting",
            "表格太大：超过 200 万格，或解开后超过 200 MB，没有读。多半是很远的行或列里"
            "有内容或格式。请新建一个表，只把名册复制进去，另存为 .xlsx 再导入。",
        ) from error
    except (*_BROKEN, SAXException, DefusedXmlException, ValueError) as error:
        raise Refused("file_damaged", f"文件坏了，或内部写法不合规，读不出来。{SAVE_AS}") from error
    return _cells(content, notes, parts, has_macros=has_macros)


def _looked_at(archive: zipfile.ZipFile) -> tuple[dict[str, Any], dict[str, str], bool]:
    scan.refuse_archive(archive)
    names = set(archive.namelist())
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise Refused("file_locked", f"文件加了密码，读不了。请去掉密码。{SAVE_AS}")
    if "xl/workbook.bin" in names:
        raise Refused("file_old_format", f"这是 .xlsb 格式的表格，读不了。{SAVE_AS}")
    if "xl/workbook.xml" not in names:
        if "mimetype" in names and b"opendocument" in archive.read("mimetype")[:100]:
            raise Refused("file_old_format", f"这是 .ods 格式的表格，读不了。{SAVE_AS}")
        raise Refused("file_not_a_table", "这不是 Excel 表格。请选 .xlsx 或 .csv 文件导入。")
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return scan.sheets(archive), scan.parts_by_sheet(archive), has_macros


def _cells(
    content: bytes, notes: dict[str, Any], parts: dict[str, str], *, has_macros: bool
) -> tuple[list[list[list[Any]]], dict[str, Any]]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = calamine.SheetVisibleEnum.Visible
        table = calamine.SheetTypeEnum.WorkSheet
        sheets, heads, hidden = [], [], []
        for known in book.sheets_metadata:
            if known.typ != table:
                continue
            if known.visible != visible:
                hidden.append(known.name)
                continue
            rows = book.get_sheet_by_name(known.name).to_python(skip_empty_area=False)
            noted = notes.get(parts.get(known.name, ""), scan.Notes())
            sheets.append(rows)
            heads.append(
                {
                    "name": known.name,
                    "rows": len(rows),
                    "odd": noted.odd,
                    "merged": noted.merged,
                    "hidden_rows": noted.hidden_rows,
                }
            )
    except (calamine.CalamineError, ValueError, OverflowError, OSError) as error:
        raise Refused("file_damaged", f"文件坏了，读不出来。{SAVE_AS}") from error
    codes = ["file_with_macros"] if has_macros else []
    return sheets, {"sheets": heads, "hidden": hidden, "notes": codes}


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UnicodeDecodeError("gb18030", b"", 0, 1, "neither")


def _text(content: bytes) -> tuple[list[list[list[Any]]], dict[str, Any]]:
    unknown = Refused(
        "file_not_a_table",
        "认不出这是什么文件。能导入的是 .xlsx 表格，或 UTF-8、GB18030 编码的 .csv。",
    )
    try:
        text, encoding = _decoded(content)
    except UnicodeDecodeError as error:
        raise unknown from error
    odd = sum(1 for c in text[:20_000] if ord(c) < 32 and c not in "\r\n\t\x1a")
    if "\x00" in text or odd > 20:
        raise unknown
    delimiter = max(",\t;", key=text[:20_000].count)
    csv.field_size_limit(200_000)
    try:
        rows = list(csv.reader(io.StringIO(text.rstrip("\x1a"), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Refused("file_damaged", f"CSV 文件的引号或换行不对，读不出来。{SAVE_AS}") from error
    width = max(map(len, rows), default=0)
    if len(rows) * width > scan.MOST_CELLS:
        raise Refused("file_exhausting", "表格超过 200 万格，没有读。请拆成几个文件再导入。")
    rows = [row + [""] * (width - len(row)) for row in rows]
    head = {"name": "CSV", "rows": len(rows), "odd": [], "merged": [], "hidden_rows": []}
    notes = [] if encoding == "utf-8-sig" else [f"text_{encoding}"]
    return [rows], {"sheets": [head], "hidden": [], "notes": notes}


def _stop() -> NoReturn:
    """End at once; what was written so far is not a whole file and is not believed."""
    sys.exit(3)


if __name__ == "__main__":
    try:
        main()
    except MemoryError:
        _stop()
