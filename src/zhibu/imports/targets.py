"""What can be imported: areas register a target each, and this area runs them.

A target knows the headings of its tables, checks their rows and writes them. Targets run
in ``order``, so that members find the organisations of the same workbook. What a target
makes are rows of ``Imported`` models; taking them back is the same for all (``undoing``).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from zhibu.core.verdicts import Verdict
from zhibu.imports.faults import Fault, Findings
from zhibu.imports.models import Imported, sees
from zhibu.imports.recognition import Table, Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from zhibu.accounts.models import User
    from zhibu.imports.writing import Writer


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a roster hangs: what names no parent goes below this organisation.

    Without a number it is the top of the tree, for whoever reaches everywhere.
    """

    organization_id: int | None = None
    path: str = ""
    name: str = ""


@dataclass
class Check:
    """A workbook being checked. ``made`` holds what each target would write.

    ``subject``: what the file was asked for as, see ``Target``; "" for a roster.
    ``held_back`` are clean rows that cannot come in without a refused one: their branch,
    or the organisation above theirs. ``read`` counts the rows read, refused ones included.
    """

    by: "User"
    ground: Ground
    today: date
    findings: Findings = field(default_factory=Findings)
    tables: list[Table] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    held_back: list[Fault] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    subject: str = ""

    def tables_of(self, target: str) -> list[Table]:
        return [table for table in self.tables if table.target == target]


Follow = Callable[[int, int, int, datetime], int | None]


@dataclass(frozen=True, slots=True)
class Made:
    """A model whose rows an import makes. Removed in the order given.

    ``deepest_first`` names a path column where rows hang below one another. ``named``
    gives name and address of rows for the page that says what stayed. ``rests_elsewhere``
    (batch) names rows that areas which know them by number only rest on, and how.
    ``homes(batch)`` names the organisations whose derived rows change with these rows;
    ``hide(batch)`` cuts what would still show rows that are being taken back.
    ``follow(batch, after, size, at)`` writes, in the current transaction and as often as it
    is asked, what is derived from the next ``size`` rows with numbers above ``after``; the
    number of the last of them, None where there is none. ``is_alone``: no row rests on
    another row of the same import.
    """

    model: type[Imported]
    title: str
    named: Callable[[Collection[int]], Mapping[int, tuple[str, str]]]
    deepest_first: str = ""
    rests_elsewhere: Callable[[int], dict[int, str]] | None = None
    homes: Callable[[int], set[int]] | None = None
    hide: Callable[[int], None] | None = None
    follow: Follow | None = None
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a target that has to be asked for says of one subject, ``name:which``.

    ``vocabulary(words, subject)`` are the headings of that subject, its own beside the target's;
    ``title(subject)`` what it is called. ``may_run(user, ground, subject)`` judges who brings it
    in, ``seen(user)`` which batches ``user`` may look at; ``home(subject, ground)`` is the page
    it is begun from, ``again(subject, ground)`` where another file is handed in.
    """

    vocabulary: Callable[[Vocabulary, str], Vocabulary]
    title: Callable[[str], str]
    may_run: Callable[["User", Ground, str], Verdict]
    seen: Callable[["User"], Q]
    home: Callable[[str, Ground], str]
    again: Callable[[str, Ground], str]


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of thing that can be imported.

    ``check(tables, check)`` fills ``check.made[name]`` and the findings; it is called also
    when there is no table of its kind. ``count(check)`` says how many rows would come in.
    ``write(check, writer)`` writes them, invisible; ``conclude(check, writer)`` does, in the
    last transaction, what would be seen at once. ``asked``: its tables are read only where
    somebody said beforehand what they hold; a workbook is then read as that and nothing else.
    ``clash`` is what may have come between check and writing, in words.
    """

    name: str
    title: str
    order: int
    words: Path
    check: Callable[[Sequence[Table], Check], None]
    count: Callable[[Check], int]
    write: Callable[[Check, "Writer"], None]
    conclude: Callable[[Check, "Writer"], None]
    makes: tuple[Made, ...]
    asked: Asked | None = None
    clash: str = "有人登记了同样的身份证号或组织代码，或合并了其中的人"

    def subject(self, which: str) -> str:
        """``which`` of a target that has to be asked for, as a batch keeps it."""
        return f"{self.name}:{which}"


_targets: dict[str, Target] = {}
_reasons: dict[str, str] = {}
_locate: list[Callable[[str], Ground | None]] = []


def register(target: Target) -> None:
    if target.name in _targets:
        raise ValueError(f"导入对象 {target.name} 登记了两次")
    _targets[target.name] = target
    if target.asked is not None:
        sees(target.subject(""), target.asked.seen)


def every() -> list[Target]:
    return sorted(_targets.values(), key=lambda target: target.order)


def in_order(subject: str = "") -> list[Target]:
    """Whose tables a workbook may hold: those of a roster, or the one that was asked for."""
    if not subject:
        return [target for target in every() if target.asked is None]
    return [target for target in every() if target.asked and target.name == _name_in(subject)]


def _name_in(subject: str) -> str:
    return subject.partition(":")[0]


def asked(subject: str) -> Asked | None:
    """What is said of a subject; None for a roster."""
    found = in_order(subject) if subject else []
    return found[0].asked if found else None


def title_of(target: Target, subject: str) -> str:
    """台账, or where one was asked for what that is called."""
    return target.asked.title(subject) if target.asked and subject else target.title


def named(name: str) -> Target:
    return _targets[name]


def makes() -> list[Made]:
    """Every model an import makes, in the order in which rows may be removed."""
    return [made for target in reversed(every()) for made in target.makes]


def reasons(said: Mapping[str, str]) -> None:
    """Register what to say of a row that rows of these models (by label) rest on."""
    _reasons.update(said)


def reason(label: str) -> str:
    return _reasons.get(label, "有别的记录")


def locates(function: Callable[[str], Ground | None]) -> Callable[[str], Ground | None]:
    """Register how an organisation's code becomes a ground."""
    _locate[:] = [function]
    return function


def ground_of(code: str) -> Ground | None:
    return next((found for locate in _locate if (found := locate(code))), None)


@cache
def _words(path: Path) -> Vocabulary:
    return load_vocabulary(path)


def vocabulary(target: Target, subject: str = "") -> Vocabulary:
    words = _words(target.words)
    return target.asked.vocabulary(words, subject) if target.asked and subject else words
