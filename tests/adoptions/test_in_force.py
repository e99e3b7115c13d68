"""Which packs hold for whom on which day, and which of their items."""

from datetime import date, timedelta

import pytest

from tests import factories
from tests.adoptions.conftest import MARCH, NATIONAL, NEW_YEAR, QUARTERLY, SEED
from tests.conftest import NOON, TODAY
from tests.packs import makers
from zhibu.adoptions import actions, queries, showing
from zhibu.duties.models import Obligation
from zhibu.organizations import actions as organizations
from zhibu.packs import library

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def held(organization, day=TODAY):
    return [one.pack.id for one in queries.in_force(organization, day)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (NEW_YEAR - DAY, []),
        (NEW_YEAR, [NATIONAL]),
        (MARCH - DAY, [NATIONAL]),
        (MARCH, [NATIONAL, QUARTERLY, SEED]),
        (date(2030, 1, 1), [NATIONAL, QUARTERLY, SEED]),
    ],
)
def test_packs_hold_from_their_day_on_the_highest_first(day, expected, tree, adopted):
    assert held(tree.village, day) == expected


def test_packs_hold_below_and_nowhere_else(tree, adopted):
    assert held(tree.county) == [NATIONAL]
    assert held(tree.far) == [NATIONAL]
    assert held(tree.inner) == [NATIONAL, QUARTERLY, SEED]


def test_pack_adopted_at_two_levels_is_held_by_the_highest(tree, adopt):
    own = adopt(organization=tree.east, since=NEW_YEAR)
    adopt()

    (one,) = queries.in_force(tree.village, TODAY)

    assert one.adoption.organization == tree.county
    assert own.organization == tree.east


def test_pack_holds_until_the_day_it_is_withdrawn(tree, adopted):
    actions.withdraw(adopted[SEED], until=date(2026, 7, 1), by=tree.system, at=NOON)

    assert SEED in held(tree.village, date(2026, 6, 30))
    assert SEED not in held(tree.village, date(2026, 7, 1))


def test_pack_adopted_for_a_field_holds_only_there(tree, adopt):
    organizations.change(
        tree.inner, field="office", place="", established_on=None, by=tree.system, at=NOON
    )
    tree.inner.refresh_from_db()
    adopt(fields=["office"])

    assert held(tree.inner) == [NATIONAL]
    assert held(tree.village) == []


def test_after_a_move_the_old_place_counts_for_the_old_days(tree, adopted):
    moved = date(2026, 6, 1)
    organizations.move(tree.village, parent=tree.west, since=moved, by=tree.system, at=NOON)
    tree.village.refresh_from_db()

    assert held(tree.village, moved - DAY) == [NATIONAL, QUARTERLY, SEED]
    assert held(tree.village, moved) == [NATIONAL]


def test_after_a_move_of_the_adopter_its_subtree_goes_along(tree, adopted):
    moved = date(2026, 6, 1)
    above = factories.organization(
        tree.county, by=tree.system, name="片区工委", kind="work-committee"
    )
    organizations.move(tree.east, parent=above, since=moved, by=tree.system, at=NOON)

    assert held(tree.village, moved - DAY) == [NATIONAL, QUARTERLY, SEED]
    assert held(tree.village, moved) == [NATIONAL, QUARTERLY, SEED]
    assert held(above, moved) == [NATIONAL]


def test_duty_that_is_refined_names_what_takes_its_place(tree, adopted):
    duties = queries.items_in_force(tree.village, TODAY, "duties")["duties"]

    refined = {one.reference: one.refined_by for one in duties if one.refined_by}
    assert refined == {f"{NATIONAL}:theme-day": f"{SEED}:theme-day"}


def test_item_that_rests_on_memory_alone_is_off(tree, adopt):
    text = makers.DUTY.replace('seen = "page"\narticle_seen = false', 'seen = "memory"')
    pack = makers.pack(makers.with_file(makers.DUTY_FILE, text))

    with library.trying(pack):
        adopt("demo/small")
        items = queries.items_in_force(tree.village, TODAY, "duties", "activities")
        here = showing.here(tree.village, TODAY, path=tree.village.path)

        assert not Obligation.objects.exists()

    assert [one.reference for one in items["duties"]] == []
    assert [one.reference for one in items["activities"]] == ["demo/small:assembly"]
    assert [wording.id for _, wording in here.off] == ["assembly"]


def test_pack_of_which_nothing_was_seen_cannot_be_adopted(tree, adopt):
    memory = 'seen = "memory"'
    files = makers.files()
    files[makers.DUTY_FILE] = makers.DUTY.replace('seen = "page"\narticle_seen = false', memory)
    files[makers.ACTIVITY_FILE] = makers.ACTIVITY.replace('seen = "text"', memory)

    with library.trying(makers.pack(files)), pytest.raises(Exception, match="依据都没有核过"):
        adopt("demo/small")


@pytest.mark.parametrize("number", [1, 3])
def test_packs_of_many_organizations_take_three_queries(
    number, tree, adopted, django_assert_num_queries
):
    wanted = [tree.village, tree.inner, tree.far][:number]

    with django_assert_num_queries(3):
        found = queries.in_force_for(wanted, TODAY)

    assert [one.pack.id for one in found[tree.village.pk]] == [NATIONAL, QUARTERLY, SEED]
    assert len(found) == number


def test_many_are_answered_as_one_by_one(tree, adopted, monkeypatch):
    wanted = [tree.county, tree.east, tree.west, tree.general, tree.village, tree.inner, tree.far]

    alone = {o.pk: held(o) for o in wanted}
    together = queries.in_force_for(wanted, TODAY)
    monkeypatch.setattr(queries, "FEW", 0)
    unfiltered = queries.in_force_for(wanted, TODAY)

    assert {pk: [one.pack.id for one in found] for pk, found in together.items()} == alone
    assert {pk: [one.pack.id for one in found] for pk, found in unfiltered.items()} == alone
