"""What becomes of rows that still hold when their organisation ends and another takes its place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization
from zhibu.registers import drafts
from zhibu.registers.actions import Kind, fill, keep
from zhibu.registers.models import Revision, Row, RowQuerySet

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "registers.follow"


def _still(ids: Collection[int], on: date) -> RowQuerySet:
    """Rows of these that hold on ``on`` or later."""
    later = Q(until__isnull=True) | Q(until__gt=on)
    return Row.objects.counted().filter(later, organization__in=ids)


@effect(FOLLOW, title="还有效的台账由接续的组织来管", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """Rows that still hold go on in the successor, their numbers with them. Where that has one
    of the same key by now, the one that comes is ended on the day, with the reason.

    Three queries a row: there are few that hold.
    """
    moved = list(_still(params.homes, params.on).select_for_update(of=("self",)).order_by("pk"))
    places = Organization.all_rows.in_bulk(set(params.homes.values()))
    for row in moved:
        _go(row, places[params.homes[row.organization_id]], params.on, by, at)
    if moved:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=moved,
        )  # fmt: skip


def _go(row: Row, home: Organization, on: date, by: "User | None", at: datetime) -> None:
    before, rule = row.organization, row.rule
    row.organization = home
    fill(row, rule)
    since = max(row.since, on)
    taken = drafts.twins(row.key, since, row.until, apart_from=row) if rule.key else None
    if taken is None:
        row.organization = before
        keep(row, Revision.Kind.MOVED, f"由{home.called}接续", by, at)
        row.organization = home
        row.save()
        return
    row.organization = before
    fill(row, rule)
    said = f"并入{home.called}，那里已经有一行一样的"
    if row.since < on:
        keep(row, Revision.Kind.ENDED, said, by, at)
        row.state, row.until, row.reason = Row.State.ENDED, on, said
        row.ended_as = ""
    else:
        keep(row, Revision.Kind.VOIDED, said, by, at)
        row.state, row.reason, row.ended_as = Row.State.VOIDED, said, ""
        fill(row, rule)
    row.save()


def _open(ids: Collection[int], on: date) -> dict[int, int]:
    counts = _still(ids, on).values("organization").annotate(rows=Count("pk"))
    return dict(counts.values_list("organization", "rows"))


def register() -> None:
    follows(
        Following(
            FOLLOW,
            "还有效的台账",
            "行",
            "由接续的组织来管；那里已经有一样的，就到这天结束",
            _open,
            50,
        )
    )
