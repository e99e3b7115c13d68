from datetime import date

from zhibu.accounts.models import User
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.duties.models import PERSONAL, Exemption, Obligation, Talk
from zhibu.people.models import Person


def may_exempt(user: User, obligation: Obligation) -> Verdict:
    """The level above frees somebody, never the holder itself."""
    path = obligation.organization.path
    granting = [
        s
        for s in standing.with_permission(user, "duties.exempt")
        if s.covers(path) and s.path != path
    ]
    if not granting:
        return no("不能免办：由上级党委免。请向上级说明情况。")
    if not obligation.applies:
        return no("不用免：这一条本来就不适用。")
    if obligation.is_exempt:
        return no("不用办：已经免了。")
    if obligation.done_on:
        return no("不用免：已经办了。")
    return YES


def may_withdraw_exemption(user: User, exemption: Exemption) -> Verdict:
    path = exemption.organization.path
    granting = [
        s
        for s in standing.with_permission(user, "duties.exempt")
        if s.covers(path) and s.path != path
    ]
    if not granting:
        return no("不能取消免办：由上级党委来办。")
    if exemption.withdrawn_at:
        return no("不用办：已经取消了。")
    return YES


def may_explain(user: User, obligation: Obligation, today: date) -> Verdict:
    is_own = obligation.holder_kind in PERSONAL and obligation.holder_id == user.person_id
    if not is_own and not standing.may(user, "duties.explain", obligation.organization.path):
        return no("不能说明：由支部书记来写。")
    if obligation.state_on(today) not in {"open", "overdue"}:
        return no("不用说明：这一条没有拖着。")
    return YES


def may_record_talk(user: User, first: Person, second: Person) -> Verdict:
    """One of the two; or whoever records in their branch, for people without an account."""
    if first.pk == second.pk:
        return no("不能记：要两个人谈，请另选一位。")
    if first.home_id is None or second.home_id is None:
        return no("不能记：有一位不在任何支部，请先办组织关系。")
    if user.person_id in (first.pk, second.pk):
        return YES
    if _records_for(user, first):
        return YES
    return no("不能记别人的谈心谈话：由谈话的两个人记，也可以请支部书记、委员代记。")


def _records_for(user: User, person: Person) -> bool:
    """Whether ``user`` records in the person's whole branch, not for a party group alone."""
    held = standing.with_permission(user, "activities.record")
    return any(s.reach != "group" and s.covers(person.path) for s in held)


def may_confirm_talk(user: User, talk: Talk, person: Person) -> Verdict:
    if person.pk not in (talk.first_id, talk.second_id):
        return no("不能确认：这次谈话里没有这个人。")
    if talk.withdrawn_at:
        return no("不用确认：这一条已经撤回。")
    is_first = person.pk == talk.first_id
    if talk.first_confirmed_at if is_first else talk.second_confirmed_at:
        return no("不用确认：已经确认过了。")
    if user.person_id == person.pk:
        return YES
    if not _records_for(user, person):
        return no("不能替别人确认：要本人确认。")
    if _has_account(person):
        return no(f"不能替{person.name}确认：本人有账号，请本人在“今日”里确认。")
    if user.person_id in (talk.first_id, talk.second_id):
        return no("不能替对方确认：您是谈话的一方，请另一位委员代办。")
    return YES


def _has_account(person: Person) -> bool:
    return User.objects.filter(person_id=person.pk, is_active=True).exists()


def may_withdraw_talk(user: User, talk: Talk) -> Verdict:
    if talk.withdrawn_at:
        return no("不用办：已经撤回了。")
    if user.person_id in (talk.first_id, talk.second_id) or user.pk == talk.recorded_by_id:
        return YES
    return no("不能撤回：由谈话的两个人或记的人来办。")
