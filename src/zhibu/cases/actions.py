from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.cases import attaching, claiming, days, papers, rules, steps, telling
from zhibu.cases.campaigns import counting
from zhibu.cases.models import Ballot, Case, Extension, Link, Objection, Posting, Turn
from zhibu.cases.queries import acting, procedures
from zhibu.cases.steps import DAY, OUTCOME, OWNER, REASON, SUBJECT, Faulty, Running, Step
from zhibu.core import effects, fields
from zhibu.core.effects import Foreseen
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.notices.actions import notify
from zhibu.organizations.actions import hold
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Begin, Binding, Outcome, Procedure, Stage, all_hold
from zhibu.people.models import Person
from zhibu.people.queries import voters


class Kind(StrEnum):
    STARTED = "cases:case:started"
    DONE = "cases:turn:done"
    EXTENDED = "cases:turn:extended"
    NAMED = "cases:case:named"
    CANCELLED = "cases:case:cancelled"
    REOPENED = "cases:case:reopened"
    HANDED_OVER = "cases:case:handed-over"
    FOLLOWED = "cases:case:followed"
    CLAIMED = "cases:turn:claimed"
    RELEASED = "cases:turn:released"
    EXCUSED = "cases:turn:excused"
    POSTED = "cases:posting:posted"
    OBJECTED = "cases:objection:raised"
    ANSWERED = "cases:objection:answered"
    LINKED = "cases:case:linked"
    VOIDED = "cases:case:voided"
    REWORDED = "cases:case:reworded"
    LAPSED = "cases:turn:lapsed"
    ERASED = "cases:case:erased"


WORDS = {
    Kind.STARTED: "开始了一件事",
    Kind.DONE: "办了一步",
    Kind.EXTENDED: "批准了延期",
    Kind.NAMED: "换了责任人",
    Kind.CANCELLED: "取消了一件事",
    Kind.REOPENED: "重开了一件事",
    Kind.HANDED_OVER: "把事项交给了接任的人",
    Kind.FOLLOWED: "随组织合并、分设转了事项",
    Kind.CLAIMED: "认领了一步",
    Kind.RELEASED: "退回了认领",
    Kind.EXCUSED: "不再等一个人",
    Kind.POSTED: "登记了公示",
    Kind.OBJECTED: "记下了异议",
    Kind.ANSWERED: "答复了异议",
    Kind.LINKED: "把两件事连在一起",
    Kind.VOIDED: "作废了一件事",
    Kind.REWORDED: "转到了新的规定",
    Kind.LAPSED: "过了期限，没有来办",
    Kind.ERASED: "到期删了写的内容",
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
    person: Person | None = None,
    stricter: Iterable[Mapping[str, Any]] = (),
    on: date,
    by: User | None,
    at: datetime,
) -> Case:
    """Begin ``pack:procedure`` as worded on ``wording``; its first turns open on ``on``.

    ``stricter``: fields and values that were tightened there. ``person``: whom it is about;
    whoever begins what only the person may begin is that person. ``by`` None: somebody without
    an account asks for it.

    Raises:
        Refused: ``rules.may_start`` or ``rules.may_ask`` refuses.
        Faulty: a field lacks, or the day is not one.
    """
    organization = hold(organization.pk)
    case = Case(
        organization=organization, procedure=procedure, wording=wording, title=title, owner=owner,
        person=person, stricter=[dict(one) for one in stricter], started_on=on, started_by=by,
        started_at=at, moved_at=at,
    )  # fmt: skip
    rule = case.rule
    require(rules.may_start(by, organization, rule) if by else rules.may_ask(organization, rule))
    if rule.is_begun_by_subject:
        assert by is not None
        case.person = Person.objects.get(pk=by.person_id)
    case.facts = case.began_with = steps.kept(rule, rule.fields, values)
    running = Running(case)
    found = steps.missing(running, rule.fields, rule.needs, case.facts, case.facts)
    found |= steps.wrong_spans(running, rule.spans, case.facts, {days.START: on})
    if on > timezone.localdate(at):
        found[DAY] = "日期在以后，办了再记。"
    if rule.has_owner and owner is None:
        found[OWNER] = "定一个责任人。"
    if wrong := _wrong_subject(case, rule, on):
        found[SUBJECT] = wrong
    if found:
        raise Faulty(found)
    return _begin(case, rule, at=at, values=values)


def _wrong_subject(case: Case, rule: Procedure, on: date) -> str:
    """What is wrong with whom the case is about; the person is locked. Three queries."""
    subject, person = rule.subject, case.person
    if subject is None or person is None:
        return steps.wrong_subject(Running(case), steps.Fitness())
    Person.objects.select_for_update().get(pk=person.pk)
    fitness = steps.Fitness.of(subject, [person.pk], on)
    same = Case.objects.open().filter(person=person, procedure=case.procedure)
    fitness.busy = {person.pk} if same.exists() else set()
    return steps.wrong_subject(Running(case), fitness)


def _begin(
    case: Case,
    rule: Procedure,
    *,
    at: datetime,
    values: Mapping[str, Any] | None = None,
    turn: Turn | None = None,
) -> Case:
    """Write a case down with its first turns, as a part of the case of ``turn`` that began it;
    whoever calls has judged it. ``values`` holds the files that were given."""
    organization, on = case.organization, case.started_on
    Organization.objects.select_for_update().get(pk=organization.pk)
    case.number = _next_number(case)
    case.is_confidential = rule.is_confidential
    case.is_shown_to_person = bool(rule.subject and rule.subject.sees)
    case.is_kept_apart = rule.is_kept_apart
    _say_whom_it_is_about(case, rule)
    case.save(force_insert=True)
    attaching.begin(case, rule, values or {}, by=case.started_by, at=at)
    if turn is not None and case.started_by is not None:
        Link.objects.create(
            case=case, other=turn.case, kind=Link.Kind.PART, turn=turn, by=case.started_by, at=at
        )
    _open(Running(case), rule.start, on, at)
    _settle(case)
    ledger.record(
        Kind.STARTED, case, organization=organization.pk, by=case.started_by, at=at, occurred=on
    )
    return case


def _say_whom_it_is_about(case: Case, rule: Procedure) -> None:
    """The unit and the person that a case kept apart is about, by its fields: neither sees it.
    It stays hidden from those who were once named."""
    door = rule.doorway
    if door is None or door.kept_by is None:
        return
    for column, name in (("unit_id", door.unit), ("person_id", door.person)):
        if kept := case.facts.get(name or ""):
            setattr(case, column, kept["id"])


def _take_above(running: Running, on: date) -> None:
    """What names somebody of the body that keeps it, or of one above that, goes to the next that
    keeps such things; what is open there goes along."""
    case = running.case
    place = rules.keeper_above(case, running.procedure, on)
    if place is None or place.pk == case.organization_id:
        return
    place = Organization.objects.select_for_update(of=("self",)).get(pk=place.pk)
    case.turns.open().filter(organization=case.organization_id).update(organization=place)
    case.organization = place
    case.number = _next_number(case)


@transaction.atomic
def act(turn: Turn, step: Step, *, by: User | None, at: datetime) -> Case:
    """End a turn with one of its outcomes: what it changes is changed, what follows begins.

    Where everyone on a roll is asked, that happens once nobody is waited for any more. ``by``
    None: whoever asked for the case, by a code that was checked. Somebody who ends a turn of
    theirs wrote down what they told.

    Raises:
        Refused: ``rules.may_act`` or ``rules.may_answer_oneself`` refuses, or an effect's rule.
        Faulty: the step cannot be done so.
    """
    case, turn = _locked(turn)
    running = Running(case)
    stage = running.stage(turn)
    require(
        rules.may_act(by, turn, stage.actor) if by else rules.may_answer_oneself(turn, stage.actor)
    )
    if found := steps.faults(running, turn, step, timezone.localdate(at)):
        raise Faulty(found)
    outcome = stage.outcome(step.outcome)
    assert outcome is not None
    turn.state, turn.outcome = Turn.State.DONE, outcome.id
    values = attaching.attached(case, step.values, by=by, at=at) if by else step.values
    turn.content = steps.kept(running.procedure, stage.fields, values)
    turn.happened_on, turn.reason, turn.by, turn.at = step.happened_on, step.reason, by, at
    if turn.is_requesters:
        turn.way = Turn.Way.TOLD if by else Turn.Way.CODE
    turn.save()
    if stage.vote and outcome.vote and step.totals:
        _count(turn, stage, step)
    case.moved_at = at
    if stage.is_for_everyone:
        _conclude_round(turn, None, by=by, at=at)
    else:
        case.facts = steps.facts_after(case.facts, stage.fields, turn.content, outcome)
        _say_whom_it_is_about(case, running.procedure)
        if case.is_kept_apart:  # whoever was named now is told of nothing that follows
            _take_above(running, step.happened_on)
            case.save(update_fields=["person", "unit", "organization", "number"])
        _conclude(running, turn, outcome, by=by, at=at)
    case.save()
    if not case.is_open:
        counting.of_case(case, at=at)
    ledger.record(
        Kind.DONE, case, organization=case.organization_id, by=by, at=at,
        occurred=step.happened_on, basis=running.cited(stage.cites),
    )  # fmt: skip
    return case


@transaction.atomic
def lapse(turn: Turn, *, at: datetime) -> bool:
    """End a turn that whoever asked did not use in time, as the pack says, on the day after its
    last; whether it was so.

    Called by the job of every night: nobody is asked for leave.
    """
    case, turn = _locked(turn)
    running = Running(case)
    stage, today = running.stage(turn), timezone.localdate(at)
    outcome = stage.outcome(stage.lapses) if stage.lapses else None
    if outcome is None or not (case.is_open and turn.is_open and turn.is_requesters):
        return False
    if turn.due_on is None or turn.due_on >= today:
        return False
    turn.state, turn.outcome, turn.way = Turn.State.DONE, outcome.id, Turn.Way.LAPSED
    turn.happened_on, turn.at, case.moved_at = turn.due_on + timedelta(days=1), at, at
    turn.save()
    _go_on(Running(case), turn, outcome, at)
    case.save()
    ledger.record(
        Kind.LAPSED, case, organization=case.organization_id, by=None, at=at,
        occurred=turn.happened_on, basis=running.cited(stage.cites),
    )  # fmt: skip
    return True


def _conclude(
    running: Running, turn: Turn, outcome: Outcome, *, on: date | None = None, by: User | None,
    at: datetime,
) -> None:  # fmt: skip
    """What a stage that ended so changes, begins and issues; what follows opens ``on`` that day,
    the day of the turn unless it is another. The case is saved by whoever calls."""
    case = running.case
    if by is not None:
        for binding in outcome.effects:
            _run(binding, running, turn, by, at)
        for part in outcome.begins:
            if all_hold(part.when, case.facts):
                _begin_part(part, turn, by, at)
    if outcome.passes_on and outcome.passes_on in case.facts:
        _pass_on(case, case.facts[outcome.passes_on]["id"])
    if by is not None:
        papers.issue(Running(case), turn, outcome, by=by, at=at)
    _go_on(Running(case), turn, outcome, at, on=on)


def _conclude_round(turn: Turn, on: date | None, *, by: User | None, at: datetime) -> None:
    """End the stage of ``turn`` if nobody who was asked with it is waited for any more: by the
    outcome that stands last in the pack of those given, on the day of the latest."""
    case = turn.case
    asked = list(case.turns.filter(round=turn.round).order_by("happened_on", "number"))
    if any(one.is_open for one in asked):
        _settle(case)
        return
    answers = [one for one in asked if one.state == Turn.State.DONE]
    last = answers[-1]
    last.case = case
    running = Running(case)
    outcome = steps.jointly(running.stage(last), [one.outcome for one in answers])
    _conclude(running, last, outcome, on=on, by=by, at=at)


def _count(turn: Turn, stage: Stage, step: Step) -> None:
    """Keep the totals of a vote with the roll as it stood that day."""
    totals = step.totals
    assert stage.vote is not None and totals is not None
    one, two = totals.tellers
    Ballot.objects.create(
        turn=turn, case=turn.case, roll=sorted(steps.roll_of(turn, stage, step.happened_on)),
        entitled=totals.entitled, present=totals.present, written=totals.written, yes=totals.yes,
        no=totals.no, abstain=totals.abstain, why_fewer=totals.why_fewer, teller_one_id=one,
        teller_two_id=two, has_passed=steps.judged(stage.vote, totals).passed,
    )  # fmt: skip


def _begin_part(part: Begin, turn: Turn, by: User, at: datetime) -> Case:
    """Another case that this step begins, in the wording of the day and as strict as is asked
    there, linked as a part. What is confidential gives its title to nothing that is not.

    Raises:
        Faulty: the person cannot have such a case, or has one already.
    """
    case, on = turn.case, turn.happened_on
    assert on is not None
    place = rules.above(case.organization) if part.where == "above" else case.organization
    pack_id, _, name = part.procedure.partition(":")
    wording = library.packs()[pack_id].wording_on("procedures", name, on)
    assert wording is not None
    made = Case(
        organization=place, procedure=part.procedure, wording=wording.since, owner=case.owner,
        stricter=strictness(place, part.procedure, on), started_on=on, started_by=by,
        started_at=at, moved_at=at,
    )  # fmt: skip
    rule = made.rule
    made.facts = steps.constants(rule, part.constants) | {
        name: case.facts[source] for name, source in part.fields.items() if source in case.facts
    }
    is_closed = case.is_confidential and not rule.is_confidential
    made.title = part.title or (rule.title if is_closed else case.title)
    made.person = case.person if rule.subject else None
    made.began_with = made.facts
    if wrong := _wrong_subject(made, rule, on):
        raise Faulty({OUTCOME: wrong})
    return _begin(made, rule, at=at, turn=turn)


def _pass_on(case: Case, organization: int) -> None:
    """The case goes on elsewhere: what is done stays, what opens from now on is answered there."""
    case.partner = case.organization
    case.organization = (
        Organization.objects.select_for_update(of=("self",))
        .select_related("parent")
        .get(pk=organization)
    )
    case.number = _next_number(case)


def _next_number(case: Case) -> int:
    """The next within organisation, procedure and year; the organisation is locked."""
    same = Case.objects.filter(
        organization=case.organization, procedure=case.procedure,
        started_on__year=case.started_on.year,
    )  # fmt: skip
    return (same.aggregate(last=Max("number"))["last"] or 0) + 1


def strictness(place: Organization, procedure: str, on: date) -> list[dict[str, Any]]:
    """What was tightened of a procedure for an organisation on a day: fields and values. A few
    queries."""
    held = procedures(place, on).get(procedure)
    return [{"field": one.field, "value": one.value} for one in held.stricter] if held else []


def _went_on(running: Running, turn: Turn, name: str) -> bool:
    """Whether a step that joins this optional one was done meanwhile without it."""
    stage = running.procedure.stage(name)
    is_passed_over = running.stage(turn).optional and stage and turn.stage in stage.joins
    return bool(is_passed_over) and any(
        one.stage == name and one.state == Turn.State.DONE and one.number > turn.number
        for one in running.turns
    )


def _go_on(
    running: Running, ended: Turn, outcome: Outcome, at: datetime, *, on: date | None = None
) -> None:
    """Open what follows, drop what is no longer so; end the case where nothing is open any more
    but what may be left."""
    case, on = running.case, on or ended.happened_on
    assert on is not None
    if outcome.closes:
        case.turns.filter(state=Turn.State.OPEN).update(state=Turn.State.DROPPED)
    else:
        case.turns.open().filter(stage__in=outcome.drops).update(state=Turn.State.DROPPED)
        names = [name for name in outcome.to if not _went_on(running, ended, name)]
        _open(running, names, on, at, ended=ended)
    waiting = list(case.turns.open())
    for turn in waiting:
        turn.case = case
    left = [turn for turn in waiting if all_hold(running.stage(turn).when, case.facts)]
    case.turns.open().exclude(pk__in=[turn.pk for turn in left]).update(state=Turn.State.DROPPED)
    _follow(running)
    if not any(running.holds_open(turn) for turn in left):
        case.turns.open().update(state=Turn.State.DROPPED)
        case.state, case.ended_on = Case.State.ENDED, on
        case.ended_as = outcome.ends_as or outcome.title
        _answer_gathered(running, at)
    _settle(case)


def _open(
    running: Running,
    stages: Iterable[str],
    on: date,
    at: datetime,
    *,
    ended: Turn | None = None,
) -> list[Turn]:
    """Begin stages that are not open, that this case has and whose joined stages are done, and
    tell whoever is asked. One that follows itself stays with whoever had claimed it, and one that
    says so with whoever claimed the step before; they are told where it comes back to them."""
    case, rule = running.case, running.procedure
    number = case.turns.aggregate(last=Max("number"))["last"] or 0
    waiting = {turn.stage for turn in running.open}
    made: list[Turn] = []
    for name in stages:
        stage = rule.stage(name)
        assert stage is not None
        if name in waiting or not running.is_joined(stage):
            continue
        if not all_hold(stage.when, case.facts):
            continue
        turns = opened_turns(running, stage, number + len(made) + 1, on, at)
        before = _claimed_before(running, stage, ended)
        if before is not None:
            turns[0].person_id, turns[0].is_claimed = before.person_id, True
            turns[0].claimed_for_id = before.claimed_for_id
        made += turns
    Turn.objects.bulk_create(made)
    for turn in made:
        goes_on = turn.is_claimed and ended is not None and ended.person_id == turn.person_id
        if not goes_on and turn.round in (None, turn.number):
            telling.tell(turn, running, at)
    return made


def _claimed_before(running: Running, stage: Stage, ended: Turn | None) -> Turn | None:
    """Whose claim goes on in ``stage``: that of the turn it follows at once; or of the step it
    stays with, or whoever went on from there. None where that was not claimed, and where they
    cannot sign in any more: then it waits at its place. A query where it stays."""
    if ended is not None and ended.is_claimed and ended.stage == stage.id:
        return ended
    before = stage.actor.stays_with
    if before is None or before not in running.done:
        return None
    done = [turn for turn in running.turns if turn.state == Turn.State.DONE and turn.is_claimed]
    of_both = [turn for turn in done if running.called(turn) in (before, stage.id)]
    found = max(of_both, key=lambda turn: turn.number, default=None)
    if found is None:
        return None
    able = User.objects.able_to_sign_in().filter(person_id=found.person_id)
    return found if able.exists() else None


def opened_turns(running: Running, stage: Stage, number: int, on: date, at: datetime) -> list[Turn]:
    """What opens of a stage, not saved, numbered from ``number`` on: one turn, or one for each
    person on the roll of that day. One query where everyone is asked.

    Raises:
        Faulty: there is nobody on the roll.
    """
    first = _opened(running, stage, number, on, at)
    if stage.actor.roll is None:
        return [first]
    people = sorted(voters(first.organization_id, stage.actor.roll, on))
    if not people:
        where = f"{first.organization.called}{on} 的名册上没有{ROLLS[stage.actor.roll]}"
        raise Faulty({OUTCOME: f"“{stage.title}”轮到每一个人，{where}。先登记名册。"})
    return [
        Turn(
            case=running.case, number=number + index, round=number, stage=stage.id,
            organization=first.organization, person_id=person, opened_on=on,
            not_before=first.not_before, due_on=first.due_on, due_at=first.due_at,
        )
        for index, person in enumerate(people)
    ]  # fmt: skip


ROLLS: dict[str, str] = {"full-members": "正式党员", "committee": "委员"}


def _opened(running: Running, stage: Stage, number: int, on: date, at: datetime) -> Turn:
    """A turn that opens, not saved: whose it is and its days. A place outside becomes the
    partner of the case, which is saved if it was before."""
    case = running.case
    place = rules.place_of(stage.actor, case)
    if stage.actor.who in ("field", "body") and place.pk != case.organization_id:
        case.partner = place
        if case.pk:
            case.save(update_fields=["partner"])
    until = days.due_at(running.limit(stage), at)
    return Turn(
        case=case, number=number, stage=stage.id, organization=place, opened_on=on,
        is_requesters=stage.actor.is_requester,
        person=rules.person_of(stage.actor, case),
        not_before=days.not_before(stage.waits, running.done, running.named()),
        due_on=timezone.localdate(until) if until else running.due(stage, on), due_at=until,
    )  # fmt: skip


def _follow(running: Running) -> None:
    """A field that names a day may have changed, or a step beside have been done: open turns
    follow it, their last day unless it was put off. Two queries."""
    for turn in running.case.turns.open().prefetch_related("extensions"):
        turn.case = running.case
        stage, before = running.stage(turn), (turn.not_before, turn.due_on)
        turn.not_before = days.not_before(stage.waits, running.done, running.named())
        limit = stage.limit
        follows = limit and (limit.by_field or limit.after or limit.by_choice)
        if follows and not turn.due_at and not turn.extensions.all():
            turn.due_on = running.due(stage, turn.opened_on)
        if before != (turn.not_before, turn.due_on):
            turn.save(update_fields=["not_before", "due_on"])


def _settle(case: Case) -> None:
    """The nearest last day, and hour, of what is open now, on the case for lists; whoever asked
    owes nothing."""
    open_turns = case.turns.open().filter(is_requesters=False)
    nearest = open_turns.aggregate(day=Min("due_on"), moment=Min("due_at"))
    case.due_on, case.due_at = nearest["day"], nearest["moment"]
    case.save(update_fields=["due_on", "due_at"])


def _answer_gathered(running: Running, at: datetime) -> None:
    """Whoever answers for what was gathered into this case hears how it ended. Four queries
    where it gathers, and one notice a source."""
    case, rule = running.case, running.procedure
    if not rule.gathers:
        return
    ended, on = case.ended_as or case.get_state_display(), timezone.localdate(at)
    rows = Case.objects.filter(links__other=case, links__kind=Link.Kind.CLUSTERED)
    sources = list(rows.select_related("organization"))
    people: dict[int, set[int | None]] = {}
    for is_closed in (False, True):
        some = [one for one in sources if one.is_confidential is is_closed]
        there = acting({one.organization_id for one in some}, on, is_confidential=is_closed)
        people |= {one.pk: {one.owner_id, *there[one.organization_id]} for one in some}
    users = User.objects.able_to_sign_in().filter(person_id__in=set().union(*people.values()))
    accounts = dict(users.values_list("person_id", "pk"))
    for source in sources:
        notify(
            [accounts[person] for person in people[source.pk] if person in accounts],
            key=f"case:{source.pk}:answered:{case.pk}:{case.reopened}",
            title=f"有答复：{source.title}",
            body=f"归到“{case.title}”一起办的，{ended}。打开看怎么答复。",
            url=source.get_absolute_url(),
            at=at,
        )


def _run(binding: Binding, running: Running, turn: Turn, by: User, at: datetime) -> None:
    """One effect with its constants and what the case says; what is not filled is not given."""
    try:
        effects.run(binding.effect, by=by, at=at, **_params(binding, running, turn))
    except effects.Unfit as unfit:
        raise Faulty(_where(unfit, binding, running.stage(turn))) from unfit


def _params(binding: Binding, running: Running, turn: Turn) -> dict[str, Any]:
    params = dict(binding.constants)
    for param, source in binding.fields.items():
        value = _said(source, running, turn)
        if value is not None:
            params[param] = value
    if binding.columns or binding.column_constants:
        params["columns"] = _columns(binding, running)
    return params


def foreseen(
    running: Running, turn: Turn, outcomes: Iterable[Outcome], user: User
) -> list[Foreseen]:
    """What ``user`` should know before ending an open turn so: what the effects of ``outcomes``
    would meet, as far as the case says by now; each sentence once. No query where no effect
    looks ahead."""
    found = {
        one: None
        for outcome in outcomes
        for binding in outcome.effects
        if (foresees := effects.get(binding.effect).foresees)
        for one in foresees(_params(binding, running, turn), user)
    }
    return list(found)


def _where(unfit: effects.Unfit, binding: Binding, stage: Stage) -> dict[str, str]:
    """What is wrong with an effect, beside the fields of this step that were wrong; what was
    written elsewhere is said at the outcome."""
    asked = {spec.id for spec in stage.fields}
    found: dict[str, str] = {}
    for param, text in unfit.faults.items():
        what, _, column = param.partition(".")
        source = binding.columns.get(column, "") if column else binding.fields.get(what, "")
        place = DAY if source == "case.day" else source if source in asked else OUTCOME
        found[place] = found.get(place, "") + text
    return found


def _columns(binding: Binding, running: Running) -> dict[str, Any]:
    """What a binding writes into columns of an item of a pack, as stored; what the case does not
    say is left out."""
    columns = effects.get(binding.effect).columns
    specs = columns(binding.constants, library.packs()) if columns else None
    facts = running.case.facts
    return steps.constant_values(specs or {}, binding.column_constants) | {
        name: facts[source] for name, source in binding.columns.items() if source in facts
    }


def _said(source: str, running: Running, turn: Turn) -> Any:
    """What ``case.person``, ``done.vote`` or a field stands for in this case."""
    case = turn.case
    own = {
        "case.id": case.pk,
        "case.turn": turn.pk,
        "case.title": case.title,
        "case.organization": case.organization_id,
        "case.owner": case.owner_id,
        "case.person": case.person_id,
        "case.day": turn.happened_on or timezone.localdate(),
    }
    if source in own:
        return own[source]
    if source.startswith("done."):
        stage = source.removeprefix("done.")
        return turn.happened_on if stage == turn.stage else running.done.get(stage)
    spec = running.procedure.specs().get(source)
    if spec is None or source not in case.facts:
        return None
    value = fields.get(spec.type).load(case.facts[source])
    return value.id if isinstance(value, fields.Named) else value


@transaction.atomic
def extend(turn: Turn, *, until: date, reason: str, by: User, at: datetime) -> Extension:
    """Put the last day of a turn off.

    Raises:
        Refused: ``rules.may_extend`` refuses.
        Faulty: the day is not later, or the reason lacks.
    """
    case, turn = _locked(turn)
    running = Running(case)
    limit = running.limit(running.stage(turn))
    require(rules.may_extend(by, turn, is_extendable=limit is not None and limit.extendable))
    assert turn.due_on is not None
    found = {}
    if until <= turn.due_on:
        found["until"] = f"要晚于现在的期限 {turn.due_on}。"
    last = days.extended_at_most(limit, running.done, turn.opened_on) if limit else None
    if limit and last and until > last:
        found["until"] = f"最多延到 {last}。依据 {running.cited(limit.cites)}。"
    if not reason.strip():
        found[REASON] = "写明为什么延期。"
    if found:
        raise Faulty(found)
    made = Extension.objects.create(
        turn=turn, case=case, before=turn.due_on, until=until, reason=reason, by=by, at=at
    )
    turn.due_on, turn.due_at, case.moved_at = until, None, at
    turn.save(update_fields=["due_on", "due_at"])
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
        case.turns.open().filter(person=before, round=None).update(person=owner)
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
    case.moved_at, case.due_on, case.due_at = at, None, None
    case.save()
    _answer_gathered(Running(case), at)
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
    counting.of_case(case, at=at)
    ledger.record(
        Kind.REOPENED, case, organization=case.organization_id, by=by, at=at,
        basis=Running(case).cited(rule.reopening.cites),
    )  # fmt: skip
    return case


@transaction.atomic
def void(case: Case, *, reason: str, by: User, at: datetime) -> Case:
    """Say that an ended case was recorded wrongly; everything stays readable."""
    case = _locked_case(case)
    require(rules.may_void(by, case, case.rule))
    if not reason.strip():
        raise Faulty({REASON: "写明为什么作废。"})
    case.state, case.reason, case.ended_as, case.moved_at = Case.State.VOIDED, reason, "", at
    case.save()
    counting.of_case(case, at=at)
    ledger.record(Kind.VOIDED, case, organization=case.organization_id, by=by, at=at)
    return case


@transaction.atomic
def claim(turn: Turn, *, unit: int | None = None, by: User, at: datetime) -> Turn:
    """Take a turn upon oneself; from now on it is one's own. ``unit``: of the units by which one
    is reported in there, the one it is done for, where there are several.

    Raises:
        Refused: ``rules.may_claim`` refuses, or one is not reported in by ``unit``.
    """
    case, turn = _locked(turn)
    if by.person_id:
        Person.objects.select_for_update().get(pk=by.person_id)
    require(rules.may_claim(by, turn, Running(case).stage(turn).actor))
    turn.claimed_for = _claimed_for(turn, unit, by, at)
    turn.person_id, turn.is_claimed, case.moved_at = by.person_id, True, at
    turn.save(update_fields=["person", "is_claimed", "claimed_for"])
    case.save(update_fields=["moved_at"])
    ledger.record(Kind.CLAIMED, case, organization=case.organization_id, by=by, at=at)
    return turn


def _claimed_for(turn: Turn, unit: int | None, by: User, at: datetime) -> Organization | None:
    """The unit somebody claims a turn for; None where they serve at its place."""
    if rules.acts_at(by, turn):
        return None
    found = claiming.covering(by, turn.organization, timezone.localdate(at))
    chosen = next((one.unit for one in found if unit in (None, one.unit.pk)), None)
    if chosen is None:
        raise Refused(no("不能认领：您不能替这个单位认领，请在页面上重新选。"))
    return chosen


@transaction.atomic
def release(turn: Turn, *, reason: str, by: User, at: datetime) -> Turn:
    """Give a claimed turn back to the place; the reason stands on it until it is claimed."""
    case, turn = _locked(turn)
    require(rules.may_release(by, turn))
    if not reason.strip():
        raise Faulty({REASON: "写明为什么退回。"})
    turn.person, turn.is_claimed, turn.reason, case.moved_at = None, False, reason, at
    turn.claimed_for = None
    turn.save(update_fields=["person", "is_claimed", "claimed_for", "reason"])
    case.save(update_fields=["moved_at"])
    ledger.record(Kind.RELEASED, case, organization=case.organization_id, by=by, at=at)
    return turn


@transaction.atomic
def excuse(turn: Turn, *, reason: str, by: User, at: datetime) -> Turn:
    """Wait no more for one of those who were all asked: their turn is dropped, with the reason.
    The stage ends if they were the last.

    Raises:
        Refused: ``rules.may_excuse`` refuses.
        Faulty: the reason lacks, or nobody has answered and nobody else is asked.
    """
    case, turn = _locked(turn)
    require(rules.may_excuse(by, turn))
    found = {}
    if not reason.strip():
        found[REASON] = "写明为什么不再等。"
    others = case.turns.filter(round=turn.round).exclude(pk=turn.pk)
    if not others.exclude(state=Turn.State.DROPPED).exists():
        found[OUTCOME] = "只剩这一个人了，不能不等。这件事不办了的，请取消。"
    if found:
        raise Faulty(found)
    turn.state, turn.reason, case.moved_at = Turn.State.DROPPED, reason, at
    turn.save(update_fields=["state", "reason"])
    _conclude_round(turn, timezone.localdate(at), by=by, at=at)
    case.save()
    if not case.is_open:
        counting.of_case(case, at=at)
    ledger.record(Kind.EXCUSED, case, organization=case.organization_id, by=by, at=at)
    return turn


@transaction.atomic
def post(
    turn: Turn, *, channel: str, place: str, posted_on: date, until: date, by: User, at: datetime
) -> Posting:
    """Write down that a notice hangs: how, where, from when, until when.

    Raises:
        Refused: ``rules.may_act`` refuses.
        Faulty: it would hang too short, or from a day that is not one.
    """
    case, turn = _locked(turn)
    running = Running(case)
    stage = running.stage(turn)
    require(rules.may_act(by, turn, stage.actor))
    require(rules.may_post(stage))
    assert stage.notice is not None
    found = {}
    if posted_on > timezone.localdate(at):
        found["posted_on"] = "日期在以后，贴出来了再记。"
    elif posted_on < turn.opened_on:
        found["posted_on"] = f"早于上一步（{turn.opened_on}），请核对日期。"
    if stage.notice.channels and channel not in stage.notice.channels:
        found["channel"] = f"选一种：{'、'.join(stage.notice.channels)}。"
    last = days.hangs_until(stage.notice, posted_on)
    if last and until < last:
        length = steps.word_length(stage.notice.at_least, stage.notice.counts)
        cited = running.cited(stage.notice.cites)
        found["until"] = f"至少公示 {length}，要到 {last}。依据 {cited}。"
    elif until < posted_on:
        found["until"] = "要晚于贴出来的那天。"
    if found:
        raise Faulty(found)
    made = Posting.objects.create(
        turn=turn, case=case, channel=channel, place=place, posted_on=posted_on, until=until,
        by=by, at=at,
    )  # fmt: skip
    case.moved_at = at
    case.save(update_fields=["moved_at"])
    ledger.record(
        Kind.POSTED, case, organization=case.organization_id, by=by, at=at, occurred=posted_on
    )
    return made


@transaction.atomic
def object_to(
    posting: Posting, *, raised_on: date, said: str, source: str, by: User, at: datetime
) -> Objection:
    """Take an objection to a notice down; it is answered before the step can end.

    Raises:
        Refused: whoever may not see the case cannot; the step is over.
        Faulty: a day outside the notice, or nothing said.
    """
    case, turn = _locked(posting.turn)
    require(rules.may_object(by, turn))
    found = {}
    if not said.strip():
        found["said"] = "写下提了什么。"
    if not posting.posted_on <= raised_on <= timezone.localdate(at):
        found["raised_on"] = f"要在贴出来（{posting.posted_on}）以后、今天以前。"
    if found:
        raise Faulty(found)
    made = Objection.objects.create(
        posting=posting, case=case, raised_on=raised_on, said=said, source=source, by=by, at=at
    )
    case.moved_at = at
    case.save(update_fields=["moved_at"])
    ledger.record(
        Kind.OBJECTED, case, organization=case.organization_id, by=by, at=at, occurred=raised_on
    )
    return made


@transaction.atomic
def answer(
    objection: Objection, *, stands: bool, answer: str, answered_on: date, by: User, at: datetime
) -> Objection:
    """Say what came of an objection, and whether it stands.

    Raises:
        Refused: ``rules.may_act`` refuses, or it was answered.
        Faulty: no answer, or a day that is not one.
    """
    case, turn = _locked(objection.posting.turn)
    objection = Objection.objects.select_for_update().get(pk=objection.pk)
    require(rules.may_act(by, turn, Running(case).stage(turn).actor))
    require(rules.may_answer(objection))
    found = {}
    if not answer.strip():
        found["answer"] = "写明查了什么、怎么答复。"
    if not objection.raised_on <= answered_on <= timezone.localdate(at):
        found["answered_on"] = f"要在提出（{objection.raised_on}）以后、今天以前。"
    if found:
        raise Faulty(found)
    objection.stands, objection.answer, objection.answered_on = stands, answer, answered_on
    objection.answered_by, objection.answered_at, case.moved_at = by, at, at
    objection.save()
    case.save(update_fields=["moved_at"])
    ledger.record(
        Kind.ANSWERED, case, organization=case.organization_id, by=by, at=at, occurred=answered_on
    )
    return objection


@transaction.atomic
def link(case: Case, other: Case, *, kind: str, by: User, at: datetime) -> Link:
    """Say that two cases belong together; once is enough.

    Raises:
        Refused: ``rules.may_link`` refuses.
    """
    case = _locked_case(case)
    require(rules.may_link(by, case, other))
    made, is_new = Link.objects.get_or_create(
        case=case, other=other, kind=kind, defaults={"by": by, "at": at}
    )
    if is_new:
        ledger.record(Kind.LINKED, case, organization=case.organization_id, by=by, at=at)
    return made


@transaction.atomic
def reword(case: Case, *, by: User, at: datetime) -> Case:
    """Take a running case over to the wording in force today, as that wording says.

    What was done stays under the wording it was done under; what is open gets whose turn it is
    and the days of the new one, unless it was put off. Two that become one go on as one.

    Raises:
        Refused: ``rules.may_reword`` refuses.
    """
    case = _locked_case(case)
    wording = steps.newer(case, timezone.localdate(at))
    require(rules.may_reword(by, case, wording.since if wording else None))
    assert wording is not None and isinstance(wording.item, Procedure)
    before, moved = case.wording, wording.item.transition(case.wording)
    assert moved is not None
    kept = case.turns.exclude(state=Turn.State.OPEN).filter(wording=None)
    kept.update(wording=before)
    left = list(case.turns.open().order_by("number").prefetch_related("extensions"))
    case.turns.open().update(state=Turn.State.DROPPED)  # two of them may change names
    case.wording, case.moved_at = wording.since, at
    case.stricter = strictness(case.organization, case.procedure, timezone.localdate(at))
    case.save(update_fields=["wording", "stricter", "moved_at"])
    running, known = Running(case), set()
    for turn in left:
        name = moved.stages.get(turn.stage, turn.stage)
        asked = (name, turn.round and turn.person_id)
        if asked in known:
            Turn.objects.filter(pk=turn.pk).update(wording=before)
        else:
            known.add(asked)
            turn.case, turn.stage = case, name
            _take_over(turn, running, at)
    _settle(case)
    ledger.record(
        Kind.REWORDED, case, organization=case.organization_id, by=by, at=at,
        basis=running.cited(moved.cites),
    )  # fmt: skip
    return case


def _take_over(turn: Turn, running: Running, at: datetime) -> None:
    """An open turn under the newer wording: whose it is and its days. Hours count from now."""
    stage, case = running.stage(turn), running.case
    place, asked = rules.place_of(stage.actor, case), (turn.organization_id, turn.person_id)
    if not turn.is_claimed and not turn.round:
        turn.organization, turn.person = place, rules.person_of(stage.actor, case)
    turn.not_before = days.not_before(stage.waits, running.done, running.named())
    if not turn.extensions.all():
        turn.due_at = days.due_at(running.limit(stage), at)
        turn.due_on = (
            timezone.localdate(turn.due_at) if turn.due_at else running.due(stage, turn.opened_on)
        )
    turn.save()
    if asked != (turn.organization_id, turn.person_id):
        telling.tell(turn, running, at, again=True)


def _locked(turn: Turn) -> tuple[Case, Turn]:
    """The case and its turn, both locked, as they are now."""
    case = _locked_case(turn.case)
    found = Turn.objects.select_related("organization__parent", "person").get(pk=turn.pk)
    found.case = case
    return case, found


def _locked_case(case: Case) -> Case:
    rows = Case.objects.select_for_update(of=("self",))
    return rows.select_related("organization__parent", "owner", "person").get(pk=case.pk)


def hand_over(ids: Collection[int], owner: int, by: "User", at: datetime) -> None:
    """Pass open cases on with a post: the successor answers for them from now on.

    Called by the hand-over's own action, which has judged ``by`` already.
    """
    for case in Case.objects.select_for_update(of=("self",)).open().filter(pk__in=ids):
        case.turns.open().filter(person=case.owner_id, round=None).update(person=owner)
        case.owner_id = owner
        case.save(update_fields=["owner"])
        ledger.record(Kind.HANDED_OVER, case, organization=case.organization_id, by=by, at=at)
