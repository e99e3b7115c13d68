"""Whom the filter of the grouping page finds, and who is in which group."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet

from zhibu.core import standing
from zhibu.core.dates import add_months
from zhibu.core.intervals import on_day
from zhibu.organizations.models import Organization
from zhibu.packs import catalogues
from zhibu.packs.catalogues import Listed
from zhibu.people import queries
from zhibu.people.models import MemberGrouping, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

OF = "member-groups"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; None and "" mean any. Ages are completed years on the day."""

    organization: Organization | None = None
    state: str = ""
    age_from: int | None = None
    age_to: int | None = None
    sex: str = ""
    education: str = ""
    occupation: str = ""
    within: str = ""
    not_within: str = ""


def changeable(user: "User", wanted: Wanted, on: date) -> QuerySet[Person]:
    """People ``user`` may group that fit, by branch and then as registered. One query.

    Somebody whose day of birth is unknown fits no age.
    """
    people: Any = queries.search(
        user, "", organization=wanted.organization, state=wanted.state or None, on=on
    ).filter(standing.reach_q(user, "people.change"))
    if wanted.age_from is not None:
        people = people.filter(born_on__lte=add_months(on, -12 * wanted.age_from))
    if wanted.age_to is not None:
        people = people.filter(born_on__gt=add_months(on, -12 * (wanted.age_to + 1)))
    for name in ("sex", "education"):
        if value := getattr(wanted, name):
            people = people.filter(**{name: value})
    if wanted.occupation:
        people = people.filter(occupation__contains=wanted.occupation)
    if wanted.within:
        people = people.filter(_in_group(wanted.within, on))
    if wanted.not_within:
        people = people.filter(~_in_group(wanted.not_within, on))
    found: QuerySet[Person] = people
    return found


def _in_group(group: str, on: date) -> Exists:
    return Exists(MemberGrouping.objects.filter(on_day(on), person=OuterRef("pk"), group=group))


def groups_of(people: Collection[int], on: date) -> dict[int, list[str]]:
    """Titles of the groups each person is in on ``on``, in the packs' order. One query."""
    titles = catalogues.titles(OF, on)
    order = {token: place for place, token in enumerate(titles)}
    rows = MemberGrouping.objects.filter(on_day(on), person__in=people)
    found: dict[int, list[str]] = defaultdict(list)
    listed = rows.values_list("person", "group")
    for person, group in sorted(listed, key=lambda row: order.get(row[1], len(order))):
        found[person].append(titles.get(group, group))
    return found


def history(person: Person, on: date) -> list[tuple[str, MemberGrouping]]:
    """A person's groups with their titles, newest first. One query."""
    titles = catalogues.titles(OF, on)
    rows = person.member_groups.order_by("-since", "-pk")
    return [(titles.get(row.group, row.group), row) for row in rows]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A catalogue of groups with how many of one's people are in each."""

    title: str
    about: str
    cited: str
    groups: Sequence[tuple[Listed, int]]


def shelves(user: "User", on: date) -> list[Shelf]:
    """Every catalogue of member groups, counted over the people ``user`` may group. One query."""
    mine = Person.objects.filter(standing.reach_q(user, "people.change")).values("pk")
    rows = MemberGrouping.objects.filter(on_day(on), person__in=mine)
    counts = Counter(rows.values_list("group", flat=True))
    by_shelf: dict[str, list[Listed]] = defaultdict(list)
    for one in catalogues.listed(OF, on).values():
        by_shelf[one.shelf].append(one)
    return [
        Shelf(
            title=listed[0].catalogue.title,
            about=listed[0].catalogue.about,
            cited=listed[0].cited,
            groups=[(one, counts[one.token]) for one in listed],
        )
        for listed in by_shelf.values()
    ]
