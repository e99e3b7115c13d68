"""What becomes of planned activities when their organisation ends and another takes its place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from zhibu.activities.actions import Kind
from zhibu.activities.models import Activity
from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization, PartyGroup

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "activities.follow"


@effect(FOLLOW, title="已计划的活动由接续的组织来开", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """What is planned for the day or later is the successor's; what took place stays."""
    rows = Activity.objects.planned().filter(organization__in=params.homes, held_on__gte=params.on)
    homes = dict(
        PartyGroup.objects.filter(pk__in=params.groups.values()).values_list("pk", "organization")
    )
    moved = list(rows.order_by("pk"))
    for row in moved:
        group = params.groups.get(row.group_id) if row.group_id else None
        row.organization_id = homes[group] if group else params.homes[row.organization_id]
        row.group_id = group
    Activity.objects.bulk_update(moved, ["organization", "group"], batch_size=500)
    if moved:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=moved,
        )  # fmt: skip


def _planned(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Activity.objects.planned().filter(organization__in=ids, held_on__gte=on)
    counts = rows.values("organization").annotate(rows=Count("pk"))
    return dict(counts.values_list("organization", "rows"))


def register() -> None:
    follows(Following(FOLLOW, "已计划的活动", "次", "由接续的组织来开", _planned, 30))
