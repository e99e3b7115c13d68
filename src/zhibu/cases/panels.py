"""The way from the page of an organisation to its cases, and from a person's to theirs."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from zhibu.core import standing
from zhibu.core.panels import Panel, register
from zhibu.organizations.models import Organization
from zhibu.people.models import Person


def _of_organization(
    request: HttpRequest, organization: Organization, on: date
) -> dict[str, Any] | None:
    """Away where one may not see cases there. No query: the list has them."""
    user: Any = request.user
    if not standing.may(user, "cases.view", organization.path):
        return None
    is_there = organization.dissolved_on is None
    may_start = is_there and standing.may(user, "cases.start", organization.path)
    return {"organization": organization, "may_start": may_start}


def _of_person(request: HttpRequest, person: Person, on: date) -> dict[str, Any] | None:
    """On one's own page what one begins oneself, on another's a beginning about them. No query."""
    user: Any = request.user
    is_own = user.person_id == person.pk
    may_start = standing.may(user, "cases.start", person.path)
    if person.home_id is None or not (is_own or may_start):
        return None
    return {"person": person, "is_own": is_own, "may_start": may_start}


register(Panel("organization", "context", 60, "cases/panel.html", _of_organization))
register(Panel("person", "work", 30, "cases/panel_person.html", _of_person))
