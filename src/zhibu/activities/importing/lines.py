"""A meeting's row in an office's book: what it says, tidied and judged by itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils import timezone

from zhibu.activities.importing import words
from zhibu.activities.models import Activity, Participation
from zhibu.imports import moments
from zhibu.imports.cells import Cells
from zhibu.imports.values import matching, show
from zhibu.organizations.models import Organization, PartyGroup

LONGEST = {"theme": 100, "place": 100}
LONGEST_DECISION = 500
_NUMBER = re.compile(
    r"(?:共|约|合?计|应到|实到|到会|缺席|请假|人数|[:： ])*(\d{1,6})\s*(?:名|人|个)?(?:党员)?"
)
_TWO_NUMBERS = re.compile(r"\D*(\d{1,6})\D+(\d{1,6})\D*")
_LEAD = re.compile(r"^\s*[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]?[.、．:：]\s*")


@dataclass(frozen=True, slots=True)
class HeldKind:
    """A kind as the row's record will carry it. ``is_in_force``: adopted there on the day."""

    reference: str
    title: str
    wording: date
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Attended:
    """Somebody's attendance. ``is_due`` only where the whole roll of the day is known."""

    person_id: int
    status: str
    reason: str = ""
    is_due: bool = False
    is_entitled: bool = False


@dataclass(slots=True, eq=False)
class Line:
    """A row that was read. ``extra`` is what has no place of its own and goes to the agenda."""

    sheet: str
    row: int
    day: date | None = None
    at: time | None = None
    organization: Organization | None = None
    group: PartyGroup | None = None
    kinds: list[HeldKind] = field(default_factory=list)
    theme: str = ""
    place: str = ""
    agenda: str = ""
    decisions: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    due: int | None = None
    present: int | None = None
    absent: int | None = None
    people: dict[str, int] = field(default_factory=dict)
    attended: list[Attended] = field(default_factory=list)
    is_refused: bool = False

    @property
    def starts_at(self) -> datetime:
        """Midnight where the book gives no time.

        Raises:
            ValueError: the row has no day.
        """
        if self.day is None:
            raise ValueError(f"第 {self.row} 行没有日期")
        return timezone.make_aware(datetime.combine(self.day, self.at or time.min))

    @property
    def is_by_numbers(self) -> bool:
        """Whether only numbers are known of who came."""
        return not any(each.is_due for each in self.attended)


class RowReader:
    """Reads one row after the other; what is wrong goes to ``cells``."""

    def __init__(self, cells: Cells, today: date) -> None:
        self.cells = cells
        self.today = today

    def read(self) -> Line:
        cells = self.cells
        line = Line(cells.table.name, cells.row.number)
        line.day = self._day()
        line.at = self._time()
        line.theme = self._cut("theme", line)
        line.place = self._cut("place", line)
        line.agenda = self._lines("agenda")
        line.decisions = self._decisions(line)
        self._numbers(line)
        return line

    def _day(self) -> date | None:
        cells = self.cells
        typed = cells.day("held_on", moments.day)
        shown = cells.shown("held_on")
        if typed.how == "blank":
            if not any(t.field == "held_on" for t in cells.troubles):
                message = "没有写开会日期。请补上年月日。"
                cells.error("held_on", "missing_day", None, message)
            return None
        if typed.how == "year":
            message = f"{cells.heading('held_on')}“{shown}”只写了年份。请补上月和日。"
            cells.error("held_on", "year_only", shown, message)
            return None
        earliest = words.earliest()
        day = cells.whole_day("held_on", lambda: (earliest, self.today), moments.day)
        if day is None:
            return None
        if day > self.today:
            message = (
                f"{cells.heading('held_on')}“{shown}”还没到。请核对年份；还没开的会，"
                "请到“记一次”里存成计划。"
            )
            cells.error("held_on", "future_date", shown, message)
        elif day < earliest:
            message = f"{cells.heading('held_on')}“{shown}”早于 {earliest.year} 年。请核对年份。"
            cells.error("held_on", "too_early", shown, message)
            return None
        return day

    def _time(self) -> time | None:
        """Of the day's own cell, else of a column for it."""
        cells = self.cells
        for name, found in (
            ("held_on", moments.moment(cells.raw("held_on")).clock),
            ("held_at", moments.clock(cells.raw("held_at"))),
        ):
            if cells.raw(name) == "":
                continue
            if found.is_wrong:
                shown = cells.shown(name)
                message = f"{cells.heading(name)}“{shown}”里的时间认不出来，按没有写时间登记。"
                cells.warning(name, "bad_time", shown, f"{message}请核对，写成 14:30 这样。")
            elif found.at is not None:
                return found.at
        return None

    def _cut(self, name: str, line: Line) -> str:
        """Text of a limited length; where it is longer, the whole stands in the agenda."""
        cells, most = self.cells, LONGEST[name]
        typed = cells.text(name)
        if len(typed) > most:
            title = cells.heading(name)
            message = f"{title}超过 {most} 个字，只留前 {most} 个，全文放进内容里。"
            cells.warning(name, "too_long", typed[:most], message)
            line.extra.append(f"{title}：{typed}")
        return typed[:most]

    def _lines(self, name: str) -> str:
        """Text of several lines, each tidied; "" for what stands for nothing."""
        typed = show(self.cells.raw(name)).replace("\r\n", "\n").replace("_x000D_", "")
        if not self.cells.text(name):
            return ""
        return "\n".join(line.strip() for line in typed.split("\n") if line.strip())

    def _decisions(self, line: Line) -> list[str]:
        """One a line or a semicolon, without their own numbers."""
        found = []
        for part in re.split(r"[\n；;]", self._lines("decisions")):
            text = _LEAD.sub("", part).strip()
            if len(text) > LONGEST_DECISION:
                message = f"有一条决定超过 {LONGEST_DECISION} 个字，全文放进内容里。"
                self.cells.warning("decisions", "long_decision", text[:40], message)
                line.extra.append(f"决定：{text}")
            elif text:
                found.append(text)
        return found

    # --- how many

    def _numbers(self, line: Line) -> None:
        line.due, line.present = self._number("due"), self._number("present")
        line.absent = self._number("absent_count")
        both = self.cells.text("counts")
        if both and (match := _TWO_NUMBERS.fullmatch(both)):
            line.due = line.due if line.due is not None else int(match[1])
            line.present = line.present if line.present is not None else int(match[2])
        elif both:
            self._bad_number("counts", both)
        if names_absent(self.cells) is None:
            line.absent = line.absent if line.absent is not None else self._number("absent")
        self._judge(line)

    def _number(self, name: str) -> int | None:
        typed = self.cells.text(name)
        if not typed:
            return None
        match = _NUMBER.fullmatch(typed)
        if match is None or int(match[1]) > words.most_people():
            self._bad_number(name, typed)
            return None
        return int(match[1])

    def _bad_number(self, name: str, typed: str) -> None:
        message = f"{self.cells.heading(name)}“{typed}”不是人数。请只写数字，像 23。"
        self.cells.error(name, "bad_number", typed, message)

    def _judge(self, line: Line) -> None:
        """Two of the three give the third; what cannot be is refused, what is odd is said."""
        if line.absent is not None:
            if line.due is None and line.present is not None:
                line.due = line.present + line.absent
            elif line.present is None and line.due is not None:
                line.present = line.due - line.absent
        due, present = line.due, line.present
        field_id = next(
            (name for name in ("present", "counts", "absent_count", "due") if self.cells.has(name)),
            "absent",
        )
        if present == 0:
            message = "实到 0 人，没有一个人到会，不能算开过。请核对人数。"
            self.cells.error(field_id, "nobody_came", "0", message)
        elif due is not None and present is not None and not 0 <= present <= due:
            message = f"应到 {due} 人，实到 {present} 人，对不上。请核对人数。"
            self.cells.error(field_id, "impossible_numbers", str(present), message)
        elif due is not None and present is not None and line.absent not in {None, due - present}:
            message = (
                f"应到 {due} 人，实到 {present} 人，缺席却写了 {line.absent} 人，"
                "按应到和实到登记。请核对。"
            )
            self.cells.warning(field_id, "odd_numbers", str(line.absent), message)


def names_absent(cells: Cells) -> str | None:
    """What stands under the absent where it is names; None where it is a number or nothing."""
    typed = show(cells.raw("absent")).strip()
    if not cells.text("absent") or matching(typed) in words.nobody():
        return None
    return None if _NUMBER.fullmatch(typed) else typed


def digest_key(line: Line) -> tuple[int, int | None, date] | None:
    """Where and when it was held, for finding the same twice."""
    if line.organization is None or line.day is None:
        return None
    return (line.organization.pk, line.group.pk if line.group else None, line.day)


def as_activity(line: Line, *, batch: int, by_id: int, at: datetime) -> Activity:
    """The record of a row that comes in, not yet written.

    Raises:
        ValueError: the row has no organisation.
    """
    if line.organization is None or line.day is None:
        raise ValueError(f"第 {line.row} 行没有组织")
    is_stated = line.is_by_numbers and line.due is not None and line.present is not None
    return Activity(
        organization_id=line.organization.pk,
        group_id=line.group.pk if line.group else None,
        status=Activity.Status.HELD,
        theme=line.theme,
        starts_at=line.starts_at,
        held_on=line.day,
        place=line.place,
        agenda="\n".join(filter(None, [line.agenda, *line.extra])),
        chair_id=line.people.get("chair"),
        recorder_id=line.people.get("recorder"),
        speaker_id=line.people.get("speaker"),
        recorded_by_id=by_id,
        recorded_at=at,
        is_brought_in=True,
        stated_due=line.due if is_stated else None,
        stated_present=line.present if is_stated else None,
        batch=batch,
    )


def as_participations(line: Line, activity: Activity) -> Sequence[Participation]:
    return [
        Participation(
            activity_id=activity.pk,
            person_id=each.person_id,
            status=each.status,
            reason=each.reason,
            is_due=each.is_due,
            is_entitled=each.is_entitled,
        )
        for each in line.attended
    ]
