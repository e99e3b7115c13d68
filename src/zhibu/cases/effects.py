"""What becomes of open cases when their organisation ends and another takes its place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from zhibu.cases.actions import Kind
from zhibu.cases.models import Case, Turn
from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "cases.follow"


@effect(FOLLOW, title="在办的事项由接续的组织来办", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """Open cases, and open turns that were answered there, go on in the successor. What is kept
    apart from a unit is kept apart from its successor.

    A few queries, whatever the number.
    """
    moved = list(
        Case.objects.select_for_update(of=("self",))
        .open()
        .filter(organization__in=params.homes)
        .order_by("pk")
    )
    last = _numbers(params)
    for case in moved:
        case.organization_id = params.homes[case.organization_id]
        key = (case.organization_id, case.procedure, case.started_on.year)
        last[key] = case.number = last.get(key, 0) + 1
    Case.objects.bulk_update(moved, ["organization", "number"], batch_size=500)
    turns = list(Turn.objects.open().filter(organization__in=params.homes).select_related("case"))
    for turn in turns:
        turn.organization_id = params.homes[turn.organization_id]
    Turn.objects.bulk_update(turns, ["organization"], batch_size=500)
    for partner, successor in params.homes.items():
        Case.objects.open().filter(partner=partner).update(partner=successor)
    kept_apart = Case.objects.filter(is_kept_apart=True, unit__in=params.homes)
    hidden = list(kept_apart.select_for_update(of=("self",)).order_by("pk"))
    for case in hidden:
        case.unit_id = params.homes[case.unit_id or 0]
    Case.objects.bulk_update(hidden, ["unit"], batch_size=500)
    touched = {case.pk: case for case in (*(turn.case for turn in turns), *hidden, *moved)}
    if touched:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=list(touched.values()),
        )  # fmt: skip


def _numbers(params: Follow) -> dict[tuple[int, str, int], int]:
    """The last number given in each successor, by procedure and year. One query."""
    rows = Case.objects.filter(organization__in=set(params.homes.values()))
    found: dict[tuple[int, str, int], int] = {}
    for place, name, day, number in rows.values_list(
        "organization", "procedure", "started_on", "number"
    ):
        key = (place, name, day.year)
        found[key] = max(number, found.get(key, 0))
    return found


def _open(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Case.objects.open().filter(organization__in=ids)
    counts = rows.values("organization").annotate(rows=Count("pk"))
    return dict(counts.values_list("organization", "rows"))


def register() -> None:
    follows(Following(FOLLOW, "在办的事项", "件", "由接续的组织来办", _open, 45))
