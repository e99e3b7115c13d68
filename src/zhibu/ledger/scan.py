"""The ledger as the database gives it, held against its hashes without building objects.

Says only what fits and what does not; ``verify`` looks again, slowly and in words, at what
does not. Canonical bytes are written out here for the few shapes of ledger rows: four times
as fast as the general way (``benchmarks/verify.py``). A value of another type than its
column's never fits.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring as _text
from operator import itemgetter
from typing import Any

import psycopg
from django.db import connection

from zhibu.ledger import merkle

CHUNK = 2000
_NUMBER = itemgetter(2)  # of a digest in its entry
Row = tuple[Any, ...]

_ENTRIES = """
select e.id, e.format, e.algorithm, {key}, e.kind, e.subject_type, e.subject_id,
       e.organization_id, e.by_id, e.origin, {at}, {occurred}, e.basis,
       e.digests_count, e.digests_root, e.leaf, s.position
from ledger_entry e left join ledger_sealed s on s.entry_id = e.id
where e.id > %s order by e.id limit %s
"""
_DIGESTS = """
select e.id, {key}, e.number, e.subject_type, e.subject_id, e.digest from ledger_digest e
where e.id > %s order by e.id limit %s
"""
_SEALED = """
select s.position, s.entry_id, s.head_id, s.mark, e.leaf
from ledger_sealed s left join ledger_entry e on e.id = s.entry_id
where s.position > %s order by s.position limit %s
"""


def _chunks(sql: str) -> Iterator[list[Row]]:
    """Rows in the order of their first column, which is a key that begins at 0 or 1."""
    last = -1
    while True:
        rows = _read(sql, last)
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _read(sql: str, last: int) -> list[Row]:
    """PostgreSQL sends values as they are kept: reading them as text took as long again as
    the hashing."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(sql, [last, CHUNK])
            return list(cursor.fetchall())
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as raw:
        raw.execute(sql, [last, CHUNK], binary=True)
        return raw.fetchall()


def _columns(**names: str) -> dict[str, str]:
    """SQL that gives keys, moments and days as they are hashed, or nearly so, and as nothing
    that Python has to build an object for.

    SQLite keeps moments as text, and joined to "" they are not parsed: they may be nonsense.
    """
    if connection.vendor == "sqlite":
        forms = {"key": "e.{}", "at": "e.{} || ''", "occurred": "e.{} || ''"}
    else:
        forms = {
            "key": "uuid_send(e.{})",
            "at": """to_char(e.{} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
            "occurred": "to_char(e.{}, 'YYYY-MM-DD')",
        }
    return {name: forms[name].format(column) for name, column in names.items()}


def entries() -> Iterator[list[Row]]:
    """Entries by id, with the position of the sealed ones at the end of the row."""
    return _chunks(_ENTRIES.format(**_columns(key="key", at="at", occurred="occurred")))


def digests() -> Iterator[list[Row]]:
    return _chunks(_DIGESTS.format(**_columns(key="entry_key")))


def sealed() -> Iterator[list[Row]]:
    """Sealed rows by position, each with the leaf of its entry, None where that is gone."""
    return _chunks(_SEALED)


class Matching:
    """Entries with their digests, both tables read once from front to back.

    Digests are written before their entry, so few wait at a time: those of an import whose
    entry comes at its end. What finds no partner is left over when all is read.
    """

    AHEAD = 4  # chunks of digests read for entries that still miss some

    def __init__(self) -> None:
        self.digests: dict[Any, list[Row]] = defaultdict(list)
        self._waiting: dict[Any, Row] = {}
        self._stream = digests()

    def __iter__(self) -> Iterator[tuple[list[Row], list[tuple[Row, list[Row]]]]]:
        """Chunks of entries, each with the pairs that are complete by now."""
        for rows in entries():
            for row in rows:
                self._waiting[row[3]] = row
            pairs = self._complete()
            for _ in range(self.AHEAD):
                if not self._waiting or not self._read():
                    break
                pairs += self._complete()
            yield rows, pairs
        while self._read():
            pass
        yield [], self._complete()

    def _read(self) -> bool:
        rows = next(self._stream, None)
        for row in rows or ():
            self.digests[row[1]].append(row)
        return rows is not None

    def _complete(self) -> list[tuple[Row, list[Row]]]:
        """Take out the entries whose digests are all here by their count."""
        found, still = [], {}
        for key, row in self._waiting.items():
            if len(self.digests.get(key, ())) == row[13]:
                found.append((row, self.digests.pop(key, [])))
            else:
                still[key] = row
        self._waiting = still
        return found

    @property
    def left_over(self) -> list[int]:
        """Ids of entries that never got as many digests as they count."""
        return [row[0] for row in self._waiting.values()]


# --- canonical bytes


def _sqlite_moment(value: str) -> str:
    """``2026-11-20 04:00:00[.123456]``, which is UTC, as it is hashed."""
    if len(value) == 19:
        return f"{value[:10]}T{value[11:]}.000000Z"
    if len(value) == 26:
        return f"{value[:10]}T{value[11:]}Z"
    raise ValueError(value)


def _forms() -> tuple[Callable[[Any], str], Callable[[Any], str]]:
    """How this database's keys and moments, as ``_columns`` gives them, are written."""
    if connection.vendor == "sqlite":
        return str, _sqlite_moment
    return (lambda key: str(key.hex())), str


def moment(value: Any) -> datetime:
    """A moment as ``entries`` gives it. May raise ``ValueError`` or ``TypeError``."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    raise TypeError(type(value).__name__)


_NONSENSE = (ValueError, TypeError, KeyError, AttributeError)


def unfit(pairs: Sequence[tuple[Row, list[Row]]]) -> list[int]:
    """Ids of entries whose leaf or digests are not what their columns give."""
    key_of, moment_of = _forms()
    hashes, begun = merkle.ALGORITHMS, merkle.LEAF
    wrong = []
    for row, digests in pairs:
        (pk, format_, algorithm, key, kind, name, subject, organization, by, origin, at) = row[:11]
        (occurred, basis, count, root, leaf) = row[11:16]
        try:
            data = (
                f'[{format_:d},{_text(algorithm)},"{key_of(key)}",{_text(kind)},{_text(name)},'
                f"{_text(subject)},{'null' if organization is None else f'{organization:d}'},"
                f'{"null" if by is None else f"{by:d}"},{_text(origin)},"{moment_of(at)}",'
                f"{'null' if occurred is None else _text(occurred)},{_text(basis)},{count:d},"
                f'"{root.hex()}"]'
            )
            hash_ = hashes[algorithm]
            is_whole = hash_(begun + data.encode()) == bytes(leaf) and _fits(
                digests, count, root, algorithm
            )
        except _NONSENSE:
            is_whole = False
        if not is_whole:
            wrong.append(pk)
    return wrong


def _fits(rows: list[Row], count: int, root: Any, algorithm: str) -> bool:
    """Whether an entry's digests are all there and give the root in it."""
    if count > 1:
        rows.sort(key=_NUMBER)
    hash_, begun = merkle.ALGORITHMS[algorithm], merkle.LEAF
    leaves = []
    for expected, (_, _, number, name, pk, digest) in enumerate(rows):
        if number != expected:
            return False
        data = f'[{_text(name)},{pk:d},"{digest.hex()}"]'
        leaves.append(hash_(begun + data.encode()))
    found = leaves[0] if len(leaves) == 1 else merkle.root(leaves, algorithm)
    return bool(found == bytes(root))


def mark(position: int, head: int, leaf: bytes, algorithm: str) -> bytes:
    """The mark of a sealed row; the same as ``Sealed.computed_mark``."""
    data = f'[{position:d},{head:d},"{leaf.hex()}"]'
    return merkle.ALGORITHMS[algorithm](merkle.MARK + data.encode())
