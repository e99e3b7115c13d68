"""The table of all pairs, as README.md beside this file has it: ``python -m tests.races.table``."""

import os
import sys
from pathlib import Path

README = Path(__file__).with_name("README.md")
HEAD = """# Races

Two actions at the one moment where it could go wrong: both have read and judged, neither has
written. `harness.py` lets them meet there at named points, `pairs.py` says what must hold
afterwards, `test_races.py` runs each pair twice: as it is, and with what keeps the two apart
taken away. The first must hold; the second must break, or run into the database's constraint,
or the test would prove nothing. Both databases.

- **lock**: row or table locks; on SQLite the transaction, whose write lock serialises there.
- **constraint**: the database itself keeps the second one out.
- **turn**: a conditional update that one of the two wins.

Written by `python -m tests.races.table > tests/races/README.md`; a test compares.

| | pair | they meet | kept apart by |
| ---: | --- | --- | --- |
"""


def text() -> str:
    from tests.races.pairs import RACES

    rows = [
        f"| {number} | {race.name} | {'; '.join(f'`{_short(p)}`' for p in race.points)} "
        f"| {race.kept_by} |\n"
        for number, race in enumerate(RACES, 1)
    ]
    return HEAD + "".join(rows)


def _short(point: str) -> str:
    return point.replace("zhibu.", "")


if __name__ == "__main__":
    import tests.environment  # noqa: F401

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhibu.config.settings")
    import django

    django.setup()
    sys.stdout.write(text())
