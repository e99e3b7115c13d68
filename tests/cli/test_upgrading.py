"""Bringing old data up to a new program, and what is left when that goes wrong."""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.homes import Home

DATA = Path(__file__).parents[1] / "data"
OLD = DATA / "home-e5b5169.zip"
GOOD = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL("create table later_thing (id integer)")]
"""
BAD = """
from django.db import migrations
def fail(apps, schema_editor):
    raise RuntimeError("数据不合")
class Migration(migrations.Migration):
    dependencies = [("later", "0001_good")]
    operations = [
        migrations.RunSQL("delete from notices_feedback"),
        migrations.RunPython(fail, migrations.RunPython.noop),
    ]
"""
SETTINGS = """
from zhibu.config.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, "later"]
"""


@pytest.fixture
def later(tmp_path):
    """A newer program: this one with an area more; environment that starts it."""

    def make(*migrations: str) -> dict[str, str]:
        folder = tmp_path / "later_program"
        (folder / "later" / "migrations").mkdir(parents=True)
        (folder / "later" / "__init__.py").write_text("")
        (folder / "later" / "migrations" / "__init__.py").write_text("")
        for name, text in zip(("0001_good", "0002_bad"), migrations, strict=False):
            (folder / "later" / "migrations" / f"{name}.py").write_text(text, "utf-8")
        (folder / "later_settings.py").write_text(SETTINGS)
        return {
            "DJANGO_SETTINGS_MODULE": "later_settings",
            "PYTHONPATH": ":".join([str(folder), *filter(None, sys.path[:1])]),
        }

    return make


@pytest.fixture
def old(new_home):
    """An installation as the program of an earlier commit left it."""
    home = Home(new_home("old").path)
    with zipfile.ZipFile(OLD) as archive:
        archive.extractall(home.path)
    (home.path / "keys" / "keyring.json").chmod(0o600)
    return home


def held(home: Home) -> dict[str, str]:
    tables = ("activities_activity", "people_person", "ledger_entry", "duties_obligation")
    return {table: home.sql(f"select * from {table} order by id") for table in tables}


def test_data_of_an_earlier_commit_are_brought_up(old, later):
    newer = later(GOOD)
    before = old.sql("select id, held_on, salt from activities_activity order by id")

    said = old.done("upgrade", **newer)

    assert "核验通过" in said
    assert old.sql("select id, held_on, salt from activities_activity order by id") == before
    assert old.verified()["ok"]
    assert old.sql("select kind from ledger_entry order by id desc limit 1") == (
        "[('accounts:installation:upgraded',)]"
    )
    assert old.done("upgrade", **newer).startswith("数据和程序已经是一个版本")


def test_failing_migration_leaves_the_old_state_at_work(home, later):
    code, _, errors = home.run("upgrade", **later(GOOD, BAD))

    assert code != 0
    assert "数据不合" in errors
    assert home.verified()["ok"]
    assert "later_thing" not in home.python(
        "from django.db import connection; print(connection.introspection.table_names())"
    )
    assert json.loads(home.run("doctor", "--json")[1])["checks"][4]["state"] == "ok"


def test_backup_before_the_upgrade_restores(home, later, new_home):
    home.done("upgrade", **later(GOOD))
    (file,) = (home.path / "backups").glob("before-upgrade-*.zip")
    other = new_home("other")
    shutil.copytree(home.path / "keys", other.path / "keys")

    assert "已恢复" in other.done("restore", str(file))


def test_data_newer_than_the_program_are_left_alone(home, later):
    home.done("upgrade", **later(GOOD))
    home.sql(
        "insert into django_migrations (app, name, applied) values ('core', '9999_x', '2026-01-01')"
    )

    code, _, errors = home.run("upgrade")

    assert code == 4
    assert "数据比程序新" in errors


def test_nothing_to_upgrade_makes_no_backup(home):
    assert "不用升级" in home.done("upgrade")
    assert not (home.path / "backups").exists()
