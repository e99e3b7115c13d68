"""Turns at the database: an import outlasts whoever keeps SQLite's lock."""

import pytest
from django.db import OperationalError, connection, transaction

from tests.imports.bringing import bring
from tests.imports.sheets import TREE, organizations
from zhibu.core import pacing
from zhibu.organizations.models import Organization

pytestmark = pytest.mark.django_db
locks_whole = pytest.mark.skipif(
    connection.vendor == "postgresql", reason="PostgreSQL locks rows, not the database"
)


@pytest.fixture
def locked(monkeypatch):
    """The next so many tries to begin a turn find the database locked."""

    def keep(tries):
        left = [tries]

        def atomic():
            left[0] -= 1
            if left[0] >= 0:
                raise OperationalError("database is locked")
            return transaction.atomic()

        stand_in = type("transaction", (), {"atomic": staticmethod(atomic)})
        monkeypatch.setattr(pacing, "transaction", stand_in)

    return keep


@locks_whole
def test_import_goes_on_when_the_lock_is_free_at_last(system, locked):
    locked(pacing.TRIES - 1)

    bring(system, organizations(*TREE))

    assert Organization.objects.count() == len(TREE)


@locks_whole
def test_turn_is_given_up_after_the_last_try(locked):
    locked(pacing.TRIES)

    with pytest.raises(OperationalError), pacing.Pacer().turn():
        pass


def test_fault_within_a_turn_is_not_tried_again(db):
    tries = []

    def work():
        with pacing.Pacer().turn():
            tries.append(1)
            raise OperationalError("disk I/O error")

    with pytest.raises(OperationalError):
        work()

    assert tries == [1]
