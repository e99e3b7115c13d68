"""What becomes of adoptions when the organisation that decided them ends."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from zhibu.adoptions.actions import Kind
from zhibu.adoptions.models import Adoption
from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.core.verdicts import Refused, no
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "adoptions.follow"


@effect(FOLLOW, title="撤销的组织采用的制度到那天为止", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """They end on the day: a successor adopts knowingly, or what is above it holds."""
    rows = list(
        Adoption.objects.filter(organization__in=params.homes, until=None)
        .select_related("organization")
        .order_by("pk")
    )
    for row in rows:
        if row.since >= params.on:
            whose = row.organization.called
            raise Refused(no(f"不能定在 {params.on}：{whose}从 {row.since} 起采用 {row.pack}。"))
        row.until = params.on
    Adoption.objects.bulk_update(rows, ["until"], batch_size=200)
    if rows:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.ENDED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=rows,
        )  # fmt: skip


def _adopted(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Adoption.objects.filter(organization__in=ids, until=None)
    counts = rows.values("organization").annotate(rows=Count("pk"))
    return dict(counts.values_list("organization", "rows"))


def register() -> None:
    note = "到那天为止；还要用的，请由接续的组织采用"
    follows(Following(FOLLOW, "自己采用的制度", "个", note, _adopted, 20))
