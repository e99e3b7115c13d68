"""The way from the page of an organisation to its cases. No query: the list has them."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from zhibu.core import standing
from zhibu.core.panels import Panel, register
from zhibu.organizations.models import Organization


def _of_organization(
    request: HttpRequest, organization: Organization, on: date
) -> dict[str, Any] | None:
    """Away where one may not see cases there."""
    user: Any = request.user
    if not standing.may(user, "cases.view", organization.path):
        return None
    is_there = organization.dissolved_on is None
    may_start = is_there and standing.may(user, "cases.start", organization.path)
    return {"organization": organization, "may_start": may_start}


register(Panel("organization", "context", 60, "cases/panel.html", _of_organization))
