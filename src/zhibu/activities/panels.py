"""What activities add to the pages of people and branches: who took part, this year."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest

from zhibu.activities import queries
from zhibu.activities.queries import Attendance
from zhibu.core import panels, standing
from zhibu.core.dates import period_of
from zhibu.organizations.models import Organization
from zhibu.people.models import Person


def of_person(request: HttpRequest, person: Person, on: date) -> dict[str, Any] | None:
    """The way to somebody's sittings, where one may see activities; of a leading member the
    year's figures too. No query of its own; four for whoever holds a post elsewhere.
    """
    user: Any = request.user
    if user.person_id != person.pk and not standing.may_anywhere(user, "activities.view"):
        return None
    year = period_of(on, "year")
    elsewhere = [
        holding
        for holding in person.holdings.all()
        if holding.since <= on
        and (holding.ended_on is None or holding.ended_on > on)
        and holding.post.organization_id != person.home_id
    ]
    found: dict[str, Any] = {"person": person, "year": year.since.year, "posts": ()}
    if person.home and elsewhere:
        posts = queries.leading_posts(person.home, on, {person: elsewhere}).get(person)
        if posts:
            came = queries.attendance([person.pk], year.since, on + timedelta(days=1))
            found |= {"posts": posts, "attendance": came.get(person.pk, Attendance())}
    return found


def of_branch(request: HttpRequest, organization: Organization, on: date) -> dict[str, Any] | None:
    """Leading members in their own branch, where the pack is adopted. One query, or five."""
    user: Any = request.user
    if not organization.is_branch or not standing.may(user, "people.view", organization.path):
        return None
    year = period_of(on, "year")
    leaders = queries.leaders(organization, on, since=year.since)
    return {"leaders": leaders, "year": year.since.year} if leaders else None


def register() -> None:
    panels.register(
        panels.Panel("person", "work", 20, "activities/panel_attendance.html", of_person)
    )
    panels.register(
        panels.Panel("organization", "work", 30, "activities/panel_leaders.html", of_branch)
    )
