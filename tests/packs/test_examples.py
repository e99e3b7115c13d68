"""Worked examples of the shipped packs, played through the real actions."""

import pytest

from zhibu.activities.replay import replay
from zhibu.packs import library

EXAMPLES = [
    pytest.param(pack.id, name, id=f"{pack.id}:{name}")
    for pack in library.shipped().values()
    for name in sorted(pack.examples)
]


@pytest.mark.django_db
@pytest.mark.parametrize(("pack_id", "name"), EXAMPLES)
def test_example_comes_out_as_expected(pack_id, name):
    pack = library.shipped()[pack_id]

    assert replay(pack, pack.examples[name]) == []
