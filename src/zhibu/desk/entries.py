"""Places in the navigation that the desk opens, by role."""

from typing import TYPE_CHECKING

from zhibu.core import filters, standing
from zhibu.core.navigation import Entry, Way, also, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _member(user: "User") -> bool:
    return any(s.role == "member" for s in standing.of(user))


def _branch(user: "User") -> bool:
    held = standing.with_permission(user, "activities.record")
    return any(s.reach in {"own", "group"} for s in held)


def _committee(user: "User") -> bool:
    return standing.may_anywhere(user, "overview.view")


def _plain_member(user: "User") -> bool:
    return _member(user) and not _branch(user) and not _committee(user)


def _administrator(user: "User") -> bool:
    return bool(user.admin_role)


def _ledger(user: "User") -> bool:
    return standing.may_anywhere(user, "ledger.view")


filters.register(
    filters.Kept(
        "desk:overview", "总览", ("organization", "window", "field", "state", "on"), day="on"
    )
)
filters.register(filters.Kept("desk:ledger", "存证", ("organization", "below")))
also(Way("怎么用", "desk:help", lambda user: True, "帮助 手册 教程 说明 操作 图"))
for _entry in (
    Entry("今日", "desk:today", "home", order=1, section=0, shown=_plain_member, bar=1),
    Entry("工作台", "desk:workbench", "desk", order=2, section=0, shown=_branch, bar=2),
    Entry("日历", "desk:calendar", "clock", order=35, section=1, shown=_member),
    Entry("总览", "desk:overview", "chart", order=3, section=0, shown=_committee, bar=3),
    Entry("管理", "desk:admin", "desk", order=4, section=0, shown=_administrator, bar=4),
    Entry("存证", "desk:ledger", "seal", order=20, section=3, shown=_ledger, bar=80),
):
    register(_entry)
