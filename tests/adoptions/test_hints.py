"""Hints of many organisations: judged together, in as many queries as one."""

from datetime import date

import pytest

from tests import factories
from tests.adoptions.conftest import NATIONAL
from tests.conftest import NOON, TODAY
from zhibu.adoptions import queries
from zhibu.organizations import actions as organizations
from zhibu.people import actions as people
from zhibu.people.models import Holding

pytestmark = pytest.mark.django_db


def shown(organization, day=TODAY):
    return [h.id for h in queries.hints([organization], day)[organization.pk]]


def test_calls_for_help_come_first(tree, adopt):
    adopt()
    organizations.begin_term(
        tree.village,
        since=date(2020, 1, 1),
        ends_on=date(2026, 6, 30),
        has_committee=True,
        by=tree.system,
        at=NOON,
    )

    found = queries.hints([tree.village], TODAY)[tree.village.pk]

    assert [h.id for h in found if h.is_call_for_help] == ["no-secretary", "term-is-over"]
    assert [h.is_call_for_help for h in found] == sorted(
        (h.is_call_for_help for h in found), reverse=True
    )
    assert found[0].text == "没有登记在任的书记。出缺要及时补。"
    assert found[0].cited == "支部工作条例 第二十一条"
    assert (found[0].reference, found[0].pack.id) == (f"{NATIONAL}:no-secretary", NATIONAL)


def test_nothing_is_shown_where_no_pack_holds(tree):
    assert queries.hints([tree.village, tree.far], TODAY) == {
        tree.village.pk: [],
        tree.far.pk: [],
    }


def test_hint_is_shown_only_for_kinds_it_speaks_of(tree, adopt):
    adopt()

    assert "no-secretary" in shown(tree.village)
    assert "no-secretary" not in shown(tree.east)


def test_hint_looks_at_its_own_day(tree, cast, adopt):
    adopt()
    left = date(2026, 6, 1)
    holding = Holding.objects.get(person=cast["secretary"].person_id)
    people.end_holding(holding, on=left, by=tree.system, at=NOON)

    assert "no-secretary" not in shown(tree.village, date(2026, 5, 31))
    assert "no-secretary" in shown(tree.village, left)


@pytest.mark.parametrize("number", [1, 3])
def test_hints_of_many_take_as_many_queries_as_of_one(
    number, tree, adopted, django_assert_num_queries
):
    wanted = [tree.village, tree.inner, tree.far][:number]
    for organization in wanted:
        factories.member(organization, by=tree.system)

    with django_assert_num_queries(7):
        found = queries.hints(wanted, TODAY)

    assert "too-few-full-members" in [h.id for h in found[tree.village.pk]]


def test_packs_asked_for_before_are_not_asked_for_again(tree, adopted, django_assert_num_queries):
    wanted = [tree.village, tree.inner]
    held = queries.in_force_for(wanted, TODAY)

    with django_assert_num_queries(4):
        found = queries.hints(wanted, TODAY, held=held)

    assert found == queries.hints(wanted, TODAY)


def test_many_are_judged_as_one_by_one(tree, cast, adopted):
    wanted = [tree.county, tree.east, tree.general, tree.village, tree.inner, tree.far]

    together = queries.hints(wanted, TODAY)

    assert {pk: [h.id for h in found] for pk, found in together.items()} == {
        o.pk: shown(o) for o in wanted
    }
