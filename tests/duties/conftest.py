"""A branch that owes: the national pack all year, and one obligation in each state."""

from datetime import date

import pytest

from tests.conftest import NOON
from tests.duties import invented
from tests.duties.story import draft
from zhibu.activities import actions as activities
from zhibu.adoptions import actions as adoptions
from zhibu.duties import actions
from zhibu.duties.models import Obligation
from zhibu.packs import library


@pytest.fixture
def invented_packs(monkeypatch):
    """The library with two invented packs: every trigger, holder and tightening."""
    right, more = library.packs, invented.packs()
    monkeypatch.setattr(library, "packs", lambda: right() | more)


@pytest.fixture
def adopted(tree, cast):
    adoptions.adopt(
        pack="national/branch-life",
        organization=tree.county,
        since=date(2026, 1, 1),
        by=cast["county officer"],
        at=NOON,
    )
    return tree


@pytest.fixture
def owing(adopted, cast):
    """Obligations of the first village branch on 20 November 2026, one in each state."""
    village = adopted.village

    def of(duty, month):
        return Obligation.objects.get(
            organization=village, duty=duty, period_since=date(2026, month, 1)
        )

    activities.record(
        village, draft(["theme-day"], date(2026, 9, 4)), by=cast["secretary"], at=NOON
    )
    actions.exempt(of("theme-day", 8), reason="防汛", by=cast["township officer"], at=NOON)
    return {
        "open": of("theme-day", 11),
        "overdue": of("theme-day", 10),
        "done": of("theme-day", 9),
        "exempt": of("theme-day", 8),
        "not applicable": of("committee-meeting", 11),
    }
