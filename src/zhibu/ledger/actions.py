"""Recording and sealing. ``record`` is called by every action, in its transaction."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, models, transaction

from zhibu.core import bulk, pacing
from zhibu.ledger import kinds, merkle, protection, signing
from zhibu.ledger.models import FORMAT, Digest, Entry, Head, Node, Sealed

if TYPE_CHECKING:
    from zhibu.accounts.models import User

BATCH = 5000
FEW = 500  # records read at once
DIGEST_COLUMNS = ("entry_key", "number", "subject_type", "subject_id", "digest")
origin: ContextVar[str] = ContextVar("origin", default="")


class NotRecordable(Exception):
    """An entry was asked for outside a transaction, or with a kind nobody registered."""


def record(
    kind: str,
    subject: models.Model,
    *,
    organization: int | None,
    by: "User | None",
    at: datetime,
    occurred: date | None = None,
    basis: str = "",
    touched: Iterable[models.Model] = (),
    removed: Iterable[tuple[str, int]] = (),
) -> Entry:
    """Write one entry and the digests of what it changed, in the current transaction.

    ``subject`` and ``touched`` are locked and digested as the database has them now if
    their models are protected; ``removed`` names records (type, id) that are lawfully gone.
    ``occurred`` is the day the thing took place, where that is not the day it was entered.

    Raises:
        NotRecordable: no transaction, or an unregistered kind.
    """
    lines: list[tuple[str, int, bytes]] = []
    grouped: dict[type[models.Model], set[int]] = defaultdict(set)
    for row in [subject, *touched]:
        grouped[type(row)].add(row.pk)
    for model, ids in grouped.items():
        try:
            known = protection.of(model)
        except KeyError:
            continue
        rows = protection.current(known, ids)
        found = protection.digests(known, rows, settings.LEDGER_ALGORITHM)
        lines += [(known.name, pk, digest) for pk, digest in found.items()]
    lines += [(name, pk, b"") for name, pk in removed]
    key = uuid.uuid4()
    counter = Digests(key)
    counter.add(lines)
    return counter.conclude(
        kind, subject, organization=organization, by=by, at=at, occurred=occurred, basis=basis
    )


@dataclass(frozen=True, slots=True)
class Note:
    """What ``record`` is told of one thing done, without what else it touched."""

    kind: str
    subject: models.Model
    organization: int | None
    by: "User | None"
    at: datetime
    occurred: date | None = None
    basis: str = ""


def record_many(
    notes: Sequence[Note],
    known: Mapping[type[models.Model], Mapping[str, protection.Children]] | None = None,
) -> None:
    """``record`` for many things done, in their order, each an entry of its own.

    ``known`` gives, by model, the children of parts that were written a moment ago, as for
    ``protection.records``. A few queries for every ``FEW`` records, and two inserts.

    Raises:
        NotRecordable: no transaction, or an unregistered kind.
    """
    for kind in {note.kind for note in notes}:
        _require_recordable(kind)
    found = _digests_of([note.subject for note in notes], known or {})
    entries, lines = [], []
    for note in notes:
        key, counter = uuid.uuid4(), merkle.Tree(settings.LEDGER_ALGORITHM)
        digest = found.get((type(note.subject), note.subject.pk))
        if digest is not None:
            name = note.subject._meta.label_lower
            line = [name, note.subject.pk, digest]
            counter.append(merkle.leaf(line, settings.LEDGER_ALGORITHM))
            lines.append((key, 0, *line))
        entries.append(_entry(note, key=key, count=counter.size, tree=counter))
    bulk.insert(Digest, DIGEST_COLUMNS, lines)
    names = [str(field.attname) for field in _entry_fields()]
    bulk.insert(Entry, names, [[getattr(entry, name) for name in names] for entry in entries])


def _digests_of(
    subjects: Sequence[models.Model],
    known: Mapping[type[models.Model], Mapping[str, protection.Children]],
) -> dict[tuple[type[models.Model], int], bytes]:
    """Digests of protected records as the database has them now, by model and id."""
    grouped: dict[type[models.Model], list[int]] = defaultdict(list)
    for row in subjects:
        grouped[type(row)].append(row.pk)
    found = {}
    for model, ids in grouped.items():
        try:
            protected = protection.of(model)
        except KeyError:
            continue
        for start in range(0, len(ids), FEW):
            rows = protection.current(protected, ids[start : start + FEW])
            made = protection.digests(protected, rows, settings.LEDGER_ALGORITHM, known.get(model))
            found.update({(model, pk): digest for pk, digest in made.items()})
    return found


def _require_recordable(kind: str) -> None:
    if not transaction.get_connection().in_atomic_block:
        raise NotRecordable(f"{kind} 要在事务里记录")
    if kind not in kinds.known():
        raise NotRecordable(f"{kind} 没有登记")


def _entry(note: Note, *, key: uuid.UUID, count: int, tree: merkle.Tree) -> Entry:
    """``tree`` holds the entry's digests, in the algorithm they were begun with."""
    entry = Entry(
        key=key,
        kind=note.kind,
        subject_type=note.subject._meta.label_lower,
        subject_id=str(note.subject.pk),
        organization_id=note.organization,
        by_id=note.by.pk if note.by else None,
        origin=origin.get(),
        at=note.at,
        occurred=note.occurred,
        basis=note.basis[:200],
        digests_count=count,
        digests_root=tree.root,
        format=FORMAT,
        algorithm=tree.algorithm,
    )
    entry.leaf = entry.computed_leaf()
    return entry


class Digests:
    """The digests of one entry, written in as many chunks as it takes, concluded once."""

    def __init__(self, key: uuid.UUID, count: int = 0, tree: merkle.Tree | None = None) -> None:
        self.key = key
        self.count = count
        self.tree = tree or merkle.Tree(settings.LEDGER_ALGORITHM)
        self._times = 0

    def add(self, lines: Sequence[tuple[str, int, bytes]]) -> None:
        """Write digests ``(type, id, digest)`` in order."""
        self._times += bool(lines)
        rows = []
        for name, pk, digest in lines:
            self.tree.append(merkle.leaf([name, pk, digest], self.tree.algorithm))
            rows.append((self.key, self.count, name, pk, digest))
            self.count += 1
        bulk.insert(Digest, DIGEST_COLUMNS, rows)

    def conclude(
        self,
        kind: str,
        subject: models.Model,
        *,
        organization: int | None,
        by: "User | None",
        at: datetime,
        occurred: date | None = None,
        basis: str = "",
    ) -> Entry:
        """Write the entry that owns the digests.

        Raises:
            NotRecordable: no transaction, or an unregistered kind.
        """
        _require_recordable(kind)
        if self._times > 1:
            self.add(self._overtaken())
        entry = _entry(
            Note(kind, subject, organization, by, at, occurred, basis),
            key=self.key,
            count=self.count,
            tree=self.tree,
        )
        _insert(entry)
        return entry

    def _overtaken(self) -> list[tuple[str, int, bytes]]:
        """What others have recorded of our records since we did, to be said again.

        The digest in the later entry counts, and this entry comes after theirs. Two queries
        and one a type that others wrote of.
        """
        first = Digest.objects.filter(entry_key=self.key, number=0).values_list("pk", flat=True)
        others = Digest.objects.filter(pk__gt=first[0]).exclude(entry_key=self.key)
        newest: dict[tuple[str, int], tuple[int, bytes]] = {}
        columns = ("pk", "subject_type", "subject_id", "digest")
        for row, name, pk, digest in others.order_by("pk").values_list(*columns):
            newest[name, pk] = (row, bytes(digest))
        lines = []
        for name in sorted({name for name, _ in newest}):
            ids = [pk for known, pk in newest if known == name]
            ours = Digest.objects.filter(entry_key=self.key, subject_type=name, subject_id__in=ids)
            for pk, row in ours.order_by("pk").values_list("subject_id", "pk"):
                if newest[name, pk][0] > row:
                    lines.append((name, pk, newest[name, pk][1]))
        return list(dict.fromkeys(lines))


def _entry_fields() -> tuple[Any, ...]:
    return tuple(field for field in Entry._meta.concrete_fields if not field.primary_key)


@cache
def _entry_columns(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The statement that inserts an entry, and its fields; compiled once, as every query
    of ``record``."""
    fields = _entry_fields()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = quote(Entry._meta.db_table)
    return f"insert into {table} ({columns}) values ({places}) returning id", fields  # noqa: S608


def _insert(entry: Entry) -> None:
    sql, fields = _entry_columns(connection.vendor)
    database = transaction.get_connection()
    values = [field.get_db_prep_save(getattr(entry, field.attname), database) for field in fields]
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        (entry.pk,) = cursor.fetchone()


def seal(at: datetime) -> int:
    """Seal what is not sealed yet, in batches; how many entries. Safe to run twice at once.

    Raises:
        signing.KeyMissing: heads were signed before, and the key is not there now.
    """
    sealed = 0
    while True:
        with transaction.atomic():
            count = _seal_batch(at)
        sealed += count
        if count < BATCH:
            return sealed
        pacing.pause()


def _queue_up() -> None:
    """One sealer at a time: waiting for the last head's row, somebody would be left holding
    a head that is the last no more, and before the first there is no row to wait for."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("lock table ledger_head in share row exclusive mode")


def _keys_after(last: Head | None) -> signing.Keys | None:
    """The keys to sign with; None where this installation has never had any."""
    keys = signing.held()
    if keys is None and last is not None and last.key_id:
        raise signing.KeyMissing(f"封存头有签名，可是 {settings.LEDGER_KEY_PATH} 没有签名密钥")
    return keys


def _seal_batch(at: datetime) -> int:
    _queue_up()
    last: Any = Head.objects.order_by("-number").first()
    entries = list(
        Entry.objects.filter(sealed=None).order_by("pk").values_list("pk", "leaf")[:BATCH]
    )
    if not entries:
        return 0
    algorithm = settings.LEDGER_ALGORITHM
    keys = _keys_after(last)
    tree = merkle.Tree(algorithm, last.size, last.peak_list()) if last else merkle.Tree(algorithm)
    start = tree.size
    for _, leaf in entries:
        tree.append(bytes(leaf))
    head = Head(
        number=last.number + 1 if last else 1,
        size=tree.size,
        root=tree.root,
        peaks=b"".join(tree.peaks),
        previous=bytes(last.digest) if last else b"",
        at=at,
        format=FORMAT,
        algorithm=algorithm,
        key_id=keys.current.id if keys else "",
    )
    head.digest = head.computed_digest()
    head.signature = keys.sign(signing.HEAD + head.digest) if keys else b""
    head.save(force_insert=True)
    bulk.insert(Node, ("level", "place", "hash"), tree.closed)
    rows = []
    for position, (pk, leaf) in enumerate(entries, start):
        row = Sealed(position=position, entry_id=pk, head=head)
        row.mark = row.computed_mark(bytes(leaf), algorithm)
        rows.append(row)
    Sealed.objects.bulk_create(rows, batch_size=2000)
    return len(entries)
