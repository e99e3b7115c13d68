"""A small demo county for the browser: ``python -m tests.browser.seed`` in its ``ZHIBU_HOME``.

Writes ``facts.json`` beside the database, and the marker that lets ``zhibu demo`` serve it.
"""

import json
import os
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import Argon2PasswordHasher

from zhibu.config import keys

TODAY = date(2026, 11, 20)
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime.combine(TODAY, time(12), ZONE).astimezone(UTC)
PLACE = "321012"


class QuickHasher(Argon2PasswordHasher):
    """Argon2 that costs nothing; the server reads it, and hashes anew at the first sign-in."""

    time_cost, memory_cost, parallelism = 1, 8, 1


def main() -> None:
    home = Path(os.environ["ZHIBU_HOME"])
    keys.write(keys.generate(is_demo=True), home / "keys" / "keyring.json")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tests.browser import county

    settings.PASSWORD_HASHERS = ["tests.browser.seed.QuickHasher"]
    call_command("migrate", interactive=False, verbosity=0)
    facts = county.build()
    (home / "facts.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    marker = {"format": 1, "place": PLACE, "accounts": []}
    (home / "demo.json").write_text(json.dumps(marker), "utf-8")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhibu.config.settings"
    main()
