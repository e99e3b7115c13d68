"""Which roles a user holds where: holdings of posts, and membership of one's branch."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.core.intervals import on_day
from zhibu.core.standing import Standing, provides
from zhibu.organizations.heritage import takes_over
from zhibu.people.models import MEMBERS, Belonging, Holding


@provides
def from_holdings(user: User, on: date) -> Iterator[Standing]:
    """One standing a holding that has begun and is not handed over. One query."""
    if user.person_id is None:
        return
    rows: Any = (
        Holding.objects.in_post_on(on)
        .filter(person=user.person_id)
        .select_related("post__organization")
        .annotate(takes_over=takes_over("post__organization__path"))
        .order_by("post__rank", "pk")
    )
    for holding in rows:
        post = holding.post
        role = roles.get(post.role)
        organization = post.organization
        yield Standing(
            role=role.id,
            grants=role.grants,
            reach=role.reach,
            organization_id=organization.pk,
            path=organization.path,
            post=_called(holding),
            organization_name=organization.called,
            group_id=post.group_id,
            is_expired=bool(holding.until and holding.until <= on),
            takes_over=holding.takes_over,
        )


def _called(holding: Holding) -> str:
    if holding.manner == Holding.Manner.FULL:
        return holding.post.title
    return f"{holding.post.title}（{holding.get_manner_display()}）"


@provides
def from_membership(user: User, on: date) -> Iterator[Standing]:
    """A member stands in the branch they belong to, home or host. One query."""
    if user.person_id is None:
        return
    role = roles.get("member")
    rows = (
        Belonging.objects.filter(on_day(on), person=user.person_id)
        .filter(on_day(on, "person__states__"), person__states__state__in=MEMBERS)
        .select_related("organization")
        .annotate(takes_over=takes_over("organization__path"))
        .distinct()
    )
    for belonging in rows:
        organization = belonging.organization
        yield Standing(
            role=role.id,
            grants=role.grants,
            reach=role.reach,
            organization_id=organization.pk,
            path=organization.path,
            post=role.title,
            organization_name=organization.called,
            takes_over=belonging.takes_over,
        )
