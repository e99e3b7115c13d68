"""How SQLite finds what recording a meeting asks for: nobody goes through a county's people.

Without statistics its plans do not depend on how much there is, so a small scene shows them.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.activities.conftest import GENERAL, written

GREAT = {
    "people_person", "people_membershipstate", "people_belonging", "people_groupmembership",
    "people_holding", "activities_participation", "duties_obligation", "ledger_digest",
}  # fmt: skip

STATES = "people_membershipstate"

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="plans differently")


def slow_steps(sql: str) -> list[str]:
    """Steps that read a great table from end to end, or all members of a county by their state."""
    with connection.cursor() as cursor:
        cursor.execute(f"explain query plan {sql}")
        steps = [row[-1] for row in cursor.fetchall()]
    tables = {alias: table for table, alias in re.findall(r'"(\w+)" (\w+)', sql)}
    return [step for step in steps if is_slow(step, tables)]


def is_slow(step: str, tables: dict[str, str]) -> bool:
    verb, name, *_ = step.split()
    table = tables.get(name, name)
    if verb not in {"SCAN", "SEARCH"} or table not in GREAT:
        return False
    return "=?" not in step or (table == STATES and "(state=?" in step)


def test_recording_a_meeting_goes_through_nobody_elses_people(branch):
    with CaptureQueriesContext(connection) as captured:
        branch.record(written(GENERAL))

    asked = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert len(asked) > 10
    assert [step for sql in asked for step in slow_steps(sql)] == []
