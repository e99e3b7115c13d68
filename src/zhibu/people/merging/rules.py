"""Who may make two records one."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.people.models import Holding, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_look_for_duplicates(user: "User") -> Verdict:
    if standing.may_anywhere(user, "people.change"):
        return YES
    return no("不能查重复：由支部书记或上级党委来查。")


def may_merge(user: "User", one: Person, other: Person) -> Verdict:
    """Both must be within reach, and every post either holds: a merge moves posts and account."""
    if one.pk == other.pk:
        return no("是同一份资料，不用合并。")
    if user.person_id in (one.pk, other.pk):
        return no("自己的资料由别人来合并：请上级党委办。")
    for person in (one, other):
        if not standing.may(user, "people.change", person.path):
            where = person.home.called if person.home else "不在您管的支部"
            return no(f"不能合并：{person.name}在{where}，要管得到两边的上级党委来办。")
    held = Holding.objects.filter(person__in=[one, other], ended_on=None)
    for organization_path, name in held.values_list(
        "post__organization__path", "post__organization__name"
    ):
        if not standing.may(user, "people.change", organization_path):
            return no(f"不能合并：他在{name}任职，要那里的上级党委来办。")
    return YES
