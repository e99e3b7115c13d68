"""The whole county has the size of the one it stands for (S002.8-01)."""

import random
from datetime import date

from zhibu.cli import demo_roster


def test_whole_county_has_its_organisations_branches_and_members():
    rows = demo_roster.Roster(random.Random("x"), date(2026, 11, 20), date(2025, 11, 1))
    demo_roster.whole(rows, "321012")

    assert len(rows.organizations) == 2435
    assert len(rows.branches) == 2297
    assert len(rows.members) == 54_541
    assert len({row[0] for row in rows.organizations}) == 2435
    numbers = {row[4] for row in rows.members}
    assert len(numbers) == 54_541
    assert all(number.startswith("99") for number in numbers)
