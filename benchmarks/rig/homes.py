"""A fresh installation on disk, gone when the script ends.

SQLite as the product sets it up (a file, WAL, FULL). With ``ZHIBU_DATABASE`` pointing at a
PostgreSQL server, a database of its own beside the one named there.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))  # tests.factories: the smallest valid things


@dataclass(frozen=True)
class Home:
    """A data folder and, on PostgreSQL, the address of its database."""

    path: Path
    database: str

    @property
    def engine(self) -> str:
        return "PostgreSQL" if self.database else "SQLite"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBU_")}
        return {**kept, "ZHIBU_HOME": str(self.path), "ZHIBU_DATABASE": self.database}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The real command, in a process of its own."""
        command = [sys.executable, "-m", "zhibu.cli", *arguments]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> str:
        child = self.start(*arguments)
        out, errors = child.communicate()
        if child.returncode:
            raise SystemExit(f"zhibu {' '.join(arguments)}: {errors}")
        return out


def _administer(url: str, statement: str) -> None:
    parts = urlsplit(url)
    with psycopg.connect(
        host=parts.hostname,
        port=parts.port or 5432,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        dbname="postgres",
        autocommit=True,
    ) as connection:
        connection.execute(statement)


@contextmanager
def home() -> Iterator[Home]:
    """An empty data folder, its database empty too; both removed afterwards."""
    server = os.environ.get("ZHIBU_DATABASE", "")
    folder = Path(tempfile.mkdtemp(prefix="zhibu-bench-"))
    name = f"zhibu_bench_{os.getpid()}"
    database = f"{server.rpartition('/')[0]}/{name}" if server else ""
    if server:
        _administer(server, f"drop database if exists {name}")
        _administer(server, f"create database {name}")
    try:
        yield Home(folder, database)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if server:
            _administer(server, f"drop database {name} with (force)")


def inside() -> Home:
    """Make this very process run in a fresh, migrated installation until it ends."""
    context = home()
    made = context.__enter__()
    os.environ["ZHIBU_HOME"] = str(made.path)
    os.environ["ZHIBU_DATABASE"] = made.database
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhibu.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    def end() -> None:
        connection.close()
        context.__exit__(None, None, None)

    atexit.register(end)
    call_command("migrate", verbosity=0)
    return made
