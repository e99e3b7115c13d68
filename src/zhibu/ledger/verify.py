"""Proving that nothing was altered: entries, order, heads, digests, records.

Reads everything once in chunks; memory does not grow with the ledger, but for the latest
digests of one protected model at a time.

What the database alone cannot show: the newest heads cut off together with what they
sealed (``ledger.outside`` holds it against the heads that were sent out), and an unsealed
entry (at most a minute old) that is replaced or removed along with its digests while the
record is put back to what an earlier entry says.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from zhibu.core.encryption import Unreadable
from zhibu.ledger import merkle, protection, scan, signing
from zhibu.ledger.models import Digest, Entry, Head, Node, Sealed
from zhibu.ledger.signing import PublicKey

CHUNK = 1000
# What reading or hashing a row may raise after somebody wrote nonsense into its columns.
NONSENSE = (Unreadable, ValueError, TypeError, KeyError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was recorded. ``subject`` names it: type:id."""

    kind: str
    subject: str
    detail: str


@dataclass
class Report:
    """What a check found. ``unsealed`` entries are checked against their own leaf;
    ``unsigned`` heads were sealed before there was a key."""

    sealed: int = 0
    unsealed: int = 0
    oldest_unsealed_at: datetime | None = None
    erased: int = 0
    records: int = 0
    heads: int = 0
    unsigned: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults

    def add(self, kind: str, subject: str, detail: str) -> None:
        self.faults.append(Fault(kind, subject, detail))


def verify() -> Report:
    """Check the whole ledger against itself and every protected record against it."""
    report = Report()
    has_loose = _check_entries(report)
    _check_sealed(report)
    unfinished = protection.unfinished_keys()
    if has_loose:
        _check_loose(report, unfinished)
    for known in protection.protections():
        _check_records(known, report, unfinished)
    return report


# --- reading


def _chunks(rows: QuerySet[Any], kind: str, name: str, report: Report) -> Iterator[list[Any]]:
    """``rows`` by primary key; one that cannot even be read is reported and left out."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    while ids:
        yield _read(rows, ids, kind, name, report)
        ids = list(rows.order_by("pk").filter(pk__gt=ids[-1]).values_list("pk", flat=True)[:CHUNK])


def _read(
    rows: QuerySet[Any], ids: Sequence[int], kind: str, name: str, report: Report
) -> list[Any]:
    try:
        return list(rows.filter(pk__in=ids).order_by("pk"))
    except NONSENSE:
        pass
    found: list[Any] = []
    for pk in ids:
        try:
            found += rows.filter(pk=pk)
        except NONSENSE as error:
            report.add(kind, f"{name}:{pk}", f"这一行读不出来：{error}")
    return found


# --- entries and their digests


def _check_entries(report: Report) -> bool:
    """Hold each entry against its own leaf, and its digests against the root in it; whether
    there are digests without an entry."""
    matching = scan.Matching()
    for rows, pairs in matching:
        if wrong := scan.unfit(pairs):
            _look_again(wrong, report)
        for row in rows:
            if row[-1] is None:
                _count_unsealed(row[10], report)
    for start in range(0, len(matching.left_over), CHUNK):
        _look_again(matching.left_over[start : start + CHUNK], report)
    return bool(matching.digests)


def _count_unsealed(at: Any, report: Report) -> None:
    report.unsealed += 1
    with suppress(*NONSENSE):
        at = scan.moment(at)
        if report.oldest_unsealed_at is None or at < report.oldest_unsealed_at:
            report.oldest_unsealed_at = at


def _look_again(ids: Sequence[int], report: Report) -> None:
    """Say of entries that do not fit what is wrong with them."""
    entries = _read(Entry.objects.all(), ids, "entry-altered", "ledger.entry", report)
    digests = _digests_of([entry.key for entry in entries])
    for entry in entries:
        _check_entry(entry, report)
        _check_digests(entry, digests.get(entry.key, []), report)


def _check_entry(entry: Entry, report: Report) -> None:
    try:
        is_whole = entry.computed_leaf() == bytes(entry.leaf)
    except NONSENSE:
        is_whole = False
    if not is_whole:
        report.add("entry-altered", f"ledger.entry:{entry.pk}", "存证行与它自己的摘要不符")


def _digests_of(keys: Collection[UUID]) -> dict[UUID, list[tuple[Any, ...]]]:
    """Id, number, type, id and digest of the digests of each entry, in order."""
    found: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    rows = Digest.objects.filter(entry_key__in=keys).order_by("entry_key", "number")
    columns = ("entry_key", "pk", "number", "subject_type", "subject_id", "digest")
    for key, *row in rows.values_list(*columns).iterator(CHUNK):
        found[key].append(tuple(row))
    return found


def _check_digests(entry: Entry, rows: list[tuple[Any, ...]], report: Report) -> None:
    if entry.algorithm not in merkle.ALGORITHMS:
        return
    numbers = [number for _, number, _, _, _ in rows]
    is_whole = len(rows) == entry.digests_count and numbers == list(range(len(rows)))
    if is_whole:
        tree = merkle.Tree(entry.algorithm)
        for _, _, name, pk, digest in rows:
            tree.append(merkle.leaf([name, pk, bytes(digest)], entry.algorithm))
        is_whole = tree.root == bytes(entry.digests_root)
    if not is_whole:
        report.add("digest-altered", f"ledger.entry:{entry.pk}", "这一行的记录摘要有缺失或改动")
        for pk, *_ in rows:
            report.add("digest-altered", f"ledger.digest:{pk}", "属于被改动的存证行")


def _check_loose(report: Report, unfinished: Collection[UUID]) -> None:
    """Digests without an entry, but for those of imports that are still being written."""
    entry = Entry.objects.filter(key=OuterRef("entry_key"))
    loose = Digest.objects.filter(~Exists(entry)).exclude(entry_key__in=unfinished)
    for pk, name, subject in loose.order_by("pk").values_list("pk", "subject_type", "subject_id"):
        report.add("digest-loose", f"ledger.digest:{pk}", f"{name}:{subject} 的摘要没有存证行")


# --- order and heads


def _check_sealed(report: Report) -> None:
    """Replay the tree over sealed leaves in order and hold every head against it."""
    heads = (
        head
        for chunk in _chunks(Head.objects.all(), "head-altered", "ledger.head", report)
        for head in chunk
    )
    replay = _Replay(report, heads)
    for rows in scan.sealed():
        replay.take_all(rows)
    replay.end()


class _Replay:
    """Walks along positions and heads together."""

    def __init__(self, report: Report, heads: Iterator[Head]) -> None:
        self.report = report
        self._heads = heads
        self._before: Head | None = None
        self._head = next(heads, None)
        self._tree: merkle.Tree | None = None
        self._expected = 0
        self._is_broken = False
        self._signatures = _Signatures(report)

    def take_all(self, rows: Sequence[scan.Row]) -> None:
        """The next sealed rows (position, entry, head, mark, leaf); in one go as far as each
        is the next of the head it names and has the mark it should."""
        for position, entry, head, mark, leaf in rows:
            now, tree = self._head, self._tree
            if (
                now is not None
                and tree is not None
                and leaf is not None
                and tree.algorithm == now.algorithm
                and position == self._expected < now.size
                and head == now.number
                and type(leaf) is bytes is type(mark)
                and scan.mark(position, head, leaf, tree.algorithm) == mark
            ):
                tree.append(leaf)
                self.report.sealed += 1
                self._expected += 1
                continue
            row = Sealed(position=position, entry_id=entry, head_id=head, mark=mark)
            try:
                self.take(row, leaf)
            except NONSENSE:
                self._is_broken = True
                detail = "这一行读不出来"
                self.report.add("sealed-altered", f"ledger.sealed:{position}", detail)

    def take(self, row: Sealed, leaf: Any) -> None:
        """The next sealed row, with the leaf of its entry, None where that is gone."""
        self._miss_up_to(row.position)
        while self._head is not None and self._head.size <= row.position:
            self._next_head()
        self._check_row(row, leaf)
        if leaf is not None and self._head is not None:
            algorithm = self._head.algorithm
            if self._tree is None and algorithm in merkle.ALGORITHMS:
                self._tree = merkle.Tree(algorithm)
            if self._tree is not None:
                if algorithm in merkle.ALGORITHMS and algorithm != self._tree.algorithm:
                    self._tree.turn_to(algorithm)
                self._tree.append(bytes(leaf))
        self.report.sealed += 1
        self._expected += 1

    def end(self) -> None:
        """No more rows: whatever heads remain sealed nothing that is here."""
        while self._head is not None:
            self._miss_up_to(self._head.size)
            self._next_head()
        if not self._is_broken:
            _check_nodes(self._tree.closed if self._tree else [], self.report)

    def _miss_up_to(self, position: int) -> None:
        if position > self._expected:
            detail = f"第 {self._expected} 到 {position - 1} 位不见了"
            self.report.add("order", f"ledger.sealed:{self._expected}", detail)
            self._expected, self._is_broken = position, True

    def _check_row(self, row: Sealed, leaf: Any) -> None:
        subject = f"ledger.sealed:{row.position}"
        if leaf is None:
            self._is_broken = True
            self.report.add("entry-missing", f"ledger.entry:{row.entry_id}", "封存过的行不见了")
        if self._head is None:
            self._is_broken = True
            self.report.add("order", subject, "这一位没有封存头")
            return
        if row.head_id != self._head.number:
            self.report.add("order", subject, "这一位指向别的封存头")
        algorithm = self._head.algorithm
        if leaf is None or algorithm not in merkle.ALGORITHMS:
            return
        if row.computed_mark(bytes(leaf), algorithm) != bytes(row.mark):
            self._is_broken = True
            self.report.add("sealed-altered", subject, "这一位封存的不是现在这一行")
            self.report.add("sealed-altered", f"ledger.entry:{row.entry_id}", "和封存时不一样")

    def _next_head(self) -> None:
        head, before, tree = self._head, self._before, self._tree
        assert head is not None
        self._before, self._head = head, next(self._heads, None)
        subject = f"ledger.head:{head.number}"
        if head.algorithm not in merkle.ALGORITHMS or head.computed_digest() != bytes(head.digest):
            self.report.add("head-altered", subject, "封存头与它自己的摘要不符")
        expected = before.number + 1 if before else 1
        if head.number != expected:
            detail = f"第 {expected} 到 {head.number - 1} 个封存头不见了"
            self.report.add("head-missing", f"ledger.head:{expected}", detail)
            self.report.add("head-missing", subject, "前一个封存头不见了")
        if bytes(head.previous) != (bytes(before.digest) if before else b""):
            self.report.add("head-altered", subject, "封存头没有接在前一个后面")
        if tree is None or tree.size != head.size or tree.root != bytes(head.root):
            broken = "封存的行有缺失、增加或改动"
            detail = broken if self._is_broken else "封存的行与封存头不符"
            self.report.add("sealed-altered", subject, detail)
        elif b"".join(tree.peaks) != bytes(head.peaks):
            self.report.add("head-altered", subject, "封存头的附带值被改动")
        self.report.heads += 1
        self._signatures.check(head)


class _Signatures:
    """Heads are signed from the first key on, each key after the one before."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._keys: dict[str, PublicKey] = {}
        try:
            keys = signing.held()
        except signing.KeyUnreadable as error:
            report.add("key-missing", "ledger.key", str(error))
        else:
            self._keys = keys.public if keys else {}
        self._order = {key: number for number, key in enumerate(self._keys)}
        self._last = -1

    def check(self, head: Head) -> None:
        subject, signature = f"ledger.head:{head.number}", bytes(head.signature)
        if not head.key_id:
            self._check_unsigned(head, subject, signature)
            return
        key = self._keys.get(head.key_id)
        if key is None:
            detail = f"签名用的密钥 {head.key_id} 不在签名密钥文件里"
            self._report.add("head-forged", subject, detail)
        elif not key.signed(signature, signing.HEAD + bytes(head.digest)):
            self._report.add("head-forged", subject, "签名不是这把密钥签的，或者被换过")
        elif self._order[key.id] < self._last:
            self._report.add("head-forged", subject, "换下来的密钥又签了名")
        else:
            self._last = self._order[key.id]

    def _check_unsigned(self, head: Head, subject: str, signature: bytes) -> None:
        if signature:
            self._report.add("head-forged", subject, "有签名，没有写是哪把密钥")
        elif self._last >= 0:
            self._report.add("head-forged", subject, "前面的封存头有签名，这个没有")
        else:
            self._report.unsigned += 1


def _check_nodes(closed: list[tuple[int, int, bytes]], report: Report) -> None:
    """Stored nodes are those the leaves give, no more and no less."""
    expected = {(level, place): node for level, place, node in closed}
    for level, place, node in Node.objects.values_list("level", "place", "hash").iterator(CHUNK):
        if expected.pop((level, place), b"") != bytes(node):
            report.add("node-altered", f"ledger.node:{level}/{place}", "证明用的中间值被改动")
    for level, place in expected:
        report.add("node-altered", f"ledger.node:{level}/{place}", "证明用的中间值不见了")


# --- records

# The last digest of a record is the one in the entry sealed last: row numbers of digests
# are outside every hash and prove no order.
_DIGESTS = """
select d.subject_id, d.digest, e.algorithm, s.position, e.id, d.number
from ledger_digest d
join ledger_entry e on e.key = d.entry_key
left join ledger_sealed s on s.entry_id = e.id
where d.subject_type = %s
"""

Latest = tuple[bytes, str]


def _latest(name: str) -> dict[int, Latest]:
    """Latest digest of each record of a type and its algorithm, by id."""
    order: dict[int, tuple[bool, int, int]] = {}
    found: dict[int, Latest] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS, [name])
        while rows := cursor.fetchmany(CHUNK):
            for pk, digest, algorithm, position, entry, number in rows:
                place = (position is None, entry if position is None else position, number)
                if pk not in order or order[pk] < place:
                    order[pk], found[pk] = place, (bytes(digest), algorithm)
    return found


def _check_records(
    known: protection.Protection, report: Report, unfinished: Collection[UUID]
) -> None:
    latest = _latest(known.name)
    for rows in _chunks(known.rows(), "record-altered", known.name, report):
        found = _canonical(known, rows)
        for row in rows:
            recorded, algorithm = latest.pop(row.pk, (None, ""))
            report.records += 1
            subject = f"{known.name}:{row.pk}"
            if recorded is None:
                report.add("record-unrecorded", subject, "这条记录没有存证，可能是直接写进库的")
            elif row.pk not in found:
                report.add("record-altered", subject, "这条记录里有读不出来的值")
            elif _digest(row, found[row.pk], algorithm) != recorded:
                report.add("record-altered", subject, "这条记录与最后一次存证不符")
    hidden = _hidden(known.name, unfinished) if latest else set()
    for pk, (recorded, _) in latest.items():
        if not recorded:
            report.erased += 1
        elif pk not in hidden:
            report.add("record-missing", f"{known.name}:{pk}", "存证过的记录不见了")


def _hidden(name: str, unfinished: Collection[UUID]) -> set[int]:
    """Records that nobody sees yet: a move above them may have been recorded all the same."""
    rows = Digest.objects.filter(subject_type=name, entry_key__in=unfinished)
    return set(rows.values_list("subject_id", flat=True))


def _digest(row: Any, record: bytes, algorithm: str) -> bytes:
    try:
        return merkle.ALGORITHMS[algorithm](bytes(row.salt) + record)
    except NONSENSE:
        return b""


def _canonical(known: protection.Protection, rows: list[Any]) -> dict[int, bytes]:
    """Canonical records by id; one whose values cannot be read is left out."""
    try:
        return protection.records(known, rows)
    except NONSENSE:
        pass
    found: dict[int, bytes] = {}
    for row in rows:
        try:
            found |= protection.records(known, [row])
        except NONSENSE:
            continue
    return found
