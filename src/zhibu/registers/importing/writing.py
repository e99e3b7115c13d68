"""Writing the rows of a register, invisible, each with the next number where they are counted."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.db.models import Max

from zhibu.core import bulk
from zhibu.core.verdicts import Refused, no
from zhibu.imports import undoing
from zhibu.imports.targets import Check, Made
from zhibu.imports.writing import Lines, Writer, lines_of
from zhibu.ledger.protection import Children
from zhibu.organizations.models import Organization
from zhibu.packs.schema.registers import Register
from zhibu.registers import rules
from zhibu.registers.actions import SERIES, fill, mentions
from zhibu.registers.importing import capping
from zhibu.registers.importing.checking import NAME, Book
from zhibu.registers.importing.lines import Line
from zhibu.registers.models import PARTS, Mention, Row


@dataclass(slots=True)
class _Ready:
    """Rows made ready outside the turn; ``written`` are the rows of their parts."""

    rule: Register
    rows: list[Row]
    written: dict[str, Children] = field(default_factory=dict)


def count(check: Check) -> int:
    book: Book = check.made[NAME]
    return len(book.kept())


def write(check: Check, writer: Writer) -> None:
    """Write the rows in the order of the workbook, which is the order of their numbers."""
    book: Book | None = check.made.get(NAME)
    if book is None:
        return

    def prepare(piece: Sequence[Line]) -> _Ready:
        made = [_as_row(line, book, writer.batch.pk, check.by.pk, writer.at) for line in piece]
        return _Ready(book.rule, made)

    writer.run(book.kept(), prepare=prepare, write=_write, after=_digests, first=100)


def _as_row(line: Line, book: Book, batch: int, by_id: int, at: datetime) -> Row:
    assert line.organization is not None and line.since is not None
    row = Row(
        organization=line.organization, register=book.reference, wording=book.wording,
        values=line.values, since=line.since, until=line.until, opened_by_id=by_id, opened_at=at,
        is_shared=book.rule.readers == "members", batch=batch,
    )  # fmt: skip
    fill(row, book.rule)
    return row


def _write(ready: _Ready) -> None:
    _number(ready.rows, ready.rule)
    bulk.create(Row, ready.rows)
    made = [one for row in ready.rows for one in mentions(row, ready.rule)]
    bulk.create(Mention, made)
    values = attrgetter("pk", *PARTS["mentions"][1])
    by_row: dict[int, list[list[object]]] = defaultdict(list)
    for one in made:
        by_row[one.row_id].append(list(values(one)))
    ready.written = {"mentions": by_row, "revisions": {}}


def _number(rows: Sequence[Row], rule: Register) -> None:
    """The next numbers where the rows are counted; whoever counts there waits. Two queries, and
    one for each place."""
    numbering = rule.numbering
    if numbering is None:
        return
    tops = {row.organization_id: row.organization.path for row in rows}
    if numbering.scope == "county":
        tops = {pk: path[: SERIES["county"]] for pk, path in tops.items()}
    held = Organization.all_rows.select_for_update(no_key=True).filter(path__in=set(tops.values()))
    places = {place.path: place for place in held.order_by("pk")}
    last: dict[tuple[int, int], int] = defaultdict(int)
    counted = Row.all_rows.filter(
        register=rows[0].register, numbered_in__in=places.values(), number__isnull=False
    )
    for place, year, number in (
        counted.order_by().values_list("numbered_in", "year").annotate(last=Max("number"))
    ):
        last[place, year] = number
    for row in rows:
        place = places[tops[row.organization_id]]
        row.numbered_in, row.year = place, row.since.year if numbering.by_year else 0
        last[place.pk, row.year] += 1
        row.number = last[place.pk, row.year]


def _digests(ready: _Ready) -> Lines:
    return lines_of(ready.rows, ready.written)


def conclude(check: Check, writer: Writer) -> None:
    """Look once more whether the organisations stand and ``check.by`` still writes there.

    Raises:
        Refused: an organisation has ended since, or somebody else writes there now.
    """
    book: Book | None = check.made.get(NAME)
    if book is None:
        return
    named = {line.organization.pk for line in book.kept() if line.organization}
    counted = capping.places(book.reference, book.kept())
    rows = Organization.all_rows.filter(pk__in=named | counted).select_related("parent")
    held = rows.select_for_update(no_key=True, of=("self",)).order_by("path")
    units = [unit for unit in held if unit.pk in named]
    may = rules.open_at(check.by, units, book.rule)
    for unit in units:
        if unit.pk not in may:
            verdict = rules.may_open(check.by, unit, book.rule)
            raise Refused(no(f"没有导入：核对之后有变动。{verdict.reason}请再核对一次。"))
    if capping.has_changed(book.reference, book.kept(), book.there):
        said = "没有导入：核对之后又有人登记了，数着上限的。请再核对一次。"
        raise Refused(no(said))
    for part in undoing.chunks(undoing.recorded_since(MADE, writer.batch)):
        writer.digest(list(Row.all_rows.filter(pk__in=part)))  # people in them were merged since


def last_numbers(batch: int) -> dict[int, str]:
    """Rows of the batch that have the highest number where they are counted: were they gone, the
    number would be given to another."""
    mine = Row.all_rows.filter(batch=batch, number__isnull=False)
    series = set(mine.values_list("register", "numbered_in", "year").distinct())
    if not series:
        return {}
    rows = Row.all_rows.filter(
        register__in={register for register, _, _ in series},
        numbered_in__in={place for _, place, _ in series},
    )
    highest = {
        (register, place, year): number
        for register, place, year, number in rows.order_by().values_list(
            "register", "numbered_in", "year"
        ).annotate(last=Max("number"))
    }  # fmt: skip
    return {
        pk: "是最后一号，删了会有人再用这个号；不要的请作废"
        for pk, number, *which in mine.values_list(
            "pk", "number", "register", "numbered_in", "year"
        )
        if highest[(which[0], which[1], which[2])] == number
    }


def _named(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Row.all_rows.filter(pk__in=ids).select_related("organization")
    return {
        row.pk: (
            f"{row.organization.called} {row.called_number} {row.title}", row.get_absolute_url()
        )
        for row in rows
    }  # fmt: skip


MADE = Made(Row, "台账", _named, rests_elsewhere=last_numbers, is_alone=True)
