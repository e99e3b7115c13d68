"""Which links there are, who is owed a contact, who has no link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zhibu.adoptions.queries import HeldItem, in_force_for, items_in_force
from zhibu.cases.models import Case
from zhibu.core import paths, standing
from zhibu.core.dates import Duration
from zhibu.core.intervals import on_day
from zhibu.organizations.models import Organization, Placement
from zhibu.packs import library
from zhibu.packs.schema.pair_kinds import LinkRule, PairKind, Side
from zhibu.pairings.models import COLUMNS, WHO, WHOM, Contact, Link, LinkQuerySet, latest
from zhibu.people.models import Person
from zhibu.registers.models import Row

if TYPE_CHECKING:
    from zhibu.accounts.models import User

KIND = "pair-kinds"
ONE = timedelta(days=1)
CLOSED = "不公开"
OFFERED = 50  # cases to choose from
VIEWS = {"held": "正在联系的", "overdue": "到期没有联系的", "over": "结束和到期的", "all": "全部"}


def in_force(organization: Organization, on: date, of: str = "") -> dict[str, HeldItem]:
    """Kinds in force for ``organization`` that its kind of organisation keeps, by ``pack:kind``;
    only links or rotas with ``of``. Three queries."""
    found = items_in_force(organization, on, KIND)[KIND]
    return {
        held.reference: held
        for held in found
        if (rule := rule_of(held)) and organization.kind in rule.kept_by and of in ("", rule.of)
    }


def rule_of(held: HeldItem) -> PairKind:
    assert isinstance(held.wording.item, PairKind)
    return held.wording.item


def wordings(kind: str) -> dict[date, PairKind]:
    """Every wording of a kind by its first day."""
    pack_id, _, name = kind.partition(":")
    pack = library.packs().get(pack_id)
    found = pack.items.get((KIND, name), ()) if pack else ()
    return {one.since: one.item for one in found if isinstance(one.item, PairKind)}


def cited(kind: str) -> str:
    """The first citation of a kind as a page writes it; "" where the pack is gone."""
    pack, rule = library.packs().get(kind.partition(":")[0]), latest(kind)
    return pack.citation(rule.cites[0]) if pack and rule else ""


# --- lists


@dataclass(frozen=True, slots=True)
class Scope:
    """Links that ``user`` may see on a day; of a kind, kept at or below ``place``, where given."""

    user: "User"
    on: date
    kind: str = ""
    place: Organization | None = None

    def rows(self) -> LinkQuerySet:
        found = Link.objects.visible_to(self.user)
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.place is not None:
            found = found.filter(paths.under(self.place.path, "organization__path"))
        return found

    def looked_at(self, view: str, text: str = "") -> LinkQuerySet:
        """Those of one of ``VIEWS``, whose sides' names hold ``text``; in the order of the tree.
        One query more where overdue ones are asked for."""
        found = self.rows()
        if view == "held":
            found = found.held_on(self.on)
        elif view == "overdue":
            found = overdue(found.held_on(self.on), self.on)
        elif view == "over":
            found = found.filter(Q(state=Link.State.ENDED) | Q(until__lte=self.on))
        if text:
            named = Q()
            for side in (WHO, WHOM):
                for column in ("person__name", "organization__name", "row__title"):
                    named |= Q(**{f"{side}_{column}__icontains": text})
            found = found.filter(named)
        return found.in_order()


def overdue(rows: LinkQuerySet, on: date) -> LinkQuerySet:
    """Open ones of ``rows`` whose next contact was due before ``on``. One query for the kinds."""
    kinds = rows.order_by().values_list("kind", "wording").distinct()
    found = Q(pk__in=[])
    for kind, wording in kinds:
        rule = wordings(kind)[wording].link
        if rule and rule.contact_every:
            last = last_due_before(on, rule.contact_every)
            gone_by = Q(contacted_on__lte=last) | Q(contacted_on=None, since__lte=last)
            found |= Q(kind=kind, wording=wording) & gone_by
    return rows.filter(found, state=Link.State.OPEN)


def last_due_before(on: date, every: str) -> date:
    """The latest day of a contact after which the next was due before ``on``.

    By trying: months counted back from a day are not those counted forward to it.
    """
    length = Duration.parse(every)
    last = length.before(on)
    while length.after(last) >= on:
        last -= ONE
    while length.after(last + ONE) < on:
        last += ONE
    return last


@dataclass(frozen=True, slots=True)
class Counted:
    """How many links of a kind hold, and how many of them are owed a contact."""

    kind: str
    rule: PairKind
    held: int
    overdue: int
    is_in_force: bool
    cited: str

    @property
    def contacted(self) -> int:
        return self.held - self.overdue

    @property
    def asks(self) -> bool:
        return bool(self.rule.link and self.rule.link.contact_every)


def counted(user: "User", place: Organization, on: date) -> list[Counted]:
    """Kinds of link in force at ``place`` and those with links at or below it, by title. Six
    queries, whatever the number."""
    current = in_force(place, on, "link")
    rows = Scope(user, on, place=place).rows()
    of_all = rows.order_by().values("kind").annotate(rows=Count("pk"))
    known = set(of_all.values_list("kind", flat=True))
    held = _by_kind(rows.held_on(on))
    late = _by_kind(overdue(rows.held_on(on), on))
    found = []
    for kind in {*current, *known}:
        rule = latest(kind)
        if rule is not None and rule.link is not None:
            counts = (held.get(kind, 0), late.get(kind, 0))
            found.append(Counted(kind, rule, *counts, kind in current, cited(kind)))
    return sorted(found, key=lambda one: (one.rule.title, one.kind))


def _by_kind(rows: LinkQuerySet) -> dict[str, int]:
    counts = rows.order_by().values("kind").annotate(rows=Count("pk"))
    return dict(counts.values_list("kind", "rows"))


# --- who has none


@dataclass(frozen=True, slots=True)
class Gap:
    """Those of one side who have no link on the day: ``names`` with where, of ``total``."""

    side: str
    title: str
    lacking: Sequence[tuple[str, Organization]]
    total: int

    @property
    def linked(self) -> int:
        return self.total - len(self.lacking)


def gaps(user: "User", kind: str, place: Organization, on: date) -> list[Gap]:
    """For each side of ``kind`` of which the pack lists who has none: people at home at an
    organisation that keeps such links, organisations, rows that hold; at or below ``place``, where
    the kind is in force and ``user`` may see links. In the order of the tree. About ten queries a
    side, whatever the number."""
    rule = _worded_on(kind, on)
    if rule is None or rule.link is None or not (rule.link.who.gap or rule.link.whom.gap):
        return []
    units = _keepers(user, kind, rule, place, on)
    found = []
    for name, side in ((WHO, rule.link.who), (WHOM, rule.link.whom)):
        if side.gap:
            found.append(_gap(kind, name, side, units, on))
    return found


def _worded_on(kind: str, on: date) -> PairKind | None:
    before = [since for since in wordings(kind) if since <= on]
    return wordings(kind)[max(before)] if before else None


def _keepers(
    user: "User", kind: str, rule: PairKind, place: Organization, on: date
) -> list[Organization]:
    """Organisations at or below ``place`` that keep such links on the day. Six queries."""
    placed = Placement.objects.filter(on_day(on))
    top = placed.filter(organization=place).values_list("path", flat=True).first()
    if top is None:
        return []
    there = placed.filter(paths.under(top)).values("organization")
    rows = Organization.objects.standing_on(on).select_related("parent").filter(
        standing.reach_q(user, "pairings.view"), pk__in=there, kind__in=rule.kept_by
    )  # fmt: skip
    units, pack = list(rows.in_order()), kind.partition(":")[0]
    held = in_force_for(units, on)
    return [unit for unit in units if any(one.pack.id == pack for one in held[unit.pk])]


def _gap(kind: str, name: str, side: Side, units: Sequence[Organization], on: date) -> Gap:
    column = COLUMNS[side.field.type]
    asked = _asked(side, column, units, on)
    linked = Link.objects.held_on(on).filter(kind=kind).exclude(**{f"{name}_{column}": None})
    known = set(linked.values_list(f"{name}_{column}", flat=True))
    lacking = [(title, unit) for pk, title, unit in asked if pk not in known]
    return Gap(name, side.gap, lacking, len(asked))


def _asked(
    side: Side, column: str, units: Sequence[Organization], on: date
) -> list[tuple[int, str, Organization]]:
    """Number, name and where, of everybody who could stand on the side. A few queries."""
    by_pk = {unit.pk: unit for unit in units}
    found: list[tuple[int, str, int]]
    if column == "row":
        rows = Row.objects.valid_on(on).filter(register=side.field.book, organization__in=by_pk)
        found = list(rows.order_by("pk").values_list("pk", "title", "organization"))
    elif column == "person":
        homes = Person.objects.filter(home__in=by_pk).order_by("name", "pk")
        found = list(homes.values_list("pk", "name", "home"))
    else:
        keepers = {unit.path: unit.pk for unit in units}
        found = [
            (one.pk, one.called, keepers[top])
            for one in Organization.objects.standing_on(on).in_order()
            if one.path not in keepers and (top := _nearest(one.path, keepers)) is not None
        ]
    if side.field.where is not None:
        met = side.field.where.satisfied_by([pk for pk, _, _ in found], on)
        found = [one for one in found if one[0] in met]
    order = {unit.pk: number for number, unit in enumerate(units)}
    found.sort(key=lambda one: order[one[2]])
    return [(pk, title, by_pk[unit]) for pk, title, unit in found]


def _nearest(path: str, tops: Iterable[str]) -> str | None:
    """The longest of ``tops`` that lies above ``path``."""
    above = [top for top in tops if path.startswith(top)]
    return max(above, key=len, default=None)


# --- one link


def is_who(user: "User", link: Link) -> bool:
    """Whether ``user`` is the side that makes contact, or writes for the organisation that is."""
    if link.who_organization is not None:
        return standing.may(user, "pairings.write", link.who_organization.path)
    return user.person_id is not None and link.who_person_id == user.person_id


def sees_needs(user: "User", link: Link) -> bool:
    """Whoever makes contact, whom it is about, and those entitled to needs there."""
    me = user.person_id
    return (
        is_who(user, link)
        or (me is not None and link.whom_person_id == me)
        or standing.may(user, "pairings.needs", link.organization.path)
    )


@dataclass(frozen=True, slots=True)
class Logged:
    """A contact as a reader sees it; ``needs`` is 不公开 to those who may not read it."""

    contact: Contact
    channel: str
    needs: str
    case: Case | None


def log(user: "User", link: Link) -> list[Logged]:
    """Contacts of a link, newest first. Two queries."""
    titles = channel_titles(link.link_rule)
    rows = link.contacts.select_related("by", "struck_by", "case").order_by("-held_on", "-pk")
    contacts, may = list(rows), sees_needs(user, link)
    became = [one.case_id for one in contacts if one.case_id]
    seen = set()
    if became:
        visible = Case.objects.visible_to(user).filter(pk__in=became)
        seen = set(visible.values_list("pk", flat=True))
    return [
        Logged(
            one, titles.get(one.channel, one.channel), _needs(one, is_open=may),
            one.case if one.case_id in seen else None,
        )
        for one in contacts
    ]  # fmt: skip


def _needs(contact: Contact, *, is_open: bool) -> str:
    if contact.erased_at:
        return "到期删了"
    if not contact.has_needs:
        return ""
    return contact.needs if is_open else CLOSED


def channel_titles(rule: LinkRule) -> dict[str, str]:
    return {one.id: one.title for one in rule.channels}


def by_channel(links: LinkQuerySet, kind: str, since: date, until: date) -> list[tuple[str, int]]:
    """How many contacts of ``links`` went by each channel in ``[since, until)``, in the order of
    the pack. One query."""
    rule = latest(kind)
    if rule is None or rule.link is None:
        return []
    rows = Contact.objects.counted().filter(
        link__in=links.order_by().values("pk"), held_on__gte=since, held_on__lt=until
    )
    counts = dict(
        rows.order_by().values("channel").annotate(rows=Count("pk")).values_list("channel", "rows")
    )
    return [(title, counts.get(one, 0)) for one, title in channel_titles(rule.link).items()]


def cases_to_name(user: "User", link: Link) -> list[tuple[int, str]]:
    """Cases of the keeper, and of the organisation that is linked, that ``user`` sees, newest
    first: which a contact may have become. One query."""
    places = {link.organization_id, link.whom_organization_id} - {None}
    rows = Case.objects.visible_to(user).filter(organization__in=places)
    return [(one.pk, str(one.title)) for one in rows.order_by("-pk")[:OFFERED]]


def made_by(person: int, on: date) -> list[Link]:
    """Open links in which somebody makes contact, those owed one first. One query."""
    rows = Link.objects.held_on(on).filter(who_person=person, state=Link.State.OPEN).named()
    return sorted(rows.in_order(), key=lambda one: (not one.is_overdue(on), one.due_on or date.max))
