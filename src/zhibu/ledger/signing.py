"""The key that signs heads: a file of its own, outside the database and its backups.

``keys/ledger.json`` holds the private key in use and the public keys of all, so that heads
signed before a rotation can still be checked. A key's id is the beginning of its public
key's digest: a head that names the id has named the key. On rotation the old key signs
for the new one, and its private half is gone.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from zhibu.ledger import merkle

FORMAT = 1
HEAD, STATEMENT, SUCCESSOR = (
    b"zhibu ledger head 1\0",
    b"zhibu ledger statement 1\0",
    b"zhibu ledger successor 1\0",
)


class KeyMissing(Exception):
    """Heads have been signed before, and the key to go on is not there."""


class KeyUnreadable(Exception):
    """The key file is there and is not one."""


def id_of(public: bytes) -> str:
    """What tells a public key from every other: 32 hex digits."""
    return hashlib.sha256(b"zhibu ledger key\0" + public).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that heads may be signed with. ``endorsement`` is the signature of the key
    before it, "" of the first one and of one that came after a loss."""

    public: bytes
    since: str
    endorsed_by: str = ""
    endorsement: bytes = b""

    @property
    def id(self) -> str:
        return id_of(self.public)

    def statement(self) -> bytes:
        """What the key before signs: which key follows, and since when."""
        return SUCCESSOR + merkle.canonical([self.id, self.public, self.since])

    def signed(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def as_dict(self) -> dict[str, str]:
        return {
            "id": self.id,
            "public": self.public.hex(),
            "since": self.since,
            "endorsed_by": self.endorsed_by,
            "endorsement": self.endorsement.hex(),
        }

    @classmethod
    def of(cls, raw: Mapping[str, str]) -> "PublicKey":
        return cls(
            bytes.fromhex(raw["public"]),
            raw["since"],
            raw["endorsed_by"],
            bytes.fromhex(raw["endorsement"]),
        )


@dataclass(frozen=True, slots=True)
class Keys:
    """The private key in use, and every public key by id, oldest first."""

    private: bytes = field(repr=False)
    public: dict[str, PublicKey]

    @property
    def current(self) -> PublicKey:
        return next(reversed(self.public.values()))

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.private).sign(message)


def _new(since: str) -> tuple[bytes, PublicKey]:
    made = Ed25519PrivateKey.generate()
    return made.private_bytes_raw(), PublicKey(made.public_key().public_bytes_raw(), since)


def generate(at: datetime, *, after: Mapping[str, PublicKey] | None = None) -> Keys:
    """A key that nobody vouches for: the first one, or one ``after`` those whose private
    halves are lost."""
    private, key = _new(at.isoformat())
    return Keys(private, {**(after or {}), key.id: key})


def rotated(keys: Keys, at: datetime) -> Keys:
    """A new key that the one in use vouches for; the private half of that one is left out."""
    private, key = _new(at.isoformat())
    vouched = replace(key, endorsed_by=keys.current.id, endorsement=keys.sign(key.statement()))
    return Keys(private, {**keys.public, vouched.id: vouched})


def write(keys: Keys, path: Path) -> None:
    """Put the key file in place, readable by its owner only, whole or not at all."""
    text = json.dumps(
        {
            "format": FORMAT,
            "private": base64.b64encode(keys.private).decode(),
            "public": [key.as_dict() for key in keys.public.values()],
        },
        indent=1,
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read(path: Path) -> Keys | None:
    """The keys in ``path``, None where there is no such file.

    Raises:
        KeyUnreadable: something else is there.
    """
    try:
        raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
        listed = [PublicKey.of(each) for each in raw["public"]]
        keys = Keys(base64.b64decode(raw["private"]), {key.id: key for key in listed})
        made = Ed25519PrivateKey.from_private_bytes(keys.private)
        if made.public_key().public_bytes_raw() != keys.current.public:
            raise KeyUnreadable(f"{path} 里的私钥和公钥不是一对")
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError, StopIteration) as error:
        raise KeyUnreadable(f"{path} 读不出来：{error}") from error
    return keys


def held() -> Keys | None:
    """This installation's keys, read anew: they may have been rotated a moment ago."""
    return read(Path(settings.LEDGER_KEY_PATH))
