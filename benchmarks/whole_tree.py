"""The whole tree evaluated in columns: 12 duties x 12 months at county size.

BRANCHES branches under township committees, each of which owes 12 duties every month; EVENTS
activities a branch and duty in a month, drawn anew from a fixed seed. Side by side, in turn,
over the same facts:

- the evaluation as the product runs it (``zhibu.insight.whole``, Ibis on DuckDB), from
  adoptions and places to done and late, every obligation a row;
- a bare scan: DuckDB decodes and adds up the columns that the evaluation reads. Target: at
  most 8 times as long;
- the loop people write: one ORM query a branch, duty and month, over an indexed SQLite table,
  for SAMPLE branches, taken times the rest. Target: at least 200 times as long;
- a kernel made for this one question: dense arrays by branch, duty and month in numpy. It
  says what a specialised kernel behind the same interface would bring. It knows counts and
  days alone: no holders, no conditions, no tightening.

All of them must come to the same numbers.
"""

import os
import sqlite3
import statistics
import tempfile
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from rig import figures, homes

BRANCHES = int(os.environ.get("BRANCHES", "2297"))
EVENTS = float(os.environ.get("EVENTS", "1.2"))
SAMPLE = int(os.environ.get("SAMPLE", "30"))
TIMES = int(os.environ.get("TIMES", "5"))
DUTIES, MONTHS = 12, 12
BELOW = 17  # branches a township committee
SCAN_TARGET, LOOP_TARGET = 8, 200
FIRST = np.datetime64("2026-01-01")


def drawn():
    """Activities: branch, duty, month, day held, day entered. Some branches do all, some little."""
    random = np.random.default_rng(7)
    diligence = random.beta(8, 1.2, BRANCHES)[:, None, None]
    shape = (BRANCHES, DUTIES, MONTHS)
    often = (random.random(shape) < diligence) + random.poisson(EVENTS - 1, shape)
    branch, duty, month = (np.repeat(axis, often.ravel()) for axis in
                           (np.indices(shape).reshape(3, -1)))  # fmt: skip
    begins = np.array([np.datetime64(f"2026-{m:02d}-01") for m in range(1, MONTHS + 1)])
    held = begins[month] + random.integers(0, 28, len(branch))
    entered = held + random.integers(0, 40, len(branch))
    return branch, duty, month, held.astype("datetime64[D]"), entered.astype("datetime64[D]")


def duties():
    """Twelve monthly duties, as packs word them, under one adoption of the root."""
    from zhibu.packs.schema.duties import Duty

    def duty(number):
        return Duty.model_validate(
            {
                "title": f"应办{number}",
                "holder": "organization",
                "applies_to": ["branch"],
                "every": "month",
                "fulfilled_by": [f"bench/duties:kind-{number}"],
                "entered_within": "P10D",
                "cites": [{"source": "x", "seen": "text"}],
            }
        )

    return [duty(number) for number in range(DUTIES)]


def compiled():
    from zhibu.duties import derive, spans
    from zhibu.insight.whole.rules import Rule, Rules

    pack = SimpleNamespace(id="bench/duties")
    adoption = SimpleNamespace(fields=[], organization_id=1, reach="subtree")
    adoption.Reach = SimpleNamespace(SUBTREE="subtree")
    found = Rules([adoption])
    for number, duty in enumerate(duties()):
        found.wordings.append(
            (pack, SimpleNamespace(id=f"d{number}", since=FIRST.item(), item=duty))
        )
        for period in spans.calendar(duty, date(2026, 1, 1), date(2027, 1, 1)):
            day, due_on = derive.judged_day(duty, period), derive.due_day(duty, period)
            found.rules.append(Rule(len(found.rules), 0, number, period, day, due_on))
    return found


def columns(rules, facts):
    """The tables the expressions read, filled without a database."""
    import pyarrow as pa

    from zhibu.core.paths import step
    from zhibu.insight.whole import reading
    from zhibu.insight.whole.reading import DAY, EVER, NEVER, NUMBER, TEXT, arrow

    branch, duty, _, held, entered = facts
    towns = -(-BRANCHES // BELOW)
    root = step(1)
    paths = [root, *(root + step(t + 1) for t in range(towns))]
    paths += [paths[1 + b // BELOW] + step(b % BELOW + 1) for b in range(BRANCHES)]
    kinds = ["county-committee", *["township-committee"] * towns, *["branch"] * BRANCHES]
    ids = range(1, len(paths) + 1)
    first = 2 + towns  # id of the first branch
    span = (("since", DAY), ("until", DAY))
    none = {
        "party_group": (("holder", NUMBER), ("organization", NUMBER), *span),
        "post": (("holder", NUMBER), ("organization", NUMBER), ("kind", TEXT), *span),
        "holding": (("post", NUMBER), ("person", NUMBER), *span),
        "stay": (("holder", NUMBER), ("organization", NUMBER), *span),
        "met": reading.MET,
        "exempt": reading.EXEMPT,
        "complete": (("wording", NUMBER), ("items", TEXT)),
        "present": (("source", NUMBER), ("person", NUMBER)),
    }
    count = len(branch)
    kind = pa.DictionaryArray.from_arrays(
        pa.array(duty.astype("i4")), pa.array([f"bench/duties:kind-{n}" for n in range(DUTIES)])
    ).cast(TEXT)
    nobody = pa.nulls(count, NUMBER)
    credit = pa.table(
        {
            "source_id": np.arange(count), "organization_id": branch + first,
            "group_id": nobody, "kind": kind, "held_on": pa.array(held),
            "credited_on": pa.array(held), "entered_on": pa.array(entered),
            "items": pa.array(["[]"] * count), "speaker_id": nobody, "chair_id": nobody,
        }
    )  # fmt: skip
    return {
        **reading.said(rules),
        "organization": arrow(
            ((pk, kind, "rural") for pk, kind in zip(ids, kinds, strict=True)),
            (("id", NUMBER), ("kind", TEXT), ("field", TEXT)),
        ),
        "placement": arrow(
            ((pk, path, NEVER, EVER) for pk, path in zip(ids, paths, strict=True)),
            (("organization", NUMBER), ("path", TEXT), *span),
        ),
        "top": arrow([(0, 1, NEVER, EVER)],
                     (("adoption", NUMBER), ("organization", NUMBER), *span)),
        **{name: arrow([], schema) for name, schema in none.items()},
        "credit": credit,
    }, first  # fmt: skip


def as_files(tables, folder):
    """Each table as a file, sorted as it is, compressed: where the scan and the evaluation read."""
    import pyarrow.parquet as pq

    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    return {name: str(folder / f"{name}.parquet") for name in tables}


def engine_over(files):
    from zhibu.insight.whole.recount import Engine

    engine = Engine({})
    for name, file in files.items():
        setattr(engine.tables, name, engine.connection.read_parquet(file, table_name=name))
    return engine


def evaluate(rules, files):
    from zhibu.insight.whole.recount import evaluated

    engine = engine_over(files)
    found = evaluated(engine, rules)
    return engine, found


def scan(files) -> None:
    """Every column that the evaluation reads, decoded and added up."""
    import duckdb

    with duckdb.connect() as connection:
        for name, file in files.items():
            described = connection.execute(f"describe select * from '{file}'").fetchall()
            sums = ", ".join(
                f"sum(length({c}))" if kind == "VARCHAR"
                else f"count({c})" if kind in ("BOOLEAN", "DATE")
                else f"sum({c})"
                for c, kind, *_ in described
            )  # fmt: skip
            sums = sums.replace("count(", "max(")
            connection.execute(f"select {sums} from '{file}' -- {name}").fetchall()


def kernel(facts):
    """Counts and the day of the first, by branch, duty and month."""
    branch, duty, month, held, entered = facts
    at = (branch * DUTIES + duty) * MONTHS + month
    cells = BRANCHES * DUTIES * MONTHS
    counts = np.bincount(at, minlength=cells)
    done_on = np.full(cells, np.iinfo("i8").max)
    np.minimum.at(done_on, at, held.astype("i8"))
    entered_on = np.full(cells, np.iinfo("i8").max)
    np.minimum.at(entered_on, at, entered.astype("i8"))
    return counts, done_on, entered_on


def stored_for_the_loop(facts, file):
    """The same activities in a table with the index that the loop wants."""
    branch, duty, _, held, _ = facts
    with sqlite3.connect(file) as connection:
        connection.execute(
            "create table activity (id integer primary key, branch int, kind int, day text)"
        )
        rows = zip(branch.tolist(), duty.tolist(), map(str, held.tolist()), strict=True)
        connection.executemany("insert into activity (branch, kind, day) values (?, ?, ?)", rows)
        connection.execute("create index activity_at on activity (branch, kind, day)")
    connection.close()


def loop(model, branches) -> int:
    """The loop people write: for each branch, month and duty one query; how many are done."""
    done = 0
    for branch in branches:
        for month in range(1, MONTHS + 1):
            since = date(2026, month, 1)
            until = date(2026 + month // 12, month % 12 + 1, 1)
            for duty in range(DUTIES):
                held = model.objects.using("loop").filter(
                    branch=branch, kind=duty, day__gte=since, day__lt=until
                )
                done += held.count() >= 1
    return done


def model_over(file):
    from django.db import connections, models

    class Activity(models.Model):  # noqa: DJ008
        branch = models.IntegerField()
        kind = models.IntegerField()
        day = models.DateField()

        class Meta:
            app_label = "bench"
            managed = False
            db_table = "activity"

    own = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}
    connections.settings["loop"] = connections.settings["default"] | own
    return Activity


def agree(found, first, facts, engine) -> int:
    """The kernel's numbers are the evaluation's; how many obligations are done."""
    counts, done_on, _ = kernel(facts)
    rows = engine.connection.to_pyarrow(
        found.select("organization_id", "duty", "period_since", "done", "done_on")
    )
    branch = rows["organization_id"].to_numpy() - first
    duty = np.array([int(name[1:]) for name in rows["duty"].to_pylist()])
    month = np.array([day.month - 1 for day in rows["period_since"].to_pylist()])
    at = (branch * DUTIES + duty) * MONTHS + month
    assert len(at) == BRANCHES * DUTIES * MONTHS == len(set(at.tolist()))
    assert (rows["done"].to_numpy() == counts[at]).all()
    days = [None if n == 0 else date(1970, 1, 1) + timedelta(days=int(d))
            for n, d in zip(counts[at], done_on[at], strict=True)]  # fmt: skip
    assert rows["done_on"].to_pylist() == days
    return int((counts > 0).sum())


def main() -> None:
    homes.inside()
    facts = drawn()
    rules = compiled()
    tables, first = columns(rules, facts)
    with tempfile.TemporaryDirectory() as name:
        files = as_files(tables, Path(name))
        stored_for_the_loop(facts, Path(name) / "loop.sqlite3")
        activity = model_over(Path(name) / "loop.sqlite3")
        engine, found = evaluate(rules, files)
        done = agree(found, first, facts, engine)
        engine.close()
        branches = range(0, BRANCHES, max(1, BRANCHES // SAMPLE))

        def evaluation_alone() -> None:
            evaluate(rules, files)[0].close()

        ours = figures.in_turn(evaluation_alone, lambda: scan(files), times=TIMES)
        kernels = figures.in_turn(lambda: kernel(facts), lambda: loop(activity, branches), times=3)
        share = BRANCHES / len(branches)
        assert abs(loop(activity, branches) * share / done - 1) < 0.1
    lines = []
    ways = (
        ("scan of the columns", ours.other, 1.0, "", ""),
        ("evaluation, Ibis on DuckDB", ours.ours, 1.0, f"<= {SCAN_TARGET}", f">= {LOOP_TARGET}"),
        ("kernel in numpy, counts and days", kernels.ours, 1.0, "", ""),
        (f"ORM loop, {len(branches)} branches x {share:.1f}", kernels.other, share, "", ""),
    )
    scanned, looped = middle(ours.other), [each * share for each in middle(kernels.other)]
    for title, took, times, scan_target, loop_target in ways:
        wall, work = (each * times for each in middle(took))
        lines.append(
            [title, f"{wall:,.0f}", f"{work:,.0f}", f"{wall / scanned[0]:,.1f}", scan_target,
             f"{looped[0] / wall:,.0f}", f"{looped[1] / work:,.0f}", loop_target]
        )  # fmt: skip
    figures.table(
        f"{BRANCHES:,} branches, {DUTIES} duties x {MONTHS} months ="
        f" {BRANCHES * DUTIES * MONTHS:,} obligations, {len(facts[0]):,} activities",
        ["way", "ms", "ms of CPU", "x scan", "target", "loop / it", "in CPU", "target"],
        lines,
    )


def middle(took) -> tuple[float, float]:
    """Medians of wall and work."""
    return statistics.median(t.wall for t in took), statistics.median(t.work for t in took)


if __name__ == "__main__":
    main()
