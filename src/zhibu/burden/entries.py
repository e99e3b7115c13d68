"""The ways to the caps: from the page of an organisation, and by the search box."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from zhibu.core import navigation, standing
from zhibu.core.navigation import Way
from zhibu.core.panels import Panel, register

navigation.also(
    Way(
        "上限",
        "burden:list",
        lambda user: standing.may_anywhere(user, "registers.view"),
        "会议 文件 简报 报表 指标 名额 减负 控制 还能开几次",
    )
)


def _of_organization(request: HttpRequest, subject: Any, on: date) -> dict[str, Any] | None:
    """Away where one may not see registers there: caps are counted from them. No query."""
    user: Any = request.user
    may_see = standing.may(user, "registers.view", subject.path)
    return {"organization": subject.pk} if may_see else None


register(Panel("organization", "context", 63, "burden/panel.html", _of_organization))
