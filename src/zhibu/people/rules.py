"""Who may see, change and place people, and which state of membership may follow which."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from zhibu.accounts.rules import may_issue
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization, Post
from zhibu.people.models import Belonging, Person, Reveal, State

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOWS: dict[str | None, tuple[str, ...]] = {
    None: (State.APPLICANT, State.ACTIVIST, State.DEVELOPMENT_OBJECT, State.PROBATIONARY,
           State.FULL, State.SUSPENDED),
    State.APPLICANT: (State.ACTIVIST, State.ENDED, State.DECEASED),
    State.ACTIVIST: (State.APPLICANT, State.DEVELOPMENT_OBJECT, State.ENDED, State.DECEASED),
    State.DEVELOPMENT_OBJECT: (State.ACTIVIST, State.PROBATIONARY, State.ENDED, State.DECEASED),
    State.PROBATIONARY: (State.FULL, State.SUSPENDED, State.TRANSFERRED_OUT, State.ENDED,
                         State.DECEASED),
    State.FULL: (State.SUSPENDED, State.TRANSFERRED_OUT, State.ENDED, State.DECEASED),
    State.SUSPENDED: (State.FULL, State.PROBATIONARY, State.ENDED, State.DECEASED),
    State.TRANSFERRED_OUT: (State.FULL, State.PROBATIONARY, State.DECEASED),
    State.ENDED: (State.APPLICANT, State.DECEASED),
    State.DECEASED: (),
}  # fmt: skip


def may_list(user: "User") -> Verdict:
    """Whether ``user`` may look for people at all; whom they find is ``visible_to``."""
    if standing.may_anywhere(user, "people.view"):
        return YES
    return no("不能查找人员：支部书记、支委和上级党委能查。您自己的资料在“我的”里。")


def may_register(user: "User", home: Organization) -> Verdict:
    if not standing.may(user, "people.change", home.path):
        return no(f"不能登记：{home.called}的人员由该支部书记或上级党委登记。")
    if not home.is_branch:
        return no(f"不能登记在{home.called}：人要登记在党支部。")
    if home.dissolved_on:
        return no(f"不能登记：{home.called}已经撤销。")
    return YES


def may_change(user: "User", person: Person) -> Verdict:
    if standing.may(user, "people.change", person.path):
        return YES
    return no("不能改资料：要本支部书记或上级党委来改。本人可以请书记更正。")


def may_see_whole(user: "User", person: Person) -> bool:
    """Whether all that is known is shown; the host branch of a guest sees what it needs."""
    return user.person_id == person.pk or standing.may(user, "people.view", person.path)


def may_reveal(user: "User", person: Person, field: str) -> Verdict:
    """Sealed values: oneself always; officers within reach, with a reason; of a guest the phone."""
    if user.person_id == person.pk or standing.may(user, "people.reveal", person.path):
        return YES
    if person.host_path and standing.may(user, "people.reveal", person.host_path):
        if field == Reveal.Field.PHONE:
            return YES
        return no("不能查看：流入地支部只能看电话，别的请问组织关系所在的支部。")
    return no("不能查看：只有本人、本支部和上级党委能看。")


def may_see_reveals(user: "User", person: Person) -> Verdict:
    """Who looked at whose covered values: the person, and whoever audits."""
    if user.person_id == person.pk or standing.may(user, "people.reveals", person.path):
        return YES
    return no("谁看过这些信息，本人和审计管理员能看。")


def may_become(current: str | None, state: str) -> Verdict:
    """Whether ``state`` may follow ``current`` (None: nothing before)."""
    if state in FOLLOWS[current]:
        return YES
    before = State(current).label if current else "没有记录"
    return no(f"不能从“{before}”变成“{State(state).label}”。")


def may_set_membership(user: "User", person: Person, current: str | None, state: str) -> Verdict:
    verdict = may_change(user, person)
    return may_become(current, state) if verdict else verdict


def may_place(user: "User", person: Person, organization: Organization) -> Verdict:
    """Both the branch left and the branch entered must be within reach."""
    if person.path and not standing.may(user, "people.change", person.path):
        return no("不能调整：要现在所在支部的上级党委来办。")
    return may_register(user, organization)


def may_host(user: "User", person: Person, organization: Organization) -> Verdict:
    """The home branch says where its member has gone; any branch may be named."""
    if not standing.may(user, "people.change", person.path):
        return no("不能登记：流动到哪里，由组织关系所在的支部书记或上级党委登记。")
    if not organization.is_branch:
        return no(f"不能登记在{organization.called}：流入地要是党支部。")
    if organization.dissolved_on:
        return no(f"不能登记：{organization.called}已经撤销。")
    if organization.pk == person.home_id:
        return no(f"不用登记：{person.name}的组织关系就在{organization.called}。")
    return YES


def may_end_hosting(user: "User", person: Person, hosting: Belonging | None) -> Verdict:
    """Either of the two branches may say that it is over."""
    if hosting is None:
        return no(f"不用办：{person.name}现在没有流入地支部。")
    if standing.may(user, "people.change", person.path):
        return YES
    if person.host_path and standing.may(user, "people.change", person.host_path):
        return YES
    return no("不能登记：由组织关系所在的支部或流入地支部的书记来办。")


def may_hold(
    user: "User", organization: Organization, *, since: date, until: date | None
) -> Verdict:
    if not standing.may(user, "organizations.change", organization.path):
        return no(f"不能任免：{organization.called}的职务由上级党委任免。")
    if until is not None and until <= since:
        return no("任期结束要在开始之后。")
    return YES


def may_lead_group(user: "User", organization: Organization) -> Verdict:
    """The branch names the leader of a party group."""
    if standing.may(user, "organizations.groups", organization.path):
        return YES
    return no("不能定小组长：要本支部书记来办。")


def may_appoint(user: "User", post: Post) -> Verdict:
    """Whether ``user`` may say who holds ``post``, or that somebody no longer does."""
    if post.group_id:
        return may_lead_group(user, post.organization)
    if post.organization.dissolved_on:
        return no(f"不能任免：{post.organization.called}已经撤销。")
    return may_hold(user, post.organization, since=date.min, until=None)


def may_issue_to(user: "User", person: Person, serves: Iterable[Organization]) -> Verdict:
    """Whether ``user`` may make, reset or stop the account of ``person``.

    A code opens everything the person may do: whoever makes it must be entitled at every
    organisation in ``serves``, those where the person holds a post.
    """
    verdict = may_issue(user, person.path)
    if not verdict:
        return verdict
    for organization in serves:
        if not may_issue(user, organization.path):
            return no(
                f"不能发账号：{person.name}在{organization.called}任职，账号由那里的上级党委发。"
            )
    return YES
