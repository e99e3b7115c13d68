"""Worked examples of the shipped packs, played through the real actions."""

import pytest

from zhibu.activities.replay import replay
from zhibu.packs import library

MANY = 100  # cases of one example, from which on it takes half a minute


def marks(example, place):
    """One of each pack is played on every database; the others go the same ways again."""
    slow = [pytest.mark.slow] if len(example.given.cases) > MANY else []
    return slow + ([pytest.mark.alike] if place else [])


EXAMPLES = [
    pytest.param(pack.id, name, id=f"{pack.id}:{name}", marks=marks(pack.examples[name], place))
    for pack in library.shipped().values()
    for place, name in enumerate(sorted(pack.examples))
]


@pytest.mark.django_db
@pytest.mark.every
@pytest.mark.parametrize(("pack_id", "name"), EXAMPLES)
def test_example_comes_out_as_expected(pack_id, name):
    pack = library.shipped()[pack_id]

    assert replay(pack, pack.examples[name]) == []
