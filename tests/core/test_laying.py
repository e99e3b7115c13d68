"""Tables made at once are those that every migration in its turn makes, on the database at hand."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate as step_by_step
from django.db import connections

from zhibu.cli.comparing import beside
from zhibu.config.databases import of_url
from zhibu.core.management.commands import migrate as at_once

ROOT = Path(__file__).parents[2]
# Of a table nobody writes: Django's migrations number it narrowly, its models widely.
KNOWN_APART = "('auth_group_permissions', 'id', "


def laid(home, way):
    """What the database of an installation is made of, and what is in it, laid ``way``."""
    home.path.mkdir(parents=True, exist_ok=True)
    own = {"ZHIBU_HOME": str(home.path), "ZHIBU_DATABASE": home.database}
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.laid", way], cwd=ROOT, env=os.environ | own,
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_at_once_is_the_same_as_step_by_step(new_home):
    made, filled = laid(new_home("one"), "at_once")
    made_too, filled_too = laid(new_home("two"), "step_by_step")

    assert filled == filled_too
    assert len(filled) > 100
    for kind in made_too:
        assert made[kind], kind
        apart = sorted(
            one for one in set(made[kind]) ^ set(made_too[kind]) if not one.startswith(KNOWN_APART)
        )
        assert apart == []


@pytest.fixture
def empty(new_home, django_db_blocker):
    """An empty database of its own beside the one of the tests."""

    @contextmanager
    def opened(name):
        home = new_home(name)
        home.path.mkdir(parents=True, exist_ok=True)
        url = home.database or ""
        with django_db_blocker.unblock(), beside(of_url(url, home.path)) as alias:
            yield alias

    return opened


def test_what_has_something_in_it_is_brought_up_step_by_step(empty, monkeypatch):
    with empty("one") as alias:
        with connections[alias].cursor() as cursor:
            cursor.execute("create table of_somebody_else (id integer)")
        monkeypatch.setattr(at_once, "lay", None)
        asked = []
        monkeypatch.setattr(step_by_step.Command, "handle", lambda self, **o: asked.append(o))
        call_command("migrate", database=alias, interactive=False, verbosity=0)

    assert [one["database"] for one in asked] == [alias]


def test_what_breaks_leaves_nothing(empty, monkeypatch):
    with empty("one") as alias:
        monkeypatch.setattr(at_once, "_beyond_models", lambda migration: [broken])
        with pytest.raises(RuntimeError):
            call_command("migrate", database=alias, interactive=False, verbosity=0)
        assert set(connections[alias].introspection.table_names()) <= {"django_migrations"}
        monkeypatch.undo()
        call_command("migrate", database=alias, interactive=False, verbosity=0)
        assert "people_person" in connections[alias].introspection.table_names()


class broken:  # noqa: N801 - stands for an operation
    @staticmethod
    def database_forwards(*args):
        raise RuntimeError
