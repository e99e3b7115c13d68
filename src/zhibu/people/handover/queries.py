"""Posts that wait to be handed over, and lists as the page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from zhibu.core import handing, standing
from zhibu.core.handing import Item, Post
from zhibu.people.models import Handover, Holding

if TYPE_CHECKING:
    from zhibu.accounts.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """One area's part of a list, with its heading."""

    title: str
    items: Sequence[Mapping[str, Any]]


def parts(items: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Items under the headings of their areas, areas in their order; no empty part."""
    listed = list(items)
    found = [
        Part(provider.title, [item for item in listed if item["area"] == provider.area])
        for provider in handing.providers()
    ]
    return [part for part in found if part.items]


def open_items(holding: Holding, on: date) -> list[Item]:
    """What is open on the post and its holder now. A few queries an area."""
    post = holding.post
    return handing.open_on(
        Post(post.pk, post.organization_id, post.group_id, holding.person_id), on
    )


def expired(user: "User", today: date) -> QuerySet[Holding]:
    """Holdings within reach, or one's own, whose term is over and that go on. One query."""
    reach = standing.reach_q(user, "people.view", "post__organization__path")
    rows = Holding.objects.filter(ended_on=None, until__lte=today)
    mine = rows.filter(person=user.person_id or 0)
    return (
        (rows.filter(reach) | mine)
        .select_related("person", "post__organization", "post__group")
        .order_by("until", "pk")
    )


def listed(user: "User") -> QuerySet[Handover]:
    """Hand-overs one may see, open ones first, the latest first. One query."""
    return (
        Handover.objects.visible_to(user)
        .select_related("holding__person", "holding__post__organization", "successor")
        .order_by("ended_at", "-drawn_at", "-pk")
    )
