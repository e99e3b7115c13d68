"""SHA-256 and SM3, one after the other in one ledger."""

import hashlib

import pytest
from django.db import connection, transaction

from tests.conftest import NOON
from tests.ledger.test_merkle import by_definition
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard, merkle
from zhibu.ledger.models import Digest, Entry, Head
from zhibu.ledger.verify import verify
from zhibu.notices import actions as notices
from zhibu.notices.models import Feedback


def give(by, times=1):
    return [notices.give_feedback(page="/", text="x", by=by, at=NOON) for _ in range(times)]


@pytest.mark.parametrize(
    ("data", "digest"),
    [  # GB/T 32905-2016, appendix A
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_is_the_standards(data, digest):
    assert merkle.ALGORITHMS["sm3"](data).hex() == digest


def test_sm3_without_hashlibs_own_is_the_same(monkeypatch):
    monkeypatch.setattr(hashlib, "algorithms_available", set())

    assert merkle._sm3()(b"abc") == merkle.ALGORITHMS["sm3"](b"abc")


def test_tree_that_turns_keeps_what_is_closed():
    leaves = [bytes([n]) * 32 for n in range(7)]
    tree = merkle.Tree("sha256")
    for leaf in leaves[:4]:
        tree.append(leaf)
    tree.turn_to("sm3")
    for leaf in leaves[4:]:
        tree.append(leaf)

    left = by_definition(leaves[:4])
    sm3 = merkle.ALGORITHMS["sm3"]
    right = sm3(b"\x01" + sm3(b"\x01" + leaves[4] + leaves[5]) + leaves[6])
    assert tree.root == sm3(b"\x01" + left + right)


@pytest.mark.parametrize("order", [("sha256", "sm3"), ("sm3", "sha256"), ("sm3", "sm3")])
def test_ledger_that_changed_its_algorithm_verifies(order, cast, settings):
    for algorithm in order:
        settings.LEDGER_ALGORITHM = algorithm
        give(cast["member"], 3)
        ledger.seal(NOON)
    give(cast["member"])

    report = verify()

    assert report.faults == []
    assert report.sealed == Entry.objects.count() - 1
    assert list(Head.objects.order_by("number").values_list("algorithm", flat=True)) == list(order)
    assert Entry.objects.latest("pk").algorithm == order[-1]


def test_altered_record_is_named_on_both_sides_of_the_change(cast, settings):
    (old,) = give(cast["member"])
    ledger.seal(NOON)
    settings.LEDGER_ALGORITHM = "sm3"
    (new,) = give(cast["member"])
    ledger.seal(NOON)

    Feedback.objects.filter(pk__in=[old.pk, new.pk]).update(text="y")

    assert {fault.subject for fault in verify().faults} == {
        f"notices.feedback:{old.pk}",
        f"notices.feedback:{new.pk}",
    }


def test_algorithm_of_a_row_cannot_be_changed_unseen(cast, settings):
    settings.LEDGER_ALGORITHM = "sm3"
    give(cast["member"])
    ledger.seal(NOON)
    guard.remove(connection)
    entry = Entry.objects.latest("pk")
    for model, pk in ((Entry, entry.pk), (Head, Head.objects.latest("pk").pk)):
        with transaction.atomic():
            model.objects.filter(pk=pk).update(algorithm="sha256")
            assert f"{model._meta.label_lower}:{pk}" in {f.subject for f in verify().faults}
            transaction.set_rollback(True)
    assert Digest.objects.filter(entry_key=entry.key).exists()
