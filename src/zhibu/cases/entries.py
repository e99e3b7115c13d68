"""The place in the navigation that this area opens."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.navigation import Entry, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _shown(user: "User") -> bool:
    return standing.may_anywhere(user, "cases.view")


register(Entry("事项", "cases:list", "board", order=8, section=1, shown=_shown))
