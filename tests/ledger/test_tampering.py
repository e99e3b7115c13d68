"""Whoever edits a vouched-for column by SQL, the guard taken off, is named by ``verify``.

Driven by the registry: a model is covered from the day it is protected.
"""

import random
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, models, transaction

from tests.conftest import NOON
from tests.ledger.rows import column_of, columns, make, others
from zhibu.ledger import actions as ledger
from zhibu.ledger import guard, kinds, protection
from zhibu.ledger.models import Digest, Entry, Head, Sealed
from zhibu.ledger.verify import verify

MADE = "tests:row:made"
EDITS = 60


@pytest.fixture
def unguarded(db):
    """No guard, no check constraints: as somebody with the database's password has it."""
    guard.remove(connection, guard.guarded())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("pragma ignore_check_constraints = on")
            yield
            cursor.execute("pragma ignore_check_constraints = off")
            return
        cursor.execute(
            "select conrelid::regclass, conname from pg_constraint"
            " where contype = 'c' and connamespace = 'public'::regnamespace"
        )
        constraints = cursor.fetchall()
        cursor.execute("set constraints all immediate")  # nothing may be pending
        for table, name in constraints:
            cursor.execute(f'alter table {table} drop constraint "{name}"')
        cursor.execute("set constraints all deferred")
    yield


@pytest.fixture
def made_kind(monkeypatch):
    monkeypatch.setattr(kinds, "_words", {**kinds._words, MADE: "做了一行"})


@transaction.atomic
def _recorded(row):
    ledger.record(MADE, row, organization=None, by=None, at=NOON)


def _marks(known):
    """What a row must say to count, where only marked rows do."""
    fields = known.model._meta.concrete_fields
    is_some = known.rows().query.where
    return {f.attname: True for f in fields if is_some and isinstance(f, models.BooleanField)}


@pytest.fixture
def everything(made_kind, system, unguarded):
    """Two records of every protected model, a row of every part, some sealed, some not."""
    for known in protection.protections():
        for number in range(2):
            record = make(known.model, **_marks(known))
            if number == 0:
                for part in known.parts:
                    make(part.model, **{part.owner: record.pk})
            _recorded(record)
    for known in protection.protections():
        for record in list(known.rows().order_by("pk"))[:-1]:
            _recorded(record)
    ledger.seal(NOON)
    for known in protection.protections():
        _recorded(known.rows().order_by("pk").last())
    assert verify().faults == []


def accused(edit) -> set[str] | None:
    """Subjects that ``verify`` names after ``edit``, which is undone; None where refused."""
    try:
        with transaction.atomic():
            edit()
            found = {fault.subject for fault in verify().faults}
            transaction.set_rollback(True)
    except DatabaseError:
        return None
    return found


def update(model, pk, field: models.Field, value):
    return model._base_manager.filter(pk=pk).update(**{field.attname: value})


def first_accepted(model, pk, field: models.Field) -> tuple[object, set[str] | None]:
    """The first other value the database takes, and whom ``verify`` then names."""
    old = model._base_manager.values_list(field.attname, flat=True).get(pk=pk)
    for value in (each for each in others(field, old) if each != old):
        found = accused(lambda value=value: update(model, pk, field, value))
        if found is not None:
            return value, found
    return None, None


def owned() -> Iterator[tuple[protection.Protection, protection.Protection | protection.Part]]:
    for known in protection.protections():
        yield known, known
        yield from ((known, part) for part in known.parts)


def rows_of(what: protection.Protection | protection.Part):
    """Its rows; of a part that may belong to one of two records, those of this one."""
    rows = what.model._base_manager.order_by("pk")
    if isinstance(what, protection.Part):
        return rows.filter(**{f"{what.owner}__isnull": False})
    return rows


@pytest.mark.alike
def test_every_column_of_every_record_is_vouched_for(everything):
    unnamed, refused = [], []
    for known, what in owned():
        row = rows_of(what).first()
        record = getattr(row, what.owner) if isinstance(what, protection.Part) else row.pk
        for field in columns(what):
            value, found = first_accepted(what.model, row.pk, field)
            place = f"{what.model._meta.label_lower}.{field.attname}"
            if found is None:
                refused.append(place)
            elif f"{known.name}:{record}" not in found:
                unnamed.append((place, value, found))

    assert unnamed == []
    assert refused == []


def test_removed_and_added_rows_are_named(everything):
    unnamed = []
    for known, what in owned():
        rows = rows_of(what)
        row = rows.first()
        is_part = isinstance(what, protection.Part)
        record = getattr(row, what.owner) if is_part else row.pk
        removed = accused(lambda rows=rows, row=row: rows.filter(pk=row.pk)._raw_delete("default"))
        if removed is not None and f"{known.name}:{record}" not in removed:
            unnamed.append(("removed", known.name, what.model))
        pk = rows.last().pk + 1000
        added = accused(
            lambda known=known, what=what, pk=pk, record=record, is_part=is_part: make(
                what.model, pk=pk, **({what.owner: record} if is_part else _marks(known))
            )
        )
        if added is not None and f"{known.name}:{record if is_part else pk}" not in added:
            unnamed.append(("added", known.name, what.model))

    assert unnamed == []


OWN = {Entry: "ledger.entry", Digest: "ledger.digest", Head: "ledger.head", Sealed: "ledger.sealed"}
# A row number of a digest is outside every hash and means nothing.
MEANINGLESS = {(Digest, "id")}


@pytest.mark.every
@pytest.mark.parametrize("model", OWN)
def test_every_column_of_the_ledger_itself_is_vouched_for(model, everything):
    unnamed = []
    rows = model.objects.order_by("pk")
    for row in (rows.first(), rows[rows.count() // 2]):
        for field in model._meta.concrete_fields:
            if (model, field.name) in MEANINGLESS:
                continue
            value, found = first_accepted(model, row.pk, field)
            if found is not None and f"{OWN[model]}:{row.pk}" not in found:
                unnamed.append((field.name, value, found))

    assert unnamed == []


@pytest.mark.every
@pytest.mark.parametrize("model", OWN)
def test_removed_row_of_the_ledger_is_noticed(model, everything):
    rows = model.objects.order_by("pk")
    middle = rows[rows.count() // 2]

    found = accused(lambda: rows.filter(pk=middle.pk)._raw_delete("default"))

    assert found


def test_two_records_with_their_values_swapped_are_both_named(everything, cast):
    from zhibu.people.models import Person

    one, other = Person.objects.order_by("-pk")[:2]

    def swap():
        for row, value in ((one, other.name), (other, one.name)):
            Person.all_rows.filter(pk=row.pk).update(name=value)

    assert accused(swap) >= {f"people.person:{one.pk}", f"people.person:{other.pk}"}


def test_record_put_back_to_an_earlier_state_is_named(everything):
    from zhibu.notices.models import Feedback

    row = Feedback.objects.order_by("pk").last()
    old = row.page
    row.page = "/new/"
    row.save(update_fields=["page"])
    _recorded(row)

    found = accused(lambda: Feedback.objects.filter(pk=row.pk).update(page=old))

    assert found == {f"notices.feedback:{row.pk}"}


def random_edits(dice: random.Random, number: int) -> list[tuple[str, object]]:
    """So many random edits, each undone; those that ``verify`` did not name."""
    unnamed, done = [], 0
    places = [(known, what, field) for known, what in owned() for field in columns(what)]
    while done < number:
        known, what, field = dice.choice(places)
        ids = list(what.model._base_manager.order_by("pk").values_list("pk", flat=True))
        if not ids:
            continue
        pk = dice.choice(ids)
        owner = what.owner if isinstance(what, protection.Part) else "pk"
        record = what.model._base_manager.values_list(owner, flat=True).get(pk=pk)
        value, found = first_accepted(what.model, pk, field)
        if found is None:
            continue
        done += 1
        if f"{known.name}:{record}" not in found:
            unnamed.append((f"{known.name}.{field.attname}", value))
    return unnamed


@pytest.mark.parametrize("is_sealed", [True, False])
@pytest.mark.parametrize(
    "number", [EDITS, pytest.param(1000, marks=pytest.mark.slow)], ids=["few", "thousand"]
)
def test_random_edits_are_all_named(number, is_sealed, cast, unguarded):
    if is_sealed:
        ledger.seal(NOON)
    assert verify().faults == []

    assert random_edits(random.Random(20261120), number) == []


def test_sealed_value_behind_a_property_is_the_column_that_is_edited():
    from zhibu.people.models import Person

    assert column_of(Person, "id_number").attname == "id_number_sealed"
