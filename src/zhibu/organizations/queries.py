"""Questions about the tree, today and as of a day."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from zhibu.core import paths
from zhibu.core.intervals import on_day
from zhibu.organizations.models import (
    Guidance,
    Name,
    Organization,
    OrganizationQuerySet,
    PartyGroup,
    Placement,
    Post,
    Succession,
    Term,
    Turn,
)
from zhibu.packs import library
from zhibu.packs.schema.posts import PostKind

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def root() -> Organization | None:
    """The top of the tree, None before there is one."""
    return Organization.objects.filter(parent=None).order_by("pk").first()


def ancestors(organization: Organization) -> list[Organization]:
    """From the top of the tree down to the parent. One query."""
    above = paths.ancestors(organization.path)[:-1]
    return list(Organization.objects.filter(path__in=above).order_by("path"))


def subtree_on(path_ids: Collection[int], day: date) -> OrganizationQuerySet:
    """Organisations that stood under any of ``path_ids`` on ``day``, themselves included."""
    tops = Placement.objects.filter(on_day(day), organization__in=path_ids).values_list(
        "path", flat=True
    )
    scope = paths.nothing()
    for top in tops:
        scope |= paths.under(top)
    standing = Placement.objects.filter(on_day(day)).filter(scope)
    rows: OrganizationQuerySet = Organization.objects.filter(pk__in=standing.values("organization"))
    return rows


def names_on(ids: Collection[int], day: date) -> dict[int, str]:
    """What each organisation was called on ``day``; its name today where none is known."""
    found = dict(
        Name.objects.filter(on_day(day), organization__in=ids).values_list("organization", "name")
    )
    missing = set(ids) - set(found)
    if missing:
        found |= dict(Organization.all_rows.filter(pk__in=missing).values_list("pk", "name"))
    return found


def term_on(organization: Organization, day: date) -> Term | None:
    return organization.terms.filter(on_day(day)).first()


def posts_on(organization: Organization, day: date) -> Sequence[Post]:
    """Posts that stand on ``day``, in rank order, groups' posts after the rest."""
    rows = organization.posts.filter(on_day(day)).select_related("group")
    return list(rows.order_by("group__name", "rank", "pk"))


def _name_on(day: date, owner: str) -> Any:
    """The name that the organisation in column ``owner`` had on ``day``, its present one else."""
    named = Name.objects.filter(on_day(day), organization=OuterRef(owner)).order_by("since")
    present = Organization.all_rows.filter(pk=OuterRef(owner))
    return Coalesce(Subquery(named.values("name")[:1]), Subquery(present.values("name")[:1]))


def _short_on(day: date, owner: str) -> Any:
    """The short name that the organisation in column ``owner`` had on ``day``."""
    named = Name.objects.filter(on_day(day), organization=OuterRef(owner)).order_by("since")
    present = Organization.all_rows.filter(pk=OuterRef(owner))
    return Coalesce(
        Subquery(named.values("short_name")[:1]), Subquery(present.values("short_name")[:1])
    )


def as_of(rows: QuerySet[Organization], day: date) -> QuerySet[Organization]:
    """``rows`` with ``name_on``, ``short_on`` and ``path_on``: what they were called and where
    they stood.

    ``path_on`` is None where an organisation stood nowhere that day. No query of its own.
    """
    placed = Placement.objects.filter(on_day(day), organization=OuterRef("pk"))
    return rows.annotate(
        name_on=_name_on(day, "pk"),
        short_on=_short_on(day, "pk"),
        path_on=Subquery(placed.values("path")[:1]),
    )


def with_term(rows: QuerySet[Organization], day: date) -> QuerySet[Organization]:
    """``rows`` with the term running on ``day``: ``term_since``, ``term_ends_on``,
    ``term_has_committee``, all None where none is known. No query of its own."""
    running = FilteredRelation("terms", condition=on_day(day, "terms__"))
    return rows.annotate(running=running).annotate(
        term_since=F("running__since"),
        term_ends_on=F("running__ends_on"),
        term_has_committee=F("running__has_committee"),
    )


def listed(
    user: "User",
    *,
    on: date,
    text: str = "",
    kind: str = "",
    field: str = "",
    under: Organization | None = None,
) -> QuerySet[Placement]:
    """Where the organisations within reach of ``user`` stood on ``on``, in tree order.

    Each row carries ``organization``, ``name_on``, ``short_on`` and ``parent_name_on``.
    ``text`` is part of a name, past names included, or the beginning of a code. One query.
    """
    seen = Organization.objects.visible_to(user)
    if kind:
        seen = seen.filter(kind=kind)
    if field:
        seen = seen.filter(field=field)
    if text:
        called = Name.objects.filter(Q(name__icontains=text) | Q(short_name__icontains=text))
        seen = seen.filter(Q(code__istartswith=text) | Q(pk__in=called.values("organization")))
    rows = Placement.objects.filter(on_day(on), organization__in=seen)
    if under is not None:
        top = Placement.objects.filter(on_day(on), organization=under).first()
        rows = rows.filter(paths.under(top.path) if top else paths.nothing())
    return (
        rows.select_related("organization", "parent")
        .annotate(
            name_on=_name_on(on, "organization"),
            short_on=_short_on(on, "organization"),
            parent_name_on=_name_on(on, "parent"),
        )
        .order_by("path")
    )


@dataclass(frozen=True, slots=True)
class Around:
    """The organisations above, top first, and directly below, each with ``name_on``."""

    above: list[Organization]
    below: list[Organization]


def around_on(organization: Organization, path: str, day: date) -> Around:
    """Who stood above and directly below ``organization``, at ``path`` on ``day``. One query."""
    numbers = paths.numbers(path)[:-1]
    placed = Placement.objects.filter(on_day(day), parent=organization)
    either = Q(pk__in=numbers) | Q(pk__in=placed.values("organization"))
    rows: list[Any] = list(as_of(Organization.objects.filter(either), day))
    return Around(
        above=sorted((r for r in rows if r.pk in numbers), key=lambda r: numbers.index(r.pk)),
        below=sorted(
            (r for r in rows if r.pk not in numbers), key=lambda r: str(getattr(r, "path_on", ""))
        ),
    )


@dataclass(frozen=True, slots=True)
class GuidanceLine:
    """Who guided an organisation on a day, and whom it guided; each with who it is about."""

    guides: list[Guidance]
    guided: list[Guidance]


def line_on(organization: Organization, day: date) -> GuidanceLine:
    """The second line through ``organization`` on ``day``. One query."""
    either = Q(organization=organization) | Q(guide=organization)
    rows = Guidance.objects.filter(on_day(day)).filter(either)
    found = list(rows.select_related("guide", "organization").order_by("since", "pk"))
    return GuidanceLine(
        guides=[row for row in found if row.organization_id == organization.pk],
        guided=[row for row in found if row.guide_id == organization.pk],
    )


def guidances(organization: Organization) -> list[Guidance]:
    """Who ever guided ``organization``, newest first. One query."""
    return list(organization.guidances.select_related("guide").order_by("-since", "-pk"))


def successions(organization: Organization) -> list[Succession]:
    """Whose place it took, and who took its place, newest first. One query."""
    either = Q(predecessor=organization) | Q(successor=organization)
    rows = Succession.objects.filter(either).select_related("predecessor", "successor")
    return list(rows.order_by("-on", "pk"))


def heirs(organization: Organization) -> list[Succession]:
    """Who took its place. One query."""
    return list(organization.successions.select_related("successor").order_by("pk"))


def turns(organization: Organization) -> list[Turn]:
    """Turns to chair, in order. One query."""
    return list(organization.turns.select_related("unit").order_by("since"))


def terms_due(
    user: "User",
    *,
    on: date,
    until: date | None,
    kind: str = "",
    field: str = "",
    under: Organization | None = None,
) -> QuerySet[Term]:
    """Terms running on ``on`` that are due to end before ``until`` (None: whenever), overdue
    ones included, by the day they end.

    Each row carries ``organization``, ``name_on`` and ``parent_name_on``. One query.
    """
    where = listed(user, on=on, kind=kind, field=field, under=under).order_by()
    rows = Term.objects.filter(on_day(on), ends_on__isnull=False)
    rows = rows.filter(organization__in=where.values("organization"))
    if until is not None:
        rows = rows.filter(ends_on__lt=until)
    parent = Placement.objects.filter(on_day(on), organization=OuterRef("organization"))
    return (
        rows.select_related("organization")
        .annotate(
            name_on=_name_on(on, "organization"),
            parent_on=Subquery(parent.values("parent")[:1]),
        )
        .annotate(parent_name_on=_name_on(on, "parent_on"))
        .order_by("ends_on", "organization__path", "pk")
    )


@dataclass(frozen=True, slots=True)
class History:
    """Everything dated about an organisation, newest first."""

    names: Sequence[Name]
    placements: Sequence[Placement]
    terms: Sequence[Term]


def history(organization: Organization) -> History:
    """Names, placements (with ``parent_name``, as called then) and terms. Three queries."""
    placements = organization.placements.annotate(
        parent_name=Coalesce(
            Subquery(
                Name.objects.filter(organization=OuterRef("parent"))
                .filter(since__lte=OuterRef("since"))
                .order_by("-since")
                .values("name")[:1]
            ),
            Subquery(Organization.all_rows.filter(pk=OuterRef("parent")).values("name")[:1]),
        )
    ).order_by("-since")
    return History(
        names=list(organization.names.order_by("-since")),
        placements=list(placements),
        terms=list(organization.terms.order_by("-since")),
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """An organisation that is to end, what is still open below it, and the last day on which
    something about it begins: it cannot end before."""

    organization: Organization
    open_below: tuple[Organization, ...] = ()
    latest_on: date | None = None


def endings(ids: Collection[int], on: date) -> dict[int, Ending]:
    """What matters of organisations that are to end on ``on``. Six queries, whatever the number.

    ``latest_on`` is the last day, on or after it, on which something of theirs begins.
    """
    known = Organization.objects.in_bulk(list(ids))
    below: dict[int, list[Organization]] = defaultdict(list)
    for row in Organization.objects.filter(parent__in=ids, dissolved_on=None).order_by("pk"):
        assert row.parent_id is not None
        below[row.parent_id].append(row)
    latest: dict[int, date] = {}
    for model in (Placement, Term, Post, PartyGroup):
        rows: Any = model._base_manager.filter(organization__in=ids, since__gte=on)
        for pk, since in rows.values_list("organization", "since"):
            latest[pk] = max(since, latest.get(pk, since))
    return {pk: Ending(row, tuple(below[pk]), latest.get(pk)) for pk, row in known.items()}


def post_kinds(of: str, day: date) -> dict[str, PostKind]:
    """Posts that packs know for a kind of organisation (``party-group`` for a group), by id.

    As worded on ``day``, in rank order; the first pack that words an id counts.
    """
    found: dict[str, PostKind] = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("posts"):
            wording = pack.wording_on("posts", wordings[0].id, day)
            if wording and isinstance(wording.item, PostKind) and of in wording.item.of:
                found.setdefault(wording.id, wording.item)
    return dict(sorted(found.items(), key=lambda pair: (pair[1].rank, pair[0])))
