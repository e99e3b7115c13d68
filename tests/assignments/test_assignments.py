"""Giving tasks, doing them, calling them off: who may, what is kept, what leaves no trace."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from tests import factories
from tests.conftest import NOON, TODAY
from zhibu.assignments import actions, rules
from zhibu.assignments.models import Assignment
from zhibu.core.verdicts import Refused
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Digest, Entry
from zhibu.ledger.verify import verify
from zhibu.people.models import Person

pytestmark = pytest.mark.usefixtures("clock")

EVERYBODY = (
    "secretary", "committee member", "member", "township officer", "county officer",
    "sibling secretary", "stranger secretary", "other township officer", "stranger member",
    "system admin", "security admin", "audit admin", "signed out",
)  # fmt: skip
ASSIGNERS = ("secretary", "committee member", "township officer", "county officer")
STATES = ("open", "done", "cancelled")
DUE = date(2026, 11, 30)


@pytest.fixture
def owner(cast):
    """蒋红梅, the cast's member."""
    return Person.objects.get(pk=cast["member"].person_id)


@pytest.fixture
def tasks(tree, cast, owner):
    """One task of 蒋红梅's in each state."""
    made = {
        state: actions.assign(
            tree.village, title="量路", owner=owner, due_on=DUE, by=cast["secretary"], at=NOON
        )
        for state in STATES
    }
    actions.complete(made["done"], by=cast["member"], at=NOON)
    actions.cancel(made["cancelled"], note="不修了", by=cast["secretary"], at=NOON)
    return {state: Assignment.objects.get(pk=task.pk) for state, task in made.items()}


# --- who may, in which state


def test_may_assign(tree, cast):
    allowed = {
        (who, place)
        for who, (place, organization) in product(
            EVERYBODY, {"village": tree.village, "far": tree.far}.items()
        )
        if rules.may_assign(cast[who] or AnonymousUser(), organization)
    }

    assert allowed == {
        *product(ASSIGNERS, ["village"]),
        *product(("stranger secretary", "other township officer", "county officer"), ["far"]),
    }


def test_may_close(cast, tasks):
    """The owner closes it too, though a member may assign nothing."""
    allowed = {
        (who, state)
        for who, state in product(EVERYBODY[:-1], STATES)
        if rules.may_close(cast[who], tasks[state])
    }

    assert allowed == {*product((*ASSIGNERS, "member"), ["open"])}


# --- doing it


def last():
    entry = Entry.objects.latest("pk")
    return entry.kind, entry.subject_type, int(entry.subject_id), entry.by_id, entry.organization_id


def test_assign_makes_a_task_and_is_recorded(tree, cast, owner):
    task = actions.assign(
        tree.village, title="量路", owner=owner, due_on=DUE, by=cast["secretary"], at=NOON
    )

    task.refresh_from_db()
    assert (task.title, task.owner, task.due_on, task.state) == ("量路", owner, DUE, "open")
    assert (task.made_by, task.made_at, task.source_type, task.source_id) == (
        cast["secretary"], NOON, "", None,
    )  # fmt: skip
    assert last() == (
        "assignments:assignment:made", "assignments.assignment", task.pk,
        cast["secretary"].pk, tree.village.pk,
    )  # fmt: skip
    assert verify().faults == []


def test_follow_up_asks_no_rule_of_its_own(tree, cast, owner):
    """The record's own action has judged whoever made it: a group leader, say."""
    task = actions.follow_up(
        tree.village, title="量路", owner=owner, due_on=DUE,
        source_type="activities.activity", source_id=7, by=cast["member"], at=NOON,
    )  # fmt: skip

    assert (task.source_type, task.source_id) == ("activities.activity", 7)
    assert last()[0] == "assignments:assignment:made"


def test_complete_closes_and_is_recorded(tree, cast, tasks):
    actions.complete(tasks["open"], note="量好了", by=cast["member"], at=NOON)

    task = Assignment.objects.get(pk=tasks["open"].pk)
    assert (task.state, task.note) == ("done", "量好了")
    assert (task.closed_by, task.closed_at) == (cast["member"], NOON)
    assert last()[:3] == ("assignments:assignment:done", "assignments.assignment", task.pk)
    assert verify().faults == []


def test_cancel_closes_and_is_recorded(cast, tasks):
    actions.cancel(tasks["open"], note="不修了", by=cast["township officer"], at=NOON)

    task = Assignment.objects.get(pk=tasks["open"].pk)
    assert (task.state, task.note, task.closed_by) == (
        "cancelled", "不修了", cast["township officer"],
    )  # fmt: skip
    assert last()[0] == "assignments:assignment:cancelled"
    assert verify().faults == []


def assign(tree, tasks, by):
    owner = tasks["open"].owner
    return actions.assign(tree.village, title="修路", owner=owner, due_on=DUE, by=by, at=NOON)


def complete(tree, tasks, by):
    return actions.complete(tasks["open"], by=by, at=NOON)


def complete_again(tree, tasks, by):
    return actions.complete(tasks["done"], by=by, at=NOON)


def cancel(tree, tasks, by):
    return actions.cancel(tasks["open"], note="不修了", by=by, at=NOON)


def cancel_what_is_done(tree, tasks, by):
    return actions.cancel(tasks["done"], note="不修了", by=by, at=NOON)


def everything():
    return [list(m.objects.order_by("pk").values()) for m in (Assignment, Entry, Digest)]


@pytest.mark.parametrize(
    ("do", "who"),
    [
        (assign, "member"),
        (assign, "sibling secretary"),
        (complete, "stranger member"),
        (complete, "sibling secretary"),
        (complete_again, "member"),
        (cancel, "other township officer"),
        (cancel_what_is_done, "secretary"),
    ],
)
def test_refused_leaves_no_trace(do, who, tree, cast, tasks):
    before = everything()

    with pytest.raises(Refused):
        do(tree, tasks, cast[who])

    assert everything() == before


@pytest.mark.parametrize("do", [assign, complete, cancel])
def test_nothing_changes_when_recording_fails(do, tree, cast, tasks, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    before = everything()
    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(IntegrityError):
        do(tree, tasks, cast["secretary"])

    assert everything() == before


# --- lists


def test_overdue_is_open_with_its_day_past(tree, cast, owner):
    made = {
        days: actions.assign(
            tree.village, title="量路", owner=owner, due_on=TODAY + timedelta(days=days),
            by=cast["secretary"], at=NOON,
        )
        for days in (-2, -1, 0, 1)
    }  # fmt: skip
    actions.complete(made[-2], by=cast["secretary"], at=NOON)

    assert list(Assignment.objects.overdue(TODAY)) == [made[-1]]
    assert set(Assignment.objects.open()) == {made[-1], made[0], made[1]}


def test_visible_to_the_owner_and_whoever_views_there(tree, cast, tasks, owner):
    far = factories.member(tree.far, by=tree.system)
    actions.assign(
        tree.far, title="远村的事", owner=far, due_on=DUE, by=cast["stranger secretary"], at=NOON
    )

    seen = {
        who: sorted({task.title for task in Assignment.objects.visible_to(cast[who])})
        for who in EVERYBODY[:-1]
    }

    assert {who: titles for who, titles in seen.items() if titles} == {
        "secretary": ["量路"],
        "committee member": ["量路"],
        "member": ["量路"],
        "township officer": ["量路"],
        "county officer": ["远村的事", "量路"],
        "stranger secretary": ["远村的事"],
        "other township officer": ["远村的事"],
    }
