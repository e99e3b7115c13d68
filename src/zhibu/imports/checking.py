"""A workbook checked from bytes to preview: read, recognised, judged. Writes nothing."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.conf import settings

from zhibu.imports import reading, targets
from zhibu.imports.faults import Fault, Findings, Tidied
from zhibu.imports.models import Batch
from zhibu.imports.reading import Book, UnreadableFile
from zhibu.imports.recognition import Skipped, Table, recognise
from zhibu.imports.targets import Check, Ground

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FORMAT = 1
SKIPPED_WORDS = {
    "blank": "空行",
    "total": "合计行",
    "heading": "重复的标题行",
    "column_numbers": "栏次行",
    "example": "示例行",
    "note": "表下的说明",
    "section": "分段标题",
    "not_recognised": "没有认出标题的表",
    "empty_sheet": "空表",
    "hidden_sheet": "隐藏的表",
}
TIDIED_WORDS = {
    "spaces": "去掉空格",
    "full_width": "全角改半角",
    "invisible": "去掉看不见的字符",
    "number": "数字当文字",
    "placeholder": "“无”“/”这样的当作空",
    "date_form": "日期写法统一",
    "date_serial": "表格里的日期序号换成日期",
    "born_from_id": "出生日期按身份证号补",
    "sex_from_id": "性别按身份证号补",
    "category_from_days": "人员类别按日期判断",
    "ethnicity": "民族补“族”字",
    "education": "学历写法统一",
    "phone_form": "电话去掉分隔",
    "id_form": "身份证号去空格、改半角、改大写",
    "id_fifteen_digits": "15 位身份证号补成 18 位",
    "short_name": "按简称认出组织",
    "person_by_roster": "按现在的名册认出的人",
    "branch_from_title": "按表名或标题认出支部",
}
_WHOLE_FILE = {
    "file_with_macros": "文件带有宏。宏没有运行，只读了里面的内容。以后请另存为不带宏的 .xlsx。",
    "text_gb18030": "文件是 GB18030（简体中文）编码的 CSV，已按这个编码读。请抽看几个生僻字。",
}


@dataclass
class Preview:
    """What a check found, in the documented shape (docs/cli.md, ``import``)."""

    file_name: str
    read: dict[str, int]
    clean: dict[str, int]
    errors: list[Fault]
    warnings: list[Fault]
    held_back: list[Fault]
    tidied: dict[tuple[str, str, str], Tidied]
    skipped: list[Skipped]
    tables: list[Table]
    subject: str = ""
    batch: int | None = None

    @property
    def refused_rows(self) -> int:
        """Rows that do not come in when the clean ones do."""
        places = {(f.sheet, f.row) for f in (*self.errors, *self.held_back) if f.row is not None}
        return len(places)

    @property
    def has_whole_fault(self) -> bool:
        """Whether something is wrong with a sheet or the file, not with a row of it."""
        return any(fault.row is None for fault in self.errors)

    @property
    def clean_rows(self) -> int:
        return sum(self.clean.values())

    def as_json(self, *, clean_only: bool = False) -> dict[str, Any]:
        """With ``clean_only`` the rows held back stand among the errors: they stay out too."""
        errors = [*self.errors, *self.held_back] if clean_only else self.errors
        return {
            "format": FORMAT,
            "import_id": self.batch,
            "file": self.file_name,
            **self.read,
            "clean": self.clean,
            "errors": [fault.as_json() for fault in errors],
            "warnings": [fault.as_json() for fault in self.warnings],
            "held_back": [fault.as_json() for fault in self.held_back],
            "normalized": [
                {
                    "sheet": sheet,
                    "column": column,
                    "kind": kind,
                    "title": TIDIED_WORDS.get(kind, kind),
                    "count": found.count,
                    "examples": found.examples,
                }
                for (sheet, column, kind), found in self.tidied.items()
            ],
            "not_taken_over": [
                {"sheet": table.name, "column": heading, "reason": reason}
                for table in self.tables
                for heading, reason in table.not_taken
            ],
            "skipped": [
                {**each.as_json(), "title": SKIPPED_WORDS.get(each.reason, each.reason)}
                for each in self.skipped
            ],
            "columns": [_columns_json(table, self.subject) for table in self.tables],
        }


def _columns_json(table: Table, subject: str) -> dict[str, Any]:
    target = targets.named(table.target)
    fields = targets.vocabulary(target, subject).fields
    return {
        "sheet": table.name,
        "holds": table.target,
        "title": targets.title_of(target, subject),
        "heading_row": table.heading_row,
        "rows": len(table.rows),
        "columns": [
            {"column": column.heading, "field": name, "title": fields[name].title}
            for name, column in sorted(table.columns.items(), key=lambda item: item[1].index)
        ],
    }


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def run(
    content: bytes, *, file_name: str, by: "User", ground: Ground, today: date, subject: str = ""
) -> tuple[Check, Preview]:
    """Check a file; a file that cannot be read is a preview with that one error."""
    check = Check(by, ground, today, subject=subject)
    try:
        reading.refuse_size(len(content), settings.UPLOAD_LIMIT)
        book = reading.read(content)
    except UnreadableFile as error:
        check.findings.error(None, None, None, error.code, None, error.message)
        return check, _preview(check, file_name, [])
    return check_book(book, check, file_name=file_name, digest=digest_of(content))


def refused(file_name: str, error: UnreadableFile) -> Preview:
    """The preview of a file that was not even opened."""
    findings = Findings()
    findings.error(None, None, None, error.code, None, error.message)
    empty = {target.name: 0 for target in targets.in_order()}
    return Preview(
        file_name, empty, dict(empty), findings.errors, findings.warnings, [], {}, [], []
    )


def check_book(
    book: Book, check: Check, *, file_name: str, digest: str = ""
) -> tuple[Check, Preview]:
    """Check what was read. Several sheets of one kind are read as one."""
    asked = targets.in_order(check.subject)
    known = {target.name: targets.vocabulary(target, check.subject) for target in asked}
    check.tables, skipped = recognise(book, known)
    if check.tables:
        for target in asked:
            target.check(check.tables_of(target.name), check)
    else:
        _nothing_recognised(book, check)
    _say_of_the_file(book, check, digest)
    for table in check.tables:
        skipped += table.skipped
    check.findings.in_order()
    return check, _preview(check, file_name, skipped)


def _preview(check: Check, file_name: str, skipped: list[Skipped]) -> Preview:
    findings = check.findings
    every = targets.in_order(check.subject)
    return Preview(
        file_name=file_name,
        read={target.name: check.read.get(target.name, 0) for target in every},
        clean={
            target.name: target.count(check) if target.name in check.made else 0 for target in every
        },
        errors=findings.errors,
        warnings=findings.warnings,
        held_back=check.held_back,
        tidied=findings.tidied,
        skipped=skipped,
        tables=check.tables,
        subject=check.subject,
    )


def _nothing_recognised(book: Book, check: Check) -> None:
    if not any(any(cell != "" for cell in row) for sheet in book.sheets for row in sheet.rows):
        hidden = "，有的表是隐藏的，请先取消隐藏" if book.hidden else ""
        message = f"文件里没有内容{hidden}。请检查是不是选错了文件。"
        check.findings.error(None, None, None, "file_empty", None, message)
        return
    names = "、".join(f"“{sheet.name}”" for sheet in book.sheets[:5])
    if check.subject:
        _say_headings_lack(names, check)
        return
    message = (
        f"没有认出是什么表：{names}的前 20 行里没有找到标题。组织表要有“组织名称”“组织类别”，"
        "党员表要有“姓名”“公民身份号码”“所在党支部”，往年的活动要有“开会日期”“活动类别”。"
        "请加上标题行再导入。"
    )
    check.findings.error(None, None, None, "no_headings", None, message)


def _say_headings_lack(names: str, check: Check) -> None:
    """Which headings tell a table of what was asked for."""
    target = targets.in_order(check.subject)[0]
    words = targets.vocabulary(target, check.subject)
    needed = "".join(
        f"“{words.fields[name].title}”" for group in words.needs for name in sorted(group)[:1]
    )
    message = (
        f"没有认出是什么表：{names}的前 20 行里没有找到标题。"
        f"“{targets.title_of(target, check.subject)}”的表要有{needed}。"
        "请用样表，或加上标题行再导入。"
    )
    check.findings.error(None, None, None, "no_headings", None, message)


def _say_of_the_file(book: Book, check: Check, digest: str) -> None:
    findings = check.findings
    for code in book.notes:
        if code in _WHOLE_FILE:
            findings.warning(None, None, None, code, None, _WHOLE_FILE[code])
    for table in check.tables:
        hidden = [n + 1 for n in table.sheet.hidden_rows if n + 1 > table.heading_row]
        if hidden:
            message = (
                f"“{table.name}”有 {len(hidden)} 行是隐藏的（从第 {hidden[0]} 行起），也一起读了。"
                "不要的话请先删去这些行。"
            )
            findings.warning(table.name, None, None, "hidden_rows", None, message)
    before = Batch.objects.filter(file_digest=digest, subject=check.subject)
    if digest and before.filter(state=Batch.State.APPLIED).exists():
        message = "这个文件以前导入过，一个字都没改。多半不用再导入。"
        findings.warning(None, None, None, "same_file", None, message)
