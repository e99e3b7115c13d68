"""What waits on disk for a decision: the uploaded workbook, its preview, the rows given back.

Sealed with the installation's key and bound to the batch; outside ``MEDIA_ROOT``, so that
no backup and no sweep of attachments touches it. Deleted when the batch is settled; rows
given back stay until they are fetched away or ``KEEP`` has passed.
"""

import os
import secrets
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from django.conf import settings

from zhibu.core.encryption import Unreadable, seal_bytes, unseal_bytes
from zhibu.imports.models import Batch

KEEP = timedelta(days=30)
Kind = Literal["workbook", "preview", "rest"]


def _folder() -> Path:
    return Path(settings.HOME) / "imports"


def _path(batch: Batch, kind: Kind) -> Path:
    return _folder() / f"{batch.key.hex}.{kind}"


def _bound_to(batch: Batch, kind: Kind) -> bytes:
    return f"imports:{batch.key.hex}:{kind}".encode()


def put(batch: Batch, kind: Kind, content: bytes) -> None:
    """Write sealed content, whole or not at all."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed = seal_bytes(zlib.compress(content, 1), bound_to=_bound_to(batch, kind))
    part = folder / f".{secrets.token_hex(8)}.part"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    part.replace(_path(batch, kind))


def get(batch: Batch, kind: Kind) -> bytes | None:
    """The content, None where it is gone or cannot be read any more."""
    try:
        sealed = _path(batch, kind).read_bytes()
        return zlib.decompress(unseal_bytes(sealed, bound_to=_bound_to(batch, kind)))
    except (FileNotFoundError, Unreadable):
        return None


def has(batch: Batch, kind: Kind) -> bool:
    return _path(batch, kind).exists()


def drop(batch: Batch, *kinds: Kind) -> None:
    for kind in kinds:
        _path(batch, kind).unlink(missing_ok=True)


def prune(at: datetime) -> int:
    """Delete what has waited longer than ``KEEP``, and parts of interrupted writes."""
    gone = 0
    for path in _files():
        age = at.timestamp() - path.stat().st_mtime
        if age > KEEP.total_seconds() or (path.suffix == ".part" and age > 3600):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _files() -> Iterator[Path]:
    folder = _folder()
    if folder.exists():
        yield from (path for path in folder.iterdir() if path.is_file())
