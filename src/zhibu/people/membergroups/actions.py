"""Putting people into member groups and taking them out, many at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from django.db import transaction
from django.db.models import Q

from zhibu.core import effects
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.packs import catalogues
from zhibu.people import rules
from zhibu.people.membergroups.queries import OF
from zhibu.people.models import MemberGrouping, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Way = Literal["in", "out"]
MOST = 300


class Kind(StrEnum):
    PUT_IN = "people:member-group:joined"
    TAKEN_OUT = "people:member-group:left"


WORDS = {Kind.PUT_IN: "编进了党员类别", Kind.TAKEN_OUT: "编出了党员类别"}


@dataclass
class Outlook:
    """What a change would do: who is touched, who stays as they are and why."""

    touched: list[Person] = field(default_factory=list)
    as_they_are: list[tuple[Person, str]] = field(default_factory=list)
    leaving: dict[int, list[MemberGrouping]] = field(default_factory=dict)


def outlook(people: Sequence[Person], *, group: str, way: Way, on: date) -> Outlook:
    """Who would be put in, or taken out, from ``on``. One query.

    ``leaving`` are the rows that end: the group itself, or its siblings where the
    catalogue lets a person be in one only.
    """
    siblings = _siblings(group, on)
    rows = MemberGrouping.objects.filter(person__in=people, group__in=siblings)
    held: dict[int, list[MemberGrouping]] = {person.pk: [] for person in people}
    for row in rows.filter(Q(until__isnull=True) | Q(until__gt=on)).order_by("since"):
        held[row.person_id].append(row)
    made = Outlook()
    for person in people:
        mine = held[person.pk]
        why = _why_not(mine, group, way, on)
        if why:
            made.as_they_are.append((person, why))
        else:
            made.touched.append(person)
            made.leaving[person.pk] = mine
    return made


def _siblings(group: str, on: date) -> list[str]:
    """The group, and the others of its catalogue where that is exclusive."""
    listed = catalogues.listed(OF, on)
    if group not in listed:
        raise Refused(no("没有这个类别，或那天还没有施行。请重选。"))
    one = listed[group]
    if not one.catalogue.is_exclusive:
        return [group]
    return [token for token, other in listed.items() if other.shelf == one.shelf]


def _why_not(mine: Iterable[MemberGrouping], group: str, way: Way, on: date) -> str:
    rows = list(mine)
    if way == "in" and any(row.group == group and row.since <= on for row in rows):
        return "已经在里面"
    if way == "out" and not any(row.group == group for row in rows):
        return "本来不在里面"
    late = [row for row in rows if row.since >= on]
    return f"{late[0].since} 才编的，从那天以后才能改" if late else ""


@transaction.atomic
def regroup(
    ids: Collection[int], *, group: str, way: Way, since: date, by: "User", at: datetime
) -> Outlook:
    """Put people into ``group`` from ``since`` on, or take them out; all of them or none.

    Whoever is as asked already is left alone.

    Raises:
        Refused: one of them is not for ``by`` to change, there are too many, or no such group.
    """
    if len(ids) > MOST:
        raise Refused(no(f"一次最多 {MOST} 人，请分几次办。"))
    people = list(
        Person.objects.select_for_update(of=("self",))
        .filter(pk__in=ids)
        .select_related("home")
        .order_by("pk")
    )
    if len(people) != len(set(ids)):
        raise Refused(no("名单里有人已经查不到，请重新查一遍名单。"))
    for person in people:
        require(rules.may_change(by, person))
    made = outlook(people, group=group, way=way, on=since)
    if not made.touched:
        return made
    touched = _write(made, group, way, since, by, at)
    ledger.record(
        Kind.PUT_IN if way == "in" else Kind.TAKEN_OUT,
        touched[0],
        organization=made.touched[0].home_id if len(made.touched) == 1 else _shared(made.touched),
        by=by,
        at=at,
        occurred=since,
        touched=touched[1:],
    )
    homes = sorted({person.home_id for person in made.touched if person.home_id})
    for name in ("duties.refresh", "campaigns.recount"):
        effects.run(name, by=by, at=at, organizations=homes)
    return made


def _shared(people: Sequence[Person]) -> int | None:
    """The branch of all of them, None where they are of several."""
    homes = {person.home_id for person in people}
    return homes.pop() if len(homes) == 1 else None


def _write(
    made: Outlook, group: str, way: Way, since: date, by: "User", at: datetime
) -> list[MemberGrouping]:
    ending = [row for rows in made.leaving.values() for row in rows]
    for row in ending:
        row.until = since
    MemberGrouping.objects.bulk_update(ending, ["until"])
    begun: list[MemberGrouping] = []
    if way == "in":
        begun = MemberGrouping.objects.bulk_create(
            [
                MemberGrouping(person=person, group=group, since=since, put_by=by, put_at=at)
                for person in made.touched
            ]
        )
    return [*begun, *ending]
