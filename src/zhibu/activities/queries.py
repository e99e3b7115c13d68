"""Who is expected, what may be held, what was held: questions about activities."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from django.db.models import Count, DateField, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from zhibu.activities.drafts import Draft
from zhibu.activities.models import Activity, KindOf, Participation
from zhibu.adoptions import queries as adoptions
from zhibu.adoptions.addresses import item_url
from zhibu.adoptions.models import Adoption
from zhibu.adoptions.queries import HeldItem
from zhibu.core import fulfilling, presence
from zhibu.core.dates import Duration
from zhibu.core.intervals import on_day
from zhibu.duties import spans
from zhibu.duties.derive import judged_day
from zhibu.duties.models import HolderKind, Obligation
from zhibu.imports.models import settled
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.activities import ActivityKind
from zhibu.packs.schema.catalogues import Catalogue
from zhibu.packs.schema.duties import Duty
from zhibu.people.models import (
    MEMBERS,
    Belonging,
    GroupMembership,
    Holding,
    MembershipState,
    Person,
    State,
)

if TYPE_CHECKING:
    from zhibu.accounts.models import User

SENT_AGAIN = timedelta(minutes=10)
FULL = State.FULL.value
ATTENDED_AT_ONCE = 500
TOOK_PLACE = (Activity.Status.HELD, Activity.Status.CONFIRMED)
LOOK_BACK = timedelta(days=400)  # a year's period may still be made up in the next


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind that may be held, as worded on the day, with its citation."""

    reference: str
    kind: ActivityKind
    wording: date
    cited: str
    adopted_by: int

    @property
    def title(self) -> str:
        return self.kind.short or self.kind.title

    @property
    def rule_url(self) -> str:
        return item_url("activities", self.reference)


def kinds_in_force(
    organization: Organization,
    day: date,
    *,
    group: PartyGroup | None = None,
    owed: Iterable[tuple[Obligation, Duty]] | None = None,
) -> list[Choice]:
    """Kinds the organisation (or its party group) may hold on ``day``, packs in order.

    Kinds that count only for a duty which another one in force refines are left out. What
    is ``owed`` (``owed_around`` unless given) may always be held: an obligation goes on
    under the packs of its judged day when another pack is taken up in the middle of its
    period, or the branch moves. Six queries, and three a judged day no longer in force.
    """
    held = adoptions.in_force(organization, day)
    if owed is None:
        owed = owed_around(organization, day, group=group)

    def items_on(kind: str, judged: date) -> list[HeldItem]:
        known = held if judged == day else adoptions.in_force(organization, judged)
        return adoptions.items_of(known, kind, judged)

    return choices_from(items_on, owed, day, group=group)


def choices_from(
    items_on: Callable[[str, date], list[HeldItem]],
    owed: Iterable[tuple[Obligation, Duty]],
    day: date,
    *,
    group: PartyGroup | None,
) -> list[Choice]:
    """``kinds_in_force`` from what ``items_on(kind, day)`` says holds there; asks nothing else."""
    asked = {
        reference: judged_day(duty, spans.of(duty, row.period_since, row.period_until))
        for row, duty in owed
        for reference in duty.fulfilled_by
    }
    items = {item.reference: item for item in items_on("activities", day)}
    hidden = adoptions.replaced_kinds(items_on("duties", day)) - asked.keys()
    for judged in sorted({asked[reference] for reference in asked.keys() - items.keys()}):
        for item in items_on("activities", judged):
            if item.reference in asked:
                items.setdefault(item.reference, item)
    holder = "party-group" if group else "organization"
    found = []
    for item in items.values():
        kind = item.wording.item
        assert isinstance(kind, ActivityKind)
        if holder in kind.held_by and item.reference not in hidden:
            cited = item.pack.cited(item.wording)
            found.append(
                Choice(
                    item.reference,
                    kind,
                    item.wording.since,
                    cited,
                    item.adoption.organization_id,
                )
            )
    return found


def owed_around(
    organization: Organization, day: date, *, group: PartyGroup | None = None
) -> list[tuple[Obligation, Duty]]:
    """Obligations a sitting on ``day`` can count for: its own periods', and the ones before.

    Two queries.
    """
    rows = Obligation.objects.filter(
        organization=organization,
        holder_kind=HolderKind.PARTY_GROUP if group else HolderKind.ORGANIZATION,
        holder_id=group.pk if group else organization.pk,
        period_since__lte=day,
        period_until__gt=day - LOOK_BACK,
    )
    return counting_on(rows.order_by("due_on", "duty"), library.packs(), day)


def counting_on(
    rows: Iterable[Obligation], known: Mapping[str, Pack], day: date
) -> list[tuple[Obligation, Duty]]:
    """Those of a holder's obligations that a sitting on ``day`` can count for. No query."""
    found = []
    for row in rows:
        if row.period_since > day:
            continue
        wording = known[row.pack].wording_on("duties", row.duty, row.wording)
        assert wording is not None and isinstance(wording.item, Duty)
        if wording.item.is_published:
            continue
        if day < spans.made_up_until(wording.item, row.period_since, row.period_until):
            found.append((row, wording.item))
    return found


@presence.provides
def present(
    people: Collection[int], kinds: Collection[str], since: date
) -> Iterable[tuple[int, int]]:
    """Activity and person: at the roll call or sitting in, at what took place. One query."""
    rows = Participation.objects.filter(
        settled("activity__"),
        person__in=people,
        status__in=[Participation.Status.PRESENT, Participation.Status.OBSERVER],
        activity__status__in=[Activity.Status.HELD, Activity.Status.CONFIRMED],
        activity__held_on__gte=since,
        activity__kinds__reference__in=kinds,
    )
    return rows.values_list("activity", "person")


def _held(
    ids: fulfilling.Ids, kinds: Collection[str], since: date, last_on: date
) -> Iterable[fulfilling.Row]:
    """What organisations held themselves, party groups' own meetings apart. One query."""
    rows = KindOf.objects.filter(
        settled("activity__"),
        reference__in=kinds,
        activity__organization__in=ids,
        activity__group=None,
        activity__status__in=[Activity.Status.HELD, Activity.Status.CONFIRMED],
        activity__held_on__range=(since, last_on),
    )
    return rows.values_list(
        "activity__organization", "reference", "activity__held_on", "activity"
    ).iterator(5000)


def _attended(
    ids: fulfilling.Ids, kinds: Collection[str], since: date, last_on: date
) -> Iterable[fulfilling.Row]:
    """What people were at, wherever it was held; sitting in counts. One query.

    From the people to the activities: left to itself, SQLite begins with the days and looks for
    each of thousands of people at each of thousands of activities.
    """
    no_index = Coalesce("activity__held_on", None, output_field=DateField())
    rows = Participation.objects.annotate(day=no_index).filter(
        settled("activity__"),
        person__in=ids,
        status__in=[Participation.Status.PRESENT, Participation.Status.OBSERVER],
        activity__status__in=[Activity.Status.HELD, Activity.Status.CONFIRMED],
        day__range=(since, last_on),
        activity__kinds__reference__in=kinds,
    )
    return rows.values_list(
        "person", "activity__kinds__reference", "activity__held_on", "activity"
    ).iterator(5000)


fulfilling.provides(
    fulfilling.Source(
        "activity", _held, _attended, lambda pk: reverse("activities:detail", args=[pk])
    )
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody on the roll: due to attend, and whether they have a vote."""

    person: Person
    is_entitled: bool


@dataclass(frozen=True, slots=True)
class HeldPost:
    """The first rank of somebody's posts, and whether one of them is in the committee."""

    rank: int
    in_committee: bool


def roll(
    organization: Organization,
    kinds: Sequence[ActivityKind],
    day: date,
    *,
    group: PartyGroup | None = None,
) -> list[Expected]:
    """Everyone expected at a sitting of these kinds, holders of posts first, then by number.

    The rolls of several kinds are joined. Entitled: whoever the voting kind's roll gives a
    vote: its full members, or the committee for a committee meeting. Whoever is a guest
    elsewhere is expected there and not at home, but votes at home: kinds with a vote expect
    them at home alone, the others at their host's alone. Five queries at most.
    """
    if not kinds:
        return []
    posts = _posts(organization, day)
    members: dict[int, str] = {}
    hosted = NOBODY_HOSTED
    if asks_members(kinds):
        members = _members(organization, group, day)
        hosted = _hosted(organization, group, members, day)
    expected = roll_from(kinds, posts, members, hosted)
    people = Person.objects.filter(pk__in=expected).only("pk", "name", "sex", "path").in_bulk()
    return [Expected(people[pk], voice) for pk, voice in expected.items() if pk in people]


@dataclass(frozen=True, slots=True)
class Hosted:
    """Who takes part elsewhere on a day, and the guests here with their state."""

    away: frozenset[int] = frozenset()
    guests: Mapping[int, str] = field(default_factory=dict)

    def taking_part(self, members: Mapping[int, str]) -> dict[int, str]:
        here = {pk: state for pk, state in members.items() if pk not in self.away}
        return {**here, **self.guests}


NOBODY_HOSTED = Hosted()


def asks_members(kinds: Iterable[ActivityKind]) -> bool:
    """Whether a roll of these kinds depends on the members and not on posts alone."""
    return bool({kind.roll for kind in kinds} - {"committee", "nobody"})


def roll_from(
    kinds: Sequence[ActivityKind],
    posts: Mapping[int, HeldPost],
    members: Mapping[int, str],
    hosted: Hosted = NOBODY_HOSTED,
) -> dict[int, bool]:
    """The roll from who held posts, was a member or a guest: person → has a vote, in order."""
    committee = {pk for pk, held in posts.items() if held.in_committee}
    full = {pk for pk, state in members.items() if state == FULL}

    def listed(kind: ActivityKind) -> set[int]:
        if kind.roll in ("committee", "nobody"):
            return committee if kind.roll == "committee" else set()
        found = members if kind.vote else hosted.taking_part(members)
        return {pk for pk, state in found.items() if kind.roll != "full-members" or state == FULL}

    voting = next((kind for kind in kinds if kind.vote), kinds[0])
    entitled = committee if voting.roll == "committee" else listed(voting) & full
    due = set().union(*(listed(kind) for kind in kinds))
    ordered = sorted(due, key=lambda pk: (posts[pk].rank if pk in posts else 99, pk))
    return {pk: pk in entitled for pk in ordered}


def _hosted(
    organization: Organization, group: PartyGroup | None, members: Mapping[int, str], day: date
) -> Hosted:
    """Members who are guests elsewhere; guests of the branch, who are in none of its groups."""
    rows = Belonging.objects.filter(on_day(day), kind=Belonging.Kind.HOST)
    rows = rows.filter(Q(person__in=members) | Q(organization=organization))
    places = dict(rows.values_list("person", "organization"))
    here = {pk for pk, place in places.items() if place == organization.pk}
    guests: dict[int, str] = {}
    if here and group is None:
        states = MembershipState.objects.filter(on_day(day), state__in=MEMBERS, person__in=here)
        guests = dict(states.values_list("person", "state"))
    return Hosted(frozenset(places.keys() - here), guests)


def _posts(organization: Organization, day: date) -> dict[int, HeldPost]:
    """Holders of posts on a day: their first rank, and whether one is in the committee."""
    rows = Holding.objects.in_post_on(day).filter(post__organization=organization)
    return first_posts(rows.values_list("person", "post__rank", "post__in_committee"))


def first_posts(rows: Iterable[tuple[int, int, bool]]) -> dict[int, HeldPost]:
    """By person, from rows of person, rank and whether the post is in the committee."""
    found: dict[int, HeldPost] = {}
    for pk, rank, in_committee in rows:
        before = found.get(pk, HeldPost(99, in_committee=False))
        found[pk] = HeldPost(min(rank, before.rank), in_committee or before.in_committee)
    return found


def _members(organization: Organization, group: PartyGroup | None, day: date) -> dict[int, str]:
    """Members of the branch, or of its party group, on a day, with their state. One query."""
    states = MembershipState.objects.filter(on_day(day), state__in=MEMBERS)
    if group is not None:
        joined = GroupMembership.objects.filter(on_day(day), group=group)
        found = states.filter(person__in=joined.values("person"))
    else:
        home = Belonging.objects.filter(
            on_day(day), organization=organization, kind=Belonging.Kind.HOME
        )
        found = states.filter(person__in=home.values("person"))
    return dict(found.values_list("person", "state"))


def usual_chair(
    organization: Organization,
    kinds: Sequence[ActivityKind],
    day: date,
    *,
    group: PartyGroup | None = None,
) -> int | None:
    """Whoever holds the first of the posts that usually chair such a sitting."""
    wanted = [post for kind in kinds for post in kind.chaired_by]
    rows = Holding.objects.in_post_on(day).filter(
        post__organization=organization, post__group=group, post__kind__in=wanted
    )
    found = sorted(rows.values_list("post__kind", "person"), key=lambda r: wanted.index(r[0]))
    return found[0][1] if found else None


def sent_before(
    organization: Organization,
    group: PartyGroup | None,
    draft: Draft,
    *,
    by: "User",
    at: datetime,
) -> Activity | None:
    """What the same person made of the same sitting minutes ago: a form sent twice.

    Two queries. The caller has locked the organisation.
    """
    lately = at - SENT_AGAIN
    rows = Activity.objects.filter(
        Q(recorded_by=by, recorded_at__gte=lately) | Q(planned_by=by, planned_at__gte=lately),
        organization=organization,
        group=group,
        starts_at=draft.starts_at,
        theme=draft.theme,
        place=draft.place,
        status__in=[Activity.Status.PLANNED, Activity.Status.HELD],
    )
    kinds = {kind.reference for kind in draft.kinds}
    found = rows.prefetch_related("kinds").order_by("-pk")
    return next((a for a in found if {k.reference for k in a.kinds.all()} == kinds), None)


def plain_theme(theme: str) -> str:
    """A theme without spaces, quotes and punctuation, for comparing."""
    return "".join(c for c in theme.lower() if c.isalnum())


def repeated_theme(
    organization: Organization,
    *,
    theme: str,
    choices: Sequence[Choice],
    day: date,
    apart_from: int | None = None,
) -> Activity | None:
    """The latest activity of the same kinds and theme within the pack's time, its first day too."""
    asking = [c for c in choices if c.kind.theme.not_again_within]
    if not asking or not plain_theme(theme):
        return None
    spans = [Duration.parse(c.kind.theme.not_again_within or "P0D") for c in asking]
    earliest = min(span.before(day) for span in spans)
    rows = (
        Activity.objects.filter(organization=organization, held_on__gte=earliest)
        .filter(held_on__lte=day, kinds__reference__in=[c.reference for c in asking])
        .exclude(status__in=[Activity.Status.CANCELLED, Activity.Status.VOID])
        .exclude(pk=apart_from or 0)
        .latest_first()
        .distinct()
    )
    wanted = plain_theme(theme)
    return next((row for row in rows if plain_theme(row.theme) == wanted), None)


@dataclass(frozen=True, slots=True)
class Attendance:
    """How often somebody was expected, and how often they came. Each sitting counts once."""

    due: int = 0
    present: int = 0


def attendance(people: Collection[int], since: date, until: date) -> dict[int, Attendance]:
    """By person, over sittings held in ``[since, until)``, at home or as a guest. One query."""
    rows = (
        Participation.objects.filter(settled("activity__"), person__in=people, is_due=True)
        .filter(activity__status__in=TOOK_PLACE)
        .filter(activity__held_on__gte=since, activity__held_on__lt=until)
        .values("person")
        .annotate(due=Count("pk"), present=Count("pk", filter=Q(status="present")))
        .values_list("person", "due", "present")
    )
    return {person: Attendance(due, present) for person, due, present in rows}


@dataclass(frozen=True, slots=True)
class Leader:
    """A member of the branch who leads elsewhere: here an ordinary member."""

    person: Person
    posts: tuple[str, ...]
    attendance: Attendance


def leaders(organization: Organization, on: date, *, since: date) -> list[Leader]:
    """Members at home there who hold a leading post elsewhere, with their attendance.

    Which posts lead is a pack's catalogue; nobody where none is adopted there. Attendance
    from ``since`` to the end of ``on``. One query; five where somebody holds a post elsewhere.
    """
    held = (
        Holding.objects.in_post_on(on)
        .filter(person__home=organization)
        .exclude(post__organization=organization)
        .select_related("person", "post__organization")
        .order_by("post__rank", "pk")
    )
    held_by: dict[Person, list[Holding]] = {}
    for holding in held:
        held_by.setdefault(holding.person, []).append(holding)
    posts = leading_posts(organization, on, held_by)
    came = attendance([person.pk for person in posts], since, on + timedelta(days=1))
    return [
        Leader(person, titles, came.get(person.pk, Attendance()))
        for person, titles in posts.items()
    ]


def leading_posts(
    organization: Organization, on: date, held_by: Mapping[Person, Sequence[Holding]]
) -> dict[Person, tuple[str, ...]]:
    """Of posts held elsewhere, those that lead by what ``organization`` goes by. Three queries."""
    if not held_by:
        return {}
    adopted = adoptions.items_in_force(organization, on, "catalogues")["catalogues"]
    leading = {
        entry.id
        for item in adopted
        if isinstance(item.wording.item, Catalogue) and item.wording.item.of == "leading-posts"
        for entry in item.wording.item.entries
    }
    titles = {
        person: tuple(
            f"{holding.post.organization.called}{holding.post.title}"
            for holding in holdings
            if holding.post.kind in leading
        )
        for person, holdings in held_by.items()
    }
    return {person: posts for person, posts in titles.items() if posts}


def sittings_of(person_id: int, since: date, until: date) -> QuerySet[Participation]:
    """What somebody was due at or sat in on, latest first, with where and what. Two queries."""
    return (
        Participation.objects.filter(settled("activity__"), person=person_id)
        .filter(activity__status__in=TOOK_PLACE)
        .filter(activity__held_on__gte=since, activity__held_on__lt=until)
        .select_related("activity__organization", "activity__group")
        .prefetch_related(Prefetch("activity__kinds", KindOf.objects.order_by("pk")))
        .order_by("-activity__starts_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Attended:
    """An activity, how many were expected at it and how many of them came.

    As stated where only numbers were brought in from a year before.
    """

    activity: Activity
    due: int
    present: int

    @property
    def is_counted(self) -> bool:
        """Whether it is known how many came: an old book may say nothing of it."""
        return self.activity.has_taken_place and bool(self.due or not self.activity.is_brought_in)


def attended(activities: Iterable[Activity]) -> Iterator[Attended]:
    """Each with its attendance, in their order. One query for every so many.

    Counted for those that are shown: over all activities of a county, to find the latest
    few, it takes seconds.
    """
    rows = iter(activities)
    while some := list(islice(rows, ATTENDED_AT_ONCE)):
        came = Participation.objects.filter(activity__in=some, is_due=True).values("activity")
        present = Count("pk", filter=Q(status="present"))
        counts = {
            pk: (due, here)
            for pk, due, here in came.annotate(due=Count("pk"), present=present).values_list(
                "activity", "due", "present"
            )
        }
        for activity in some:
            due, here = counts.get(activity.pk, (0, 0))
            if activity.stated_due is not None:
                due, here = activity.stated_due, activity.stated_present or 0
            yield Attended(activity, due, here)


def kinds_to_choose() -> list[tuple[str, str]]:
    """Reference and title of kinds that a list is narrowed by, by title.

    Those of every pack that was ever adopted, and those that past years brought in without
    one. Talks are no activities. Two queries.
    """
    titles = {
        f"{pack.id}:{wording.id}": wording.item.short or wording.item.title
        for pack in library.packs().values()
        for wording in (wordings[-1] for wordings in pack.wordings("activities"))
        if isinstance(wording.item, ActivityKind) and not wording.item.is_a_talk
    }
    adopted = set(Adoption.objects.values_list("pack", flat=True))
    others = [reference for reference in titles if reference.partition(":")[0] not in adopted]
    rows = KindOf.objects.filter(reference__in=others).order_by("reference")
    shown = (titles.keys() - others) | set(rows.values_list("reference", flat=True).distinct())
    return sorted(((each, titles[each]) for each in shown), key=itemgetter(1, 0))


def called(text: str) -> Q:
    """Activities with ``text`` in their theme or in what kind of meeting they were."""
    kinds = KindOf.objects.filter(title__icontains=text)
    return Q(theme__icontains=text) | Q(pk__in=kinds.values("activity"))
