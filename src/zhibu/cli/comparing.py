"""Two databases side by side, table by table and row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from django.apps import apps
from django.db import connections, models

CHUNK = 2000
BESIDE = "beside"  # the alias of the other database


@contextmanager
def beside(settings: dict[str, Any]) -> Iterator[str]:
    """Within this block another database can be asked under the alias that is given."""
    default = connections.databases["default"]
    shared = {**default, "OPTIONS": {}, **settings}
    connections.databases[BESIDE] = {**shared, "CONN_MAX_AGE": 0}
    try:
        yield BESIDE
    finally:
        connections[BESIDE].close()
        del connections[BESIDE]
        del connections.databases[BESIDE]


def tables(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        return sorted(connections[alias].introspection.table_names(cursor))


def all_models() -> list[type[models.Model]]:
    """Every model with a table of its own, those between many and many included."""
    found = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
    return [m for m in found if not m._meta.proxy]


def rows(model: type[models.Model], alias: str) -> Iterator[tuple[Any, ...]]:
    """Every row whole, by its key, as Python has it on either database."""
    names = [str(field.attname) for field in model._meta.concrete_fields]
    found = model._base_manager.using(alias).order_by("pk").values_list(*names)
    for row in found.iterator(CHUNK):
        yield tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)


def differences(one: str, other: str, *, apart_from: tuple[str, ...] = ()) -> dict[str, int]:
    """How many rows of each table differ, tables without one left out; rows are all read."""
    lone = set(tables(one)) ^ set(tables(other))
    found = dict.fromkeys(sorted(lone), -1)
    for model in all_models():
        table = model._meta.db_table
        if table in lone or table in apart_from:
            continue
        pairs = zip_longest(rows(model, one), rows(model, other))
        count = sum(1 for ours, theirs in pairs if ours != theirs)
        if count:
            found[table] = count
    if _migrations(one) != _migrations(other):
        found["django_migrations"] = -1
    return found


def _migrations(alias: str) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute("select app, name from django_migrations order by app, name")
        return [tuple(row) for row in cursor.fetchall()]
