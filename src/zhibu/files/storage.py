"""Files on disk, named by their digest: written once, never changed, swept when unused."""

import hashlib
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

_TRASH = ".trash"


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def name_for(sha256: str, extension: str) -> str:
    return f"{sha256[:2]}/{sha256}.{extension}"


def path_of(stored_name: str) -> Path:
    return root() / stored_name


def put(content: bytes, extension: str) -> tuple[str, str]:
    """Write ``content`` and return its digest and stored name once it is on disk.

    Touching a file that is there already keeps the sweep away from it.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    name = name_for(sha256, extension)
    target = path_of(name)
    try:
        os.utime(target)
    except FileNotFoundError:
        _write(target, content)
    return sha256, name


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    for folder in (target.parent, root()):
        _sync(folder)


def _sync(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest(stored_name: str) -> str | None:
    """SHA-256 of a stored file, None where there is none."""
    try:
        with path_of(stored_name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def stored() -> Iterator[str]:
    """Names of everything under ``MEDIA_ROOT`` but the sweep's own folder."""
    for folder in sorted(p for p in root().glob("*") if p.is_dir() and p.name != _TRASH):
        for file in sorted(folder.iterdir()):
            yield f"{folder.name}/{file.name}"


def sweep(wanted: Collection[str], *, before: datetime) -> int:
    """Delete files that are not ``wanted`` and were last touched ``before``; how many.

    A file is moved aside first and looked at again: if an upload of the same content
    touched it in between, it goes back, and an upload that comes later writes it anew.
    """
    limit = before.timestamp()
    trash = root() / _TRASH
    gone = 0
    for name in stored():
        path = path_of(name)
        if name in wanted or path.stat().st_mtime >= limit:
            continue
        trash.mkdir(mode=0o700, exist_ok=True)
        aside = trash / path.name
        path.replace(aside)
        if aside.stat().st_mtime >= limit:
            with suppress(FileExistsError):
                os.link(aside, path)
        else:
            gone += 1
        aside.unlink()
    return gone
