"""Evaluating the whole tree and comparing it with what is stored. Nothing is mended."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from zhibu.core import snapshot
from zhibu.insight.whole import expressions, reading, rules
from zhibu.insight.whole.expressions import KEY, VALUES, Shape, Tables

MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """An obligation on which the evaluation and the stored row do not agree.

    ``says`` gives for each column that differs what was evaluated and what is stored; empty
    where only one side has the obligation at all.
    """

    key: dict[str, Any]
    organization: int
    is_missing: bool
    is_unexpected: bool
    says: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """Done of owed of one duty in one period, over the whole tree."""

    pack: str
    duty: str
    period_since: date
    done: int
    owed: int


@dataclass(frozen=True, slots=True)
class Recount:
    """What came out as of ``on``. At most ``MOST_NAMED`` of ``differing`` rows are named.

    ``left_out``: stored obligations of pairs, or reckoned from a day, which are not evaluated.
    """

    on: date
    evaluated: int
    stored: int
    left_out: int
    differing: int
    differences: list[Difference]
    figures: list[Figure]
    read_seconds: float
    evaluate_seconds: float

    @property
    def is_equal(self) -> bool:
        return self.differing == 0


class Engine:
    """DuckDB in memory, with the columns it was given."""

    def __init__(self, columns: Mapping[str, pa.Table]) -> None:
        self.connection = ibis.duckdb.connect()
        self.tables = Tables()
        for name, table in columns.items():
            self.give(name, table)

    def give(self, name: str, table: pa.Table) -> None:
        """Let expressions read a table under ``name``, where it lies."""
        self.connection.con.register(name, table)
        setattr(self.tables, name, self.connection.table(name))

    def keep(self, name: str, what: Any) -> Any:
        """Hold the result of an expression under ``name``."""
        found = self.connection.create_table(name, what)
        setattr(self.tables, name, found)
        return found

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.connection.to_pyarrow(expression).to_pylist()
        return found

    def close(self) -> None:
        self.connection.disconnect()


def evaluated(engine: Engine, compiled: rules.Rules) -> Any:
    """The obligations of ``compiled`` over the engine's columns, kept there."""
    tables, keep = engine.tables, engine.keep
    shape = Shape(
        holders=compiled.holders() or {expressions.ITSELF},
        is_contested=compiled.is_contested(),
        is_tightened=any(compiled.candidates.values()),
    )
    found = keep("concerned", expressions.concerned(tables, shape, keep))
    occurring = engine.rows(found.select("rule", "asked").distinct())
    terms = compiled.terms([(row["rule"], row["asked"]) for row in occurring])
    engine.give(
        "terms",
        reading.arrow(
            ((t.rule, t.asked, t.required, t.closes_on) for t in terms),
            (("rule", reading.NUMBER), ("asked", reading.TEXT), ("required", reading.NUMBER),
             ("closes_on", reading.DAY)),
        ),
    )  # fmt: skip
    keep("owed", expressions.owed(tables, shape, keep))
    keep("counted", expressions.counted(tables, shape, keep))
    return keep("obligations", expressions.obligations(tables))


def run(*, on: date, until: date) -> Recount:
    """Evaluate every obligation of periods that begin before ``until``, and compare.

    Reads everything in one transaction and writes nothing.
    """
    began = time.monotonic()
    with snapshot.reading():
        compiled = rules.compiled(until)
        columns = reading.facts(compiled)
        stored, left_out = reading.stored(), reading.left_out()
    read = time.monotonic()
    engine = Engine(columns | {"stored": stored})
    try:
        found = evaluated(engine, compiled)
        differing = engine.keep("differing", expressions.differing(found, engine.tables.stored))
        return Recount(
            on=on,
            evaluated=engine.rows(found.count().as_table())[0].popitem()[1],
            stored=stored.num_rows,
            left_out=left_out,
            differing=engine.rows(differing.count().as_table())[0].popitem()[1],
            differences=[
                _difference(row)
                for row in engine.rows(differing.order_by(list(KEY)).limit(MOST_NAMED))
            ],
            figures=[Figure(**row) for row in engine.rows(expressions.figures(found, on))],
            read_seconds=read - began,
            evaluate_seconds=time.monotonic() - read,
        )
    finally:
        engine.close()


def _difference(row: Mapping[str, Any]) -> Difference:
    both = row["in_evaluated"] and row["in_stored"]
    pairs = {name: (row[f"evaluated_{name}"], row[f"stored_{name}"]) for name in VALUES}
    evaluated_at, stored_at = pairs["organization_id"]
    return Difference(
        key={name: row[name] for name in KEY},
        organization=evaluated_at or stored_at,
        is_missing=not row["in_stored"],
        is_unexpected=not row["in_evaluated"],
        says={name: pair for name, pair in pairs.items() if both and pair[0] != pair[1]},
    )
