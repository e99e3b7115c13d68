"""What is entered late stands where it stood then, and history stays one piece."""

from datetime import date

import pytest

from tests import factories
from tests.conftest import NOON
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.organizations import actions
from zhibu.organizations.models import Organization

FEBRUARY, MARCH, APRIL, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))


def places(organization):
    """Who stood above it, root first, and from when: ``[(since, names)]``."""
    found = []
    for row in organization.placements.order_by("since"):
        steps = [row.path[: end + 4] for end in range(0, len(row.path) - 4, 4)]
        names = {o.pk: o.name[:2] for o in Organization.objects.all()}
        found.append((row.since, [names[int(step[-4:], 36)] for step in steps]))
    return found


def move(organization, parent, since, by):
    return actions.move(organization, parent=parent, since=since, by=by, at=NOON)


def test_found_below_one_that_moved_stands_where_that_stood(tree):
    move(tree.general, tree.west, MARCH, tree.system)
    tree.general.refresh_from_db()

    made = factories.organization(
        tree.general, by=tree.system, name="新支部", established_on=FEBRUARY
    )

    assert places(made) == [
        (FEBRUARY, ["某县", "东镇", "东镇"]),
        (MARCH, ["某县", "西镇", "东镇"]),
    ]


def test_found_before_the_one_above_stands_there_all_the_time(tree):
    young = factories.organization(
        tree.county, by=tree.system, name="新镇", kind="committee", established_on=MARCH
    )

    made = factories.organization(young, by=tree.system, name="老支部", established_on=FEBRUARY)

    assert places(made) == [(FEBRUARY, ["某县", "新镇"])]


def test_move_below_one_that_moved_since_moves_along(tree):
    move(tree.general, tree.west, MARCH, tree.system)
    tree.general.refresh_from_db()

    move(tree.village, tree.general, FEBRUARY, tree.system)

    assert places(tree.village) == [
        (factories.SINCE, ["某县", "东镇"]),
        (FEBRUARY, ["某县", "东镇", "东镇"]),
        (MARCH, ["某县", "西镇", "东镇"]),
    ]
    tree.village.refresh_from_db()
    assert tree.village.placements.get(until=None).path == tree.village.path
    assert verify().faults == []


def test_move_takes_along_what_left_the_subtree_later(tree):
    move(tree.inner, tree.west, APRIL, tree.system)

    move(tree.general, tree.county, MARCH, tree.system)

    assert places(tree.inner) == [
        (factories.SINCE, ["某县", "东镇", "东镇"]),
        (MARCH, ["某县", "东镇"]),
        (APRIL, ["某县", "西镇"]),
    ]
    assert verify().faults == []


def test_move_below_one_that_was_inside_then_is_refused(tree):
    new = factories.organization(
        tree.general, by=tree.system, name="派出支部", kind="general-branch"
    )
    move(new, tree.west, MARCH, tree.system)
    new.refresh_from_db()

    with pytest.raises(Refused, match="那时"):
        move(tree.general, new, FEBRUARY, tree.system)

    assert len(places(tree.general)) == 1


def test_move_that_would_make_the_tree_too_deep_is_refused(tree):
    def chain(top, length):
        found = [top]
        for number in range(length):
            found.append(
                factories.organization(
                    found[-1], by=tree.system, name=f"党委{number}", kind="committee"
                )
            )
        return found

    high, deep = chain(tree.east, 5), chain(tree.west, 6)

    with pytest.raises(Refused, match="层级太多"):
        move(deep[1], high[-1], MARCH, tree.system)

    move(deep[2], high[-1], MARCH, tree.system)  # one level less fits
    deep[-1].refresh_from_db()
    assert len(deep[-1].path) == 48


def test_overview_of_a_day_counts_what_stood_there_then(tree, cast, client, clock):
    """Moved away in May: in April the eastern township still had it, and its members."""
    move(tree.village, tree.west, MAY, tree.system)
    client.force_login(cast["county officer"])

    counts = {}
    for name, top in (("east", tree.east), ("west", tree.west)):
        for on in (APRIL, MAY):
            page = client.get(f"/overview/?organization={top.pk}&on={on}")
            counts[name, on] = (page.context["branches"], page.context["members"])

    here, there = counts["east", APRIL], counts["west", APRIL]
    moved = here[1] - counts["east", MAY][1]
    assert here[0] - counts["east", MAY][0] == counts["west", MAY][0] - there[0] == 1
    assert moved == counts["west", MAY][1] - there[1] > 0
