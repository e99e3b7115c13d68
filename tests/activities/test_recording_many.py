"""Recording many at once leaves what recording one after the other leaves."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.activities.conftest import (
    CLASS,
    COMMITTEE,
    DAY,
    GENERAL,
    GROUP,
    ITEMS,
    LIFE,
    THEME,
    written,
)
from tests.conftest import NOON
from tests.duties.oracle import differences
from zhibu.activities import actions
from zhibu.activities.actions import FaultyRows, Row
from zhibu.activities.drafts import (
    AbsenceDraft,
    DecisionDraft,
    Faulty,
    FollowUpDraft,
    OutcomeDraft,
    VoteDraft,
)
from zhibu.activities.models import Activity
from zhibu.assignments.models import Assignment
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Credit, Obligation
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.people import actions as people
from zhibu.people.models import Holding


@pytest.fixture
def changing(branch):
    """The branch at work, with a year behind it: one left, one came full, one gave up a post."""
    by, at = branch.tree.system, NOON
    people.place(
        branch.full[6], organization=branch.tree.inner, since=date(2026, 6, 1), by=by, at=at
    )
    people.set_membership(branch.probationary, state="full", since=date(2026, 8, 1), by=by, at=at)
    post = Holding.objects.get(person=branch.full[2], post__kind="branch-member")
    people.end_holding(post, on=date(2026, 9, 1), by=by, at=at)
    return branch


KINDS = (GENERAL, COMMITTEE, GROUP, CLASS, LIFE, THEME)


@st.composite
def rows(draw, branch):
    """A sitting of the branch or of a group of it: mostly one that may stand, not always."""
    group = draw(st.sampled_from([None, None, branch.group, branch.second_group]))
    kinds = (GROUP,) if group else draw(st.lists(st.sampled_from(KINDS), max_size=3, unique=True))
    day = DAY - timedelta(days=draw(st.integers(-20, 330)))
    members = [person.pk for person in (*branch.full, branch.probationary)]
    absent = draw(st.lists(st.sampled_from(members), max_size=4, unique=True))
    return Row(
        branch.village,
        written(
            *kinds,
            day=day,
            makes_up=draw(st.sampled_from([None, None, None, day.replace(day=1, month=1)])),
            theme=draw(st.sampled_from(["学党章", "植树", ""])),
            agenda=draw(st.sampled_from(["", "一、修路"])),
            chair_id=draw(st.sampled_from([None, *members[:3]])),
            speaker_id=draw(st.sampled_from([None, *members[:3]])),
            absences={pk: AbsenceDraft(draw(st.sampled_from(["ill", ""]))) for pk in absent},
            observers=draw(st.sampled_from([(), (branch.activist.pk,), (members[0],)])),
            guests=draw(st.sampled_from([(), ("乡贤老吴",), (" ",)])),
            decisions=draw(
                st.sampled_from(
                    [(), (DecisionDraft(" 修路 "),), (DecisionDraft("修路", VoteDraft(3, 1)),)]
                )
            ),
            follow_ups=draw(
                st.sampled_from(
                    [
                        (),
                        (FollowUpDraft("量路", members[3], day + timedelta(days=9)),),
                        (FollowUpDraft("早了", members[3], day - timedelta(days=9)),),
                    ]
                )
            ),
            outcomes=draw(st.sampled_from([(), (OutcomeDraft(THEME, "volunteers", 6),)])),
            items=draw(st.sampled_from([(), ITEMS])),
        ),
        group=group,
        by=draw(st.sampled_from([None, branch.users["committee member"]])),
        at=draw(st.sampled_from([None, NOON - timedelta(hours=3)])),
    )


def left(after: int):
    """Everything that was written since entry ``after``, without numbers and salts."""
    made = list(Activity.objects.order_by("pk"))
    place = {activity.pk: number for number, activity in enumerate(made)}
    credited = [
        (place[c.source_id], c.kind, c.held_on, c.credited_on, c.entered_on, c.items,
         c.group_id, c.speaker_id, c.chair_id)
        for c in Credit.objects.order_by("source_id", "pk")
    ]  # fmt: skip
    tasks = Assignment.objects.order_by("pk").values_list(
        "organization", "title", "owner", "due_on", "made_by", "made_at"
    )
    entries = Entry.objects.filter(pk__gt=after).order_by("pk")
    owed = [
        (row.pk, row.done, row.done_on, row.held_late, row.entered_late,
         [place[pk] for pk in row.credited_by], [place[pk] for pk in row.incomplete_by])
        for row in Obligation.objects.order_by("pk")
    ]  # fmt: skip
    return {
        "activities": [without_ids(actions.content_of(activity)) for activity in made],
        "tasks": [(*task, place[pk]) for task, pk in zip(
            tasks, Assignment.objects.order_by("pk").values_list("source_id", flat=True),
            strict=True)],
        "credits": credited,
        "obligations": owed,
        "entries": list(
            entries.values_list(
                "kind", "subject_type", "organization_id", "by_id", "origin", "at", "occurred",
                "basis", "digests_count", "format", "algorithm",
            )
        ),
    }  # fmt: skip


def without_ids(content):
    return {
        name: [{key: value for key, value in row.items() if key != "id"} for row in value]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
        for name, value in content.items()
    }


def one_by_one(wanted, *, by, at):
    """Faults by place; what could not stand is left out."""
    faults, saved = {}, []
    for number, row in enumerate(wanted):
        try:
            saved.append(
                actions.record(
                    row.organization, row.draft, group=row.group, by=row.by or by, at=row.at or at
                )
            )
        except Faulty as error:
            faults[number] = error.faults
    return faults, saved


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_many_leave_what_one_after_the_other_leaves(changing, data):
    branch = changing
    wanted = data.draw(st.lists(rows(branch), max_size=5))
    by, after = branch.secretary, Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    with transaction.atomic():
        faults, single = one_by_one(wanted, by=by, at=NOON)
        left_by_one = left(after)
        transaction.set_rollback(True)
    sound = [row for number, row in enumerate(wanted) if number not in faults]

    with transaction.atomic():
        assert actions.faults_of_many(wanted, at=NOON) == faults
        if faults:
            with pytest.raises(FaultyRows) as raised:
                actions.record_many(wanted, by=by, at=NOON)
            assert raised.value.faults == faults
            assert left(after)["activities"] == []
        many = actions.record_many(sound, by=by, at=NOON)

        assert left(after) == left_by_one
        assert [saved.follow_ups for saved in many] == [saved.follow_ups for saved in single]
        assert verify().ok
        assert differences(NOON) == []
        transaction.set_rollback(True)


def test_the_first_refusal_stops_all(branch):
    stranger = branch.users["member"]
    wanted = [
        Row(branch.village, written(GENERAL)),
        Row(branch.village, written(CLASS), by=stranger),
    ]

    with pytest.raises(Refused):
        actions.record_many(wanted, by=branch.secretary, at=NOON)

    assert not Activity.objects.exists()


def test_obligations_come_back_as_they_stand_after_the_last(branch):
    days = (date(2026, 10, 9), date(2026, 11, 6))
    wanted = [Row(branch.village, written(COMMITTEE, day=day)) for day in days]

    saved = actions.record_many(wanted, by=branch.secretary, at=NOON)

    ticked = [[row.period_since for row in each.obligations] for each in saved]
    assert ticked == [[date(2026, 10, 1)], [date(2026, 11, 1)]]


def test_nothing_is_nothing(branch):
    assert actions.record_many([], by=branch.secretary, at=NOON) == []


def test_queries_grow_with_neither_rows_nor_days(branch):
    def queries(times, days=1):
        wanted = [
            Row(branch.village, written(COMMITTEE, day=DAY - timedelta(days=number % days)))
            for number in range(times)
        ]
        with CaptureQueriesContext(connection) as captured:
            actions.record_many(wanted, by=branch.secretary, at=NOON)
        return len(captured)

    queries(1)  # what is read once a process
    assert queries(1) == queries(30) == queries(30, days=30)
