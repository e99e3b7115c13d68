"""The key ring of an installation: one file outside the database and its backups."""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path


class KeysMissing(SystemExit):
    """There is no key ring where one is needed."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by purpose. ``data`` and ``index`` map key id (1 to 255) to 32 bytes.

    ``current`` is the id new values are sealed with; older ids stay to read with.
    A ring made for a demo says so, and production refuses it.
    """

    django: str
    data: dict[int, bytes]
    index: bytes
    current: int = 1
    is_demo: bool = False
    path: Path | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<KeyRing current={self.current} demo={self.is_demo}>"


def generate(*, is_demo: bool) -> KeyRing:
    return KeyRing(
        django=secrets.token_urlsafe(50),
        data={1: secrets.token_bytes(32)},
        index=secrets.token_bytes(32),
        is_demo=is_demo,
    )


def write(ring: KeyRing, path: Path) -> None:
    """Write a new ring, readable by its owner only; never over an existing one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps(
        {
            "format": 1,
            "demo": ring.is_demo,
            "django": ring.django,
            "current": ring.current,
            "data": {str(i): base64.b64encode(key).decode() for i, key in ring.data.items()},
            "index": base64.b64encode(ring.index).decode(),
        },
        indent=1,
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def fingerprints(ring: KeyRing) -> dict[str, str]:
    """What tells each key from another without giving it away: "index" and key ids."""

    def mark(key: bytes) -> str:
        return hashlib.sha256(b"zhibu key\0" + key).hexdigest()[:16]

    return {"index": mark(ring.index)} | {str(i): mark(key) for i, key in ring.data.items()}


def read(path: Path) -> KeyRing:
    """The ring in ``path``.

    Raises:
        KeysMissing: there is no such file.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise KeysMissing(f"没有找到密钥文件 {path}。新装请先运行 zhibu init。") from error
    return KeyRing(
        django=raw["django"],
        data={int(i): base64.b64decode(key) for i, key in raw["data"].items()},
        index=base64.b64decode(raw["index"]),
        current=raw["current"],
        is_demo=raw["demo"],
        path=path,
    )
