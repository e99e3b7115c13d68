"""What offices write for sex, category, schooling and so on: data, beside this file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from zhibu.imports.recognition import load_vocabulary
from zhibu.imports.values import matching

WORDS = Path(__file__).with_name("words.toml")


def _values() -> Mapping[str, Any]:
    return load_vocabulary(WORDS).values


def _inverted(part: Mapping[str, list[str]]) -> dict[str, str]:
    return {matching(word): id_ for id_, words in part.items() for word in (id_, *words)}


@dataclass(frozen=True, slots=True)
class Limits:
    """Facts by which days are judged."""

    party_founded_on: date
    youngest_years: int
    impossible_years: int
    youngest_since: date
    oldest_years: int
    probation_months: int
    longest_probation_months: int
    no_probation_since: date
    no_probation_until: date


@dataclass(frozen=True, slots=True)
class Words:
    """Lists of the file in the form in which they are asked."""

    sex: Mapping[str, str]
    category: Mapping[str, str]
    education: Mapping[str, str]
    ethnicity: frozenset[str]
    missing: frozenset[str]
    no_post: frozenset[str]
    provinces: frozenset[str]
    limits: Limits


@cache
def words() -> Words:
    raw = _values()
    return Words(
        sex=_inverted(raw["sex"]),
        category=_inverted(raw["category"]),
        education=_inverted(raw["education"]),
        ethnicity=frozenset(raw["ethnicity"]),
        missing=frozenset(map(matching, raw["missing_words"])),
        no_post=frozenset(map(matching, raw["no_post"])),
        provinces=frozenset(raw["provinces"]),
        limits=Limits(**raw["days"]),
    )
