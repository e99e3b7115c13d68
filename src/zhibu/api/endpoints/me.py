from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.sections import Section
from zhibu.core import standing

section = Section("我")


class Place(Schema):
    """A standing: what one is where, and what that permits there."""

    organization: int | None
    name: str
    post: str
    role: str
    may: list[str]
    is_expired: bool


class Me(Schema):
    username: str
    name: str
    person: int | None
    may_act: bool
    expires_on: str | None
    places: list[Place]


@section.one("/me", "我是谁、在哪里有什么职务", Me)
def me(call: Call) -> Me:
    """Who the token acts as. An act names its place itself: nothing is worn here."""
    token = call.token
    return Me(
        username=call.user.username,
        name=call.user.display_name,
        person=call.user.person_id,
        may_act=bool(token and token.may_act),
        expires_on=token.expires_on.isoformat() if token else None,
        places=[
            Place(
                organization=held.organization_id, name=held.organization_name, post=held.post,
                role=held.role, may=sorted(held.grants), is_expired=held.is_expired,
            )
            for held in standing.of(call.user)
        ],
    )  # fmt: skip
