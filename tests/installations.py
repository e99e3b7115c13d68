"""Installations for tests: fixtures known everywhere, so that each process makes one pattern."""

import os
import shutil
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.cli.homes import Home

_numbers = count(1)
ATTACH = """
from django.utils import timezone
from zhibu.accounts.models import User
from zhibu.core.verdicts import YES
from zhibu.files import actions, owners
from zhibu.files.intake import Prepared
owners.register("tests.record", visible=lambda u, ids: set(ids), may_change=lambda u, pk: YES,
                address=str)
by = User.objects.get(is_system=True)
paper = Prepared("会议.pdf", "pdf", "application/pdf", b"%PDF-1.7")
actions.attach(paper, owner_type="tests.record", owner_id=1, organization=None, by=by,
               at=timezone.now())
"""
FEEDBACK = """
from django.utils import timezone
from zhibu.accounts.models import User
from zhibu.notices import actions
by = User.objects.get(is_system=True)
actions.give_feedback(page="/", text="原话", by=by, at=timezone.now())
"""
SEAL = """
from django.utils import timezone
from zhibu.ledger import actions
actions.seal(timezone.now())
"""


def administer(url: str, statement: str) -> None:
    parts = urlsplit(url)
    with psycopg.connect(
        host=parts.hostname,
        port=parts.port,
        user=parts.username,
        dbname="postgres",
        autocommit=True,
    ) as connection:
        connection.execute(statement)


@pytest.fixture
def new_home(tmp_path):
    """Makes data folders with nothing in them, each with a database of its own."""
    url = os.environ.get("ZHIBU_DATABASE", "")
    made = []

    def make(folder: str = "home", *, like: Home | None = None) -> Home:
        home = Home(tmp_path / folder)
        if url:
            name = f"zhibu_cli_{os.getpid()}_{next(_numbers)}"
            template = f"template {like.name}" if like else ""
            administer(url, f"create database {name} {template}")
            made.append(name)
            home.database = f"{url.rpartition('/')[0]}/{name}"
        if like:
            shutil.copytree(like.path, home.path)
        return home

    yield make
    for name in made:
        administer(url, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def _patterns(tmp_path_factory):
    """Makes installations once a process, each with its database, to be copied by tests."""
    url = os.environ.get("ZHIBU_DATABASE", "")
    made = []

    def make(name: str, *, like: Home | None = None) -> Home:
        home = Home(tmp_path_factory.mktemp(name) / "home")
        if url:
            database = f"zhibu_cli_{os.getpid()}_{name}"
            made.append(database)
            template = f"template {like.name}" if like else ""
            administer(url, f"create database {database} {template}")
            home.database = f"{url.rpartition('/')[0]}/{database}"
        if like:
            shutil.copytree(like.path, home.path)
        return home

    yield make
    for database in made:
        administer(url, f"drop database if exists {database} with (force)")


@pytest.fixture(scope="session")
def _installed(_patterns):
    home = _patterns("installed")
    home.said = home.done("init")
    return home


@pytest.fixture(scope="session")
def _worked_in(_installed, _patterns):
    """With one attachment and one piece of feedback, sealed; a backup of it beside it."""
    home = _patterns("worked_in", like=_installed)
    home.python("\n".join((ATTACH, FEEDBACK, SEAL)))
    home.done("backup", str(home.path.with_name("backup.zip")))
    return home


@pytest.fixture
def home(_installed, new_home):
    """An installation as ``zhibu init`` leaves it."""
    made = new_home(like=_installed)
    made.said = _installed.said
    return made


@pytest.fixture
def busy(_worked_in, new_home):
    """An installation with one attachment and one piece of feedback, sealed, backed up."""
    return new_home(like=_worked_in)


@pytest.fixture
def archive(_worked_in, tmp_path):
    """The backup of ``busy``."""
    return Path(shutil.copy(_worked_in.path.with_name("backup.zip"), tmp_path))
