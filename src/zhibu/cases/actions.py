from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.cases import days, rules, steps
from zhibu.cases.models import Case, Extension, Turn
from zhibu.cases.steps import DAY, OWNER, REASON, Faulty, Running, Step
from zhibu.core import effects, fields
from zhibu.core.verdicts import require
from zhibu.ledger import actions as ledger
from zhibu.notices.actions import notify
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Binding, Outcome, Procedure
from zhibu.people.models import Holding, Person


class Kind(StrEnum):
    STARTED = "cases:case:started"
    DONE = "cases:turn:done"
    EXTENDED = "cases:turn:extended"
    NAMED = "cases:case:named"
    CANCELLED = "cases:case:cancelled"
    REOPENED = "cases:case:reopened"
    HANDED_OVER = "cases:case:handed-over"
    FOLLOWED = "cases:case:followed"


WORDS = {
    Kind.STARTED: "开始了一件事",
    Kind.DONE: "办了一步",
    Kind.EXTENDED: "批准了延期",
    Kind.NAMED: "换了责任人",
    Kind.CANCELLED: "取消了一件事",
    Kind.REOPENED: "重开了一件事",
    Kind.HANDED_OVER: "把事项交给了接任的人",
    Kind.FOLLOWED: "随组织合并、分设转了事项",
}


@transaction.atomic
def start(
    organization: Organization,
    *,
    procedure: str,
    wording: date,
    title: str,
    values: Mapping[str, Any],
    owner: Person | None = None,
    on: date,
    by: User,
    at: datetime,
) -> Case:
    """Begin ``pack:procedure`` as worded on ``wording``; its first turns open on ``on``.

    Raises:
        Refused: ``rules.may_start`` refuses.
        Faulty: a field lacks, or the day is not one.
    """
    case = Case(
        organization=organization, procedure=procedure, wording=wording, title=title, owner=owner,
        started_on=on, started_by=by, started_at=at, moved_at=at,
    )  # fmt: skip
    running = Running(case)
    rule = running.procedure
    require(rules.may_start(by, organization, rule))
    case.facts = steps.store(rule.fields, values)
    found = steps.missing(running, rule.fields, rule.needs, case.facts, case.facts)
    if on > timezone.localdate(at):
        found[DAY] = "日期在以后，办了再记。"
    if rule.has_owner and owner is None:
        found[OWNER] = "定一个责任人。"
    if found:
        raise Faulty(found)
    Organization.objects.select_for_update().get(pk=organization.pk)
    same = Case.objects.filter(
        organization=organization, procedure=procedure, started_on__year=on.year
    )
    case.number = (same.aggregate(last=Max("number"))["last"] or 0) + 1
    case.save(force_insert=True)
    _open(Running(case), rule.start, on, at)
    _settle(case)
    ledger.record(Kind.STARTED, case, organization=organization.pk, by=by, at=at, occurred=on)
    return case


@transaction.atomic
def act(turn: Turn, step: Step, *, by: User, at: datetime) -> Case:
    """End a turn with one of its outcomes: what it changes is changed, what follows begins.

    Raises:
        Refused: ``rules.may_act`` refuses, or an effect's own rule does.
        Faulty: the step cannot be done so.
    """
    case, turn = _locked(turn)
    running = Running(case)
    stage = running.stage(turn)
    require(rules.may_act(by, turn, stage.actor))
    if found := steps.faults(running, turn, step, timezone.localdate(at)):
        raise Faulty(found)
    outcome = stage.outcome(step.outcome)
    assert outcome is not None
    turn.state, turn.outcome = Turn.State.DONE, outcome.id
    turn.content = steps.store(stage.fields, step.values)
    turn.happened_on, turn.reason, turn.by, turn.at = step.happened_on, step.reason, by, at
    turn.save()
    case.facts = steps.facts_after(case.facts, stage.fields, turn.content, outcome)
    case.moved_at = at
    for binding in outcome.effects:
        _run(binding, running.procedure, case, turn, by, at)
    _go_on(Running(case), outcome, step.happened_on, at)
    case.save()
    ledger.record(
        Kind.DONE, case, organization=case.organization_id, by=by, at=at,
        occurred=step.happened_on, basis=running.cited(stage.cites),
    )  # fmt: skip
    return case


def _go_on(running: Running, outcome: Outcome, on: date, at: datetime) -> None:
    """Open what follows; end the case where nothing is open any more."""
    case = running.case
    if outcome.closes:
        case.turns.filter(state=Turn.State.OPEN).update(state=Turn.State.DROPPED)
    else:
        _open(running, outcome.to, on, at)
    _set_due_by_fields(running)
    _settle(case)
    if not case.turns.filter(state=Turn.State.OPEN).exists():
        case.state, case.ended_on = Case.State.ENDED, on
        case.ended_as = outcome.ends_as or outcome.title


def _open(running: Running, stages: Iterable[str], on: date, at: datetime) -> list[Turn]:
    """Begin stages that are not open and whose joined stages are done, and tell whoever is
    asked."""
    case, rule = running.case, running.procedure
    number = case.turns.aggregate(last=Max("number"))["last"] or 0
    waiting = {turn.stage for turn in running.open}
    made = []
    for name in stages:
        stage = rule.stage(name)
        assert stage is not None
        if name in waiting or not running.is_joined(stage):
            continue
        number += 1
        is_above = stage.actor.who == "above"
        place = rules.above(case.organization) if is_above else case.organization
        made.append(
            Turn(
                case=case, number=number, stage=name, organization=place, opened_on=on,
                person=case.owner if stage.actor.who == "owner" else None,
                not_before=days.not_before(stage.waits, running.done),
                due_on=running.due(stage, on),
            )
        )  # fmt: skip
    Turn.objects.bulk_create(made)
    for turn in made:
        _tell(turn, running, at)
    return made


def _set_due_by_fields(running: Running) -> None:
    """A field that names the last day may have changed: open turns follow it, unless put off."""
    for turn in running.case.turns.open().filter(extensions=None):
        limit = running.stage(turn).limit
        if limit and limit.by_field:
            due = running.due(running.stage(turn), turn.opened_on)
            Turn.objects.filter(pk=turn.pk).exclude(due_on=due).update(due_on=due)


def _settle(case: Case) -> None:
    """The nearest last day of what is open now, on the case for lists."""
    case.due_on = case.turns.open().aggregate(nearest=Min("due_on"))["nearest"]
    case.save(update_fields=["due_on"])


def _acting_roles() -> list[str]:
    """Roles that may act on cases, as ``roles.toml`` grants it."""
    return [name for name, role in roles.catalogue().items() if "cases.act" in role.grants]


def _tell(turn: Turn, running: Running, at: datetime) -> None:
    """Whoever is named, or holds a post that acts there: it is their turn."""
    if turn.person_id:
        people = {turn.person_id}
    else:
        rows = Holding.objects.in_post_on(timezone.localdate(at)).filter(
            post__organization=turn.organization_id, post__role__in=_acting_roles()
        )
        people = set(rows.values_list("person", flat=True))
    users = User.objects.able_to_sign_in().filter(person_id__in=people)
    stage = running.stage(turn)
    until = f"{turn.due_on} 前办。" if turn.due_on else ""
    notify(
        users.values_list("pk", flat=True),
        key=f"case:{turn.case_id}:{turn.number}",
        title=f"轮到您：{stage.title}",
        body=f"{running.procedure.title}，{turn.case.organization.called}。{until}",
        url=turn.case.get_absolute_url(),
        at=at,
    )


def _run(binding: Binding, rule: Procedure, case: Case, turn: Turn, by: User, at: datetime) -> None:
    """One effect with its constants and what the case says; what is not filled is not given."""
    own = {
        "case.organization": case.organization_id,
        "case.owner": case.owner_id,
        "case.day": turn.happened_on,
    }
    specs, params = rule.specs(), dict(binding.constants)
    for param, source in binding.fields.items():
        value = own.get(source)
        if source in specs and source in case.facts:
            value = fields.get(specs[source].type).load(case.facts[source])
        if value is not None:
            params[param] = value
    effects.run(binding.effect, by=by, at=at, **params)


@transaction.atomic
def extend(turn: Turn, *, until: date, reason: str, by: User, at: datetime) -> Extension:
    """Put the last day of a turn off.

    Raises:
        Refused: ``rules.may_extend`` refuses.
        Faulty: the day is not later, or the reason lacks.
    """
    case, turn = _locked(turn)
    limit = Running(case).stage(turn).limit
    require(rules.may_extend(by, turn, is_extendable=limit is not None and limit.extendable))
    assert turn.due_on is not None
    found = {}
    if until <= turn.due_on:
        found["until"] = f"要晚于现在的期限 {turn.due_on}。"
    if not reason.strip():
        found[REASON] = "写明为什么延期。"
    if found:
        raise Faulty(found)
    made = Extension.objects.create(
        turn=turn, case=case, before=turn.due_on, until=until, reason=reason, by=by, at=at
    )
    turn.due_on, case.moved_at = until, at
    turn.save(update_fields=["due_on"])
    case.save(update_fields=["moved_at"])
    _settle(case)
    ledger.record(Kind.EXTENDED, case, organization=case.organization_id, by=by, at=at)
    return made


@transaction.atomic
def name_owner(case: Case, owner: Person, *, by: User, at: datetime) -> Case:
    """Another owner; turns that are the owner's go with it."""
    case = _locked_case(case)
    require(rules.may_name(by, case))
    case.owner, before = owner, case.owner_id
    case.save(update_fields=["owner"])
    if before is not None:
        case.turns.open().filter(person=before).update(person=owner)
    ledger.record(Kind.NAMED, case, organization=case.organization_id, by=by, at=at)
    return case


@transaction.atomic
def cancel(case: Case, *, reason: str, by: User, at: datetime) -> Case:
    """Give up a case: it stays on record, open turns are dropped."""
    case = _locked_case(case)
    require(rules.may_cancel(by, case, case.rule))
    if not reason.strip():
        raise Faulty({REASON: "写明为什么取消。"})
    case.turns.open().update(state=Turn.State.DROPPED)
    case.state, case.reason, case.ended_on = Case.State.CANCELLED, reason, timezone.localdate(at)
    case.moved_at, case.due_on = at, None
    case.save()
    ledger.record(Kind.CANCELLED, case, organization=case.organization_id, by=by, at=at)
    return case


@transaction.atomic
def reopen(case: Case, *, reason: str, by: User, at: datetime) -> Case:
    """Take an ended case up again where the pack says; the reason stands on the new turns."""
    case = _locked_case(case)
    rule = case.rule
    require(rules.may_reopen(by, case, rule))
    assert rule.reopening is not None
    if not reason.strip():
        raise Faulty({REASON: "写明为什么重开。"})
    case.state, case.ended_on, case.ended_as = Case.State.OPEN, None, ""
    case.reopened, case.moved_at = case.reopened + 1, at
    case.save()
    made = _open(Running(case), rule.reopening.to, timezone.localdate(at), at)
    Turn.objects.filter(pk__in=[turn.pk for turn in made]).update(reason=reason)
    _settle(case)
    ledger.record(
        Kind.REOPENED, case, organization=case.organization_id, by=by, at=at,
        basis=Running(case).cited(rule.reopening.cites),
    )  # fmt: skip
    return case


def _locked(turn: Turn) -> tuple[Case, Turn]:
    """The case and its turn, both locked, as they are now."""
    case = _locked_case(turn.case)
    found = Turn.objects.select_related("organization", "person").get(pk=turn.pk)
    found.case = case
    return case, found


def _locked_case(case: Case) -> Case:
    rows = Case.objects.select_for_update(of=("self",))
    return rows.select_related("organization__parent", "owner").get(pk=case.pk)


def hand_over(ids: Collection[int], owner: int, by: "User", at: datetime) -> None:
    """Pass open cases on with a post: the successor answers for them from now on.

    Called by the hand-over's own action, which has judged ``by`` already.
    """
    for case in Case.objects.select_for_update(of=("self",)).open().filter(pk__in=ids):
        case.turns.open().filter(person=case.owner_id).update(person=owner)
        case.owner_id = owner
        case.save(update_fields=["owner"])
        ledger.record(Kind.HANDED_OVER, case, organization=case.organization_id, by=by, at=at)
