"""``migrate``: an empty database gets its tables from the models in one go.

Going through every migration ever written draws each model again for each of a thousand steps:
35 seconds of work for an installation, a restore drill, a pack that is played. The tables that the
models describe are the same (``tests/core/test_laying.py`` compares the two on the database at
hand), so they are made at once, and every migration is noted as applied. What no model can say,
triggers and constraints of the database, is done by the operations that say it. Operations marked
``elidable`` only put rows of an earlier version right, as do those of the libraries: left out.

A database with anything in it is brought up by Django's own command, step by step.
"""

from typing import Any

from django.apps import apps
from django.core.management.commands import migrate
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.special import RunPython, RunSQL
from django.db.migrations.recorder import MigrationRecorder

OURS = "zhibu."
ASKED_OTHERWISE = (
    "app_label", "migration_name", "fake", "fake_initial", "plan", "check_unapplied", "prune",
)  # fmt: skip


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        database = connections[options["database"]]
        if any(options[name] for name in ASKED_OTHERWISE) or not _is_empty(database):
            super().handle(*args, **options)
            return
        plan = lay(database)
        said = {"verbosity": options["verbosity"], "interactive": options["interactive"]}
        emit_post_migrate_signal(
            db=database.alias, stdout=self.stdout, apps=apps, plan=plan, **said
        )


def _is_empty(database: BaseDatabaseWrapper) -> bool:
    known = set(database.introspection.table_names())
    return known <= {"django_migrations"} and not MigrationRecorder(database).applied_migrations()


class _Final:
    """The state in which everything is as the models say, for operations that ask for one."""

    apps = apps

    def clear_delayed_apps_cache(self) -> None:
        """Nothing is delayed."""


def lay(database: BaseDatabaseWrapper) -> list[tuple[Migration, bool]]:
    """Make every table of an empty database in one transaction; the migrations that are thereby
    applied, each with False, as Django hands them to whoever listens."""
    database.prepare_database()
    executor = MigrationExecutor(database)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    emit_pre_migrate_signal(0, False, database.alias, apps=apps, plan=plan)
    executor.recorder.ensure_schema()
    final: Any = _Final()
    with database.schema_editor(atomic=True) as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(database) and router.allow_migrate_model(
                database.alias, model
            ):
                editor.create_model(model)
        for statement in editor.deferred_sql:
            editor.execute(statement)
        editor.deferred_sql.clear()
        for migration, _ in plan:
            for operation in _beyond_models(migration):
                operation.database_forwards(migration.app_label, editor, final, final)
            executor.recorder.record_applied(migration.app_label, migration.name)
    return plan


def _beyond_models(migration: Migration) -> list[RunPython | RunSQL]:
    """What a migration of ours does that the models do not say."""
    if not type(migration).__module__.startswith(OURS):
        return []
    return [
        operation
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.elidable
    ]
