"""Whatever is owed can be recorded, also when packs or places change in the middle of it."""

from datetime import date

import pytest

from tests import factories
from tests.conftest import NOON
from tests.duties.story import ITEMS, draft
from zhibu.activities import actions, queries
from zhibu.adoptions import actions as adoptions
from zhibu.organizations import actions as organizations

NATIONAL = "national/branch-life:theme-day"
SEED = "seeds/mingguang-theme-day:theme-day"


@pytest.fixture
def adopted(tree):
    """The national pack for the county all year, the seed for the east from 15 April."""
    for pack, organization, since in (
        ("national/branch-life", tree.county, date(2026, 1, 1)),
        ("seeds/mingguang-theme-day", tree.east, date(2026, 4, 15)),
    ):
        adoptions.adopt(pack=pack, organization=organization, since=since, by=tree.system, at=NOON)
    return tree


def theme_days(organization, day):
    found = queries.kinds_in_force(organization, day)
    return [c.reference for c in found if c.reference in (NATIONAL, SEED)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 4, 14), [NATIONAL]),
        (date(2026, 4, 15), [NATIONAL, SEED]),  # April is owed under the national pack
        (date(2026, 5, 31), [NATIONAL, SEED]),  # and may be made up in May
        (date(2026, 6, 1), [SEED]),
    ],
)
def test_kinds_follow_what_is_owed_when_a_pack_is_taken_up_in_mid_month(day, expected, adopted):
    assert theme_days(adopted.village, day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 7, 14), [SEED]),
        (date(2026, 7, 31), [NATIONAL, SEED]),  # July is owed under the seed, left on the 15th
        (date(2026, 8, 31), [NATIONAL, SEED]),
        (date(2026, 9, 1), [NATIONAL]),
    ],
)
def test_kinds_follow_what_is_owed_when_the_branch_moves_in_mid_month(day, expected, adopted):
    organizations.move(
        adopted.village, parent=adopted.west, since=date(2026, 7, 15), by=adopted.system, at=NOON
    )

    assert theme_days(adopted.village, day) == expected


def test_what_is_owed_from_before_the_move_is_fulfilled_after_it(adopted, cast):
    organizations.move(
        adopted.village, parent=adopted.west, since=date(2026, 7, 15), by=adopted.system, at=NOON
    )
    adopted.village.refresh_from_db()

    saved = actions.record(
        adopted.village,
        draft([SEED], date(2026, 7, 20), items=ITEMS),
        by=cast["secretary"],
        at=NOON,
    )

    assert [(row.reference, row.period_since) for row in saved.obligations] == [
        (SEED, date(2026, 7, 1))
    ]


def test_kinds_of_a_group_stay_apart_from_those_of_its_branch(adopted):
    group = organizations.form_group(
        adopted.village, name="第一小组", since=factories.SINCE, by=adopted.system, at=NOON
    )

    found = queries.kinds_in_force(adopted.village, date(2026, 4, 20), group=group)

    assert [c.reference for c in found] == [
        "national/branch-life:group-meeting",
        "national/branch-life:party-class",
    ]
