"""What is owed and not done, for whoever hands over a post."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q

from zhibu.core.handing import Item, Post, provides
from zhibu.duties import queries
from zhibu.duties.models import HolderKind, Obligation

LOOK_BACK = timedelta(days=370)


@provides("duties", title="还没办的应办", order=30)
def owed(post: Post, on: date) -> Iterator[Item]:
    """Of the organisation and the post in periods begun within a year; of a group's post, the
    group's. A few queries, whatever the number."""
    if post.group_id is not None:
        holder = Q(holder_kind=HolderKind.PARTY_GROUP, holder_id=post.group_id)
    else:
        holder = Q(holder_kind__in=[HolderKind.ORGANIZATION, HolderKind.PARTY_GROUP])
        holder |= Q(holder_kind=HolderKind.POST, holder_id=post.post_id)
    rows = (
        Obligation.objects.owed()
        .filter(holder, organization=post.organization_id, done_on=None)
        .filter(period_since__lte=on, period_since__gt=on - LOOK_BACK)
        .order_by("due_on", "duty", "pk")
    )
    for one in queries.worded(list(rows), on):
        row = one.obligation
        state = "未办" if one.state == "overdue" else "待办"
        yield Item("duties", row.pk, f"{one.title} {one.period}", state, row.due_on)
