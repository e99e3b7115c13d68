"""Many plain rows at once: what ``bulk_create`` does, without building an object and an
expression a value. Ten times as fast for narrow rows; for imports and long ledger entries.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.db import connection, models, transaction

COPIED_FROM = 20  # rows; fewer are not worth another command
# Columns whose values the database takes as they are, on both engines.
_PLAIN = (
    models.IntegerField,
    models.CharField,
    models.TextField,
    models.BooleanField,
    models.BinaryField,
)


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Primary keys that nobody else will get, in order; they may be used in a later turn.

    Raises:
        TransactionManagementError: no transaction; on SQLite its lock is what reserves.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("编号要在事务里预留")
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = (
                "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)"
            )
            cursor.execute(sequence, [table, count])
            return sorted(number for (number,) in cursor.fetchall())
        cursor.execute("select seq from sqlite_sequence where name = %s", [table])
        found = cursor.fetchone()
        if found is None:
            cursor.execute("insert into sqlite_sequence (name, seq) values (%s, 0)", [table])
        last = found[0] if found else 0
        cursor.execute("update sqlite_sequence set seq = %s where name = %s", [last + count, table])
        return list(range(last + 1, last + 1 + count))


def insert(model: type[models.Model], fields: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert ``rows``, each with the values of ``fields`` (attribute names) in order.

    Every column without a database default must be named; nothing is defaulted, no signal
    is sent.
    """
    if not rows:
        return
    known: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    chosen = [known[name] for name in fields]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in chosen)
    into = f"{quote(model._meta.db_table)} ({columns})"
    database = transaction.get_connection()
    steps = [
        (position, prepare)
        for position, field in enumerate(chosen)
        if (prepare := _prepare(field, database)) is not None
    ]
    if steps:
        rows = [_prepared(row, steps) for row in rows]
    if database.vendor == "postgresql" and len(rows) >= COPIED_FROM:
        _copy(into, rows)
        return
    places = ", ".join(["%s"] * len(chosen))
    sql = f"insert into {into} values ({places})"  # noqa: S608
    with database.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(sql, rows[0])  # no batch to open and close
        else:
            cursor.executemany(sql, rows)


def _copy(into: str, rows: Sequence[Sequence[Any]]) -> None:
    """PostgreSQL's own way for many: constraints and triggers hold as for an insert."""
    copy = f"copy {into} from stdin"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(copy) as lines:
        for row in rows:
            lines.write_row(row)


def _prepare(field: Any, database: Any) -> Callable[[Any], Any] | None:
    """How a value of ``field`` becomes the database's; None where it goes in as it is."""
    if isinstance(field, (*_PLAIN, models.ForeignKey)):
        return None
    if type(field) is models.DateField:
        return None if database.vendor == "postgresql" else date.isoformat
    return lambda value: field.get_db_prep_save(value, database)


def _prepared(row: Sequence[Any], steps: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for position, prepare in steps:
        if values[position] is not None:
            values[position] = prepare(values[position])
    return values


def create(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Number ``rows`` in their order and insert them whole, parents before children."""
    for row, number in zip(rows, reserve(model, len(rows)), strict=True):
        row.pk = number
    names = [str(field.attname) for field in model._meta.concrete_fields]
    insert(model, names, [[getattr(row, name) for name in names] for row in rows])


def update(model: type[models.Model], fields: Sequence[str], rows: Sequence[models.Model]) -> None:
    """Write ``fields`` (attribute names) of ``rows``, which are there already."""
    if not rows:
        return
    known: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    database, quote = transaction.get_connection(), connection.ops.quote_name
    columns = ", ".join(f"{quote(str(known[name].column))} = %s" for name in fields)
    sql = f"update {quote(model._meta.db_table)} set {columns} where id = %s"  # noqa: S608
    values = [
        [*(known[n].get_db_prep_save(getattr(row, n), database) for n in fields), row.pk]
        for row in rows
    ]
    with database.cursor() as cursor:
        cursor.executemany(sql, values)
