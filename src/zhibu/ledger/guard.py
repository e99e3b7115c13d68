"""The database itself refuses to change the ledger, on both engines.

Entries, heads and sealed positions: no update, no delete. Digests: no update, and no
delete once their entry exists (an interrupted import's digests have none yet).
Tests that must tidy up, and the tampering test, take the guard off on purpose.

Areas whose own tables are written once register them (``also``) and install the same guard in
a migration of theirs.
"""

from collections.abc import Collection

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("ledger_entry", "ledger_digest", "ledger_head", "ledger_sealed")
_others: list[str] = []
_HAS_ENTRY = "exists (select 1 from ledger_entry e where e.key = old.entry_key)"


def also(tables: Collection[str]) -> None:
    """Register tables of an area above, which its own migration has guarded."""
    _others.extend(table for table in tables if table not in _others)


def guarded() -> tuple[str, ...]:
    """Every table that is under guard once all migrations have run."""
    return (*TABLES, *_others)


def _sqlite(tables: Collection[str]) -> list[str]:
    statements = []
    for table in tables:
        for verb in ("update", "delete"):
            loose = table == "ledger_digest" and verb == "delete"
            when = f" when {_HAS_ENTRY}" if loose else ""
            statements.append(
                f"create trigger {table}_no_{verb} before {verb} on {table}{when}"
                f" begin select raise(abort, '{table}: append only'); end"
            )
    return statements


def _postgresql(tables: Collection[str]) -> list[str]:
    refuse = (
        "create or replace function ledger_refuse() returns trigger language plpgsql as"
        " $$ begin raise exception '%: append only', tg_table_name; end $$"
    )
    statements = [refuse]
    for table in tables:
        for verb in ("update", "delete"):
            loose = table == "ledger_digest" and verb == "delete"
            # A trigger's WHEN cannot hold a subquery on PostgreSQL: the function asks.
            function = "ledger_refuse_tied" if loose else "ledger_refuse"
            statements.append(
                f"create trigger {table}_no_{verb} before {verb} on {table}"
                f" for each row execute function {function}()"
            )
        statements.append(
            f"create trigger {table}_no_truncate before truncate on {table}"
            " for each statement execute function ledger_refuse()"
        )
    tied = (
        "create or replace function ledger_refuse_tied() returns trigger language plpgsql as"
        f" $$ begin if {_HAS_ENTRY} then"
        " raise exception '%: append only', tg_table_name; end if; return old; end $$"
    )
    return [tied, *statements]


def install(connection: BaseDatabaseWrapper, tables: Collection[str] = TABLES) -> None:
    is_postgresql = connection.vendor == "postgresql"
    statements = _postgresql(tables) if is_postgresql else _sqlite(tables)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, tables: Collection[str] = TABLES) -> None:
    on_table = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table in tables:
            for verb in ("update", "delete", *(("truncate",) if on_table else ())):
                where = f" on {table}" if on_table else ""
                cursor.execute(f"drop trigger if exists {table}_no_{verb}{where}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Triggers of the guard that the database does not have; [] where it is whole."""
    on_table = connection.vendor == "postgresql"
    verbs = ("update", "delete", *(("truncate",) if on_table else ()))
    wanted = {f"{table}_no_{verb}" for table in guarded() for verb in verbs}
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger where tgenabled <> 'D'"
            if on_table
            else "select name from sqlite_master where type = 'trigger'"
        )
        return sorted(wanted - {name for (name,) in cursor.fetchall()})
