"""Proofs that others can check without us: one record is in the ledger, one head grew into
another. ``tools/check_proof.py`` checks them and knows nothing of this program.

Ranges of leaves follow RFC 6962. A node over a full range was hashed with the algorithm in
force when its last leaf was sealed, any other node with that of the head; a proof names
the algorithm of each node on the way. Naming a wrong one to some purpose would need a
collision between two algorithms, so nothing need vouch for the names.
"""

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from zhibu.ledger import merkle, protection, signing
from zhibu.ledger.models import Digest, Entry, Head, Node, Publication, Sealed

FORMAT = 1
RECORD, GROWTH = "zhibu-record", "zhibu-growth"
Range = tuple[int, int]
Turns = list[tuple[int, str]]


class NoProof(Exception):
    """There is nothing to prove yet; the message says why."""


# --- which ranges of leaves a proof holds


def _split(width: int) -> int:
    """The largest power of two below ``width``."""
    return 1 << ((width - 1).bit_length() - 1)


@dataclass(frozen=True, slots=True)
class Step:
    """A range beside the way up, and the range of the node that it closes; None where the
    way begins with it."""

    beside: Range
    node: Range | None


def inclusion_steps(position: int, start: int, end: int) -> list[Step]:
    """What stands beside the way from a leaf up to the root, from below."""
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if position < middle:
        below = inclusion_steps(position, start, middle)
        return [*below, Step((middle, end), (start, end))]
    return [*inclusion_steps(position, middle, end), Step((start, middle), (start, end))]


def growth_steps(old: int, start: int, end: int, *, is_old: bool = True) -> list[Step]:
    """What shows that the first ``old`` leaves of ``[start, end)`` were a tree before.

    ``is_old``: the range is the old tree itself as far as that goes.
    """
    width = end - start
    if old == width:
        return [] if is_old else [Step((start, end), None)]
    split = _split(width)
    middle = start + split
    if old <= split:
        below = growth_steps(old, start, middle, is_old=is_old)
        return [*below, Step((middle, end), (start, end))]
    below = growth_steps(old - split, middle, end, is_old=False)
    return [*below, Step((start, middle), (start, end))]


# --- hashes of ranges


def turns(head: Head) -> Turns:
    """From which leaf on which algorithm closed nodes, up to ``head``. One query, a second
    where the algorithm changed."""
    heads = Head.objects.filter(number__lte=head.number)
    known = set(heads.order_by().values_list("algorithm", flat=True).distinct())
    if len(known) == 1:
        return [(0, head.algorithm)]
    found: Turns = []
    begun = 0
    for size, algorithm in heads.order_by("number").values_list("size", "algorithm").iterator():
        if not found or found[-1][1] != algorithm:
            found.append((begun, algorithm))
        begun = size
    return found


def _is_full(start: int, end: int) -> bool:
    width = end - start
    return width & (width - 1) == 0 and start % width == 0


def _full(start: int, end: int) -> Iterator[Range]:
    """The full ranges that a range is joined from."""
    if _is_full(start, end):
        yield start, end
        return
    middle = start + _split(end - start)
    yield from _full(start, middle)
    yield from _full(middle, end)


def _stored(ranges: Iterable[Range]) -> dict[Range, bytes]:
    """Hashes of the full ranges that are stored. One query."""
    places = {}
    for start, end in ranges:
        level = (end - start).bit_length() - 1
        if level >= merkle.KEPT:
            places[level, start >> level] = start, end
    if not places:
        return {}
    rows = Node.objects.filter(reduce(or_, (Q(level=at, place=n) for at, n in places)))
    found = rows.values_list("level", "place", "hash")
    return {places[level, place]: bytes(node) for level, place, node in found}


def _leaves(ranges: Collection[Range]) -> Iterator[tuple[int, bytes]]:
    """Positions and leaves within ranges, in their order. One query."""
    if not ranges:
        return
    within = reduce(or_, (Q(position__range=(start, end - 1)) for start, end in ranges))
    rows = Sealed.objects.filter(within).order_by("position")
    for position, leaf in rows.values_list("position", "entry__leaf").iterator(2000):
        yield position, bytes(leaf)


@dataclass(frozen=True)
class _Sealed:
    """The tree of sealed entries as ``head`` left it."""

    head: Head
    turns: Turns

    def path(self, steps: Sequence[Step]) -> dict[str, list[str]]:
        """Hashes beside the way, and the algorithm of each node on it, from below.

        Two queries, however long the way: a handful of stored nodes, a few hundred leaves.
        """
        closed = self._closed([full for step in steps for full in _full(*step.beside)])
        return {
            "hashes": [self._hash(closed, *step.beside).hex() for step in steps],
            "nodes": [self.algorithm(*step.node) for step in steps if step.node],
        }

    def algorithm(self, start: int, end: int) -> str:
        """With which algorithm the node over a range was hashed."""
        return self._algorithm(end - 1) if _is_full(start, end) else self.head.algorithm

    def _hash(self, closed: Mapping[Range, bytes], start: int, end: int) -> bytes:
        if _is_full(start, end):
            return closed[start, end]
        middle = start + _split(end - start)
        left, right = self._hash(closed, start, middle), self._hash(closed, middle, end)
        return merkle.ALGORITHMS[self.head.algorithm](merkle.NODE + left + right)

    def _closed(self, ranges: Collection[Range]) -> dict[Range, bytes]:
        """Hashes of full ranges, each as stored or else from its leaves."""
        stored = _stored(ranges)
        missing = sorted(set(ranges) - set(stored))
        trees = {one: merkle.Tree(self._algorithm(one[0])) for one in missing}
        for position, leaf in _leaves(missing):
            tree = trees[missing[bisect_right(missing, position, key=lambda one: one[0]) - 1]]
            tree.turn_to(self._algorithm(position))
            tree.append(leaf)
        if any(tree.size != end - start for (start, end), tree in trees.items()):
            raise NoProof("封存的行有缺失，先运行 zhibu verify 查清")
        return stored | {one: tree.root for one, tree in trees.items()}

    def _algorithm(self, position: int) -> str:
        return self.turns[bisect_right(self.turns, position, key=lambda turn: turn[0]) - 1][1]


def _key_dicts() -> list[dict[str, str]]:
    keys = signing.held()
    return [key.as_dict() for key in keys.public.values()] if keys else []


# --- one record


def latest(record_type: str, record_id: int) -> tuple[Entry, int]:
    """The entry whose digest of a record counts, and the digest's number in it. Two queries.

    Raises:
        NoProof: nothing was ever recorded of it.
    """
    rows = Digest.objects.filter(subject_type=record_type, subject_id=record_id)
    numbers = dict(rows.order_by("number").values_list("entry_key", "number"))  # the last counts
    entries = list(Entry.objects.filter(key__in=numbers).select_related("sealed"))
    if not entries:
        raise NoProof(f"{record_type}:{record_id} 没有存证")

    def place(entry: Entry) -> tuple[bool, int]:
        sealed = getattr(entry, "sealed", None)
        return (sealed is None, entry.pk if sealed is None else sealed.position)

    entry = max(entries, key=place)
    return entry, numbers[entry.key]


def covering(position: int) -> Head:
    """The first published head that covers a position, else the newest head. Two queries.

    Raises:
        NoProof: it is not sealed yet.
    """
    published = Publication.objects.exclude(done_at=None).values("head")
    heads = Head.objects.filter(size__gt=position).order_by("number")
    head = heads.filter(number__in=published).first() or heads.last()
    if head is None:
        raise NoProof("还没有封存，过一分钟再来")
    return head


def of_record(
    record_type: str,
    record_id: int,
    *,
    entry: Entry | None = None,
    head: Head | None = None,
    with_content: bool = False,
) -> dict[str, Any]:
    """The proof of a record's digest in an entry (the latest), in a sealed head.

    ``with_content`` adds salt and content of the record as it is now, for whoever may see it.

    Raises:
        NoProof: never recorded, not sealed yet, or the content has changed since.
    """
    if entry is None:
        found, number = latest(record_type, record_id)
    else:
        found, number = entry, _number_in(entry, record_type, record_id)
    sealed = Sealed.objects.filter(entry=found).first()
    if sealed is None:
        raise NoProof("还没有封存，过一分钟再来")
    head = head or covering(sealed.position)
    if head.size <= sealed.position:
        raise NoProof(f"第 {head.number} 个封存头还不包括这条记录")
    rows = list(
        Digest.objects.filter(entry_key=found.key)
        .order_by("number")
        .values_list("subject_type", "subject_id", "digest")
    )
    leaves = [merkle.leaf([t, pk, bytes(digest)], found.algorithm) for t, pk, digest in rows]
    inside = inclusion_steps(number, 0, len(leaves))
    tree = _Sealed(head, turns(head))
    record: dict[str, Any] = {
        "type": record_type,
        "id": record_id,
        "digest": bytes(rows[number][2]).hex(),
    }
    if with_content:
        record |= _content(record_type, record_id, bytes(rows[number][2]), found.algorithm)
    return {
        "format": FORMAT,
        "what": RECORD,
        "record": record,
        "digest_path": {
            "index": number,
            "size": len(leaves),
            "hashes": [
                merkle.root(leaves[slice(*step.beside)], found.algorithm).hex() for step in inside
            ],
        },
        "entry": json.loads(merkle.canonical(found.as_dict())),
        "entry_path": {
            "index": sealed.position,
            "size": head.size,
            **tree.path(inclusion_steps(sealed.position, 0, head.size)),
        },
        "head": head.as_dict(),
        "keys": _key_dicts(),
    }


def of_entry(entry: Entry) -> dict[str, Any]:
    """The proof of what an entry says of its own subject, or of the first record it touched.

    Raises:
        NoProof: it touched no protected record, or is not sealed yet.
    """
    rows = Digest.objects.filter(entry_key=entry.key).order_by("number")
    records = list(rows.values_list("subject_type", "subject_id"))
    own = (entry.subject_type, int(entry.subject_id) if entry.subject_id.isdecimal() else 0)
    if not records:
        raise NoProof("这一行存证里没有记录的摘要")
    return of_record(*(own if own in records else records[0]), entry=entry)


def _number_in(entry: Entry, record_type: str, record_id: int) -> int:
    rows = Digest.objects.filter(
        entry_key=entry.key, subject_type=record_type, subject_id=record_id
    )
    last = rows.order_by("number").last()
    if last is None:
        raise NoProof(f"这一行存证里没有 {record_type}:{record_id}")
    return last.number


def _content(record_type: str, record_id: int, digest: bytes, algorithm: str) -> dict[str, str]:
    known = protection.named(record_type)
    row = known.rows().filter(pk=record_id).first()
    if row is None:
        raise NoProof("这条记录已经不在了")
    canonical = protection.records(known, [row])[record_id]
    salt = bytes(row.salt)
    if merkle.ALGORITHMS[algorithm](salt + canonical) != digest:
        raise NoProof("这条记录和存证不符，先运行 zhibu verify 查清")
    return {"salt": salt.hex(), "content": canonical.decode()}


# --- one head grown into another


def growth(old: Head, new: Head) -> dict[str, Any]:
    """What shows that ``new`` holds everything that ``old`` sealed, in the same order."""
    tree = _Sealed(new, turns(new))
    return {
        "number": old.number,
        "size": old.size,
        "root": bytes(old.root).hex(),
        "algorithm": old.algorithm,
        **tree.path(growth_steps(old.size, 0, new.size)),
    }


def between(old: Head, new: Head) -> dict[str, Any]:
    """The proof that one head grew into another, as a file of its own."""
    return {
        "format": FORMAT,
        "what": GROWTH,
        "old": old.as_dict(),
        "head": new.as_dict(),
        "after": growth(old, new),
        "keys": _key_dicts(),
    }


def as_text(proof: dict[str, Any]) -> str:
    return json.dumps(proof, ensure_ascii=False, indent=1) + "\n"


# --- the address on a printed document


@dataclass(frozen=True, slots=True)
class Later:
    """What was recorded of the same record after the entry on the paper."""

    times: int
    last_at: datetime | None


def later(entry: Entry, record_type: str, record_id: int) -> Later:
    """One query."""
    keys = Digest.objects.filter(subject_type=record_type, subject_id=record_id)
    rows = Entry.objects.filter(key__in=keys.values("entry_key"), pk__gt=entry.pk)
    moments = sorted(rows.values_list("at", flat=True))
    return Later(len(moments), moments[-1] if moments else None)
