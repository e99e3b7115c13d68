"""Cases for the one search box, by title."""

from datetime import date
from typing import TYPE_CHECKING, Any

from zhibu.cases.models import Case
from zhibu.core import filters, standing
from zhibu.core.navigation import Way, also
from zhibu.core.searching import Hit, Section, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _sees(user: "User") -> bool:
    return standing.may_anywhere(user, "cases.view")


def _starts(user: "User") -> bool:
    return standing.may_anywhere(user, "cases.start")


def _cases(user: "User", text: str, on: date) -> Any:
    rows = Case.objects.visible_to(user).filter(title__icontains=text)
    return rows.select_related("organization").order_by("-started_on", "-pk")


def _case(case: Case) -> Hit:
    state = case.ended_as or case.get_state_display()
    line = f"{case.rule.title} · {state} · {case.organization.called}"
    return Hit(case.title, case.get_absolute_url(), line)


filters.register(filters.Kept("cases:list", "事项", ("q", "view", "procedure")))
filters.register(
    filters.Kept("cases:papers", "文书登记", ("q", "register", "year", "stands", "organization"))
)
register(Section("事项", "board", 45, _sees, _cases, _case, "cases:list"))
also(Way("文书登记", "cases:papers", _sees, "介绍信 批复 编号 作废"))
also(Way("可以认领的事", "cases:pool", lambda user: user.person_id is not None, "认领 项目库 报到"))
also(Way("开始一件事", "cases:start_here", _starts, "整改 程序 办理"))
