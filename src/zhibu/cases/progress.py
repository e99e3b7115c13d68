"""How far the cases of one procedure are on a day, unit by unit: figures, and the rows of each.

A day that has passed is read from what is recorded today: turns keep when they were open. A
figure and the rows behind it come from the same query. Nothing is ranked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from zhibu.cases.models import Case, Turn
from zhibu.core import paths
from zhibu.core.fields import FieldSpec
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

if TYPE_CHECKING:
    from zhibu.accounts.models import User

OPEN, LATE, DONE = "open", "late", "done"
WORDS = {OPEN: "在办", LATE: "超期", DONE: "今年办结"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Cases of ``pack:procedure`` in ``place`` and below it that ``user`` may see, as they stood
    in the evening of ``on``."""

    user: "User"
    place: Organization
    reference: str
    on: date

    @property
    def since(self) -> date:
        """What counts as ended this year begins here."""
        return self.on.replace(month=1, day=1)


@dataclass(frozen=True, slots=True)
class Sum:
    """What one field comes to over the cases that ended this year; ``count`` of them said it."""

    title: str
    total: Decimal
    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One unit, or one stage: how many are open there, and how many of those late."""

    id: str
    title: str
    open: int
    late: int
    done: int = 0


def choosable() -> dict[str, str]:
    """``pack:procedure`` → title, of those that are not confidential."""
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            item = wordings[-1].item
            assert isinstance(item, Procedure)
            if not item.is_confidential:
                found[f"{pack.id}:{wordings[0].id}"] = item.title
    return found


def most_used(place: Organization, known: Iterable[str]) -> str:
    """Of ``known`` the one with the most cases in ``place`` and below; the first where there
    are none. One query."""
    names = list(known)
    rows = Case.objects.filter(paths.under(place.path, "organization__path"), procedure__in=names)
    counted = rows.values("procedure").annotate(count=Count("pk")).order_by("-count", "procedure")
    found = counted.first()
    return found["procedure"] if found else next(iter(names), "")


def units(place: Organization) -> list[Organization]:
    """What the figures are told of: ``place`` itself, then those right below it, in the order
    of the tree. One query."""
    below = Organization.objects.filter(parent=place, dissolved_on=None).order_by("path")
    return [place, *below]


def cases(scope: Scope) -> QuerySet[Case]:
    """Everything begun by that day and not given up by then."""
    return (
        Case.objects.visible_to(scope.user)
        .filter(procedure=scope.reference, is_confidential=False)
        .filter(paths.under(scope.place.path, "organization__path"), started_on__lte=scope.on)
        .exclude(state=Case.State.VOIDED)
        .exclude(state=Case.State.CANCELLED, ended_on__lte=scope.on)
    )


def turns(scope: Scope) -> QuerySet[Turn]:
    """Turns that were open that evening."""
    still = Q(state=Turn.State.OPEN) | Q(state=Turn.State.DONE, happened_on__gt=scope.on)
    return Turn.objects.filter(still, opened_on__lte=scope.on)


def _late(scope: Scope) -> QuerySet[Turn]:
    """Those past their last day; whoever asked for a case is never late."""
    return turns(scope).filter(due_on__lt=scope.on, is_requesters=False)


def _is(scope: Scope, which: str) -> Q:
    ended = Q(ended_on__lte=scope.on)
    match which:
        case "open":
            return ~ended | Q(ended_on=None)
        case "late":
            late = _late(scope).filter(case=OuterRef("pk"))
            return (~ended | Q(ended_on=None)) & Q(Exists(late))
        case _:
            return ended & Q(ended_on__gte=scope.since, state=Case.State.ENDED)


def by_unit(scope: Scope, known: Sequence[Organization]) -> list[Row]:
    """A row for each unit, those with nothing too; the first is the place itself without what
    lies below it. One query."""
    counted: Iterable[Any] = (
        cases(scope)
        .values("organization__path")
        .annotate(**{name: Count("pk", filter=_is(scope, name)) for name in WORDS})
    )
    found = {unit.path: dict.fromkeys(WORDS, 0) for unit in known}
    length = len(scope.place.path) + paths.STEP
    for row in counted:
        unit = found.get(row["organization__path"][:length])
        if unit is not None:
            for name in WORDS:
                unit[name] += row[name]
    return [
        Row(str(unit.pk), "本级" if unit.pk == scope.place.pk else unit.called, **found[unit.path])
        for unit in known
    ]


def by_stage(scope: Scope, rule: Procedure) -> list[Row]:
    """A row for each stage, in the order of the pack; a case that stood at two counts in both.
    One query."""
    within = cases(scope).filter(_is(scope, OPEN))
    late = Count("case", distinct=True, filter=Q(due_on__lt=scope.on, is_requesters=False))
    rows = turns(scope).filter(case__in=within).values("stage")
    count = Count("case", distinct=True)
    found = {row["stage"]: row for row in rows.annotate(open=count, late=late)}
    return [
        Row(stage.id, stage.title, found[stage.id]["open"], found[stage.id]["late"])
        for stage in rule.stages
        if stage.id in found
    ]


def sums(scope: Scope, rule: Procedure) -> list[Sum]:
    """The fields that the pack adds up, in its order. One query, none where it adds nothing."""
    if not rule.sums:
        return []
    said: dict[str, list[Decimal]] = {name: [] for name in rule.sums}
    ended = cases(scope).filter(_is(scope, DONE))
    for facts in ended.values_list("facts", flat=True).iterator(2000):
        for name, found in said.items():
            if name in facts:
                found.append(Decimal(str(facts[name])))
    specs = rule.specs()
    return [
        Sum(specs[name].title, sum(found, Decimal(0)), specs[name].unit or _unit(specs[name]),
            len(found))
        for name, found in said.items()
    ]  # fmt: skip


def _unit(spec: FieldSpec) -> str:
    return "元" if spec.type == "money" else ""


def total(rows: Sequence[Row]) -> Row:
    return Row(
        "", "合计", sum(row.open for row in rows), sum(row.late for row in rows),
        sum(row.done for row in rows),
    )  # fmt: skip


def behind(scope: Scope, which: str, unit: Organization | None, stage: str) -> QuerySet[Case]:
    """The cases behind a figure, by the day they were due."""
    rows = cases(scope).filter(_is(scope, which))
    if unit is not None and unit.pk == scope.place.pk:
        rows = rows.filter(organization=unit)
    elif unit is not None:
        rows = rows.filter(paths.under(unit.path, "organization__path"))
    if stage:
        there = turns(scope).filter(stage=stage)
        if which == LATE:
            there = there.filter(due_on__lt=scope.on, is_requesters=False)
        rows = rows.filter(pk__in=there.values("case"))
    return rows.order_by("due_on", "organization__path", "pk")
