"""What two packs carry together: defects and compacts in one, the shifts in the other."""

import pytest

from zhibu.activities.replay import replay
from zhibu.packs import library

ESTATES, ROTA = "seeds/estates", "seeds/estate-rota"


def played(pack_id, name):
    pack = library.shipped()[pack_id]
    example = pack.examples[name]
    assert replay(pack, example) == []
    return example


@pytest.mark.django_db
def test_three_compacts_stand_and_one_is_renewed():
    example = played(ESTATES, "three-compacts")

    assert len({case.values["name"] for case in example.given.case}) == 3
    assert [(book.valid, book.ended) for book in example.book] == [(3, None), (3, 1)]


@pytest.mark.django_db
def test_two_shifts_guard_the_works():
    example = played(ROTA, "two-shifts")

    (rota,) = example.rota
    assert {turn.partition("/")[2] for turn in rota.turns} == {"day", "night"}
