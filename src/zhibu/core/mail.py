"""The mail server of the settings, for whoever sends mail through Django's mail framework."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

TIMEOUT = 20
USUAL_PORTS = {"smtps": 465, "smtp+tls": 587, "smtp": 25}


def is_set_up() -> bool:
    return bool(settings.MAIL_SERVER and settings.MAIL_FROM)


def server() -> dict[str, Any]:
    """What ``get_connection`` is told; the password lies beside the keys."""
    scheme, _, rest = settings.MAIL_SERVER.partition("://")
    user, _, place = rest.rpartition("@")
    host, _, port = place.partition(":")
    password = Path(settings.MAIL_PASSWORD_PATH)
    return {
        "host": host,
        "port": int(port or USUAL_PORTS.get(scheme, 25)),
        "username": user,
        "password": password.read_text("utf-8").strip() if user and password.exists() else "",
        "use_ssl": scheme == "smtps",
        "use_tls": scheme == "smtp+tls",
        "timeout": TIMEOUT,
    }


def connection() -> BaseEmailBackend:
    made: BaseEmailBackend = get_connection(**server())
    return made


def mask(address: str) -> str:
    """First character and the domain: z****@example.org."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}****@{domain}" if name else ""
