"""Situations built once through the real actions, then put back row by row.

Building the small tree and its cast takes half a second of actions; hundreds of tests need
it. The rows it leaves are remembered the first time, in each process, and inserted as they
were from then on: the same records, the same ledger, and ``verify`` holds of them.
"""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

Rows = dict[str, dict[Any, tuple[Any, ...]]]
_columns: dict[str, list[str]] = {}
_made: dict[str, tuple[Rows, Any]] = {}


def _models() -> list[Any]:
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]


def _rows() -> Rows:
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


def _put_back(rows: Rows) -> None:
    touched = [m for m in _models() if rows.get(m._meta.db_table)]
    with connection.cursor() as cursor:
        for model in touched:
            table = model._meta.db_table
            places = ", ".join(["%s"] * len(_columns[table]))
            sql = f"insert into {table} ({', '.join(_columns[table])}) values ({places})"
            cursor.executemany(sql, list(rows[table].values()))
        for statement in connection.ops.sequence_reset_sql(no_style(), touched):
            cursor.execute(statement)


def _has_room(rows: Rows) -> bool:
    """Whether the remembered numbers are free: a test may have made things of its own first.

    Every action leaves an entry in the ledger, so that it is enough to look there.
    """
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(id), 0) from ledger_entry")
        return int(cursor.fetchone()[0]) < min(rows["ledger_entry"])


def situation(name: str, build: Callable[[], Any], load: Callable[[Any], Any]) -> Any:
    """What ``build`` gives, its rows put back where it was built before.

    ``load`` reads the built thing afresh from the database, given what ``build`` returned
    the first time. A build may only add rows.
    """
    if name in _made and _has_room(_made[name][0]):
        rows, made = _made[name]
        _put_back(rows)
        return load(made)
    before = _rows()
    made = build()
    after = _rows()
    assert all(after[table].items() >= known.items() for table, known in before.items())
    added = {
        table: {key: row for key, row in rows.items() if key not in before[table]}
        for table, rows in after.items()
    }
    _made.setdefault(name, ({table: rows for table, rows in added.items() if rows}, made))
    return load(made)
