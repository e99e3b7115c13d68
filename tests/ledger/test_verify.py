import re
from datetime import timedelta
from pathlib import Path

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard, outside
from zhibu.ledger import verify as checking
from zhibu.ledger.models import Head
from zhibu.ledger.verify import verify
from zhibu.notices import actions as notices
from zhibu.notices.models import Feedback
from zhibu.people.models import Person

ROOT = Path(__file__).parents[2]


def test_untouched_ledger_verifies(cast):
    ledger.seal(NOON)

    report = verify()

    assert report.faults == []
    assert report.sealed > 30
    assert report.records > 20


def test_empty_ledger_verifies(db):
    report = verify()

    assert (report.ok, report.sealed, report.oldest_unsealed_at) == (True, 0, None)


def test_unsealed_entries_are_counted_from_the_oldest(cast):
    ledger.seal(NOON)
    for minutes in (3, 1, 2):
        notices.give_feedback(
            page="/", text="x", by=cast["member"], at=NOON + timedelta(minutes=minutes)
        )

    report = verify()

    assert (report.unsealed, report.oldest_unsealed_at) == (3, NOON + timedelta(minutes=1))


def test_altered_child_names_its_record_alone(cast, tree):
    with connection.cursor() as cursor:
        cursor.execute(
            "update organizations_name set name = 'x' where organization_id = %s", [tree.village.pk]
        )

    report = verify()

    assert [f.subject for f in report.faults] == [f"organizations.organization:{tree.village.pk}"]


def test_record_written_around_the_actions_is_named(cast):
    feedback = Feedback.objects.create(page="/", text="x", by=cast["member"], at=NOON)

    (fault,) = verify().faults

    assert (fault.kind, fault.subject) == ("record-unrecorded", f"notices.feedback:{feedback.pk}")


def test_lawful_removal_is_counted_and_no_fault(cast):
    feedback = notices.give_feedback(page="/", text="x", by=cast["member"], at=NOON)
    with transaction.atomic():
        ledger.record(
            notices.Kind.GIVEN,
            cast["member"],
            organization=None,
            by=None,
            at=NOON,
            removed=[("notices.feedback", feedback.pk)],
        )
        feedback.delete()

    report = verify()

    assert (report.faults, report.erased) == ([], 1)


def test_unlawful_removal_is_named(cast):
    feedback = notices.give_feedback(page="/", text="x", by=cast["member"], at=NOON)
    Feedback.objects.filter(pk=feedback.pk).delete()

    (fault,) = verify().faults

    assert (fault.kind, fault.subject) == ("record-missing", f"notices.feedback:{feedback.pk}")


def test_sealed_value_of_another_row_is_named_and_stops_nothing(tree):
    one, other = (
        factories.member(tree.village, by=tree.system, phone=f"1380000000{n}") for n in (1, 2)
    )
    Person.all_rows.filter(pk=one.pk).update(phone_sealed=other.phone_sealed)

    (fault,) = verify().faults

    assert fault.subject == f"people.person:{one.pk}"


def test_lost_salt_is_named(cast):
    feedback = notices.give_feedback(page="/", text="x", by=cast["member"], at=NOON)
    Feedback.objects.filter(pk=feedback.pk).update(salt=b"")

    assert [fault.subject for fault in verify().faults] == [f"notices.feedback:{feedback.pk}"]


def test_queries_do_not_grow_with_the_ledger(cast):
    taken = []
    for more in (1, 29):
        for _ in range(more):
            notices.give_feedback(page="/", text="x", by=cast["member"], at=NOON)
        ledger.seal(NOON)
        with CaptureQueriesContext(connection) as captured:
            verify()
        taken.append(len(captured))

    assert taken[0] == taken[1]


def test_heads_written_anew_without_the_entries_are_noticed(cast):
    ledger.seal(NOON)
    notices.give_feedback(page="/", text="x", by=cast["member"], at=NOON)
    ledger.seal(NOON)
    guard.remove(connection)
    second = Head.objects.get(number=2)
    second.previous = bytes(32)
    second.digest = second.computed_digest()
    second.save()

    assert {fault.subject for fault in verify().faults} == {"ledger.head:2"}


def test_every_kind_of_fault_is_documented():
    source = Path(checking.__file__).read_text("utf-8")
    kinds = set(
        re.findall(r'"((?:entry|record|head|sealed|digest|node|key)-[a-z]+|order)"', source)
    )
    kinds |= {outside.OLDER, outside.REWRITTEN, outside.DAMAGED}
    documented = set(re.findall(r"`([a-z-]+)`", (ROOT / "docs" / "cli.md").read_text("utf-8")))

    assert kinds - documented == set()
    assert {"file-altered", "file-missing"} <= documented


def test_sound_ledger_is_checked_without_a_second_look(cast, monkeypatch):
    """The quick way knows sound rows of every shape as sound, and is all it takes."""
    ledger.seal(NOON)
    slow = []
    take = checking._Replay.take
    monkeypatch.setattr(checking, "_look_again", lambda ids, report: slow.append(ids))
    monkeypatch.setattr(
        checking._Replay, "take", lambda self, *row: (slow.append(row), take(self, *row))
    )

    report = verify()

    assert report.faults == []
    assert report.sealed > 10
    assert len(slow) == 1  # the first row begins the tree
