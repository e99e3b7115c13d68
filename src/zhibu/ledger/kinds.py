"""Kinds of entries, ``area:subject:past participle``, and how a page words them."""

from collections.abc import Mapping
from typing import Any

_words: dict[str, str] = {}


def words(kinds: Mapping[Any, str]) -> None:
    """Register how kinds read on a page: who did it stands before, what it was after."""
    for name, text in kinds.items():
        kind = str(name)
        if kind.count(":") != 2:
            raise ValueError(f"{kind} 应写成 领域:对象:动作")
        if kind in _words:
            raise ValueError(f"{kind} 登记了两次")
        _words[kind] = text


def known() -> dict[str, str]:
    return dict(_words)


def describe(kind: str) -> str:
    return _words.get(kind, kind)
