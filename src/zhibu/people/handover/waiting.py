"""What people have open for whoever hands over a post: requests that wait for an answer."""

from collections.abc import Iterator
from datetime import date

from zhibu.core.handing import Item, Post, provides
from zhibu.people.models import Correction


@provides("corrections", title="没答复的更正申请", order=40)
def corrections(post: Post, on: date) -> Iterator[Item]:
    """Of people at home in the organisation; a group's post has none. One query."""
    if post.group_id is not None:
        return
    rows = Correction.objects.open().filter(person__home=post.organization_id)
    for row in rows.select_related("person").order_by("asked_at", "pk"):
        title = f"{row.person.name}请更正{row.get_about_display()}"
        yield Item("corrections", row.pk, title, "", None, row.get_absolute_url())
