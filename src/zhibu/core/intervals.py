"""Dated rows over ``[since, until)``: filters, and the constraint that they never overlap.

PostgreSQL keeps it with an exclusion constraint, SQLite with triggers: the same sentence
on both, held by the database and not by an action that might be forgotten.
"""

from collections.abc import Sequence
from datetime import date

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q


def on_day(day: date, prefix: str = "") -> Q:
    """Rows in force on ``day``; ``until`` null means still in force."""
    still = Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": day})
    return Q(**{f"{prefix}since__lte": day}) & still


def touching(since: date, until: date, prefix: str = "") -> Q:
    """Rows in force on some day of ``[since, until)``."""
    still = Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": since})
    return Q(**{f"{prefix}since__lt": until}) & still


def _sqlite(table: str, keys: Sequence[str]) -> str:
    same = " and ".join(f"o.{key} is new.{key}" for key in keys)
    overlap = (
        "o.since < coalesce(new.until, '9999-12-31')"
        " and new.since < coalesce(o.until, '9999-12-31')"
    )
    body = (
        f"when exists (select 1 from {table} o"  # noqa: S608 - names from our migrations
        f" where {same} and o.id is not new.id and {overlap})"
        f" begin select raise(abort, '{table}: intervals overlap'); end;"
    )
    columns = ", ".join([*keys, "since", "until"])
    return (
        f"create trigger {table}_overlap_i before insert on {table} {body}\n"
        f"create trigger {table}_overlap_u before update of {columns} on {table} {body}"
    )


def _postgresql(table: str, keys: Sequence[str]) -> list[str]:
    same = ", ".join(f"{key} with =" for key in keys)
    return [
        "create extension if not exists btree_gist",
        (
            f"alter table {table} add constraint {table}_overlap"
            f" exclude using gist ({same}, daterange(since, until) with &&)"
        ),
    ]


class NoOverlap(migrations.RunPython):
    """Migration operation: rows of ``table`` with equal ``keys`` never overlap in time."""

    def __init__(self, table: str, keys: Sequence[str]) -> None:
        self.table, self.keys = table, list(keys)

        def forwards(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
            if editor.connection.vendor == "postgresql":
                for statement in _postgresql(table, keys):
                    editor.execute(statement)
            else:
                for statement in _sqlite(table, keys).split("\n"):
                    editor.execute(statement)

        def backwards(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
            if editor.connection.vendor == "postgresql":
                editor.execute(f"alter table {table} drop constraint {table}_overlap")
            else:
                editor.execute(f"drop trigger {table}_overlap_i")
                editor.execute(f"drop trigger {table}_overlap_u")

        super().__init__(forwards, backwards)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return ("NoOverlap", [self.table, self.keys], {})
