"""Member groups: put in and out by the list, dated, from a pack's catalogue."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests import factories
from tests.conftest import NOON, TODAY
from tests.organizations.test_organization_views import ABOVE, answers, expected
from zhibu.core.predicates import Test
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.packs import checking, library
from zhibu.packs.reading import read
from zhibu.people import actions as people
from zhibu.people.membergroups import actions, queries
from zhibu.people.membergroups.queries import Wanted
from zhibu.people.models import MemberGrouping, Person

pytestmark = pytest.mark.django_db

RETIRED = "seeds/member-groups:field-plans/retired"
VILLAGES = "seeds/member-groups:field-plans/villages"
FRAIL = "seeds/member-groups:circumstances/frail"
SINCE = date(2026, 3, 1)
NAMES = {"顾长林", "倪秀兰", "蒋红梅"}


@pytest.fixture
def three(cast):
    return list(Person.objects.filter(name__in=NAMES).order_by("pk"))


def ids(people):
    return [person.pk for person in people]


def put(people_, group=RETIRED, *, by, way="in", since=SINCE):
    return actions.regroup(ids(people_), group=group, way=way, since=since, by=by, at=NOON)


def in_group(group, on):
    everyone = ids(Person.objects.all())
    return Test.model_validate({"is": "in_member_group", "group": group}).satisfied_by(everyone, on)


def test_putting_in_is_dated_and_recorded(cast, three):
    made = put(three, by=cast["secretary"])

    assert ids(made.touched) == ids(three)
    assert in_group(RETIRED, SINCE) == set(ids(three))
    assert in_group(RETIRED, date(2026, 2, 28)) == set()
    assert Entry.objects.filter(kind=actions.Kind.PUT_IN).get().digests_count == 3
    assert verify().faults == []


def test_taking_out_ends_it_on_the_day(cast, three):
    put(three, by=cast["secretary"])

    put(three[:1], by=cast["secretary"], way="out", since=TODAY)

    assert in_group(RETIRED, TODAY) == set(ids(three[1:]))
    assert in_group(RETIRED, date(2026, 11, 19)) == set(ids(three))
    assert verify().faults == []


def test_exclusive_catalogue_lets_go_of_the_other_group(cast, three):
    put(three, VILLAGES, by=cast["secretary"])

    put(three[:1], RETIRED, by=cast["secretary"], since=TODAY)

    assert in_group(VILLAGES, TODAY) == set(ids(three[1:]))
    assert in_group(RETIRED, TODAY) == {three[0].pk}


def test_other_catalogue_lets_a_person_be_in_several(cast, three):
    put(three, VILLAGES, by=cast["secretary"])

    put(three, FRAIL, by=cast["secretary"], since=TODAY)

    assert in_group(VILLAGES, TODAY) == in_group(FRAIL, TODAY) == set(ids(three))


def test_who_is_as_asked_is_left_alone(cast, three):
    put(three[:2], by=cast["secretary"])

    made = put(three, by=cast["secretary"], since=TODAY)

    assert ids(made.touched) == [three[2].pk]
    assert [why for _, why in made.as_they_are] == ["已经在里面"] * 2


@pytest.mark.parametrize("who", ["committee member", "member", "sibling secretary"])
def test_whoever_may_not_changes_nobody(who, cast, three):
    with pytest.raises(Refused):
        put(three, by=cast[who])

    assert not MemberGrouping.objects.exists()
    assert not Entry.objects.filter(kind=actions.Kind.PUT_IN).exists()


def test_one_person_out_of_reach_refuses_all(cast, three, tree):
    far = factories.member(tree.far, by=tree.system)

    with pytest.raises(Refused):
        put([*three, far], by=cast["secretary"])

    assert not MemberGrouping.objects.exists()


def test_database_holds_that_one_is_in_a_group_once_at_a_time(cast, three):
    put(three[:1], by=cast["secretary"])

    with pytest.raises(IntegrityError), transaction.atomic():
        MemberGrouping.objects.create(
            person=three[0], group=RETIRED, since=date(2026, 5, 1), until=TODAY,
            put_by=cast["secretary"], put_at=NOON,
        )  # fmt: skip


def test_filter_finds_by_completed_years(cast, three, tree):
    for person, born in zip(three, (date(1966, 11, 20), date(1966, 11, 21), None), strict=True):
        people.change(
            person, name=person.name, sex="", born_on=born, ethnicity="", education="大学",
            occupation="务农", by=tree.system, at=NOON,
        )  # fmt: skip
    by = cast["secretary"]

    assert ids(queries.changeable(by, Wanted(age_from=60), TODAY)) == [three[0].pk]
    assert ids(queries.changeable(by, Wanted(age_to=59), TODAY)) == [three[1].pk]
    assert set(ids(queries.changeable(by, Wanted(education="大学"), TODAY))) == set(ids(three))
    assert ids(queries.changeable(by, Wanted(occupation="工"), TODAY)) == []


def test_condition_that_names_no_group_of_any_pack_is_a_fault():
    shipped = library.shipped()
    folder = {**shipped["national/branch-life"].files}
    name = "duties/theme-day/2018-10-28.toml"
    when = (
        '\n[when]\nall = [{ is = "in_member_group", group = "seeds/member-groups:nothing/none" }]\n'
    )
    head, _, rest = folder[name].partition("\n[[")
    folder[name] = f"{head}\n{when}\n[[{rest}"
    pack, faults = read(folder)

    assert faults == []
    assert "没有党员类别 seeds/member-groups:nothing/none" in [
        fault.message for fault in checking.problems(pack, shipped)
    ]


# --- the page


@pytest.fixture
def page(client, clock):
    def post(who, group=RETIRED, way="in", **typed):
        client.force_login(who)
        address = f"{reverse('people:change_member_group')}?group={group}&way={way}"
        return client.post(address, typed) if typed else client.get(address)

    return post


def test_pages_answer_by_standing(cast, clock):
    allowed = dict.fromkeys(cast, 403) | dict.fromkeys(
        [who for who in cast if "secretary" in who or "officer" in who], 200
    )
    allowed["signed out"] = 302
    address = f"{reverse('people:change_member_group')}?group={RETIRED}"
    for path in (reverse("people:member_groups"), address,
                 f"{reverse('people:export_member_group')}?group={RETIRED}"):  # fmt: skip
        assert answers(cast, lambda client, path=path: client.get(path)) == allowed


def test_groups_of_a_person_answer_by_standing(cast, three, clock):
    member = next(person for person in three if person.name == "蒋红梅")
    put([member], by=cast["secretary"])
    found = expected(cast, found=("secretary", "committee member", "member", *ABOVE))
    address = reverse("people:groups_of", args=[member.pk])

    assert answers(cast, lambda client: client.get(address)) == found


def test_preview_changes_nothing_and_the_second_step_does(cast, three, page):
    typed = {"person": ids(three[:2]), "since": "2026-11-01"}

    shown = page(cast["secretary"], step="preview", **typed)

    assert shown.status_code == 200
    assert ids(shown.context["outlook"].touched) == ids(three[:2])
    assert not MemberGrouping.objects.exists()

    done = page(cast["secretary"], step="apply", **typed)

    assert done.status_code == 302
    assert in_group(RETIRED, date(2026, 11, 1)) == set(ids(three[:2]))


def test_nobody_chosen_is_said(cast, three, page):
    shown = page(cast["secretary"], step="preview", since="2026-11-01")

    assert "请至少勾一个人" in shown.content.decode()


def test_unknown_group_is_not_found(cast, page):
    assert page(cast["secretary"], group="seeds/member-groups:field-plans/none").status_code == 404


def test_list_takes_the_same_queries_for_more(cast, tree, clock, client, queries_of):
    client.force_login(cast["secretary"])
    address = f"{reverse('people:change_member_group')}?group={RETIRED}"
    few = queries_of(address)
    for _ in range(30):
        factories.member(tree.village, by=tree.system)

    assert queries_of(address) == few <= 12
