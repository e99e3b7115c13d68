"""The way from the page of an organisation or a person to its links and rotas."""

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
    """Away where one may not see links there. No query: the lists have them."""
    user: Any = request.user
    if not standing.may(user, "pairings.view", organization.path):
        return None
    return {"organization": organization}


def _of_person(request: HttpRequest, person: Person, on: date) -> dict[str, Any] | None:
    """Away where one may not see links there, and from one's own page: 今日 has them. No query."""
    user: Any = request.user
    if person.pk == user.person_id or not standing.may(user, "pairings.view", person.path):
        return None
    return {"person": person}


register(Panel("organization", "context", 63, "pairings/panel.html", _of_organization))
register(Panel("person", "context", 63, "pairings/person_panel.html", _of_person))
