"""What the first screens say: drawn from the areas below, nothing of their own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from zhibu.activities.models import Activity, KindOf, Leave, Participation
from zhibu.adoptions import queries as adoptions
from zhibu.adoptions.queries import Shown
from zhibu.assignments.models import Assignment
from zhibu.cases.campaigns.queries import Due
from zhibu.cases.campaigns.queries import due as due_of_campaigns
from zhibu.core.dates import period_of
from zhibu.duties import queries as duties
from zhibu.duties.models import HolderKind, Obligation, Talk
from zhibu.duties.queries import Owed
from zhibu.imports.models import settled
from zhibu.ledger import publishing
from zhibu.ledger.models import Head
from zhibu.organizations.models import Organization, PartyGroup, Term
from zhibu.organizations.queries import term_on
from zhibu.people.models import Person, Reveal

AWAY_AFTER = 3  # sittings in a row that somebody missed before the secretary is told


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who has not come lately. ``last_on`` is None where they never came."""

    person: Person
    last_on: date | None


@dataclass
class Workbench:
    """A branch's desk on a day."""

    organization: Organization
    on: date
    overdue: list[Owed] = field(default_factory=list)
    waiting: list[Owed] = field(default_factory=list)
    done: list[Owed] = field(default_factory=list)
    planned: list[Activity] = field(default_factory=list)
    tasks: list[Assignment] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    hints: list[Shown] = field(default_factory=list)
    term: Term | None = None
    campaigns: list[Due] = field(default_factory=list)
    words: dict[int, str] = field(default_factory=dict)

    @property
    def to_do(self) -> int:
        return len(self.overdue) + len(self.waiting)

    @property
    def owed(self) -> int:
        return self.to_do + len(self.done)

    @property
    def term_days_left(self) -> int | None:
        """Days until the term ends; None where that is not known."""
        return (self.term.ends_on - self.on).days if self.term and self.term.ends_on else None

    @property
    def term_days_over(self) -> int:
        return -(self.term_days_left or 0)


def _with_kinds() -> Any:
    return Prefetch("kinds", KindOf.objects.order_by("pk"))


def workbench(organization: Organization, on: date, *, groups: Sequence[int] = ()) -> Workbench:
    """The desk of a branch today; only its party groups' part where ``groups`` names them.

    Nineteen queries at most, whatever the branch.
    """
    made = Workbench(organization, on)
    rows = duties.current(organization, on).filter(is_exempt=False)
    if groups:
        rows = rows.filter(holder_kind=HolderKind.PARTY_GROUP, holder_id__in=groups)
    for owed in duties.worded(list(rows), on):
        if owed.state == "done":
            made.done.append(owed)
        elif owed.state == "overdue":
            made.overdue.append(owed)
        else:
            made.waiting.append(owed)
    made.words = _words(made, organization)
    activities = Activity.objects.filter(organization=organization)
    if groups:
        activities = activities.filter(group_id__in=groups)
    made.planned = list(
        activities.planned().prefetch_related(_with_kinds()).order_by("starts_at")[:5]
    )
    if not groups:
        made.tasks = list(
            Assignment.objects.open()
            .filter(organization=organization)
            .select_related("owner")
            .order_by("due_on", "pk")[:6]
        )
        made.away = long_away(organization)
        held = adoptions.in_force_for(
            [organization], on, paths_on={organization.pk: organization.path}
        )
        made.hints = adoptions.hints([organization], on, held=held)[organization.pk]
        made.term = term_on(organization, on)
        made.campaigns = due_of_campaigns([organization.pk], on)
    return made


def _words(made: Workbench, organization: Organization) -> dict[int, str]:
    """The branch's own word on what is overdue, by obligation."""
    if not made.overdue:
        return {}
    said = duties.explanations(
        [organization.pk], min(o.obligation.period_since for o in made.overdue)
    )
    found = {}
    for owed in made.overdue:
        row = owed.obligation
        text = said.get((row.holder_kind, row.holder_id, row.duty, row.period_since))
        if text:
            found[row.pk] = text
    return found


def long_away(organization: Organization) -> list[Away]:
    """Members who missed the last three sittings they were due at. Three queries at most."""
    lately = (
        Activity.objects.filter(organization=organization)
        .took_place()
        .latest_first()
        .values("pk")[: AWAY_AFTER * 4]
    )
    attended: dict[int, list[str]] = defaultdict(list)
    rows = Participation.objects.filter(activity__in=lately, is_due=True, person__isnull=False)
    for person_id, status in rows.order_by("-activity__starts_at").values_list("person", "status"):
        attended[person_id].append(status)
    missing = [
        pk
        for pk, statuses in attended.items()
        if len(statuses) >= AWAY_AFTER and set(statuses[:AWAY_AFTER]) == {"absent"}
    ]
    if not missing:
        return []
    came = dict(
        Participation.objects.filter(settled("activity__"), person__in=missing, status="present")
        .order_by("activity__held_on")
        .values_list("person", "activity__held_on")
    )
    people = Person.objects.filter(pk__in=missing, home=organization).order_by("pk")
    return [Away(person, came.get(person.pk)) for person in people]


@dataclass
class Today:
    """A member's first screen."""

    tasks: list[Assignment]
    coming: list[Activity]
    leaves: set[int]
    attended: int
    due: int
    reveals: list[Reveal]
    owed: list[Owed] = field(default_factory=list)
    to_confirm: list[Talk] = field(default_factory=list)
    campaigns: list[Due] = field(default_factory=list)


def today(person_id: int, organizations: Sequence[int], on: date) -> Today:
    """What waits for one member. About ten queries."""
    year = period_of(on, "year")
    coming = list(
        Activity.objects.planned()
        .filter(organization__in=organizations, held_on__gte=on)
        .filter(expected(person_id))
        .select_related("organization", "group")
        .prefetch_related(_with_kinds())
        .order_by("starts_at")[:3]
    )
    attendance = Participation.objects.filter(
        settled("activity__"),
        person=person_id,
        is_due=True,
        activity__held_on__gte=year.since,
        activity__status__in=["held", "confirmed"],
    )
    statuses = list(attendance.values_list("status", flat=True))
    return Today(
        tasks=list(
            Assignment.objects.open()
            .filter(owner=person_id)
            .select_related("organization")
            .order_by("due_on")[:6]
        ),
        coming=coming,
        leaves=set(
            Leave.objects.filter(person=person_id, activity__in=coming).values_list(
                "activity", flat=True
            )
        ),
        attended=statuses.count("present"),
        due=len(statuses),
        reveals=list(
            Reveal.objects.filter(person=person_id).select_related("by").order_by("-at")[:3]
        ),
        owed=[o for o in _own(person_id, on) if o.state in ("open", "overdue")],
        to_confirm=duties.talks_to_confirm(person_id),
        campaigns=due_of_campaigns(organizations, on, per="person"),
    )


def _own(person_id: int, on: date) -> list[Owed]:
    return duties.worded(list(duties.of_person(person_id, on)), on)


def expected(person_id: int) -> Q:
    """Sittings of the whole branch, and of the groups the person is in."""
    return Q(group=None) | Q(group__memberships__person=person_id, group__memberships__until=None)


def groups_led(organization: Organization, ids: Sequence[int]) -> list[PartyGroup]:
    return list(PartyGroup.objects.filter(organization=organization, pk__in=ids, until=None))


def unfinished_before(organization: Organization, on: date) -> int:
    """How many older obligations than the desk shows are still without a record."""
    since = on - timedelta(days=370)
    shown = duties.current(organization, on).values("pk")
    rows = Obligation.objects.impersonal().overdue(on).filter(organization=organization)
    return rows.filter(period_since__gte=since).exclude(pk__in=shown).count()


@dataclass(frozen=True, slots=True)
class Outside:
    """What of the ledger is outside the database: key, and where heads were sent."""

    places: list[publishing.Standing]
    key_id: str
    unsigned: int
    leaves: bool  # heads go beyond this machine's own folder


def outside() -> Outside:
    """Two queries a place and two more."""
    newest = Head.objects.order_by("-number").first()
    first = Head.objects.exclude(key_id="").order_by("number").first()
    places = publishing.standing()
    return Outside(
        places=places,
        key_id=newest.key_id if newest else "",
        unsigned=first.number - 1 if first else 0,
        leaves=len(places) > 1,
    )
