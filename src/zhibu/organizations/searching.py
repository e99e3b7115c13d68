"""Organisations for the one search box, by name, past names included, and by code."""

from datetime import date
from typing import TYPE_CHECKING, Any

from zhibu.core import filters, standing
from zhibu.core.navigation import Way, also
from zhibu.core.searching import Hit, Section, register
from zhibu.organizations import queries

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _sees(user: "User") -> bool:
    return standing.may_anywhere(user, "organizations.view") or standing.may_anywhere(
        user, "activities.view"
    )


def _rows(user: "User", text: str, on: date) -> Any:
    return queries.listed(user, on=on, text=text)


def _hit(row: Any) -> Hit:
    organization = row.organization
    above = row.parent_name_on or "最上级"
    line = f"{organization.get_kind_display()} · {above} · {organization.code}"
    return Hit(row.name_on, organization.get_absolute_url(), line)


filters.register(
    filters.Kept("organizations:list", "组织", ("q", "kind", "field", "on", "under"), day="on")
)
filters.register(
    filters.Kept(
        "organizations:terms", "任期日历", ("due", "kind", "field", "on", "under"), day="on"
    )
)
register(
    Section(
        title="组织",
        icon="tree",
        order=20,
        shown=_sees,
        rows=_rows,
        hit=_hit,
        list_url="organizations:list",
    )
)
also(
    Way(
        "任期日历",
        "organizations:terms",
        lambda user: standing.may_anywhere(user, "organizations.view"),
        "届满 换届",
    )
)
