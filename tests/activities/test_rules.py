"""Who may do what with an activity, by standing and status: every pair."""

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.activities.conftest import GENERAL, GROUP, THEME, written
from tests.conftest import NOON
from zhibu.activities import actions, rules
from zhibu.activities.models import Activity, Filing
from zhibu.organizations import actions as organizations

EVERYBODY = (
    "secretary", "committee member", "member", "group leader", "other group's leader",
    "township officer", "county officer", "sibling secretary", "stranger secretary",
    "other township officer", "stranger member", "system admin", "security admin",
    "audit admin", "signed out",
)  # fmt: skip
STATUSES = ("planned", "held", "confirmed", "cancelled", "void")
TOOK_PLACE = ("held", "confirmed")
OFFICERS = ("township officer", "county officer")
RECORDERS = ("secretary", "committee member", *OFFICERS)


@pytest.fixture
def asking(branch):
    """What a rule says to everybody, ``(who, thing)`` for every yes."""

    def ask(rule, things, everybody=EVERYBODY):
        return {
            (who, name)
            for who, (name, thing) in product(everybody, things.items())
            if rule(branch.users[who] or AnonymousUser(), thing)
        }

    return ask


def in_every_status(branch, *kinds):
    """One activity in each status; the committee member recorded what was held."""
    kinds = kinds or (GENERAL,)
    found = {status: branch.plan(written(*kinds)) for status in ("planned", "cancelled")}
    for status in ("held", "confirmed", "void"):
        found[status] = branch.record(written(*kinds), by=branch.users["committee member"])
    actions.confirm(found["confirmed"], by=branch.secretary, at=NOON)
    actions.void(found["void"], reason="没有开过", by=branch.secretary, at=NOON)
    actions.cancel(found["cancelled"], reason="改期", by=branch.secretary, at=NOON)
    return {status: Activity.objects.get(pk=found[status].pk) for status in STATUSES}


def test_may_record(branch, asking):
    things = {"branch": None, "group": branch.group, "other group": branch.second_group}

    allowed = asking(lambda user, group: rules.may_record(user, branch.village, group), things)

    assert allowed == {
        *product(RECORDERS, things),
        ("group leader", "group"),
        ("other group's leader", "other group"),
    }


def test_may_record_for_a_group_of_another_branch_is_refused_to_all(branch, asking):
    elsewhere = organizations.form_group(
        branch.tree.far, name="第一小组", since=branch.group.since, by=branch.tree.system, at=NOON
    )

    allowed = asking(
        lambda user, group: rules.may_record(user, branch.village, group), {"group": elsewhere}
    )

    assert allowed == set()


def test_may_record_plan(branch, asking):
    assert asking(rules.may_record_plan, in_every_status(branch)) == {
        *product(RECORDERS, ["planned"])
    }


def test_may_record_plan_of_a_group(branch, asking):
    planned = branch.plan(written(GROUP), group=branch.group)

    assert asking(rules.may_record_plan, {"planned": planned}) == {
        *product((*RECORDERS, "group leader"), ["planned"])
    }


def test_may_confirm(branch, asking):
    """The committee member recorded it, so that one does not confirm it."""
    assert asking(rules.may_confirm, in_every_status(branch)) == {
        *product(("secretary", *OFFICERS), ["held"])
    }


def test_may_correct(branch, asking):
    assert asking(rules.may_correct, in_every_status(branch)) == {*product(RECORDERS, TOOK_PLACE)}


def test_may_cancel(branch, asking):
    assert asking(rules.may_cancel, in_every_status(branch)) == {*product(RECORDERS, ["planned"])}


def test_may_void(branch, asking):
    assert asking(rules.may_void, in_every_status(branch)) == {
        *product(("secretary", *OFFICERS), TOOK_PLACE)
    }


def test_may_ask_leave(branch, asking):
    """For 蒋红梅, who is the cast's member: herself, or whoever records there."""
    person = branch.users["member"].person_id

    def may_ask(user, activity):
        return rules.may_ask_leave(user, activity, person)

    allowed = asking(may_ask, in_every_status(branch), EVERYBODY[:-1])

    assert allowed == {*product((*RECORDERS, "member"), ["planned"])}


def test_may_file(branch, asking):
    rows = in_every_status(branch, THEME)

    allowed = asking(lambda user, activity: rules.may_file(user, activity, True), rows)

    assert allowed == {*product(RECORDERS, ("planned", "held", "confirmed"))}


@pytest.mark.parametrize(
    ("theme", "asks", "is_filed", "reason"),
    [
        ("学习", False, False, "不用报送：这次活动没有要求报主题。"),
        ("", True, False, "不能报送：还没有写主题。"),
        ("学习", True, True, "不用办：主题已经报送。"),
    ],
)
def test_may_file_says_why_not(theme, asks, is_filed, reason, branch):
    activity = branch.plan(written(THEME))
    if is_filed:
        actions.file_theme(activity, by=branch.secretary, at=NOON)
    activity.theme = theme

    assert rules.may_file(branch.secretary, activity, asks).reason == reason


def test_may_receive(branch, asking):
    filed, received = (branch.plan(written(THEME)) for _ in range(2))
    for activity in (filed, received):
        actions.file_theme(activity, by=branch.secretary, at=NOON)
    actions.receive_theme(received.filing, by=branch.users["county officer"], at=NOON)
    rows = {
        "filed": Filing.objects.get(activity=filed),
        "received": Filing.objects.get(activity=received),
    }

    assert asking(rules.may_receive, rows) == {*product(OFFICERS, ["filed"])}
