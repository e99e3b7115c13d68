"""People in bulk: seen before it is done, the same as by hand, whole or not at all."""

from datetime import date

import pytest
from django.urls import reverse

from tests import factories
from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from tests.factories import SINCE
from zhibu.adoptions import actions as adoptions
from zhibu.core.many import MOST
from zhibu.ledger.models import Entry
from zhibu.organizations import actions as organizations
from zhibu.people import actions
from zhibu.people.models import Belonging, GroupMembership, Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = "2026-11-10"


@pytest.fixture
def three(tree):
    return [factories.member(tree.village, by=tree.system, name=f"常{n}") for n in "一二三"]


def address(way, **query):
    from urllib.parse import urlencode

    return reverse("people:many", args=[way]) + (f"?{urlencode(query)}" if query else "")


def send(client, way, people, *, step="apply", at=None, **values):
    given = {"row": [p.pk for p in people], "step": step, **values}
    query = {"at": at.pk} if at else {}
    return client.post(address(way, **query), given)


def homes(people):
    rows = Person.objects.filter(pk__in=[p.pk for p in people]).order_by("pk")
    return [p.home.name for p in rows.select_related("home")]


def entries(kind):
    return list(Entry.objects.filter(kind=kind).order_by("pk"))


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 200),
        ("committee member", 403),
        ("member", 403),
        ("township officer", 200),
        ("system admin", 403),
    ],
)
def test_whoever_changes_people_does_it_to_many(who, status, cast, client):
    client.force_login(cast[who])

    assert client.get(address("place")).status_code == status


@pytest.mark.parametrize("way", ["sing", "group"])  # a group is one branch's
def test_what_cannot_be_done_to_a_list_is_not_there(way, cast, client):
    client.force_login(cast["township officer"])

    assert client.get(address(way)).status_code == 404


def test_only_people_one_may_change_are_offered_and_taken(tree, cast, client, three):
    far = factories.member(tree.far, by=tree.system, name="远方人")
    client.force_login(cast["township officer"])

    page = client.get(address("place")).content.decode()
    answer = send(client, "place", [*three, far], organization="机关第一党支部", since=DAY)

    assert "常一" in page
    assert "远方人" not in page
    assert "只能勾列出来的" in answer.content.decode()
    assert homes([far, *three]) == ["前村党支部"] * 3 + ["远村党支部"]


def test_the_preview_says_what_will_change_and_what_cannot_and_changes_nothing(
    tree, cast, client, three
):
    late = factories.member(tree.village, by=tree.system, name="才来的", since=date(2026, 11, 15))
    client.force_login(cast["township officer"])
    before = Entry.objects.count()

    page = send(
        client, "place", [*three, late], step="preview", organization="机关第一党支部", since=DAY
    ).content.decode()

    assert "会改的 3 人" in page
    assert f"{DAY} 起，组织关系转到机关第一党支部" in page
    assert "办不了、不动的 1 人" in page
    assert "2026-11-15 才到现在的支部" in page
    assert page.count('name="row"') == 3
    assert f'name="since" value="{DAY}"' in page
    assert homes(three) == ["前村党支部"] * 3
    assert Entry.objects.count() == before


def test_doing_it_is_the_same_as_by_hand(tree, cast, client, three):
    by_hand = factories.member(tree.village, by=tree.system, name="手办的")
    actions.place(
        by_hand, organization=tree.inner, since=date(2026, 11, 10), by=cast["township officer"],
        at=NOON,
    )  # fmt: skip
    client.force_login(cast["township officer"])

    answer = send(client, "place", three, organization="机关第一党支部", since=DAY)

    assert answer.status_code == 302
    assert homes(three) == ["机关第一党支部"] * 3
    first, *rest = entries("people:person:placed")
    assert len(rest) == 3
    for entry in rest:
        for field in ("kind", "organization_id", "by_id", "at", "occurred"):
            assert getattr(entry, field) == getattr(first, field)


def test_duties_are_brought_up_to_date_for_all_of_them(tree, cast, client, three):
    for pack in ("national/branch-life", "national/talks"):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1),
            by=cast["county officer"], at=NOON,
        )  # fmt: skip
    client.force_login(cast["township officer"])

    send(client, "place", three, organization="机关第一党支部", since=DAY)

    assert differences(TODAY) == []


def test_one_that_cannot_be_done_leaves_all_as_they_were(tree, cast, client, three):
    late = factories.member(tree.village, by=tree.system, name="才来的", since=date(2026, 11, 15))
    client.force_login(cast["township officer"])
    before = Entry.objects.count()

    page = send(
        client, "place", [*three, late], organization="机关第一党支部", since=DAY
    ).content.decode()

    assert "一个也没有办：有 1 人办不了" in page
    assert homes(three) == ["前村党支部"] * 3
    assert Entry.objects.count() == before


def test_guests_are_written_down_and_taken_off(tree, cast, client, three):
    client.force_login(cast["secretary"])

    send(client, "host", three, organization="远村党支部", since=DAY)
    hosted = Belonging.objects.filter(kind="host", organization=tree.far, until=None)
    assert hosted.count() == 3

    send(client, "end-hosting", three[:2], on="2026-11-18")
    assert hosted.count() == 1


def test_a_branch_is_put_into_its_groups(tree, cast, client, three):
    group = organizations.form_group(
        tree.village, name="第一党小组", since=SINCE, by=tree.system, at=NOON
    )
    client.force_login(cast["secretary"])

    send(client, "group", three, at=tree.village, group=str(group.pk), since=DAY)

    assert GroupMembership.objects.filter(group=group, since=date(2026, 11, 10)).count() == 3


def test_a_group_of_another_branch_is_no_choice(tree, cast, client, three):
    organizations.form_group(tree.village, name="甲", since=SINCE, by=tree.system, at=NOON)
    other = organizations.form_group(tree.far, name="乙", since=SINCE, by=tree.system, at=NOON)
    client.force_login(cast["secretary"])

    send(client, "group", three, at=tree.village, group=str(other.pk), since=DAY)

    assert not GroupMembership.objects.exists()


@pytest.mark.parametrize("missing", ["row", "since", "organization"])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(missing, tree, cast, client, three):
    given = {"row": [three[0].pk], "since": DAY, "organization": "机关第一党支部"}
    del given[missing]
    client.force_login(cast["township officer"])

    page = client.post(address("place"), {**given, "step": "preview"}).content.decode()

    assert "还没保存，有 1 处要改" in page
    if missing != "since":
        assert f'value="{DAY}"' in page
    if missing != "row":
        assert f'value="{three[0].pk}" checked' in page


def test_going_back_from_the_preview_keeps_what_was_chosen(tree, cast, client, three):
    client.force_login(cast["township officer"])

    page = send(
        client, "place", three, step="again", organization="机关第一党支部", since=DAY
    ).content.decode()

    assert page.count(" checked") == 3
    assert 'value="机关第一党支部"' in page
    assert "还没保存" not in page


def test_as_many_are_offered_as_one_turn_may_take(tree, cast, client):
    for number in range(MOST + 1):
        factories.member(tree.village, by=tree.system, name=f"多{number}")
    client.force_login(cast["secretary"])

    page = client.get(address("host", q="多")).content.decode()

    assert page.count('name="row"') == MOST
    assert f"列出前 {MOST} 人" in page


def test_somebodys_number_is_not_looked_up_here(tree, cast, client):
    factories.member(tree.village, by=tree.system, name="单文秀", phone="13900000000")
    client.force_login(cast["secretary"])

    page = client.get(address("host", q="13900000000")).content.decode()

    assert page.count('name="row"') > 1  # everybody: the number is no filter here
