"""Packs adopted at two levels, by whom they should be."""

from datetime import date

import pytest

from tests.conftest import NOON
from zhibu.adoptions import actions

NEW_YEAR = date(2026, 1, 1)
MARCH = date(2026, 3, 1)
NATIONAL = "national/branch-life"
QUARTERLY = "local/quarterly-class"
SEED = "seeds/mingguang-theme-day"


@pytest.fixture
def adopt(tree):
    """Adopt as the system account; for the county from New Year where nothing is said."""

    def do(pack=NATIONAL, organization=None, since=NEW_YEAR, **more):
        return actions.adopt(
            pack=pack,
            organization=organization or tree.county,
            since=since,
            by=tree.system,
            at=NOON,
            **more,
        )

    return do


@pytest.fixture
def adopted(tree, adopt):
    """The county adopts the national pack, the eastern township two more from March."""
    return {
        NATIONAL: adopt(paper="某组通〔2026〕1号"),
        QUARTERLY: adopt(QUARTERLY, tree.east, MARCH),
        SEED: adopt(SEED, tree.east, MARCH),
    }
