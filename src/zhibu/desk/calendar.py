"""What is due and what is planned, day by day; and the same meetings for a calendar program."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import icalendar
from django.db.models import Prefetch
from django.utils import timezone

from zhibu.activities.models import Activity, ActivityQuerySet, KindOf
from zhibu.assignments.models import Assignment
from zhibu.core.dates import Period, add_months
from zhibu.core.encryption import keyed_hash
from zhibu.desk.models import CalendarFeed
from zhibu.desk.queries import expected
from zhibu.duties import queries as duties
from zhibu.duties.models import Obligation
from zhibu.duties.queries import Coverage, Owed
from zhibu.insight.dimensions import STATES
from zhibu.organizations.models import Organization
from zhibu.pairings import rota_queries as rotas
from zhibu.pairings.models import Turn
from zhibu.pairings.rota_queries import hours

if TYPE_CHECKING:
    from zhibu.accounts.models import User

TITLE, ON_DUTY = "支部活动", "值班"
BEHIND, AHEAD = timedelta(days=31), timedelta(days=366)


@dataclass
class Day:
    """What falls on one day of the month."""

    on: date
    owed: list[Owed] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    planned: list[Activity] = field(default_factory=list)
    tasks: list[Assignment] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)


def of_organization(
    organization: Organization, month: Period, on: date, *, seen_by: "User"
) -> list[Day]:
    """Days of ``month`` on which something falls: the organisation's, oldest first.

    What its people owe one by one is added up; of their tasks, those that ``seen_by`` may
    see. About ten queries, whatever the number.
    """
    due = {"due_on__gte": month.since, "due_on__lt": month.until}
    rows = Obligation.objects.filter(organization=organization, **due).owed()
    own = rows.impersonal().order_by("due_on", "duty", "holder_id")
    seen = Assignment.objects.visible_to(seen_by)
    tasks = seen.open().filter(organization=organization, **due)
    return _days(
        duties.worded(list(own), on),
        duties.covered(rows.personal(), on),
        _planned(month).filter(organization=organization),
        tasks.select_related("owner").order_by("due_on", "pk"),
    )


def of_person(person_id: int, organizations: Sequence[int], month: Period, on: date) -> list[Day]:
    """Days of ``month`` on which something falls for one person, oldest first."""
    due = {"due_on__gte": month.since, "due_on__lt": month.until}
    own = Obligation.objects.of_person(person_id).owed().filter(**due).order_by("due_on", "duty")
    tasks = Assignment.objects.open().filter(owner=person_id, **due)
    return _days(
        duties.worded(list(own), on),
        [],
        _planned(month).filter(expected(person_id), organization__in=organizations).distinct(),
        tasks.select_related("owner").order_by("due_on", "pk"),
        rotas.mine(person_id, month.since, month.until),
    )


def _planned(month: Period) -> ActivityQuerySet:
    return (
        Activity.objects.planned()
        .filter(held_on__gte=month.since, held_on__lt=month.until)
        .prefetch_related(Prefetch("kinds", KindOf.objects.order_by("pk")))
        .order_by("starts_at", "pk")
    )


def _days(
    owed: Iterable[Owed],
    coverage: Iterable[Coverage],
    planned: Iterable[Activity],
    tasks: Iterable[Assignment],
    turns: Iterable[Turn] = (),
) -> list[Day]:
    found: dict[date, Day] = {}

    def day(on: date) -> Day:
        return found.setdefault(on, Day(on))

    for row in owed:
        day(row.obligation.due_on).owed.append(row)
    for line in coverage:
        day(line.due_on).coverage.append(line)
    for activity in planned:
        day(activity.held_on).planned.append(activity)
    for task in tasks:
        day(task.due_on).tasks.append(task)
    for turn in turns:
        day(turn.on).turns.append(turn)
    return [found[on] for on in sorted(found)]


def lines(days: Iterable[Day]) -> Iterator[tuple[date, str, str, str]]:
    """The month as rows of a table: day, what sort of thing, what, and how it stands."""
    for day in days:
        for activity in day.planned:
            title = "、".join(kind.title for kind in activity.kinds.all())
            yield day.on, "活动", title, f"{timezone.localtime(activity.starts_at):%H:%M}"
        for row in day.owed:
            yield day.on, "应办到期", f"{row.title} {row.period}", row.word or STATES[row.shape]
        for line in day.coverage:
            said = f"已办 {line.done} / {line.owed}"
            yield day.on, "党员各人的应办到期", f"{line.title} {line.period}", said
        for turn in day.turns:
            yield day.on, "值班", turn.rota.title, hours(turn.shift_rule)
        for task in day.tasks:
            yield day.on, "任务到期", task.title, task.owner.name if task.owner else ""


def neighbours(month: Period) -> tuple[str, str]:
    """The months before and after, as the address writes them."""
    before, after = add_months(month.since, -1), month.until
    return f"{before:%Y-%m}", f"{after:%Y-%m}"


def feed(owner: CalendarFeed, organizations: Sequence[int], at: datetime) -> bytes:
    """Somebody's planned meetings and turns on duty as RFC 5545: that there is one, and when;
    nothing else."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Zhibu//zhibu//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", TITLE)
    rows = Activity.objects.planned().filter(
        expected(owner.user.person_id or 0),
        organization__in=organizations,
        starts_at__gte=at - BEHIND,
        starts_at__lt=at + AHEAD,
    )
    for activity in rows.distinct().order_by("starts_at", "pk"):
        event = icalendar.Event()
        event.add("uid", keyed_hash(f"{owner.pk}:{activity.pk}", purpose="calendar-event"))
        event.add("dtstamp", activity.planned_at or at)
        event.add("dtstart", activity.starts_at)
        event.add("summary", TITLE)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    turns = Turn.objects.in_use().filter(
        person=owner.user.person_id or 0, starts_at__gte=at - BEHIND, starts_at__lt=at + AHEAD
    )
    for turn in turns.select_related("rota").in_order():
        event = icalendar.Event()
        event.add("uid", keyed_hash(f"{owner.pk}:turn:{turn.pk}", purpose="calendar-event"))
        event.add("dtstamp", turn.rota.made_at)
        event.add("dtstart", turn.starts_at)
        event.add("dtend", turn.ends_at)
        event.add("summary", ON_DUTY)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
