"""Signing in and out, activating from a slip, changing the password, who may do what."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from tests import factories
from tests.conftest import NOON
from tests.core.pages import Markup
from zhibu.accounts import actions, roles
from zhibu.accounts.models import User
from zhibu.ledger.models import Entry

pytestmark = pytest.mark.django_db

PASSWORD = "liangyou-2026"
SIGN_IN = "accounts:sign_in"


@pytest.fixture
def secretary(cast):
    user = cast["secretary"]
    user.set_password(PASSWORD)
    user.code_hash, user.code_expires_at = "", None
    user.save()
    return user


def sign_in(client, username, password, **more):
    return client.post(
        reverse(SIGN_IN),
        {"username": username, "password": password, **more},
        REMOTE_ADDR="10.0.0.1",
    )


def test_sign_in_leads_to_the_first_screen(secretary, client):
    response = sign_in(client, f" {secretary.username.upper()} ", PASSWORD)

    assert response.headers["Location"] == reverse("desk:home")
    assert int(client.session["_auth_user_id"]) == secretary.pk


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/people/me/", "/people/me/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
    ],
)
def test_sign_in_leads_on_within_the_site_only(wanted, led_to, secretary, client):
    response = sign_in(client, secretary.username, PASSWORD, next=wanted)

    assert response.headers["Location"] == led_to


def test_wrong_password_says_how_to_get_in_and_keeps_the_name(secretary, client):
    response = sign_in(client, secretary.username, "wrong")
    page = response.content.decode()

    assert response.status_code == 200
    assert "登录名或密码不对。忘了密码，请支部书记重发激活码。" in page
    assert f'value="{secretary.username}"' in page
    assert "wrong" not in page.replace("z-wrong", "")


def test_system_account_cannot_sign_in(system, client):
    system.set_password(PASSWORD)
    system.save()

    sign_in(client, "system", PASSWORD)

    assert "_auth_user_id" not in client.session


def test_fifth_wrong_password_locks_for_a_while_and_says_for_how_long(secretary, client):
    answers = [sign_in(client, secretary.username, f"wrong{n}") for n in range(5)]
    locked = sign_in(client, secretary.username, PASSWORD)

    assert [response.status_code for response in answers] == [200, 200, 200, 200, 429]
    assert locked.status_code == 429
    assert "密码连着错了 5 次，先等 15 分钟" in locked.content.decode()


def test_sign_out_ends_the_session_and_clears_what_the_device_kept(secretary, client):
    client.force_login(secretary)

    response = client.post(reverse("accounts:sign_out"))
    page = client.get(response.headers["Location"]).content.decode()

    assert "_auth_user_id" not in client.session
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert " data-clear-drafts>" in page


def test_sign_out_by_a_link_does_nothing(secretary, client):
    client.force_login(secretary)

    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(("is_demo", "shown"), [(True, True), (False, False)])
def test_sign_in_page_lists_accounts_of_a_demo_only(is_demo, shown, secretary, client, settings):
    settings.IS_DEMO = is_demo
    User.objects.filter(pk=secretary.pk).update(is_demo=True)

    page = client.get(reverse(SIGN_IN)).content.decode()

    assert (f"<b>{secretary.username}</b>" in page) is shown
    assert (actions.DEMO_PASSWORD in page) is shown


def test_sign_in_page_says_why_the_session_ended(secretary, client):
    session = client.session
    session["why_signed_out"] = "时间久了，为了安全已退出。请再登录一次。"
    session.save()

    assert (
        "时间久了，为了安全已退出。请再登录一次。" in client.get(reverse(SIGN_IN)).content.decode()
    )
    assert "时间久了" not in client.get(reverse(SIGN_IN)).content.decode()


# --- activating


@pytest.fixture
def slip(tree, clock):
    """A new account of a member of the village branch, and the code on its slip."""
    person = factories.member(tree.village, by=tree.system, name="朱立新")
    return actions.issue(
        person_id=person.pk,
        name=person.name,
        wanted="zhulixin",
        path=person.path,
        organization=tree.village.pk,
        by=tree.system,
        at=NOON,
    )


def activate(client, **changed):
    typed = {"password": PASSWORD, "again": PASSWORD} | changed
    return client.post(reverse("accounts:activate"), typed)


def test_activate_takes_the_code_as_people_write_it_and_signs_in(slip, client):
    account, code = slip

    response = activate(client, username="ZhuLiXin", code=code.lower().replace("-", " "))

    account.refresh_from_db()
    assert response.headers["Location"] == reverse("desk:home")
    assert account.check_password(PASSWORD)
    assert account.code_hash == ""
    assert Entry.objects.order_by("-pk").first().kind == actions.Kind.ACTIVATED


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"code": "2222-2222-2222"}, "激活码不对。请照纸条上的字母数字重输，不分大小写。"),
        ({"again": "another-1"}, "两遍不一样，请再输一遍。"),
        ({"password": "short", "again": "short"}, "密码太短，至少 8 位。"),
        ({"password": "password", "again": "password"}, "这个密码太常见"),
        ({"username": "nobody"}, "请照纸条上的写"),
        ({"code": ""}, "这一项要填。"),
    ],
)
def test_activate_says_what_is_wrong_and_keeps_what_was_typed(changed, message, slip, client):
    account, code = slip
    typed = {"username": account.username, "code": code} | changed

    page = activate(client, **typed).content.decode()

    account.refresh_from_db()
    assert message in page
    assert f'value="{typed["username"]}"' in page
    assert not account.has_usable_password()


def test_activate_refuses_a_code_out_of_time(slip, client, clock):
    account, code = slip
    clock.move_to(NOON + actions.CODE_LASTS + timedelta(seconds=1))

    page = activate(client, username=account.username, code=code).content.decode()

    assert "激活码过期或用过了。请支部书记再打一张。" in page


# --- changing the password


def test_change_password_keeps_this_session_and_says_so(secretary, client):
    client.force_login(secretary)

    response = client.post(
        reverse("accounts:change_password"),
        {"old": PASSWORD, "password": "xin-mima-2027", "again": "xin-mima-2027"},
        follow=True,
    )

    secretary.refresh_from_db()
    assert secretary.check_password("xin-mima-2027")
    assert response.redirect_chain == [(reverse("people:me"), 302)]
    assert "密码已改" in response.content.decode()


def test_change_password_asks_for_the_present_one(secretary, client):
    client.force_login(secretary)

    page = client.post(
        reverse("accounts:change_password"),
        {"old": "wrong", "password": "xin-mima-2027", "again": "xin-mima-2027"},
    ).content.decode()

    secretary.refresh_from_db()
    assert "现在的密码不对。" in page
    assert secretary.check_password(PASSWORD)


@pytest.mark.parametrize("name", ["accounts:change_password", "accounts:roles"])
def test_pages_behind_sign_in_ask_for_it(name, client):
    response = client.get(reverse(name))

    assert response.headers["Location"] == f"{reverse(SIGN_IN)}?next={reverse(name)}"


# --- who may do what


def test_roles_page_tells_every_role_and_its_reach(cast, client):
    client.force_login(cast["member"])

    page = client.get(reverse("accounts:roles")).content.decode()

    for role in roles.catalogue().values():
        assert (f'<h2 id="role-{role.id}">{role.title}</h2>' in page) is (role.id != "system")
    assert "本组织和下级" in page
    assert "写明原因后看遮住的信息" in page


def test_every_grant_has_words():
    granted = {grant for role in roles.catalogue().values() for grant in role.grants}

    assert granted - set(roles.permissions()) == set()


@pytest.mark.parametrize("name", ["accounts:sign_in", "accounts:activate"])
def test_pages_signed_out_carry_nothing_inline(name, client):
    markup = Markup(client.get(reverse(name)).content.decode())

    assert markup.inline == []
    assert markup.headings[:1] == ["h1"]
    assert len(markup.ids) == len(set(markup.ids))


def test_pages_are_kept_by_no_cache_and_run_no_foreign_script(client):
    response = client.get(reverse(SIGN_IN))
    policy = response.headers["Content-Security-Policy"]

    assert response.headers["Cache-Control"] == "private, no-store"
    assert re.search(r"script-src 'self'(;|$)", policy)
    assert "unsafe" not in policy
