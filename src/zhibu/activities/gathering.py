"""The facts of many sittings at once: what ``sittings.sitting_of`` asks one by one.

Rows of all organisations are read whole, once, and looked up by day afterwards; the rules
that make choices and rolls of them are those of ``queries``.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Q
from django.utils import timezone

from zhibu.activities import queries
from zhibu.activities.drafts import Draft
from zhibu.activities.queries import Choice, Expected, HeldPost, Hosted
from zhibu.activities.sittings import Sitting, chosen, holder_of
from zhibu.adoptions import queries as adoptions
from zhibu.adoptions.queries import Held, HeldItem
from zhibu.duties.models import HolderKind, Obligation
from zhibu.organizations.models import Organization, PartyGroup, Placement
from zhibu.packs import library
from zhibu.packs.schema.activities import ActivityKind
from zhibu.people.models import (
    MEMBERS,
    Belonging,
    GroupMembership,
    Holding,
    MembershipState,
    Person,
)

T = TypeVar("T")
Wanted = tuple[Organization, PartyGroup | None, Draft]


@dataclass(frozen=True, slots=True)
class _Spell(Generic[T]):
    """Something that held over ``[since, until)``; no ``until``: it still does."""

    since: date
    until: date | None
    what: T

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


Spells = dict[int, list[_Spell[T]]]


def _spells(rows: Iterable[tuple[Any, ...]]) -> Spells[Any]:
    """By owner, from rows of owner, since, until and what held."""
    found: Spells[Any] = defaultdict(list)
    for owner, since, until, *what in rows:
        found[owner].append(_Spell(since, until, what[0] if len(what) == 1 else what))
    return found


class Gathered:
    """What many drafts stand on. A dozen queries, and three for every time between two changes
    of what holds in which something was held."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self._known = library.packs()
        self._organizations = {organization.pk: organization for organization, _, _ in wanted}
        self._days = [timezone.localdate(draft.starts_at) for _, _, draft in wanted]
        ids = list(self._organizations)
        groups = {group.pk for _, group, _ in wanted if group}
        self._load_tree(ids)
        self._load_members(ids, groups)
        self._load_obligations(ids, wanted)
        self._load_people(wanted)
        self._turns = adoptions.turning_days(ids)
        self._held: dict[int, dict[int, list[Held]]] = {}
        self._items: dict[tuple[Any, ...], list[HeldItem]] = {}

    def _load_tree(self, ids: list[int]) -> None:
        placed = Placement.objects.filter(organization__in=ids)
        self._stood = _spells(placed.values_list("organization", "since", "until"))
        held = Holding.objects.filter(post__organization__in=ids)
        columns = ("post__organization", "since", "ended_on", "person")
        self._posts = _spells(held.values_list(*columns, "post__rank", "post__in_committee"))

    def _load_members(self, ids: list[int], groups: set[int]) -> None:
        homes = Belonging.objects.filter(organization__in=ids, kind=Belonging.Kind.HOME)
        joined = GroupMembership.objects.filter(group__in=groups)
        self._homes = _spells(homes.values_list("organization", "since", "until", "person"))
        self._joined = _spells(joined.values_list("group", "since", "until", "person"))
        people = Q(person__in=homes.values("person")) | Q(person__in=joined.values("person"))
        hosts = Belonging.objects.filter(kind=Belonging.Kind.HOST)
        guests = hosts.filter(organization__in=ids)
        self._guests = _spells(guests.values_list("organization", "since", "until", "person"))
        away = hosts.filter(people)
        self._away = _spells(away.values_list("person", "since", "until", "organization"))
        people |= Q(person__in=guests.values("person"))
        states = MembershipState.objects.filter(people, state__in=MEMBERS)
        self._states = _spells(states.values_list("person", "since", "until", "state"))

    def _load_obligations(self, ids: list[int], wanted: Sequence[Wanted]) -> None:
        firsts = {kind.makes_up for _, _, d in wanted for kind in d.kinds if kind.makes_up}
        near = Q(
            period_since__lte=max(self._days),
            period_until__gt=min(self._days) - queries.LOOK_BACK,
        )
        rows = Obligation.objects.filter(near | Q(period_since__in=firsts), organization__in=ids)
        rows = rows.filter(holder_kind__in=[HolderKind.ORGANIZATION, HolderKind.PARTY_GROUP])
        self._owed: dict[tuple[str, int], list[Obligation]] = defaultdict(list)
        for row in rows.defer("credited_by", "incomplete_by").order_by("due_on", "duty"):
            self._owed[row.holder_kind, row.holder_id].append(row)

    def _load_people(self, wanted: Sequence[Wanted]) -> None:
        ids = {task.owner_id for _, _, draft in wanted for task in draft.follow_ups}
        ids |= {row.what for rows in self._homes.values() for row in rows}
        ids |= {row.what for rows in self._joined.values() for row in rows}
        ids |= {row.what for rows in self._guests.values() for row in rows}
        ids |= {row.what[0] for rows in self._posts.values() for row in rows}
        self._people = Person.objects.only("pk", "name", "sex", "path").in_bulk(list(ids))

    def sitting(
        self, organization: Organization, group: PartyGroup | None, draft: Draft
    ) -> Sitting:
        """One of the drafts with the facts of its day."""
        day = timezone.localdate(draft.starts_at)
        choices = chosen(draft, self.choices(organization, group, day))
        owners = [self._people.get(task.owner_id) for task in draft.follow_ups]
        firsts = {kind.makes_up for kind in draft.kinds if kind.makes_up}
        owed = self._owed[holder_of(organization, group)] if firsts else []
        return Sitting(
            organization,
            group,
            draft,
            day,
            choices,
            roll=self.roll(organization, group, [c.kind for c in choices], day),
            stands=any(spell.holds(day) for spell in self._stood[organization.pk]),
            own=frozenset(p.pk for p in owners if p and p.path == organization.path),
            made_up=[row for row in owed if row.period_since in firsts],
        )

    # --- what may be held

    def choices(
        self, organization: Organization, group: PartyGroup | None, day: date
    ) -> list[Choice]:
        """Kinds that might be held on ``day``, as ``queries.kinds_in_force``."""
        rows = self._owed[holder_of(organization, group)]
        rows = [r for r in rows if r.period_since <= day < r.period_until + queries.LOOK_BACK]
        owed = queries.counting_on(rows, self._known, day)
        return queries.choices_from(self._items_at(organization), owed, day, group=group)

    def _items_at(self, organization: Organization) -> Callable[[str, date], list[HeldItem]]:
        def items_on(kind: str, day: date) -> list[HeldItem]:
            held = self._held_on(day)[organization.pk]
            key = (kind, day, *((one.pack.id, one.adoption.pk) for one in held))
            if key not in self._items:
                self._items[key] = adoptions.items_of(held, kind, day)
            return self._items[key]

        return items_on

    def _held_on(self, day: date) -> dict[int, list[Held]]:
        """What holds on ``day`` for each; the same until the next day on which it changes."""
        spell = bisect_right(self._turns, day)
        if spell not in self._held:
            everyone = list(self._organizations.values())
            self._held[spell] = adoptions.in_force_for(everyone, day)
        return self._held[spell]

    # --- who is expected

    def roll(
        self,
        organization: Organization,
        group: PartyGroup | None,
        kinds: Sequence[ActivityKind],
        day: date,
    ) -> list[Expected]:
        """Everyone expected, as ``queries.roll``."""
        if not kinds:
            return []
        posts = self._posts_on(organization, day)
        members: dict[int, str] = {}
        hosted = queries.NOBODY_HOSTED
        if queries.asks_members(kinds):
            members = self._members(organization, group, day)
            hosted = self._hosted(organization, group, members, day)
        expected = queries.roll_from(kinds, posts, members, hosted)
        return [
            Expected(self._people[pk], voice)
            for pk, voice in expected.items()
            if pk in self._people
        ]

    def _posts_on(self, organization: Organization, day: date) -> dict[int, HeldPost]:
        return queries.first_posts(
            spell.what for spell in self._posts[organization.pk] if spell.holds(day)
        )

    def _members(
        self, organization: Organization, group: PartyGroup | None, day: date
    ) -> dict[int, str]:
        rows = self._joined[group.pk] if group else self._homes[organization.pk]
        return self._with_state(rows, day)

    def _with_state(self, rows: Iterable[_Spell[int]], day: date) -> dict[int, str]:
        return {
            row.what: state.what
            for row in rows
            if row.holds(day)
            for state in self._states[row.what]
            if state.holds(day)
        }

    def _hosted(
        self,
        organization: Organization,
        group: PartyGroup | None,
        members: Mapping[int, str],
        day: date,
    ) -> Hosted:
        away = {
            pk
            for pk in members
            for spell in self._away[pk]
            if spell.holds(day) and spell.what != organization.pk
        }
        guests = {} if group else self._with_state(self._guests[organization.pk], day)
        return Hosted(frozenset(away), guests)
