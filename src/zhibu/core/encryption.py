"""Sealed personal values: AES-GCM bound to their row, and keyed hashes to find them by.

A sealed value is ``format ‖ key id ‖ nonce ‖ ciphertext``. The row's own random salt
and the field's name are additional data, so a value moved to another row or column
cannot be read. The key ring is outside the database.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Any, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_FORMAT = 1
_NONCE = 12


class Unreadable(Exception):
    """A sealed value was altered, moved, or sealed with a key the ring does not hold."""


def new_salt() -> bytes:
    return secrets.token_bytes(16)


def seal(text: str, *, bound_to: bytes) -> bytes:
    """``text`` sealed with the current key; "" stays empty."""
    return seal_bytes(text.encode(), bound_to=bound_to) if text else b""


def unseal(sealed: bytes, *, bound_to: bytes) -> str:
    """Raises ``Unreadable`` unless this very value was sealed for ``bound_to``."""
    sealed = bytes(sealed or b"")
    return unseal_bytes(sealed, bound_to=bound_to).decode() if sealed else ""


def seal_bytes(content: bytes, *, bound_to: bytes) -> bytes:
    """``content`` sealed with the current key: files kept for a while, for example."""
    ring = settings.KEYRING
    nonce = secrets.token_bytes(_NONCE)
    box = AESGCM(ring.data[ring.current]).encrypt(nonce, content, bound_to)
    return bytes([_FORMAT, ring.current]) + nonce + box


def unseal_bytes(sealed: bytes, *, bound_to: bytes) -> bytes:
    """Raises ``Unreadable`` unless this very content was sealed for ``bound_to``."""
    key = settings.KEYRING.data.get(sealed[1]) if len(sealed) > 2 + _NONCE else None
    if key is None or sealed[0] != _FORMAT:
        raise Unreadable("密文格式不对，或密钥不在密钥文件里")
    nonce, box = sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, box, bound_to)
    except InvalidTag as error:
        raise Unreadable("密文被改动过，或不属于这一行") from error


def keyed_hash(text: str, *, purpose: str) -> str:
    """32 hex digits to look a value up by; "" for an empty value.

    Only whoever holds the ring can compute it, so the column does not give the value
    away to somebody who tries all identity numbers.
    """
    if not text:
        return ""
    message = f"{purpose}\0{text}".encode()
    return hmac.new(settings.KEYRING.index, message, sha256).hexdigest()[:32]


class Secret:
    """A plain-text property over a sealed column of a row that has a ``salt``.

    ``id_number = Secret("id_number_sealed", "id_number_hash")``: reading unseals,
    writing seals and, where a hash column is named, hashes. Never filter by it.
    """

    def __init__(self, column: str, hash_column: str = "") -> None:
        self.column = column
        self.hash_column = hash_column

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def _bound_to(self, row: Any) -> bytes:
        return bytes(row.salt) + self.name.encode()

    @overload
    def __get__(self, row: None, owner: type) -> "Secret": ...
    @overload
    def __get__(self, row: object, owner: type) -> str: ...
    def __get__(self, row: Any, owner: type) -> "str | Secret":
        if row is None:
            return self
        return unseal(getattr(row, self.column), bound_to=self._bound_to(row))

    def __set__(self, row: Any, value: str) -> None:
        setattr(row, self.column, seal(value, bound_to=self._bound_to(row)))
        if self.hash_column:
            setattr(row, self.hash_column, keyed_hash(value, purpose=self.name))


def mask_id_number(value: str) -> str:
    """First two and last two characters: 99****1X."""
    return f"{value[:2]}****{value[-2:]}" if len(value) > 6 else "****" if value else ""


def mask_phone(value: str) -> str:
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 11 else "****" if value else ""


def mask_address(value: str) -> str:
    return f"{value[:3]}****" if value else ""
