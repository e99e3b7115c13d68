"""Several at one record at a time: what is recorded is what is there."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest
from django.db import connection, transaction

from tests import factories
from tests.conftest import NOON
from tests.processes import compete
from zhibu.accounts.actions import ensure_system_account
from zhibu.ledger import actions as ledger
from zhibu.ledger import protection
from zhibu.ledger.models import Head, Sealed
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people import actions as people
from zhibu.people.models import Reveal

ALGORITHM = "sha256"


def look(person, by, reason):
    people.reveal(person, field="phone", reason=reason, by=by, at=NOON)


def seal_twenty_times():
    return sum(ledger.seal(NOON) for _ in range(20))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_two_who_look_at_one_person_at_once_leave_a_record_that_fits():
    tree = factories.small_tree(ensure_system_account(NOON))
    cast = factories.cast_for(tree)
    person = factories.member(tree.village, by=tree.system, phone="13900000000")
    has_looked, is_over = Event(), Event()

    def first():
        with transaction.atomic():
            look(person, cast["secretary"], "通知开会")
            has_looked.set()
            is_over.wait(0.5)  # the other one waits for us, so this times out
        connection.close()

    def second():
        has_looked.wait(5)
        look(person, cast["township officer"], "核对号码")
        is_over.set()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()

    assert Reveal.objects.filter(person=person).count() == 2
    assert verify().faults == []


@pytest.mark.django_db(transaction=True)
def test_two_sealers_seal_each_entry_once():
    tree = factories.small_tree(ensure_system_account(NOON))
    ledger.seal(NOON)
    for _ in range(5):
        factories.member(tree.village, by=tree.system)

    sealed = compete(seal_twenty_times, [(), (), ()])

    assert sum(sealed) == 5
    assert Head.objects.count() == 2
    assert Sealed.objects.count() == verify().sealed
    assert verify().faults == []


def test_stale_copy_is_not_what_is_recorded(tree):
    """Whoever holds an older copy of a record tells the ledger what the database has."""
    stale = Organization.objects.get(pk=tree.village.pk)
    organizations.rename(tree.village, name="新名", since=date(2026, 1, 1), by=tree.system, at=NOON)

    with transaction.atomic():
        ledger.record(
            organizations.Kind.CHANGED, stale, organization=stale.pk, by=tree.system, at=NOON
        )

    assert verify().faults == []


def test_record_that_others_changed_while_an_entry_was_long_is_said_again(tree):
    """A long import digests a group; somebody changes it; the import concludes last."""
    group = organizations.form_group(
        tree.village, name="第一党小组", since=factories.SINCE, by=tree.system, at=NOON
    )
    known = protection.of(PartyGroup)
    long = ledger.Digests(uuid.uuid4())
    with transaction.atomic():
        found = protection.digests(known, [group], ALGORITHM)
        long.add([(known.name, pk, digest) for pk, digest in found.items()])
    with transaction.atomic():
        long.add([("tests.other", 1, b"x" * 32)])

    organizations.close_group(group, on=date(2026, 1, 1), by=tree.system, at=NOON)
    with transaction.atomic():
        long.conclude(organizations.Kind.CHANGED, tree.village, organization=None, by=None, at=NOON)

    subjects = {fault.subject for fault in verify().faults}
    assert subjects <= {"tests.other:1"}
