"""The places in the navigation that this area opens."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.navigation import Entry, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _shown(user: "User") -> bool:
    return standing.may_anywhere(user, "pairings.view")


register(
    Entry(
        "联系", "pairings:list", "people", order=10, section=1, shown=_shown,
        words="结对 联系户 走访 联系人 到期没有联系",
    )
)  # fmt: skip
register(
    Entry(
        "轮值", "pairings:rotas", "cal", order=11, section=1, shown=_shown,
        words="值班 排班 换班 替班",
    )
)  # fmt: skip
