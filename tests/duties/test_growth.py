"""What refreshing and crediting cost: the same for five branches and for fifty."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.conftest import NOON
from tests.duties.story import draft
from zhibu.activities import actions as activities
from zhibu.adoptions import actions as adoptions
from zhibu.duties import actions
from zhibu.duties.models import Obligation
from zhibu.organizations.models import Organization
from zhibu.people.models import Person


@pytest.fixture
def county(tree):
    """Five branches that owe under three packs."""
    for pack in ("national/branch-life", "local/quarterly-class", "seeds/mingguang-theme-day"):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
    grow(tree, 5)
    return tree


def branches():
    return list(Organization.objects.branches().values_list("pk", flat=True))


def grow(tree, size):
    while len(branches()) < size:
        factories.organization(tree.east, by=tree.system, name="新支部")


def captured(do):
    """What ``do`` gives, and how often it read and wrote."""
    with CaptureQueriesContext(connection) as queries:
        result = do()
    reads = sum(query["sql"].startswith("SELECT") for query in queries)
    return result, reads, len(queries) - reads


def test_refresh_reads_as_often_for_five_as_for_fifty(county):
    def refresh():
        return actions.refresh(branches(), at=NOON)

    changed, reads, writes = captured(refresh)
    assert (changed, writes) == (0, 2)  # a savepoint and its release
    Obligation.objects.all().delete()
    few_rows, few_reads, few_writes = captured(refresh)

    grow(county, 50)

    assert captured(refresh) == (0, reads, 2)
    Obligation.objects.all().delete()
    rows, many_reads, many_writes = captured(refresh)
    assert (rows, many_reads) == (10 * few_rows, few_reads)
    assert many_writes <= 10 * few_writes  # rows are written in bulk, so many at a time


def test_credit_costs_the_same_in_a_large_county(county):
    by = factories.holder(county.village, county.village, "branch-secretary", by=county.system)
    saved = activities.record(
        county.village,
        draft(["general-meeting", "party-class"], date(2026, 11, 3)),
        by=by,
        at=NOON,
    )
    occasion = activities._occasion(saved.activity)

    def credit():
        rows = actions.credit(occasion, at=NOON)
        return [row.duty for row in rows]

    few = captured(credit)
    grow(county, 50)

    assert captured(credit) == few
    assert few[0] == ["general-meeting", "quarterly-class"]


def test_people_who_owe_are_read_as_often_for_five_branches_as_for_twenty(county, invented_packs):
    adoptions.adopt(
        pack="test/triggers",
        organization=county.county,
        since=date(2026, 1, 1),
        by=county.system,
        at=NOON,
    )

    def settle(size):
        grow(county, size)
        for branch in Organization.objects.branches():
            for _ in range(3 - Person.objects.filter(home=branch).count()):
                factories.member(branch, by=county.system, born_on=date(1980, 5, 5))

    settle(5)
    rows = Obligation.objects.personal()
    few = captured(lambda: actions.refresh(branches(), at=NOON))
    owed = rows.count()

    settle(20)

    assert captured(lambda: actions.refresh(branches(), at=NOON)) == few
    assert rows.count() == 4 * owed > 0


def test_credit_of_a_meeting_costs_the_same_for_many_people(county, invented_packs):
    adoptions.adopt(
        pack="test/triggers",
        organization=county.county,
        since=date(2026, 1, 1),
        by=county.system,
        at=NOON,
    )
    by = factories.holder(county.village, county.village, "branch-secretary", by=county.system)

    def cost():
        saved = activities.record(
            county.village, draft(["theme-day"], date(2026, 11, 3)), by=by, at=NOON
        )
        occasion = activities._occasion(saved.activity)
        found = captured(lambda: len(actions.credit(occasion, at=NOON)))
        activities.void(saved.activity, reason="只为计数", by=by, at=NOON)
        return found

    few = cost()
    for _ in range(20):
        factories.member(county.village, by=county.system)

    assert cost() == few
