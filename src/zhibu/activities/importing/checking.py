"""Checking the meetings of past years: rows, then rows against one another and the database."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache

from django.utils import timezone

from zhibu.activities.drafts import Draft
from zhibu.activities.gathering import Gathered
from zhibu.activities.importing.faces import Faces, take_roll
from zhibu.activities.importing.kinds import Kinds
from zhibu.activities.importing.lines import Line, RowReader, digest_key
from zhibu.activities.importing.places import Places
from zhibu.activities.models import Activity
from zhibu.adoptions.models import Adoption
from zhibu.imports.cells import Cells, Trouble
from zhibu.imports.recognition import Row, Table
from zhibu.imports.targets import Check
from zhibu.organizations.importing import checking as organizations
from zhibu.packs import library
from zhibu.packs.schema.activities import ActivityKind

NAME = "activities"
Everything = Sequence[tuple[Line, Cells, Row, list[Trouble]]]


@dataclass
class Book:
    """The meetings read from a workbook."""

    lines: list[Line] = field(default_factory=list)

    def kept(self) -> list[Line]:
        return [line for line in self.lines if not line.is_refused]


def check(tables: Sequence[Table], check: Check) -> None:
    """Read the meetings' rows and find whose, of what kind and with whom they were."""
    book = check.made[NAME] = Book()
    check.read[NAME] = sum(len(table.rows) for table in tables)
    if not tables:
        return
    places = Places(check.made[organizations.NAME])
    everything: list[tuple[Line, Cells, Row, list[Trouble]]] = []
    for table in tables:
        cells = Cells(table, check.findings)
        reader = RowReader(cells, check.today)
        for row in table.rows:
            cells.begin(row)
            line = reader.read()
            places.find(cells, line)
            book.lines.append(line)
            everything.append((line, cells, row, cells.troubles))
    _find_kinds_and_people(everything, check.today)
    _refuse_repeats(everything)
    _refuse_recorded(everything)
    for line, cells, row, troubles in everything:
        cells.row, cells.troubles = row, troubles
        cells.hand_in()
        line.is_refused = cells.has_error


def _find_kinds_and_people(everything: Everything, today: date) -> None:
    """What depends on the facts of the day; rows without a place and a day are left alone."""
    placed = [each for each in everything if each[0].organization and each[0].day]
    if not placed:
        return
    known = {line.organization.pk: line.organization for line, *_ in placed if line.organization}
    kinds, faces, now = Kinds(), Faces(known), timezone.make_aware(datetime.combine(today, time()))
    wanted = [
        (line.organization, line.group, Draft(kinds=(), starts_at=line.starts_at))
        for line, *_ in placed
        if line.organization
    ]
    gathered = Gathered(
        [*wanted, *((place, None, Draft(kinds=(), starts_at=now)) for place in known.values())]
    )
    adopted = frozenset(Adoption.objects.values_list("pack", flat=True))

    @cache
    def usual(organization_id: int) -> frozenset[str]:
        choices = gathered.choices(known[organization_id], None, today)
        return frozenset(choice.reference for choice in choices) or frozenset(
            f"{pack.id}:{wordings[0].id}"
            for pack in library.packs().values()
            if pack.id in adopted
            for wordings in pack.wordings("activities")
        )

    for line, cells, row, troubles in placed:
        cells.row, cells.troubles = row, troubles
        place, day = line.organization, line.day
        if place is None or day is None:
            continue
        choices = gathered.choices(place, line.group, day)
        kinds.find(cells, line, choices, lambda pk=place.pk: usual(pk))  # type: ignore[misc]
        faces.find(cells, line)
        held = {kind.reference for kind in line.kinds}
        whole = [choice.kind for choice in choices if choice.reference in held]
        roll = gathered.roll(place, line.group, whole, day) if len(whole) == len(held) else []
        _judge(cells, line, whole)
        take_roll(line, roll, cells)


def _judge(cells: Cells, line: Line, kinds: Sequence[ActivityKind]) -> None:
    """What the kinds ask for, and whether who took the chair was there."""
    if any(kind.theme.required for kind in kinds) and not line.theme:
        message = "这种会要写主题，这一行没有写，照样登记。有记载的请补上。"
        cells.warning("theme" if cells.has("theme") else "kind", "no_theme", None, message)
    absent = {each.person_id for each in line.attended}
    for role in ("chair", "recorder"):
        if line.people.get(role) in absent:
            name = cells.shown(role)
            message = f"{cells.heading(role)}“{name}”又写在缺席里。请改正其中一处。"
            cells.error(role, "chair_absent", name, message)


# --- the same twice


def _same_time(one: time | None, other: time | None) -> bool:
    """Two sittings of a day are two only where both say when, and it is not the same time."""
    return one is None or other is None or one == other


def _where(other: Line, here: Line) -> str:
    place = f"第 {other.row} 行"
    return place if other.sheet == here.sheet else f"“{other.sheet}”{place}"


def _refuse_repeats(everything: Everything) -> None:
    """The same organisation, day and kind twice in the file: the second row stays out."""
    seen: dict[tuple[object, ...], list[Line]] = defaultdict(list)
    for line, _, _, troubles in everything:
        key = digest_key(line)
        if key is None:
            continue
        for kind in line.kinds:
            for other in seen[(*key, kind.reference)]:
                _say_repeat(troubles, line, kind.title, other.at, _where(other, line))
            seen[(*key, kind.reference)].append(line)


def _say_repeat(
    troubles: list[Trouble], line: Line, title: str, at: time | None, where: str
) -> None:
    if any(t.code == "duplicate_row" for t in troubles):
        return
    shown = str(line.day)
    if _same_time(line.at, at):
        message = (
            f"{shown} 的{title}和{where}重复。是同一次的请只留一行；"
            "一天开了两次的，请把两次的时间都写上。"
        )
        troubles.append(Trouble("held_on", "duplicate_row", shown, message, is_error=True))
    else:
        message = f"{shown} 的{title}和{where}在同一天，时间不同，算两次。请核对。"
        troubles.append(Trouble("held_on", "twice_a_day", shown, message, is_error=False))


def _refuse_recorded(everything: Everything) -> None:
    """Rows that are on record already, or planned and not recorded. One query a thousand days."""
    days = sorted({line.day for line, *_ in everything if line.day and line.organization})
    known: dict[tuple[object, ...], list[Activity]] = defaultdict(list)
    for activity in _activities(everything, days):
        place = (activity.organization_id, activity.group_id, activity.held_on)
        for kind in activity.kinds.all():
            known[(*place, kind.reference)].append(activity)
    for line, _, _, troubles in everything:
        key = digest_key(line)
        for held in line.kinds if key else ():
            for activity in known[(*(key or ()), held.reference)]:
                _say_recorded(troubles, line, held.title, activity)


def _activities(everything: Everything, days: Sequence[date]) -> Iterable[Activity]:
    places = {line.organization.pk for line, *_ in everything if line.organization}
    if not days:
        return []
    ended = [Activity.Status.CANCELLED, Activity.Status.VOID]
    rows = Activity.objects.filter(
        organization__in=places, held_on__gte=days[0], held_on__lte=days[-1]
    )
    wanted = set(days)
    found = rows.exclude(status__in=ended).prefetch_related("kinds").order_by("pk")
    return (row for row in found.iterator(chunk_size=2000) if row.held_on in wanted)


def _say_recorded(troubles: list[Trouble], line: Line, title: str, activity: Activity) -> None:
    if any(t.code in {"already_recorded", "already_planned"} for t in troubles):
        return
    shown = str(line.day)
    if activity.is_planned:
        message = f"{shown} 的{title}已经有计划，还没有记。请打开那个计划来记，或先取消它。"
        troubles.append(Trouble("held_on", "already_planned", shown, message, is_error=True))
        return
    begun = timezone.localtime(activity.starts_at).time() if activity.is_time_known else None
    if _same_time(line.at, begun):
        message = (
            f"{shown} 的{title}已经记过（编号 {activity.pk}）。请删去这一行；"
            "确实是另一次的，请写上不同的时间。"
        )
        troubles.append(Trouble("held_on", "already_recorded", shown, message, is_error=True))
    else:
        message = f"{shown} 已经记过一次{title}，时间不同，算两次。请核对。"
        troubles.append(Trouble("held_on", "twice_a_day", shown, message, is_error=False))
