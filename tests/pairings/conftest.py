from datetime import date

import pytest

from tests import factories
from tests.conftest import NOON
from tests.pairings import kinds
from tests.scenes import person_of
from zhibu.registers import actions as registers
from zhibu.registers.drafts import Draft


@pytest.fixture
def world(cast, tree, clock):
    """Both packs in use in the county."""
    with kinds.adopted(tree):
        yield tree


@pytest.fixture
def households(world, cast):
    """Seven households of the first village."""
    return [
        registers.open_row(
            world.village,
            Draft(since=date(2026, 1, 5), values={"name": f"第{number}户", "agreed": True}),
            register=kinds.BOOK, wording=kinds.WORDED, by=cast["secretary"], at=NOON,
        )
        for number in range(1, 8)
    ]  # fmt: skip


@pytest.fixture
def member(cast):
    return person_of(cast["member"])


@pytest.fixture
def link(households, cast, member, world):
    """The member keeps in touch with the first household, since March."""
    return kinds.begin(world.village, member.pk, households[0].pk, by=cast["secretary"])


@pytest.fixture
def people(world, cast, member):
    """Three of the village: the member, the secretary, somebody without account."""
    third = factories.member(world.village, by=world.system, name="单文秀")
    return [member, person_of(cast["secretary"]), third]


@pytest.fixture
def rota(world, cast, people):
    """One shift a day for two weeks from 16 November, three people."""
    return kinds.draw(world.village, people, by=cast["secretary"])
