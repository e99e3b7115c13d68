import pytest
from django.db import transaction

from tests.conftest import NOON
from tests.processes import compete, kill_self, killed
from zhibu.accounts.models import User
from zhibu.ledger import actions as ledger
from zhibu.ledger import merkle
from zhibu.ledger.models import Entry, Head, Sealed
from zhibu.ledger.verify import verify
from zhibu.notices import actions as notices


def give(by, number=1):
    for _ in range(number):
        notices.give_feedback(page="/", text="x", by=by, at=NOON)


@pytest.fixture
def asker(transactional_db):
    from zhibu.accounts import actions

    return actions.ensure_system_account(NOON)


def test_sealed_entries_form_one_tree_in_order(cast):
    count = ledger.seal(NOON)

    leaves = [bytes(entry.leaf) for entry in Entry.objects.order_by("pk")]
    head = Head.objects.get()
    assert count == head.size == len(leaves) == Sealed.objects.count()
    assert bytes(head.root) == merkle.root(leaves, "sha256")
    assert (head.number, bytes(head.previous), head.at) == (1, b"", NOON)


def test_heads_are_chained(cast):
    ledger.seal(NOON)
    give(cast["member"])
    ledger.seal(NOON)

    first, second = Head.objects.order_by("number")
    assert bytes(second.previous) == bytes(first.digest)
    assert second.size == first.size + 1


def test_nothing_new_makes_no_head(cast):
    ledger.seal(NOON)

    assert ledger.seal(NOON) == 0

    assert Head.objects.count() == 1


def test_many_entries_are_sealed_in_batches(cast, monkeypatch):
    monkeypatch.setattr(ledger, "BATCH", 5)

    sealed = ledger.seal(NOON)

    assert sealed == Entry.objects.count()
    assert Head.objects.count() == -(-sealed // 5)
    assert verify().faults == []


def _seal_often(times):
    return sum(ledger.seal(NOON) for _ in range(times))


def _give_often(pk, times):
    give(User.objects.get(pk=pk), times)
    return 0


def _do(name, *arguments):
    return {"seal": _seal_often, "give": _give_often}[name](*arguments)


def test_sealers_and_writers_at_once_seal_each_entry_once(asker):
    give(asker, 5)

    compete(_do, [("seal", 6), ("seal", 6), ("give", asker.pk, 15), ("give", asker.pk, 15)])
    ledger.seal(NOON)

    report = verify()
    assert report.faults == []
    assert report.sealed == Entry.objects.count() == Sealed.objects.count() == 36


def _seal_and_die():
    with transaction.atomic():
        ledger._seal_batch(NOON)
        kill_self()


def test_killed_sealer_leaves_nothing_half_sealed(asker):
    give(asker, 3)

    killed(_seal_and_die)

    assert (Head.objects.count(), Sealed.objects.count()) == (0, 0)
    assert ledger.seal(NOON) == 4
    assert verify().faults == []
