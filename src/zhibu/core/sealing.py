"""JSON of which some words are kept sealed.

Whoever writes them marks them as ``Words``; in the database they stand sealed, and whoever reads
them has text again, marked still: what is copied from one row into another stays sealed there. They
are not bound to their row, unlike a ``Secret``: that a record was not altered, its digest in the
ledger says. Nothing can be found by them.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from django.db import models

from zhibu.core.encryption import seal, unseal

MARK = "sealed"
_BOUND_TO = b"words of a record"


class Words(str):
    """Text that ``WordsField`` keeps sealed."""

    __slots__ = ()


class WordsField(models.JSONField):
    """An object of JSON; of its values those that are ``Words`` are kept sealed."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(_closed(value), connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return _opened(super().from_db_value(value, expression, connection))


def _closed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _shut(one) if isinstance(one, Words) else one for name, one in value.items()}


def _shut(words: Words) -> dict[str, str]:
    return {MARK: urlsafe_b64encode(seal(words, bound_to=_BOUND_TO)).decode()}


def _opened(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _read(one) if _is_shut(one) else one for name, one in value.items()}


def _is_shut(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {MARK}


def _read(shut: dict[str, str]) -> Words:
    return Words(unseal(urlsafe_b64decode(shut[MARK]), bound_to=_BOUND_TO))
