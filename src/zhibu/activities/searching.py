"""Activities for the one search box, by theme and by what kind of meeting they were."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from zhibu.activities import queries
from zhibu.activities.models import Activity, KindOf
from zhibu.core import filters, standing
from zhibu.core.searching import Hit, Section, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _rows(user: "User", text: str, on: date) -> Any:
    rows = Activity.objects.visible_to(user).filter(queries.called(text))
    kinds = KindOf.objects.filter(activity=OuterRef("pk")).order_by("pk")
    first = Subquery(kinds.values("title")[:1])
    return rows.select_related("organization").annotate(kind=first).latest_first()


def _hit(activity: Any) -> Hit:
    when = f"{timezone.localdate(activity.starts_at)}"
    told = [when, activity.organization.called, activity.get_status_display()]
    if activity.theme:
        told.insert(0, activity.kind)
    return Hit(activity.theme or activity.kind, activity.get_absolute_url(), " · ".join(told))


filters.register(
    filters.Kept(
        "activities:list", "活动", ("q", "kind", "status", "since", "until", "organization")
    )
)
register(
    Section(
        title="活动",
        icon="cal",
        order=30,
        shown=lambda user: standing.may_anywhere(user, "activities.view"),
        rows=_rows,
        hit=_hit,
        list_url="activities:list",
    )
)
