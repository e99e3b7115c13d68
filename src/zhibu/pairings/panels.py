"""The way from the page of an organisation or a person to its links and rotas."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from zhibu.core import standing
from zhibu.core.panels import Panel, register
from zhibu.organizations.models import Organization
from zhibu.pairings import queries
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
    """Links that name the person, of those the reader sees; away where there are none. One
    query."""
    user: Any = request.user
    links = list(queries.of_person(person.pk, on).visible_to(user))
    return {"links": links, "on": on} if links else None


register(Panel("organization", "context", 63, "pairings/panel.html", _of_organization))
register(Panel("person", "context", 63, "pairings/person_panel.html", _of_person))
