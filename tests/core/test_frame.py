"""The frame round every page: hats, navigation, large print, demo line, refusals."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

import zhibu
from tests import factories
from tests.conftest import NOON
from tests.core.pages import Markup
from zhibu.core import context, hats, navigation
from zhibu.core.context import Place
from zhibu.core.navigation import Entry
from zhibu.organizations import actions as organizations
from zhibu.people import actions as people
from zhibu.people.models import Person

pytestmark = pytest.mark.django_db


def page_of(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_page_of_a_secretary_shows_organization_and_post(cast, client):
    client.force_login(cast["secretary"])

    page = page_of(client, "people:me")

    assert '<html lang="zh-Hans">' in page
    assert '前村党支部<br><span class="z-quiet">书记</span>' in page
    assert '<a class="z-skip" href="#main">跳到正文</a>' in page


def test_page_signed_out_has_no_sidebar_and_no_bar(client):
    page = page_of(client, "accounts:sign_in")

    assert "z-side" not in page
    assert "z-tabs" not in page
    assert Markup(page).headings[0] == "h1"


@pytest.mark.parametrize("is_demo", [True, False])
def test_demo_line_stands_on_screen_and_print_of_a_demo_only(is_demo, settings, client):
    settings.IS_DEMO = is_demo

    page = page_of(client, "accounts:sign_in")

    assert ('<p class="z-demo">演示数据，纯属虚构</p>' in page) is is_demo
    assert ("演示数据，纯属虚构。请勿录入涉密信息。" in page) is is_demo
    assert "请勿录入涉密信息。" in page


def test_large_print_is_a_cookie_of_the_device(client):
    here = reverse("accounts:sign_in")

    response = client.post(reverse("core:large_print"), {"next": here})
    large = client.get(here).content.decode()
    client.post(reverse("core:large_print"), {"next": here})
    normal = client.get(here).content.decode()

    assert response.headers["Location"] == here
    assert '<html lang="zh-Hans" class="large">' in large
    assert '<html lang="zh-Hans">' in normal


def test_large_print_never_leads_away(client):
    response = client.post(reverse("core:large_print"), {"next": "https://elsewhere.example/"})

    assert response.headers["Location"] == "/"


def test_stranger_is_told_that_there_is_no_such_page(cast, tree, client):
    client.force_login(cast["stranger secretary"])

    response = client.get(reverse("organizations:detail", args=[tree.village.pk]))

    assert response.status_code == 404
    assert "没有这一页" in response.content.decode()


def test_refusal_shows_its_reason_on_the_page(cast, tree, client):
    client.force_login(cast["secretary"])

    response = client.get(reverse("organizations:rename", args=[tree.village.pk]))
    page = response.content.decode()

    assert response.status_code == 403
    assert "<span>不能改组织：前村党支部归上级党委管，要上级党委的同志来办</span>" in page
    assert "z-side" in page


def test_refusal_to_a_part_of_a_page_is_the_refusal_alone(cast, client):
    client.force_login(cast["member"])

    response = client.get(reverse("people:list"), headers={"HX-Request": "true"})
    part = response.content.decode()

    assert response.status_code == 403
    assert "不能查找人员" in part
    assert "<html" not in part


def test_failure_is_drawn_without_the_frame(client, monkeypatch):
    from zhibu.accounts import queries

    def fail():
        raise RuntimeError

    monkeypatch.setattr(queries, "demo_accounts", fail)
    client.raise_request_exception = False

    response = client.get(reverse("accounts:sign_in"))

    assert response.status_code == 500
    assert "刚才的没有保存" in response.content.decode()


# --- hats


@pytest.fixture
def officer_and_secretary(cast, tree):
    """The township officer of the cast, also secretary of the branch they belong to."""
    user = cast["township officer"]
    post = organizations.make_post(
        tree.inner,
        kind="deputy",
        title="副书记",
        role="branch-secretary",
        since=factories.SINCE,
        rank=90,
        by=tree.system,
        at=NOON,
    )
    person = Person.objects.get(pk=user.person_id)
    people.hold_post(person, post=post, since=factories.SINCE, by=tree.system, at=NOON)
    return user


def test_hat_groups_standings_by_organization(officer_and_secretary, tree, rf):
    request = rf.get("/")
    request.user, request.session = officer_and_secretary, {}

    worn = hats.of(request)

    assert [(hat.organization_id, hat.post) for hat in worn] == [
        (tree.east.pk, "组织干事"),
        (tree.inner.pk, "副书记"),
    ]


def test_wearing_another_hat_changes_the_organization_box(officer_and_secretary, tree, client):
    client.force_login(officer_and_secretary)

    response = client.post(reverse("core:wear_hat"), {"organization": tree.inner.pk})
    page = page_of(client, "people:me")

    assert response.headers["Location"] == reverse("desk:home")
    assert '<summary class="org"><span>机关第一党支部<br>' in page
    assert f'name="organization" value="{tree.east.pk}"' in page


@pytest.mark.parametrize("asked", ["999999", "", "x", "9" * 40])
def test_hat_of_another_is_refused(asked, officer_and_secretary, tree, client):
    client.force_login(officer_and_secretary)

    response = client.post(reverse("core:wear_hat"), {"organization": asked})

    assert response.status_code == 403
    assert "hat" not in client.session


def test_hat_that_is_gone_is_not_worn(officer_and_secretary, tree, client):
    client.force_login(officer_and_secretary)
    session = client.session
    session["hat"] = tree.far.pk
    session.save()

    assert '<summary class="org"><span>东镇委员会<br>' in page_of(client, "people:me")


# --- navigation


def place(title, bar=50, *, is_main=False):
    entry = Entry(title, "people:me", "person", 1, 1, lambda user: True, bar=bar, is_main=is_main)
    return Place(entry, "/", 0, False, False)


@pytest.mark.parametrize(
    ("places", "expected", "has_more"),
    [
        ([], [], False),
        ([place("今日"), place("学习")], ["今日", "学习"], False),
        (
            [place("工作台", 1), place("记一次", 2, is_main=True), place("事项", 3)],
            ["工作台", "事项", "记一次"],
            False,
        ),
        (
            [
                place("工作台", 1),
                place("记一次", 2, is_main=True),
                place("事项", 3),
                place("活动"),
                place("人员", 4),
                place("台账"),
            ],
            ["工作台", "事项", "记一次", "人员"],
            True,
        ),
    ],
)
def test_bar_holds_five_with_the_main_action_in_the_middle(places, expected, has_more):
    bar, more = context._bar(places)

    assert [p.entry.title for p in bar] == expected
    assert more is has_more


@pytest.mark.parametrize(
    ("who", "titles"),
    [
        ("member", {"支部", "我的"}),
        ("secretary", {"人员"}),
        ("township officer", {"组织", "人员"}),
        ("system admin", {"我的"}),
    ],
)
def test_navigation_of_people_and_organizations_by_role(who, titles, cast):
    ours = {"组织", "支部", "人员", "我的"}

    shown = {entry.title for entry in navigation.entries(cast[who])}

    assert shown & ours == titles


def test_current_place_is_the_closest_one(cast, tree, client):
    client.force_login(cast["secretary"])

    page = page_of(client, "people:detail", cast["member"].person_id)

    assert f'<a href="{reverse("people:list")}" aria-current="page">' in page


def test_more_page_lists_everything_and_signs_out(officer_and_secretary, client):
    client.force_login(officer_and_secretary)

    page = page_of(client, "core:more")

    for name in ("people:list", "organizations:list", "people:me", "accounts:roles"):
        assert f'href="{reverse(name)}"' in page
    assert f'action="{reverse("accounts:sign_out")}"' in page


def test_more_page_asks_to_sign_in(client):
    response = client.get(reverse("core:more"))

    assert response.headers["Location"].startswith(reverse(settings.LOGIN_URL))


def test_no_page_takes_a_name_of_the_frame_for_its_own():
    """What a view hands to its template goes before what the frame says: 更多 was lost so."""
    names = {"hats", "hat", "nav", "bar", "has_more", "is_demo", "is_large", "here"}
    package = Path(zhibu.__file__).parent
    taken = [
        (path.relative_to(package).as_posix(), key.value)
        for path in package.rglob("*.py")
        if path.name != "context.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and key.value in names
    ]

    assert taken == []
