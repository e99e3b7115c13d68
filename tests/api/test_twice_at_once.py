"""A key sent twice at the same moment: done once, and both are told the same."""

import pytest

from tests import factories
from tests.api.asking import client_of, send, token_for
from tests.races import harness
from tests.scenes import person_of
from zhibu.accounts import actions as accounts
from zhibu.assignments.models import Assignment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
POINT = "before zhibu.assignments.models:Assignment.save"


@pytest.fixture
def ask():
    """Give a task under a key, as a caller whose connection broke does again."""
    from tests.conftest import NOON

    tree = factories.small_tree(accounts.ensure_system_account(NOON))
    cast = factories.cast_for(tree)
    secret = token_for(cast["secretary"])
    body = {"title": "买煤", "owner": person_of(cast["member"]).pk, "due_on": "2026-12-01"}

    def send_it(**headers):
        path = f"/organizations/{tree.village.pk}/tasks"
        answer = send(client_of(secret), "POST", path, body, **headers)
        return answer.status_code, answer.json()

    return send_it


def test_under_a_key_it_is_done_once(ask):
    def once():
        return ask(**{"Idempotency-Key": "a-1"})

    result = harness.run(once, once, points=(POINT,))

    assert (result.first.state, result.second.state) == ("done", "done")
    assert result.first.what == result.second.what
    assert result.first.what[0] == 200
    assert Assignment.objects.count() == 1


def test_without_one_it_is_done_twice(ask):
    harness.run(ask, ask, points=(POINT,))

    assert Assignment.objects.count() == 2
