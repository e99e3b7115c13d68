"""The record screen and the verbs on a record, by HTTP: nothing typed is lost, nothing twice."""

import re

import pytest
from django.urls import reverse

from tests.activities.conftest import GENERAL, written
from tests.conftest import TODAY
from zhibu.activities import queries
from zhibu.activities.models import Activity, KindOf
from zhibu.packs import library

pytestmark = pytest.mark.django_db
RECORD = reverse("activities:record")


@pytest.fixture
def secretary(branch, client):
    client.force_login(branch.secretary)
    return client


def typed(branch, **changes):
    """What a secretary types of a general meeting; nothing is wrong with it."""
    chair, recorder = (str(person.pk) for person in branch.full[:2])
    found = {
        "what": f"k{GENERAL}",
        "starts_at": f"{TODAY}T09:00",
        "place": "村部二楼",
        "theme": "村东清淤方案",
        "agenda": "逐项讨论预算",
        "chair": chair,
        "recorder": recorder,
        "absent": [str(branch.full[4].pk)],
        f"reason_{branch.full[4].pk}": "ill",
        "decision_0": "同意清淤",
        "yes_0": "5",
        "no_0": "0",
        "abstain_0": "0",
        "task_0": "联系施工队",
        "owner_0": recorder,
        "due_0": "2026-12-01",
        "do": "record",
    }
    return found | changes


def test_a_meeting_is_recorded_with_what_was_typed(branch, secretary):
    answer = secretary.post(RECORD, typed(branch), follow=True)

    made = Activity.objects.get()
    page = answer.content.decode()
    assert answer.redirect_chain[0][0] == made.get_absolute_url()
    assert (made.status, made.place, made.theme) == ("held", "村部二楼", "村东清淤方案")
    for said in ("同意清淤", "联系施工队", "逐项讨论预算", branch.full[4].name):
        assert said in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": ""}, {"starts_at": "昨天"}, {"starts_at": "0001-01-01T09:00"},
        {"starts_at": "9999-12-31T23:59"}, {"yes_0": "500"}, {"due_0": "2020-01-01"},
    ],
)  # fmt: skip
def test_a_form_with_a_fault_keeps_everything_typed(wrong, branch, secretary):
    answer = secretary.post(RECORD, typed(branch, **wrong))

    page = answer.content.decode()
    assert answer.status_code == 200 and not Activity.objects.exists()
    assert "z-err" in page
    for said in (
        "村部二楼",
        "村东清淤方案",
        "逐项讨论预算",
        "同意清淤",
        "联系施工队",
    ):
        assert said in page
    absent = rf'name="absent" value="{branch.full[4].pk}"[^>]*checked'
    assert re.search(absent, page)
    assert re.search(r'<option value="ill" selected', page)


def test_sending_twice_records_once(branch, secretary):
    first = secretary.post(RECORD, typed(branch))
    second = secretary.post(RECORD, typed(branch))

    assert first.status_code == 302
    assert Activity.objects.count() == 1, second.status_code


def test_a_plan_is_recorded_once(branch, secretary):
    secretary.post(RECORD, typed(branch, do="plan", starts_at="2026-11-27T09:00"))
    planned = Activity.objects.get()
    assert planned.status == "planned"
    address = reverse("activities:record_planned", args=[planned.pk])

    assert secretary.post(address, typed(branch)).status_code == 302
    assert secretary.post(address, typed(branch)).status_code == 403
    assert Activity.objects.get().status == "held"


def test_confirming_correcting_and_voiding_go_by_the_page(branch, client):
    meeting = branch.record()
    client.force_login(branch.users["committee member"])
    assert client.post(reverse("activities:confirm", args=[meeting.pk])).status_code == 302
    meeting.refresh_from_db()
    assert meeting.status == "confirmed"

    client.force_login(branch.secretary)
    correct = reverse("activities:correct", args=[meeting.pk])
    without = client.post(correct, typed(branch, reason=""))
    assert without.status_code == 200 and "村东清淤方案" in without.content.decode()
    answer = client.post(correct, typed(branch, reason="主题写错了"))
    assert answer.status_code == 302
    meeting.refresh_from_db()
    assert (meeting.theme, meeting.version) == ("村东清淤方案", 2)

    void = reverse("activities:void", args=[meeting.pk])
    assert client.post(void, {"reason": ""}).status_code == 200
    assert client.post(void, {"reason": "记重了"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.status, meeting.ended_reason) == ("void", "记重了")
    assert client.post(void, {"reason": "再来"}).status_code == 403


def test_cancelling_is_for_plans_and_asks_why(branch, secretary):
    planned, held = branch.plan(), branch.record()
    cancel = reverse("activities:cancel", args=[planned.pk])

    assert secretary.post(cancel, {"reason": ""}).status_code == 200
    assert secretary.post(cancel, {"reason": "下雨"}).status_code == 302
    planned.refresh_from_db()
    assert planned.status == "cancelled"
    assert secretary.get(reverse("activities:cancel", args=[held.pk])).status_code == 403


def test_minutes_are_a_word_file_of_what_took_place(branch, secretary):
    planned, held = branch.plan(), branch.record()

    answer = secretary.get(reverse("activities:minutes", args=[held.pk]))

    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    assert ".docx" in answer["Content-Disposition"]
    assert secretary.get(reverse("activities:minutes", args=[planned.pk])).status_code == 404


def test_strangers_find_no_record(branch, client):
    held = branch.record()
    client.force_login(branch.users["stranger secretary"])

    for name in ("detail", "correct", "void", "minutes"):
        assert client.get(reverse(f"activities:{name}", args=[held.pk])).status_code == 404


def test_list_is_narrowed_by_kinds_of_packs_once_adopted_and_never_by_talks(branch):
    shown = dict(queries.kinds_to_choose())

    assert {reference.partition(":")[0] for reference in shown} == {
        "national/branch-life", "seeds/mingguang-theme-day",
    }  # fmt: skip
    assert shown[GENERAL] == "党员大会"


def test_a_kind_brought_in_without_its_pack_is_offered_too(branch):
    other = next(
        f"{pack.id}:{wordings[-1].id}"
        for pack in library.packs().values()
        for wordings in pack.wordings("activities")
        if pack.id not in {"national/branch-life", "seeds/mingguang-theme-day"}
        and not wordings[-1].item.is_a_talk
    )
    assert other not in dict(queries.kinds_to_choose())
    branch.record(written(GENERAL))
    KindOf.objects.update(reference=other)

    assert other in dict(queries.kinds_to_choose())
