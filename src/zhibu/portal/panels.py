"""The ticket on the page of its case, and the ways to requests."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from zhibu.cases.models import Case
from zhibu.core import navigation, standing
from zhibu.core.panels import Panel, register
from zhibu.organizations.models import Organization
from zhibu.portal import rules
from zhibu.portal.models import Look, Ticket

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _sees_cases(user: "User") -> bool:
    return standing.may_anywhere(user, "cases.view")


navigation.register(
    navigation.Entry(
        "诉求", "requests:list", "chat", order=8, section=1, shown=_sees_cases, bar=55,
        words="信访 来访 来信 电话 反映 投诉 热线 调度 登记诉求 记一件诉求",
    )
)  # fmt: skip


def _of_case(request: HttpRequest, case: Case, on: date) -> dict[str, Any] | None:
    """Which way it came, and the covered contact. One query; away where nobody asked for it."""
    if case.rule.doorway is None:
        return None
    ticket = Ticket.objects.filter(case=case).select_related("organization").first()
    if ticket is None:
        return None
    ticket.case = case
    user: Any = request.user
    left = [
        (label, field) for field, label in Look.Field.choices if getattr(ticket, f"{field}_sealed")
    ]
    return {
        "ticket": ticket, "left": left,
        "may_look": rules.may_look(user, ticket) if left else None,
    }  # fmt: skip


def _of_organization(
    request: HttpRequest, organization: Organization, on: date
) -> dict[str, Any] | None:
    """Away where one may not see cases there. No query."""
    user: Any = request.user
    if not standing.may(user, "cases.view", organization.path):
        return None
    is_there = organization.dissolved_on is None
    may_take = is_there and standing.may(user, "cases.act", organization.path)
    return {"organization": organization, "may_take": may_take}


register(Panel("case", "context", 10, "portal/panel_case.html", _of_case))
register(Panel("organization", "context", 61, "portal/panel.html", _of_organization))
