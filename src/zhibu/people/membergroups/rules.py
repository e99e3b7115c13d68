"""Who may say in which member groups somebody is."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_group_somebody(user: "User") -> Verdict:
    """Whether there is anybody at all ``user`` may put into a group."""
    if standing.may_anywhere(user, "people.change"):
        return YES
    return no("不能编类别：由支部书记或上级党委来编。")
