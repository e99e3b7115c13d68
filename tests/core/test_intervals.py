from datetime import date
from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from zhibu.core.intervals import NoOverlap, on_day, touching
from zhibu.organizations.models import Name, Placement, Term

DAYS = [date(2026, 1, day) for day in range(1, 5)]
SPANS = [
    (since, until)
    for since, until in product(DAYS, [*DAYS, None])
    if until is None or since < until
]


def lasts(span, day):
    since, until = span
    return since <= day and (until is None or day < until)


def overlap(one, other):
    return any(lasts(one, day) and lasts(other, day) for day in DAYS)


def kept_apart() -> list[NoOverlap]:
    loader = MigrationLoader(connection)
    operations = (op for m in loader.disk_migrations.values() for op in m.operations)
    return [operation for operation in operations if isinstance(operation, NoOverlap)]


def test_dated_tables_are_kept_apart_by_the_database(db):
    tables = {operation.table for operation in kept_apart()}
    assert {"organizations_placement", "organizations_name", "organizations_term"} <= tables

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("select conname from pg_constraint where contype = 'x'")
            found = {name.removesuffix("_overlap") for (name,) in cursor.fetchall()}
        else:
            cursor.execute("select name from sqlite_master where type = 'trigger'")
            names = {name for (name,) in cursor.fetchall()}
            found = {
                table for table in tables if {f"{table}_overlap_i", f"{table}_overlap_u"} <= names
            }

    assert found == tables


@pytest.fixture
def named(tree):
    """An organisation without any name in its history."""
    Name.objects.filter(organization=tree.village).delete()
    return tree.village


def _name(organization, span):
    since, until = span
    return Name(organization=organization, name="名", since=since, until=until)


@pytest.mark.parametrize("one", SPANS)
def test_overlapping_insert_is_refused_and_others_are_not(one, named):
    for other in SPANS:
        with transaction.atomic():
            _name(named, one).save()
            try:
                with transaction.atomic():
                    _name(named, other).save()
                refused = False
            except IntegrityError:
                refused = True
            transaction.set_rollback(True)
        assert refused is overlap(one, other), (one, other)


@pytest.mark.parametrize("one", [span for span in SPANS if span[1]])
def test_overlapping_update_is_refused_and_others_are_not(one, named):
    far = (date(2030, 1, 1), date(2030, 1, 2))
    for other in SPANS:
        with transaction.atomic():
            _name(named, one).save()
            moved = _name(named, far)
            moved.save()
            moved.since, moved.until = other
            try:
                with transaction.atomic():
                    moved.save(update_fields=["since", "until"])
                refused = False
            except IntegrityError:
                refused = True
            transaction.set_rollback(True)
        assert refused is overlap(one, other), (one, other)


def test_row_does_not_overlap_itself(named):
    row = _name(named, SPANS[0])
    row.save()
    row.until = date(2026, 1, 10)

    row.save(update_fields=["until"])

    assert Name.objects.get(pk=row.pk).until == date(2026, 1, 10)


def test_bulk_rows_are_held_apart_too(named):
    with pytest.raises(IntegrityError), transaction.atomic():
        Name.objects.bulk_create([_name(named, SPANS[0]), _name(named, SPANS[0])])


def test_other_organisations_may_share_the_time(tree):
    spans = Placement.objects.filter(organization__in=[tree.village.pk, tree.far.pk])

    assert spans.values("since").distinct().count() == 1


def test_placements_and_terms_are_held_apart(tree):
    row = Placement.objects.get(organization=tree.village)
    row.pk = None
    row.until = date(2100, 1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

    Term.objects.create(organization=tree.village, since=DAYS[0], has_committee=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.create(organization=tree.village, since=DAYS[1], has_committee=True)


def test_filters_agree_with_the_calendar(named):
    for span in SPANS:
        with transaction.atomic():
            _name(named, span).save()
            rows = Name.objects.filter(organization=named)
            for day in DAYS:
                assert rows.filter(on_day(day)).exists() is lasts(span, day)
            for other in SPANS:
                if other[1] is not None:
                    found = rows.filter(touching(*other)).exists()
                    assert found is overlap(span, other), (span, other)
            transaction.set_rollback(True)
