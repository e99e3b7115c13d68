from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from tests import factories
from tests.conftest import NOON
from zhibu.accounts import actions
from zhibu.accounts.views import MOST_TRIES, TRIES_WITHIN

HOME = reverse("notices:list")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def is_in(client, after):
    with time_machine.travel(NOON + after, tick=False):
        return client.get(HOME).status_code == 200


@pytest.fixture
def signed_in(cast, client):
    with time_machine.travel(NOON, tick=False):
        client.force_login(cast["member"])
        client.get(HOME)
    return client


@pytest.mark.parametrize(
    ("after", "still_in"),
    [(3 * HOUR - MINUTE, True), (3 * HOUR, False), (5 * HOUR, False)],
)
def test_idle_session_ends_after_three_hours(after, still_in, signed_in):
    assert is_in(signed_in, after) is still_in


def test_use_keeps_a_session_alive_for_twelve_hours_and_no_longer(signed_in):
    for hours in range(2, 12, 2):
        assert is_in(signed_in, hours * HOUR)

    assert is_in(signed_in, 12 * HOUR - MINUTE)
    assert not is_in(signed_in, 12 * HOUR)


def test_ended_session_says_why_and_asks_to_sign_in_again(signed_in):
    with time_machine.travel(NOON + 3 * HOUR, tick=False):
        response = signed_in.get(HOME, follow=True)

    assert "时间久了，为了安全已退出" in response.content.decode()


def test_stamp_is_written_once_a_minute_at_most(signed_in):
    def stamp(after):
        with time_machine.travel(NOON + after, tick=False):
            signed_in.get(HOME)
            return signed_in.session["seen_at"]

    assert stamp(timedelta(seconds=59)) == NOON.isoformat()
    assert stamp(MINUTE) == (NOON + MINUTE).isoformat()


def test_signing_in_again_begins_anew(signed_in, cast):
    assert not is_in(signed_in, 12 * HOUR)
    with time_machine.travel(NOON + 12 * HOUR, tick=False):
        signed_in.force_login(cast["member"])

    assert is_in(signed_in, 14 * HOUR)


@pytest.fixture
def slip(tree):
    person = factories.member(tree.village, by=tree.system)
    return actions.issue(
        person_id=person.pk,
        name=person.name,
        wanted="jianghongmei",
        path=tree.village.path,
        organization=tree.village.pk,
        by=tree.system,
        at=NOON,
    )


def try_code(client, code, *, name="jianghongmei", address="10.0.0.1", after=timedelta(0)):
    with time_machine.travel(NOON + after, tick=False):
        return client.post(
            reverse("accounts:activate"),
            {"username": name, "code": code, "password": "liangyou-2026", "again": "liangyou-2026"},
            REMOTE_ADDR=address,
        )


def test_guessing_codes_is_stopped(slip, client):
    _, code = slip
    for _ in range(MOST_TRIES):
        assert "激活码不对" in try_code(client, "AAAA-BBBB-CCCC").content.decode()

    assert "试得太多了" in try_code(client, code).content.decode()


def test_others_may_go_on_trying(slip, client):
    _, code = slip
    for _ in range(MOST_TRIES + 1):
        try_code(client, "AAAA-BBBB-CCCC", address="10.0.0.9")
        try_code(client, "AAAA-BBBB-CCCC", name="another")

    assert try_code(client, code).status_code == 302


def test_guessing_may_begin_again_after_a_while(slip, client):
    _, code = slip
    for _ in range(MOST_TRIES + 1):
        try_code(client, "AAAA-BBBB-CCCC")

    assert try_code(client, code, after=TRIES_WITHIN - MINUTE).status_code == 200
    assert try_code(client, code, after=TRIES_WITHIN).status_code == 302
