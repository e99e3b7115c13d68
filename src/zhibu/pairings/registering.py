"""报到: links of a kind by which somebody, or a unit, reports in at an organisation and may claim
what waits there (``cases.claiming``); and what became of it.

``who`` reports in at ``whom``; ``organization`` keeps the link and is the unit a person comes
from. Who is counted: contacts are the services, those with needs or with what they became the
opinions; what was claimed are turns of cases. No order by figures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zhibu.cases import claiming
from zhibu.cases.claiming import Registration
from zhibu.cases.models import Case, Turn
from zhibu.core import paths, standing
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.pair_kinds import PairKind
from zhibu.pairings.models import Contact, Link, LinkQuerySet

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def kinds() -> set[str]:
    """``pack:kind`` of every kind that reports in, in any of its wordings."""
    found = set()
    for pack in library.packs().values():
        for wordings in pack.wordings("pair-kinds"):
            for one in wordings:
                assert isinstance(one.item, PairKind)
                if one.item.link is not None and one.item.link.registers:
                    found.add(f"{pack.id}:{one.id}")
    return found


@claiming.provides
def registrations(user: "User", on: date) -> Iterator[Registration]:
    """Where somebody is reported in, and the units they act for. One query."""
    if user.person_id is None:
        return
    acts = {one.organization_id for one in standing.with_permission(user, "cases.act")}
    rows = Link.objects.held_on(on).filter(
        Q(who_person=user.person_id) | Q(who_organization__in=acts - {None}),
        state=Link.State.OPEN, kind__in=kinds(), whom_organization__dissolved_on=None,
    )  # fmt: skip
    for link in rows.select_related("whom_organization", "who_organization", "organization"):
        if link.whom_organization is not None:
            unit = link.who_organization
            yield Registration(
                link.whom_organization, unit or link.organization, is_of_unit=unit is not None
            )


# --- what became of it


@dataclass(frozen=True, slots=True)
class Served:
    """One registration and what it did in a period: services, opinions brought in; matters
    claimed there that were on its hands then, and how many of those it answered."""

    link: Link
    services: int
    opinions: int
    claimed: list[Case]
    answered: int


def listed(user: "User", place: Organization) -> LinkQuerySet:
    """Registrations kept at ``place`` or below it, or made there, that ``user`` may see; in the
    order of the tree."""
    found = Link.objects.visible_to(user).counted().filter(kind__in=kinds())
    kept = paths.under(place.path, "organization__path")
    return found.filter(kept | paths.under(place.path, "whom_organization__path")).in_order()


def served(links: Sequence[Link], since: date, until: date) -> list[Served]:
    """What each of ``links`` (with both sides) did in ``[since, until)``. Two queries, whatever
    the number."""
    contacts = Contact.objects.counted().filter(
        link__in=[one.pk for one in links], held_on__gte=since, held_on__lt=until
    )
    told = ~Q(needs_sealed=b"") | Q(erased_at__isnull=False) | Q(case__isnull=False)
    counted = (
        contacts.order_by()
        .values("link")
        .annotate(services=Count("pk"), opinions=Count("pk", filter=told))
    )
    by_link = {row["link"]: (row["services"], row["opinions"]) for row in counted}
    turns = _claimed(links, since, until)
    found = []
    for link in links:
        mine = [turn for turn in turns if _is_of(turn, link)]
        cases = {turn.case_id: turn.case for turn in mine}
        answered = {turn.case_id for turn in mine if _answers(turn)}
        services, opinions = by_link.get(link.pk, (0, 0))
        found.append(Served(link, services, opinions, list(cases.values()), len(answered)))
    return found


def _claimed(links: Sequence[Link], since: date, until: date) -> list[Turn]:
    """Turns claimed from elsewhere for one of the units of ``links`` and done in the period, or
    open still. One query."""
    units = {unit_of(link).pk for link in links}
    rows = Turn.objects.filter(claimed_for__in=units, is_claimed=True, opened_on__lt=until)
    rows = rows.filter(
        Q(state=Turn.State.OPEN)
        | Q(state=Turn.State.DONE, happened_on__gte=since, happened_on__lt=until)
    )
    return list(rows.select_related("case", "organization").order_by("case", "number"))


def unit_of(link: Link) -> Organization:
    """The unit itself, or the one that somebody comes from."""
    return link.who_organization or link.organization


def _is_of(turn: Turn, link: Link) -> bool:
    host = link.whom_organization
    return (
        host is not None
        and turn.claimed_for_id == unit_of(link).pk
        and link.who_person_id in (None, turn.person_id)
        and paths.is_under(turn.organization.path, host.path)
    )


def _answers(turn: Turn) -> bool:
    door = turn.case.rule.doorway
    return turn.state == Turn.State.DONE and door is not None and door.answer in turn.content
