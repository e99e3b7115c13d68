"""What holds for an organisation on a day, and by which adoption."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from zhibu.adoptions.addresses import item_url
from zhibu.adoptions.models import Adoption
from zhibu.core import paths
from zhibu.core.intervals import on_day
from zhibu.core.predicates import Asking
from zhibu.organizations.models import Guidance, Organization, Placement
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.duties import Duty
from zhibu.packs.schema.hints import Hint
from zhibu.packs.schema.tightenings import Tightening
from zhibu.packs.tightening import Asked, tightened, value_at

FEW = 100  # paths asked for one by one; above it every adoption is read


@dataclass(frozen=True, slots=True)
class Held:
    """A pack that holds for an organisation, by this adoption."""

    pack: Pack
    adoption: Adoption

    @property
    def is_guided(self) -> bool:
        """Whether it holds by the line of guidance, and not by that of the tree."""
        return self.adoption.reach == Adoption.Reach.GUIDED


@dataclass(frozen=True, slots=True)
class Stricter:
    """A field that somebody above made stricter: what it was, what it is, and by what."""

    field: str
    base: str
    value: str
    held: Held
    wording: Wording

    @property
    def adopter(self) -> str:
        return self.held.adoption.organization.called

    @property
    def cited(self) -> str:
        return self.held.pack.cited(self.wording)


@dataclass(frozen=True, slots=True)
class HeldItem:
    """An item in force for an organisation; ``refined_by`` names what takes its place.

    ``wording`` holds the item as it is in force there, ``stricter`` what was tightened.
    """

    pack: Pack
    adoption: Adoption
    wording: Wording
    refined_by: str = ""
    stricter: tuple[Stricter, ...] = ()

    @property
    def reference(self) -> str:
        return f"{self.pack.id}:{self.wording.id}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A hint that is shown for an organisation, with its citation as a page writes it."""

    hint: Hint
    id: str
    cited: str
    text: str
    is_call_for_help: bool
    pack: Pack
    wording: Wording

    @property
    def reference(self) -> str:
        return f"{self.pack.id}:{self.id}"

    @property
    def rule_url(self) -> str:
        return item_url("hints", self.reference)


def in_force(organization: Organization, day: date, *, path: str | None = None) -> list[Held]:
    """Packs that hold for ``organization`` on ``day``: adopted there or above, top first,
    then those adopted by who guides it or one above it.

    A pack adopted at several levels is listed once, by the highest; one adopted on both lines
    by the line of the tree. Three queries, two where the caller knows the organisation's
    ``path`` on that day, and one more where anything is adopted for the guided.
    """
    paths_on = None if path is None else {organization.pk: path}
    return in_force_for([organization], day, paths_on=paths_on)[organization.pk]


def in_force_for(
    organizations: Collection[Organization],
    day: date,
    *,
    paths_on: Mapping[int, str] | None = None,
) -> dict[int, list[Held]]:
    """``in_force`` of many, by organisation. Four queries at most, whatever the number."""
    if paths_on is None:
        ids = [organization.pk for organization in organizations]
        placed = Placement.objects.filter(on_day(day), organization__in=ids)
        paths_on = dict(placed.values_list("organization", "path"))
    known = library.packs()
    adopted = _adopted_on(day, paths_on.values())
    found: dict[int, list[Held]] = {}
    for organization in organizations:
        path = paths_on.get(organization.pk, "")
        held: dict[str, Held] = {}
        for tops, adoption in adopted:
            fits = not adoption.fields or organization.field in adoption.fields
            reaches = bool(path) and any(paths.is_under(path, top) for top in tops)
            if reaches and fits and adoption.pack in known:
                held.setdefault(adoption.pack, Held(known[adoption.pack], adoption))
        found[organization.pk] = list(held.values())
    return found


def _adopted_on(day: date, below: Iterable[str]) -> list[tuple[list[str], Adoption]]:
    """Adoptions in force that can hold for ``below``, with the tops of what they hold for.

    The line of the tree first, highest first; then the line of guidance. One query, and one
    more where anything is adopted for the guided; with many organisations all adoptions are
    read, there are few of them.
    """
    tops = {top for path in below for top in paths.ancestors(path)}
    placed = Placement.objects.filter(on_day(day), organization=OuterRef("organization"))
    rows: Any = (
        Adoption.objects.in_force_on(day)
        .annotate(top=Subquery(placed.values("path")[:1]))
        .filter(top__isnull=False)
        .select_related("organization")
    )
    if len(tops) <= FEW:
        rows = rows.filter(Q(top__in=tops) | Q(reach=Adoption.Reach.GUIDED))
    ordered = sorted(rows, key=lambda a: (in_order(a), len(a.top), a.since, a.pk))
    guides = [a.organization_id for a in ordered if a.reach == Adoption.Reach.GUIDED]
    guided = _guided_on(guides, day) if guides else {}
    return [(guided.get(a.organization_id, []) if in_order(a) else [a.top], a) for a in ordered]


def in_order(adoption: Adoption) -> int:
    """The line of the tree goes before the line of guidance: it wins a clash."""
    return int(adoption.reach == Adoption.Reach.GUIDED)


def _guided_on(guides: Collection[int], day: date) -> dict[int, list[str]]:
    """Where those guided by each of ``guides`` stood on ``day``. One query."""
    placed = Placement.objects.filter(on_day(day), organization=OuterRef("organization"))
    rows = Guidance.objects.filter(on_day(day), guide__in=guides).annotate(
        top=Subquery(placed.values("path")[:1])
    )
    found: dict[int, list[str]] = defaultdict(list)
    for guide, top in rows.values_list("guide", "top"):
        if top:
            found[guide].append(top)
    return found


def turning_days(organizations: Collection[int]) -> list[date]:
    """Days from which ``in_force_for`` may give these organisations another answer, in order.

    Between two of them it is the same every day. Three queries.
    """
    adopted = Adoption.objects.values_list("organization", "since", "until")
    guided = Guidance.objects.values_list("organization", "since", "until")
    rows = [*adopted, *guided]
    known = {*organizations, *(pk for pk, _, _ in rows)}
    placed = Placement.objects.filter(organization__in=known)
    days = {day for _, *ends in rows for day in ends}
    days |= {day for ends in placed.values_list("since", "until") for day in ends}
    return sorted(day for day in days if day is not None)


def guided_below(guide: Organization, since: date) -> list[int]:
    """Ids of whom ``guide`` guides on some day from ``since`` on, and of all below them today.

    Two queries.
    """
    rows = Guidance.objects.filter(guide=guide).exclude(until__lte=since)
    scope = paths.nothing()
    for top in rows.values_list("organization__path", flat=True):
        scope |= paths.under(top)
    return list(Organization.objects.filter(scope).order_by("path").values_list("pk", flat=True))


def hints(
    organizations: Collection[Organization],
    day: date,
    *,
    held: Mapping[int, list[Held]] | None = None,
) -> dict[int, list[Shown]]:
    """Hints shown for each organisation on ``day``, those that call for help first.

    ``held`` spares three queries where the caller has asked ``in_force_for`` already;
    the rest is one a fact that predicates live on (sizes, posts, terms, fields), whatever
    the number of organisations and of hints.
    """
    held = in_force_for(organizations, day) if held is None else held
    asking = Asking([organization.pk for organization in organizations], day)
    worded: dict[str, list[tuple[Shown, set[int]]]] = {}
    found: dict[int, list[Shown]] = {}
    for organization in organizations:
        shown: list[Shown] = []
        for one in held[organization.pk]:
            if one.pack.id not in worded:
                hints_of = _hints_of(one.pack, day)
                worded[one.pack.id] = [(h, asking.meets(h.hint.when)) for h in hints_of]
            for hint, met in worded[one.pack.id]:
                if organization.pk in met and organization.kind in hint.hint.applies_to:
                    shown.append(hint)
        found[organization.pk] = sorted(shown, key=lambda hint: not hint.is_call_for_help)
    return found


def _hints_of(pack: Pack, day: date) -> list[Shown]:
    found = []
    for wordings in pack.wordings("hints"):
        wording = pack.wording_on("hints", wordings[0].id, day)
        if wording and wording.item.is_confirmed and isinstance(wording.item, Hint):
            hint = wording.item
            cited = pack.cited(wording)
            found.append(
                Shown(hint, wording.id, cited, hint.text, hint.is_call_for_help, pack, wording)
            )
    return found


def items_in_force(organization: Organization, day: date, *kinds: str) -> dict[str, list[HeldItem]]:
    """Items of the given kinds in force for ``organization``, as worded on ``day``, by kind.

    Items that rest on memory alone are left out. A duty that another one in force refines
    is listed with the name of that other. Three queries, whatever the number of kinds.
    """
    held = in_force(organization, day)
    return {kind: items_of(held, kind, day) for kind in kinds}


def items_of(held: Iterable[Held], kind: str, day: date) -> list[HeldItem]:
    """Items of one kind in packs that hold, as worded and tightened on ``day``. No query."""
    found = []
    held = list(held)
    tightenings = _in_force_of(held, "tightenings", day)
    for one, wording in _in_force_of(held, kind, day):
        found.append(_as_strict_as_asked(HeldItem(one.pack, one.adoption, wording), tightenings))
    refined = {
        item.wording.item.refines: item.reference
        for item in found
        if isinstance(item.wording.item, Duty) and item.wording.item.refines
    }
    return [replace(item, refined_by=refined.get(item.reference, "")) for item in found]


def _in_force_of(held: Iterable[Held], kind: str, day: date) -> list[tuple[Held, Wording]]:
    found = []
    for one in held:
        for wordings in one.pack.wordings(kind):
            wording = one.pack.wording_on(kind, wordings[0].id, day)
            if wording and wording.item.is_confirmed:
                found.append((one, wording))
    return found


def _as_strict_as_asked(item: HeldItem, tightenings: Iterable[tuple[Held, Wording]]) -> HeldItem:
    kind = item.wording.kind
    asked = [
        (held, wording, Asked(one, held.adoption.reach == Adoption.Reach.GUIDED))
        for held, wording in tightenings
        if isinstance(wording.item, Tightening)
        for one in wording.item.tighten
        if (one.of, one.item) == (kind, item.reference)
    ]
    if not asked:
        return item
    now = tightened(item.wording.item, [one for _, _, one in asked])
    stricter = []
    for field in sorted({one.tighten.field for _, _, one in asked}):
        base, value = value_at(item.wording.item, field), value_at(now, field)
        behind = [a for a in asked if a[2].tighten.field == field and a[2].tighten.value == value]
        if base != value:
            stricter.append(Stricter(field, str(base), str(value), *behind[0][:2]))
    wording = replace(item.wording, item=now)
    return replace(item, wording=wording, stricter=tuple(stricter))


def replaced_kinds(duties: Iterable[HeldItem]) -> set[str]:
    """Kinds of activity that count for nothing any more but a duty which another refines."""
    replaced: set[str] = set()
    needed: set[str] = set()
    for held in duties:
        duty = held.wording.item
        assert isinstance(duty, Duty)
        (replaced if held.refined_by else needed).update(duty.fulfilled_by)
    return replaced - needed


def reaching(path: str) -> list[Adoption]:
    """Every adoption, past ones included, that can hold for something under ``path``.

    Those at or above it and those below it; one query. Moves are the caller's matter.
    """
    above = Organization.all_rows.filter(path__in=paths.ancestors(path)).values("pk")
    below = Organization.all_rows.filter(paths.under(path)).values("pk")
    rows = Adoption.objects.filter(organization__in=above) | Adoption.objects.filter(
        organization__in=below
    )
    return list(rows.select_related("organization").distinct().order_by("pk"))


def everywhere() -> list[Adoption]:
    return list(Adoption.objects.select_related("organization").order_by("pk"))


def packs_adopted_by(organizations: Collection[int]) -> dict[int, list[str]]:
    """Ids of packs each organisation itself has adopted and not given up."""
    found: dict[int, list[str]] = {pk: [] for pk in organizations}
    rows = Adoption.objects.filter(organization__in=organizations, until=None)
    for organization_id, pack in rows.values_list("organization_id", "pack"):
        found[organization_id].append(pack)
    return found


def leaning_on(adoption: Adoption) -> list[Adoption]:
    """Open adoptions, there and below, of packs that need this one; [] where it holds anyway.

    Three queries.
    """
    path = adoption.organization.path
    rows = Adoption.objects.filter(until=None).select_related("organization")
    above = paths.ancestors(path)[:-1]
    others = rows.exclude(pk=adoption.pk).filter(reach=Adoption.Reach.SUBTREE)
    if others.filter(pack=adoption.pack, organization__path__in=above).exists():
        return []
    known = library.packs()
    needing = [pack.id for pack in known.values() if adoption.pack in pack.meta.requires]
    scope = paths.under(path, "organization__path")
    if adoption.reach == Adoption.Reach.GUIDED:
        guided = adoption.organization.guided.filter(until=None).select_related("organization")
        scope = Q(organization=adoption.organization_id, reach=Adoption.Reach.GUIDED)
        for row in guided:
            scope |= paths.under(row.organization.path, "organization__path")
    below = rows.filter(scope, pack__in=needing)
    return list(below.order_by("organization__path", "pk"))
