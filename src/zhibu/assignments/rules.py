from typing import TYPE_CHECKING

from zhibu.assignments.models import Assignment, Commission
from zhibu.core import standing
from zhibu.core.paths import is_under
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def may_assign(user: "User", organization: Organization) -> Verdict:
    if standing.may(user, "assignments.change", organization.path):
        return YES
    return no(f"不能派任务：{organization.called}的任务由它的书记、委员或上级党委派。")


def may_close(user: "User", assignment: Assignment) -> Verdict:
    """The owner, and whoever may assign there; what asks for a return is closed by taking it."""
    if assignment.state != Assignment.State.OPEN:
        return no(f"不用办：这件事{assignment.get_state_display()}。")
    if assignment.commission is not None and assignment.commission.fields:
        return no("不能直接办结：这件事要交回执，上级收下就办结。")
    return _doer(user, assignment)


def may_cancel(user: "User", assignment: Assignment) -> Verdict:
    """A task of one's own; what was handed down is withdrawn by whoever handed it down."""
    if assignment.commission is not None:
        issuer = assignment.commission.organization.called
        return no(f"不能不办：这是{issuer}交办的。办不了请和{issuer}说，由它撤回。")
    return may_close(user, assignment)


def _doer(user: "User", assignment: Assignment) -> Verdict:
    if user.person_id and user.person_id in (assignment.owner_id, assignment.accountable_id):
        return YES
    return may_assign(user, assignment.organization)


def may_change(user: "User", assignment: Assignment) -> Verdict:
    """The day and the owner of a task that somebody of the organisation gave."""
    if assignment.state != Assignment.State.OPEN:
        return no(f"不能改：这件事{assignment.get_state_display()}。")
    if assignment.commission is not None:
        issuer = assignment.commission.organization.called
        return no(f"不能改：这是{issuer}交办的，日子由它定。办的人请在“换人”里改。")
    return may_assign(user, assignment.organization)


def may_issue(user: "User", organization: Organization) -> Verdict:
    """Hand something down from ``organization`` to what lies below it."""
    if standing.may(user, "assignments.issue", organization.path):
        return YES
    return no("不能交办：往下交办由党委办。本支部的事请用“派任务”。")


def may_reach(organization: Organization, units: list[Organization]) -> Verdict:
    """Only what lies below the issuer today and stands; never itself."""
    if not units:
        return no("还没有选交给谁。")
    for unit in units:
        if unit.pk == organization.pk or not is_under(unit.path, organization.path):
            return no(f"不能交办给{unit.called}：它不在{organization.called}下面。")
        if unit.dissolved_on:
            return no(f"不能交办给{unit.called}：它已经撤销。")
    return YES


def may_name(user: "User", assignment: Assignment) -> Verdict:
    """Say who answers for it and who does it: the unit itself, or above."""
    if assignment.commission is None:
        return no("这件事派的时候就定了人。")
    if assignment.state not in (Assignment.State.OPEN, Assignment.State.ANSWERED):
        return no(f"不能改：这件事{assignment.get_state_display()}。")
    return may_assign(user, assignment.organization)


def may_answer(user: "User", assignment: Assignment) -> Verdict:
    """Give the return, or keep a part of it: the two named persons, and the unit's officers."""
    if assignment.commission is None or not assignment.commission.fields:
        return no("这件事不要回执，办完点“办好了”。")
    if assignment.state == Assignment.State.ANSWERED:
        return no("回执交上去了，等上级收。要改，请上级先退回。")
    if assignment.state != Assignment.State.OPEN:
        return no(f"不用交：这件事{assignment.get_state_display()}。")
    return _doer(user, assignment)


def may_judge(user: "User", assignment: Assignment) -> Verdict:
    """Take a return or send it back: whoever may hand down where it came from."""
    commission = assignment.commission
    if commission is None or not standing.may(
        user, "assignments.issue", commission.organization.path
    ):
        return no("不能收回执：由交办的组织收。")
    if assignment.state != Assignment.State.ANSWERED:
        return no("没有等着收的回执。")
    return YES


def may_withdraw(user: "User", commission: Commission) -> Verdict:
    verdict = may_issue(user, commission.organization)
    if verdict and not commission.is_open:
        return no("已经撤回了。")
    return verdict
