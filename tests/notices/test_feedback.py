import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices import actions, queries, rules
from zhibu.notices.forms import own_path
from zhibu.notices.models import Feedback, Notice
from zhibu.notices.views import FEEDBACK_PER_HOUR

PAGE = reverse("notices:feedback")
ALL = reverse("notices:feedback_list")


def give(by, text="字太小"):
    return actions.give_feedback(page="/activities/", text=text, by=by, at=NOON)


def test_answer_reaches_whoever_asked(cast):
    feedback = give(cast["member"])

    actions.answer(feedback, text="可以按大字。", by=cast["system admin"], at=NOON)

    notice = Notice.objects.get()
    assert (notice.user, notice.body, notice.url) == (
        cast["member"],
        "可以按大字。",
        feedback.get_absolute_url(),
    )


def test_feedback_and_answer_are_recorded_and_verify(cast):
    actions.answer(give(cast["member"]), text="好。", by=cast["system admin"], at=NOON)

    kinds = Entry.objects.filter(subject_type="notices.feedback").order_by("pk")
    assert [entry.kind for entry in kinds] == [actions.Kind.GIVEN, actions.Kind.ANSWERED]
    assert verify().faults == []


def test_nothing_is_kept_when_recording_fails(cast, monkeypatch):
    def fail(*args, **options):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(IntegrityError):
        give(cast["member"])

    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("who", "answered", "allowed"),
    [
        ("system admin", False, True),
        ("system admin", True, False),
        ("security admin", False, False),
        ("audit admin", False, False),
        ("county officer", False, False),
        ("secretary", False, False),
        ("member", False, False),
    ],
)
def test_may_answer(who, answered, allowed, cast):
    feedback = give(cast["member"])
    if answered:
        feedback = actions.answer(feedback, text="好。", by=cast["system admin"], at=NOON)

    assert bool(rules.may_answer(cast[who], feedback)) is allowed


def test_refused_answer_leaves_no_trace(cast):
    feedback = give(cast["member"])

    with pytest.raises(PermissionDenied):
        actions.answer(feedback, text="好。", by=cast["secretary"], at=NOON)

    feedback.refresh_from_db()
    assert feedback.answer == ""
    assert not Notice.objects.exists()


def test_answer_stands_with_time_and_person(cast):
    give(cast["member"])

    with pytest.raises(IntegrityError), transaction.atomic():
        Feedback.objects.update(answer="x")


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("member", 200),
        ("system admin", 200),
        ("secretary", 404),
        ("county officer", 404),
        ("audit admin", 404),
        ("signed out", 302),
    ],
)
def test_detail_answers_by_standing(who, code, cast, client):
    feedback = give(cast["member"])
    if cast[who]:
        client.force_login(cast[who])

    assert client.get(feedback.get_absolute_url()).status_code == code


@pytest.mark.parametrize(
    ("who", "code"), [("system admin", 200), ("member", 403), ("signed out", 302)]
)
def test_list_of_all_is_for_whoever_answers(who, code, cast, client):
    give(cast["member"], text="给管理员的话")
    if cast[who]:
        client.force_login(cast[who])

    response = client.get(ALL)

    assert response.status_code == code
    assert ("给管理员的话" in response.content.decode()) is (code == 200)


def test_page_comes_along_without_its_query_string(cast, client):
    client.force_login(cast["member"])
    shown = client.get(PAGE, {"page": "/people/?q=王芳"}).content.decode()
    assert "说的是这一页：/people/" in shown
    assert "王芳" not in shown

    client.post(PAGE, {"text": "找不到人", "page": "/people/?q=王芳"})

    feedback = Feedback.objects.get()
    assert (feedback.page, feedback.text, feedback.by) == ("/people/", "找不到人", cast["member"])


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/a/b/", "/a/b/"),
        ("/a/?x=1#y", "/a/"),
        ("//evil.example/", ""),
        ("/\\evil.example/", ""),
        ("https://evil.example/", ""),
        ("/a\x00", ""),
        ("", ""),
        ("2", ""),
    ],
)
def test_own_path_takes_our_pages_only(address, kept):
    assert own_path(address) == kept


def test_empty_feedback_is_not_taken(cast, client):
    client.force_login(cast["member"])

    response = client.post(PAGE, {"text": " "})

    assert response.status_code == 200
    assert "还没保存，有 1 处要改" in response.content.decode()
    assert not Feedback.objects.exists()


def test_flood_is_held_back(cast, client, clock):
    client.force_login(cast["member"])
    for number in range(FEEDBACK_PER_HOUR):
        client.post(PAGE, {"text": str(number)})

    response = client.post(PAGE, {"text": "还有"})

    assert "请过一会儿再提" in response.content.decode()
    assert Feedback.objects.count() == FEEDBACK_PER_HOUR


def test_answering_from_the_page(cast, client):
    feedback = give(cast["member"])
    client.force_login(cast["system admin"])
    assert queries.waiting(cast["system admin"]) == 1

    response = client.post(feedback.get_absolute_url(), {"text": "下个版本改。"}, follow=True)

    assert "意见都答复了" in response.content.decode()
    assert Feedback.objects.get().answer == "下个版本改。"


def test_asker_sees_the_answer(cast, client):
    feedback = actions.answer(
        give(cast["member"]), text="下个版本改。", by=cast["system admin"], at=NOON
    )
    client.force_login(cast["member"])

    assert "下个版本改。" in client.get(feedback.get_absolute_url()).content.decode()
    assert "已答复" in client.get(PAGE).content.decode()


@pytest.mark.parametrize("address", [PAGE, ALL])
def test_lists_take_the_same_queries(address, cast, client, queries_of):
    client.force_login(cast["system admin"])
    taken = []
    for more in (1, 9):
        for number in range(more):
            asker = cast["system admin"] if address == PAGE else cast["member"]
            give(asker, text=str(number))
            actions.answer(give(asker), text="好。", by=cast["system admin"], at=NOON)
        taken.append(queries_of(address))

    assert taken[0] == taken[1] <= 12
