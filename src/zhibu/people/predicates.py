"""Conditions about people, and about organisations by their people."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from pydantic import Field as Parameter

from zhibu.core.dates import add_months
from zhibu.core.intervals import on_day
from zhibu.core.predicates import Params, predicate, shared, turned
from zhibu.people.models import (
    MEMBERS,
    Belonging,
    Holding,
    MemberGrouping,
    MembershipState,
    Person,
    State,
)


def _in_state(ids: Collection[int], on: date, states: tuple[str, ...]) -> set[int]:
    rows: Any = MembershipState.objects.filter(on_day(on), person__in=ids, state__in=states)
    return set(rows.values_list("person", flat=True))


@predicate("is_full_member", subject="person", title="正式党员")
def is_full_member(ids: Collection[int], on: date, params: Params) -> set[int]:
    return _in_state(ids, on, (State.FULL,))


@predicate("is_probationary_member", subject="person", title="预备党员")
def is_probationary_member(ids: Collection[int], on: date, params: Params) -> set[int]:
    return _in_state(ids, on, (State.PROBATIONARY,))


class Years(Params):
    """``years``: completed years, of age or since a day."""

    years: int = Parameter(ge=0, le=120)


@predicate("age_at_least", subject="person", title="年满 {years} 岁", params=Years)
def age_at_least(ids: Collection[int], on: date, params: Years) -> set[int]:
    """Unknown birth days do not satisfy it."""
    latest = add_months(on, -12 * params.years)
    rows: Any = Person.objects.filter(pk__in=ids, born_on__lte=latest)
    return set(rows.values_list("pk", flat=True))


class Ended(Years):
    """``but_for``: what the end was registered to rest on, word for word, where it does not
    count; an end that rests on nothing named counts."""

    but_for: list[str] = []


@predicate(
    "ended_membership_within",
    subject="person",
    title="离开党组织不满 {years} 年",
    params=Ended,
)
def ended_membership_within(ids: Collection[int], on: date, params: Ended) -> set[int]:
    """Was a member, or suspended, until fewer than so many years ago, and is none since.

    An application that came to nothing is no membership. On the day the years are full they
    have gone by. One query.
    """
    months = 12 * params.years
    before = MembershipState.objects.filter(
        person=OuterRef("person"), until=OuterRef("since"), state__in=(*MEMBERS, State.SUSPENDED)
    )
    rows: Any = MembershipState.objects.filter(
        Exists(before), person__in=ids, state=State.ENDED,
        since__gte=add_months(on, -months), since__lte=on,
    ).exclude(basis__in=params.but_for)  # fmt: skip
    found = rows.values_list("person", "since")
    return {person for person, since in found if add_months(since, months) > on}


class Group(Params):
    """``group``: an entry of a pack's catalogue, publisher/slug:catalogue/entry."""

    group: str


@predicate("in_member_group", subject="person", title="属于{group}", params=Group)
def in_member_group(ids: Collection[int], on: date, params: Group) -> set[int]:
    """In that member group on that day."""
    rows: Any = MemberGrouping.objects.filter(on_day(on), person__in=ids, group=params.group)
    return set(rows.values_list("person", flat=True))


@turned("in_member_group")
def in_group_since(ids: Collection[int], on: date, params: Group) -> dict[int, date]:
    """The day they were put in; for those who are not, the day they last left."""
    rows: Any = MemberGrouping.objects.filter(
        person__in=ids, group=params.group, since__lte=on
    ).order_by("since")
    found: dict[int, date] = {}
    for person, since, until in rows.values_list("person", "since", "until"):
        found[person] = until if until is not None and until <= on else since
    return found


class Posts(Params):
    """``posts``: post ids of packs."""

    posts: list[str] = Parameter(min_length=1)


@predicate("holds_post", subject="person", title="任{posts}", params=Posts)
def holds_post(ids: Collection[int], on: date, params: Posts) -> set[int]:
    """Holds, or stands in for, a post of one of these kinds on that day, anywhere."""
    rows: Any = Holding.objects.in_post_on(on).filter(person__in=ids, post__kind__in=params.posts)
    return set(rows.values_list("person", flat=True))


@predicate("is_in_committee", subject="person", title="委员会成员")
def is_in_committee(ids: Collection[int], on: date, params: Params) -> set[int]:
    """Holds, or stands in for, a post of a committee on that day, anywhere."""
    rows: Any = Holding.objects.in_post_on(on).filter(person__in=ids, post__in_committee=True)
    return set(rows.values_list("person", flat=True))


class Size(Params):
    """``count``: number of full members."""

    count: int = Parameter(ge=1, le=10000)


def _sizes(ids: Collection[int], on: date) -> dict[int, Counter[str]]:
    """People at home in each organisation on ``on``, by state of membership. One query."""
    rows: Any = (
        Belonging.objects.filter(on_day(on), organization__in=ids, kind=Belonging.Kind.HOME)
        .filter(on_day(on, "person__states__"), person__states__state__in=MEMBERS)
        .values("organization", "person__states__state")
        .annotate(people=Count("person", distinct=True))
        .values_list("organization", "person__states__state", "people")
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for organization, state, people in rows:
        found[organization][state] += people
    return found


def _at_least(ids: Collection[int], on: date, count: int, states: tuple[str, ...]) -> set[int]:
    sizes = shared("people.sizes", lambda: _sizes(ids, on))
    return {pk for pk, size in sizes.items() if sum(size[state] for state in states) >= count}


@predicate(
    "full_members_at_least", subject="organization", title="正式党员不少于 {count} 人", params=Size
)
def full_members_at_least(ids: Collection[int], on: date, params: Size) -> set[int]:
    """Full members at home there on that day."""
    return _at_least(ids, on, params.count, (State.FULL,))


@predicate("members_at_least", subject="organization", title="党员不少于 {count} 人", params=Size)
def members_at_least(ids: Collection[int], on: date, params: Size) -> set[int]:
    """Full and probationary members together."""
    return _at_least(ids, on, params.count, MEMBERS)


def _in_post(ids: Collection[int], on: date) -> list[tuple[int, str, bool, int]]:
    """Organisation, kind of post, whether in its committee, person. One query."""
    rows: Any = Holding.objects.in_post_on(on).filter(post__organization__in=ids)
    columns = ("post__organization", "post__kind", "post__in_committee", "person")
    return list(rows.values_list(*columns))


def _held(ids: Collection[int], on: date) -> list[tuple[int, str, bool, int]]:
    return shared("people.in_post", lambda: _in_post(ids, on))


@predicate(
    "committee_seats_held_at_least",
    subject="organization",
    title="在任委员不少于 {count} 人",
    params=Size,
)
def committee_seats_held_at_least(ids: Collection[int], on: date, params: Size) -> set[int]:
    """People holding a post of the committee on that day, each once."""
    people: dict[int, set[int]] = defaultdict(set)
    for organization, _, in_committee, person in _held(ids, on):
        if in_committee:
            people[organization].add(person)
    return {pk for pk, found in people.items() if len(found) >= params.count}


class PostKind(Params):
    """``post``: a pack's post id."""

    post: str


@predicate("post_is_held", subject="organization", title="有人任{post}", params=PostKind)
def post_is_held(ids: Collection[int], on: date, params: PostKind) -> set[int]:
    """Somebody holds, or stands in for, a post of that kind on that day."""
    return {pk for pk, kind, _, _ in _held(ids, on) if kind == params.post}


@turned("post_is_held")
def post_vacant_since(ids: Collection[int], on: date, params: PostKind) -> dict[int, date]:
    """The day the last holder left; unknown where nobody is on record."""
    rows: Any = (
        Holding.objects.filter(post__organization__in=ids, post__kind=params.post)
        .filter(ended_on__lte=on)
        .values("post__organization")
        .annotate(day=Max("ended_on"))
    )
    return dict(rows.values_list("post__organization", "day"))


class HeldBy(Params):
    """``post``: a pack's post id. ``count``: number of people."""

    post: str
    count: int = Parameter(ge=1, le=100)


@predicate(
    "post_is_held_by_at_least",
    subject="organization",
    title="任{post}的不少于 {count} 人",
    params=HeldBy,
)
def post_is_held_by_at_least(ids: Collection[int], on: date, params: HeldBy) -> set[int]:
    """So many people hold, or stand in for, a post of that kind on that day."""
    people: dict[int, set[int]] = defaultdict(set)
    for organization, kind, _, person in _held(ids, on):
        if kind == params.post:
            people[organization].add(person)
    return {pk for pk, found in people.items() if len(found) >= params.count}
