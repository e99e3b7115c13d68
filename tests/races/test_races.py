"""Each pair of ``pairs``: it holds, and without what keeps the two apart it would not.

| what keeps them apart | held | with it taken away |
| --- | --- | --- |
| lock | the second waits, then sees what the first did | the invariant breaks |
| constraint | as above, or the database keeps one out | the database keeps one out |
| turn | who finds the state changed steps back | it breaks, or a constraint stops it |
"""

import pytest
from django.db import connection

from tests import factories, remembered, scenes
from tests.conftest import NOON
from tests.races.harness import run, unguarded
from tests.races.pairs import RACES
from tests.races.table import README, text
from zhibu.accounts.actions import ensure_system_account
from zhibu.ledger.verify import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.every]


def _build():
    tree = factories.small_tree(ensure_system_account(NOON))
    return scenes.live(tree, factories.cast_for(tree))


@pytest.fixture
def life(transactional_db):
    return remembered.situation("races", _build, lambda life: life)


def _named(race):
    return race.name.replace(" ", "-")


@pytest.mark.parametrize("race", RACES, ids=_named)
def test_it_holds(race, life):
    one, other, faults = race.prepare(life)

    found = run(one, other, points=race.points, patience=race.patience)

    assert found.first.state != "failed", found
    assert found.second.state != "failed", found
    assert faults() == [], found
    assert found.done >= 1, found
    assert verify().faults == []


@pytest.mark.parametrize("race", RACES, ids=_named)
def test_it_would_not_hold_unguarded(race, life):
    if race.broken_on not in {"", connection.vendor}:
        pytest.skip("cannot be shown to break on this database")
    one, other, faults = race.prepare(life)

    with unguarded(turns=race.kept_by == "turn"):
        found = run(one, other, points=race.points, patience=max(5, race.patience))

    kept_out = "kept out" in {found.first.state, found.second.state}
    if race.kept_by == "lock":
        assert faults() != [], found
    elif race.kept_by == "turn":
        assert faults() != [] or kept_out, found
    else:
        assert kept_out, found


def test_the_table_is_the_pairs():
    assert README.read_text("utf-8") == text()


def test_no_pair_stands_twice():
    assert len({race.name for race in RACES}) == len(RACES) >= 40
