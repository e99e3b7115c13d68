"""Many rows at once are the rows that Django's own way would write, on both databases."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from zhibu.core import bulk
from zhibu.imports.models import Batch
from zhibu.ledger.models import Digest

BATCH = [field.attname for field in Batch._meta.concrete_fields]
DIGEST = ("entry_key", "number", "subject_type", "subject_id", "digest")

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
batches = st.builds(
    Batch,
    key=st.uuids(), file_name=texts, file_digest=texts, worker=texts,
    organization_id=st.none() | st.integers(0, 2**62), by_id=st.integers(0, 2**62),
    started_at=moments, settled_at=st.none() | moments, clean_only=st.booleans(),
    undo_key=st.none() | st.uuids(), counts=values.filter(bool), report=values.filter(bool),
)  # fmt: skip


@pytest.mark.django_db
class Written(TestCase):
    @given(rows=st.lists(batches, max_size=30, unique_by=lambda row: row.key))
    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    def test_what_is_written_is_read_back(self, rows):
        bulk.create(Batch, rows)

        kept = Batch.objects.order_by("pk").values_list(*BATCH)

        assert list(kept) == [tuple(getattr(row, name) for name in BATCH) for row in rows]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, bulk.COPIED_FROM - 1, bulk.COPIED_FROM, 200])
def test_bytes_arrive_as_they_are(count):
    key = uuid.uuid4()
    rows = [(key, n, "a.b", n, bytes([n % 256, 0, 92, 10, 9])) for n in range(count)]

    bulk.insert(Digest, DIGEST, rows)

    kept = Digest.objects.filter(entry_key=key).order_by("number").values_list(*DIGEST)
    assert [(*row[:4], bytes(row[4])) for row in kept] == rows


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, bulk.COPIED_FROM - 1, bulk.COPIED_FROM, 200])
def test_what_the_database_refuses_is_refused_whole(count):
    key = uuid.uuid4()
    rows = [(key, max(n, 1), "a.b", n, b"\1") for n in range(count)]

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Digest, DIGEST, rows)

    assert not Digest.objects.filter(entry_key=key).exists()
