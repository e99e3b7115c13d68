"""From a printed record to its proof: an address nobody can guess, and the code that holds it.

The address names the entry whose digest counted when the paper was made, by the entry's
random key. Its page is open to whoever holds the paper and says nothing of persons.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO

import segno
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from zhibu.ledger import proofs
from zhibu.ledger.models import Digest, Entry

MODULE = 8  # pixels of a code's smallest square in Word


@dataclass(frozen=True, slots=True)
class Paper:
    """What a printed record is, without a word about persons."""

    title: str
    organization: str
    on: date | None


Describe = Callable[[int], Paper | None]
_papers: dict[str, Describe] = {}


def printable(record_type: str, describe: Describe) -> None:
    """Register a protected model whose records are printed; only these have proof pages."""
    if record_type in _papers:
        raise ValueError(f"{record_type} 登记了两次")
    _papers[record_type] = describe


@dataclass(frozen=True, slots=True)
class Code:
    """Where the proof of a printed record is, and since when it stands in the ledger."""

    address: str
    recorded_at: datetime

    def png(self) -> bytes:
        return png(self.address)

    @property
    def image(self) -> str:
        """The code as an image inside a page."""
        return _svg(self.address)


@lru_cache(maxsize=256)
def _drawn(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)


@lru_cache(maxsize=256)
def _svg(address: str) -> str:
    return _drawn(address).svg_data_uri(border=2)


def image(address: str) -> str:
    """The code of any address as an image inside a page."""
    return _svg(address)


def png(address: str) -> bytes:
    """The code of an address, for paper."""
    out = BytesIO()
    _drawn(address).save(out, kind="png", scale=MODULE, border=2)
    return out.getvalue()


def code(record_type: str, record_id: int, request: HttpRequest) -> Code | None:
    """The code of a record as it stands now; None where it was never recorded. Two queries."""
    try:
        entry, number = proofs.latest(record_type, record_id)
    except proofs.NoProof:
        return None
    path = reverse("ledger:proof", args=[entry.key, number])
    return Code(whole(path, request), entry.at)


def whole(path: str, request: HttpRequest) -> str:
    """``path`` with the site before it, as it stands on paper."""
    return f"{settings.ADDRESS}{path}" if settings.ADDRESS else request.build_absolute_uri(path)


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to."""

    entry: Entry
    record_type: str
    record_id: int
    paper: Paper


def find(key: uuid.UUID, number: int) -> Found | None:
    """What is proven at an address; None where nothing is. Two queries and the paper's."""
    rows = Digest.objects.filter(entry_key=key, number=number)
    digest = rows.values_list("subject_type", "subject_id").first()
    if digest is None or digest[0] not in _papers:
        return None
    entry = Entry.objects.select_related("sealed__head").filter(key=key).first()
    paper = _papers[digest[0]](digest[1])
    if entry is None or paper is None:
        return None
    return Found(entry, *digest, paper)
