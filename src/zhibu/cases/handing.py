"""Open cases, for whoever hands over a post."""

from collections.abc import Iterator
from datetime import date

from zhibu.cases.actions import hand_over
from zhibu.cases.models import Case
from zhibu.core.handing import Item, Post, provides


@provides("cases", title="负责的事项", order=12, take=hand_over)
def cases(post: Post, on: date) -> Iterator[Item]:
    """Those the holder answers for in the organisation, confidential ones by their neutral
    name: the list is signed by others too. One query."""
    rows = Case.objects.open().filter(owner=post.person_id, organization=post.organization_id)
    for case in rows.order_by("started_on", "pk"):
        title = case.rule.known_as or case.title
        yield Item("cases", case.pk, title, "", None, case.get_absolute_url())
