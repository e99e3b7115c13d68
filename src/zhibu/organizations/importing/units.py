"""The tree a workbook is checked against: its own organisations and those there are.

Names are matched as offices write them: by code, by full name, then by the form people
say (前进村党支部 for 中共前进村支部委员会), with or without the places above.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from zhibu.imports.values import matching
from zhibu.organizations.actions import UNKNOWN_SINCE


@dataclass(slots=True)
class PlannedPost:
    """A post of a unit that the roster shows; ``pk`` once it is there."""

    kind: str
    title: str
    role: str
    in_committee: bool
    rank: int
    seats: int
    group: "PlannedGroup | None" = None
    pk: int | None = None


@dataclass(slots=True)
class PlannedGroup:
    name: str
    pk: int | None = None


@dataclass(slots=True, eq=False)
class Unit:
    """An organisation: of the file (``row``), of the database (``pk``), or of both.

    ``is_new`` says that this import makes it. ``cause`` is why it is held back.
    """

    code: str
    name: str
    kind: str
    short_name: str = ""
    sector: str = "other"
    place: str = ""
    established_on: date | None = None
    dissolved_on: date | None = None
    term_ends_on: date | None = None
    parent: "Unit | None" = None
    pk: int | None = None
    path: str = ""
    sheet: str = ""
    row: int = 0
    is_new: bool = False
    is_refused: bool = False
    cause: str = ""
    has_members: bool = False
    shows_committee: bool = False
    posts: dict[tuple[str, str, str], PlannedPost] = field(default_factory=dict)
    groups: dict[str, PlannedGroup] = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        return not self.is_refused and not self.cause

    @property
    def number(self) -> int:
        """The primary key of a unit that is there, or has been written.

        Raises:
            ValueError: it has not been written yet.
        """
        if self.pk is None:
            raise ValueError(f"{self.name} 还没有写入")
        return self.pk

    @property
    def called(self) -> str:
        return self.short_name or self.name

    @property
    def since(self) -> date:
        return self.established_on or UNKNOWN_SINCE

    def ancestors(self) -> Iterator["Unit"]:
        """Parents from the nearest up; stops where the file's parents go in a circle."""
        seen = {id(self)}
        unit = self.parent
        while unit is not None and id(unit) not in seen:
            seen.add(id(unit))
            yield unit
            unit = unit.parent


_PREFIX = re.compile(r"^(中国共产党|中共)")
_ENDINGS = (
    (re.compile(r"(党的)?(党)?总支部?委员会$|党?总支部$|党总支委$"), "党总支"),
    (re.compile(r"(党的)?(党)?联合支部委员会$|联合(党)?支部$"), "联合党支部"),
    (re.compile(r"(党的)?(党)?临时支部委员会$|临时(党)?支部$"), "临时党支部"),
    (re.compile(r"(党的)?(党)?支部委员会$|(?<!党)支部$"), "党支部"),
    (re.compile(r"(党的)?工作委员会$|(?<!党)工委$"), "党工委"),
    (re.compile(r"(党的)?(基层)?委员会$"), "党委"),
)


@cache
def short_form(name: str) -> str:
    """A name as people say it: 中共前进村支部委员会 is 前进村党支部."""
    plain = _PREFIX.sub("", matching(name))
    for pattern, instead in _ENDINGS:
        found, times = pattern.subn(instead, plain)
        if times:
            return found
    return plain


@cache
def stem(name: str) -> str:
    """What a name says of the place: 中共甘南镇委员会 is 甘南镇."""
    plain = short_form(name)
    for ending in ("联合党支部", "临时党支部", "党总支", "党支部", "党工委", "党组", "党委"):
        if plain.endswith(ending) and len(plain) > len(ending):
            return plain.removesuffix(ending)
    return plain


@dataclass
class Forest:
    """Every unit that a row may mean: those of the file, and those within reach."""

    units: list[Unit] = field(default_factory=list)
    by_pk: dict[int, Unit] = field(default_factory=dict)
    by_code: dict[str, Unit] = field(default_factory=dict)
    by_name: dict[str, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    by_own: dict[str, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    by_short: dict[str, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    root: Unit | None = None
    ground: Unit | None = None
    rows: int = 0
    has_table: bool = False

    def add(self, unit: Unit) -> None:
        self.units.append(unit)
        if unit.pk is not None:
            self.by_pk[unit.pk] = unit
        self.by_code.setdefault(unit.code, unit)
        self.by_name[matching(unit.name)].append(unit)
        self.by_own[short_form(unit.name)].append(unit)

    def index_short_forms(self) -> None:
        """Names without 中共 and 委员会, with and without the places above them."""
        for unit in self.units:
            for alias in _aliases(unit):
                found = self.by_short[alias]
                if unit not in found:
                    found.append(unit)

    def find(self, text: str, *, under: Collection[Unit] = ()) -> tuple[list[Unit], bool]:
        """Units that ``text`` may mean, and whether the name is exact.

        By code, by name, then by short form; of several, those below ``under`` if any.
        """
        if text in self.by_code:
            return [self.by_code[text]], True
        plain = matching(text)
        found, is_exact = self.by_name.get(plain, []), True
        if not found:
            found, is_exact = self.by_short.get(short_form(text), []), False
        if len(found) > 1 and under:
            narrowed = [u for u in found if u in under or any(a in under for a in u.ancestors())]
            found = narrowed or found
        if len(found) > 1:
            found = [u for u in found if not u.is_refused] or found[:1]
        return list(found), is_exact


def _aliases(unit: Unit) -> set[str]:
    own = short_form(unit.name)
    found = {own, short_form(unit.short_name)} if unit.short_name else {own}
    places = [stem(above.name) for above in unit.ancestors()][:3]
    for number, place in enumerate(places):
        found.add(place + own)
        found.update(further + place + own for further in places[number + 1 :])
        if own.startswith(place) and len(own) - len(place) > 3:
            found.add(own.removeprefix(place))
    return found
