"""A county's ledger attacked at random: columns, swaps, removed, forged and reordered rows.

``tests/ledger/test_tampering.py`` takes every column in turn; this takes a lived-in
database and a seeded plan, and says plainly what the database alone cannot show.
"""

import pytest
from django.db import connection, transaction

from tests import factories
from tests.conftest import NOON
from tests.reliability import tampering
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard, outside, protection
from zhibu.ledger.models import Digest, Entry, Head, Sealed
from zhibu.ledger.verify import verify
from zhibu.people import actions as people
from zhibu.people.models import Person

FEW, MANY = 30, 100


@pytest.fixture
def sealed(life, monkeypatch):
    """Several heads, and some entries that are not sealed yet."""
    monkeypatch.setattr(ledger, "BATCH", 17)
    ledger.seal(NOON)
    factories.member(life.tree.village, by=life.tree.system)
    return life


@pytest.fixture
def unguarded(db):
    guard.remove(connection, guard.guarded())


def assert_named(edit, report):
    found = {fault.subject for fault in report.faults}
    for one_of in edit.named:
        assert found & one_of, f"{edit.what}: {sorted(one_of)} not in {sorted(found)}"
    if edit.exactly:
        assert found == set().union(*edit.named), edit.what


def try_out(seed, count):
    """Make edits one by one, each undone after the check."""
    made = tampering.edits(seed)
    for _ in range(count):
        with transaction.atomic():
            assert_named(next(made), verify())
            transaction.set_rollback(True)
    assert verify().faults == []


def test_scene_has_rows_in_every_protected_table(sealed):
    assert {t.model._meta.db_table for t in tampering.tables()} == set(protection.tables())
    assert [t.model for t in tampering.tables() if not t.rows().exists()] == []
    assert Head.objects.count() > 3


def test_random_edits_before_sealing_are_named(life, unguarded):
    try_out(1, FEW)


def test_random_edits_after_sealing_are_named(sealed, unguarded):
    try_out(2, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 15))
def test_five_hundred_edits_before_sealing_are_named(life, unguarded, seed):
    try_out(seed, MANY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 25))
def test_five_hundred_edits_after_sealing_are_named(sealed, unguarded, seed):
    try_out(seed, MANY)


def rename(person, name, by):
    return people.change(
        person, name=name, sex=person.sex, born_on=person.born_on, ethnicity=person.ethnicity,
        education=person.education, occupation=person.occupation, by=by, at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize("is_sealed", [True, False])
def test_older_digest_moved_up_does_not_put_a_record_back(life, unguarded, is_sealed):
    person = life.person
    rename(person, "单文琇", life.tree.system)
    if is_sealed:
        ledger.seal(NOON)
    digests = Digest.objects.filter(subject_type="people.person", subject_id=person.pk)
    older = digests.order_by("pk").values_list("pk", flat=True)[digests.count() - 2]

    digests.filter(pk=older).update(id=Digest.objects.order_by("pk").last().pk + 1)
    Person.all_rows.filter(pk=person.pk).update(name="单文秀")

    assert f"people.person:{person.pk}" in {fault.subject for fault in verify().faults}


def test_entry_rewritten_with_a_leaf_that_fits_is_named(sealed, unguarded):
    entry = Sealed.objects.order_by("position")[5].entry
    entry.basis = "改过的依据"
    Entry.objects.filter(pk=entry.pk).update(basis=entry.basis, leaf=entry.computed_leaf())

    found = {fault.subject for fault in verify().faults}

    assert f"ledger.entry:{entry.pk}" in found
    assert "ledger.head:1" in found


def test_everything_about_one_entry_rewritten_still_breaks_its_head(sealed, unguarded):
    row = Sealed.objects.select_related("entry", "head").order_by("position")[5]
    row.entry.basis = "改过的依据"
    leaf = row.entry.computed_leaf()
    Entry.objects.filter(pk=row.entry_id).update(basis=row.entry.basis, leaf=leaf)
    mark = row.computed_mark(leaf, row.head.algorithm)
    Sealed.objects.filter(pk=row.pk).update(mark=mark)

    found = {fault.subject for fault in verify().faults}

    assert {"ledger.head:1", "ledger.head:2"} <= found


def test_entry_gone_from_below_its_place_is_named(sealed, unguarded):
    if connection.vendor == "postgresql":
        pytest.skip("the foreign key forbids it")
    row = Sealed.objects.order_by("position")[5]
    with transaction.atomic():
        rows = Entry.objects.filter(pk=row.entry_id)
        rows._raw_delete(rows.db)
        found = {fault.subject for fault in verify().faults}
        transaction.set_rollback(True)

    assert f"ledger.entry:{row.entry_id}" in found


def test_nonsense_in_a_column_is_named_and_not_a_crash(sealed, unguarded):
    if connection.vendor == "postgresql":
        pytest.skip("the database refuses values of another type")
    table = {"people_person": "born_on", "ledger_entry": "at", "ledger_head": "at"}
    with connection.cursor() as cursor:
        for name, column in table.items():
            key = "number" if name == "ledger_head" else "id"
            cursor.execute(
                f"update {name} set {column} = '2026-13-45'"
                f" where {key} = (select min({key}) from {name})"
            )

    found = {fault.subject.rpartition(":")[0] for fault in verify().faults}

    assert {"people.person", "ledger.entry", "ledger.head"} <= found


# --- what the database alone cannot show; said in ledger/verify.py


def test_newest_heads_cut_off_whole_are_noticed_by_what_was_sent_out(
    sealed, unguarded, settings, tmp_path
):
    settings.PUBLISHED_PATH = tmp_path
    outside.witness()
    last = Head.objects.order_by("-number").first()
    before = verify()
    for rows in (Sealed.objects.filter(head=last), Head.objects.filter(pk=last.pk)):
        rows._raw_delete(rows.db)

    after = verify()

    assert after.faults == []
    assert after.unsealed == before.unsealed + (before.sealed - after.sealed)
    outside.compare(after)
    assert [(f.kind, f.subject) for f in after.faults] == [
        ("database-older", f"ledger.head:{last.number}")
    ]


def test_unsealed_entry_replaced_with_its_digests_is_not_noticed(sealed, unguarded):
    """As if the action had never been: at most a minute's worth."""
    was = verify()
    person = sealed.person
    rename(person, "单文琇", sealed.tree.system)
    entry = Entry.objects.order_by("pk").last()
    for rows in (Digest.objects.filter(entry_key=entry.key), Entry.objects.filter(pk=entry.pk)):
        rows._raw_delete(rows.db)
    Person.all_rows.filter(pk=person.pk).update(name="单文秀")

    assert verify().faults == was.faults
