"""Every pack that may be adopted: shipped ones from the package, installed ones stored.

Parsing is remembered by digest, which is content: nothing here can be stale.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from zhibu.core import once
from zhibu.packs.models import StoredPack
from zhibu.packs.reading import Pack, files_of, read

SHIPPED = Path(__file__).parent / "shipped"
_parsed: dict[str, Pack] = {}
_tried: ContextVar[tuple[Pack, ...]] = ContextVar("tried", default=())


class BrokenPack(Exception):
    """A pack that was accepted once can no longer be read."""


@cache
def shipped() -> dict[str, Pack]:
    """Packs that came with the program, by id."""
    found = {}
    for folder in sorted(SHIPPED.glob("*/*")):
        if (folder / "pack.toml").exists():
            pack = _read_well(files_of(folder), folder.name)
            found[pack.id] = pack
    return found


def shipped_folders() -> list[Path]:
    return sorted(path.parent for path in SHIPPED.glob("*/*/pack.toml"))


def _read_well(files: dict[str, str], name: str) -> Pack:
    pack, faults = read(files)
    if pack is None or faults:
        raise BrokenPack(f"制度包 {name} 读不出来：{'；'.join(map(str, faults[:3]))}")
    return pack


def packs() -> dict[str, Pack]:
    """Every pack by id, an installed one before a shipped one. One query a request, or two."""
    found = dict(once.read("packs", None, _installed_over_shipped))
    return found | {pack.id: pack for pack in _tried.get()}


def forget() -> None:
    """Called by whatever changes which packs are confirmed."""
    once.forget("packs")


def _installed_over_shipped() -> dict[str, Pack]:
    found = dict(shipped())
    rows = StoredPack.objects.confirmed().order_by("pk").values_list("pack", "digest")
    for pack_id, digest in rows:
        if digest not in _parsed:
            files = StoredPack.objects.values_list("files", flat=True).get(digest=digest)
            _parsed[digest] = _read_well(files, pack_id)
        found[pack_id] = _parsed[digest]
    return found


@contextmanager
def trying(*packs: Pack) -> Iterator[None]:
    """Within this block ``packs`` are in the library, installed or not: examples are replayed.

    Blocks within each other add up; the inner one's pack wins.
    """
    token = _tried.set((*_tried.get(), *packs))
    try:
        yield
    finally:
        _tried.reset(token)
