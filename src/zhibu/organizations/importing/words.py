"""What offices write for kinds of organisations and fields (领域): data, beside this file."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from zhibu.imports.recognition import load_vocabulary
from zhibu.imports.values import matching
from zhibu.organizations.models import Field, Kind

WORDS = Path(__file__).with_name("words.toml")


@cache
def values() -> Mapping[str, Any]:
    return load_vocabulary(WORDS).values


@cache
def kinds() -> dict[str, str]:
    return {matching(w): kind for kind, words in values()["kind"].items() for w in words} | {
        matching(label): value for value, label in Kind.choices
    }


@cache
def fields() -> dict[str, str]:
    return {matching(w): id_ for id_, words in values()["field"].items() for w in words} | {
        matching(label): value for value, label in Field.choices
    }


def kind_of_name(name: str) -> str:
    """What a name's ending says it is; "" where it says nothing."""
    plain = matching(re.sub(r"[(（][^()（）]*[)）]$", "", name))
    for part in values()["name_ending"]:
        if plain.endswith(tuple(part["endings"])):
            return str(part["kind"])
    return ""
