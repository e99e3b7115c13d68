from datetime import timedelta

import pytest

from tests import factories
from tests.conftest import NOON
from zhibu.accounts import actions, roles, rules
from zhibu.accounts.models import User
from zhibu.core import standing

SECRETARY_AND_ABOVE = {"secretary", "township officer", "county officer"}
EVERYBODY = {
    "secretary",
    "committee member",
    "member",
    "township officer",
    "county officer",
    "sibling secretary",
    "stranger secretary",
    "other township officer",
    "stranger member",
    "system admin",
    "security admin",
    "audit admin",
}


def allowed(cast, rule):
    return {who for who, user in cast.items() if user and rule(user)}


def test_cast_is_complete(cast):
    assert {who for who, user in cast.items() if user} == EVERYBODY


def test_may_issue_at_ones_branch_and_below_ones_reach(cast, tree):
    assert allowed(cast, lambda u: rules.may_issue(u, tree.village.path)) == SECRETARY_AND_ABOVE
    assert allowed(cast, lambda u: rules.may_issue(u, tree.far.path)) == {
        "stranger secretary",
        "other township officer",
        "county officer",
    }


def test_only_the_security_administrator_appoints(cast, tree):
    assert allowed(cast, rules.may_appoint) == {"security admin"}
    assert rules.may_appoint(tree.system)


def test_only_the_system_administrator_backs_up_and_restores(cast, tree):
    for rule in (rules.may_back_up, rules.may_restore):
        assert allowed(cast, rule) == {"system admin"}
        assert rule(tree.system)


@pytest.mark.parametrize("person_id", [None, 7])
def test_administrator_account_is_nobodys_own(person_id):
    assert bool(rules.may_hold_admin_role(person_id)) is (person_id is None)


@pytest.fixture
def slip(tree):
    """An account with an open code."""
    person = factories.member(tree.village, by=tree.system, name="蒋红梅")
    return actions.issue(
        person_id=person.pk,
        name=person.name,
        wanted="jianghongmei",
        path=tree.village.path,
        organization=tree.village.pk,
        by=tree.system,
        at=NOON,
    )


@pytest.mark.parametrize(
    ("change", "after", "allowed"),
    [
        ({}, timedelta(0), True),
        ({}, actions.CODE_LASTS - timedelta(seconds=1), True),
        ({}, actions.CODE_LASTS, False),
        ({"is_active": False}, timedelta(0), False),
        ({"is_system": True}, timedelta(0), False),
        ({"code_hash": "", "code_expires_at": None}, timedelta(0), False),
    ],
)
def test_may_activate_by_state_of_account(change, after, allowed, slip):
    account, code = slip
    for name, value in change.items():
        setattr(account, name, value)

    assert bool(rules.may_activate(account, code, NOON + after)) is allowed


@pytest.mark.parametrize(
    ("typed", "allowed"),
    [
        (lambda code: code, True),
        (lambda code: code.lower(), True),
        (lambda code: code.replace("-", " "), True),
        (lambda code: f"  {code.replace('-', '')} ", True),
        (lambda code: code[:-1], False),
        (lambda code: code[::-1], False),
        (lambda code: "", False),
    ],
)
def test_code_is_taken_as_people_write_it(typed, allowed, slip):
    account, code = slip

    assert bool(rules.may_activate(account, typed(code), NOON)) is allowed


def test_refusals_end_in_a_sentence(cast, tree, slip):
    account, _ = slip
    verdicts = [
        rules.may_issue(cast["member"], tree.village.path),
        rules.may_appoint(cast["member"]),
        rules.may_back_up(cast["member"]),
        rules.may_restore(cast["member"]),
        rules.may_hold_admin_role(1),
        rules.may_activate(account, "", NOON),
    ]

    assert [v.reason for v in verdicts if v or not v.reason.endswith("。")] == []


def test_administrators_see_no_people(cast, tree):
    for who in ("system admin", "security admin", "audit admin"):
        seen = {grant for held in standing.of(cast[who]) for grant in held.grants}
        assert not {"people.view", "people.reveal", "people.change", "activities.view"} & seen, who


def test_hands_do_not_hold_each_others_grants():
    hands = [roles.get(role).grants - {"packs.view"} for role in roles.ADMIN_ROLES]

    shared = hands[0] & hands[1] | hands[0] & hands[2] | hands[1] & hands[2]

    assert shared <= {"accounts.unlock"}
    assert "packs.propose" not in hands[1]
    assert "packs.confirm" not in hands[0]


def test_stopped_account_stands_nowhere(cast, tree):
    User.objects.filter(pk=cast["secretary"].pk).update(is_active=False)
    user = User.objects.get(pk=cast["secretary"].pk)

    assert standing.of(user) == ()
    assert not rules.may_issue(user, tree.village.path)


def test_unknown_role_is_an_error():
    with pytest.raises(KeyError):
        roles.get("mayor")
