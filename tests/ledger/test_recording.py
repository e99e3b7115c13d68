from datetime import date
from hashlib import sha256

import pytest
from django.db import transaction

from tests import factories
from tests.conftest import NOON
from zhibu.ledger import actions as ledger
from zhibu.ledger import kinds, merkle, protection
from zhibu.ledger.actions import NotRecordable
from zhibu.ledger.models import Digest, Entry
from zhibu.notices import actions as notices
from zhibu.notices.models import Feedback

KIND = notices.Kind.GIVEN


def give(by, text="字太小"):
    return notices.give_feedback(page="/", text=text, by=by, at=NOON)


def test_entry_says_what_was_done_by_whom_and_when(cast, tree):
    feedback = give(cast["member"])

    entry = Entry.objects.latest("pk")

    assert (entry.kind, entry.subject_type, entry.subject_id) == (
        KIND,
        "notices.feedback",
        str(feedback.pk),
    )
    assert (entry.by_id, entry.at, entry.organization_id) == (cast["member"].pk, NOON, None)
    assert (entry.format, entry.algorithm, entry.digests_count) == (1, "sha256", 1)


def test_digest_is_of_salt_and_canonical_record(cast):
    feedback = give(cast["member"])
    record = merkle.canonical(
        ["notices.feedback", feedback.pk, [cast["member"].pk, "/", "字太小", NOON, "", None, None]]
    )

    digest = Digest.objects.latest("pk")

    assert bytes(digest.digest) == sha256(bytes(feedback.salt) + record).digest()
    assert bytes(Entry.objects.latest("pk").digests_root) == merkle.leaf(
        ["notices.feedback", feedback.pk, bytes(digest.digest)], "sha256"
    )


def test_equal_records_have_unequal_digests(cast):
    for _ in range(2):
        give(cast["member"])

    one, other = Digest.objects.filter(subject_type="notices.feedback")
    assert bytes(one.digest) != bytes(other.digest)


def test_ledger_holds_no_personal_text(cast):
    give(cast["member"], text="王芳的电话 13800000001")

    for model in (Entry, Digest):
        for row in model.objects.values():
            assert "王芳" not in str(row)


def test_touched_and_removed_records_are_digested_once(cast, tree):
    first, second = give(cast["member"]), give(cast["member"])

    with transaction.atomic():
        entry = ledger.record(
            KIND,
            first,
            organization=tree.village.pk,
            by=None,
            at=NOON,
            occurred=date(2026, 11, 1),
            basis="支部工作条例 第十一条",
            touched=[first, second],
            removed=[("notices.feedback", 99)],
        )

    rows = Digest.objects.filter(entry_key=entry.key).order_by("number")
    assert [(row.subject_id, bool(row.digest)) for row in rows] == [
        (first.pk, True),
        (second.pk, True),
        (99, False),
    ]
    assert (entry.by_id, entry.occurred) == (None, date(2026, 11, 1))


def test_children_belong_to_the_record(tree):
    known = protection.named("people.person")
    person = factories.member(tree.village, by=tree.system)
    before = protection.digests(known, [person], "sha256")

    person.states.update(basis="另一个依据")

    assert protection.digests(known, [person], "sha256") != before


def test_records_of_many_rows_take_a_query_a_part(tree, django_assert_num_queries):
    known = protection.named("people.person")
    people = [factories.member(tree.village, by=tree.system) for _ in range(3)]

    with django_assert_num_queries(len(known.parts)):
        protection.records(known, people)


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused():
    from zhibu.accounts.models import User

    user = User.objects.create(username="a", display_name="甲")
    feedback = Feedback.objects.create(page="/", text="x", by=user, at=NOON)

    with pytest.raises((NotRecordable, transaction.TransactionManagementError)):
        ledger.record(KIND, feedback, organization=None, by=user, at=NOON)

    assert not Entry.objects.exists()


def test_unknown_kind_is_refused(cast):
    feedback = give(cast["member"])

    with pytest.raises(NotRecordable, match="没有登记"), transaction.atomic():
        ledger.record("a:b:c", feedback, organization=None, by=None, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_rolled_back_action_leaves_no_entry():
    from zhibu.accounts.models import User

    user = User.objects.create(username="a", display_name="甲")
    with transaction.atomic():
        give(user)
        transaction.set_rollback(True)

    assert (Entry.objects.count(), Digest.objects.count()) == (0, 0)


def test_origin_is_noted_within_its_block_only(cast):
    token = ledger.origin.set("command:import@wang")
    give(cast["member"])
    ledger.origin.reset(token)
    give(cast["member"])

    entries = Entry.objects.filter(kind=KIND).order_by("pk")
    assert [entry.origin for entry in entries] == ["command:import@wang", ""]


@pytest.mark.parametrize("kind", ["notices", "a:b", "a:b:c:d"])
def test_kind_has_three_parts(kind):
    with pytest.raises(ValueError, match="领域:对象:动作"):
        kinds.words({kind: "x"})


def test_kind_and_protection_are_registered_once():
    with pytest.raises(ValueError, match="登记了两次"):
        kinds.words({KIND: "x"})
    with pytest.raises(ValueError, match="登记了两次"):
        protection.protect(Feedback, fields=("text",))


def test_every_kind_reads_as_words():
    assert [kind for kind, words in kinds.known().items() if not words or ":" in words] == []
    assert kinds.describe("a:b:c") == "a:b:c"
