"""Which talks count for whom: each with one of those the pack names, on the day they talked."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from zhibu.core import paths
from zhibu.duties.models import Obligation, Talk
from zhibu.organizations.models import Placement
from zhibu.packs.schema.duties import Duty, Partner
from zhibu.people.models import MEMBERS, Belonging, Holding, MembershipState

FAR = date.max
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Counted:
    """A talk as ``counting`` sees it: one side's."""

    source_id: int
    kind: str
    held_on: date
    credited_on: date
    entered_on: date
    items: tuple[str, ...] = ()


def _lists() -> Any:
    return defaultdict(list)


@dataclass
class _Standing:
    """Where the other sides stood over time, read once."""

    posts: dict[int, list[tuple[date, date, str, int]]] = field(default_factory=_lists)
    homes: dict[int, list[tuple[date, date, int]]] = field(default_factory=_lists)
    members: dict[int, list[Span]] = field(default_factory=_lists)
    places: dict[int, list[tuple[date, date, str]]] = field(default_factory=_lists)

    def is_one_of(self, partner: Partner, person: int, organization: int, day: date) -> bool:
        """Whether ``person`` is whom somebody of ``organization`` may talk with on ``day``."""
        if not partner.posts:
            is_home = any(
                since <= day < until and home == organization
                for since, until, home in self.homes.get(person, ())
            )
            return is_home and any(s <= day < u for s, u in self.members.get(person, ()))
        return any(
            since <= day < until
            and kind in partner.posts
            and self._fits(partner, of, organization, day)
            for since, until, kind, of in self.posts.get(person, ())
        )

    def _fits(self, partner: Partner, of: int, organization: int, day: date) -> bool:
        if partner.of == "organization":
            return of == organization
        above, below = self._path(of, day), self._path(organization, day)
        return bool(above and below) and above != below and paths.is_under(below, above)

    def _path(self, organization: int, day: date) -> str:
        spells = self.places.get(organization, ())
        return next((path for since, until, path in spells if since <= day < until), "")


def _standing(people: Collection[int], organizations: Collection[int]) -> _Standing:
    """Four queries, whatever the number of people."""
    found = _Standing()
    rows = Holding.objects.filter(person__in=people).values_list(
        "person", "since", "ended_on", "post__kind", "post__organization"
    )
    of = set(organizations)
    for person, since, ended_on, kind, organization in rows:
        found.posts[person].append((since, ended_on or FAR, kind, organization))
        of.add(organization)
    homes = Belonging.objects.filter(person__in=people, kind=Belonging.Kind.HOME)
    for person, since, until, home in homes.values_list("person", "since", "until", "organization"):
        found.homes[person].append((since, until or FAR, home))
    states = MembershipState.objects.filter(person__in=people, state__in=MEMBERS)
    for person, since, until in states.values_list("person", "since", "until"):
        found.members[person].append((since, until or FAR))
    placed = Placement.objects.filter(organization__in=of)
    for organization, since, until, path in placed.values_list(
        "organization", "since", "until", "path"
    ):
        found.places[organization].append((since, until or FAR, path))
    return found


def counted(rows: Sequence[Obligation], duties: Sequence[Duty]) -> dict[int, list[Counted]]:
    """Talks that count for each obligation of a pair, by its place in ``rows``.

    Both sides confirmed it, it lies in the period, and the other side is one of those the
    duty names. Five queries, whatever the number; none where there is no pair.
    """
    found: dict[int, list[Counted]] = defaultdict(list)
    if not rows:
        return found
    owing = {row.holder_id for row in rows}
    talks = list(
        Talk.objects.confirmed()
        .filter(Q(first__in=owing) | Q(second__in=owing))
        .filter(held_on__gte=min(row.period_since for row in rows))
        .order_by("held_on", "pk")
    )
    sides: dict[int, list[tuple[int, Talk]]] = defaultdict(list)
    for talk in talks:
        sides[talk.first_id].append((talk.second_id, talk))
        sides[talk.second_id].append((talk.first_id, talk))
    others = {pk for talk in talks for pk in (talk.first_id, talk.second_id)}
    standing = _standing(others, {row.organization_id for row in rows}) if talks else None
    for index, (row, duty) in enumerate(zip(rows, duties, strict=True)):
        assert duty.with_one_of is not None
        for other, talk in sides.get(row.holder_id, ()):
            inside = row.period_since <= talk.held_on < row.period_until
            if (
                standing is not None
                and inside
                and talk.kind in duty.fulfilled_by
                and standing.is_one_of(duty.with_one_of, other, row.organization_id, talk.held_on)
            ):
                found[index].append(_as_counted(talk))
    return found


def _as_counted(talk: Talk) -> Counted:
    """Entered on the day it was written down; both sides may say yes later."""
    return Counted(talk.pk, talk.kind, talk.held_on, talk.held_on, talk.recorded_on)
