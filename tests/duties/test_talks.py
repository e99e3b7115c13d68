"""Talks: a day and two sides who say yes. Nothing of what was said has a place."""

from datetime import date

import pytest

from tests import factories
from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from zhibu.activities import minutes
from zhibu.activities.models import Activity
from zhibu.adoptions import actions as adoptions
from zhibu.core.verdicts import Refused
from zhibu.duties import actions
from zhibu.duties.models import Obligation, Talk
from zhibu.ledger.models import Entry
from zhibu.people import actions as people
from zhibu.people.models import Person

KIND = "national/talks:talk"
DAY = date(2026, 11, 3)


@pytest.fixture
def branch(tree, cast):
    for pack in ("national/branch-life", "national/talks"):
        adoptions.adopt(
            pack=pack,
            organization=tree.county,
            since=date(2026, 1, 1),
            by=cast["county officer"],
            at=NOON,
        )
    return tree.village


def person_of(user):
    return Person.objects.get(pk=user.person_id)


def owed(person, duty="members-mutual"):
    return Obligation.objects.of_person(person.pk).get(duty=duty)


def talk(by, other, **more):
    known = {"kind": KIND, "held_on": DAY, "by": by, "at": NOON}
    return actions.record_talk(first=person_of(by), second=other, **(known | more))


def test_a_talk_counts_for_both_once_both_have_said_yes(branch, cast):
    mine, other = person_of(cast["member"]), person_of(cast["secretary"])

    made = talk(cast["member"], other)

    assert [owed(side).done for side in (mine, other)] == [0, 0]
    actions.confirm_talk(made, person=other, by=cast["secretary"], at=NOON)
    assert [owed(side).credited_by for side in (mine, other)] == [[made.pk], [made.pk]]
    assert owed(mine).done_on == DAY
    assert differences(TODAY) == []


def test_a_talk_ticks_no_activity_of_its_number(branch, cast):
    mine, other = person_of(cast["member"]), person_of(cast["secretary"])
    made = talk(cast["member"], other)
    actions.confirm_talk(made, person=other, by=cast["secretary"], at=NOON)

    held = Activity(pk=made.pk, organization=branch, held_on=DAY)

    assert minutes.ticked(held) == []
    assert owed(mine).activities == []


def test_a_withdrawn_talk_counts_for_nobody(branch, cast):
    other = person_of(cast["secretary"])
    made = talk(cast["member"], other)
    actions.confirm_talk(made, person=other, by=cast["secretary"], at=NOON)

    actions.withdraw_talk(made, by=cast["secretary"], at=NOON)

    assert [owed(side).done for side in (made.first, other)] == [0, 0]
    assert differences(TODAY) == []


def test_whom_one_talked_with_must_stand_where_the_pack_says(branch, cast, tree):
    stranger = person_of(cast["stranger member"])
    made = talk(cast["member"], stranger)

    actions.confirm_talk(made, person=stranger, by=cast["stranger member"], at=NOON)

    assert owed(made.first).done == 0
    assert differences(TODAY) == []


def test_a_talk_before_moving_still_counts_where_one_is_at_home_in_the_end(branch, cast, tree):
    other = factories.member(tree.village, by=tree.system)
    made = talk(cast["member"], other)
    actions.confirm_talk(made, person=other, by=cast["secretary"], at=NOON)

    people.place(
        other, organization=tree.far, since=date(2026, 11, 10), by=cast["county officer"], at=NOON
    )

    assert owed(made.first).done == 1  # the other was of the branch that day
    assert owed(other).organization == tree.far
    assert owed(other).done == 0  # the member is nobody of the new branch
    assert differences(TODAY) == []


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("member", False), ("secretary", False), ("committee member", True),
     ("township officer", True), ("sibling secretary", False), ("stranger member", False)],
)  # fmt: skip
def test_only_who_records_there_and_is_no_side_confirms_for_somebody_without_account(
    who, allowed, branch, cast, tree
):
    silent = factories.member(tree.village, by=tree.system)
    made = talk(cast["secretary"], silent)

    if allowed:
        actions.confirm_talk(made, person=silent, by=cast[who], at=NOON)
        assert made.pk in Talk.objects.confirmed().values_list("pk", flat=True)
    else:
        with pytest.raises(Refused):
            actions.confirm_talk(made, person=silent, by=cast[who], at=NOON)


def test_nobody_confirms_for_somebody_with_an_account(branch, cast):
    made = talk(cast["secretary"], person_of(cast["member"]))

    with pytest.raises(Refused, match="本人有账号"):
        actions.confirm_talk(made, person=made.second, by=cast["committee member"], at=NOON)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"held_on": date(2026, 11, 21)}, "日期在以后"),
        ({"held_on": date(2025, 12, 31)}, "没有采用"),
        ({"kind": "national/branch-life:theme-day"}, "没有采用"),
    ],
)
def test_what_cannot_be_leaves_no_trace(more, says, branch, cast):
    before = Entry.objects.count()

    with pytest.raises(Refused, match=says):
        talk(cast["member"], person_of(cast["secretary"]), **more)

    assert (Talk.objects.count(), Entry.objects.count()) == (0, before)


def test_nobody_talks_with_himself(branch, cast):
    with pytest.raises(Refused):
        talk(cast["member"], person_of(cast["member"]))


def test_a_talk_has_no_place_for_what_was_said():
    texts = {f.name for f in Talk._meta.get_fields() if f.get_internal_type() in
             ("TextField", "CharField", "JSONField")}  # fmt: skip

    assert texts == {"kind"}


@pytest.mark.parametrize(
    ("who", "status"),
    [("member", 200), ("secretary", 200), ("township officer", 200), ("system admin", 404)],
)
def test_the_page_of_talks_is_for_people(who, status, branch, cast, client, clock):
    talk(cast["member"], person_of(cast["secretary"]))
    client.force_login(cast[who])

    assert client.get("/duties/talks/").status_code == status


def test_a_talk_is_recorded_and_confirmed_on_the_pages(branch, cast, client, clock):
    client.force_login(cast["member"])
    form = {"other": cast["secretary"].person_id, "held_on": "2026-11-03", "kind": KIND}
    assert client.post("/duties/talks/new/", form).status_code == 302
    made = Talk.objects.get()

    client.force_login(cast["stranger member"])
    assert client.post(f"/duties/talks/{made.pk}/confirm/").status_code == 404
    client.force_login(cast["secretary"])
    assert "请您确认" in client.get("/duties/talks/").content.decode()
    client.post(f"/duties/talks/{made.pk}/confirm/")

    assert owed(made.first).done == 1
