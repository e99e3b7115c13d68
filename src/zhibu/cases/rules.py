from typing import TYPE_CHECKING

from django.utils import timezone

from zhibu.cases.models import Case, Turn
from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations import queries as tree
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Actor, Procedure
from zhibu.people.models import Holding

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def above(organization: Organization) -> Organization:
    """The level above; the root has none and answers itself."""
    return organization.parent or organization


def may_start(user: "User", organization: Organization, procedure: Procedure) -> Verdict:
    """Begin it in ``organization``; where the pack says so, only the level above."""
    if organization.dissolved_on:
        return no(f"不能开始：{organization.called}已经撤销。")
    place = above(organization) if procedure.starter.who == "above" else organization
    if not standing.may(user, "cases.start", place.path):
        return no(f"不能开始“{procedure.title}”：由{place.called}的书记、委员或上级党委开始。")
    return _in_post(user, place, procedure.starter)


def may_act(user: "User", turn: Turn, actor: Actor) -> Verdict:
    """End a turn: whoever is named, or the people of the place; never a barred maker.

    Who may act there may also write for somebody named, and that shows.
    """
    if not turn.is_open or not turn.case.is_open:
        return no("不用办：这一步已经办了。")
    is_named = turn.person_id is not None and turn.person_id == user.person_id
    if not is_named and not standing.may(user, "cases.act", turn.organization.path):
        who = turn.person.name if turn.person else turn.organization.called
        return no(f"不能办：这一步轮到{who}。")
    if actor.apart_from and _acted(user, turn.case, actor):
        return no("不能办：前面是您经办的，这一步要别人来办。请请别的人办。")
    return YES if is_named else _in_post(user, turn.organization, actor)


def _in_post(user: "User", place: Organization, actor: Actor) -> Verdict:
    """Where posts are named, one of them has to be held at ``place`` today."""
    if not actor.posts:
        return YES
    rows = Holding.objects.in_post_on(timezone.localdate()).filter(
        post__organization=place, post__kind__in=actor.posts, person=user.person_id or 0
    )
    if rows.exists():
        return YES
    known = tree.post_kinds(place.kind, timezone.localdate())
    titles = "、".join(known[post].title if post in known else post for post in actor.posts)
    return no(f"不能办：这一步要由{place.called}的{titles}办。")


def _acted(user: "User", case: Case, actor: Actor) -> bool:
    """Whether this person did one of the stages the checker must not have done."""
    rows = case.turns.filter(stage__in=actor.apart_from, state=Turn.State.DONE)
    done = set(rows.values_list("by", "by__person_id"))
    return any(by == user.pk or (person and person == user.person_id) for by, person in done)


def may_extend(user: "User", turn: Turn, *, is_extendable: bool) -> Verdict:
    """Put the last day off: the level above, where the pack allows it at all."""
    if not turn.is_open or not turn.case.is_open:
        return no("不用延：这一步已经办了。")
    if not is_extendable or turn.due_on is None:
        return no("不能延：这一步没有可以延的期限。")
    place = above(turn.case.organization)
    if standing.may(user, "cases.act", place.path):
        return YES
    return no(f"不能延：由{place.called}批准。请在“经过”里写明原因，请上级延。")


def may_cancel(user: "User", case: Case, procedure: Procedure) -> Verdict:
    """Whoever may begin it, while it is open."""
    if not case.is_open:
        return no(f"不能取消：这件事{case.get_state_display()}了。")
    place = above(case.organization) if procedure.starter.who == "above" else case.organization
    if standing.may(user, "cases.start", place.path):
        return YES
    return no(f"不能取消：由{place.called}的书记或上级党委取消。")


def may_reopen(user: "User", case: Case, procedure: Procedure) -> Verdict:
    if case.state != Case.State.ENDED:
        return no("不能重开：只有办结了的才能重开。")
    if procedure.reopening is None:
        return no("不能重开：这种事办结了就不再重开，要办请另开一件。")
    actor = procedure.reopening.actor
    place = above(case.organization) if actor.who == "above" else case.organization
    if standing.may(user, "cases.act", place.path):
        return _in_post(user, place, actor)
    return no(f"不能重开：由{place.called}重开。")


def may_name(user: "User", case: Case) -> Verdict:
    """Another owner: the organisation itself, or above."""
    if not case.is_open:
        return no(f"不能改：这件事{case.get_state_display()}了。")
    if standing.may(user, "cases.act", case.organization.path):
        return YES
    return no(f"不能改：责任人由{case.organization.called}定。")
