"""Who a token stands for, how far, until when; and what ends it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from tests.api.asking import client_of, send, token_for
from tests.conftest import NOON, TODAY
from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.api import actions, rules, security
from zhibu.api.models import Token
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE, PASSWORD = "/accounts/tokens/new/", "长河落日圆-1937"


@pytest.fixture
def secretary(cast) -> User:
    user = cast["secretary"]
    user.set_password(PASSWORD)
    user.save()
    return user


def asked(secret: str) -> tuple[int, str]:
    answer = send(client_of(secret), "GET", "/me")
    return answer.status_code, answer.json().get("reason", "")


def test_a_token_is_its_owner(secretary):
    found = send(client_of(token_for(secretary)), "GET", "/me").json()

    assert (found["username"], found["person"]) == (secretary.username, secretary.person_id)
    assert found["may_act"] is True


@pytest.mark.parametrize(
    "header", ["", "Bearer ", "Bearer zhibu_wrong", "Basic eDp5", "zhibu_wrong"]
)
def test_without_a_known_token_nobody_is_told_anything(db, header):
    answer = Client(headers={"Authorization": header}).get("/api/v1/me")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert "令牌" in answer.json()["reason"]


def test_it_ends_with_its_day(secretary):
    secret = token_for(secretary, expires_on=TODAY + timedelta(days=1))
    assert asked(secret)[0] == 200

    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        status, why = asked(secret)

    assert (status, "到期" in why) == (401, True)


def test_it_ends_when_it_is_revoked(secretary):
    secret = token_for(secretary)
    actions.revoke(Token.objects.get(), by=secretary, at=NOON)

    assert asked(secret) == (401, "令牌已经停掉。请另建一个。")


def _new_password(user: User) -> None:
    accounts.change_password(user, password="大漠孤烟直-1937", by=user, at=NOON)


def _reset(user: User) -> None:
    person = Person.objects.get(pk=user.person_id)
    accounts.issue(
        person_id=person.pk, name=person.name, wanted="x", path=person.path, organization=None,
        by=User.objects.get(is_system=True), at=NOON,
    )  # fmt: skip


def _stopped(user: User) -> None:
    path = Person.objects.get(pk=user.person_id).path
    by = User.objects.get(is_system=True)
    accounts.stop(user, path=path, organization=None, by=by, at=NOON)


def _signed_out(user: User) -> None:
    by = User.objects.get(is_system=True)
    accounts.sign_out(user, organization=None, by=by, at=NOON)


@pytest.mark.parametrize("what", [_new_password, _reset, _stopped, _signed_out])
def test_what_ends_a_session_ends_it_too(secretary, what):
    secret = token_for(secretary)
    assert asked(secret)[0] == 200

    what(secretary)

    assert asked(secret)[0] == 401


def test_one_for_reading_does_not_act(secretary, life):
    secret = token_for(secretary, may_act=False)
    path = f"/tasks/{life.task.pk}/complete"

    assert send(client_of(secret), "GET", f"/tasks/{life.task.pk}").status_code == 200
    answer = send(client_of(secret), "POST", path, {"note": "好了"})

    assert (answer.status_code, answer.json()["reason"]) == (
        403, "不能办：这个令牌只能看。要办事，请在“访问令牌”里另建一个能办的。"
    )  # fmt: skip
    life.task.refresh_from_db()
    assert life.task.state == "open"


def test_a_session_reads_and_never_acts(secretary, life, client):
    client.force_login(secretary)
    assert client.get(f"/api/v1/tasks/{life.task.pk}").status_code == 200

    answer = send(client, "POST", f"/tasks/{life.task.pk}/complete", {"note": "好了"})

    assert answer.status_code == 401
    life.task.refresh_from_db()
    assert life.task.state == "open"


def test_a_wrong_token_does_not_fall_back_on_a_session(secretary, client):
    client.force_login(secretary)

    answer = client.get("/api/v1/me", headers={"Authorization": "Bearer zhibu_wrong"})

    assert answer.status_code == 401


def test_the_day_of_the_latest_use_is_kept(secretary):
    secret = token_for(secretary)
    Token.objects.update(last_used_on=None)

    asked(secret)
    assert Token.objects.get().last_used_on == TODAY
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        asked(secret)
    assert Token.objects.get().last_used_on == TODAY + timedelta(days=3)


def test_too_many_calls_wait(secretary, monkeypatch):
    monkeypatch.setattr(security, "LIMIT", 3)
    client = client_of(token_for(secretary))

    answers = [send(client, "GET", "/me") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "600"


def test_guessing_is_stopped_and_a_right_token_still_passes(secretary, monkeypatch):
    monkeypatch.setattr(security, "MOST_WRONG", 2)
    wrong, right = client_of("zhibu_wrong"), client_of(token_for(secretary))

    assert [send(wrong, "GET", "/me").status_code for _ in range(3)] == [401, 401, 429]
    assert send(right, "GET", "/me").status_code == 200


# --- making


@pytest.mark.parametrize(
    ("day", "is_allowed"),
    [
        (TODAY, False),
        (TODAY + timedelta(days=1), True),
        (TODAY + actions.LONGEST, True),
        (TODAY + actions.LONGEST + timedelta(days=1), False),
    ],
)
def test_it_lasts_a_day_at_least_and_a_year_at_most(secretary, day, is_allowed):
    try:
        actions.make(name="x", may_act=False, expires_on=day, by=secretary, at=NOON)
    except Refused:
        assert not is_allowed
        assert not Token.objects.exists()
    else:
        assert is_allowed


def test_there_are_ten_at_once_at_most(secretary):
    for _ in range(rules.MOST):
        token_for(secretary)
    with pytest.raises(Refused, match="最多 10 个"):
        token_for(secretary)

    actions.revoke(Token.objects.first(), by=secretary, at=NOON)
    token_for(secretary)


def test_the_page_shows_it_once_and_keeps_a_hash(secretary, client):
    client.force_login(secretary)
    sent = {"name": "报表", "scope": "read", "expires_on": "2027-01-01", "password": PASSWORD}

    page = client.post(PAGE, sent).content.decode()
    secret = page[page.index(actions.PREFIX) :].partition("<")[0]

    assert asked(secret)[0] == 200
    assert not Token.objects.get().may_act
    again = client.get("/accounts/tokens/").content.decode()
    assert "报表" in again
    assert secret not in again
    row = str(Token.objects.values().get())
    assert secret not in row
    assert secret.removeprefix(actions.PREFIX) not in row
    assert Entry.objects.filter(kind=actions.Kind.MADE).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "不是这个"},
        {"expires_on": "2026-11-20"},
        {"expires_on": str(date(2028, 1, 1))},
        {"name": ""},
        {"scope": "all"},
    ],
)
def test_the_page_says_what_is_wrong_and_makes_nothing(secretary, client, wrong):
    client.force_login(secretary)
    sent = {"name": "报表", "scope": "read", "expires_on": "2027-01-01", "password": PASSWORD}

    answer = client.post(PAGE, sent | wrong)

    assert set(answer.context["form"].errors) == set(wrong)
    assert not Token.objects.exists()


def test_passwords_are_not_guessed_on_the_page(secretary, client):
    client.force_login(secretary)
    sent = {"name": "报表", "scope": "read", "expires_on": "2027-01-01", "password": "x"}
    for _ in range(10):
        client.post(PAGE, sent)

    answer = client.post(PAGE, sent | {"password": PASSWORD})

    assert "试得太多" in answer.content.decode()
    assert not Token.objects.exists()


def test_only_its_owner_stops_it(secretary, cast):
    token_for(secretary)
    with pytest.raises(Refused, match="只能停掉自己的"):
        actions.revoke(Token.objects.get(), by=cast["county officer"], at=NOON)


def test_the_tokens_of_nobody_else_are_listed(secretary, cast, client):
    token_for(secretary)
    client.force_login(cast["county officer"])

    assert "测试" not in client.get("/accounts/tokens/").content.decode()
