"""What becomes of links and rotas when organisations end and others take their place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization
from zhibu.pairings.actions import Kind, go_on
from zhibu.pairings.models import WHO, WHOM, Link, LinkQuerySet, Rota, RotaQuerySet

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "pairings.follow"


def _links(ids: Collection[int], on: date) -> LinkQuerySet:
    """Links that hold on ``on`` or later and are kept by one of these, or name one."""
    later = Q(until__isnull=True) | Q(until__gt=on)
    named = Q(organization__in=ids) | Q(who_organization__in=ids) | Q(whom_organization__in=ids)
    return Link.objects.counted().filter(later, named)


def _rotas(ids: Collection[int], on: date) -> RotaQuerySet:
    return Rota.objects.filter(organization__in=ids, until__gt=on)


@effect(FOLLOW, title="联系、轮值由接续的组织来管", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """Links that hold end on the day and go on with the successor, as keeper and as either side;
    not where that would link it to itself, or to whom it is linked already. Rotas that run on keep
    their turns and are kept by the successor. A few queries a link: there are few that hold."""
    homes = params.homes
    touched: list[Link | Rota] = []
    links = _links(homes, params.on).select_for_update(of=("self",)).order_by("pk")
    for link in list(links):
        next_ = go_on(
            link, params.on, who=_moved(link, WHO, homes), whom=_moved(link, WHOM, homes),
            keeper=homes.get(link.organization_id, link.organization_id),
            reason="随组织合并、分设", by=by, at=at,
        )  # fmt: skip
        touched += [link, next_] if next_ else [link]
    for rota in _rotas(homes, params.on).select_for_update(of=("self",)).order_by("pk"):
        rota.organization_id = homes[rota.organization_id]
        rota.save(update_fields=["organization"])
        touched.append(rota)
    if touched:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=touched,
        )  # fmt: skip


def _moved(link: Link, name: str, homes: dict[int, int]) -> tuple[str, int]:
    column, pk = link.side(name)
    return (column, homes.get(pk, pk)) if column == "organization" else (column, pk)


def _open(ids: Collection[int], on: date) -> dict[int, int]:
    """Links kept and rotas running, by organisation."""
    later = Q(until__isnull=True) | Q(until__gt=on)
    kept = Link.objects.counted().filter(later, organization__in=ids)
    counts = dict(
        kept.values("organization").annotate(rows=Count("pk")).values_list("organization", "rows")
    )
    rotas = _rotas(ids, on).values("organization").annotate(rows=Count("pk"))
    for pk, rows in rotas.values_list("organization", "rows"):
        counts[pk] = counts.get(pk, 0) + rows
    return counts


def register() -> None:
    follows(
        Following(
            FOLLOW,
            "还有效的联系、轮值",
            "个",
            "由接续的组织来管；联系到这天结束，接着新的一个",
            _open,
            55,
        )
    )
