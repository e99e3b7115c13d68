"""What is owed and done, in the words of the packs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from zhibu.accounts.models import User
from zhibu.adoptions.addresses import item_url
from zhibu.adoptions.queries import HeldItem, items_in_force
from zhibu.core import paths
from zhibu.core.dates import add_months
from zhibu.duties import spans
from zhibu.duties.models import PERSONAL, Explanation, HolderKind, Obligation, State, Talk
from zhibu.organizations.models import Organization, PartyGroup, Post
from zhibu.packs import library
from zhibu.packs.schema.activities import ActivityKind
from zhibu.packs.schema.duties import Duty
from zhibu.people.models import Holding, Person


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation with its duty, in words: 党小组会 第二组 10月, and its state on a day.

    ``holder`` is "" for the organisation itself. ``days_left`` is negative once due day
    has passed. ``word`` is the state's word where 补记 or 逾期 apply.
    """

    obligation: Obligation
    duty: Duty
    holder: str
    period: str
    cited: str
    state: State
    days_left: int

    @property
    def title(self) -> str:
        return " ".join(filter(None, [self.duty.short or self.duty.title, self.holder]))

    @property
    def rule_url(self) -> str:
        """Where the rule can be read, as it stood in the obligation's period."""
        row = self.obligation
        return item_url("duties", row.reference, organization=row.organization_id, on=row.wording)

    @property
    def shape(self) -> str:
        """Name of the state tag: 补记 and 逾期 have words of their own."""
        if self.state != "done":
            return self.state
        if self.obligation.entered_late:
            return "late"
        return "after" if self.obligation.held_late else "done"

    @property
    def word(self) -> str:
        """逾期补记 where both are true; "" for the state's usual word."""
        both = self.obligation.entered_late and self.obligation.held_late
        return "逾期补记" if self.state == "done" and both else ""


def holder_names(rows: Iterable[Obligation]) -> dict[tuple[str, int], str]:
    """What holders other than organisations are called. A query a kind of holder at most."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.holder_kind].add(row.holder_id)
    found: dict[tuple[str, int], str] = {}
    groups = wanted[HolderKind.PARTY_GROUP]
    if groups:
        for pk, name in PartyGroup.objects.filter(pk__in=groups).values_list("pk", "name"):
            found[HolderKind.PARTY_GROUP, pk] = name
    posts = wanted[HolderKind.POST]
    if posts:
        for pk, title in Post.objects.filter(pk__in=posts).values_list("pk", "title"):
            found[HolderKind.POST, pk] = title
    people = wanted[HolderKind.PERSON] | wanted[HolderKind.PAIR]
    if people:
        for pk, name in Person.all_rows.filter(pk__in=people).values_list("pk", "name"):
            found.update({(kind, pk): name for kind in PERSONAL})
    return found


def titles(references: Iterable[str]) -> dict[str, str]:
    """Short titles of duties, by publisher/slug:duty, as last worded; unknown ones as they are."""
    known = library.packs()
    found = {}
    for reference in references:
        pack_id, _, duty = reference.partition(":")
        pack = known.get(pack_id)
        wordings = pack.items.get(("duties", duty), ()) if pack else ()
        item = wordings[-1].item if wordings else None
        found[reference] = (item.short or item.title) if isinstance(item, Duty) else reference
    return found


def worded(rows: Sequence[Obligation], on: date) -> list[Owed]:
    """``rows`` with their duties, in the given order. Four queries at most."""
    known = library.packs()
    names = holder_names(rows)
    found = []
    for row in rows:
        pack = known.get(row.pack)
        wording = pack.wording_on("duties", row.duty, row.wording) if pack else None
        if pack is None or wording is None or not isinstance(wording.item, Duty):
            continue
        period = spans.of(wording.item, row.period_since, row.period_until)
        found.append(
            Owed(
                obligation=row,
                duty=wording.item,
                holder=names.get((row.holder_kind, row.holder_id), ""),
                period=spans.label(wording.item, period, on),
                cited=pack.cited(wording),
                state=row.state_on(on),
                days_left=(row.due_on - on).days,
            )
        )
    return found


def current(organization: Organization, on: date, *, back: int = 1) -> QuerySet[Obligation]:
    """Obligations whose period holds ``on``, and unfinished ones of ``back`` months before.

    What the organisation, its groups and posts owe, not its people one by one. Ordered by
    due day, then duty.
    """
    rows = Obligation.objects.impersonal().filter(organization=organization, applies=True)
    running = Q(period_since__lte=on, period_until__gt=on)
    earlier = Q(period_until__lte=on, period_until__gt=_back(on, back), is_exempt=False)
    unfinished = Q(done_on__isnull=True) | Q(done_on__gt=on)
    return rows.filter(running | (earlier & unfinished)).order_by("due_on", "duty", "holder_id")


def _back(on: date, months: int) -> date:
    return add_months(on.replace(day=1), -months)


def of_person(person_id: int, on: date, *, back: int = 1) -> QuerySet[Obligation]:
    """What somebody owes himself: running, and unfinished of ``back`` months before."""
    rows = Obligation.objects.of_person(person_id).owed()
    running = Q(period_since__lte=on, period_until__gt=on)
    earlier = Q(period_until__lte=on, period_until__gt=_back(on, back))
    unfinished = Q(done_on__isnull=True) | Q(done_on__gt=on)
    return rows.filter(running | (earlier & unfinished)).order_by("due_on", "duty")


@dataclass(frozen=True, slots=True)
class Coverage:
    """One duty of people in one organisation and period: how many owe it, how many did it."""

    pack: str
    duty: str
    period_since: date
    title: str
    period: str
    due_on: date
    done: int
    owed: int

    @property
    def column(self) -> str:
        return f"{self.pack}:{self.duty}@{self.period_since.isoformat()}"


def covered(rows: QuerySet[Obligation], on: date) -> list[Coverage]:
    """``rows``, which people owe, added up by duty and period, by due day.

    Three queries, whatever the number of people.
    """
    counted: dict[tuple[str, str, date], list[Obligation]] = defaultdict(list)
    for row in rows.order_by("due_on", "duty", "period_since"):
        counted[row.pack, row.duty, row.period_since].append(row)
    found = []
    for owed in worded([some[0] for some in counted.values()], on):
        row = owed.obligation
        some = counted[row.pack, row.duty, row.period_since]
        found.append(
            Coverage(
                pack=row.pack,
                duty=row.duty,
                period_since=row.period_since,
                title=owed.duty.short or owed.duty.title,
                period=owed.period,
                due_on=row.due_on,
                done=sum(one.done_on is not None and one.done_on <= on for one in some),
                owed=len(some),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """Who had a post over part of an obligation's period; ``until`` None: still has."""

    name: str
    manner: str
    since: date
    until: date | None


def holders_of_post(row: Obligation) -> list[Held]:
    """Who held, or stood in for, the post that owes ``row``, over its period. One query."""
    if row.holder_kind != HolderKind.POST:
        return []
    rows = Holding.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=row.period_since),
        post=row.holder_id,
        since__lt=row.period_until,
    ).select_related("person")
    return [
        Held(r.person.name, r.get_manner_display(), r.since, r.ended_on)
        for r in rows.order_by("since", "pk")
    ]


def talk_kinds(organization: Organization, day: date) -> list[HeldItem]:
    """Kinds of talk that may be recorded there, as worded on ``day``. Three queries."""
    held = items_in_force(organization, day, "activities")["activities"]
    return [
        item
        for item in held
        if isinstance(item.wording.item, ActivityKind) and item.wording.item.is_a_talk
    ]


def to_talk_with(person: Person, organization: Organization, on: date) -> list[Person]:
    """Whom somebody may have talked with: their own branch, and those in post above it.

    Holders of posts above come first, then by number. Two queries.
    """
    above = Holding.objects.in_post_on(on).filter(
        post__organization__path__in=paths.ancestors(organization.path)[:-1]
    )
    ranked = dict(above.order_by("-post__rank").values_list("person", "post__rank"))
    here = Q(path=organization.path) & Q(pk__in=Person.objects.members_on(on).values("pk"))
    people = Person.objects.filter(here | Q(pk__in=ranked)).exclude(pk=person.pk)
    return sorted(people, key=lambda p: (ranked.get(p.pk, 100), p.pk))


def talks_of(person_id: int, since: date) -> list[Talk]:
    """Somebody's talks from ``since`` on, the latest first; withdrawn ones left out."""
    rows = Talk.objects.standing().of_person(person_id).filter(held_on__gte=since)
    return list(rows.select_related("first", "second").order_by("-held_on", "-pk"))


def talks_to_confirm(person_id: int) -> list[Talk]:
    """Talks that wait for this side's word, oldest first."""
    rows = Talk.objects.standing().filter(
        Q(first=person_id, first_confirmed_at=None) | Q(second=person_id, second_confirmed_at=None)
    )
    return list(rows.select_related("first", "second").order_by("held_on", "pk"))


def talks_to_help_with(organization: Organization) -> list[tuple[Talk, Person]]:
    """Talks of an organisation that wait for somebody who has no account, with that side."""
    waiting = Q(first_confirmed_at=None) | Q(second_confirmed_at=None)
    rows = Talk.objects.standing().filter(waiting, organization=organization)
    talks = list(rows.select_related("first", "second").order_by("held_on", "pk")[:50])
    sides = {pk for talk in talks for pk in (talk.first_id, talk.second_id)}
    known = User.objects.filter(person_id__in=sides, is_active=True)
    able = set(known.values_list("person_id", flat=True))
    return [
        (talk, person)
        for talk in talks
        for person, at in (
            (talk.first, talk.first_confirmed_at),
            (talk.second, talk.second_confirmed_at),
        )
        if at is None and person.pk not in able
    ]


def explanations(
    organizations: Collection[int], since: date
) -> dict[tuple[str, int, str, date], str]:
    """Latest word on each obligation of periods from ``since`` on, by holder, duty, period."""
    rows = Explanation.objects.filter(
        organization__in=organizations, period_since__gte=since
    ).order_by("given_at")
    return {(r.holder_kind, r.holder_id, r.duty, r.period_since): r.text for r in rows}
