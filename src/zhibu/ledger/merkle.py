"""RFC 6962 hash trees over digests, and the canonical bytes that go into them."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes

Hash = Callable[[bytes], bytes]


def _sha256(data: bytes) -> bytes:
    return sha256(data).digest()


def _sm3() -> Hash:
    """SM3 from OpenSSL through ``hashlib``; through ``cryptography`` where Python's lacks it."""
    fresh: Any = (
        hashlib.new("sm3") if "sm3" in hashlib.algorithms_available else hashes.Hash(hashes.SM3())
    )

    def sm3(data: bytes) -> bytes:
        state = fresh.copy()  # looking the algorithm up by name costs as much as hashing
        state.update(data)
        digest: bytes = state.digest() if hasattr(state, "digest") else state.finalize()
        return digest

    return sm3


ALGORITHMS: dict[str, Hash] = {"sha256": _sha256, "sm3": _sm3()}
LEAF, NODE, HEAD, MARK = b"\x00", b"\x01", b"\x02", b"\x03"
KEPT = 8  # nodes over 2 ** KEPT leaves and more are stored: a proof hashes a few hundred leaves


def moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} 没有规范写法")


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
)


def canonical(value: Any) -> bytes:
    """The one way ``value`` is written for hashing.

    Raises:
        TypeError: a type without a canonical form (a float, say).
    """
    _refuse_floats(value)
    return _ENCODER.encode(value).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("小数要用 Decimal")
    if isinstance(value, (dict, list, tuple)):
        for part in value.values() if isinstance(value, dict) else value:
            if isinstance(part, (float, dict, list, tuple)):
                _refuse_floats(part)


class Tree:
    """A growing tree of which only the frontier is kept: O(log n) memory.

    ``peaks`` are the roots of the perfect subtrees, largest first; with the size they
    determine the tree's root. ``algorithm`` makes the nodes that are closed from now on; it
    may change between leaves, what is closed stays. ``closed`` collects the large nodes,
    (level, index, hash), for whoever stores them.
    """

    def __init__(self, algorithm: str, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.algorithm = algorithm
        self._hash = ALGORITHMS[algorithm]
        self.size = size
        self.peaks = list(peaks)
        self.closed: list[tuple[int, int, bytes]] = []
        if len(self.peaks) != size.bit_count():
            raise ValueError("峰值个数与树的大小不符")

    def turn_to(self, algorithm: str) -> None:
        """Close nodes with another algorithm from here on."""
        self.algorithm, self._hash = algorithm, ALGORITHMS[algorithm]

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash (already ``H(0x00 ‖ data)``)."""
        self.peaks.append(leaf)
        self.size += 1
        merges = (self.size & -self.size).bit_length() - 1
        for level in range(1, merges + 1):
            right, left = self.peaks.pop(), self.peaks.pop()
            node = self._hash(NODE + left + right)
            self.peaks.append(node)
            if level >= KEPT:
                self.closed.append((level, (self.size >> level) - 1, node))

    @property
    def root(self) -> bytes:
        """The RFC 6962 root; of no leaves, the hash of nothing."""
        if not self.peaks:
            return self._hash(b"")
        root = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            root = self._hash(NODE + left + root)
        return root


def root(leaves: Iterable[bytes], algorithm: str) -> bytes:
    """Root of a whole tree of leaf hashes."""
    tree = Tree(algorithm)
    for leaf in leaves:
        tree.append(leaf)
    return tree.root


def leaf(data: Sequence[Any], algorithm: str) -> bytes:
    return ALGORITHMS[algorithm](LEAF + canonical(data))


def head(data: Sequence[Any], algorithm: str) -> bytes:
    return ALGORITHMS[algorithm](HEAD + canonical(data))


def mark(data: Sequence[Any], algorithm: str) -> bytes:
    return ALGORITHMS[algorithm](MARK + canonical(data))
