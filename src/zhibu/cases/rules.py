from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from zhibu.cases import steps
from zhibu.cases.days import START
from zhibu.cases.models import Case, IssuedPaper, Link, Objection, Turn, stands_at
from zhibu.core import effects, standing
from zhibu.core.paths import ancestors, is_under
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations import queries as tree
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Actor, Procedure, Stage
from zhibu.people.models import Holding, Person
from zhibu.people.queries import is_at_home

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def above(organization: Organization, levels: int = 1, kinds: Collection[str] = ()) -> Organization:
    """So many levels above, of these kinds alone where any are named; the root has none above
    and answers itself. A query a level."""
    while levels and organization.parent:
        organization = organization.parent
        levels -= not kinds or organization.kind in kinds
    return organization


def proper_place(asked: Organization, rule: Procedure) -> Organization | None:
    """Who keeps what is asked for at the door of ``asked``: itself; or, where the pack names a
    kind of body, the first of it that is hosted above, nearest first, never at ``asked`` or below
    it. None where there is none. One query at most.
    """
    door = rule.doorway
    if door is None or door.kept_by is None:
        return asked
    bodies = Organization.objects.filter(
        parent__path__in=ancestors(asked.path)[:-1], kind=door.kept_by, dissolved_on=None
    )
    nearest = bodies.exclude(pk=asked.pk).order_by(Length("parent__path").desc(), "pk")
    found: Organization | None = nearest.first()
    return found


def keeper_above(case: Case, rule: Procedure, on: date) -> Organization | None:
    """Who takes over what is kept apart, where it is about the body that keeps it or one above
    that, or whom it names sits there: none of those clears up what one of their own is said to
    have done. None where it may stay, and where there is nobody above. A few queries and one a
    level.
    """
    posts = Holding.objects.in_post_on(on).filter(person=case.person_id or 0)
    sits = Organization.objects.filter(
        Q(pk__in=posts.values("post__organization")) | Q(pk=case.unit_id)
    )
    over = [place for place in sits if is_under(case.organization.path, place.path)]
    if not over:
        return None
    highest = min(over, key=lambda place: len(place.path))
    return proper_place(highest, rule)


def place_of(actor: Actor, case: Case) -> Organization:
    """Where a turn of this actor is answered. One query for a body or a named organisation."""
    match actor.who:
        case "above":
            return above(case.organization, actor.levels, actor.kinds)
        case "field":
            kept = case.facts.get(actor.field or "")
            return Organization.objects.get(pk=kept["id"]) if kept else case.organization
        case "body":
            bodies = Organization.objects.filter(
                parent=case.organization, kind=actor.kind, dissolved_on=None
            )
            return bodies.order_by("pk").first() or case.organization
        case _:
            return case.organization


def person_of(actor: Actor, case: Case) -> Person | None:
    """Who a turn of this actor is, where it is one."""
    return {"owner": case.owner, "subject": case.person}.get(actor.who)


def may_ask(organization: Organization, procedure: Procedure) -> Verdict:
    """Ask for it without an account, at the door of ``organization``."""
    door = procedure.doorway
    if organization.dissolved_on:
        return no(f"不能提：{organization.called}已经撤销。")
    if door is None or "online" not in door.channels:
        return no("不能在网上提：请打电话或者到办事的地方说。")
    return YES


def may_start(user: "User", organization: Organization, procedure: Procedure) -> Verdict:
    """Begin it in ``organization``; where the pack says so, only the level above, or only
    whoever it is about, in their own branch."""
    if organization.dissolved_on:
        return no(f"不能开始：{organization.called}已经撤销。")
    if procedure.is_begun_by_subject:
        if is_at_home(user.person_id, organization.pk, timezone.localdate()):
            return YES
        return no(f"不能开始“{procedure.title}”：由{organization.called}的党员本人开始。")
    starter = procedure.starter
    is_above = starter.who == "above"
    place = above(organization, starter.levels, starter.kinds) if is_above else organization
    if procedure.is_kept_apart:
        is_proper = procedure.doorway is not None and place.kind == procedure.doorway.kept_by
        if is_proper and place.pk in stands_at(user, "cases.start") & stands_at(user):
            return YES
        return no(f"不能开始“{procedure.known_as}”：由{place.called}的人登记。")
    if procedure.is_confidential and not standing.may(user, "cases.confidential", place.path):
        return no(f"不能开始“{procedure.known_as}”：由{place.called}的书记或上级党委开始。")
    asked = "cases.act" if procedure.doorway else "cases.start"  # whoever serves there
    if not standing.may(user, asked, place.path):
        return no(f"不能开始“{procedure.title}”：由{place.called}的书记、委员或上级党委开始。")
    return _in_post(user, place, procedure.starter)


def may_act(user: "User", turn: Turn, actor: Actor) -> Verdict:
    """End a turn: whoever is named, or the people of the place; never a barred maker.

    Who may act there may also write for somebody named, and that shows.
    """
    if not turn.is_open or not turn.case.is_open:
        return no("不用办：这一步已经办了。")
    if actor.is_requester:
        return _may_write_down(user, turn)
    is_named = turn.person_id is not None and turn.person_id == user.person_id
    if not is_named and not _acts_at(user, turn):
        who = turn.person.name if turn.person else turn.organization.called
        return no(f"不能办：这一步轮到{who}。")
    if actor.apart_from and _acted(user, turn.case, actor):
        return no("不能办：前面是您经办的，这一步要别人来办。请找别的人办。")
    if actor.claimed and not turn.is_claimed:
        return no("先认领：谁认领，谁来办。")
    return YES if is_named else _in_post(user, turn.organization, actor)


def may_answer_oneself(turn: Turn, actor: Actor) -> Verdict:
    """End a turn as whoever asked for the case; the code was checked before."""
    if not turn.is_open or not turn.case.is_open:
        return no("不用办：这一步已经办了。")
    return YES if actor.is_requester else no("不能办：这一步不轮到您，请等办的人。")


def _may_write_down(user: "User", turn: Turn) -> Verdict:
    """Write down what the requester told: the people of the place who did not answer."""
    if not _acts_at(user, turn):
        return no("不能办：这一步轮到提出的人，他凭查询码办。")
    running = steps.Running(turn.case)
    door = running.procedure.doorway
    answering = {
        stage.id
        for stage in running.procedure.stages
        if door and any(spec.id == door.answer for spec in stage.fields)
    }
    if _did(user, running, answering):
        return no("不能记：答复是您办的，他满意不满意，请别的人打电话问、记下来。")
    return YES


def _acts_at(user: "User", turn: Turn) -> bool:
    if turn.case.is_kept_apart:
        return turn.organization_id in stands_at(user, "cases.act") & stands_at(user)
    if turn.case.is_confidential and not standing.may(
        user, "cases.confidential", turn.organization.path
    ):
        return False
    return standing.may(user, "cases.act", turn.organization.path)


def _holds(user: "User", case: Case, permission: str, place: Organization) -> bool:
    """Whether ``permission`` is held at ``place``; at what is kept apart by standing there
    oneself."""
    if case.is_kept_apart:
        return place.pk in stands_at(user, permission)
    return standing.may(user, permission, place.path)


def may_claim(user: "User", turn: Turn, actor: Actor) -> Verdict:
    """Take a turn upon oneself: whoever may act there, up to so many at a time."""
    if not actor.claimed or not turn.is_open or not turn.case.is_open:
        return no("不用认领：这一步不用认领，或者已经办了。")
    if turn.is_claimed:
        return no(f"不能认领：{turn.person.name if turn.person else '别人'}已经认领了。")
    if user.person_id is None or not _acts_at(user, turn):
        return no(f"不能认领：由{turn.organization.called}的人认领。")
    if actor.claims_at_most:
        mine = Turn.objects.open().filter(
            person=user.person_id, is_claimed=True, stage=turn.stage,
            case__procedure=turn.case.procedure,
        )  # fmt: skip
        if mine.count() >= actor.claims_at_most:
            return no(f"不能认领：一个人同时最多认领 {actor.claims_at_most} 件，先办好手上的。")
    return _in_post(user, turn.organization, actor)


def may_post(stage: Stage) -> Verdict:
    return YES if stage.notice else no("不用登记公示：这一步不公示。")


def may_object(user: "User", turn: Turn) -> Verdict:
    """Take down what somebody objects: whoever sees the case, while the step is open."""
    if not turn.is_open or not turn.case.is_open:
        return no("不能记：公示这一步已经办了。有新的情况请另外反映。")
    case = turn.case
    asked = "cases.confidential" if case.is_confidential else "cases.view"
    places = (turn.organization, case.organization)
    if any(standing.may(user, asked, place.path) for place in places):
        return YES
    return no(f"不能记：由{turn.organization.called}或上级记。")


def may_answer(objection: Objection) -> Verdict:
    if objection.stands is None:
        return YES
    return no(f"不用答复：{objection.answered_on} 已经答复了。")


def may_release(user: "User", turn: Turn) -> Verdict:
    """Give a claimed turn back: who claimed it, or the level above."""
    if not turn.is_open or not turn.is_claimed:
        return no("不用退回：没有人认领。")
    if turn.person_id == user.person_id and user.person_id is not None:
        return YES
    if standing.may(user, "cases.act", above(turn.organization).path):
        return YES
    return no("不能退回：由认领的人或上级退回。")


def may_excuse(user: "User", turn: Turn) -> Verdict:
    """Wait no more for one of those who were all asked: the people of the place."""
    if not turn.round:
        return no("不能不等：这一步不是轮到每一个人的。")
    if not turn.is_open or not turn.case.is_open:
        return no("不用办：这一步已经办了。")
    if _acts_at(user, turn):
        return YES
    return no(f"不能不等：由{turn.organization.called}定。")


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
    """Whether this person did one of the stages the checker must not have done, whatever an
    older wording called them, or began it where that counts."""
    running = steps.Running(case)
    began = START in actor.apart_from and case.started_by is not None
    return _did(user, running, set(actor.apart_from)) or (
        began
        and _is_same(
            user, case.started_by_id, case.started_by.person_id if case.started_by else None
        )
    )


def _did(user: "User", running: steps.Running, stages: Collection[str]) -> bool:
    """Whether this person ended one of ``stages``."""
    return any(
        _is_same(user, turn.by_id, turn.by.person_id if turn.by else None)
        for turn in running.turns
        if turn.state == Turn.State.DONE and running.called(turn) in stages
    )


def _is_same(user: "User", account: int | None, person: int | None) -> bool:
    return account == user.pk or (person is not None and person == user.person_id)


def may_extend(user: "User", turn: Turn, *, is_extendable: bool) -> Verdict:
    """Put the last day off: the level above, where the pack allows it at all; of what is kept
    apart its own organisation."""
    if not turn.is_open or not turn.case.is_open:
        return no("不用延：这一步已经办了。")
    if not is_extendable or turn.due_on is None:
        return no("不能延：这一步没有可以延的期限。")
    place = turn.organization if turn.case.is_kept_apart else above(turn.organization)
    if _holds(user, turn.case, "cases.act", place):
        return YES
    return no(f"不能延：由{place.called}批准。请在“经过”里写明原因，请上级延。")


def may_cancel(user: "User", case: Case, procedure: Procedure) -> Verdict:
    """Whoever may begin it, while it is open."""
    if not case.is_open:
        return no(f"不能取消：这件事{case.get_state_display()}了。")
    if procedure.is_begun_by_subject and case.person_id == user.person_id:
        return YES
    place = place_of(procedure.starter, case)
    if _holds(user, case, "cases.start", place):
        return YES
    return no(f"不能取消：由{place.called}的书记或上级党委取消。")


def may_void(user: "User", case: Case, procedure: Procedure) -> Verdict:
    """Say that an ended case was recorded wrongly: the level above, and only where it has
    changed nothing that stands elsewhere."""
    if case.is_open:
        return no("不能作废：还在办的，请取消。")
    if case.state == Case.State.VOIDED:
        return no("不用作废：已经作废了。")
    done = case.turns.filter(state=Turn.State.DONE)
    for turn in done:
        turn.case = case
        outcome = turn.rule(procedure).outcome(turn.outcome)
        if outcome and outcome.effects:
            done_too = "、".join(effects.get(one.effect).title for one in outcome.effects)
            return no(f"不能作废：办的时候还改了别处（{done_too}）。先在那里更正，这件留作记录。")
    void = (Case.State.CANCELLED, Case.State.VOIDED)
    begun = Case.objects.filter(links__other=case, links__kind=Link.Kind.PART)
    if begun.exclude(state__in=void).exists():
        return no("不能作废：先作废或取消它另外开始的事。")
    place = case.organization if case.is_kept_apart else above(case.organization)
    if _holds(user, case, "cases.act", place):
        return YES
    return no(f"不能作废：由{place.called}作废。")


def may_reword(user: "User", case: Case, wording: date | None) -> Verdict:
    """Take a running case over to a newer wording: the level above."""
    if not case.is_open:
        return no(f"不能转：这件事{case.get_state_display()}了。")
    if wording is None:
        return no("不用转：没有更新的写法，或者新的写法没有说怎样转。")
    place = case.organization if case.is_kept_apart else above(case.organization)
    if _holds(user, case, "cases.act", place):
        return YES
    return no(f"不能转：由{place.called}定。")


def may_link(user: "User", case: Case, other: Case) -> Verdict:
    """Say that two cases belong together: whoever may act where ``case`` is."""
    if case.pk == other.pk:
        return no("不能连：是同一件事。")
    if _holds(user, case, "cases.act", case.organization):
        return YES
    return no(f"不能连：由{case.organization.called}或上级来连。")


def may_reopen(user: "User", case: Case, procedure: Procedure) -> Verdict:
    if case.state != Case.State.ENDED:
        return no("不能重开：只有办结了的才能重开。")
    if procedure.reopening is None:
        return no("不能重开：这种事办结了就不再重开，要办请另开一件。")
    actor = procedure.reopening.actor
    place = place_of(actor, case)
    if _holds(user, case, "cases.act", place):
        return _in_post(user, place, actor)
    return no(f"不能重开：由{place.called}重开。")


def may_name(user: "User", case: Case) -> Verdict:
    """Another owner: the organisation itself, or above."""
    if not case.is_open:
        return no(f"不能改：这件事{case.get_state_display()}了。")
    if _holds(user, case, "cases.act", case.organization):
        return YES
    return no(f"不能改：责任人由{case.organization.called}定。")


def may_annul(user: "User", paper: IssuedPaper) -> Verdict:
    """Make a paper invalid: the people of the organisation that issued it."""
    if paper.annulled_at:
        return no(f"不用办：{paper.called}已经作废。")
    if standing.may(user, "cases.act", paper.organization.path):
        return YES
    return no(f"不能作废：由出具的{paper.organization.called}作废。")
