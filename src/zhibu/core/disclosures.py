"""What may be made public from a record, and how it is masked.

An area registers, per kind of record, how it is drafted for outsiders, which records could be
drafted, and in which state a record is that was made public and goes on. Area ``publishing``
reads them; nothing of a record leaves by another way.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

LONGEST = 60

WORDS = {
    "running": "在办",
    "late": "在办，超期",
    "done": "办结",
    "kept": "兑现",
    "missed": "没有兑现",
    "open": "在记账",
    "closed": "封账",
    "cancelled": "取消",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an area by its own number, or what it says of the days ``[since, until)``."""

    id: int
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a draft. ``masked`` says that something was left out or covered."""

    label: str
    text: str
    masked: bool = False

    def frozen(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"label": self.label, "text": self.text, "masked": self.masked}


@dataclass(frozen=True, slots=True)
class Draft:
    """A disclosure drawn from a record, never typed again. ``refused`` says why nothing of the
    record may leave; there are no lines then. ``may_be_followed``: whether outsiders may be told
    how the record goes on."""

    title: str
    lines: tuple[Line, ...]
    refused: str = ""
    may_be_followed: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that could be drafted, what it is called inside, the day it is of, and what kind of
    thing it is, as its people call it: the procedure, the register."""

    record: Record
    title: str
    on: date
    kind: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a record stands: one of ``WORDS``, since which day, and by when it is to be done."""

    state: str
    since: date
    due_on: date | None = None

    def __post_init__(self) -> None:
        if self.state not in WORDS:
            raise ValueError(f"没有“{self.state}”这个状态")

    @property
    def word(self) -> str:
        return WORDS[self.state]


Compose = Callable[[Record], Draft]
Candidates = Callable[[Any, int, Sequence[str], int | None], list[Candidate]]
Statuses = Callable[[Collection[int]], dict[int, Status]]
Sees = Callable[[Any, int], int | None]
Faults = Callable[[str, Mapping[str, Any]], list[str]]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What an area lets out of one kind of record.

    ``compose(record)`` gives the draft as an outsider would see it. ``candidates(user,
    organization, only, record)`` lists records of an organisation that ``user`` sees and that could
    be drafted, the latest of them, newest first; ``only`` names the rules they follow
    (``pack:procedure``), all where it is empty; ``record`` asks for one alone, however old.
    ``status(ids)`` answers for many at once, one query; ids it does not know are left out.
    ``sees(user, id)`` is the organisation a record belongs to, None where ``user`` may not see it.
    ``address(id)`` is its own page. ``faults(reference, packs)``: what is wrong with a pack naming
    this rule; it asks no database.
    """

    name: str
    title: str
    compose: Compose
    candidates: Candidates
    status: Statuses
    sees: Sees
    address: Callable[[int], str]
    faults: Faults


_registry: dict[str, Disclosure] = {}


def register(disclosure: Disclosure) -> None:
    """A second registration under a name is an error."""
    if disclosure.name in _registry:
        raise ValueError(f"公开内容 {disclosure.name} 登记了两次")
    _registry[disclosure.name] = disclosure


def get(name: str) -> Disclosure:
    """Raises ``KeyError`` for a name nobody registered."""
    return _registry[name]


def names() -> list[str]:
    return sorted(_registry)
