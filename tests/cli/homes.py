"""Installations of their own, worked on by the real command in processes of its own."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from zhibu.config.databases import of_url


@dataclass
class Home:
    """A data folder, and a database of its own where tests run on PostgreSQL.

    ``more`` is what else its processes find in their environment.
    """

    path: Path
    database: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of its database on the server."""
        return self.database.rpartition("/")[2]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBU_")}
        own = {"ZHIBU_HOME": str(self.path), "ZHIBU_DATABASE": self.database}
        return {**kept, **self.more, **own}

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "zhibu.cli", *arguments],
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        """Exit code, output and errors of one command; settings by name."""
        with self.start(*arguments, **more) as child:
            try:
                out, errors = child.communicate(timeout=300)
            except subprocess.TimeoutExpired:
                child.kill()  # or it, and its pipes, would be laid to whatever test runs next
                raise
        return child.returncode, out, errors

    def done(self, *arguments: str, **more: str) -> str:
        code, out, errors = self.run(*arguments, **more)
        assert code == 0, errors
        return out

    def python(self, script: str) -> str:
        """Run ``script`` inside this installation; its output."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{script}"],
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "zhibu.config.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sql(self, statement: str) -> str:
        """What a statement finds there, written out; "" where it finds nothing by its kind."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as beside:
                return _written(beside.execute(statement))
        name = of_url("", self.path)["NAME"]
        types = sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES
        with closing(sqlite3.connect(name, 30, types, isolation_level=None)) as beside:
            beside.execute("pragma foreign_keys = on")
            return _written(beside.execute(statement))

    def verified(self) -> dict:
        code, out, errors = self.run("verify", "--json")
        assert code in {0, 1}, errors
        return json.loads(out)


def _written(cursor: Any) -> str:
    return str([tuple(row) for row in cursor.fetchall()]) if cursor.description else ""
