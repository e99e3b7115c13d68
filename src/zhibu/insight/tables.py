"""Cross-tables: figures over two dimensions, each of which opens to its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from zhibu.insight.counting import Figures, Keys, counted
from zhibu.insight.dimensions import YEAR
from zhibu.insight.questions import Count, Question
from zhibu.insight.scopes import Scope, days_of_years
from zhibu.insight.subjects import SUBJECTS, by_key, organization_of, units
from zhibu.organizations.models import Field, Organization

FEW = 4  # fewer organisations than this have no quarters


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the table and the query string of its rows."""

    figure: Count
    rows: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    word: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its sums; ``whole`` is counted on its own, not added up.

    Where years stand side by side there is no sum over them and no whole.
    """

    question: Question
    columns: list[str]
    lines: list[Line]
    sums: list[Cell]
    whole: Cell | None


def made(question: Question, figures: Figures | None = None) -> Table:
    """The table of ``figures``, which are counted where none are given. See ``counted``."""
    if figures is None:
        figures = counted(question)
    cells = _Cells(question, figures.found)
    rows, columns = figures.rows, figures.columns
    sums_up = not question.has_years
    lines = [Line(word, cells.line(key, columns, sums_up=sums_up)) for key, word in rows.items()]
    heads = [*columns.values(), *(["合计"] if question.column and sums_up else [])]
    whole = Cell(figures.whole, question.address()) if figures.whole is not None else None
    return Table(question, heads, lines, cells.sums(rows, columns), whole)


class _Cells:
    """Figures by keys, with the address of the rows behind each."""

    def __init__(self, question: Question, found: Mapping[Keys, Count]) -> None:
        self.question, self.found = question, found
        self.days = days_of_years(question.scope.on)
        self.nothing = Count(0, 0 if question.subject.has_total else None)

    def line(self, row: str, columns: Mapping[str, str], *, sums_up: bool) -> list[Cell]:
        figures = [self.found.get((row, column), self.nothing) for column in columns]
        cells = [
            Cell(figure, self._address(row, column))
            for column, figure in zip(columns, figures, strict=True)
        ]
        if self.question.column and sums_up:
            cells.append(Cell(sum(figures, self.nothing), self._address(row, None)))
        return cells

    def sums(self, rows: Mapping[str, str], columns: Mapping[str, str]) -> list[Cell]:
        """Under each column, unless the rows are years."""
        if self.question.row.id == YEAR:
            return []
        return [
            Cell(
                sum((self.found.get((row, c), self.nothing) for row in rows), self.nothing),
                self._address(None, c),
            )
            for c in columns
        ]

    def _address(self, row: str | None, column: str | None) -> str:
        """A year is not a key of the rows: it is their day."""
        narrowed: dict[str, str] = {}
        for name, dimension, key in (
            ("in_row", self.question.row, row),
            ("in_column", self.question.column, column),
        ):
            if dimension is None or key is None:
                continue
            if dimension.id == YEAR:
                narrowed |= {"on": self.days[key].isoformat(), "window": "year"}
            else:
                narrowed[name] = key
        return self.question.address(**narrowed)


def rows_behind(question: Question, row: str | None, column: str | None) -> Any:
    """The rows behind a figure: all of the scope, or those under the keys given."""
    found = question.subject.rows(question.scope)
    for dimension, key in ((question.row, row), (question.column, column)):
        if dimension is not None and key is not None and dimension.id != YEAR:
            found = by_key(found, dimension, question.scope, key)
    return found


# --- 领域 side by side


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One 领域: its figure, and how the shares of its organisations spread.

    ``spread`` is the share below which a quarter, half and three quarters of them lie; None
    where there are too few. ``below`` is how many percentage points its share lies below the
    whole's, None where it does not.
    """

    field: str
    word: str
    organizations: int
    figure: Count
    spread: tuple[float, float, float] | None
    below: float | None
    rows: str

    @property
    def spread_words(self) -> list[str]:
        return [f"{share:.1%}" for share in self.spread or ()]


def fields(scope: Scope, window_id: str) -> tuple[list[FieldLine], Count]:
    """Done of owed by 领域, in the fixed order of 领域, never by figure. Two queries."""
    subject = SUBJECTS["duties"]
    dimension = subject.dimension("field")
    assert dimension is not None
    question = Question(subject, dimension, None, scope, window_id)
    known = units(subject, scope)
    rows = subject.rows(scope).order_by().annotate(at=organization_of(subject)).values("at")
    by_field: dict[str, list[Count]] = {}
    for row in rows.annotate(**subject.figure(scope)):
        if row["total"]:
            field = known[row["at"]].field
            by_field.setdefault(field, []).append(Count(row["count"], row["total"]))
    whole = sum((c for counts in by_field.values() for c in counts), Count(0, 0))
    return [
        _field_line(question, value, str(label), by_field[value], whole)
        for value, label in Field.choices
        if value in by_field
    ], whole


def _field_line(
    question: Question, value: str, word: str, counts: list[Count], whole: Count
) -> FieldLine:
    figure = sum(counts, Count(0, 0))
    shares = [c.share for c in counts if c.share is not None]
    spread = None
    if len(shares) >= FEW:
        low, middle, high = quantiles(shares, n=4, method="inclusive")
        spread = (low, middle, high)
    below = (whole.share or 0) - (figure.share or 0)
    return FieldLine(
        field=value,
        word=word,
        organizations=len(counts),
        figure=figure,
        spread=spread,
        below=round(below * 100, 1) if below > 0 else None,
        rows=question.address(in_row=value),
    )


def organizations_in(scope: Scope) -> list[Organization]:
    """Those that stood in the scope on its day, by code. One query."""
    return list(SUBJECTS["organizations"].rows(scope).order_by("code"))
