"""The way from the page of an organisation to its books."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from zhibu.core import navigation, standing
from zhibu.core.panels import Panel, register
from zhibu.money.queries import VIEW


def _of_organization(request: HttpRequest, subject: Any, on: date) -> dict[str, Any] | None:
    """Away where one may not see books there. No query: the list has them."""
    user: Any = request.user
    return {"organization": subject.pk} if standing.may(user, VIEW, subject.path) else None


register(Panel("organization", "context", 65, "money/panel.html", _of_organization))
navigation.also(
    navigation.Way(
        "钱账",
        "money:list",
        lambda user: standing.may_anywhere(user, VIEW),
        "账本 收支 认捐 筹资 一事一议 补偿 发放 村务 预算",
    )
)
navigation.also(
    navigation.Way(
        "钱账汇总",
        "money:rollup",
        lambda user: standing.may_anywhere(user, VIEW),
        "收支 合计 工程量 项目台账",
    )
)
