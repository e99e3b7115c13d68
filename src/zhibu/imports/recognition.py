"""Finding the tables in a workbook by their headings, whatever the sheets are called.

A target names its fields and the headings offices use for them in a TOML file beside it.
Titles, notes, totals, repeated headings and column numbers are stepped over and listed.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from zhibu.imports.reading import Book, Cell, Sheet
from zhibu.imports.values import is_blank, matching, show

DEEPEST_HEADING = 20


@dataclass(frozen=True, slots=True)
class FieldWords:
    """One field: how it is titled here, and the headings it goes by, best first.

    ``pattern`` catches headings nobody listed, unless ``but_not`` matches as well.
    ``offered`` are the words to choose from in an empty table. ``fills`` says that a value
    merged over several rows holds for all of them. ``second`` are headings of other fields
    that mean this one where theirs has a better column.
    """

    id: str
    title: str
    headings: tuple[str, ...]
    pattern: re.Pattern[str] | None = None
    but_not: re.Pattern[str] | None = None
    fills: bool = False
    second: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """Fields of a target. A table is one where each group of ``needs`` has a field. A row in which
    one of ``keys`` says something is a record, whatever else it looks like."""

    fields: Mapping[str, FieldWords]
    needs: tuple[frozenset[str], ...]
    never: frozenset[str]
    idle: Mapping[str, str]
    values: Mapping[str, Any]
    keys: tuple[str, ...] = ("id_number", "code")

    @cached_property
    def _exact(self) -> dict[str, tuple[str, int]]:
        return {
            normal_heading(heading): (words.id, rank)
            for words in self.fields.values()
            for rank, heading in enumerate((words.title, *words.headings))
        }

    @cached_property
    def _never(self) -> frozenset[str]:
        return frozenset(map(normal_heading, self.never))

    def field_of(self, heading: str) -> tuple[str, int] | None:
        """The field a heading stands for and how good the match is (0 best)."""
        plain = normal_heading(heading)
        bare = normal_heading(without_brackets(heading))
        for candidate in (plain, bare):
            if found := self._exact.get(candidate):
                return found
        if not bare or len(bare) > 20:
            return None
        for words in self.fields.values():
            caught = words.pattern is not None and words.pattern.search(bare)
            if caught and not (words.but_not and words.but_not.search(bare)):
                return words.id, 99
        return None

    @cached_property
    def seconds(self) -> Mapping[str, str]:
        """Fields by the headings that mean them in the second place."""
        return {
            normal_heading(heading): words.id
            for words in self.fields.values()
            for heading in words.second
        }

    def forbids(self, heading: str) -> bool:
        """Whether a sheet with this heading is another target's."""
        return normal_heading(heading) in self._never


def load_vocabulary(path: Path) -> Vocabulary:
    raw = tomllib.loads(path.read_text("utf-8"))
    fields = {
        id_: FieldWords(
            id_,
            part["title"],
            tuple(part.get("headings", ())),
            re.compile(part["pattern"]) if "pattern" in part else None,
            re.compile(part["but_not"]) if "but_not" in part else None,
            part.get("fills", False),
            tuple(part.get("second", ())),
        )
        for id_, part in raw["field"].items()
    }
    return Vocabulary(
        fields,
        tuple(frozenset(group) for group in raw["needs"]),
        frozenset(raw.get("never", ())),
        {normal_heading(k): v for k, v in raw.get("idle", {}).items()},
        raw.get("values", {}),
    )


_MARKS = re.compile(r"[*★☆●◆▲#_'\"“”‘’《》<>|]")
_LEAD = re.compile(r"^[(（]?[0-9一二三四五六七八九十]{1,2}[)）.、．]")
_BRACKETS = re.compile(r"[(（\[【〔][^()（）\[\]【】〔〕]*[)）\]】〕]")


def without_brackets(heading: str) -> str:
    return _BRACKETS.sub("", heading)


def normal_heading(heading: str) -> str:
    """A heading without what offices add: spaces, stars, numbering, brackets, colons."""
    plain = matching(_MARKS.sub("", unicodedata.normalize("NFKC", heading)))
    plain = _LEAD.sub("", plain)
    return re.sub(r"[()\[\]【】〔〕:;,.、/\\-]", "", plain)


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field stands in a sheet, under which heading."""

    index: int
    heading: str


@dataclass(slots=True)
class Row:
    """One row to be taken over; ``number`` is the spreadsheet's own."""

    number: int
    cells: list[Cell]
    section: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row or sheet that is not data, and why."""

    sheet: str
    row: int | None
    reason: str
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"sheet": self.sheet, "row": self.row, "reason": self.reason, "text": self.text}


@dataclass
class Table:
    """A recognised sheet: which column holds which field, and the rows below.

    ``heading_row`` is its spreadsheet number; ``above`` are the texts over it.
    """

    target: str
    sheet: Sheet
    heading_row: int
    headings: list[str]
    columns: dict[str, Column]
    rows: list[Row] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    keys: tuple[str, ...] = ()
    skipped: list[Skipped] = field(default_factory=list)
    not_taken: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.sheet.name

    def heading(self, field_id: str) -> str | None:
        column = self.columns.get(field_id)
        return column.heading if column else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    target: str
    row: int
    depth: int
    columns: dict[str, Column]
    headings: list[str]

    @property
    def score(self) -> tuple[int, int, int]:
        return (len(self.columns), -self.depth, -self.row)


def recognise(
    book: Book, vocabularies: Mapping[str, Vocabulary]
) -> tuple[list[Table], list[Skipped]]:
    """Every table of the workbook, in sheet order, and the sheets that are none."""
    tables, skipped = [], []
    for sheet in book.sheets:
        best = max(_candidates(sheet, vocabularies), key=lambda c: c.score, default=None)
        if best is None:
            has_content = any(_filled(row) for row in sheet.rows)
            reason = "not_recognised" if has_content else "empty_sheet"
            skipped.append(Skipped(sheet.name, None, reason, ""))
            continue
        tables.append(_table(sheet, best, vocabularies[best.target]))
    skipped += [Skipped(name, None, "hidden_sheet", "") for name in book.hidden]
    return tables, skipped


def _candidates(sheet: Sheet, vocabularies: Mapping[str, Vocabulary]) -> Iterator[_Candidate]:
    top = _merged_values(sheet, DEEPEST_HEADING + 1)
    for index, row in enumerate(top[:DEEPEST_HEADING]):
        deep = [[[text] for text in row]]
        if index + 1 < len(top):
            deep.append(_two_rows(row, top[index + 1]))
        for depth, headings in enumerate(deep):
            for target, vocabulary in vocabularies.items():
                found = _columns(headings, vocabulary)
                if found and all(group & found.keys() for group in vocabulary.needs):
                    named = [each[0] for each in headings]
                    for column in found.values():
                        named[column.index] = column.heading
                    yield _Candidate(target, index, depth, found, named)


def _merged_values(sheet: Sheet, until: int) -> list[list[str]]:
    """Row texts with values repeated over merged ranges, for the rows before ``until``."""
    texts = [[show(cell) for cell in row] for row in sheet.rows[:until]]
    for top, left, bottom, right in sheet.merged:
        if top >= len(texts) or left >= len(texts[top]):
            continue
        value = texts[top][left]
        for row in range(top, min(bottom + 1, len(texts))):
            for column in range(left, min(right + 1, len(texts[row]))):
                texts[row][column] = value
    return texts


def _two_rows(upper: Sequence[str], lower: Sequence[str]) -> list[list[str]]:
    """Headings over two rows: the lower one, the upper where nothing stands below, or both."""
    return [
        [below or above, *([above + below] if above and below and above != below else [])]
        for above, below in zip(upper, lower, strict=False)
    ]


def _columns(headings: Sequence[list[str]], vocabulary: Vocabulary) -> dict[str, Column]:
    """Fields by their best heading; the first column where two are equally good."""
    best: dict[str, tuple[int, Column]] = {}
    for index, readings in enumerate(headings):
        for heading in readings:
            if not heading or len(heading) > 60:
                continue
            if vocabulary.forbids(heading):
                return {}
            found = vocabulary.field_of(heading)
            if found is None:
                continue
            name, rank = found
            if name not in best or rank < best[name][0]:
                best[name] = (rank, Column(index, heading))
            break
    columns = {name: column for name, (_, column) in best.items()}
    _add_seconds(columns, headings, vocabulary)
    return columns


def _add_seconds(
    found: dict[str, Column], headings: Sequence[list[str]], vocabulary: Vocabulary
) -> None:
    """Columns left over whose heading means another field in the second place."""
    if not vocabulary.seconds:
        return
    taken = {column.index for column in found.values()}
    for index, readings in enumerate(headings):
        for heading in readings if index not in taken else ():
            name = vocabulary.seconds.get(normal_heading(heading))
            if name is not None and name not in found:
                found[name] = Column(index, heading)


def _filled(row: Sequence[Cell]) -> list[str]:
    """Texts of the cells that hold something."""
    return [t for t in (show(cell).strip() for cell in row if cell != "") if t]


_TOTAL = re.compile(r"^(合计|总计|小计|共计|累计|本页合计|总人数|合计人数)\W*\d*人?\W*$|^共\d+人$")
_NOTE = re.compile(
    r"^(填表人|填报人|制表人?|审核人?|审批|复核|负责人|联系人|经办人|单位负责人|填表单位|填报单位"
    r"|填报时间|填报日期|填表日期|制表日期|打印日期|统计日期|截止日期|单位盖章|盖章|公章|注|备注"
    r"|说明|填表说明|填写说明|党委审核|党委盖章|党支部盖章)\s*[:：(（]"
    r"|^(注|说明|填表说明|填写说明|备注)\s*[1１一]?[、.．]"
)
_SECTION = re.compile(r"(党?支部|党委|党总支|党工委|委员会|乡|镇|街道|社区|村|机关|单位)\W*$")
_EXAMPLE = re.compile(r"^(例|示例|样例|举例|填写示例|例子)[:：]?\d*$")


def _table(sheet: Sheet, found: _Candidate, vocabulary: Vocabulary) -> Table:
    start = found.row + found.depth + 1
    table = Table(
        found.target,
        sheet,
        heading_row=start,
        headings=found.headings,
        columns=found.columns,
        above=[t for row in sheet.rows[: found.row] for t in _filled(row)],
        keys=vocabulary.keys,
    )
    _list_the_rest(table, vocabulary)
    _fill_merged(table, start, vocabulary)
    section = ""
    for index in range(start, len(sheet.rows)):
        cells = sheet.rows[index]
        if _is_plain(table, cells):
            table.rows.append(Row(index + 1, cells, section))
            continue
        texts = _filled(cells)
        if texts:
            reason, text = _not_data(table, cells, texts)
        else:
            reason, text = ("" if _is_odd(table, index) else "blank"), ""
        if not reason:
            table.rows.append(Row(index + 1, cells, section))
            continue
        if reason == "section":
            section = text
        table.skipped.append(Skipped(sheet.name, index + 1, reason, text[:60]))
    _trim_blanks(table)
    return table


def _is_plain(table: Table, cells: list[Cell]) -> bool:
    """Data beyond doubt, told quickly: many cells filled, no total, no heading again."""
    if len(cells) - cells.count("") < 7:
        return False
    name = table.columns.get("name")
    if name is None:
        return False
    mine = cells[name.index]
    if mine.__class__ is not str or mine[-1:] in "名称部员织" or mine == "":
        return False
    first = next(cell for cell in cells if cell != "")
    return first.__class__ is int or len(str(first)) > 10 or first == mine


def _list_the_rest(table: Table, vocabulary: Vocabulary) -> None:
    """Name the columns that have no field here, or that repeat one."""
    taken = {column.index for column in table.columns.values()}
    for index, heading in enumerate(table.headings):
        if not heading.strip() or index in taken:
            continue
        known = vocabulary.field_of(heading)
        reason = vocabulary.idle.get(normal_heading(heading), "还没有这一项")
        if known and known[0] in table.columns:
            reason = f"和“{table.columns[known[0]].heading}”是同一项"
        table.not_taken.append((heading, reason))


def _fill_merged(table: Table, start: int, vocabulary: Vocabulary) -> None:
    """A branch's name merged over its members' rows holds for each of them."""
    rows = table.sheet.rows
    filling = {c.index for name, c in table.columns.items() if vocabulary.fields[name].fills}
    for top, left, bottom, right in table.sheet.merged:
        if top < start or left != right or left not in filling or top >= len(rows):
            continue
        for row in range(top + 1, min(bottom + 1, len(rows))):
            if rows[row][left] == "":
                rows[row][left] = rows[top][left]


def _is_odd(table: Table, index: int) -> bool:
    """Whether the row holds error values or formulas without a result."""
    taken = {column.index for column in table.columns.values()}
    return any(row == index and column in taken for row, column in table.sheet.odd)


def _not_data(table: Table, cells: list[Cell], texts: list[str]) -> tuple[str, str]:
    """Why a row is not taken over, and its text; ("", "") for data."""
    first = texts[0]
    if any(_TOTAL.match(matching(t)) for t in texts[:2]) and _lacks_key(table, cells):
        return "total", first
    if _is_heading_again(table, cells):
        return "heading", first
    if len(texts) >= 3 and _counts_columns(texts):
        return "column_numbers", first
    if _EXAMPLE.match(first):
        return "example", first
    if len(texts) <= 6 and any(_NOTE.match(t) for t in texts) and _lacks_key(table, cells):
        return "note", "；".join(texts)
    return _alone(table, cells, texts)


def _alone(table: Table, cells: list[Cell], texts: list[str]) -> tuple[str, str]:
    """A row with one filled cell: a running number, a section title or a remark."""
    if len(texts) > 1:
        return "", ""
    name = table.columns.get("name")
    at = next(i for i, cell in enumerate(cells) if show(cell).strip())
    if texts[0].isdigit():
        return "blank", texts[0]
    if name and at == name.index and len(texts[0]) < 20 and not _SECTION.search(texts[0]):
        return "", ""
    return ("section" if len(texts[0]) <= 40 else "note"), texts[0]


def _lacks_key(table: Table, cells: list[Cell]) -> bool:
    """Whether the cell that makes a row a record (code, identity number) is empty."""
    for key in table.keys:
        column = table.columns.get(key)
        if column and column.index < len(cells):
            value = show(cells[column.index]).strip()
            return is_blank(value) or bool(_TOTAL.match(matching(value)) or _NOTE.match(value))
    return True


def _is_heading_again(table: Table, cells: list[Cell]) -> bool:
    same = sum(
        1
        for column in table.columns.values()
        if column.index < len(cells)
        and normal_heading(show(cells[column.index])) == normal_heading(column.heading)
    )
    return same >= 2 and same * 2 > len(table.columns)


def _counts_columns(texts: list[str]) -> bool:
    """甲 乙 1 2 3 …, or 1 2 3 …: the numbers some forms print under their headings."""
    figures = [int(t) for t in texts if t.isascii() and t.isdigit() and len(t) < 3]
    if len(figures) < 3 or len(figures) + 3 < len(texts):
        return False
    others = [t for t in texts if not (t.isascii() and t.isdigit())]
    return figures == list(range(figures[0], figures[0] + len(figures))) and all(
        t in "甲乙丙丁戊栏次" or t == "栏次" for t in others
    )


def _trim_blanks(table: Table) -> None:
    """Blank rows after the last row of data are the sheet's end, not skipped rows."""
    last = table.rows[-1].number if table.rows else table.heading_row
    table.skipped = [
        each for each in table.skipped if each.reason != "blank" or (each.row or 0) < last
    ]
