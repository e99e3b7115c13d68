"""Entered late, histories of groups and posts stay whole."""

from datetime import date

import pytest

from tests import factories
from tests.conftest import NOON
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.people import actions

JUNE, JULY, AUGUST, SEPTEMBER = (date(2026, month, 1) for month in (6, 7, 8, 9))


@pytest.fixture
def groups(tree):
    return [
        organizations.form_group(
            tree.village, name=name, since=factories.SINCE, by=tree.system, at=NOON
        )
        for name in ("第一小组", "第二小组", "第三小组")
    ]


def rows(person):
    return [
        (row.group.name, row.since, row.until) for row in person.group_memberships.order_by("since")
    ]


def join(person, group, since, by):
    return actions.join_group(person, group=group, since=since, by=by, at=NOON)


def test_join_group_ends_the_one_before(tree, groups):
    person = factories.member(tree.village, by=tree.system)
    join(person, groups[0], JUNE, tree.system)

    join(person, groups[1], AUGUST, tree.system)

    assert rows(person) == [("第一小组", JUNE, AUGUST), ("第二小组", AUGUST, None)]


def test_join_group_on_the_same_day_replaces(tree, groups):
    person = factories.member(tree.village, by=tree.system)
    join(person, groups[0], JUNE, tree.system)

    join(person, groups[1], JUNE, tree.system)

    assert rows(person) == [("第二小组", JUNE, None)]


@pytest.mark.parametrize("since", [JUNE, JULY])
def test_join_group_before_the_latest_on_record_is_refused(since, tree, groups):
    person = factories.member(tree.village, by=tree.system)
    join(person, groups[0], JUNE, tree.system)
    join(person, groups[1], AUGUST, tree.system)

    with pytest.raises(Refused, match="第二小组"):
        join(person, groups[2], since, tree.system)

    assert rows(person) == [("第一小组", JUNE, AUGUST), ("第二小组", AUGUST, None)]


def test_place_leaves_no_group_of_the_old_branch_open(tree, groups):
    person = factories.member(tree.village, by=tree.system)
    join(person, groups[0], JUNE, tree.system)
    join(person, groups[1], SEPTEMBER, tree.system)

    actions.place(person, organization=tree.inner, since=JULY, by=tree.system, at=NOON)

    assert rows(person) == [("第一小组", JUNE, JULY)]
    assert verify().faults == []


@pytest.mark.parametrize("manner", ["full", "acting"])
def test_hold_post_twice_is_refused(manner, tree):
    person = factories.member(tree.village, by=tree.system)
    post = organizations.make_post(
        tree.village,
        kind="branch-secretary",
        title="书记",
        role="branch-secretary",
        since=factories.SINCE,
        seats=2,
        by=tree.system,
        at=NOON,
    )
    actions.hold_post(person, post=post, since=AUGUST, by=tree.system, at=NOON)

    with pytest.raises(Refused, match="已经在任书记"):
        actions.hold_post(
            person,
            post=post,
            since=SEPTEMBER,
            manner=manner,
            reason="空缺",
            by=tree.system,
            at=NOON,
        )

    assert person.holdings.count() == 1


def test_hold_post_again_before_the_last_holding_ended_is_refused(tree):
    user = factories.holder(tree.village, tree.village, "branch-secretary", by=tree.system)
    person = factories.Person.objects.get(pk=user.person_id)
    holding = person.holdings.get()
    actions.end_holding(holding, on=AUGUST, by=tree.system, at=NOON)

    with pytest.raises(Refused):
        actions.hold_post(person, post=holding.post, since=JULY, by=tree.system, at=NOON)
    actions.hold_post(person, post=holding.post, since=AUGUST, by=tree.system, at=NOON)

    assert person.holdings.count() == 2
