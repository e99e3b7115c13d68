"""Long work at night lets others write: on SQLite no two of its transactions without a pause."""

from datetime import timedelta

import pytest
from django.db import connection

from tests import factories
from tests.conftest import NOON
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions import reminding
from zhibu.core import jobs, pacing
from zhibu.core.jobs import run_scheduled
from zhibu.duties import actions as duties
from zhibu.ledger import actions as ledger
from zhibu.organizations import actions as organizations
from zhibu.people import actions as people
from zhibu.people.models import Person
from zhibu.people.rights import actions as rights

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows"),
]


@pytest.fixture
def moments(monkeypatch):
    """What happens, in order: ``written`` (a transaction is over) and ``pause``."""
    seen, commit = [], connection._commit
    monkeypatch.setattr(connection, "_commit", lambda: (seen.append("written"), commit()))
    monkeypatch.setattr(pacing.time, "sleep", lambda seconds: seconds and seen.append("pause"))
    monkeypatch.setattr(pacing.time, "perf_counter", lambda: 0.0)
    return seen


def seal(monkeypatch, cast):
    monkeypatch.setattr(ledger, "BATCH", 3)
    return lambda: ledger.seal(NOON)


def extend(monkeypatch, cast):
    monkeypatch.setattr(duties, "BATCH", 4)
    return lambda: duties.extend(NOON)


def keep_up(monkeypatch, cast):
    monkeypatch.setattr(people, "KEPT_UP_AT_ONCE", 2)
    Person.objects.update(host_path="0000")
    return lambda: people.keep_up(NOON)


def remind(monkeypatch, cast):
    monkeypatch.setattr(reminding, "BATCH", 1)
    return lambda: reminding.remind_of_terms(NOON)


def note_openings(monkeypatch, cast):
    monkeypatch.setattr(rights, "BATCH", 1)
    for person in Person.objects.exclude(pk=cast["secretary"].person_id)[:3]:
        rights.note_opening(person, by=cast["secretary"], at=NOON - timedelta(days=1))
    return lambda: rights.record_openings(NOON)


def forget_openings(monkeypatch, cast):
    note_openings(monkeypatch, cast)
    return lambda: rights.forget_openings(NOON + timedelta(days=4 * 366))


def run_jobs(monkeypatch, cast):
    for _ in range(3):
        run_scheduled.enqueue("nothing of this name")
    return lambda: jobs.Runner("w").run_ready()


@pytest.mark.parametrize(
    "work", [seal, extend, keep_up, remind, note_openings, forget_openings, run_jobs]
)
def test_others_get_their_turn(work, tree, cast, clock, monkeypatch, moments):
    for branch in (tree.village, tree.far):
        since = factories.SINCE
        organizations.begin_term(
            branch, since=since, ends_on=NOON.date(), has_committee=True, by=tree.system, at=NOON
        )
    adoptions.adopt(
        pack="national/branch-life", organization=tree.county, since=factories.SINCE,
        by=tree.system, at=NOON,
    )  # fmt: skip
    run = work(monkeypatch, cast)
    moments.clear()

    run()

    assert moments.count("written") > 1
    together = "".join({"written": "w", "pause": "p"}[each] for each in moments)
    assert "www" not in together if work is run_jobs else "ww" not in together, together
