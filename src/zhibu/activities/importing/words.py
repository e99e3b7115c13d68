"""What offices write for kinds of activities, reasons and nobody: data, beside this file."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from zhibu.imports.recognition import load_vocabulary
from zhibu.imports.values import matching

WORDS = Path(__file__).with_name("words.toml")


@cache
def values() -> Mapping[str, Any]:
    return load_vocabulary(WORDS).values


@cache
def titles() -> Mapping[str, str]:
    """Other names of kinds, each with the title that packs give."""
    return {
        matching(word): matching(title)
        for title, words in values()["kind"].items()
        for word in words
    }


@cache
def nobody() -> frozenset[str]:
    return frozenset(map(matching, values()["nobody"]))


def reason_of(text: str) -> str:
    """The reason for an absence that ``text`` speaks of; "none" where it says nothing."""
    plain = matching(text)
    for reason, words in values()["reason"].items():
        if any(word in plain for word in words):
            return str(reason)
    return "none"


def earliest() -> date:
    found: date = values()["earliest"]
    return found


def most_people() -> int:
    return int(values()["most_people"])
