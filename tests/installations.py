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


class Homes:
    """Data folders, each with a database of its own, empty or like another; dropped together."""

    def __init__(self) -> None:
        self._url = os.environ.get("ZHIBU_DATABASE", "")
        self._made: list[str] = []

    def make(self, path: Path, *, like: Home | None = None) -> Home:
        home = Home(path)
        if self._url:
            name = f"zhibu_cli_{os.getpid()}_{next(_numbers)}"
            template = f"template {like.name}" if like else ""
            administer(self._url, f"create database {name} {template}")
            self._made.append(name)
            home.database = f"{self._url.rpartition('/')[0]}/{name}"
        if like:
            shutil.copytree(like.path, home.path)
        return home

    def drop(self) -> None:
        for name in self._made:
            administer(self._url, f"drop database {name} with (force)")


@pytest.fixture
def new_home(tmp_path):
    """Makes installations for one test; with nothing in them, or ``like`` another."""
    homes = Homes()
    yield lambda folder="home", *, like=None: homes.make(tmp_path / folder, like=like)
    homes.drop()


@pytest.fixture(scope="session")
def _patterns(tmp_path_factory):
    """Makes installations once a process, to be copied by tests."""
    homes = Homes()
    yield lambda name, *, like=None: homes.make(tmp_path_factory.mktemp(name) / "home", like=like)
    homes.drop()


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
