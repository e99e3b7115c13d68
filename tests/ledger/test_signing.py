"""Heads signed with a key outside the database, and what forgers meet."""

from collections.abc import Callable

import pytest
from django.db import connection

from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard, signing
from zhibu.ledger.models import Entry, Head, Node, Sealed
from zhibu.ledger.verify import verify
from zhibu.notices import actions as notices


def act(by, times=1):
    for _ in range(times):
        notices.give_feedback(page="/", text="x", by=by, at=NOON)


@pytest.fixture
def sealed(cast, key):
    for _ in range(3):
        act(cast["member"])
        ledger.seal(NOON)
    return Head.objects.order_by("number")


@pytest.fixture
def unguarded(db):
    guard.remove(connection)


def test_head_names_its_key_and_is_signed_with_it(sealed):
    head, key = sealed[0], signing.held().current

    assert head.key_id == key.id == signing.id_of(key.public)
    assert key.signed(bytes(head.signature), signing.HEAD + bytes(head.digest))
    report = verify()
    assert (report.faults, report.heads, report.unsigned) == ([], 3, 0)


def test_heads_sealed_before_there_was_a_key_stay_unsigned_and_are_counted(cast, key_path):
    ledger.seal(NOON)
    signing.write(signing.generate(NOON), key_path)
    act(cast["member"])
    ledger.seal(NOON)

    report = verify()

    assert (report.faults, report.heads, report.unsigned) == ([], 2, 1)
    assert [bool(head.key_id) for head in Head.objects.order_by("number")] == [False, True]


def test_rotation_keeps_old_heads_checkable_and_drops_the_old_private_key(sealed, rotate, cast):
    old = signing.held()
    rotate()
    act(cast["member"])
    ledger.seal(NOON)

    new = signing.held()
    assert list(new.public) == [old.current.id, new.current.id]
    assert sealed.last().key_id == new.current.id
    assert old.current.signed(new.current.endorsement, new.current.statement())
    assert old.private.hex() not in str(new.private.hex())
    assert verify().faults == []


def test_key_that_follows_a_loss_has_nobody_who_vouches_for_it(key):
    old = signing.held()

    new = signing.generate(NOON, after=old.public)

    assert (new.current.endorsed_by, new.current.endorsement) == ("", b"")
    assert set(old.public) < set(new.public)


def test_without_its_key_a_signed_ledger_is_not_sealed(sealed, key, cast):
    key.unlink()
    act(cast["member"])

    with pytest.raises(signing.KeyMissing):
        ledger.seal(NOON)

    assert Entry.objects.filter(sealed=None).count() == 1
    assert {f.kind for f in verify().faults} == {"head-forged"}


def test_key_file_is_its_owners_alone_and_shows_nothing_in_print(key):
    assert key.stat().st_mode & 0o077 == 0
    assert "private" not in repr(signing.held())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace('"private": "', '"private": "AAAA'),
        lambda text: text.replace('"public": "', '"public": "00'),
    ],
)
def test_damaged_key_file_is_said_so(key, spoil: Callable[[str], str]):
    key.write_text(spoil(key.read_text()))

    with pytest.raises(signing.KeyUnreadable):
        signing.held()


def test_pair_that_is_none_is_refused(key):
    own, other = signing.held(), signing.generate(NOON)
    signing.write(signing.Keys(other.private, own.public), key)

    with pytest.raises(signing.KeyUnreadable, match="不是一对"):
        signing.held()


# --- attacks by somebody who owns the database and not the key


def _rewrite(head: Head, keys: signing.Keys | None, **changes) -> None:
    """The head written anew, consistent in itself, signed with ``keys``."""
    for name, value in changes.items():
        setattr(head, name, value)
    head.key_id = keys.current.id if keys else ""
    head.digest = head.computed_digest()
    head.signature = keys.sign(signing.HEAD + head.digest) if keys else b""
    head.save()


def _accused() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for fault in verify().faults:
        found.setdefault(fault.subject, set()).add(fault.kind)
    return found


def test_newest_head_forged_with_another_key_is_named(sealed, unguarded):
    head = sealed.last()
    _rewrite(head, signing.generate(NOON))

    assert _accused() == {f"ledger.head:{head.number}": {"head-forged"}}


def test_everything_written_anew_with_another_key_is_named(sealed, unguarded):
    """The whole ledger rebuilt consistently: each head is named."""
    forger, previous = signing.generate(NOON), b""
    for head in sealed:
        _rewrite(head, forger, previous=previous)
        previous = bytes(head.digest)

    assert _accused() == {f"ledger.head:{n}": {"head-forged"} for n in (1, 2, 3)}


def test_signature_from_another_head_is_named(sealed, unguarded):
    first, last = sealed.first(), sealed.last()
    Head.objects.filter(pk=last.pk).update(signature=bytes(first.signature))

    assert _accused() == {f"ledger.head:{last.number}": {"head-forged"}}


def test_signature_taken_off_is_named(sealed, unguarded):
    head = sealed.last()
    _rewrite(head, None)

    assert _accused() == {f"ledger.head:{head.number}": {"head-forged"}}


def test_key_that_was_replaced_signs_no_more(sealed, rotate, cast, unguarded):
    stolen = signing.held()
    rotate()
    act(cast["member"], 1)
    ledger.seal(NOON)
    act(cast["member"], 1)
    ledger.seal(NOON)
    last = sealed.last()

    _rewrite(last, stolen)

    assert _accused() == {f"ledger.head:{last.number}": {"head-forged"}}


def test_stored_nodes_are_held_against_the_leaves(cast, key, unguarded, monkeypatch):
    monkeypatch.setattr("zhibu.ledger.merkle.KEPT", 2)
    act(cast["member"], 9)
    ledger.seal(NOON)
    assert Node.objects.count() >= 3
    assert verify().faults == []
    node = Node.objects.order_by("pk")[1]

    Node.objects.filter(pk=node.pk).update(hash=bytes(32))
    assert _accused() == {f"ledger.node:{node}": {"node-altered"}}

    Node.objects.filter(pk=node.pk).delete()
    assert _accused() == {f"ledger.node:{node}": {"node-altered"}}
    assert Sealed.objects.count() > 4
