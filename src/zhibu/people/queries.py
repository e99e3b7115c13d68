"""Finding people, and what a person's page tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)

from zhibu.accounts.models import User
from zhibu.core import paths
from zhibu.core.encryption import keyed_hash
from zhibu.core.intervals import on_day
from zhibu.core.predicates import Condition
from zhibu.imports.models import settled
from zhibu.organizations.models import Organization, PartyGroup, Placement, Post
from zhibu.organizations.queries import post_kinds, subtree_on
from zhibu.people import id_numbers, names, phones
from zhibu.people.models import (
    Belonging,
    GroupMembership,
    Holding,
    MembershipState,
    NameToken,
    Person,
    PersonQuerySet,
    State,
)

LAST = chr(0x10FFFF)  # sorts after every character, code point by code point
SHORTEST_NUMBER = 7
ANY_MEMBER, NO_STATE, GUESTS, AWAY = "members", "none", "guests", "away"


def _by_number(text: str) -> Q:
    """People whose whole identity number or phone is ``text``, however it is spaced."""
    as_phone = Q(phone_hash=keyed_hash(phones.normal(text), purpose="phone"))
    read = id_numbers.read(text)
    if read.fault:
        return as_phone
    return as_phone | Q(id_number_hash=keyed_hash(read.number, purpose="id_number"))


def _by_name(text: str) -> Q:
    """People with a token that begins with ``text``: one range of the token index."""
    tokens = NameToken.objects.filter(token__gte=text, token__lt=text + LAST)
    return Q(pk__in=tokens.values("person"))


def is_number(text: str) -> bool:
    """Whether ``text`` is meant as an identity number or a phone, and not as a name."""
    number = phones.normal(text)
    digits = sum(character.isdecimal() for character in number)
    return digits >= SHORTEST_NUMBER and number.isascii() and number.isalnum()


def found_by(text: str) -> Q:
    """A filter for people by name, pinyin, initials, whole identity number or whole phone.

    Digits are a number and nothing else: parts of numbers find nobody. No query of its own.
    """
    if is_number(text):
        return _by_number(text)
    name = names.normal(text).replace("ü", "v")
    return _by_name(name) if name else Q(pk__in=[])


def with_state(people: QuerySet[Person], on: date) -> QuerySet[Person]:
    """``people`` with ``state_on``: what each was towards the Party that day, or None."""
    states = MembershipState.objects.filter(on_day(on), person=OuterRef("pk"))
    return people.annotate(state_on=Subquery(states.values("state")[:1]))


def _in_state(people: PersonQuerySet, state: str, on: date) -> PersonQuerySet:
    if state == ANY_MEMBER:
        return people.members_on(on)
    if state == NO_STATE:
        states = MembershipState.objects.filter(on_day(on), person=OuterRef("pk"))
        return people.filter(~Exists(states))
    if state in (GUESTS, AWAY):
        return people.filter(host_path__gt="")
    return people.in_state((state,), on)


def search(
    user: User,
    text: str,
    *,
    organization: Organization | None = None,
    state: str | None = None,
    on: date,
) -> QuerySet[Person]:
    """People within reach of ``user`` that fit, by branch and then as registered.

    ``text`` "" fits everybody. ``organization``: at home there or below on ``on``.
    ``state``: one of ``State``, ``members`` (full and probationary), ``none``, ``guests`` (the
    organisation is then where they are guests) or ``away`` (guests elsewhere). Each row
    carries ``state_on`` and its home. One query.
    """
    people: PersonQuerySet = Person.objects.visible_to(user)
    if text.strip():
        people = people.filter(found_by(text))
    if organization is not None:
        at_home = Belonging.objects.filter(
            on_day(on),
            kind=Belonging.Kind.HOST if state == GUESTS else Belonging.Kind.HOME,
            organization__in=subtree_on([organization.pk], on),
        )
        people = people.filter(pk__in=at_home.values("person"))
    if state:
        people = _in_state(people, state, on)
    return with_state(people, on).select_related("home").order_by("path", "pk")


@dataclass(frozen=True, slots=True)
class Seat:
    """A post and one who holds it on a day; ``person`` is None where nobody does."""

    post: Post
    holding_id: int | None
    person_id: int | None
    name: str
    since: date | None
    until: date | None
    manner: str
    is_expired: bool

    @property
    def manner_in_words(self) -> str:
        return "" if self.manner in ("", "full") else str(Holding.Manner(self.manner).label)


def seats_on(organization: Organization, day: date) -> list[Seat]:
    """Posts that stand on ``day`` with who holds them, secretary first, groups' posts last.

    A post held by several comes once for each, an empty one once. One query.
    """
    held = Q(holdings__since__lte=day) & (
        Q(holdings__ended_on__isnull=True) | Q(holdings__ended_on__gt=day)
    )
    rows = (
        organization.posts.standing_on(day)
        .select_related("group")
        .annotate(held=FilteredRelation("holdings", condition=held))
        .annotate(
            holding_id=F("held__pk"),
            holder_id=F("held__person"),
            holder_name=F("held__person__name"),
            held_since=F("held__since"),
            held_until=F("held__until"),
            held_manner=F("held__manner"),
        )
        .order_by("group__name", "rank", "pk", "held__pk")
    )
    return [_seat(row, day) for row in rows]


def _seat(row: Any, day: date) -> Seat:
    return Seat(
        post=row,
        holding_id=row.holding_id,
        person_id=row.holder_id,
        name=row.holder_name or "",
        since=row.held_since,
        until=row.held_until,
        manner=row.held_manner or "",
        is_expired=bool(row.held_until and row.held_until <= day),
    )


@dataclass(frozen=True, slots=True)
class Headcount:
    """People at home in an organisation and below it on a day."""

    people: int
    full: int
    probationary: int
    guests: int = 0

    @property
    def members(self) -> int:
        return self.full + self.probationary


def headcount(path: str, day: date) -> Headcount:
    """Who is at home under ``path``, as the tree was on ``day``, and who is a guest there.

    A guest is counted at home alone; ``guests`` is beside the others. One query.
    """
    placed = Placement.objects.filter(on_day(day)).filter(paths.under(path))
    here = Belonging.objects.filter(on_day(day), organization__in=placed.values("organization"))
    states = MembershipState.objects.filter(on_day(day), person=OuterRef("person"))
    rows = here.filter(settled("person__")).annotate(state_on=Subquery(states.values("state")[:1]))
    home = Q(kind=Belonging.Kind.HOME)
    counts = rows.aggregate(
        people=Count("pk", filter=home),
        full=Count("pk", filter=home & Q(state_on=State.FULL)),
        probationary=Count("pk", filter=home & Q(state_on=State.PROBATIONARY)),
        guests=Count("pk", filter=Q(kind=Belonging.Kind.HOST)),
    )
    return Headcount(**counts)


def headcount_on(organization: Organization, day: date) -> Headcount:
    """The same of an organisation, wherever it stood on ``day``; nobody where nowhere."""
    place = organization.placements.filter(on_day(day)).values_list("path", flat=True).first()
    return headcount(place, day) if place else Headcount(0, 0, 0)


def groups_on(organization: Organization, day: date) -> list[PartyGroup]:
    """Party groups that exist on ``day``, by name, with ``size``: who is in them then.

    One query.
    """
    inside = on_day(day, "memberships__")
    rows = PartyGroup.objects.filter(on_day(day), organization=organization)
    return list(rows.annotate(size=Count("memberships", filter=inside)).order_by("since", "pk"))


@dataclass(frozen=True, slots=True)
class Record:
    """A person's dated rows, newest first."""

    states: Sequence[MembershipState]
    belongings: Sequence[Belonging]
    groups: Sequence[GroupMembership]
    holdings: Sequence[Holding]

    @property
    def host(self) -> Belonging | None:
        rows = (row for row in self.belongings if row.kind == Belonging.Kind.HOST)
        return next((row for row in rows if row.until is None), None)

    @property
    def state(self) -> MembershipState | None:
        return next((row for row in self.states if row.until is None), None)

    @property
    def group(self) -> GroupMembership | None:
        return next((row for row in self.groups if row.until is None), None)


def record(person: Person) -> Record:
    """Membership, branches, groups and posts of a person. Four queries.

    They are prefetched on ``person``: a panel of its page reads its posts without asking.
    """
    prefetch_related_objects(
        [person],
        Prefetch("states", MembershipState.objects.order_by("-since", "-pk")),
        Prefetch(
            "belongings",
            Belonging.objects.select_related("organization").order_by("-since", "-pk"),
        ),
        Prefetch(
            "group_memberships",
            GroupMembership.objects.select_related("group").order_by("-since", "-pk"),
        ),
        Prefetch(
            "holdings",
            Holding.objects.select_related("post__organization", "post__group").order_by(
                F("ended_on").desc(nulls_first=True), "-since", "-pk"
            ),
        ),
    )
    return Record(
        states=list(person.states.all()),
        belongings=list(person.belongings.all()),
        groups=list(person.group_memberships.all()),
        holdings=list(person.holdings.all()),
    )


def account_of(person: Person) -> User | None:
    """The account of a person, or None. One query."""
    return User.objects.filter(person_id=person.pk).first()


def posts_held_at(person: Person, day: date) -> list[Organization]:
    """Organisations where a person holds a post that is not handed over on ``day``.

    One query.
    """
    still = Q(ended_on__isnull=True) | Q(ended_on__gt=day)
    held = Holding.objects.filter(still, person=person, since__lte=day)
    return list(
        Organization.all_rows.filter(pk__in=held.values("post__organization")).order_by("path")
    )


def choosable(organization: int, on: date, where: Condition | None = None) -> list[tuple[int, str]]:
    """Whom an organisation chooses from: its own people where it is a branch, else whoever
    holds a post there; those who meet ``where``. Number and name, by name. A few queries."""
    ids = set(Person.objects.belonging_to(organization, on).values_list("pk", flat=True))
    if not ids:
        held = Holding.objects.in_post_on(on).filter(post__organization=organization)
        ids = set(held.values_list("person", flat=True))
    if where is not None:
        ids = where.satisfied_by(ids, on)
    return list(Person.objects.filter(pk__in=ids).order_by("name", "pk").values_list("pk", "name"))


def is_at_home(person: int | None, organization: int, on: date) -> bool:
    """Whether it is somebody's home branch that day; nobody is at home nowhere. One query."""
    home = Person.objects.belonging_to(organization, on)
    return person is not None and home.filter(pk=person).exists()


def voters(organization: int, roll: str, on: date) -> set[int]:
    """Who has a vote there on a day: its full members (``full-members``), who vote at home, or
    its committee (``committee``). One query."""
    if roll == "committee":
        held = Holding.objects.in_post_on(on).filter(
            post__organization=organization, post__in_committee=True
        )
        return set(held.values_list("person", flat=True))
    home = Person.objects.belonging_to(organization, on)
    return set(home.in_state((State.FULL,), on).values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Known:
    """Who holds a post of which residents may know the holder: ``title`` of the post with how it
    is held, ``name`` of the person. No other fact of a person."""

    organization: int
    title: str
    name: str


def known_holders(organizations: Sequence[Organization], day: date) -> list[Known]:
    """Who holds, on a day, the posts of these organisations whose holders a pack makes public, in
    their order and by rank. Posts of party groups are none of them. One query."""
    public = {
        (kind, name)
        for kind in {one.kind for one in organizations}
        for name, post in post_kinds(kind, day).items()
        if post.public
    }
    kind_of = {one.pk: one.kind for one in organizations}
    order = {one.pk: place for place, one in enumerate(organizations)}
    rows = (
        Holding.objects.in_post_on(day)
        .filter(
            settled("person__"),
            on_day(day, "post__"),
            post__organization__in=list(kind_of),
            post__group=None,
            post__kind__in={name for _, name in public},
        )
        .select_related("person", "post")
    )
    held = [r for r in rows if (kind_of[r.post.organization_id], r.post.kind) in public]
    held.sort(key=lambda row: (order[row.post.organization_id], row.post.rank, row.since, row.pk))
    return [Known(row.post.organization_id, _held_as(row), row.person.name) for row in held]


def _held_as(row: Holding) -> str:
    is_full = row.manner == Holding.Manner.FULL
    return row.post.title if is_full else f"{row.post.title}（{row.get_manner_display()}）"
