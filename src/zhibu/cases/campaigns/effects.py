"""What becomes of campaigns when organisations end and others take their place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone

from zhibu.cases.campaigns import counting
from zhibu.cases.campaigns.actions import Kind
from zhibu.cases.campaigns.models import Campaign, Unit
from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "campaigns.follow"


@effect(FOLLOW, title="正在开展的集中活动由接续的组织参加", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """The successor takes part instead, in the same batch; where it does already, the unit of
    the one that ended is taken out. Campaigns it led are led by the successor.

    A few queries, whatever the number.
    """
    led = list(Campaign.objects.open().filter(organization__in=params.homes).order_by("pk"))
    for campaign in led:
        campaign.organization_id = params.homes[campaign.organization_id]
    Campaign.objects.bulk_update(led, ["organization"], batch_size=500)
    units = list(
        Unit.objects.taking_part()
        .filter(organization__in=params.homes, campaign__state=Campaign.State.OPEN)
        .select_related("campaign")
        .order_by("pk")
    )
    there = set(
        Unit.objects.taking_part()
        .filter(organization__in=set(params.homes.values()))
        .values_list("campaign", "organization")
    )
    for unit in units:
        home = params.homes[unit.organization_id]
        if (unit.campaign_id, home) in there:
            unit.removed_on, unit.removed_by = timezone.localdate(at), by
            unit.removed_at, unit.removed_reason = at, "组织撤并，由接续的组织参加"
        else:
            there.add((unit.campaign_id, home))
            unit.organization_id = home
    columns = ["organization", "removed_on", "removed_by", "removed_at", "removed_reason"]
    Unit.objects.bulk_update(units, columns, batch_size=500)
    counting.leave([unit for unit in units if unit.removed_on])
    counting.whole([unit for unit in units if not unit.removed_on], at=at)
    if led or units:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=[*led, *units],
        )  # fmt: skip


def _open(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Unit.objects.taking_part().filter(
        organization__in=ids, campaign__state=Campaign.State.OPEN
    )
    counts = rows.values("organization").annotate(rows=Count("pk"))
    return dict(counts.values_list("organization", "rows"))


def register() -> None:
    follows(Following(FOLLOW, "正在参加的集中活动", "次", "由接续的组织参加", _open, 47))
