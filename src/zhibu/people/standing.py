"""Which roles a user holds where: holdings of posts, and membership of one's branch."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.core.intervals import on_day
from zhibu.core.standing import Standing, provides
from zhibu.organizations.heritage import TakesOver
from zhibu.people.models import MEMBERS, Belonging, Holding


@provides
def from_holdings(user: User, on: date) -> Iterator[Standing]:
    """One standing a holding that has begun and is not handed over. One query."""
    if user.person_id is None:
        return
    rows = (
        Holding.objects.in_post_on(on)
        .filter(person=user.person_id)
        .order_by("post__rank", "pk")
        .values_list(
            "post__role",
            "post__title",
            "manner",
            "until",
            "post__group",
            *_of("post__organization"),
        )
    )
    for kind, title, manner, until, group, place, path, short, name, takes_over in rows:
        role = roles.get(kind)
        yield Standing(
            role=role.id,
            grants=role.grants,
            reach=role.reach,
            organization_id=place,
            path=path,
            post=_called(title, manner),
            organization_name=short or name,
            group_id=group,
            is_expired=bool(until and until <= on),
            takes_over=bool(takes_over),
        )


def _of(organization: str) -> list[Any]:
    """Number, path, short name and name of an organisation, and whether it took over another:
    columns alone, as every page asks for them."""
    columns = [f"{organization}__{name}" for name in ("path", "short_name", "name")]
    return [organization, *columns, TakesOver(f"{organization}__path")]


def _called(title: str, manner: str) -> str:
    if manner == Holding.Manner.FULL:
        return title
    return f"{title}（{Holding.Manner(manner).label}）"


@provides
def from_membership(user: User, on: date) -> Iterator[Standing]:
    """A member stands in the branch they belong to, home or host. One query."""
    if user.person_id is None:
        return
    role = roles.get("member")
    rows = (
        Belonging.objects.filter(on_day(on), person=user.person_id)
        .filter(on_day(on, "person__states__"), person__states__state__in=MEMBERS)
        .order_by("pk")
        .values_list(*_of("organization"))
    )
    for place, path, short, name, takes_over in rows:
        yield Standing(
            role=role.id,
            grants=role.grants,
            reach=role.reach,
            organization_id=place,
            path=path,
            post=role.title,
            organization_name=short or name,
            takes_over=bool(takes_over),
        )
