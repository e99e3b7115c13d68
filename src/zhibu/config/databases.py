"""How a database address becomes Django's settings of it."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def of_url(url: str, home: Path) -> dict[str, Any]:
    """PostgreSQL at ``url``; without one, SQLite in ``home``. Connections are kept from
    request to request: opening one costs more than most pages ask of it."""
    kept = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "zhibu.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
            "TEST": {"NAME": home / "test.sqlite3"},
            **kept,
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        **kept,
    }
