"""The place in the navigation that this area opens."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.navigation import Entry, register

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _shown(user: "User") -> bool:
    return standing.may_anywhere(user, "publishing.view") or standing.may_anywhere(
        user, "publishing.shared"
    )


register(
    Entry(
        "公开", "publishing:list", "board", order=10, section=1, shown=_shown,
        words="党务公开 村务公开 公示 公开栏 异议 张榜",
    )
)  # fmt: skip
