"""A record and a refresh at the same moment: neither misses the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest
from django.db import connection, transaction

from tests import factories
from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from tests.duties.story import draft
from zhibu.accounts import actions as accounts
from zhibu.activities import actions as activities
from zhibu.adoptions import actions as adoptions
from zhibu.duties.models import Obligation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture
def tree():
    tree = factories.small_tree(accounts.ensure_system_account(NOON))
    tree.by = factories.holder(tree.inner, tree.county, "committee-officer", by=tree.system)
    adopt(tree, "national/branch-life")
    return tree


def adopt(tree, pack):
    adoptions.adopt(
        pack=pack, organization=tree.county, since=date(2026, 1, 1), by=tree.by, at=NOON
    )


def record(tree):
    written = draft(["party-class"], date(2026, 11, 3))
    activities.record(tree.village, written, by=tree.by, at=NOON)


def adopt_the_class(tree):
    adopt(tree, "local/quarterly-class")


@pytest.mark.parametrize(
    ("first", "second"), [(record, adopt_the_class), (adopt_the_class, record)]
)
def test_record_and_refresh_at_once_miss_nothing(first, second, tree):
    is_written = Event()

    def begin():
        with transaction.atomic():
            first(tree)
            is_written.set()
            is_over.wait(0.5)  # the other one waits for us, so this times out
        connection.close()

    def follow():
        is_written.wait()
        second(tree)
        is_over.set()
        connection.close()

    is_over = Event()
    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(begin), pool.submit(follow)]:
            running.result()

    row = Obligation.objects.get(
        duty="quarterly-class", organization=tree.village, period_since=date(2026, 10, 1)
    )
    assert row.done == 1
    assert differences(TODAY) == []
