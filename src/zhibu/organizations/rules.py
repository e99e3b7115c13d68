"""Who may change the tree, and in which state."""

from datetime import date
from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.paths import DEEPEST, depth, is_under
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import (
    BRANCHES,
    CLASS_OF,
    COMMITTEES,
    Class,
    Guidance,
    Kind,
    Organization,
    PartyGroup,
)
from zhibu.organizations.queries import Ending

if TYPE_CHECKING:
    from zhibu.accounts.models import User

NOT_YOURS = "不能改组织：{name}归上级党委管，要上级党委的同志来办。"


def may_found(user: "User", parent: Organization | None, kind: str) -> Verdict:
    """Whether ``user`` may set up an organisation of ``kind`` below ``parent``."""
    path = parent.path if parent else ""
    if not standing.may(user, "organizations.change", path):
        return no(NOT_YOURS.format(name=parent.called if parent else "最上级"))
    return may_stand_below(parent, kind)


def may_stand_below(parent: Organization | None, kind: str) -> Verdict:
    if parent is None:
        return YES if kind in COMMITTEES else no("最上级应是党委。")
    if parent.dissolved_on:
        return no(f"不能放在{parent.called}下面：它已经撤销。")
    if parent.kind in BRANCHES and kind in (*COMMITTEES, Kind.GENERAL_BRANCH, *BRANCHES):
        return no(f"不能放在{parent.called}下面：党支部下面不设党组织，可以设党小组。")
    if parent.kind == Kind.GENERAL_BRANCH and kind in COMMITTEES:
        return no(f"不能放在{parent.called}下面：党总支下面不设党委。")
    if depth(parent.path) + 1 >= DEEPEST:
        return no("层级太多了。")
    return YES


def may_change(user: "User", organization: Organization) -> Verdict:
    if not standing.may(user, "organizations.change", organization.path):
        return no(NOT_YOURS.format(name=organization.called))
    if organization.dissolved_on:
        return no(f"不能改：{organization.called}已经撤销。")
    return YES


def may_move(
    user: "User", organization: Organization, parent: Organization, *, since: date, today: date
) -> Verdict:
    """Both ends must be within reach; never below itself, never in the future."""
    verdict = may_change(user, organization)
    if not verdict:
        return verdict
    if not standing.may(user, "organizations.change", parent.path):
        return no(NOT_YOURS.format(name=parent.called))
    if is_under(parent.path, organization.path):
        return no(f"不能划到自己下面：{parent.called}在{organization.called}里面。")
    if since > today:
        return no("不能定在以后：请在生效那天或之后办。")
    if parent.pk == organization.parent_id:
        return no(f"不用办：{organization.called}已经在{parent.called}下面。")
    return may_stand_below(parent, organization.kind)


def may_dissolve(user: "User", organization: Organization, *, open_below: int) -> Verdict:
    verdict = may_change(user, organization)
    if not verdict:
        return verdict
    if open_below:
        return no(f"不能撤销：下面还有 {open_below} 个组织，请先撤销或划走。")
    return YES


FAMILIES = (BRANCHES, (Kind.GENERAL_BRANCH,), COMMITTEES)


def _family(kind: str) -> tuple[str, ...]:
    """Kinds that may succeed one another: branches, general branches, committees; the kinds
    of other organisations and of units may all."""
    for family in FAMILIES:
        if kind in family:
            return family
    return ()


def may_succeed(
    user: "User",
    ending: Ending,
    successor: Organization | None,
    kind: str,
    *,
    on: date,
    today: date,
) -> Verdict:
    """Whether ``successor`` (None: a new one of ``kind``) may take the place on ``on``."""
    old = ending.organization
    verdict = may_change(user, old)
    if not verdict:
        return verdict
    if successor is not None:
        if successor.pk == old.pk:
            return no(f"不能并到自己：{old.called}。")
        verdict = may_change(user, successor)
        if not verdict:
            return verdict
        if is_under(successor.path, old.path):
            return no(f"不能并到下级：{successor.called}在{old.called}里面。请先把它划出来。")
    if CLASS_OF.get(kind, Class.BODY) != old.organization_class or _family(kind) != _family(
        old.kind
    ):
        return no(
            f"不能接续：{old.called}是{old.get_kind_display()}，"
            f"不能由{Kind(kind).label}接着。同一类的才能合并。"
        )
    if on > today:
        return no("不能定在以后：请在生效那天或之后办。")
    if ending.latest_on and on <= ending.latest_on:
        return no(
            f"不能定在 {on}：{old.called}在 {ending.latest_on} 还登记了隶属、任期、小组或职务，"
            "要晚于那天。"
        )
    return _may_take_over(ending, kind)


def _may_take_over(ending: Ending, kind: str) -> Verdict:
    for below in ending.open_below:
        if kind in BRANCHES and below.organization_class == Class.PARTY:
            return no(f"不能接续：{ending.organization.called}下面还有{below.called}。")
    return YES


def may_guide(
    user: "User", guide: Organization, organization: Organization, *, guided: bool
) -> Verdict:
    """Whether ``user`` may enter that ``guide`` leads the trade of ``organization``: whoever
    is in charge of the one guided. ``guided``: it does already."""
    verdict = may_change(user, organization)
    if not verdict:
        return verdict
    if guide.dissolved_on:
        return no(f"不能登记：{guide.called}已经撤销。")
    if guide.pk == organization.pk:
        return no("不能指导自己。")
    if is_under(organization.path, guide.path):
        return no(f"不用登记：{organization.called}本来就在{guide.called}下面，归它领导。")
    if guided:
        return no(f"不用办：{guide.called}已经在指导{organization.called}。")
    return YES


def may_end_guidance(user: "User", guidance: Guidance) -> Verdict:
    """Whoever is in charge of the one guided, or of the one that guides."""
    ends = (guidance.organization, guidance.guide)
    if not any(standing.may(user, "organizations.change", end.path) for end in ends):
        return no(NOT_YOURS.format(name=guidance.organization.called))
    if guidance.until:
        return no(f"不用办：{guidance.until} 起已经不指导。")
    return YES


def may_rotate(user: "User", organization: Organization) -> Verdict:
    """Whether ``user`` may set in which order the units chair a joint meeting."""
    verdict = may_change(user, organization)
    if verdict and organization.kind != Kind.JOINT_MEETING:
        return no(f"不能排轮值：{organization.called}不是联席会议。")
    return verdict


def may_group(user: "User", organization: Organization) -> Verdict:
    """Whether ``user`` may set up or close party groups of a branch."""
    if not standing.may(user, "organizations.groups", organization.path):
        return no("不能改党小组：要本支部书记或上级党委来办。")
    if organization.kind not in BRANCHES:
        return no(f"不能设党小组：{organization.called}不是党支部。")
    if organization.dissolved_on:
        return no(f"不能改：{organization.called}已经撤销。")
    return YES


def may_close_group(user: "User", group: PartyGroup) -> Verdict:
    verdict = may_group(user, group.organization)
    if verdict and group.until:
        return no(f"不用办：{group.name}已经撤销。")
    return verdict
