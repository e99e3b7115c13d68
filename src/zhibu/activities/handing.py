"""Planned and unconfirmed activities, for whoever hands over a post."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Prefetch, QuerySet

from zhibu.activities.models import Activity, KindOf
from zhibu.core.handing import Item, Post, provides


def _rows(post: Post, status: str) -> QuerySet[Activity]:
    rows = Activity.objects.filter(organization=post.organization_id, status=status)
    if post.group_id is not None:
        rows = rows.filter(group=post.group_id)
    kinds = Prefetch("kinds", KindOf.objects.order_by("pk"))
    return rows.prefetch_related(kinds).order_by("starts_at", "pk")


def _titled(row: Activity) -> str:
    return " ".join(filter(None, ["、".join(kind.title for kind in row.kinds.all()), row.theme]))


@provides("activities", title="计划了还没开的活动", order=20)
def planned(post: Post, on: date) -> Iterator[Item]:
    """Of the organisation, or of the group whose post it is. Two queries."""
    for row in _rows(post, Activity.Status.PLANNED):
        about = "，".join(filter(None, [f"定在 {row.held_on}", row.place]))
        yield Item("activities", row.pk, _titled(row), about, None, row.get_absolute_url())


@provides("records", title="记了还没确认的活动", order=21)
def unconfirmed(post: Post, on: date) -> Iterator[Item]:
    """Records that wait for a second pair of eyes; not those of years before. Two queries."""
    for row in _rows(post, Activity.Status.HELD).filter(is_brought_in=False):
        url = row.get_absolute_url()
        yield Item("records", row.pk, _titled(row), f"{row.held_on} 开的", None, url)
