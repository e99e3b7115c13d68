"""What is said when something is handed down, before it is a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zhibu.organizations.models import Organization, Post
from zhibu.packs.schema.assignment_forms import AskedField


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``asked`` may be empty: then a word that it is done is all that comes back."""

    title: str
    due_on: date
    text: str = ""
    basis: str = ""
    form: str = ""
    asked: Sequence[AskedField] = ()
    minutes: int = 0
    stale_after: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A unit, or a post there: then whoever holds it has to do it, and hands it over with it."""

    unit: Organization
    post: Post | None = None
