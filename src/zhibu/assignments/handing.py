"""Open tasks, for whoever hands over a post."""

from collections.abc import Iterator
from datetime import date

from zhibu.assignments.actions import hand_over
from zhibu.assignments.models import Assignment
from zhibu.core.handing import Item, Post, provides


@provides("assignments", title="没办完的任务", order=10, take=hand_over)
def tasks(post: Post, on: date) -> Iterator[Item]:
    """Those of the holder in the organisation, nearest day first. One query."""
    rows = Assignment.objects.open().filter(owner=post.person_id, organization=post.organization_id)
    for row in rows.order_by("due_on", "pk"):
        yield Item("assignments", row.pk, row.title, "", row.due_on, row.get_absolute_url())
