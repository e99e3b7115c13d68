"""One box: each finds what their standing lets them see, and no number stays in an address."""

from datetime import date

import pytest
from django.urls import reverse

from tests import factories, scenes
from tests.conftest import NOON, TODAY
from zhibu.assignments import actions as assignments
from zhibu.core import searching
from zhibu.core.searching import MOST, Hit, Section
from zhibu.people.searching import is_personal_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def found(user, words, on=TODAY):
    """Titles by section, as the page draws them."""
    return {
        one.section.title: [hit.title for hit in one.hits]
        for one in searching.find(user, words, on)
    }


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("secretary", True),
        ("committee member", True),
        ("member", False),
        ("township officer", True),
        ("county officer", True),
        ("sibling secretary", False),
        ("stranger secretary", False),
        ("other township officer", False),
        ("stranger member", False),
        ("system admin", False),
    ],
)
def test_a_person_is_found_by_those_who_may_look_for_people_there(who, sees, cast):
    assert ("蒋红梅" in found(cast[who], "jhm").get("人员", [])) is sees
    assert ("蒋红梅" in found(cast[who], "蒋红").get("人员", [])) is sees


def test_nothing_is_found_without_words(cast):
    assert found(cast["county officer"], "") == {}


def test_every_area_answers_under_its_own_heading(tree, cast):
    assignments.assign(
        tree.village, title="前村修路", owner=scenes.person_of(cast["member"]),
        due_on=date(2026, 12, 1), by=cast["secretary"], at=NOON,
    )  # fmt: skip

    assert found(cast["secretary"], "前村") == {"组织": ["前村党支部"], "任务": ["前村修路"]}


def test_an_old_name_leads_to_the_organisation(tree, cast):
    from zhibu.organizations import actions as organizations

    organizations.rename(
        tree.village, name="新前村党支部", since=date(2025, 1, 1), by=tree.system, at=NOON
    )

    assert found(cast["secretary"], "新前村") == {"组织": ["新前村党支部"]}


@pytest.mark.parametrize(
    ("who", "page", "sees"),
    [
        ("secretary", "记一次", True),
        ("member", "记一次", False),
        ("township officer", "交办一件事", True),
        ("secretary", "交办一件事", False),
        ("secretary", "党员分类", True),
        ("system admin", "意见", True),
    ],
)
def test_functions_are_those_of_ones_own_menu(who, page, sees, cast):
    assert (page in found(cast[who], page).get("功能", [])) is sees


def test_a_function_is_found_by_another_word_for_it(cast):
    assert "任期日历" in found(cast["township officer"], "换届")["功能"]


def test_rules_are_found_by_title_with_their_article(cast):
    section = next(
        s for s in searching.find(cast["member"], "党员大会", TODAY) if s.section.title == "制度"
    )

    assert "支部党员大会" in [hit.title for hit in section.hits]
    assert any("支部工作条例" in hit.line for hit in section.hits)


def test_somebody_without_a_place_finds_no_rules(tree):
    applicant = factories.account(factories.member(tree.far, by=tree.system, state="applicant"))

    assert found(applicant, "党员大会") == {}


# --- numbers


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("13900000000", True),
        ("139 0000 0000", True),
        ("+86 13900000000", True),
        ("0523-86218888", True),
        ("99010119600101001X", True),
        ("990101600101001", True),
        ("321012105206", False),  # the code of an organisation
        ("1390000", False),
        ("前村", False),
        ("2026", False),
        ("", False),
    ],
)
def test_what_is_somebodys_number(text, is_one):
    assert is_personal_number(text) is is_one


def test_a_number_leaves_the_address_and_is_not_looked_up(tree, cast, client):
    factories.member(tree.village, by=tree.system, name="单文秀", phone="13900000000")
    client.force_login(cast["secretary"])

    answer = client.get(reverse("desk:search"), {"q": "13900000000"})

    assert answer.headers["Location"] == f"{reverse('desk:search')}?number=1"
    page = client.get(answer.headers["Location"]).content.decode()
    assert "号码不能留在网址里" in page
    assert f'href="{reverse("people:list")}"' in page
    assert "单文秀" not in page


@pytest.mark.parametrize("part", ["1390000", "13900", "990101", "19600101"])
def test_part_of_a_number_finds_nobody(part, tree, cast):
    factories.member(
        tree.village, by=tree.system, name="单文秀", phone="13900000000",
        id_number="99010119600101001X",
    )  # fmt: skip

    assert "人员" not in found(cast["secretary"], part)


# --- the page


def test_ten_are_shown_and_the_whole_list_has_the_same_words(tree, cast, client):
    for number in range(MOST + 1):
        factories.organization(tree.east, by=tree.system, name=f"水库{number}村党支部")
    client.force_login(cast["township officer"])

    page = client.get(reverse("desk:search"), {"q": "水库"}).content.decode()

    assert page.count("水库") == MOST + 2  # the title of the page and the box
    more = f"{reverse('organizations:list')}?q=%E6%B0%B4%E5%BA%93"
    assert f'href="{more}"' in page
    assert client.get(more).content.decode().count("村党支部</a></th>") == MOST + 1


@pytest.mark.parametrize(
    "url", ["people:list", "organizations:list", "activities:list", "assignments:list",
            "assignments:commissions", "adoptions:packs", "cases:list", "cases:papers",
            "campaigns:list"],
)  # fmt: skip
def test_every_whole_list_takes_the_words(url, cast, client):
    client.force_login(cast["county officer"])

    page = client.get(reverse(url), {"q": "没有这个词"}).content.decode()

    assert "没有" in page
    assert "看全部" in page


def test_every_section_leads_to_a_list_that_takes_the_words(cast):
    lists = {s.list_url for s in searching.sections(cast["county officer"]) if s.list_url}

    assert lists == {
        "people:list", "organizations:list", "activities:list", "assignments:list",
        "assignments:commissions", "adoptions:packs", "cases:list", "campaigns:list",
        "publishing:list",
    }  # fmt: skip


def test_a_page_that_finds_nothing_says_what_to_do_next(cast, client):
    client.force_login(cast["member"])

    page = client.get(reverse("desk:search"), {"q": "没有这个"}).content.decode()

    assert "没有找到“没有这个”" in page
    assert "换个写法" in page


def test_too_long_is_said_and_not_looked_for(cast, client):
    client.force_login(cast["member"])

    page = client.get(reverse("desk:search"), {"q": "长" * 61}).content.decode()

    assert "写得太长了" in page


def test_the_box_is_on_every_page_once_and_not_for_those_signed_out(cast, client):
    assert 'role="search"' not in client.get(reverse("accounts:sign_in")).content.decode()
    client.force_login(cast["member"])
    for url in ("people:me", "desk:search"):
        assert client.get(reverse(url)).content.decode().count('role="search"') == 1


# --- the registry


def test_a_section_is_cut_to_ten_and_says_that_there_is_more(monkeypatch, cast):
    def section(count, list_url):
        return Section(
            "数", "table", 1, lambda user: True, lambda user, text, on: range(count),
            lambda row: Hit(str(row), "/"), list_url,
        )  # fmt: skip

    def only(count, list_url):
        monkeypatch.setattr(searching, "_sections", [section(count, list_url)])
        (one,) = searching.find(cast["member"], "x", TODAY)
        return len(one.hits), one.more

    assert only(MOST, "people:list") == (MOST, "")
    assert only(MOST + 1, "people:list") == (MOST, f"{reverse('people:list')}?q=x")
    assert only(MOST + 1, "") == (MOST, "")


def test_a_section_that_is_not_shown_is_not_asked(monkeypatch, cast):
    def fails(user, text, on):
        raise AssertionError

    hidden = Section("数", "table", 1, lambda user: False, fails, fails)
    monkeypatch.setattr(searching, "_sections", [hidden])

    assert searching.find(cast["member"], "x", TODAY) == []
