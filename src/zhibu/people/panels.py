"""What people add to the page of an organisation: who holds its posts, its groups, its size."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from zhibu.core import panels, standing
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people import queries, rules
from zhibu.people.queries import Headcount, Seat


@dataclass(frozen=True, slots=True)
class Group:
    """A party group with its leader's seat; ``seat`` is None where no such post was made."""

    group: PartyGroup
    size: int
    seat: Seat | None


def posts(request: HttpRequest, organization: Organization, on: date) -> dict[str, Any]:
    """Posts and groups as of ``on``; changing them is for today. Two queries, one elsewhere."""
    user: Any = request.user
    seats = queries.seats_on(organization, on)
    groups = queries.groups_on(organization, on) if organization.is_branch else []
    led = {seat.post.group_id: seat for seat in seats if seat.post.group_id}
    is_today = on == timezone.localdate()
    may_hold = rules.may_hold(user, organization, since=date.min, until=None)
    return {
        "organization": organization,
        "seats": [seat for seat in seats if seat.post.group_id is None],
        "groups": [Group(g, getattr(g, "size", 0), led.get(g.pk)) for g in groups],
        "may_hold": is_today and bool(may_hold) and not organization.dissolved_on,
        "may_lead": is_today
        and bool(rules.may_lead_group(user, organization))
        and not organization.dissolved_on,
        "may_view": standing.may(user, "people.view", organization.path),
    }


def headcount(request: HttpRequest, organization: Organization, on: date) -> dict[str, Any]:
    """How many people, for whoever sees the organisation. One query.

    ``organization`` carries ``path_on``; None, it stood nowhere that day, counts nobody.
    """
    user: Any = request.user
    path = getattr(organization, "path_on", organization.path)
    return {
        "organization": organization,
        "count": queries.headcount(path, on) if path else Headcount(0, 0, 0),
        "on": on,
        "may_view": standing.may(user, "people.view", organization.path),
        "may_register": on == timezone.localdate() and bool(rules.may_register(user, organization)),
    }


def register() -> None:
    panels.register(panels.Panel("organization", "work", 10, "people/panel_posts.html", posts))
    panels.register(
        panels.Panel("organization", "context", 10, "people/panel_people.html", headcount)
    )
