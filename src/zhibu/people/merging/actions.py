"""Making two records one, and saying that two are two."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from zhibu.core import effects, merging, standing
from zhibu.core.intervals import on_day
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.people import queries as people
from zhibu.people.actions import index_name
from zhibu.people.merging import queries, rules
from zhibu.people.models import Belonging, Holding, Merge, NotSame, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

LINES = {"states": "states", "belongings": "belongings", "groups": "group_memberships"}


class Kind(StrEnum):
    MERGED = "people:person:merged"
    TOLD_APART = "people:person:told-apart"


WORDS = {Kind.MERGED: "合并了重复的人员", Kind.TOLD_APART: "核对过不是同一个人"}


@transaction.atomic
def merge(
    one: Person,
    other: Person,
    *,
    fields: Mapping[str, str],
    lines: Mapping[str, str],
    reason: str,
    by: "User",
    at: datetime,
) -> Person:
    """Make two records one; ``one`` stays, with its number, and ``other`` is no more. For good.

    ``fields`` says for each particular from which it is taken, "one" or "other"; a missing
    one is taken from whoever knows it. ``lines`` says the same for states, belongings and
    groups, or "both" where they do not clash.

    Raises:
        Refused: ``rules.may_merge`` refuses, no reason, or lines that clash are both wanted.
    """
    locked = (
        Person.objects.select_for_update(of=("self",))
        .select_related("home")
        .in_bulk(sorted([one.pk, other.pk]))
    )
    if len(locked) != 2:
        raise Refused(no("其中一份已经不在了，可能刚被别人合并。请回去看名单。"))
    one, other = locked[one.pk], locked[other.pk]
    require(rules.may_merge(by, one, other))
    if not reason.strip():
        raise Refused(no("请写怎么认定是同一个人。"))
    _refuse_clashes(one, other, lines)
    values = {
        row.field: getattr(one if _choice(fields, row) == "one" else other, row.field)
        for row in queries.differences(one, other)
    }
    concerned = _concerned(one, other)
    touched = {
        record for each in merging.pointers() for record in merging.records_of(each, other.pk)
    }
    for name, relation in LINES.items():
        _join(one, other, relation, lines.get(name, "both"))
    moved, fallen = _move(one.pk, other.pk)
    gone = other.pk
    Person.objects.filter(pk=gone).delete()
    for field, value in values.items():
        setattr(one, field, value)
    _copy_places(one, at)
    one.save()
    index_name(one)
    chosen = {**{f: _side(fields, f) for f in values}, **{f"·{k}": v for k, v in lines.items()}}
    made = Merge.objects.create(
        kept=one, gone_id=gone, chosen=chosen, moved=moved, reason=reason.strip(), by=by, at=at
    )
    removed = [("people.person", gone), *fallen]
    ledger.record(
        Kind.MERGED,
        made,
        organization=one.home_id,
        by=by,
        at=at,
        touched=[one, *_still_there(touched, gone, removed)],
        removed=removed,
    )
    standing.forget()
    for name in ("duties.refresh_person", "campaigns.recount_person"):
        effects.run(name, by=by, at=at, person=one.pk, organizations=sorted(concerned))
    return one


def _side(fields: Mapping[str, str], field: str) -> str:
    return fields.get(field, "")


def _choice(fields: Mapping[str, str], row: queries.Difference) -> str:
    return fields.get(row.field, row.taken) if row.is_choice else row.taken


def _refuse_clashes(one: Person, other: Person, lines: Mapping[str, str]) -> None:
    for line in queries.lines(people.record(one), people.record(other)):
        if line.clashes and lines.get(line.name, "both") == "both":
            raise Refused(
                no(f"{line.title}有重叠，不能两边都留：{line.clashes[0]}。请选留哪一边。")
            )


def _concerned(one: Person, other: Person) -> set[int]:
    """Branches they belong to and organisations they hold posts at."""
    both = [one.pk, other.pk]
    rows = Belonging.objects.filter(person__in=both).values_list("organization", flat=True)
    posts = Holding.objects.filter(person__in=both).values_list("post__organization", flat=True)
    return {*rows, *posts}


def _join(one: Person, other: Person, relation: str, choice: str) -> None:
    """One line in time of two: that of ``one``, that of ``other``, or both."""
    mine, theirs = getattr(one, relation), getattr(other, relation)
    if choice == "one":
        theirs.all().delete()
    elif choice == "other":
        mine.all().delete()
    theirs.all().update(person=one)


def _move(kept: int, gone: int) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Rewire every registered column; how many rows of each, and what fell away."""
    moved: dict[str, int] = {}
    fallen: list[tuple[str, int]] = []
    for pointer in merging.pointers():
        count, lost = merging.move(pointer, kept, gone)
        if count:
            moved[f"{pointer.model._meta.label_lower}.{pointer.column}"] = count
        fallen += lost
    return moved, fallen


def _copy_places(person: Person, at: datetime) -> None:
    """Today's branches as the joined lines have them."""
    rows = Belonging.objects.filter(on_day(timezone.localdate(at)), person=person)
    places = {row.kind: row.organization for row in rows.select_related("organization")}
    home, host = places.get(Belonging.Kind.HOME), places.get(Belonging.Kind.HOST)
    if home is not None:
        person.home, person.path = home, home.path
    person.host_path = host.path if host else ""


def _still_there(
    touched: set[tuple[type[models.Model], int]], gone: int, removed: list[tuple[str, int]]
) -> list[Any]:
    """Rows to be recorded anew, in a fixed order, without those that are no more."""
    lost = set(removed)
    kept = [(model, pk) for model, pk in touched if (model._meta.label_lower, pk) not in lost]
    return [model(pk=pk) for model, pk in sorted(kept, key=lambda r: (r[0]._meta.label, r[1]))]


@transaction.atomic
def tell_apart(one: Person, other: Person, *, by: "User", at: datetime) -> NotSame:
    """Say that two who are alike are two: they are not offered again.

    Raises:
        Refused: ``rules.may_merge`` refuses.
    """
    first, second = sorted((one, other), key=lambda person: person.pk)
    require(rules.may_merge(by, first, second))
    made, is_new = NotSame.objects.get_or_create(
        one=first, other=second, defaults={"by": by, "at": at}
    )
    if is_new:
        ledger.record(Kind.TOLD_APART, made, organization=first.home_id, by=by, at=at)
    return made
