"""What registers hold on a day, what runs out, what lacks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, DecimalField, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Substr
from django.urls import reverse

from zhibu.adoptions.queries import HeldItem, in_force_for, items_in_force
from zhibu.core import fields, paths, standing
from zhibu.core.dates import Duration
from zhibu.core.fields import FieldSpec
from zhibu.core.intervals import on_day
from zhibu.organizations.models import Organization, Placement
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.registers import Register
from zhibu.registers.drafts import shown
from zhibu.registers.models import STANDINGS, Row, RowQuerySet, latest, warned_from

if TYPE_CHECKING:
    from zhibu.accounts.models import User

ONE = timedelta(days=1)
CLOSED = "不公开"
ADDED = ("money", "quantity", "number")
WRITTEN = ("text", "long-text")
VIEWS = {
    "valid": "有效的",
    "running-out": "快到期的",
    "over": "过期和结束的",
    "all": "全部",
}


def registers(organization: Organization, on: date) -> dict[str, HeldItem]:
    """Registers in force for ``organization`` on a day, by ``pack:register``. Three queries."""
    found = items_in_force(organization, on, "registers")["registers"]
    return {held.reference: held for held in found}


def kept_by(organization: Organization, on: date) -> dict[str, HeldItem]:
    """Of these, those that its kind of organisation keeps. Three queries."""
    return {
        reference: held
        for reference, held in registers(organization, on).items()
        if isinstance(held.wording.item, Register)
        and organization.kind in held.wording.item.held_by
    }


# --- rows of one register


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows of ``register`` that ``user`` may see, on a day; below ``place`` where there is one."""

    user: "User"
    register: str
    on: date
    place: Organization | None = None

    def rows(self) -> RowQuerySet:
        found = Row.objects.visible_to(self.user).filter(register=self.register)
        if self.place is not None:
            found = found.filter(paths.under(self.place.path, "organization__path"))
        return found

    def looked_at(self, view: str, counted: str = "", text: str = "") -> RowQuerySet:
        """Those of one of ``VIEWS``, narrowed; in the order of the tree."""
        found = self.rows()
        if view == "valid":
            found = found.valid_on(self.on)
        elif view == "running-out":
            found = found.filter(running_out([self.register], self.on))
        elif view == "over":
            found = found.filter(Q(state=Row.State.ENDED) | Q(until__lte=self.on))
        if counted:
            found = found.filter(counted=counted)
        if text:
            found = found.filter(title__icontains=text)
        return found.in_order()


def wordings(register: str) -> dict[date, Register]:
    """Every wording of a register by its first day."""
    pack_id, _, name = register.partition(":")
    pack = library.packs().get(pack_id)
    found = pack.items.get(("registers", name), ()) if pack else ()
    return {one.since: one.item for one in found if isinstance(one.item, Register)}


def running_out(registers: Iterable[str], on: date) -> Q:
    """Rows that hold on ``on`` and of which the pack warns by then. No query.

    The last day that is warned of is reckoned by trying: counting months back from an end is not
    counting them forward from a day.
    """
    found = Q(pk__in=[])
    for register in registers:
        for since, rule in wordings(register).items():
            if rule.warn_before:
                last = _furthest(on, rule.warn_before)
                found |= Q(register=register, wording=since, until__lte=last)
    return found & Q(state=Row.State.OPEN, since__lte=on, until__gt=on)


def _furthest(on: date, warn: str) -> date:
    """The latest end of which is warned on ``on``."""
    last = Duration.parse(warn).after(on)
    while warned_from(last + ONE, warn) <= on:
        last += ONE
    while warned_from(last, warn) > on:
        last -= ONE
    return last


# --- what a list and a page show of a row


def sees_closed(user: "User", row: Row) -> bool:
    """Whether closed columns are shown: to whoever may see what is not open there, and to the
    person the row is about. No query where ``row.mentions`` are loaded."""
    place = row.organization.path
    return standing.may(user, "registers.confidential", place) or _is_subject(user, row)


def is_inside(user: "User", row: Row) -> bool:
    """Whether ``user`` sees the row as one of those who keep it or as whom it is about: to others,
    the organisation's members, columns are masked as the pack says."""
    return standing.may(user, "registers.view", row.organization.path) or _is_subject(user, row)


def _is_subject(user: "User", row: Row) -> bool:
    me = user.person_id
    return me is not None and any(
        one.is_subject and one.person_id == me for one in row.mentions.all()
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A row in a list: its columns as the reader may see them, and how it stands on the day."""

    row: Row
    cells: list[str]
    standing: str

    @property
    def word(self) -> str:
        return STANDINGS[self.standing]


def with_named(rows: RowQuerySet) -> RowQuerySet:
    """With what a line asks. Two queries."""
    return rows.select_related("organization").prefetch_related("mentions")


def lines(user: "User", rows: Iterable[Row], specs: Sequence[FieldSpec], on: date) -> list[Line]:
    """``rows`` come from ``with_named``; a column an older wording has not is empty. No query."""
    rules_of: dict[tuple[str, date], Register] = {}
    found = []
    for row in rows:
        key = (row.register, row.wording)
        if key not in rules_of:
            rules_of[key] = row.rule
        cells = [text for _, text in seen(user, row, rules_of[key], specs)]
        found.append(Line(row, cells, row.standing_on(on)))
    return found


def seen(
    user: "User", row: Row, rule: Register, specs: Sequence[FieldSpec] | None = None
) -> list[tuple[FieldSpec, str]]:
    """Each column with what ``user`` sees of it: closed ones are 不公开, and who is neither staff
    nor the person sees the rest as the pack masks it. No query where mentions are loaded."""
    has_closed, has_all = sees_closed(user, row), is_inside(user, row)
    found = []
    for spec in specs or rule.columns:
        value = row.values.get(spec.id)
        if value in (None, "", []) or rule.column(spec.id) is None:
            text = ""
        elif spec.id in rule.closed_columns and not has_closed:
            text = CLOSED
        else:
            text = shown(spec, value) if has_all else fields.masked(spec, value)
        found.append((spec, text))
    return found


def exported(user: "User", row: Row, rule: Register, specs: Sequence[FieldSpec]) -> list[Any]:
    """The same as cells of a sheet: numbers and days as such where they are seen whole."""
    cells = []
    for spec, text in seen(user, row, rule, specs):
        kind = fields.get(spec.type)
        value = row.values.get(spec.id)
        is_whole = bool(text) and text == shown(spec, value)
        cells.append(kind.export(spec, kind.load(value)) if is_whole else text)
    return cells


# --- what residents see


@dataclass(frozen=True, slots=True)
class Told:
    """A row as residents see it: what it is called, and its other public columns that say
    something, as title and text."""

    organization: int
    register: str
    title: str
    cells: list[tuple[str, str]]


def for_residents(organizations: Iterable[int], on: date) -> list[Told]:
    """Rows of these organisations that hold on a day, of registers that declare public columns,
    in the order of the tree. Nothing but those columns. One query, none where no pack has such a
    register."""
    references = list(_with_public_columns())
    if not references:
        return []
    rows = Row.objects.valid_on(on).filter(register__in=references, organization__in=organizations)
    return [told for row in rows.in_order() if (told := _told(row)) is not None]


def said_to_residents(text: str) -> Q:
    """Rows that have ``text`` in a public column in which one writes freely. No query."""
    found = paths.nothing()
    for reference, columns in _with_public_columns().items():
        for column in columns:
            found |= Q(("register", reference), (f"values__{column}__icontains", text))
    return found


def found_for_residents(fitting: Q, on: date, most: int) -> list[tuple[Organization, Told]]:
    """Rows that hold on a day and of which residents see columns, as far as they are ``fitting``,
    each with its organisation, ``most`` at most. One query, none where no pack has such a
    register."""
    references = list(_with_public_columns())
    if not references:
        return []
    rows = Row.objects.valid_on(on).filter(
        fitting, register__in=references, organization__dissolved_on=None
    )
    return [
        (row.organization, told)
        for row in rows.select_related("organization").in_order()[:most]
        if (told := _told(row)) is not None
    ]


def _with_public_columns() -> dict[str, set[str]]:
    """Registers of which residents see columns, by any wording: those one writes freely into."""
    found: dict[str, set[str]] = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("registers"):
            rules = [one.item for one in wordings if isinstance(one.item, Register)]
            if any(rule.public_columns for rule in rules):
                found[f"{pack.id}:{wordings[0].id}"] = {
                    spec.id
                    for rule in rules
                    for spec in rule.columns
                    if spec.id in rule.public_columns and spec.type in WRITTEN
                }
    return found


def _told(row: Row) -> Told | None:
    """As residents see it; None where the wording of the row shows them nothing."""
    rule = row.rule
    if not rule.public_columns:
        return None
    named = rule.name_column.id
    cells = [
        (spec.title, text)
        for spec in rule.columns
        if spec.id in rule.public_columns and spec.id != named
        if (text := fields.masked(spec, row.values.get(spec.id)))
    ]
    title = fields.masked(rule.name_column, row.values.get(named))
    return Told(row.organization_id, row.register, title, cells)


# --- counting


def by_choice(rows: RowQuerySet, rule: Register) -> list[tuple[str, str, int]]:
    """Id, title and how many of ``rows`` for each choice of the counted column; [] without one.
    One query."""
    spec = rule.column(rule.counted_by)
    if spec is None:
        return []
    counts = dict(
        rows.order_by().values("counted").annotate(rows=Count("pk")).values_list("counted", "rows")
    )
    return [(choice.id, choice.title, counts.get(choice.id, 0)) for choice in spec.choices]


def by_unit(rows: RowQuerySet, place: Organization) -> list[tuple[Organization, int]]:
    """How many of ``rows`` each organisation directly below ``place`` has with all below it, and
    ``place`` itself first; by code, those without any too. Two queries."""
    width = len(place.path) + paths.STEP
    found = rows.order_by().annotate(unit=Substr("organization__path", 1, width)).values("unit")
    counts = dict(found.annotate(rows=Count("pk")).values_list("unit", "rows"))
    units = Organization.objects.filter(parent=place, dissolved_on=None).in_order()
    own = [(place, counts[place.path])] if place.path in counts else []
    return own + [(unit, counts.get(unit.path, 0)) for unit in units]


def totals(rows: RowQuerySet, rule: Register) -> list[tuple[FieldSpec, Decimal]]:
    """The sum of each column of money, quantities or numbers that is open. One query."""
    specs = [s for s in rule.columns if s.type in ADDED and s.id not in rule.closed_columns]
    if not specs:
        return []
    exact = DecimalField(max_digits=20, decimal_places=3)
    asked = {
        f"sum_{spec.id}": Sum(Cast(KeyTextTransform(spec.id, "values"), exact)) for spec in specs
    }
    found = rows.order_by().aggregate(**asked)
    return [(spec, found[f"sum_{spec.id}"] or Decimal(0)) for spec in specs]


# --- who ought to have a row and has none


def wording_on(register: str, on: date) -> tuple[Pack, Wording] | None:
    """The pack and the register as worded on a day; None where there is none yet."""
    pack_id, _, name = register.partition(":")
    pack = library.packs().get(pack_id)
    wording = pack.wording_on("registers", name, on) if pack else None
    return (pack, wording) if pack and wording else None


def gaps(scope: Scope, place: Organization) -> list[Organization]:
    """Organisations below ``place`` that ought to have a valid row on the day and have none, by
    code; only where the register is in force and where ``scope.user`` may see registers.

    About eight queries, whatever the number, and those of the condition.
    """
    found = wording_on(scope.register, scope.on)
    rule = found[1].item if found else None
    if not isinstance(rule, Register) or rule.gaps is None or found is None:
        return []
    placed = Placement.objects.filter(on_day(scope.on))
    top = placed.filter(organization=place).values_list("path", flat=True).first()
    if top is None:
        return []
    there = placed.filter(paths.under(top)).values("organization")
    standing_then = Organization.objects.standing_on(scope.on).select_related("parent")
    rows = standing_then.filter(
        standing.reach_q(scope.user, "registers.view"),
        pk__in=there, kind__in=rule.gaps.kinds or rule.held_by,
    )  # fmt: skip
    valid = Row.objects.valid_on(scope.on).filter(register=scope.register)
    if rule.gaps.filled_by:
        valid = valid.filter(counted__in=rule.gaps.filled_by)
    lacking = list(rows.exclude(pk__in=valid.values("organization")).in_order())
    if rule.gaps.when is not None:
        met = rule.gaps.when.satisfied_by([unit.pk for unit in lacking], scope.on)
        lacking = [unit for unit in lacking if unit.pk in met]
    held = in_force_for(lacking, scope.on)
    pack = found[0].id
    return [unit for unit in lacking if any(one.pack.id == pack for one in held[unit.pk])]


# --- all registers of somebody


def address(reference: str, page: str = "register", *more: int) -> str:
    """Where a page of a register is."""
    pack, _, item = reference.partition(":")
    return reverse(f"registers:{page}", args=[*pack.split("/"), item, *more])


@dataclass(frozen=True, slots=True)
class Book:
    """One register in the list of them: how many rows hold, how many of those run out soon."""

    reference: str
    rule: Register
    cited: str
    valid: int
    running_out: int
    is_in_force: bool

    @property
    def address(self) -> str:
        return address(self.reference)


def books(user: "User", place: Organization, on: date) -> list[Book]:
    """Registers in force for ``place`` and those that have rows at or below it which ``user`` sees,
    by title. Six queries, whatever the number."""
    in_force = registers(place, on)
    rows = Row.objects.visible_to(user).filter(paths.under(place.path, "organization__path"))
    held = rows.valid_on(on).order_by().values("register").annotate(rows=Count("pk"))
    valid = dict(held.values_list("register", "rows"))
    with_rows = set(rows.order_by().values_list("register", flat=True).distinct())
    soon = rows.filter(running_out(with_rows, on)).order_by().values("register")
    near = dict(soon.annotate(rows=Count("pk")).values_list("register", "rows"))
    found = []
    for reference in {*in_force, *with_rows}:
        rule = latest(reference)
        pack = library.packs().get(reference.partition(":")[0])
        if rule is None or pack is None:
            continue
        cited = pack.citation(rule.cites[0])
        counts = (valid.get(reference, 0), near.get(reference, 0))
        found.append(Book(reference, rule, cited, *counts, reference in in_force))
    return sorted(found, key=lambda book: (book.rule.title, book.reference))


def shown_books(user: "User", place: Organization, on: date) -> list[Book]:
    """``books`` without those that are nothing to somebody who may not see registers there: kept
    by staff alone, and no row that they see."""
    found = books(user, place, on)
    if standing.may(user, "registers.view", place.path):
        return found
    return [book for book in found if book.rule.readers == "members" or book.valid]


def may_know(user: "User", register: str, rule: Register) -> bool:
    """Whether ``user`` may look into a register at all: as staff or member anywhere, or for a row
    that they see. One query at most."""
    return (
        standing.may_anywhere(user, "registers.view")
        or (rule.readers == "members" and standing.may_anywhere(user, "registers.shared"))
        or Row.objects.visible_to(user).filter(register=register).exists()
    )


# --- the story of one row


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a row: what it was, and what stood there before it, column by column."""

    word: str
    reason: str
    by: str
    at: Any
    before: list[tuple[str, str]]


def history(user: "User", row: Row) -> list[Change]:
    """What became of a row, newest first; of each change only what it changed. One query.

    A closed column that the reader does not see is told as changed, not as what.
    """
    rule = row.rule
    found, later = [], _content(row)
    for one in row.revisions.select_related("by").order_by("-number"):
        before = _differences(user, row, rule, one.content, later)
        by = one.by.display_name if one.by else "系统"
        found.append(Change(one.get_kind_display(), one.reason, by, one.at, before))
        later = one.content
    return found


def _content(row: Row) -> dict[str, Any]:
    until = row.until.isoformat() if row.until else None
    return {"values": row.values, "since": row.since.isoformat(), "until": until}


def _differences(
    user: "User", row: Row, rule: Register, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str]]:
    found = [
        (title, str(before[name] or "没有写"))
        for name, title in (("since", "从哪天"), ("until", "到哪天（不含）"))
        if before[name] != after[name]
    ]
    has_closed, has_all = sees_closed(user, row), is_inside(user, row)
    for spec in rule.columns:
        old, new = before["values"].get(spec.id), after["values"].get(spec.id)
        if old == new:
            continue
        if spec.id in rule.closed_columns and not has_closed:
            text = CLOSED
        else:
            text = shown(spec, old) if has_all else fields.masked(spec, old)
        found.append((spec.title, text or "没有写"))
    return found
