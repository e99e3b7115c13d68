"""Who may plan, record, confirm, correct, cancel, void, ask leave, file and receive."""

from typing import TYPE_CHECKING

from zhibu.activities.models import Activity, Filing
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization, PartyGroup

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_record(user: "User", organization: Organization, group: PartyGroup | None) -> Verdict:
    """Secretary and committee for the branch and its groups, a leader for their own group."""
    if group is not None and group.organization_id != organization.pk:
        return no(f"不能记：{group.name}不是{organization.called}的党小组。")
    for held in standing.with_permission(user, "activities.record"):
        if not held.covers(organization.path):
            continue
        if held.reach != "group" or (group is not None and held.group_id == group.pk):
            return YES
    whose = group.name if group else organization.called
    return no(f"不能记{whose}的活动：由书记、委员来记，党小组会可以由组长记。")


def may_record_plan(user: "User", activity: Activity) -> Verdict:
    verdict = may_record(user, activity.organization, activity.group)
    if verdict and not activity.is_planned:
        return no(f"不能再记一次：这次活动{activity.get_status_display()}。有错可以更正。")
    return verdict


def may_confirm(user: "User", activity: Activity) -> Verdict:
    """A second pair of eyes: not whoever recorded it."""
    if not standing.may(user, "activities.confirm", activity.organization.path):
        return no("不能确认：由支部书记、委员或上级党委确认。")
    if activity.status != Activity.Status.HELD:
        return no(f"不能确认：这次活动{activity.get_status_display()}。")
    if activity.recorded_by_id == user.pk:
        return no("不能确认自己记的，请支部里另一位同志确认。")
    return YES


def may_correct(user: "User", activity: Activity) -> Verdict:
    """What was brought in without a roll is not corrected by a form that takes one."""
    verdict = may_record(user, activity.organization, activity.group)
    if verdict and not activity.has_taken_place:
        return no(f"不能更正：这次活动{activity.get_status_display()}。")
    if verdict and activity.is_brought_in and not has_roll(activity):
        return no(
            "不能在这里更正：这是从往年的表补录的，没有逐人名单。"
            "可以作废，改好表里那一行，请上级再导入一次。"
        )
    return verdict


def has_roll(activity: Activity) -> bool:
    """Whether it is known one by one who came. One query."""
    return activity.participations.filter(is_due=True).exists()


def may_cancel(user: "User", activity: Activity) -> Verdict:
    verdict = may_record(user, activity.organization, activity.group)
    if verdict and not activity.is_planned:
        return no("只有还没开的可以取消。开过又记错的，可以更正或作废。")
    return verdict


def may_void(user: "User", activity: Activity) -> Verdict:
    """The branch itself or the level above may say that a record does not count."""
    if not standing.may(user, "activities.void", activity.organization.path):
        return no("不能作废：由支部书记或上级党委来办。")
    if not activity.has_taken_place:
        return no(f"不能作废：这次活动{activity.get_status_display()}。")
    return YES


def may_ask_leave(user: "User", activity: Activity, person_id: int) -> Verdict:
    """Oneself, or whoever records there, for somebody who has no account."""
    if not activity.is_planned:
        return no("不能请假：这次活动已经开过或取消。")
    if user.person_id == person_id:
        return YES
    if may_record(user, activity.organization, activity.group):
        return YES
    return no("不能替别人请假：可以请支部书记、委员代办。")


def may_file(user: "User", activity: Activity, asks: bool) -> Verdict:
    """``asks``: a kind of the activity asks for its theme to be filed."""
    if not standing.may(user, "themes.file", activity.organization.path):
        return no("不能报送：由支部书记、委员报送。")
    if not asks:
        return no("不用报送：这次活动没有要求报主题。")
    if not activity.theme:
        return no("不能报送：还没有写主题。")
    if activity.status in {Activity.Status.CANCELLED, Activity.Status.VOID}:
        return no(f"不能报送：这次活动{activity.get_status_display()}。")
    if Filing.objects.filter(activity=activity).exists():
        return no("不用办：主题已经报送。")
    return YES


def may_receive(user: "User", filing: Filing) -> Verdict:
    if not standing.may(user, "themes.receipt", filing.to.path):
        return no(f"不能签收：由{filing.to.called}的同志签收。")
    if filing.received_at:
        return no("不用办：已经签收。")
    return YES
