"""The place in the navigation that this area opens."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.navigation import Entry, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _shown(user: "User") -> bool:
    return standing.may_anywhere(user, "registers.view")


register(
    Entry(
        "台账", "registers:list", "table", order=9, section=1, shown=_shown,
        words="登记簿 名册 合同 场所 到期",
    )
)  # fmt: skip
