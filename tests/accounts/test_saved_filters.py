"""A filter kept for oneself: only what the list asks for, nobody's number, nobody else's."""

from datetime import date

import pytest
from django.urls import reverse

from tests.conftest import NOON, TODAY
from zhibu.accounts import saving
from zhibu.accounts.models import SavedFilter
from zhibu.core import filters
from zhibu.core.filters import LONGEST
from zhibu.core.verdicts import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LISTS = (
    "people:list", "organizations:list", "organizations:terms", "activities:list",
    "assignments:list", "assignments:commissions", "cases:list", "cases:papers",
    "campaigns:list", "desk:overview", "desk:ledger", "publishing:list",
)  # fmt: skip


def keep(user, name="上半年", page="activities:list", query="since=2026-01-01"):
    return saving.save(filters.of(page), query, name=name, by=user, at=NOON)


def send(client, name, query="q=%E6%8A%A4%E6%B2%B3", page="activities:list"):
    given = {"page": page, "query": query, "name": name}
    return client.post(reverse("accounts:save_filter"), given)


def test_lists_that_keep_filters_are_these():
    assert sorted(kept.url_name for kept in filters.lists()) == sorted(LISTS)


@pytest.mark.parametrize("page", LISTS)
def test_every_such_list_offers_to_keep_what_it_shows(page, cast, client):
    client.force_login(cast["township officer"])
    kept = filters.of(page)
    name = kept.names[0]

    shown = client.get(reverse(page), {name: _value(client, page, name)}).content.decode()

    assert "保存这个筛选" in shown
    assert f'name="page" value="{page}"' in shown


def _value(client, page, name):
    if name == "organization":
        from zhibu.accounts.models import User
        from zhibu.core import standing

        user = User.objects.get(pk=client.session["_auth_user_id"])
        return str(next(s.organization_id for s in standing.of(user) if s.reach == "subtree"))
    return {"due": "all"}.get(name, "护河")


def test_a_kept_filter_stands_on_its_list_and_on_ones_own_page(cast, client):
    client.force_login(cast["secretary"])

    answer = send(client, "护河的")

    address = f"{reverse('activities:list')}?q=%E6%8A%A4%E6%B2%B3"
    assert answer.headers["Location"] == address
    for page in (reverse("activities:list"), reverse("accounts:filters")):
        shown = client.get(page).content.decode()
        assert f'href="{address}"' in shown
        assert "护河的" in shown
    assert "保存这个筛选" not in client.get(address).content.decode()  # it is kept already


def test_it_stands_on_no_other_list(cast, client):
    keep(cast["secretary"], "上半年")
    client.force_login(cast["secretary"])

    assert "上半年" not in client.get(reverse("people:list")).content.decode()


def test_nobody_else_sees_or_opens_it(cast, client):
    row = keep(cast["secretary"])
    client.force_login(cast["committee member"])

    assert "上半年" not in client.get(reverse("activities:list")).content.decode()
    assert "上半年" not in client.get(reverse("accounts:filters")).content.decode()
    assert client.get(reverse("accounts:rename_filter", args=[row.pk])).status_code == 404
    assert client.post(reverse("accounts:delete_filter", args=[row.pk])).status_code == 404
    assert SavedFilter.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("q=a&page=3&export=1&evil=x", "q=a"),
        ("status=held&q=a", "q=a&status=held"),
        ("q=+&status=", ""),
        ("page=2", ""),
        ("q=13900000000", ""),
        ("q=99010119600101001X", ""),
        (f"q={'x' * LONGEST}", ""),
    ],
)
def test_only_what_the_list_asks_for_is_kept(given, kept):
    from django.http import QueryDict

    assert filters.of("activities:list").query(QueryDict(given).dict(), TODAY) == kept


def test_today_is_not_kept_and_another_day_is():
    overview = filters.of("desk:overview")

    assert overview.query({"on": "2026-11-20", "state": "open"}, TODAY) == "state=open"
    assert overview.query({"on": "2026-06-30"}, TODAY) == "on=2026-06-30"
    assert overview.query({"on": "2026-11-20"}, date(2026, 11, 21)) == "on=2026-11-20"


def test_the_list_judges_the_words_again_when_it_is_opened(cast, client):
    row = keep(cast["secretary"], query="status=nonsense&since=2026-13-45")
    client.force_login(cast["secretary"])

    assert client.get(row.url).status_code == 200


def test_a_number_is_not_kept_and_it_is_said(cast, client):
    client.force_login(cast["secretary"])

    answer = send(client, "号码", query="q=13900000000", page="people:list")

    assert "身份证号、电话不能存" in answer.content.decode()
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("name", ["", "长" * 31, "两\n行"])
def test_a_wrong_name_is_asked_again_and_nothing_is_lost(name, cast, client):
    client.force_login(cast["secretary"])

    page = send(client, name).content.decode()

    assert "还没保存" in page
    assert 'name="query" value="q=%E6%8A%A4%E6%B2%B3"' in page
    assert not SavedFilter.objects.exists()


def test_a_list_that_keeps_nothing_is_not_there(cast, client):
    client.force_login(cast["secretary"])

    assert send(client, "x", page="people:me").status_code == 404
    assert send(client, "x", page="").status_code == 404


def test_a_name_is_used_once_a_list(cast):
    keep(cast["secretary"], "上半年")
    keep(cast["secretary"], "上半年", "people:list", "state=full")
    keep(cast["committee member"], "上半年")

    with pytest.raises(Refused, match="已经有一个叫“上半年”的"):
        keep(cast["secretary"], "上半年", query="q=x")


def test_there_is_room_for_twenty_and_no_more(cast):
    for number in range(saving.MOST):
        keep(cast["secretary"], f"第{number}个")

    with pytest.raises(Refused, match="最多存 20 个"):
        keep(cast["secretary"], "再一个")
    assert SavedFilter.objects.count() == saving.MOST


def test_renaming_keeps_the_filter_and_minds_the_others(cast, client):
    row, _ = keep(cast["secretary"], "一"), keep(cast["secretary"], "二")
    client.force_login(cast["secretary"])
    address = reverse("accounts:rename_filter", args=[row.pk])

    assert "已经有一个叫“二”的" in client.post(address, {"name": "二"}).content.decode()
    assert client.post(address, {"name": "一"}).status_code == 302  # its own name is free
    assert client.post(address, {"name": "三"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.query) == ("三", "since=2026-01-01")


def test_deleting_takes_it_away(cast, client):
    row = keep(cast["secretary"])
    client.force_login(cast["secretary"])

    client.post(reverse("accounts:delete_filter", args=[row.pk]))

    assert not SavedFilter.objects.exists()


def test_a_search_sent_by_script_offers_its_own_words(cast, client):
    client.force_login(cast["secretary"])

    part = client.post(
        reverse("people:list"), {"q": "jhm"}, headers={"HX-Request": "true"}
    ).content.decode()

    assert 'name="query" value="q=jhm"' in part
