"""Places in the navigation that this area opens."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.navigation import Entry, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _records(user: "User") -> bool:
    """Whoever records for a branch or group of their own; committees look on."""
    held = standing.with_permission(user, "activities.record")
    return any(s.reach in {"own", "group"} for s in held)


def _sees(user: "User") -> bool:
    return standing.may_anywhere(user, "activities.view")


def _receives(user: "User") -> bool:
    return standing.may_anywhere(user, "themes.receipt")


register(
    Entry(
        "记一次",
        "activities:record",
        "pen",
        order=20,
        section=0,
        shown=_records,
        is_main=True,
        bar=1,
    )
)
register(Entry("活动", "activities:list", "cal", order=20, section=1, shown=_sees, bar=30))
register(
    Entry("报来的主题", "activities:filings", "task", order=60, section=1, shown=_receives, bar=60)
)
