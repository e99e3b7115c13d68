"""Which person a name in a book of a past year means: somebody of that organisation then."""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from zhibu.activities.importing import words
from zhibu.activities.importing.lines import Attended, Line, names_absent
from zhibu.activities.models import Participation
from zhibu.activities.queries import Expected
from zhibu.imports.cells import Cells
from zhibu.imports.models import settled
from zhibu.imports.values import matching, show
from zhibu.people.importing.named import BRACKETS, hinted
from zhibu.people.models import Belonging, Holding

_BETWEEN = re.compile(r"[、，,;；/／\\\n。]")
_LEAD = re.compile(r"^[^:：]{0,10}[:：]")
_TAIL = re.compile(r"(等|同志|请假|缺席|未到)?(\d+人)?(等|同志)?$")
_DOTS = str.maketrans("•・‧∙⋅．●", "·······")
ROLES = ("chair", "recorder", "speaker")


@dataclass(frozen=True, slots=True)
class _Face:
    """Somebody of an organisation over a time. ``is_since_known``: a roster may say no more
    than that somebody is there now."""

    pk: int
    born_on: date | None
    since: date
    until: date | None
    is_since_known: bool = True

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def may_have(self, day: date) -> bool:
        return not self.is_since_known and day < self.since


@dataclass(frozen=True, slots=True)
class _Named:
    """A name as typed: plain, with what stands in brackets behind it."""

    name: str
    hint: str


class Faces:
    """People of some organisations by name, at home, as guests or in a post. Two queries."""

    def __init__(self, organizations: Collection[int]) -> None:
        self._faces: dict[tuple[int, str], list[_Face]] = defaultdict(list)
        here = Belonging.objects.filter(settled("person__"), organization__in=organizations)
        columns = ("person__name", "person", "person__born_on", "since", "until")
        for place, name, *face in here.values_list("organization", *columns, "is_since_known"):
            self._faces[place, matching(name)].append(_Face(*face))
        held = Holding.objects.filter(settled("person__"), post__organization__in=organizations)
        columns = ("person__name", "person", "person__born_on", "since", "ended_on")
        for place, name, *face in held.values_list("post__organization", *columns):
            self._faces[place, matching(name)].append(_Face(*face))

    def find(self, cells: Cells, line: Line) -> None:
        """Set chair, recorder, speaker and the absent; who is not found stays in the text."""
        for role in ROLES:
            for named in self._split(cells, line, role)[:1]:
                pk = self._one(cells, line, role, named)
                if pk is not None:
                    line.people[role] = pk
        for named in self._split(cells, line, "absent"):
            pk = self._one(cells, line, "absent", named)
            if pk is not None and pk not in {each.person_id for each in line.attended}:
                status = Participation.Status.ABSENT.value
                line.attended.append(Attended(pk, status, words.reason_of(named.hint)))

    def _split(self, cells: Cells, line: Line, field_id: str) -> list[_Named]:
        """The names in a cell. ``王 红`` is one where it is known so, else two words are two."""
        if field_id == "absent":
            typed = names_absent(cells) or ""
        else:
            typed = show(cells.raw(field_id)).strip() if cells.text(field_id) else ""
        found = []
        for part in _BETWEEN.split(_LEAD.sub("", typed)):
            hints = BRACKETS.findall(part)
            bare = BRACKETS.sub("", part).strip().translate(_DOTS)
            pieces = bare.split()
            is_one = len(pieces) < 2 or self._knows(line, "".join(pieces))
            for piece in [bare] if is_one or min(map(len, pieces)) < 2 else pieces:
                name = matching(_TAIL.sub("", piece.strip()))
                if name and not name.isdigit():
                    found.append(_Named(name, "".join(hints)))
        return found

    def _knows(self, line: Line, name: str) -> bool:
        place = line.organization.pk if line.organization else 0
        return (place, matching(name)) in self._faces

    def _one(self, cells: Cells, line: Line, field_id: str, named: _Named) -> int | None:
        """The person meant; a complaint where there are several, a word where there is none."""
        if line.organization is None or line.day is None:
            return None
        day = line.day
        faces = self._faces.get((line.organization.pk, named.name), [])
        on_day = [face for face in faces if face.holds(day)]
        maybe = on_day or [face for face in faces if face.may_have(day)]
        found = {face.pk: face for face in hinted(maybe, named.hint)}
        title = cells.heading(field_id)
        if len(found) > 1:
            message = (
                f"{title}“{named.name}”在{line.organization.called}有 {len(found)} 位。"
                f"请在姓名后面用括号写上出生年月，像“{named.name}（1980-03）”。"
            )
            cells.error(field_id, "ambiguous_person", named.name, message)
            return None
        if not found:
            line.extra.append(f"{title}：{named.name}{f'（{named.hint}）' if named.hint else ''}")
            message = (
                f"{title}“{named.name}”那天不在{line.organization.called}的名册里，"
                "只把姓名放进内容里。请核对姓名。"
            )
            cells.warning(field_id, "unknown_person", named.name, message)
            return None
        if not on_day:
            cells.note(field_id, "person_by_roster", named.name)
        return next(iter(found))


def take_roll(line: Line, roll: list[Expected], cells: Cells) -> None:
    """Everybody's attendance, where the roll of the day has as many as were due by the book
    and all of the absent are known; else the numbers stand for it."""
    absent = {each.person_id: each for each in line.attended}
    named = len(absent)
    if line.due is not None and line.present is not None:
        missing = line.due - line.present
        if names_absent(cells) is not None and named != missing:
            message = f"缺席认出 {named} 人，按人数是 {missing} 人，按人数登记。请核对。"
            cells.warning("absent", "odd_numbers", str(named), message)
        if len(roll) != line.due or named != missing:
            return
    elif line.due is not None or line.present is not None or not named:
        _keep_number(line)
        return
    else:
        return
    if absent.keys() - {expected.person.pk for expected in roll} or named == len(roll):
        return
    present = Participation.Status.PRESENT.value
    line.attended = [
        Attended(
            expected.person.pk,
            absent[expected.person.pk].status if expected.person.pk in absent else present,
            absent[expected.person.pk].reason if expected.person.pk in absent else "",
            is_due=True,
            is_entitled=expected.is_entitled,
        )
        for expected in roll
    ]


def _keep_number(line: Line) -> None:
    """One number alone says neither how many were due nor how many came: it goes to the text."""
    for title, number in (("应到", line.due), ("实到", line.present)):
        if number is not None:
            line.extra.append(f"{title} {number} 人")
