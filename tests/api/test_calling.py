"""What was sent: every fault at once by the forms of the pages; lists; once under a key."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from tests.api.asking import client_of, send, token_for
from tests.conftest import NOON
from tests.scenes import person_of
from zhibu.api import actions
from zhibu.api.calling import MOST_ROWS
from zhibu.api.models import Receipt
from zhibu.assignments import actions as assignments
from zhibu.assignments.models import Assignment
from zhibu.ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def secretary(cast):
    return client_of(token_for(cast["secretary"]))


@pytest.fixture
def tasks(tree):
    return f"/organizations/{tree.village.pk}/tasks"


def owner(cast):
    return person_of(cast["member"]).pk


def give(cast, **more):
    return {"title": "买煤", "owner": owner(cast), "due_on": "2026-12-01"} | more


def faults(answer):
    assert answer.status_code == 422, answer.content.decode()
    return answer.json()["faults"]


# --- faults


def test_every_fault_is_said_at_once_by_its_field(secretary, tasks, cast):
    sent = {"title": "煤\u0000", "owner": 999_999, "due_on": "明天", "colour": "红"}

    found = faults(send(secretary, "POST", tasks, sent))

    assert set(found) == {"title", "owner", "due_on", "colour"}
    assert found["due_on"] == ["日期不对，请照 2026-11-20 的样子填。"]
    assert found["colour"] == ["没有这一项，请核对写法。"]
    assert not Assignment.objects.exists()


def test_nothing_sent_is_everything_missing(secretary, tasks):
    assert set(faults(send(secretary, "POST", tasks, {}))) == {"title", "owner", "due_on"}


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"x"', b"3", b"null", b"\xff\xfe", b'{"title": NaN', b"[" * 100_000],
)
def test_what_is_no_object_is_said_so(secretary, tasks, body):
    answer = secretary.post(f"/api/v1{tasks}", body, content_type="application/json")

    assert list(faults(answer)) == ["_"]


@pytest.mark.parametrize(
    "value", [{"a": 1}, [["x"]], "\ud800", ["煤", {"a": 1}]], ids=["object", "nested", "half", "in"]
)
def test_what_no_form_can_take_is_a_fault_of_its_field(secretary, tasks, cast, value):
    assert list(faults(send(secretary, "POST", tasks, give(cast, title=value)))) == ["title"]


def test_a_name_that_cannot_be_kept_is_a_fault(secretary, tasks, cast):
    assert faults(send(secretary, "POST", tasks, give(cast, **{"\udfff": 1})))


def test_yes_and_numbers_are_understood(cast, tree):
    county = client_of(token_for(cast["county officer"]))
    path = f"/organizations/{tree.village.pk}"

    begun = send(county, "POST", f"{path}/term", {"since": "2026-11-20", "has_committee": False})

    assert begun.status_code == 200
    assert tree.village.terms.get(until=None).has_committee is False


def test_somebody_is_named_by_number(cast, tree, life):
    county = client_of(token_for(cast["county officer"]))
    sent = {"person": life.person.pk, "since": "2026-11-20", "manner": "full"}

    answer = send(county, "POST", f"/posts/{life.empty_post.pk}/appoint", sent)

    assert answer.status_code == 200
    assert life.person.holdings.filter(post=life.empty_post, ended_on=None).exists()


def test_faults_of_the_action_stand_under_the_same_names(cast, life):
    client = client_of(token_for(cast["secretary"]))
    turn = life.case.turns.open().get()
    path = f"/cases/{life.case.pk}/turns/{turn.pk}"

    found = faults(send(client, "POST", path, {"outcome": "report", "happened_on": "2026-11-20"}))

    assert {"done", "lasting"} <= set(found)


def test_faults_of_a_sitting_stand_under_the_names_of_its_screen(secretary, tree, life):
    sent = {"what": "knational/branch-life:general-meeting", "starts_at": "2026-12-20T09:00",
            "decision_0": "同意", "yes_0": 99}  # fmt: skip

    found = faults(send(secretary, "POST", f"/organizations/{tree.village.pk}/activities", sent))

    assert set(found) <= {"starts_at", "yes_0"}
    assert found


def test_a_sitting_sent_twice_is_one(secretary, tree, life):
    sent = {"what": "knational/branch-life:general-meeting", "starts_at": "2026-11-19T09:00",
            "theme": "再议"}  # fmt: skip
    path = f"/organizations/{tree.village.pk}/activities"

    first, second = (send(secretary, "POST", path, sent).json() for _ in range(2))

    assert first == second
    assert tree.village.activities.filter(theme="再议").count() == 1


# --- lists


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("?page=0", "page"), ("?page=x", "page"), ("?size=0", "size"),
        (f"?size={MOST_ROWS + 1}", "size"), ("?page=10001", "page"),
        ("?state=lost", "state"), ("?color=red", "color"), ("?organization=x", "organization"),
    ],
)  # fmt: skip
def test_a_wrong_filter_is_said_and_not_left_out(secretary, query, wrong):
    assert list(faults(send(secretary, "GET", f"/tasks{query}"))) == [wrong]


def test_pages_hold_every_row_once_and_in_order(secretary, tree, cast):
    by = cast["secretary"]
    made = [
        assignments.assign(
            tree.village, title=f"第{n}件", owner=person_of(by),
            due_on=(NOON + timedelta(days=n % 3)).date(), by=by, at=NOON,
        ).pk
        for n in range(7)
    ]  # fmt: skip
    seen, number, sizes = [], 1, []
    while number:
        found = send(secretary, "GET", f"/tasks?size=3&page={number}").json()
        seen += [row["id"] for row in found["items"]]
        sizes.append(len(found["items"]))
        number = found["next"]

    assert (sorted(seen), sizes) == (sorted(made), [3, 3, 1])
    whole = send(secretary, "GET", "/tasks?size=100").json()
    assert ([row["id"] for row in whole["items"]], whole["next"]) == (seen, None)


def test_beyond_the_last_page_there_is_nothing(secretary, life):
    assert send(secretary, "GET", "/tasks?page=10000").json() == {"items": [], "next": None}


def test_nobody_is_looked_up_by_number_and_none_is_told(cast, life):
    client = client_of(token_for(cast["secretary"]))

    assert list(faults(send(client, "GET", "/people?q=13900000000"))) == ["q"]
    for path in ("/people?size=100", f"/people/{life.person.pk}"):
        text = send(client, "GET", path).content.decode()
        assert "单文秀" in text
        assert "13900000000" not in text
        assert "99010119600101001X" not in text
        assert "前村 3 组" not in text


def test_whose_record_is_read_sees_who_looked(cast, life):
    client = client_of(token_for(cast["township officer"]))

    send(client, "GET", f"/people/{life.person.pk}")

    assert life.person.openings.filter(by=cast["township officer"]).count() == 1


# --- once


def once(client, path, body, key):
    return send(client, "POST", path, body, **{"Idempotency-Key": key})


def test_under_a_key_it_is_done_once_and_said_again(secretary, tasks, cast):
    first = once(secretary, tasks, give(cast), "a-1")
    entries = Entry.objects.count()

    second = once(secretary, tasks, give(cast), "a-1")

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert Assignment.objects.count() == 1
    assert Entry.objects.count() == entries


def test_without_a_key_it_is_done_twice(secretary, tasks, cast):
    for _ in range(2):
        send(secretary, "POST", tasks, give(cast))

    assert Assignment.objects.count() == 2


def test_a_key_is_for_one_request(secretary, tasks, cast):
    once(secretary, tasks, give(cast), "a-1")

    answer = once(secretary, tasks, give(cast, title="买炭"), "a-1")

    assert (answer.status_code, answer.json()["error"]) == (409, "key-taken")
    assert Assignment.objects.count() == 1


def test_what_was_refused_may_be_sent_again(secretary, tasks, cast):
    assert once(secretary, tasks, give(cast, title=""), "a-1").status_code == 422
    assert not Receipt.objects.exists()

    assert once(secretary, tasks, give(cast), "a-1").status_code == 200


def test_a_key_is_ones_own(secretary, tasks, cast):
    other = client_of(token_for(cast["committee member"]))

    ids = {once(client, tasks, give(cast), "a-1").json()["id"] for client in (secretary, other)}

    assert len(ids) == 2


@pytest.mark.parametrize("key", ["x" * 65, "a\x7fb"])
def test_a_key_is_short_and_printable(secretary, tasks, cast, key):
    assert list(faults(once(secretary, tasks, give(cast), key))) == ["Idempotency-Key"]
    assert not Assignment.objects.exists()


def test_a_receipt_names_a_row_and_says_nothing_of_it(secretary, tasks, cast):
    once(secretary, tasks, give(cast), "a-1")

    assert "买煤" not in json.dumps(list(Receipt.objects.values()), default=str)


def test_receipts_go_after_a_week(secretary, tasks, cast):
    once(secretary, tasks, give(cast), "a-1")

    assert actions.prune(NOON + timedelta(days=6)) == 0
    assert actions.prune(NOON + timedelta(days=7, seconds=1)) == 1


def test_where_it_is_read_is_said(secretary, tasks, cast):
    made = send(secretary, "POST", tasks, give(cast)).json()

    assert secretary.get(made["url"]).json()["title"] == "买煤"


def test_another_method_is_not_allowed():
    assert Client().put("/api/v1/tasks").status_code == 405
