from datetime import date

import pytest

from tests.conftest import NOON
from zhibu.adoptions import actions as adoptions
from zhibu.registers import actions
from zhibu.registers.drafts import Draft

WORDED = date(2000, 1, 1)
GATE, HONOURS = "seeds/meeting-gate", "seeds/honours"


@pytest.fixture
def gate(tree, cast, clock):
    """Meetings and papers are approved first, honours are given by quota, in the whole county."""
    for pack in (GATE, HONOURS):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
    return tree


@pytest.fixture
def written(gate, cast):
    """Writes rows of a register of these packs, one after another."""

    def write(book, place, *, times=1, since=date(2026, 11, 2), by="county officer", **values):
        made = [
            actions.open_row(
                place, Draft(since=since, values={**values, "name": f"{values['name']} {number}"}),
                register=book, wording=WORDED, by=cast[by], at=NOON,
            )
            for number in range(times)
        ]  # fmt: skip
        return made if times > 1 else made[0]

    return write
