from datetime import date, datetime
from typing import Any

from django import forms
from django.http import Http404
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import May, OfOrganization, Ref, Said, may, organization_for
from zhibu.api.sections import Section
from zhibu.cases.forms import NoForm
from zhibu.core import standing
from zhibu.core.forms import line
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.people.queries import choosable
from zhibu.publishing import actions, drafting, queries, rules, topics
from zhibu.publishing.actions import Proposal
from zhibu.publishing.drafting import Offered
from zhibu.publishing.forms import (
    AnswerForm,
    CheckForm,
    EndForm,
    PostForm,
    ProposeForm,
    PublishForm,
    ReasonForm,
)
from zhibu.publishing.models import Posting, Publication, Voice
from zhibu.publishing.queries import VIEWS
from zhibu.publishing.topics import Topic

section = Section("公开")


class PublicationsFilter(OfOrganization):
    """What is on its way and out; below an organisation where one is given."""

    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    topic = line("哪一项", longest=200, required=False, hint="包编号:目录/事项编号。")
    q = line("标题", longest=60, required=False)


class TopicsFilter(forms.Form):
    """Whose catalogue."""

    is_filter = True
    organization = forms.IntegerField(label="哪个组织", min_value=1)


class RecordsFilter(TopicsFilter):
    topic = line("哪一项", longest=200, hint="包编号:目录/事项编号。")


class VoicesFilter(forms.Form):
    is_filter = True
    view = forms.ChoiceField(
        label="看哪些", required=False, choices=[("waiting", "等答复的"), ("over", "答复了的")]
    )


class ApiProposeForm(ProposeForm):
    """As the page asks, with the topic and the record that the page has in its address."""

    topic = line("哪一项", longest=200, hint="包编号:目录/事项编号。")
    record = line(
        "哪条记录", longest=100, required=False,
        hint="/publications/records 里的 key；不写是自己写。",
    )  # fmt: skip
    replaces = forms.IntegerField(
        label="代替哪一条", required=False, min_value=1,
        help_text="出新的一版才写，原来那条的编号。",
    )  # fmt: skip


class PublicationLine(Schema):
    id: int
    title: str
    topic: str
    organization: Ref
    scope: str
    state: str
    version: int
    published_on: date | None
    hang_until: date | None


class LineOut(Schema):
    label: str
    text: str
    masked: bool


class PostingOut(Schema):
    id: int
    channel: str
    place: str
    posted_on: date
    until: date | None


class StatusOut(Schema):
    """How the record behind it stands now."""

    state: str
    since: date
    due_on: date | None


class PublicationOut(PublicationLine):
    """``lines`` and ``note`` as whoever it is for sees them; ``steps`` for those of the place."""

    lines: list[LineOut]
    note: str
    postings: list[PostingOut]
    answered: list[Said]
    status: StatusOut | None
    reason: str
    steps: list[Said]
    questions: dict[str, str]
    may: dict[str, May]


class TopicOut(Schema):
    topic: str
    title: str
    scope: str
    cadence: str
    basis: str
    last: int | None
    owed_until: date | None


class RecordOut(Schema):
    key: str
    title: str
    on: date


class VoiceLine(Schema):
    id: int
    kind: str
    publication: int
    at: datetime
    said: str
    answer: str
    in_public: bool | None
    stands: bool | None


def _line(one: Publication) -> dict[str, Any]:
    return {
        "id": one.pk, "title": one.title, "topic": one.topic,
        "organization": Ref.to(one.organization), "scope": one.scope, "state": one.state,
        "version": one.version, "published_on": one.published_on, "hang_until": one.hang_until,
    }  # fmt: skip


@section.listing("/publications", "公开：在办的、公开着的，新的在前", PublicationLine,
                 PublicationsFilter)  # fmt: skip
def publications(call: Call) -> dict[str, Any]:
    asked = call.filled(PublicationsFilter(data=call.query))
    place = organization_for(call, asked["organization"]) if asked["organization"] else None
    rows = queries.listed(
        call.user, asked["view"] or "all", call.today, place=place, topic=asked["topic"],
        text=asked["q"],
    )  # fmt: skip
    return call.page(rows, lambda some: [PublicationLine(**_line(one)) for one in some])


def _place(call: Call, pk: int) -> Organization:
    """Where this user sees what is on its way; 404 elsewhere."""
    found = organization_for(call, pk)
    if not standing.may(call.user, "publishing.view", found.path):
        raise Http404
    return found


@section.listing("/publications/topics", "公开目录：这个组织公开哪些事", TopicOut, TopicsFilter)
def publication_topics(call: Call) -> dict[str, Any]:
    place = _place(call, call.filled(TopicsFilter(data=call.query))["organization"])
    return call.page(
        queries.due(place, call.today),
        lambda some: [
            TopicOut(
                topic=one.topic.token, title=one.topic.title, scope=one.topic.rule.scope,
                cadence=one.topic.rule.cadence, basis=one.topic.cited,
                last=one.last.pk if one.last else None,
                owed_until=one.period.last_day if one.period and not one.is_done else None,
            )
            for one in some
        ],
    )  # fmt: skip


def _topic(call: Call, place: Organization, token: str) -> Topic:
    found = topics.in_force(place, call.today).get(token)
    if found is None:
        raise Http404
    return found


@section.listing("/publications/records", "一项可以从哪些记录里出", RecordOut, RecordsFilter)
def publication_records(call: Call) -> dict[str, Any]:
    asked = call.filled(RecordsFilter(data=call.query))
    place = _place(call, asked["organization"])
    found = drafting.offered(call.user, place, _topic(call, place, asked["topic"]))
    return call.page(
        found,
        lambda some: [
            RecordOut(key=one.key, title=one.candidate.title, on=one.candidate.on) for one in some
        ],
    )


def _publication_for(call: Call, pk: int) -> Publication:
    rows = Publication.objects.visible_to(call.user).select_related(
        "organization__parent", "proposed_by", "checked_by", "approved_by", "published_by"
    )
    return call.find(rows, pk=pk)


@section.one("/publications/{int:pk}", "一条公开：写了什么，在哪里，能办什么", PublicationOut,
             Publication)  # fmt: skip
def publication(call: Call, pk: int) -> PublicationOut:
    one, user = _publication_for(call, pk), call.user
    is_staff = standing.may(user, "publishing.view", one.organization.path)
    status = queries.statuses([one]).get(one.pk)
    hung = queries.hung(one, call.today) if one.is_out else []
    answered = queries.answered_in_public(one) if one.is_public else []
    return PublicationOut(
        **_line(one),
        lines=[LineOut(**row) for row in one.lines],
        note=one.note,
        postings=[
            PostingOut(
                id=row.posting.pk, channel=row.posting.channel, place=row.posting.place,
                posted_on=row.posting.posted_on, until=row.posting.until,
            )
            for row in hung
        ],
        answered=[Said(title=voice.asked, text=voice.answer) for voice in answered],
        status=StatusOut(state=status.word, since=status.since, due_on=status.due_on)
        if status
        else None,
        reason=one.stopped_because,
        steps=_steps(one) if is_staff else [],
        questions=dict(actions.questions(one)) if is_staff else {},
        may=may(
            check_publication=rules.may_check(user, one),
            approve_publication=rules.may_approve(user, one),
            publish_publication=rules.may_publish(user, one),
            return_publication=rules.may_return(user, one),
            withdraw_publication=rules.may_withdraw(user, one),
            look_at_publication_again=rules.may_look_again(user, one),
            post_publication=rules.may_post(user, one),
        ),
    )  # fmt: skip


def _steps(one: Publication) -> list[Said]:
    """Who did what, of those steps that were done."""
    done = (
        ("提出", one.proposed_by), ("审核", one.checked_by), ("审批", one.approved_by),
        ("公开", one.published_by),
    )  # fmt: skip
    return [Said(title=title, text=by.display_name) for title, by in done if by]


@section.act("/organizations/{int:pk}/publications", "拟公开", actions.propose,
             form=ApiProposeForm, is_open=True)  # fmt: skip
def propose_publication(call: Call, pk: int) -> Publication:
    place = _place(call, pk)
    require(rules.may_propose(call.user, place))
    topic = _topic(call, place, call.data.get("topic", ""))
    offered = _record(call, place, topic)
    people: list[tuple[int, str]] = []
    if topic.is_for_named:
        people = choosable(place.pk, call.today)
    asked = call.filled(ApiProposeForm(topic, people, data=call.data, is_drawn=offered is not None))
    proposal = Proposal(
        topic=topic.token, title=asked["title"], note=asked["note"],
        source=offered.source if offered else "",
        record=offered.candidate.record if offered else None,
        since=asked.get("since"), until=asked.get("until"),
        is_followed=bool(asked.get("is_followed")),
        audience=[int(one) for one in asked.get("audience", [])], replaces=asked["replaces"],
    )  # fmt: skip
    return actions.propose(place, proposal, by=call.user, at=call.at)


def _record(call: Call, place: Organization, topic: Topic) -> Offered | None:
    """The record that is named; 404 for one that cannot be drafted here."""
    wanted = call.data.get("record", "")
    if not wanted:
        return None
    for one in drafting.offered(call.user, place, topic):
        if one.key == wanted:
            return one
    raise Http404


@section.act("/publications/{int:pk}/check", "审核通过", actions.check, form=CheckForm)
def check_publication(call: Call, pk: int) -> Publication:
    """``checks``: every one of ``questions`` that was looked at."""
    one = _publication_for(call, pk)
    require(rules.may_check(call.user, one))
    asked = call.filled(CheckForm(actions.questions(one), data=call.data))
    return actions.check(one, looked_at=asked["checks"], by=call.user, at=call.at)


@section.act("/publications/{int:pk}/approve", "审批同意", actions.approve)
def approve_publication(call: Call, pk: int) -> Publication:
    one = _publication_for(call, pk)
    require(rules.may_approve(call.user, one))
    return actions.approve(one, by=call.user, at=call.at)


@section.act("/publications/{int:pk}/publish", "公开", actions.publish, form=PublishForm)
def publish_publication(call: Call, pk: int) -> Publication:
    one = _publication_for(call, pk)
    require(rules.may_publish(call.user, one))
    asked = call.filled(PublishForm(actions.least(one, call.today), data=call.data))
    return actions.publish(one, **asked, by=call.user, at=call.at)


@section.act("/publications/{int:pk}/return", "退回", actions.send_back, form=ReasonForm)
def return_publication(call: Call, pk: int) -> Publication:
    one = _publication_for(call, pk)
    require(rules.may_return(call.user, one))
    return actions.send_back(
        one, **call.filled(ReasonForm(data=call.data)), by=call.user, at=call.at
    )


@section.act("/publications/{int:pk}/withdraw", "撤下", actions.withdraw, form=ReasonForm)
def withdraw_publication(call: Call, pk: int) -> Publication:
    one = _publication_for(call, pk)
    require(rules.may_withdraw(call.user, one))
    return actions.withdraw(
        one, **call.filled(ReasonForm(data=call.data)), by=call.user, at=call.at
    )


@section.act(
    "/publications/{int:pk}/look-again", "再看了一遍，还用", actions.look_again, form=NoForm
)
def look_at_publication_again(call: Call, pk: int) -> Publication:
    one = _publication_for(call, pk)
    require(rules.may_look_again(call.user, one))
    call.filled(NoForm(data=call.data))
    return actions.look_again(one, by=call.user, at=call.at)


@section.act("/publications/{int:pk}/post", "登记贴在哪里", actions.post, form=PostForm)
def post_publication(call: Call, pk: int) -> Publication:
    one = _publication_for(call, pk)
    require(rules.may_post(call.user, one))
    actions.post(one, **call.filled(PostForm(data=call.data)), by=call.user, at=call.at)
    return one


@section.act("/publications/{int:pk}/postings/{int:posting}/end", "登记取下", actions.end_posting,
             form=EndForm)  # fmt: skip
def end_posting(call: Call, pk: int, posting: int) -> Publication:
    one = _publication_for(call, pk)
    require(rules.may_propose(call.user, one.organization))
    found = call.find(Posting.objects.filter(publication=one), pk=posting)
    asked = call.filled(EndForm(data=call.data))
    actions.end_posting(found, until=asked["until"], by=call.user, at=call.at)
    return one


def _voice(one: Voice) -> VoiceLine:
    return VoiceLine(
        id=one.pk, kind=one.kind, publication=one.publication_id, at=one.at, said=one.said,
        answer=one.answer, in_public=one.in_public, stands=one.stands,
    )  # fmt: skip


@section.listing("/voices", "群众的问题和异议；联系方式只在网页上看", VoiceLine, VoicesFilter)
def voices(call: Call) -> dict[str, Any]:
    if not standing.may_anywhere(call.user, "publishing.answer"):
        raise Http404
    asked = call.filled(VoicesFilter(data=call.query))
    rows = queries.voices(call.user, waiting=asked["view"] != "over")
    return call.page(rows, lambda some: [_voice(one) for one in some])


@section.act("/voices/{int:pk}/answer", "答复问题或异议", actions.answer, form=AnswerForm,
             is_open=True)  # fmt: skip
def answer_voice(call: Call, pk: int) -> Publication:
    """``stands`` for an objection: whether it was right."""
    rows = Voice.objects.visible_to(call.user).select_related("publication__organization__parent")
    found = call.find(rows, pk=pk)
    require(rules.may_answer(call.user, found))
    asked = call.filled(AnswerForm(found, data=call.data))
    stands = {"yes": True, "no": False}.get(asked.get("stands", ""))
    answered = actions.answer(
        found, text=asked["answer"], in_public=asked["in_public"] == "yes", asked=asked["asked"],
        stands=stands, by=call.user, at=call.at,
    )  # fmt: skip
    return answered.publication
