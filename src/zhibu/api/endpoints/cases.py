"""Cases: everything about them that the API knows stands in this one module."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import Http404
from django.urls import resolve
from ninja import Schema

from zhibu.adoptions.queries import HeldItem
from zhibu.api.calling import Call, Faults
from zhibu.api.endpoints.shared import (
    WORD,
    Asked,
    May,
    OfOrganization,
    Ref,
    Said,
    may,
    organization_for,
    page_of,
)
from zhibu.api.sections import ROOT, Section
from zhibu.cases import actions, clusters, paper_views, papers, queries, rules, steps
from zhibu.cases.forms import (
    ActForm,
    AnswerForm,
    ExtendForm,
    ListFilter,
    NoForm,
    ObjectForm,
    OwnerForm,
    PaperFilter,
    PostForm,
    StartForm,
    WhyForm,
    act_form,
    start_form,
)
from zhibu.cases.models import Ballot, Case, IssuedPaper, Link, Objection, Posting, Turn
from zhibu.cases.steps import Running, Step
from zhibu.core import standing
from zhibu.core.verdicts import Verdict, require
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Procedure, Stage
from zhibu.people.models import Person
from zhibu.people.queries import choosable

section = Section("事项")


class LinkTo(forms.Form):
    """As ``LinkForm``, but the other case by its number: nobody types here."""

    other = forms.IntegerField(label="哪一件", min_value=1, help_text="那件事的 id。")
    kind = forms.ChoiceField(
        label="怎么连", help_text="follows 接着那件办，split 从那件分出来。", choices=Link.by_hand()
    )


class CaseFilter(ListFilter, OfOrganization):
    """The filters of the page, and one organisation. ``view`` is ``mine`` unless it says else."""


class CaseLine(Schema):
    id: int
    title: str
    procedure: str
    organization: Ref
    owner: Ref | None
    stands: str
    who: str
    due_on: date | None
    is_late: bool
    is_stale: bool
    state: str
    started_on: date


class ToChoose(Schema):
    """An outcome, and why it cannot be now; "" where it can."""

    id: str
    title: str
    barred: str


class Written(Said):
    """What was written; ``url`` is where a file is taken from."""

    url: str = ""


class BallotOut(Schema):
    """Totals of a vote on paper: never who voted how."""

    entitled: int
    present: int
    written: int
    yes: int
    no: int
    abstain: int
    passed: bool
    tellers: list[str]
    why_fewer: str


class ObjectionOut(Schema):
    """``stands`` is null until it is answered."""

    id: int
    raised_on: date
    source: str
    said: str
    stands: bool | None
    answer: str
    answered_on: date | None
    may: dict[str, May] = {}


class PostingOut(Schema):
    id: int
    channel: str
    place: str
    posted_on: date
    until: date
    objections: list[ObjectionOut]
    may: dict[str, May] = {}


class ExtensionOut(Schema):
    before: date
    until: date
    reason: str
    by: str
    at: datetime


class TurnOut(Schema):
    """One stage once. What may be done is told of open ones."""

    id: int
    number: int
    stage: str
    state: str
    organization: Ref
    person: Ref | None
    is_claimed: bool
    opened_on: date
    not_before: date | None
    due_on: date | None
    due_at: datetime | None
    happened_on: date | None
    by: str
    outcome: str
    reason: str
    written: list[Written]
    ballot: BallotOut | None
    postings: list[PostingOut]
    is_late: bool
    is_entered_later: bool
    cited: str
    about: str = ""
    words: list[str] = []
    extensions: list[ExtensionOut] = []
    outcomes: list[ToChoose] = []
    asked: list[Asked] = []
    tellers: list[Ref] = []
    may: dict[str, May] = {}


class Beside(Schema):
    """Another case and how the two belong together; ``id`` is null where one may not open it.

    ``answer`` is that of a common problem once it has ended.
    """

    id: int | None
    title: str
    how: str
    organization: str = ""
    state: str = ""
    answer: str = ""


class PaperOut(Schema):
    """A paper that went out. ``case`` is null where one may not open the case."""

    id: int
    title: str
    called: str
    book: str
    organization: Ref
    issued_on: date
    valid_until: date | None
    stands: str
    why_annulled: str
    url: str
    case: int | None
    may: dict[str, May]


class CaseOut(CaseLine):
    number: str
    reference: str
    cited: str
    is_confidential: bool
    person: Ref | None
    partner: Ref | None
    started_by: str
    ended_on: date | None
    ended_as: str
    reason: str
    reopened: int
    wording: date
    newer_wording: date | None
    facts: list[Written]
    turns: list[TurnOut]
    linked: list[Beside]
    gathered_into: list[Beside]
    gathered: list[Beside]
    gathered_hidden: int
    papers: list[PaperOut]
    may: dict[str, May]


class ProcedureOut(Schema):
    """A procedure in force somewhere: what its beginning asks, and whether one may begin it."""

    reference: str
    title: str
    cited: str
    has_owner: bool
    subject: str
    asked: list[Asked]
    may: dict[str, May]


class CommonLine(CaseLine):
    """A common problem: how many lie ``under`` it, ``still`` open, and ``late`` among those."""

    under: int
    still: int
    late: int


def _line(line: queries.Line) -> dict[str, Any]:
    case = line.case
    return {
        "id": case.pk, "title": case.title, "procedure": line.procedure,
        "organization": Ref.to(case.organization), "owner": Ref.of(case.owner),
        "stands": line.stands, "who": line.who, "due_on": line.due_on, "is_late": line.is_late,
        "is_stale": line.is_stale, "state": case.state, "started_on": case.started_on,
    }  # fmt: skip


@section.listing("/cases", "事项，快到期的在前", CaseLine, CaseFilter)
def cases(call: Call) -> dict[str, Any]:
    asked = call.filled(CaseFilter(queries.titles(call.user), data=call.query))
    rows = queries.listed(call.user, asked["view"] or "mine", call.today)
    if asked["q"]:
        rows = rows.filter(title__icontains=asked["q"])
    if asked["procedure"]:
        rows = rows.filter(procedure=asked["procedure"])
    if asked["organization"]:
        rows = rows.filter(organization=organization_for(call, asked["organization"]))
    return call.page(
        queries.with_turns(rows),
        lambda some: [CaseLine(**_line(line)) for line in queries.lines(some, call.today)],
    )


def _case_for(call: Call, pk: int) -> Case:
    rows = queries.with_turns(Case.objects.visible_to(call.user)).select_related(
        "organization__parent", "owner", "person", "partner", "started_by"
    )
    return call.find(rows, pk=pk)


def _written(told: Iterable[tuple[str, str, str]]) -> list[Written]:
    """In words; a file by its address here."""
    return [
        Written(title=title, text=text, url=_file(address) if address else "")
        for title, text, address in told
    ]


def _file(address: str) -> str:
    return f"{ROOT}/files/{resolve(address).kwargs['pk']}"


@section.one("/cases/{int:pk}", "一件事：经过、轮到谁、现在能办什么", CaseOut, Case)
def case(call: Call, pk: int) -> CaseOut:
    """``newer_wording``: the day since which another wording holds, which this case could be
    taken over to. ``gathered_hidden``: how many lie under it that one may not see."""
    row, user = _case_for(call, pk), call.user
    running = Running(row)
    (line,) = queries.lines([row], call.today)
    rule = running.procedure
    is_closed = bool(rule.closed_fields) and not queries.sees_closed(user, row)
    newer = steps.newer(row, call.today)
    under = clusters.gathered(row, user) if rule.gathers else None
    return CaseOut(
        **_line(line),
        number=f"{row.started_on.year}-{row.number}",
        reference=row.procedure,
        cited=running.cited([]),
        is_confidential=row.is_confidential,
        person=Ref.of(row.person),
        partner=Ref.of(row.partner),
        started_by=row.started_by.display_name if row.started_by else "",
        ended_on=row.ended_on,
        ended_as=row.ended_as,
        reason=row.reason,
        reopened=row.reopened,
        wording=row.wording,
        newer_wording=newer.since if newer else None,
        facts=_written(queries.shown_facts(running, is_closed=is_closed)),
        turns=[
            _turn(call, running, told)
            for told in queries.story(running, call.today, is_closed=is_closed)
        ],
        linked=[
            Beside(id=other.pk, title=other.title, how=how) for how, other in
            queries.linked(user, row, queries.links(row))
        ],
        gathered_into=[_common(call, one) for one in clusters.gathered_into(row)],
        gathered=[_source(one) for one in under.cases] if under else [],
        gathered_hidden=under.hidden if under else 0,
        papers=_papers(call, list(queries.papers_of(running))),
        may=may(
            cancel_case=rules.may_cancel(user, row, rule),
            reopen_case=rules.may_reopen(user, row, rule),
            void_case=rules.may_void(user, row, rule),
            reword_case=rules.may_reword(user, row, newer.since if newer else None),
            link_case=rules.may_link(user, row, Case()),
            name_owner=rules.may_name(user, row),
        ),
    )  # fmt: skip


def _common(call: Call, one: clusters.Common) -> Beside:
    """Everybody who sees what was gathered sees it, not everybody may open it. One query."""
    common = one.common
    may_open = Case.objects.visible_to(call.user).filter(pk=common.pk).exists()
    return Beside(
        id=common.pk if may_open else None, title=common.title, how="归到它一起办",
        organization=common.organization.called, state=common.state, answer=one.answer,
    )  # fmt: skip


def _source(row: Case) -> Beside:
    return Beside(
        id=row.pk, title=row.title, how="归到这件", organization=row.organization.called,
        state=row.state,
    )  # fmt: skip


def _papers(call: Call, rows: list[IssuedPaper]) -> list[PaperOut]:
    """``rows`` come with their organisations. One query."""
    if not rows:
        return []
    told = queries.paper_lines(
        rows,
        {paper.case_id for paper in rows},
        call.today,
        lambda paper: bool(rules.may_annul(call.user, paper)),
    )
    return [
        PaperOut(
            id=line.paper.pk, title=line.paper.title, called=line.paper.called,
            book=line.paper.register_title, organization=Ref.to(line.paper.organization),
            issued_on=line.paper.issued_on, valid_until=line.paper.valid_until,
            stands=line.stands, why_annulled=line.paper.annulled_because,
            url=f"{ROOT}/papers/{line.paper.pk}/word",
            case=line.paper.case_id if line.may_open else None,
            may=may(annul_paper=rules.may_annul(call.user, line.paper)),
        )
        for line in told
    ]  # fmt: skip


def _turn(call: Call, running: Running, told: queries.Told) -> TurnOut:
    turn = told.turn
    turn.case = running.case
    stage = running.stage(turn)
    verdict = rules.may_act(call.user, turn, stage.actor) if turn.is_open else None
    return TurnOut(
        id=turn.pk, number=turn.number, stage=told.title, state=turn.state,
        organization=Ref.to(turn.organization), person=Ref.of(turn.person),
        is_claimed=turn.is_claimed, opened_on=turn.opened_on, not_before=turn.not_before,
        due_on=turn.due_on, due_at=turn.due_at, happened_on=turn.happened_on,
        by=turn.by.display_name if turn.by else "", outcome=told.outcome, reason=turn.reason,
        written=_written(told.written), ballot=_ballot(told.ballot) if told.ballot else None,
        postings=[_posting(call, turn, verdict, one) for one in told.postings],
        is_late=told.is_late, is_entered_later=told.is_entered_later,
        cited=running.cited(stage.cites),
        **({} if verdict is None else _now(call, running, turn, verdict)),
    )  # fmt: skip


def _now(call: Call, running: Running, turn: Turn, verdict: Verdict) -> dict[str, Any]:
    """What an open turn asks, and whether one may do it."""
    user, stage = call.user, running.stage(turn)
    words = [running.word_wait(wait) for wait in stage.waits]
    if stage.vote:
        words.append(queries.word_vote(running, stage.vote.rule))
    if stage.notice:
        words.append(queries.word_notice(running, stage.notice))
    counters = queries.tellers(turn, stage, call.today) if stage.vote and verdict else []
    return {
        "about": stage.about,
        "words": words,
        "extensions": [
            ExtensionOut(before=one.before, until=one.until, reason=one.reason,
                         by=one.by.display_name, at=one.at)
            for one in turn.extensions.select_related("by").order_by("pk")
        ],
        "outcomes": [
            ToChoose(id=outcome.id, title=outcome.title, barred=barred)
            for outcome, barred in steps.available(running, turn)
        ],
        "asked": Asked.of(stage.fields),
        "tellers": [Ref(id=pk, name=name) for pk, name in counters],
        "may": may(
            act_on_case=verdict,
            extend_turn=rules.may_extend(user, turn, is_extendable=_is_extendable(running, turn)),
            claim_turn=rules.may_claim(user, turn, stage.actor),
            release_turn=rules.may_release(user, turn),
            excuse_turn=rules.may_excuse(user, turn),
            post_notice=_may_post(verdict, stage),
        ),
    }  # fmt: skip


def _may_post(verdict: Verdict, stage: Stage) -> Verdict:
    return rules.may_post(stage) if verdict else verdict


def _ballot(row: Ballot) -> BallotOut:
    return BallotOut(
        entitled=row.entitled, present=row.present, written=row.written, yes=row.yes, no=row.no,
        abstain=row.abstain, passed=row.has_passed, why_fewer=row.why_fewer,
        tellers=[row.teller_one.name, row.teller_two.name],
    )  # fmt: skip


def _posting(call: Call, turn: Turn, verdict: Verdict | None, row: Posting) -> PostingOut:
    """``verdict``: whether one may act on the turn; None once it is over."""
    now = {}
    if verdict is not None:
        now = {"may": may(object_to_notice=rules.may_object(call.user, turn))}
    return PostingOut(
        id=row.pk, channel=row.channel, place=row.place, posted_on=row.posted_on, until=row.until,
        objections=[_objection(verdict, one) for one in row.objections.all()], **now,
    )  # fmt: skip


def _objection(verdict: Verdict | None, row: Objection) -> ObjectionOut:
    """Who raised it is told while it is being dealt with, as on the page."""
    now, source = {}, ""
    if verdict is not None:
        now = {"may": may(answer_objection=rules.may_answer(row) if verdict else verdict)}
        source = row.source
    return ObjectionOut(
        id=row.pk, raised_on=row.raised_on, source=source, said=row.said, stands=row.stands,
        answer=row.answer, answered_on=row.answered_on, **now,
    )  # fmt: skip


def _is_extendable(running: Running, turn: Turn) -> bool:
    limit = running.limit(running.stage(turn))
    return limit is not None and limit.extendable


# --- beginning


def _offered(call: Call, pk: int) -> tuple[Organization, Mapping[str, HeldItem]]:
    """An organisation with what may be begun there: for whoever sees its cases everything in
    force, for its own people what one begins oneself; 404 for any other."""
    found = organization_for(call, pk)
    if standing.may(call.user, "cases.view", found.path):
        return found, queries.procedures(found, call.today)
    if offered := queries.begun_oneself(call.user, found, call.today):
        return found, offered
    raise Http404


@section.one(
    "/organizations/{int:pk}/procedures", "在这里能开始哪些事，要填什么", list[ProcedureOut]
)
def procedures(call: Call, pk: int) -> list[ProcedureOut]:
    found, offered = _offered(call, pk)
    answers = []
    for reference, held in offered.items():
        rule = held.wording.item
        assert isinstance(rule, Procedure)
        if rule.is_confidential and not standing.may(call.user, "cases.confidential", found.path):
            continue
        answers.append(
            ProcedureOut(
                reference=reference, title=rule.title, cited=held.pack.cited(held.wording),
                has_owner=rule.has_owner, asked=Asked.of(rule.fields),
                subject=rule.subject.title if rule.subject and rule.asks_subject else "",
                may=may(start_case=rules.may_start(call.user, found, rule)),
            )
        )  # fmt: skip
    return answers


@section.act(
    "/organizations/{int:pk}/procedures/{publisher}/{slug}/{name}", "开始一件事", actions.start,
    form=StartForm, is_open=True,
)  # fmt: skip
def start_case(call: Call, pk: int, publisher: str, slug: str, name: str) -> Case:
    found, offered = _offered(call, pk)
    held = offered.get(f"{publisher}/{slug}:{name}")
    if held is None:
        raise Http404
    rule = held.wording.item
    assert isinstance(rule, Procedure)
    require(rules.may_start(call.user, found, rule))
    form = call.valid(start_form(found, rule, call.today, data=call.data))
    asked = form.cleaned_data
    owner, person = (
        call.find(Person.objects.all(), pk=int(asked[name])) if asked.get(name) else None
        for name in ("owner", "subject")
    )
    return actions.start(
        found, procedure=held.reference, wording=held.wording.since, title=asked["title"],
        values=form.values(), owner=owner, person=person,
        stricter=[{"field": one.field, "value": one.value} for one in held.stricter],
        on=asked["happened_on"], by=call.user, at=call.at,
    )  # fmt: skip


# --- going on


def _turn_for(call: Call, pk: int, turn: int) -> tuple[Running, Turn]:
    running = Running(_case_for(call, pk))
    found = next((one for one in running.turns if one.pk == turn), None)
    if found is None:
        raise Http404
    found.case = running.case
    return running, found


@section.act("/cases/{int:pk}/turns/{int:turn}", "办一步", actions.act, form=ActForm, is_open=True)
def act_on_case(call: Call, pk: int, turn: int) -> Case:
    """``outcome`` and what the stage asks, by the ids that the case tells."""
    running, found = _turn_for(call, pk, turn)
    stage = running.stage(found)
    require(rules.may_act(call.user, found, stage.actor))
    form = act_form(running, found, call.today, data=call.data)
    asked = call.valid(form).cleaned_data
    step = Step(
        outcome=asked["outcome"], happened_on=asked["happened_on"], values=form.values(),
        reason=asked.get("reason", ""), totals=form.totals(),
    )  # fmt: skip
    return actions.act(found, step, by=call.user, at=call.at)


@section.act("/cases/{int:pk}/turns/{int:turn}/extend", "批准延期", actions.extend, form=ExtendForm)
def extend_turn(call: Call, pk: int, turn: int) -> Case:
    running, found = _turn_for(call, pk, turn)
    require(
        rules.may_extend(call.user, found, is_extendable=_is_extendable(running, found))
    )  # fmt: skip
    asked = call.filled(ExtendForm(data=call.data))
    actions.extend(found, **asked, by=call.user, at=call.at)
    return running.case


@section.act("/cases/{int:pk}/owner", "换责任人", actions.name_owner, form=OwnerForm)
def name_owner(call: Call, pk: int) -> Case:
    row = _case_for(call, pk)
    require(rules.may_name(call.user, row))
    asked = call.filled(OwnerForm(choosable(row.organization_id, call.today), data=call.data))
    owner = call.find(Person.objects.all(), pk=int(asked["owner"]))
    return actions.name_owner(row, owner, by=call.user, at=call.at)


@section.act("/cases/{int:pk}/cancel", "取消一件事", actions.cancel, form=WhyForm)
def cancel_case(call: Call, pk: int) -> Case:
    row = _case_for(call, pk)
    require(rules.may_cancel(call.user, row, row.rule))
    asked = call.filled(WhyForm(data=call.data))
    return actions.cancel(row, **asked, by=call.user, at=call.at)


@section.act("/cases/{int:pk}/reopen", "重开一件事", actions.reopen, form=WhyForm)
def reopen_case(call: Call, pk: int) -> Case:
    row = _case_for(call, pk)
    require(rules.may_reopen(call.user, row, row.rule))
    asked = call.filled(WhyForm(data=call.data))
    return actions.reopen(row, **asked, by=call.user, at=call.at)


@section.act("/cases/{int:pk}/void", "作废一件事", actions.void, form=WhyForm)
def void_case(call: Call, pk: int) -> Case:
    row = _case_for(call, pk)
    require(rules.may_void(call.user, row, row.rule))
    asked = call.filled(WhyForm(data=call.data))
    return actions.void(row, **asked, by=call.user, at=call.at)


@section.act("/cases/{int:pk}/reword", "转到新的规定", actions.reword, form=NoForm)
def reword_case(call: Call, pk: int) -> Case:
    row = _case_for(call, pk)
    newer = steps.newer(row, call.today)
    require(rules.may_reword(call.user, row, newer.since if newer else None))
    call.filled(NoForm(data=call.data))
    return actions.reword(row, by=call.user, at=call.at)


@section.act("/cases/{int:pk}/link", "连到另一件事", actions.link, form=LinkTo)
def link_case(call: Call, pk: int) -> Case:
    """``other`` is the number of a case that one may see."""
    row = _case_for(call, pk)
    require(rules.may_link(call.user, row, Case()))
    asked = call.filled(LinkTo(data=call.data))
    other = Case.objects.visible_to(call.user).filter(pk=asked["other"]).first()
    if other is None:
        raise Faults({"other": ["没有这一件，或者您看不到。请核对编号。"]})
    actions.link(row, other, kind=asked["kind"], by=call.user, at=call.at)
    return row


@section.act("/cases/{int:pk}/turns/{int:turn}/claim", "认领一步", actions.claim, form=NoForm)
def claim_turn(call: Call, pk: int, turn: int) -> Case:
    running, found = _turn_for(call, pk, turn)
    require(rules.may_claim(call.user, found, running.stage(found).actor))
    call.filled(NoForm(data=call.data))
    actions.claim(found, by=call.user, at=call.at)
    return running.case


@section.act("/cases/{int:pk}/turns/{int:turn}/release", "退回认领", actions.release, form=WhyForm)
def release_turn(call: Call, pk: int, turn: int) -> Case:
    running, found = _turn_for(call, pk, turn)
    require(rules.may_release(call.user, found))
    asked = call.filled(WhyForm(data=call.data))
    actions.release(found, **asked, by=call.user, at=call.at)
    return running.case


@section.act(
    "/cases/{int:pk}/turns/{int:turn}/excuse", "不再等一个人", actions.excuse, form=WhyForm
)
def excuse_turn(call: Call, pk: int, turn: int) -> Case:
    """Of those who were all asked; the stage ends if they were the last."""
    running, found = _turn_for(call, pk, turn)
    require(rules.may_excuse(call.user, found))
    asked = call.filled(WhyForm(data=call.data))
    actions.excuse(found, **asked, by=call.user, at=call.at)
    return running.case


# --- notices that hang


@section.act("/cases/{int:pk}/turns/{int:turn}/postings", "登记公示", actions.post, form=PostForm)
def post_notice(call: Call, pk: int, turn: int) -> Case:
    running, found = _turn_for(call, pk, turn)
    stage = running.stage(found)
    require(rules.may_act(call.user, found, stage.actor))
    require(rules.may_post(stage))
    asked = call.filled(PostForm(data=call.data))
    actions.post(found, **asked, by=call.user, at=call.at)
    return running.case


@section.act(
    "/cases/{int:pk}/postings/{int:posting}/objections", "记下异议", actions.object_to,
    form=ObjectForm,
)  # fmt: skip
def object_to_notice(call: Call, pk: int, posting: int) -> Case:
    row = _case_for(call, pk)
    found = call.find(row.postings.select_related("turn__organization"), pk=posting)
    found.turn.case = row
    require(rules.may_object(call.user, found.turn))
    asked = call.filled(ObjectForm(data=call.data))
    actions.object_to(found, **asked, by=call.user, at=call.at)
    return row


@section.act(
    "/cases/{int:pk}/objections/{int:objection}/answer", "答复异议", actions.answer,
    form=AnswerForm,
)  # fmt: skip
def answer_objection(call: Call, pk: int, objection: int) -> Case:
    running = Running(_case_for(call, pk))
    rows = running.case.objections.select_related("posting__turn__organization")
    found = call.find(rows, pk=objection)
    turn = found.posting.turn
    turn.case = running.case
    require(rules.may_act(call.user, turn, running.stage(turn).actor))
    require(rules.may_answer(found))
    asked = call.filled(AnswerForm(data=call.data))
    actions.answer(found, **asked, by=call.user, at=call.at)
    return running.case


# --- papers that went out, common problems


class PapersFilter(PaperFilter, OfOrganization):
    """The filters of the page, and one organisation."""


@section.listing("/papers", "出具的文书，新的在前", PaperOut, PapersFilter)
def issued_papers(call: Call) -> dict[str, Any]:
    if not standing.may_anywhere(call.user, "cases.view"):
        raise Http404
    asked = call.filled(PapersFilter(*queries.books(call.user), data=call.query))
    rows = paper_views.narrowed(queries.issued(call.user), asked, call.today)
    if asked["organization"]:
        rows = rows.filter(organization=organization_for(call, asked["organization"]))
    return call.page(rows, lambda some: _papers(call, some))


@section.file("/papers/{int:pk}/word", "文书的 Word 文件", WORD)
def paper_word(call: Call, pk: int) -> Any:
    return page_of(paper_views.word_file, call, pk=pk)


@section.act("/papers/{int:pk}/annul", "作废文书", papers.annul, form=WhyForm)
def annul_paper(call: Call, pk: int) -> IssuedPaper:
    seen = IssuedPaper.objects.visible_to(call.user)
    found = call.find(seen.select_related("organization", "case"), pk=pk)
    require(rules.may_annul(call.user, found))
    asked = call.filled(WhyForm(data=call.data))
    return papers.annul(found, **asked, by=call.user, at=call.at)


@section.listing("/commons", "共性问题，没办结的在前", CommonLine)
def common_problems(call: Call) -> dict[str, Any]:
    return call.page(
        queries.with_turns(clusters.listed(call.user, call.today)),
        lambda some: [
            CommonLine(
                **_line(line), under=row.under, still=row.still, late=row.late  # type: ignore[attr-defined]
            )
            for line in queries.lines(some, call.today) for row in [line.case]
        ],
    )  # fmt: skip
