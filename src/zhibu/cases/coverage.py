"""Whom a kind of case has reached in a span of days, and by name whom not: organisations or
members, listed by who should have done it.

What counts, the pack says (``covers``): a step that was done, or a notice that hung in one way.
Nothing is ranked; units stand in the order of the tree.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from zhibu.cases.models import Case, Posting, Turn
from zhibu.core import paths
from zhibu.core.intervals import on_day
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Cover, Procedure
from zhibu.people.models import MEMBERS, Belonging, Holding, Person

ASKED, REACHED, MISSING = "asked", "reached", "missing"
WORDS = {ASKED: "应到", REACHED: "已经有的", MISSING: "还没有的"}


@dataclass(frozen=True, slots=True)
class Scope:
    """``cover`` of ``pack:procedure`` in ``place`` and below, done between ``since`` and ``on``,
    both counted in."""

    place: Organization
    reference: str
    cover: Cover
    since: date
    on: date


@dataclass(frozen=True, slots=True)
class Row:
    """Who should do it, who holds the posts that do, and how many of those asked are reached."""

    unit: Organization
    who: str
    asked: int
    reached: int

    @property
    def missing(self) -> int:
        return self.asked - self.reached


def choosable() -> dict[str, tuple[str, Cover]]:
    """``pack:procedure:cover`` → title and what it says, of every latest wording."""
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            item = wordings[-1].item
            assert isinstance(item, Procedure)
            for cover in [] if item.is_confidential else item.covers:
                found[f"{pack.id}:{wordings[0].id}:{cover.id}"] = (cover.title, cover)
    return found


def asked(scope: Scope) -> QuerySet[Any]:
    """Everybody it should reach on the day, each with ``is_reached`` and ``unit``, the number of
    the organisation that should do it."""
    if scope.cover.each == "member":
        rows: QuerySet[Any] = Person.objects.filter(
            on_day(scope.on, "belongings__"),
            paths.under(scope.place.path, "belongings__organization__path"),
            on_day(scope.on, "states__"),
            belongings__kind=Belonging.Kind.HOME,
            states__state__in=MEMBERS,
        )
        unit = F("belongings__organization")
    else:
        rows = Organization.objects.filter(
            paths.under(scope.place.path, "path"), kind__in=scope.cover.kinds, dissolved_on=None
        )
        is_above = scope.cover.by == "above"
        rows = rows.exclude(pk=scope.place.pk) if is_above else rows
        unit = F("parent") if is_above else F("pk")
    found: QuerySet[Any] = rows.annotate(is_reached=Exists(_done(scope)), unit=unit)
    return found


def _done(scope: Scope) -> QuerySet[Posting] | QuerySet[Turn]:
    """What was done for the row outside: the step, or the notice in its channel."""
    cover = scope.cover
    subject = "case__person" if cover.each == "member" else "case__organization"
    told: dict[str, Any] = {"case__procedure": scope.reference, subject: OuterRef("pk")}
    gone = Q(case__state__in=(Case.State.CANCELLED, Case.State.VOIDED))
    if cover.channel:
        hung = Posting.objects.filter(
            turn__stage=cover.stage, channel=cover.channel, posted_on__gte=scope.since,
            posted_on__lte=scope.on, **told,
        )  # fmt: skip
        return hung.exclude(gone)
    done = Turn.objects.filter(
        stage=cover.stage, state=Turn.State.DONE, happened_on__gte=scope.since,
        happened_on__lte=scope.on, **told,
    )  # fmt: skip
    return done.exclude(gone)


def rows(scope: Scope) -> list[Row]:
    """One for each organisation that should do it, in the order of the tree. Three queries."""
    counted = asked(scope).order_by().values("unit").annotate(
        asked=Count("pk"), reached=Count("pk", filter=Q(is_reached=True))
    )  # fmt: skip
    found = {row["unit"]: (row["asked"], row["reached"]) for row in counted}
    units = list(Organization.objects.filter(pk__in=found).order_by("path"))
    who = _holders([unit.pk for unit in units], scope)
    return [Row(unit, who.get(unit.pk, ""), *found[unit.pk]) for unit in units]


def _holders(ids: Collection[int], scope: Scope) -> dict[int, str]:
    """Who holds the posts that do it, by organisation. One query, none where no post is named."""
    if not scope.cover.posts:
        return {}
    held = Holding.objects.in_post_on(scope.on).filter(
        post__organization__in=ids, post__kind__in=scope.cover.posts
    )
    found: dict[int, list[str]] = {}
    for place, name in held.order_by("post__rank", "pk").values_list(
        "post__organization", "person__name"
    ):
        found.setdefault(place, []).append(name)
    return {place: "、".join(names) for place, names in found.items()}


def total(lines: Sequence[Row]) -> tuple[int, int]:
    """Asked and reached, over all."""
    return sum(row.asked for row in lines), sum(row.reached for row in lines)


def idle(lines: Sequence[Row]) -> int:
    """How many units have not begun: nobody of theirs is reached."""
    return sum(not row.reached for row in lines)


def behind(scope: Scope, which: str, unit: Organization | None) -> QuerySet[Any]:
    """Those behind a figure, by organisation; ``which`` is one of ``WORDS``."""
    found = asked(scope)
    if which != ASKED:
        found = found.filter(is_reached=which == REACHED)
    if unit is not None:
        found = found.filter(unit=unit.pk)
    return found.order_by("unit", "name", "pk")
