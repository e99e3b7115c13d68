from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.conftest import NOON
from zhibu.accounts import actions
from zhibu.accounts.models import User
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify

LATER = NOON + timedelta(days=1)


@pytest.fixture
def person(tree):
    return factories.member(tree.village, by=tree.system, name="蒋红梅")


def issue(person, tree, *, by=None, at=NOON, wanted="jianghongmei"):
    return actions.issue(
        person_id=person.pk,
        name=person.name,
        wanted=wanted,
        path=tree.village.path,
        organization=tree.village.pk,
        by=by or tree.system,
        at=at,
    )


def kinds_of(account):
    rows = Entry.objects.filter(subject_type="accounts.user", subject_id=str(account.pk))
    return [entry.kind for entry in rows.order_by("pk")]


def test_issued_account_waits_for_its_code(person, tree):
    account, code = issue(person, tree)

    assert (account.username, account.display_name) == ("jianghongmei", "蒋红梅")
    assert not account.has_usable_password()
    assert account.code_is_open(NOON)
    assert code not in account.code_hash
    assert len(code.replace("-", "")) == actions.CODE_LENGTH
    assert set(code) <= set(actions.CODE_LETTERS) | {"-"}


def test_code_has_no_letters_people_mistake():
    assert not set("01OIL") & set(actions.CODE_LETTERS)
    assert len({actions.new_code() for _ in range(50)}) == 50


def test_activated_account_signs_in_and_the_code_is_used_up(person, tree):
    account, code = issue(person, tree)

    account = actions.activate(account, code=code, password="liangyou-2026", at=NOON)

    assert account.check_password("liangyou-2026")
    assert account.activated_at == NOON
    with pytest.raises(PermissionDenied, match="过期或用过"):
        actions.activate(account, code=code, password="x", at=NOON)
    assert kinds_of(account) == ["accounts:account:issued", "accounts:account:activated"]


def test_reset_ends_the_old_password_and_the_old_code(person, tree):
    account, old = issue(person, tree)
    actions.activate(account, code=old, password="liangyou-2026", at=NOON)

    again, new = issue(person, tree, at=LATER)

    assert again.pk == account.pk
    assert not again.check_password("liangyou-2026")
    with pytest.raises(PermissionDenied):
        actions.activate(again, code=old, password="x", at=LATER)
    assert actions.activate(again, code=new, password="xin-2026", at=LATER).activated_at == LATER
    assert kinds_of(again)[2] == "accounts:account:reset"


def test_reset_lets_a_stopped_account_in_again(person, tree):
    account, _ = issue(person, tree)
    actions.stop(
        account, path=tree.village.path, organization=tree.village.pk, by=tree.system, at=NOON
    )

    again, _ = issue(person, tree, at=LATER)

    assert again.is_active


def test_stopped_account_is_out_at_once(person, tree, client):
    account, code = issue(person, tree)
    account = actions.activate(account, code=code, password="liangyou-2026", at=NOON)
    client.force_login(account)

    actions.stop(
        account, path=tree.village.path, organization=tree.village.pk, by=tree.system, at=NOON
    )

    assert client.get(reverse("notices:list")).status_code == 302
    typed = {"username": account.username, "password": "liangyou-2026"}
    assert Client().post(reverse("accounts:sign_in"), typed).status_code == 200
    account.refresh_from_db()
    assert not account.code_is_open(NOON)


@pytest.mark.parametrize(
    "who", ["member", "committee member", "stranger secretary", "system admin"]
)
def test_refused_issue_leaves_no_trace(who, cast, tree, person):
    with pytest.raises(PermissionDenied, match="书记"):
        issue(person, tree, by=cast[who])

    assert not User.objects.filter(person_id=person.pk).exists()


def test_nothing_is_issued_when_recording_fails(person, tree, monkeypatch):
    def fail(*args, **options):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(IntegrityError):
        issue(person, tree)

    assert not User.objects.filter(person_id=person.pk).exists()


def test_taken_names_get_a_number(tree):
    names = []
    for _ in range(3):
        person = factories.member(tree.village, by=tree.system)
        names.append(issue(person, tree, wanted="Wang Fang!")[0].username)

    assert names == ["wangfang", "wangfang2", "wangfang3"]


def test_name_without_letters_becomes_user(tree, person):
    assert issue(person, tree, wanted="王芳")[0].username == "user"


def test_person_has_one_account(person, tree):
    issue(person, tree)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="another", display_name="x", person_id=person.pk)


def test_appointed_administrator_is_recorded_and_waits(cast):
    account, code = actions.appoint_admin(
        username="XiTong2",
        name="王芳",
        admin_role="system-admin",
        by=cast["security admin"],
        at=NOON,
    )

    assert (account.username, account.admin_role) == ("xitong2", "system-admin")
    assert kinds_of(account) == ["accounts:account:appointed"]
    assert actions.activate(account, code=code, password="x", at=NOON)


@pytest.mark.parametrize("who", ["system admin", "audit admin", "county officer"])
def test_others_appoint_nobody(who, cast):
    with pytest.raises(PermissionDenied):
        actions.appoint_admin(
            username="x", name="x", admin_role="audit-admin", by=cast[who], at=NOON
        )

    assert not User.objects.filter(username="x").exists()


def test_members_account_is_made_no_administrators(cast):
    with pytest.raises(PermissionDenied, match="不能兼任"):
        actions.appoint_admin(
            username=cast["secretary"].username,
            name="x",
            admin_role="audit-admin",
            by=cast["security admin"],
            at=NOON,
        )


def test_database_keeps_the_hands_apart_too(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cast["secretary"].pk).update(admin_role="audit-admin")


def test_system_account_is_made_once_and_cannot_sign_in(db, client):
    first, second = (actions.ensure_system_account(NOON) for _ in range(2))

    assert first == second
    assert not first.has_usable_password()
    assert User.objects.able_to_sign_in().count() == 0


def test_every_action_leaves_a_ledger_that_verifies(cast, tree, person):
    account, code = issue(person, tree)
    actions.activate(account, code=code, password="liangyou-2026", at=NOON)
    actions.change_password(account, password="xin-2026", by=account, at=NOON)
    actions.note_backup(by=tree.system, at=NOON)
    actions.note_restore(by=tree.system, at=NOON)
    actions.stop(
        account, path=tree.village.path, organization=tree.village.pk, by=tree.system, at=NOON
    )

    assert verify().faults == []


@pytest.mark.parametrize("act", [actions.note_backup, actions.note_restore])
def test_backup_by_others_is_refused(act, cast):
    with pytest.raises(PermissionDenied):
        act(by=cast["security admin"], at=NOON)
