"""What a database is made of after ``migrate``: ``python -m tests.core.laid at_once`` prints it."""

import json
import os
import sys

import django
from django.db import connection

OF_POSTGRESQL = {
    "columns": """select table_name, column_name, data_type, is_nullable, column_default,
        collation_name, character_maximum_length, numeric_precision, numeric_scale, is_identity
        from information_schema.columns where table_schema = 'public'""",
    "constraints": """select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'public'::regnamespace""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    "triggers": "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
    "functions": """select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace
        and prolang = (select oid from pg_language where lanname = 'plpgsql')""",
}


def built():
    """What the database says it is made of, by kind."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            found = {}
            for kind, sql in OF_POSTGRESQL.items():
                cursor.execute(sql)
                found[kind] = sorted(map(str, cursor.fetchall()))
            return found
        return of_sqlite(cursor, connection.introspection)


def of_sqlite(cursor, introspection):
    cursor.execute("select name, sql from sqlite_master where type in ('trigger', 'index')")
    said = sorted(str(row) for row in cursor.fetchall() if row[1])
    tables = introspection.table_names(cursor)
    columns, constraints = [], []
    for table in tables:
        cursor.execute(f"pragma table_info('{table}')")
        columns += [f"{table} {row[1:]}" for row in cursor.fetchall()]
        cursor.execute(f"pragma foreign_key_list('{table}')")
        constraints += [f"{table} {row[2:]}" for row in cursor.fetchall()]
        for name, what in introspection.get_constraints(cursor, table).items():
            named = "" if name.startswith(("__", "fk_")) else name
            constraints.append(f"{table} {named} {sorted(map(str, what.items()))}")
        cursor.execute("select sql from sqlite_master where name = %s", [table])
        text = cursor.fetchone()[0]
        constraints += [f"{table} {text.count('CHECK')} checks {text.count('COLLATE')} collations"]
    return {"said": said, "columns": sorted(columns), "constraints": sorted(constraints)}


def rows():
    """What is in it, without numbers and moments."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"select count(*) from {table}")
            found[table] = cursor.fetchone()[0]
        cursor.execute("select app, name from django_migrations")
        found["applied"] = sorted(cursor.fetchall())
        cursor.execute("select app_label, model from django_content_type")
        found["models"] = sorted(cursor.fetchall())
        return found


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhibu.config.settings"
    django.setup()
    from django.core.management import call_command
    from django.core.management.commands import migrate

    which = {"at_once": "migrate", "step_by_step": migrate.Command()}[sys.argv[1]]
    call_command(which, interactive=False, verbosity=0)
    json.dump([built(), rows()], sys.stdout)
