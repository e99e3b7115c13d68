"""Counting what a table asks: grouped by the database, added up to the tree here."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import aggregates

from zhibu.insight.dimensions import YEAR, Dimension
from zhibu.insight.questions import Count, Question
from zhibu.insight.scopes import Scope, years
from zhibu.insight.subjects import organization_of, units

Keys = tuple[str, str]
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted: the words of the keys in the order they stand in, figures by keys.

    ``columns`` is one column without a key where the table has no second dimension.
    ``whole`` is counted on its own; None where years stand side by side.
    """

    rows: dict[str, str]
    columns: dict[str, str]
    found: dict[Keys, Count]
    whole: Count | None

    def as_json(self) -> dict[str, Any]:
        """For keeping; ``of_json`` gives the same back."""
        return {
            "rows": list(self.rows.items()),
            "columns": list(self.columns.items()),
            "found": [[*keys, f.count, f.total] for keys, f in self.found.items()],
            "whole": None if self.whole is None else [self.whole.count, self.whole.total],
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Figures":
        return cls(
            rows=dict(kept["rows"]),
            columns=dict(kept["columns"]),
            found={(row, column): Count(n, total) for row, column, n, total in kept["found"]},
            whole=None if kept["whole"] is None else Count(*kept["whole"]),
        )


def counted(question: Question, step: Step = lambda done, steps: None) -> Figures:
    """Three queries and one a dimension for words; one a year more where years are asked.

    ``step(done, steps)`` is told how far it is.
    """
    editions = years(question.scope) if question.has_years else {"": question.scope}
    steps = len(editions) + 1
    found: dict[Keys, Count] = {}
    for done, scope in enumerate(editions.values()):
        step(done, steps)
        found |= _counted(question, scope)
    step(steps - 1, steps)
    rows = _words(question.row, {row for row, _ in found}, question.scope, editions)
    columns = {"": "合计"}
    if question.column:
        keys = {column for _, column in found}
        columns = _words(question.column, keys, question.scope, editions)
    whole = (
        None if question.has_years else figure_of(question, question.subject.rows(question.scope))
    )
    return Figures(rows, columns, found, whole)


def figure_of(question: Question, rows: Any) -> Count:
    """The figure over ``rows``. One query."""
    return figure_and_number(question, rows)[0]


def figure_and_number(question: Question, rows: Any) -> tuple[Count, int]:
    """The figure over ``rows``, and how many rows stand behind it: those that are exempt are
    in the list and in neither number. One query."""
    asked = question.subject.figure(question.scope)
    found = rows.order_by().aggregate(**asked, number=aggregates.Count("pk"))
    number = found.pop("number")
    return Count(**found), number


def _words(
    dimension: Dimension, keys: set[str], scope: Scope, editions: Mapping[str, Scope]
) -> dict[str, str]:
    """Every year stands in the table, also one in which there was nothing."""
    return dimension.words(set(editions) if dimension.id == YEAR else keys, scope)


def _counted(question: Question, scope: Scope) -> dict[Keys, Count]:
    """Figures by keys: one query, and one for the organisations where a key hangs on them.

    Over years the database adds up itself: there are fewer keys than organisations, and the
    organisations would have to be read for each year.
    """
    asked = {"by_row": question.row, "by_column": question.column}
    dimensions = {name: dimension for name, dimension in asked.items() if dimension}
    folds = {
        name: d.fold(scope) for name, d in dimensions.items() if d.fold and not question.has_years
    }
    keys = {name: d.key(scope) for name, d in dimensions.items() if name not in folds}
    if folds:
        keys["at"] = organization_of(question.subject)
    known = units(question.subject, scope) if folds else {}
    rows = question.subject.rows(scope).order_by().annotate(**keys).values(*keys)
    found: defaultdict[Keys, list[int | None]] = defaultdict(lambda: [0, None])
    for row in rows.annotate(**question.subject.figure(scope)):
        row |= {name: fold(known[row["at"]]) for name, fold in folds.items()}
        sums = found[row["by_row"], row.get("by_column", "")]
        sums[0] = (sums[0] or 0) + row["count"]
        if "total" in row:
            sums[1] = (sums[1] or 0) + row["total"]
    return {key: Count(count or 0, total) for key, (count, total) in found.items()}
