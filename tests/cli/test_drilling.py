"""Backups by the clock, the restore drill, and the copy to PostgreSQL: every row, compared."""

import os
from datetime import timedelta

import psycopg
import pytest

from tests import servers
from tests.conftest import NOON
from tests.installations import FEEDBACK, administer
from zhibu.cli import archiving, backing_up, comparing

SERVER = os.environ.get("ZHIBU_DATABASE") or "postgresql://root@127.0.0.1/postgres"
ALTER = """
import sys
from zhibu.cli import archiving, drilling
whole = archiving.prepare_sqlite
def spoilt(*asked):
    made = whole(*asked)
    import sqlite3
    with sqlite3.connect(made) as beside:
        beside.execute("update notices_feedback set text = '改过'")
    return made
archiving.prepare_sqlite = spoilt
try:
    drilling.drill(as_user="")
except Exception as error:
    print(error.code, error)
"""


def test_drill_compares_every_row_and_leaves_nothing_behind(busy):
    before = busy.sql("select count(*) from ledger_entry")

    said = busy.done("drill")

    assert "逐行一样" in said
    assert busy.sql("select count(*) from ledger_entry") == before
    assert not list(busy.path.glob("drill-*"))


def test_drill_tells_of_a_row_that_comes_back_otherwise(busy):
    if busy.database:
        pytest.skip("SQLite 上试一次就够")

    assert busy.python(ALTER) == "1 恢复出来的不一样：notices_feedback（1 行）。"


# --- by the clock


@pytest.fixture
def folder(system, settings, tmp_path, monkeypatch):
    settings.BACKUP_FOLDER, settings.BACKUP_KEEP = tmp_path / "backups", 2
    monkeypatch.setattr(archiving, "write", lambda file, at: file.write_bytes(b"x"))
    return settings.BACKUP_FOLDER


def test_newest_backups_are_kept_and_other_files_left_alone(folder):
    folder.mkdir()
    (folder / "zhibu-notes.zip").write_bytes(b"")

    made = [backing_up.back_up(NOON + timedelta(days=day)) for day in range(4)]

    assert backing_up.made(folder) == made[:1:-1]
    assert (folder / "zhibu-notes.zip").exists()


def test_scheduled_only_where_a_folder_is_set(settings, monkeypatch):
    from zhibu.core import jobs

    monkeypatch.setattr(jobs, "_schedule", {})
    settings.BACKUP_FOLDER = None
    backing_up.register()
    assert jobs.schedule() == []

    settings.BACKUP_FOLDER = settings.HOME / "backups"
    backing_up.register()
    backing_up.register()
    assert [(job.name, job.rule) for job in jobs.schedule()] == [("cli.backup", "30 2 * * *")]


# --- to PostgreSQL


@pytest.fixture
def address():
    if not servers.has_postgresql(SERVER):
        pytest.skip("没有 PostgreSQL")
    name = f"zhibu_copy_{os.getpid()}"
    administer(SERVER, f"create database {name}")
    yield f"{SERVER.rpartition('/')[0]}/{name}"
    administer(SERVER, f"drop database {name} with (force)")


@pytest.fixture
def on_sqlite(busy):
    if busy.database:
        pytest.skip("从 SQLite 复制")
    return busy


def test_copy_is_the_same_and_goes_on(on_sqlite, address):
    on_sqlite.sql("delete from notices_notice")
    on_sqlite.sql("update sqlite_sequence set seq = 4711 where name = 'notices_feedback'")

    assert "逐行一样，核验通过" in on_sqlite.done("copy-to", address)

    on_sqlite.database = address
    assert on_sqlite.verified()["ok"]
    on_sqlite.python(FEEDBACK)
    assert on_sqlite.sql("select max(id) from notices_feedback") == "[(4712,)]"
    with pytest.raises(psycopg.errors.RaiseException, match="append only"):
        on_sqlite.sql("update ledger_entry set at = now()")


def test_a_database_with_something_in_it_is_not_covered(on_sqlite, address):
    on_sqlite.done("copy-to", address)

    code, _, errors = on_sqlite.run("copy-to", address)

    assert code == 3
    assert "不覆盖" in errors


def test_a_row_more_or_changed_is_counted(on_sqlite, address, db):
    on_sqlite.done("copy-to", address)
    script = (
        "from zhibu.cli import comparing; from zhibu.config.databases import of_url\n"
        "from django.db import connection\n"
        "connection.cursor().execute(\"update notices_feedback set text = '改过'\")\n"
        f"with comparing.beside(of_url({address!r}, None)) as other:\n"
        "    print(comparing.differences('default', other))"
    )

    assert on_sqlite.python(script) == "{'notices_feedback': 1}"


def test_every_table_is_compared(db):
    known = {model._meta.db_table for model in comparing.all_models()} | {"django_migrations"}

    assert set(comparing.tables("default")) == known
