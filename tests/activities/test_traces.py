"""Refused, an action leaves no trace; where recording fails, nothing has changed."""

import pytest
from django.db import IntegrityError

from tests.activities.conftest import DAY, GENERAL, THEME, written
from tests.conftest import NOON
from zhibu.activities import actions
from zhibu.activities.drafts import DecisionDraft, Faulty, FollowUpDraft
from zhibu.activities.models import (
    Activity,
    Decision,
    Filing,
    KindOf,
    Leave,
    Outcome,
    Participation,
    Revision,
)
from zhibu.assignments.models import Assignment
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Credit, Obligation
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Digest, Entry

TABLES = (
    Activity, KindOf, Participation, Decision, Outcome, Leave, Filing, Revision,
    Assignment, Credit, Obligation, Entry, Digest,
)  # fmt: skip


def everything():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def full(branch, **more):
    return written(
        THEME,
        decisions=(DecisionDraft("修路"),),
        follow_ups=(FollowUpDraft("量路", branch.full[0].pk, DAY),),
        **more,
    )


def plan(branch, by):
    return actions.plan(branch.village, written(GENERAL), by=by, at=NOON)


def record(branch, by):
    return actions.record(branch.village, full(branch), by=by, at=NOON)


def replan(branch, by):
    planned = Activity.objects.get(status="planned")
    return actions.replan(planned, written(GENERAL, theme="改"), by=by, at=NOON)


def record_a_plan(branch, by):
    planned = Activity.objects.get(status="planned")
    return actions.record(branch.village, full(branch), planned=planned, by=by, at=NOON)


def confirm(branch, by):
    return actions.confirm(Activity.objects.get(status="held"), by=by, at=NOON)


def correct(branch, by):
    held = Activity.objects.get(status="held")
    return actions.correct(held, full(branch, theme="改"), reason="写错", by=by, at=NOON)


def void(branch, by):
    held = Activity.objects.get(status="held")
    return actions.void(held, reason="没有开过", by=by, at=NOON)


def cancel(branch, by):
    planned = Activity.objects.get(status="planned")
    return actions.cancel(planned, reason="改期", by=by, at=NOON)


def ask_leave(branch, by):
    planned = Activity.objects.get(status="planned")
    return actions.ask_leave(planned, person=branch.full[4], reason="ill", by=by, at=NOON)


def file_theme(branch, by):
    return actions.file_theme(Activity.objects.get(status="planned"), by=by, at=NOON)


def receive_theme(branch, by):
    return actions.receive_theme(Filing.objects.get(), by=by, at=NOON)


DOINGS = (
    (plan, "secretary", "group leader"),
    (record, "secretary", "member"),
    (replan, "secretary", "stranger secretary"),
    (record_a_plan, "secretary", "sibling secretary"),
    (confirm, "secretary", "committee member"),
    (correct, "committee member", "system admin"),
    (void, "secretary", "committee member"),
    (cancel, "committee member", "other township officer"),
    (ask_leave, "secretary", "member"),
    (file_theme, "secretary", "member"),
    (receive_theme, "township officer", "secretary"),
)


@pytest.fixture
def begun(branch):
    """A plan and a record by the committee member; for receiving, a theme that was filed."""

    def begin(do):
        branch.plan(written(THEME))
        branch.record(full(branch), by=branch.users["committee member"])
        if do is receive_theme:
            file_theme(branch, branch.secretary)
        return branch

    return begin


@pytest.mark.parametrize(("do", "_", "who"), DOINGS, ids=lambda v: getattr(v, "__name__", v))
def test_refused_leaves_no_trace(do, _, who, begun):
    branch = begun(do)
    before = everything()

    with pytest.raises(Refused):
        do(branch, branch.users[who])

    assert everything() == before


@pytest.mark.parametrize(("do", "who", "_"), DOINGS, ids=lambda v: getattr(v, "__name__", v))
def test_nothing_changes_when_recording_fails(do, who, _, begun, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    branch = begun(do)
    before = everything()
    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(IntegrityError):
        do(branch, branch.users[who])

    assert everything() == before


@pytest.mark.parametrize(("do", "who", "_"), DOINGS, ids=lambda v: getattr(v, "__name__", v))
def test_allowed_leaves_a_trace(do, who, _, begun):
    """The counterpart: what the two above look at does change."""
    branch = begun(do)
    before = everything()

    do(branch, branch.users[who])

    after = everything()
    assert len(after["Entry"]) > len(before["Entry"])
    assert {name for name in after if after[name] != before[name]} - {"Entry", "Digest"} != set()


def test_faulty_leaves_no_trace(branch):
    branch.record(full(branch))
    before = everything()

    for draft in (written(THEME, theme=""), written(THEME, absences={10**6: None})):
        with pytest.raises(Faulty):
            branch.record(draft)

    assert everything() == before
