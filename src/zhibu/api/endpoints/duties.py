from datetime import date
from typing import Any

from django import forms
from django.http import Http404
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import May, OfOrganization, Ref, may, organization_for
from zhibu.api.sections import Section
from zhibu.core.verdicts import require
from zhibu.duties import actions, queries, rules
from zhibu.duties.forms import ExemptForm, ExplainForm, TalkForm
from zhibu.duties.models import Exemption, Explanation, Obligation, Talk
from zhibu.people.models import Person

section = Section("应办")

STATES = [("", "全部"), ("waiting", "没办的"), ("overdue", "过期没办的"), ("done", "办了的")]


class DutyFilter(OfOrganization):
    """Narrowed by state, and by the days they are due on."""

    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    since = forms.DateField(label="到期日从", required=False)
    until = forms.DateField(label="到期日到", required=False)


class DutyLine(Schema):
    """``state`` is as of today; ``cited`` the article as a page writes it."""

    id: int
    organization: Ref
    holder: str
    title: str
    period: str
    due_on: date
    required: int
    done: int
    done_on: date | None
    state: str
    word: str
    cited: str


class DutyOut(DutyLine):
    activities: list[int]
    publications: list[int]
    explanations: list[str]
    exemption: str
    may: dict[str, May]


def _line(owed: queries.Owed) -> dict[str, Any]:
    row = owed.obligation
    return {
        "id": row.pk, "organization": Ref.to(row.organization), "holder": owed.holder,
        "title": owed.duty.title, "period": owed.period, "due_on": row.due_on,
        "required": row.required, "done": row.done, "done_on": row.done_on,
        "state": owed.state, "word": owed.word, "cited": owed.cited,
    }  # fmt: skip


@section.listing("/duties", "应办，先到期的在前", DutyLine, DutyFilter)
def duties(call: Call) -> dict[str, Any]:
    """What an organisation, a group, a post or a person owes in a period."""
    asked = call.filled(DutyFilter(data=call.query))
    rows = Obligation.objects.visible_to(call.user).owed().select_related("organization")
    if asked["organization"]:
        rows = rows.filter(organization=organization_for(call, asked["organization"]))
    match asked["state"]:
        case "waiting":
            rows = rows.waiting(call.today)
        case "overdue":
            rows = rows.overdue(call.today)
        case "done":
            rows = rows.done(call.today)
    if asked["since"]:
        rows = rows.filter(due_on__gte=asked["since"])
    if asked["until"]:
        rows = rows.filter(due_on__lte=asked["until"])
    return call.page(
        rows.order_by("due_on", "pk"),
        lambda some: [DutyLine(**_line(owed)) for owed in queries.worded(some, call.today)],
    )


def _duty_for(call: Call, pk: int) -> Obligation:
    rows = Obligation.objects.visible_to(call.user)
    return call.find(rows.select_related("organization"), pk=pk)


def _same(row: Obligation) -> dict[str, Any]:
    """What names the obligation in what is said about it."""
    return {
        "holder_kind": row.holder_kind, "holder_id": row.holder_id, "pack": row.pack,
        "duty": row.duty, "period_since": row.period_since,
    }  # fmt: skip


@section.one("/duties/{int:pk}", "一项应办", DutyOut, Obligation)
def duty(call: Call, pk: int) -> DutyOut:
    row = _duty_for(call, pk)
    owed = next(iter(queries.worded([row], call.today)), None)
    if owed is None:
        raise Http404
    exemption = Exemption.objects.filter(**_same(row), withdrawn_at=None).first()
    words = Explanation.objects.filter(**_same(row)).order_by("-given_at")
    return DutyOut(
        **_line(owed),
        activities=row.activities,
        publications=[-pk for pk in row.credited_by if pk < 0],
        explanations=[one.text for one in words],
        exemption=exemption.reason if exemption else "",
        may=may(
            exempt=rules.may_exempt(call.user, row),
            explain=rules.may_explain(call.user, row, call.today),
        ),
    )


@section.act("/duties/{int:pk}/exempt", "免办", actions.exempt, form=ExemptForm)
def exempt(call: Call, pk: int) -> Obligation:
    row = _duty_for(call, pk)
    require(rules.may_exempt(call.user, row))
    asked = call.filled(ExemptForm(data=call.data))
    actions.exempt(row, **asked, by=call.user, at=call.at)
    return row


@section.act("/duties/{int:pk}/exempt/withdraw", "取消免办", actions.withdraw_exemption)
def withdraw_exemption(call: Call, pk: int) -> Obligation:
    row = _duty_for(call, pk)
    exemption = call.find(Exemption.objects.all(), **_same(row), withdrawn_at=None)
    require(rules.may_withdraw_exemption(call.user, exemption))
    actions.withdraw_exemption(exemption, by=call.user, at=call.at)
    return row


@section.act("/duties/{int:pk}/explain", "说明情况", actions.explain, form=ExplainForm)
def explain(call: Call, pk: int) -> Obligation:
    row = _duty_for(call, pk)
    require(rules.may_explain(call.user, row, call.today))
    asked = call.filled(ExplainForm(data=call.data))
    actions.explain(row, **asked, by=call.user, at=call.at)
    return row


# --- talks: a day and two people, nothing of what was said


class TalkOut(Schema):
    id: int
    kind: str
    first: Ref
    second: Ref
    held_on: date
    is_confirmed: bool
    is_withdrawn: bool


def _own(call: Call) -> Person:
    rows = Person.objects.select_related("home").filter(home__isnull=False)
    return call.find(rows, pk=call.user.person_id or 0)


@section.listing("/talks", "自己的谈心谈话，新的在前", TalkOut)
def talks(call: Call) -> dict[str, Any]:
    rows = Talk.objects.of_person(_own(call).pk).select_related("first", "second")
    return call.page(
        rows.order_by("-held_on", "-pk"),
        lambda some: [
            TalkOut(
                id=row.pk, kind=row.kind, first=Ref.to(row.first), second=Ref.to(row.second),
                held_on=row.held_on,
                is_confirmed=bool(row.first_confirmed_at and row.second_confirmed_at),
                is_withdrawn=row.withdrawn_at is not None,
            )
            for row in some
        ],
    )  # fmt: skip


@section.act("/talks", "记谈心谈话", actions.record_talk, form=TalkForm)
def record_talk(call: Call) -> Talk:
    own = _own(call)
    assert own.home is not None
    form = TalkForm(
        data=call.data, kinds=queries.talk_kinds(own.home, call.today),
        people=queries.to_talk_with(own, own.home, call.today), today=call.today,
    )  # fmt: skip
    asked = call.filled(form)
    second = call.find(Person.objects.all(), pk=asked.pop("other"))
    return actions.record_talk(first=own, second=second, **asked, by=call.user, at=call.at)


def _talk_for(call: Call, pk: int) -> Talk:
    rows = Talk.objects.visible_to(call.user)
    return call.find(rows.select_related("first", "second", "organization"), pk=pk)


class WhoForm(forms.Form):
    """For whom: oneself where it is left out."""

    person = forms.IntegerField(
        label="替谁确认", required=False, min_value=1, help_text="自己确认就不写。"
    )


@section.act("/talks/{int:pk}/confirm", "确认谈心谈话", actions.confirm_talk, form=WhoForm)
def confirm_talk(call: Call, pk: int) -> Talk:
    talk = _talk_for(call, pk)
    asked = call.filled(WhoForm(data=call.data))["person"] or call.user.person_id
    person = {side.pk: side for side in (talk.first, talk.second)}.get(asked or 0)
    if person is None:
        raise Http404
    require(rules.may_confirm_talk(call.user, talk, person))
    return actions.confirm_talk(talk, person=person, by=call.user, at=call.at)


@section.act("/talks/{int:pk}/withdraw", "撤回谈心谈话", actions.withdraw_talk)
def withdraw_talk(call: Call, pk: int) -> Talk:
    talk = _talk_for(call, pk)
    require(rules.may_withdraw_talk(call.user, talk))
    return actions.withdraw_talk(talk, by=call.user, at=call.at)
