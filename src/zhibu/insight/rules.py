from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_freeze(user: "User", organization: Organization) -> Verdict:
    if standing.may(user, "insight.freeze", organization.path):
        return YES
    return no("不能冻结报表：冻结由上级党委办。表可以照样看、导出。")


def may_count(user: "User", organization: Organization, *, is_whole: bool) -> Verdict:
    """Whoever sees the figures may have them counted."""
    sees = standing.may(user, "insight.view", organization.path)
    if sees and (counts_below(user, organization) or not is_whole):
        return YES
    return no("不能算：这里的数字不归您看。")


def may_plan(user: "User", organization: Organization) -> Verdict:
    """How many may be admitted is set from above; the root sets its own."""
    above = organization.parent or organization
    if standing.may(user, "organizations.change", above.path):
        return YES
    return no(f"不能定计划：{organization.called}的计划由{above.called}定。")


def may_recount(user: "User", organization: Organization) -> Verdict:
    """Whoever counts the whole tree may have it evaluated beside what is stored."""
    if organization.parent_id is not None:
        return no("全树只从最上面的组织算。")
    return may_count(user, organization, is_whole=True)


def counts_below(user: "User", organization: Organization) -> bool:
    """Whether the user sees figures of what lies below, too, not of the organisation alone."""
    held = standing.with_permission(user, "insight.view")
    return any(s.reach in ("subtree", "everywhere") and s.covers(organization.path) for s in held)
