"""How much of each cap is used. Rows of a register are counted when asked; nothing is stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse

from zhibu.adoptions.queries import HeldItem, in_force_for, items_in_force, items_of
from zhibu.core import caps, paths
from zhibu.core.dates import Period, period_of
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.caps import Cap
from zhibu.packs.schema.registers import Register
from zhibu.registers.drafts import shown
from zhibu.registers.models import Row, RowQuerySet
from zhibu.registers.queries import wordings

if TYPE_CHECKING:
    from zhibu.accounts.models import User

KIND = "caps"
EVER = Period(None, date.min, date.max)


def is_capped(book: str) -> bool:
    """Whether any pack there is says a cap on ``book``. No query."""
    return any(
        isinstance(one.item, Cap) and one.item.book == book
        for pack in library.packs().values()
        for worded in pack.wordings(KIND)
        for one in worded
    )


def period_on(cap: Cap, day: date) -> Period:
    """The period of ``cap`` in which ``day`` is counted."""
    return EVER if cap.per == "ever" else period_of(day, cap.per)


def word_period(cap: Cap, day: date) -> str:
    return "一共" if cap.per == "ever" else period_on(cap, day).label()


def _counted(cap: Cap, rows: RowQuerySet, period: Period) -> RowQuerySet:
    """Of ``rows``, those that the cap counts in ``period``."""
    rows = rows.counted().filter(register=cap.book, organization__kind__in=cap.applies_to)
    rows = rows.filter(since__gte=period.since, since__lt=period.until)
    return rows.filter(counted__in=cap.counted) if cap.counted else rows


def _of(book: str, day: date) -> Register | None:
    """The register as worded on ``day``; the first wording where there was none yet."""
    found = wordings(book)
    before = [since for since in found if since <= day]
    return found[max(before)] if before else next(iter(found.values()), None)


def caps_at(organization: Organization, day: date) -> dict[str, HeldItem]:
    """Caps in force for ``organization`` on a day, by ``pack:cap``. Three queries."""
    found = items_in_force(organization, day, KIND)[KIND]
    return {held.reference: held for held in found}


def _cap(held: HeldItem) -> Cap:
    assert isinstance(held.wording.item, Cap)
    return held.wording.item


# --- one row that is to be written


def _holding(entry: caps.Entry) -> dict[str, HeldItem]:
    """Caps that hold for the entry's organisation on its day and count its register. No query
    where no pack caps that; else three."""
    if not is_capped(entry.book):
        return {}
    return {
        reference: held
        for reference, held in caps_at(entry.organization, entry.on).items()
        if _cap(held).book == entry.book and entry.organization.kind in _cap(held).applies_to
    }


def counted_in(entry: caps.Entry) -> list[int]:
    """Organisations that count together with all below them. Queries as ``_holding``."""
    held = _holding(entry).values()
    return [one.adoption.organization_id for one in held if _cap(one).together]


def rooms(entry: caps.Entry) -> list[caps.Room]:
    """What the caps that hold leave the entry. No query where no pack caps that register; else
    three, and one a cap. Rows of an import nobody sees yet count."""
    register = _of(entry.book, entry.on)
    if register is None:
        return []
    own = str(entry.values.get(register.counted_by) or "")
    found = []
    for reference, held in _holding(entry).items():
        cap = _cap(held)
        if cap.counted and own not in cap.counted:
            continue
        period, group = period_on(cap, entry.on), _group(cap, register, entry.values)
        rows = _counted(cap, Row.all_rows.filter(_where(held, entry.organization)), period)
        alike = {f"values__{name}": entry.values.get(name) for name in cap.alike}
        top = held.adoption.organization_id if cap.together else entry.organization.pk
        found.append(
            caps.Room(
                cap=reference,
                group=(str(top), str(period.since), *group),
                title=" ".join(filter(None, [cap.title, *group])),
                period=word_period(cap, entry.on),
                used=rows.filter(**alike).exclude(pk=entry.row or 0).count(),
                most=cap.most,
                cited=held.pack.cited(held.wording),
                over_with=cap.over_with,
                is_excused=bool(cap.over_with and entry.values.get(cap.over_with)),
            )
        )
    return found


def _where(held: HeldItem, organization: Organization) -> Q:
    """Whose rows are counted with those of ``organization``."""
    if _cap(held).together:
        return paths.under(held.adoption.organization.path, "organization__path")
    return Q(organization=organization)


def _group(cap: Cap, register: Register, values: Mapping[str, Any]) -> tuple[str, ...]:
    """What rows that are counted together say in the columns that tell them apart, in words."""
    specs = [register.column(name) for name in cap.alike]
    return tuple(shown(spec, values.get(spec.id)) for spec in specs if spec)


# --- what a page tells


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a cap an organisation has used in a period, of those counted together."""

    organization: Organization
    cap: HeldItem
    group: tuple[str, ...]
    used: int

    @property
    def most(self) -> int:
        return _cap(self.cap).most

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)

    @property
    def over(self) -> int:
        return max(0, self.used - self.most)

    @property
    def title(self) -> str:
        return "、".join(self.group)


@dataclass(frozen=True, slots=True)
class Told:
    """One cap at ``place``: its own use, and how those below it stand."""

    reference: str
    held: HeldItem
    period: str
    own: Sequence[Use]
    others: Sequence[Use]

    @property
    def full(self) -> int:
        """How many of those below have used all of it, and no more."""
        return sum(use.used == use.most for use in self.others)

    @property
    def over(self) -> int:
        return sum(use.over > 0 for use in self.others)

    @property
    def cap(self) -> Cap:
        return _cap(self.held)

    @property
    def url(self) -> str:
        pack, _, item = self.reference.partition(":")
        return reverse("burden:cap", args=[*pack.split("/"), item])

    @property
    def cited(self) -> str:
        return self.held.pack.cited(self.held.wording)


def uses(
    user: "User", caps_held: Iterable[HeldItem], place: Organization, day: date
) -> dict[str, list[Use]]:
    """By cap: every organisation at and below ``place`` with rows that count, in the order of the
    tree, as strict as it is there. Where all are counted together, that is told as one, wherever
    one looks from. One query a cap, and about six."""
    counts = {held.reference: _counts(user, held, place, day) for held in caps_held}
    there = Organization.all_rows.filter(pk__in={pk for found in counts.values() for pk in found})
    units = list(there.select_related("parent").in_order())
    own = _as_there(units, day)
    return {
        reference: [
            Use(unit, own[unit.pk][reference], group, used)
            for unit in units
            if reference in own[unit.pk]
            for group, used in sorted(found.get(unit.pk, {}).items())
        ]
        for reference, found in counts.items()
    }


def _counts(
    user: "User", held: HeldItem, place: Organization, day: date
) -> dict[int, dict[tuple[str, ...], int]]:
    """How many rows each organisation has, by what they are counted together by. One query."""
    cap, register = _cap(held), _of(_cap(held).book, day)
    if register is None:
        return {}
    if cap.together:
        rows = Row.objects.filter(_where(held, place))
    else:
        rows = Row.objects.visible_to(user).filter(paths.under(place.path, "organization__path"))
    counts: dict[int, dict[tuple[str, ...], int]] = defaultdict(dict)
    names = {f"said_{name}": KeyTextTransform(name, "values") for name in cap.alike}
    found: Any = _counted(cap, rows, period_on(cap, day)).order_by().annotate(**names)
    for row in found.values("organization", *names).annotate(rows=Count("pk")):
        said = {name: row[f"said_{name}"] for name in cap.alike}
        unit = held.adoption.organization_id if cap.together else row["organization"]
        group = _group(cap, register, said)
        counts[unit][group] = counts[unit].get(group, 0) + row["rows"]
    return dict(counts)


def _as_there(units: list[Organization], day: date) -> dict[int, dict[str, HeldItem]]:
    """Caps as they are in force for each of ``units``, by ``pack:cap``. Four queries."""
    known: dict[tuple[int, ...], dict[str, HeldItem]] = {}
    found = {}
    for pk, packs in in_force_for(units, day).items():
        key = tuple(one.adoption.pk for one in packs)
        if key not in known:
            known[key] = {one.reference: one for one in items_of(packs, KIND, day)}
        found[pk] = known[key]
    return found


def told(user: "User", place: Organization, day: date) -> list[Told]:
    """Every cap in force at ``place``, by title. One query a cap, and about nine."""
    found, in_force = [], caps_at(place, day)
    used = uses(user, in_force.values(), place, day)
    for reference, held in in_force.items():
        lines = used[reference]
        here = held.adoption.organization if _cap(held).together else place
        own = [use for use in lines if use.organization.pk == here.pk]
        if not own and (_cap(held).together or place.kind in _cap(held).applies_to):
            own = [Use(here, held, (), 0)]
        others = [use for use in lines if use.organization.pk != here.pk]
        found.append(Told(reference, held, word_period(_cap(held), day), own, others))
    return sorted(found, key=lambda one: (one.cap.title, one.reference))


def rows_of(
    user: "User", held: HeldItem, organization: Organization, day: date, group: Sequence[str]
) -> QuerySet[Row]:
    """The rows behind a figure that ``user`` sees: of one organisation, or of all that are counted
    together, in the period of ``day``; those that say ``group`` where it is given; newest first.
    Two queries."""
    cap = _cap(held)
    rows = Row.objects.visible_to(user).filter(_where(held, organization))
    rows = _counted(cap, rows, period_on(cap, day))
    register = _of(cap.book, day)
    if group and register is not None:
        kept = [row.pk for row in rows if _group(cap, register, row.values) == tuple(group)]
        rows = Row.objects.filter(pk__in=kept)
    return rows.order_by("-since", "-pk")
