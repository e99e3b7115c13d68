"""What becomes of people when their organisation ends and another takes its place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils import timezone

from zhibu.core import standing
from zhibu.core.effects import effect
from zhibu.core.intervals import on_day
from zhibu.core.succession import Follow, Following, Member, follows, names_people
from zhibu.core.verdicts import Refused, no
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people.actions import Kind
from zhibu.people.models import Belonging, GroupMembership, Holding, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "people.follow"
CHUNK = 2000


def _open(on: date) -> Q:
    """Rows over time that go on past ``on``, or begin later."""
    return Q(until__isnull=True) | Q(until__gt=on)


def _still(on: date) -> Q:
    return Q(ended_on__isnull=True) | Q(ended_on__gt=on)


@effect(FOLLOW, title="人员随组织转到接续的组织", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """Everybody at home there, or a guest, goes where their group goes, or as told, or where
    all go; party groups go on; posts are left, but those of groups are kept.

    A dozen queries, and a few for every two thousand people.
    """
    posts = list(
        Holding.objects.filter(_still(params.on), post__organization__in=params.homes)
        .select_related("post", "person")
        .order_by("pk")
    )
    groups = list(
        GroupMembership.objects.filter(
            _open(params.on), group__organization__in=params.homes
        ).order_by("pk")
    )
    rows = list(
        Belonging.objects.filter(_open(params.on), organization__in=params.homes)
        .select_related("person")
        .order_by("pk")
    )
    goes_to = _destinations(params, groups)
    _belong(params, rows, goes_to, today=timezone.localdate(at))
    _join(params, groups)
    _hand_over(params, posts)
    ids = {r.person_id for r in rows} | {r.person_id for r in groups}
    ids |= {r.person_id for r in posts}
    _record(params, ids, by, at)
    standing.forget()


def _destinations(params: Follow, groups: Collection[GroupMembership]) -> dict[int, int]:
    """Person → organisation for whoever goes elsewhere than all."""
    homes = dict(
        PartyGroup.objects.filter(pk__in=params.groups.values()).values_list("pk", "organization")
    )
    of_group = {
        row.person_id: homes[params.groups[row.group_id]]
        for row in groups
        if row.group_id in params.groups
    }
    return {**of_group, **params.people}


def _belong(params: Follow, rows: list[Belonging], goes_to: dict[int, int], *, today: date) -> None:
    """Belongings go on in the successor; nobody is a guest where they are at home."""
    ending, later, made = [], [], []
    targets = {
        row.pk: goes_to.get(row.person_id, params.homes[row.organization_id]) for row in rows
    }
    homes = {
        row.person_id: targets[row.pk]
        for row in rows
        if row.kind == Belonging.Kind.HOME and row.until is None
    }
    others = dict(
        Belonging.objects.filter(
            kind=Belonging.Kind.HOME, until=None, person__in=[r.person_id for r in rows]
        ).values_list("person", "organization")
    )
    for row in rows:
        target = targets[row.pk]
        home = homes.get(row.person_id, others.get(row.person_id))
        is_guest_at_home = row.kind == Belonging.Kind.HOST and home == target
        if row.since >= params.on:
            row.organization_id = target
            later.append(row)
            continue
        if not is_guest_at_home:
            made.append(
                Belonging(
                    person_id=row.person_id, organization_id=target, kind=row.kind,
                    since=params.on, until=row.until,
                )
            )  # fmt: skip
        row.until = params.on
        ending.append(row)
    Belonging.objects.bulk_update(ending, ["until"], batch_size=500)
    Belonging.objects.bulk_update(later, ["organization"], batch_size=500)
    Belonging.objects.bulk_create(made, batch_size=500)
    at_home = [
        row
        for row in (*made, *later)
        if row.kind == Belonging.Kind.HOME and row.since <= today
        if row.until is None or row.until > today
    ]
    _copy_homes({row.person_id: row.organization_id for row in at_home})


def _copy_homes(homes: dict[int, int]) -> None:
    """Today's home and path onto the people themselves."""
    paths = dict(Organization.all_rows.filter(pk__in=homes.values()).values_list("pk", "path"))
    by_home: dict[int, list[int]] = {}
    for person, home in homes.items():
        by_home.setdefault(home, []).append(person)
    for home, ids in by_home.items():
        for start in range(0, len(ids), CHUNK):
            people = Person.all_rows.filter(pk__in=ids[start : start + CHUNK])
            people.update(home=home, path=paths[home])


def _join(params: Follow, rows: list[GroupMembership]) -> None:
    """Party groups that go on keep who is in them; of others everybody leaves."""
    made = [
        GroupMembership(
            person_id=row.person_id,
            group_id=params.groups[row.group_id],
            since=max(row.since, params.on),
            until=row.until,
        )
        for row in rows
        if row.group_id in params.groups
    ]
    later = [row.pk for row in rows if row.since >= params.on]
    ending = [row for row in rows if row.since < params.on]
    for row in ending:
        row.until = params.on
    GroupMembership.objects.filter(pk__in=later).delete()
    GroupMembership.objects.bulk_update(ending, ["until"], batch_size=500)
    GroupMembership.objects.bulk_create(made, batch_size=500)


def _hand_over(params: Follow, rows: list[Holding]) -> None:
    """Posts end with the organisation and their access the same day; leaders of party groups
    lead on."""
    made = []
    for row in rows:
        if row.since >= params.on:
            raise Refused(
                no(
                    f"不能定在 {params.on}：{row.person.name}在 {row.since} 才任{row.post.title}，"
                    "要晚于那天。"
                )
            )
        if row.post_id in params.posts:
            made.append(
                Holding(
                    person_id=row.person_id, post_id=params.posts[row.post_id], since=params.on,
                    until=row.until, manner=row.manner, reason=row.reason,
                )
            )  # fmt: skip
        row.ended_on = params.on
    Holding.objects.bulk_update(rows, ["ended_on"], batch_size=500)
    Holding.objects.bulk_create(made, batch_size=500)


def _record(params: Follow, ids: set[int], by: "User | None", at: datetime) -> None:
    if not ids:
        return
    about = Organization.all_rows.get(pk=params.about)
    people: list[Any] = [Person(pk=pk) for pk in sorted(ids)]
    ledger.record(
        Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
        touched=people,
    )  # fmt: skip


def _people(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Belonging.objects.filter(_open(on), organization__in=ids)
    return dict(
        rows.values("organization")
        .annotate(people=Count("person", distinct=True))
        .values_list("organization", "people")
    )


def _in_post(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Holding.objects.filter(
        _still(on), post__organization__in=ids, post__group=None, since__lte=on
    )
    return dict(
        rows.values("post__organization")
        .annotate(holdings=Count("pk"))
        .values_list("post__organization", "holdings")
    )


def _members(organization: int, on: date) -> list[Member]:
    rows = Belonging.objects.filter(
        _open(on), organization=organization, kind=Belonging.Kind.HOME
    ).select_related("person")
    inside = GroupMembership.objects.filter(on_day(on), group__organization=organization)
    groups = dict(inside.values_list("person", "group"))
    ordered = rows.order_by("person_id", "since")
    return [Member(r.person_id, r.person.name, groups.get(r.person_id)) for r in ordered]


def register() -> None:
    follows(Following(FOLLOW, "人员", "人", "转到接续的组织，党小组照旧", _people, 10))
    follows(Following(FOLLOW, "任职", "个", "到那天为止，权限当天停", _in_post, 11))
    names_people(_members)
