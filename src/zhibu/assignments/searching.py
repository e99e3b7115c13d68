"""Tasks, and what was handed down, for the one search box, by title."""

from datetime import date
from typing import TYPE_CHECKING, Any

from zhibu.assignments import queries
from zhibu.assignments.models import Assignment, Commission
from zhibu.core import filters, standing
from zhibu.core.navigation import Way, also
from zhibu.core.searching import Hit, Section, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _has_tasks(user: "User") -> bool:
    return user.person_id is not None or standing.may_anywhere(user, "assignments.view")


def _issues(user: "User") -> bool:
    return standing.may_anywhere(user, "assignments.issue")


def _tasks(user: "User", text: str, on: date) -> Any:
    rows = Assignment.objects.visible_to(user).filter(title__icontains=text)
    return queries.open_first(rows.select_related("organization", "owner"))


def _task(task: Assignment) -> Hit:
    who = task.owner.name if task.owner else "还没定人"
    line = f"{task.get_state_display()} · {who} · {task.due_on}前 · {task.organization.called}"
    return Hit(task.title, task.get_absolute_url(), line)


def _commissions(user: "User", text: str, on: date) -> Any:
    rows = Commission.objects.visible_to(user).filter(title__icontains=text)
    return rows.select_related("organization").order_by("-made_at", "-pk")


def _commission(row: Commission) -> Hit:
    state = "" if row.is_open else " · 撤回了"
    return Hit(
        row.title, row.get_absolute_url(), f"{row.organization.called} · {row.due_on}前{state}"
    )


filters.register(filters.Kept("assignments:list", "任务", ("q", "mine", "state")))
filters.register(filters.Kept("assignments:commissions", "交办", ("q",)))
register(Section("任务", "task", 40, _has_tasks, _tasks, _task, "assignments:list"))
register(Section("交办", "task", 50, _issues, _commissions, _commission, "assignments:commissions"))
also(Way("交办一件事", "assignments:issue", _issues, "布置 回执 往下"))
