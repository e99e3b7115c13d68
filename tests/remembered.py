"""Situations built once through the real actions, then put back row by row.

Building the small tree and its cast takes half a second of actions; hundreds of tests need
it. The rows it leaves are remembered the first time, in each process, and inserted as they
were from then on: the same records, the same ledger, and ``verify`` holds of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

Rows = dict[str, dict[Any, tuple[Any, ...]]]
# Written by ``migrate``; no row of a situation points there.
NUMBERED_ANEW = {"contenttypes", "auth"}
_columns: dict[str, list[str]] = {}


@dataclass(frozen=True)
class _Remembered:
    """Rows added or changed, the tables where some were changed, and what was built."""

    rows: Rows
    changed: frozenset[str]
    made: Any


_made: dict[tuple[str, tuple[Any, ...]], _Remembered] = {}


def _models() -> list[Any]:
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]


def every_row() -> Rows:
    """Every row of every table, by its primary key, as the driver gives it."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for model in _models():
            table = model._meta.db_table
            quote = connection.ops.quote_name
            columns = [quote(f.column) for f in model._meta.concrete_fields]
            _columns[table] = columns
            key = columns.index(quote(model._meta.pk.column))
            cursor.execute(f"select {', '.join(columns)} from {table}")
            found[table] = {row[key]: tuple(row) for row in cursor.fetchall()}
    return found


def _put_back(known: _Remembered) -> None:
    touched = [m for m in _models() if known.rows.get(m._meta.db_table)]
    with transaction.atomic(), connection.cursor() as cursor:  # one commit, not one a table
        for model in touched:
            table = model._meta.db_table
            columns = _columns[table]
            places = ", ".join(["%s"] * len(columns))
            sql = f"insert into {table} ({', '.join(columns)}) values ({places})"
            if table in known.changed:
                key = connection.ops.quote_name(model._meta.pk.column)
                again = ", ".join(f"{column} = excluded.{column}" for column in columns)
                sql += f" on conflict ({key}) do update set {again}"
            cursor.executemany(sql, list(known.rows[table].values()))
        for statement in connection.ops.sequence_reset_sql(no_style(), touched):
            cursor.execute(statement)


def _ground() -> tuple[Any, ...]:
    """How many rows each table has, and the last number: what a situation is built upon.

    The same actions on the same ground give the same numbers; on any other they may be taken.
    """
    parts = []
    for model in _models():
        if model._meta.app_label in NUMBERED_ANEW:
            continue
        key = model._meta.pk
        table = connection.ops.quote_name(model._meta.db_table)
        parts.append(f"(select count(*) from {table})")
        if isinstance(key, models.AutoField | models.BigAutoField):
            parts.append(f"(select max({connection.ops.quote_name(key.column)}) from {table})")
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(parts)}")
        return tuple(cursor.fetchone())


def situation(name: str, build: Callable[[], Any], load: Callable[[Any], Any]) -> Any:
    """What ``build`` gives, its rows put back where it was built before on the same ground.

    ``load`` reads the built thing afresh from the database, given what ``build`` returned
    the first time. A build may add and change rows, not remove any.
    """
    ground = _ground()
    known = _made.get((name, ground))
    if known:
        _put_back(known)
        return load(known.made)
    before = every_row()
    made = build()
    after = every_row()
    assert all(after[table].keys() >= rows.keys() for table, rows in before.items())
    rows = {
        table: found
        for table, known_rows in before.items()
        if (found := {k: row for k, row in after[table].items() if known_rows.get(k) != row})
    }
    changed = frozenset(table for table in rows if rows[table].keys() & before[table].keys())
    _made[name, ground] = _Remembered(rows, changed, made)
    return load(made)
