"""The way from the page of an organisation to what it makes public."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from zhibu.core import standing
from zhibu.core.panels import Panel, register
from zhibu.organizations.models import Organization


def _of_organization(
    request: HttpRequest, organization: Organization, on: date
) -> dict[str, Any] | None:
    """Away where one may not see it there. No query: the list has them."""
    user: Any = request.user
    if not standing.may(user, "publishing.view", organization.path):
        return None
    return {"organization": organization}


register(Panel("organization", "context", 63, "publishing/panel.html", _of_organization))
