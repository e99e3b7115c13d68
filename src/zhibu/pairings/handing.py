"""Links of whoever hands over a post."""

from collections.abc import Iterator
from datetime import date

from zhibu.core.handing import Item, Post, provides
from zhibu.pairings.actions import hand_over
from zhibu.pairings.models import Link


@provides("pairings", title="联系的户、单位和人", order=15, take=hand_over)
def links(post: Post, on: date) -> Iterator[Item]:
    """Those kept by the organisation in which the holder makes contact. One query."""
    rows = Link.objects.held_on(on).filter(
        organization=post.organization_id, who_person=post.person_id, state=Link.State.OPEN
    )
    for row in rows.named().order_by("since", "pk"):
        about = f"{row.rule.title}，从 {row.since} 起"
        url = row.get_absolute_url()
        yield Item("pairings", row.pk, row.whom_called, about, row.due_on, url)
