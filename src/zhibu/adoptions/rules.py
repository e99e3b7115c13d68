from collections.abc import Sequence
from typing import TYPE_CHECKING

from zhibu.adoptions.models import Adoption
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization
from zhibu.packs.reading import Pack

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_view_packs(user: "User") -> Verdict:
    if standing.may_anywhere(user, "packs.view"):
        return YES
    return no("不能看制度：您现在没有职务，也不在支部里。请找支部书记。")


def may_decide(user: "User") -> Verdict:
    """Whether ``user`` may decide anywhere which packs hold."""
    if standing.may_anywhere(user, "adoptions.change"):
        return YES
    return no("不能采用制度：由党委来定。支部可以请上级党委采用。")


def may_adopt(
    user: "User",
    organization: Organization,
    pack: Pack,
    held: set[str] | None,
    reach: str = Adoption.Reach.SUBTREE,
) -> Verdict:
    """``held``: ids of packs that hold already wherever it would, None where that is nowhere."""
    if not standing.may(user, "adoptions.change", organization.path):
        return no(f"不能采用：{organization.called}用哪些制度，由它自己的党委定。")
    if organization.dissolved_on:
        return no(f"不能采用：{organization.called}已经撤销。")
    if held is None:
        return no(
            f"不能采用：{organization.called}那天没有指导任何组织。请先在被指导的组织登记业务指导。"
        )
    missing = [needed for needed in pack.meta.requires if needed not in held]
    if missing:
        whose = "所指导的组织" if reach == Adoption.Reach.GUIDED else ""
        return no(f"不能采用{pack.meta.title}：{whose}要先采用 {'、'.join(missing)}。")
    if not any(w[-1].item.is_confirmed for w in pack.items.values()):
        return no(f"不能采用{pack.meta.title}：依据都没有核过。")
    return YES


def may_withdraw(user: "User", adoption: Adoption, leaning: Sequence[Adoption]) -> Verdict:
    """``leaning``: open adoptions of packs that need this one."""
    if not standing.may(user, "adoptions.change", adoption.organization.path):
        return no("不能停用：由采用它的党委来办。")
    if adoption.until:
        return no(f"不用办：{adoption.until} 起已经停用。")
    if leaning:
        named = "、".join(f"{one.organization.called}的 {one.pack}" for one in leaning[:3])
        return no(f"不能停用：还有 {len(leaning)} 处靠它（{named}）。请先停用那些。")
    return YES
