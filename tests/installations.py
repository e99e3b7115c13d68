"""Installations for tests: fixtures known everywhere, so that each process makes one pattern."""

import os
import shutil
from itertools import count
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.cli.homes import Home

_numbers = count(1)


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

    def make(folder: str = "home", *, template: str = "") -> Home:
        home = Home(tmp_path / folder)
        if url:
            name = f"zhibu_cli_{os.getpid()}_{next(_numbers)}"
            administer(url, f"create database {name} {f'template {template}' if template else ''}")
            made.append(name)
            home.database = f"{url.rpartition('/')[0]}/{name}"
        return home

    yield make
    for name in made:
        administer(url, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def _installed(tmp_path_factory):
    """One finished installation, copied by each test that wants one."""
    url = os.environ.get("ZHIBU_DATABASE", "")
    home = Home(tmp_path_factory.mktemp("installed") / "home")
    if url:
        name = f"zhibu_cli_{os.getpid()}_template"
        administer(url, f"create database {name}")
        home.database = f"{url.rpartition('/')[0]}/{name}"
    home.said = home.done("init")
    yield home
    if url:
        administer(url, f"drop database {name} with (force)")


@pytest.fixture
def home(_installed, new_home):
    """An installation as ``zhibu init`` leaves it."""
    made = new_home(template=_installed.database.rpartition("/")[2])
    shutil.copytree(_installed.path, made.path)
    made.said = _installed.said
    return made
