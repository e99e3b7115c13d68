"""Checking the rows of one register: each by the rules of its page, then against one another and
those that are there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError

from zhibu.core import fields
from zhibu.core.fields import FieldSpec
from zhibu.imports import controls
from zhibu.imports.cells import Cells, Trouble
from zhibu.imports.recognition import Row as Read
from zhibu.imports.recognition import Table
from zhibu.imports.targets import Check
from zhibu.imports.undoing import chunks
from zhibu.packs.schema.registers import Register
from zhibu.registers import queries
from zhibu.registers.drafts import key_place, own_faults, stored, word_key, word_twin
from zhibu.registers.importing import capping
from zhibu.registers.importing.lines import Line
from zhibu.registers.importing.people import Ambiguous, Faces
from zhibu.registers.importing.places import Places
from zhibu.registers.importing.words import CODE, PLACE, SINCE, UNTIL, column, register_of
from zhibu.registers.models import NAMING, Row, key_of

NAME = "registers"
DAYS = {
    SINCE: FieldSpec(id=SINCE, title="从哪天", type="date"),
    UNTIL: FieldSpec(id=UNTIL, title="到哪天（不含）", type="date", required=False),
}


@dataclass
class Book:
    """The rows read of one register, which is worded as on ``wording``."""

    reference: str
    wording: date
    rule: Register
    lines: list[Line] = field(default_factory=list)
    there: capping.Counted = field(default_factory=dict)  # what counted under each cap before

    @cached_property
    def controls(self) -> dict[str, Any]:
        """What judges a cell, by column, but for those that name somebody."""
        asked = [spec for spec in self.rule.columns if spec.type not in NAMING]
        return {spec.id: fields.control(spec) for spec in (*asked, *DAYS.values())}

    def kept(self) -> list[Line]:
        return [line for line in self.lines if not line.is_refused]


Everything = list[tuple[Line, Cells, Read, list[Trouble]]]


def check(tables: Sequence[Table], check: Check) -> None:
    """Read the rows of the register that was asked for and judge them, all faults at once."""
    check.read[NAME] = sum(len(table.rows) for table in tables)
    reference = register_of(check.subject)
    found = queries.wording_on(reference, check.today)
    if found is None:
        message = "这本台账现在不在用。请回到台账，选一本在用的。"
        check.findings.error(None, None, None, "not_held", None, message)
        return
    pack, wording = found
    assert isinstance(wording.item, Register)
    book = check.made[NAME] = Book(reference, wording.since, wording.item)
    places, faces = Places(check, book.rule, pack.id), Faces(check)
    everything: Everything = []
    for table in tables:
        lacks = _missing_columns(table, book.rule, check)
        cells = Cells(table, check.findings)
        for row in table.rows:
            cells.begin(row)
            line = Line(table.name, row.number, is_refused=lacks)
            line.organization = places.find(cells)
            _read(cells, line, book, faces)
            book.lines.append(line)
            everything.append((line, cells, row, cells.troubles))
    _refuse_places(everything, places)
    _refuse_twins(everything, book)
    _refuse_beyond(everything, book)
    for line, cells, row, troubles in everything:
        cells.row, cells.troubles = row, troubles
        cells.hand_in()
        line.is_refused = line.is_refused or cells.has_error


def _missing_columns(table: Table, rule: Register, check: Check) -> bool:
    """Say which columns that have to be filled the table has not; whether there are any."""
    needed = {column(spec.id): spec.title for spec in rule.columns if spec.required}
    needed[SINCE] = DAYS[SINCE].title
    if rule.ends == "required":
        needed[UNTIL] = DAYS[UNTIL].title
    lacking = [title for name, title in needed.items() if name not in table.columns]
    for title in lacking:
        message = f"“{table.name}”没有“{title}”这一列，要填的。请照样表补上。"
        check.findings.error(table.name, None, None, "missing_column", title, message)
    return bool(lacking)


# --- one row


def _read(cells: Cells, line: Line, book: Book, faces: Faces) -> None:
    """What the row says, each cell as the page's form would take it."""
    rule, cleaned = book.rule, {}
    for spec in rule.columns:
        name = column(spec.id)
        if cells.has(name) and (spec.type not in NAMING or line.organization is not None):
            hides = spec.id in rule.closed_columns
            cleaned[spec.id] = _value(cells, name, spec, line, book, faces, hides=hides)
    for name, spec in DAYS.items():
        if cells.has(name):
            setattr(line, name, _value(cells, name, spec, line, book, faces))
    line.values = stored(rule, cleaned)
    if line.since is None or cells.has_error:
        return
    told = own_faults(rule, line.values, line.since, line.until)
    for name, says in told.items():
        place = name if name in DAYS else column(name)
        if cells.has(place):
            cells.error(place, "bad_days" if name in DAYS else "missing_value", None, says)
    if rule.key and not told and line.organization is not None:
        line.key = key_of(book.reference, rule, line.organization.pk, line.values)


def _value(
    cells: Cells,
    name: str,
    spec: FieldSpec,
    line: Line,
    book: Book,
    faces: Faces,
    *,
    hides: bool = False,
) -> Any:
    """The cell as a cleaned value; None, and a complaint, where it is none. A closed column's
    cell is not said again in the complaint."""
    cell = cells.raw(name)
    if any(trouble.field == name for trouble in cells.troubles):  # an error value
        return None
    shown = None if hides else cells.shown(name)
    try:
        if spec.type in NAMING:
            assert line.organization is not None
            value: Any = faces.named(spec, cell, line.organization)
        else:
            text = controls.typed(spec, cell)
            value = book.controls[spec.id].clean(text) if text not in ("", []) else None
    except ValidationError as wrong:
        code = _code(spec, wrong)
        said = "" if hides else f"“{shown}”"
        cells.error(name, code, shown, f"{cells.heading(name)}{said}：{'；'.join(wrong.messages)}")
        return None
    if value in (None, "", []) and spec.required:
        cells.error(name, "missing_value", None, f"“{spec.title}”要填。")
    return value


def _code(spec: FieldSpec, wrong: ValidationError) -> str:
    if spec.type == "person":
        return "ambiguous_person" if isinstance(wrong, Ambiguous) else "unknown_person"
    return "bad_value"


# --- whose, and twice


def _refuse_places(everything: Everything, places: Places) -> None:
    """Rows of organisations that keep no such register, or where somebody else writes it."""
    refused = places.refused(line.organization for line, *_ in everything if line.organization)
    for line, cells, _, troubles in everything:
        found = refused.get(line.organization.pk) if line.organization else None
        if found is not None:
            place = next((name for name in (PLACE, CODE) if cells.has(name)), SINCE)
            troubles.append(Trouble(place, found[0], None, found[1], is_error=True))


def _refuse_twins(everything: Everything, book: Book) -> None:
    """Two of one key that share a day: in the table, and with a row that is there already. One
    query for some hundreds of rows."""
    rule = book.rule
    keyed = [each for each in everything if each[0].key]
    if not keyed:
        return
    place = next((name for name in (column(key_place(rule)), PLACE, CODE)
                  if keyed[0][1].has(name)), SINCE)  # fmt: skip
    seen: dict[str, list[Line]] = defaultdict(list)
    there = _there(keyed)
    for line, _, _, troubles in keyed:
        assert line.since is not None
        for other in seen[line.key]:
            assert other.since is not None
            if line.overlaps(other.since, other.until):
                at = f"第 {other.row} 行"
                at = at if other.sheet == line.sheet else f"“{other.sheet}”{at}"
                message = (
                    f"和{at}的{word_key(rule)}一样，日子有重的。"
                    "同一天不能有两行，请只留一行，或者改日子。"
                )
                troubles.append(Trouble(place, "duplicate_row", None, message, is_error=True))
                break
        seen[line.key].append(line)
        for twin in there.get(line.key, ()):
            if line.overlaps(twin.since, twin.until):
                message = word_twin(rule, twin)
                troubles.append(Trouble(place, "already_there", None, message, is_error=True))
                break


def _refuse_beyond(everything: Everything, book: Book) -> None:
    """Rows that would go beyond a cap, with those that are there and those above them."""
    judged = {
        id(line): (cells, troubles)
        for line, cells, _, troubles in everything
        if line.organization and line.since and not line.is_refused and not troubles
    }
    lines = (line for line, *_ in everything if id(line) in judged)
    for line, full in capping.beyond(book.reference, book.rule, lines, book.there):
        cells, troubles = judged[id(line)]
        for name, message in full.items():
            place = name if name in DAYS else column(name)
            place = place if cells.has(place) else SINCE
            troubles.append(Trouble(place, "over_cap", None, message, is_error=True))


def _there(keyed: Everything) -> Mapping[str, Sequence[Row]]:
    """Rows of the same keys as the table's; those of an import that nobody sees yet count."""
    found: dict[str, list[Row]] = defaultdict(list)
    for part in chunks({line.key for line, *_ in keyed}):
        rows = Row.all_rows.counted().filter(key__in=part).select_related("organization")
        for row in rows.order_by("since", "pk"):
            found[row.key].append(row)
    return found
