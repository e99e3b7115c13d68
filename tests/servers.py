"""What this machine offers for tests beyond Python: ``python -m tests.servers chromium``."""

import shutil
import sys
from urllib.parse import unquote, urlsplit

import psycopg

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of a Chromium, None where there is none."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


def has_postgresql(url: str) -> bool:
    """Whether a server answers there and lets us make databases."""
    parts = urlsplit(url)
    try:
        with psycopg.connect(
            host=parts.hostname,
            port=parts.port or 5432,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            dbname="postgres",
            connect_timeout=3,
        ) as connection:
            row = connection.execute(
                "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0])


if __name__ == "__main__":
    wanted, *rest = sys.argv[1:]
    found = chromium() if wanted == "chromium" else has_postgresql(*rest)
    sys.exit(0 if found else 1)
