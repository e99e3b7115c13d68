from datetime import date
from typing import Any

from django import forms
from ninja import Schema

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
    said,
)
from zhibu.api.sections import Section
from zhibu.assignments import actions, queries, rules
from zhibu.assignments.commissions import Target
from zhibu.assignments.forms import (
    AnswerForm,
    AssignForm,
    ChangeForm,
    CloseForm,
    CommissionFilter,
    DropForm,
    IssueForm,
    NamesForm,
    ReasonForm,
    TaskFilter,
)
from zhibu.assignments.models import Assignment, Commission
from zhibu.assignments.views import issuing
from zhibu.core.verdicts import require
from zhibu.people.models import Person

section = Section("任务和交办")


class TasksFilter(TaskFilter, OfOrganization):
    """The filters of the page, and one organisation."""


class TaskLine(Schema):
    id: int
    title: str
    organization: Ref
    owner: Ref | None
    due_on: date
    state: str
    note: str
    commission: int | None


class AnswerOut(Schema):
    number: int
    state: str
    values: list[Said]


class TaskOut(TaskLine):
    accountable: Ref | None
    asked: list[Asked]
    answers: list[AnswerOut]
    may: dict[str, May]


def _line(row: Assignment) -> dict[str, Any]:
    return {
        "id": row.pk, "title": row.title, "organization": Ref.to(row.organization),
        "owner": Ref.of(row.owner), "due_on": row.due_on, "state": row.state,
        "note": row.note, "commission": row.commission_id,
    }  # fmt: skip


@section.listing("/tasks", "任务，没办的在前", TaskLine, TasksFilter)
def tasks(call: Call) -> dict[str, Any]:
    asked = call.filled(TasksFilter(data=call.query))
    rows = Assignment.objects.visible_to(call.user).select_related("organization", "owner")
    if asked["organization"]:
        rows = rows.filter(organization=organization_for(call, asked["organization"]))
    if asked["mine"]:
        rows = rows.filter(owner=call.user.person_id or 0)
    if asked["q"]:
        rows = rows.filter(title__icontains=asked["q"])
    if asked["state"]:
        rows = rows.filter(state=asked["state"])
    return call.page(
        queries.open_first(rows), lambda some: [TaskLine(**_line(row)) for row in some]
    )


def task_for(call: Call, pk: int) -> Assignment:
    rows = Assignment.objects.visible_to(call.user).select_related(
        "organization", "owner", "accountable", "post", "commission__organization"
    )
    return call.find(rows, pk=pk)


@section.one("/tasks/{int:pk}", "一件任务：要交什么，交了什么", TaskOut, Assignment)
def task(call: Call, pk: int) -> TaskOut:
    row, user = task_for(call, pk), call.user
    specs = row.commission.asked if row.commission else []
    answers = row.answers.order_by("-number")
    return TaskOut(
        **_line(row),
        accountable=Ref.of(row.accountable),
        asked=Asked.of(specs),
        answers=[
            AnswerOut(
                number=one.number, state=one.state,
                values=said((spec.title, queries.said(spec, one.content)) for spec in specs),
            )
            for one in answers
        ],
        may=may(
            complete_task=rules.may_close(user, row), cancel_task=rules.may_cancel(user, row),
            change_task=rules.may_change(user, row), name_people=rules.may_name(user, row),
            give_answer=rules.may_answer(user, row), take_answer=rules.may_judge(user, row),
        ),
    )  # fmt: skip


def _people(organization_id: int, on: date) -> list[tuple[int, str]]:
    people = Person.objects.belonging_to(organization_id, on)
    return list(people.order_by("pk").values_list("pk", "name"))


@section.act("/organizations/{int:pk}/tasks", "派任务", actions.assign, form=AssignForm)
def assign_task(call: Call, pk: int) -> Assignment:
    found = organization_for(call, pk)
    require(rules.may_assign(call.user, found))
    asked = call.filled(AssignForm(_people(found.pk, call.today), data=call.data))
    owner = call.find(Person.objects.all(), pk=int(asked.pop("owner")))
    return actions.assign(found, **asked, owner=owner, by=call.user, at=call.at)


@section.act("/tasks/{int:pk}/complete", "办好一件任务", actions.complete, form=CloseForm)
def complete_task(call: Call, pk: int) -> Assignment:
    row = task_for(call, pk)
    require(rules.may_close(call.user, row))
    asked = call.filled(CloseForm(data=call.data))
    return actions.complete(row, **asked, by=call.user, at=call.at)


@section.act("/tasks/{int:pk}/cancel", "任务不办了", actions.cancel, form=DropForm)
def cancel_task(call: Call, pk: int) -> Assignment:
    row = task_for(call, pk)
    require(rules.may_cancel(call.user, row))
    asked = call.filled(DropForm(data=call.data))
    return actions.cancel(row, **asked, by=call.user, at=call.at)


@section.act("/tasks/{int:pk}/change", "改日子、换人", actions.change, form=ChangeForm)
def change_task(call: Call, pk: int) -> Assignment:
    row = task_for(call, pk)
    require(rules.may_change(call.user, row))
    asked = call.filled(ChangeForm(_people(row.organization_id, call.today), data=call.data))
    owner = call.find(Person.objects.all(), pk=int(asked["owner"])) if asked["owner"] else None
    return actions.change(row, owner=owner, due_on=asked["due_on"], by=call.user, at=call.at)


# --- returns


@section.act("/tasks/{int:pk}/names", "定负责人和办的人", actions.name, form=NamesForm)
def name_people(call: Call, pk: int) -> Assignment:
    row = task_for(call, pk)
    require(rules.may_name(call.user, row))
    asked = call.filled(NamesForm(queries.candidates(row, call.today), data=call.data))
    named = {role: call.find(Person.objects.all(), pk=int(pk)) for role, pk in asked.items()}
    actions.name(row, accountable=named["accountable"], owner=named["owner"], by=call.user,
                 at=call.at)  # fmt: skip
    return row


def _answer(call: Call, pk: int, *, in_part: bool) -> tuple[Assignment, dict[str, Any]]:
    """The task and the values sent. A file is attached on the page."""
    row = task_for(call, pk)
    require(rules.may_answer(call.user, row))
    assert row.commission is not None
    last = row.answers.order_by("-number").first()
    form = AnswerForm(
        row.commission.asked, last.content if last else {}, data=call.data, in_part=in_part
    )
    return row, call.valid(form).values()


@section.act("/tasks/{int:pk}/answer", "交回执", actions.give, is_open=True)
def give_answer(call: Call, pk: int) -> Assignment:
    row, values = _answer(call, pk, in_part=False)
    actions.give(row, values, by=call.user, at=call.at)
    return row


@section.act("/tasks/{int:pk}/answer/keep", "先存着回执", actions.keep, is_open=True)
def keep_answer(call: Call, pk: int) -> Assignment:
    row, values = _answer(call, pk, in_part=True)
    actions.keep(row, values, by=call.user, at=call.at)
    return row


@section.act("/tasks/{int:pk}/take", "收下回执", actions.take)
def take_answer(call: Call, pk: int) -> Assignment:
    row = task_for(call, pk)
    require(rules.may_judge(call.user, row))
    return actions.take(row, by=call.user, at=call.at)


@section.act("/tasks/{int:pk}/send-back", "退回回执", actions.send_back, form=ReasonForm)
def send_back_answer(call: Call, pk: int) -> Assignment:
    row = task_for(call, pk)
    require(rules.may_judge(call.user, row))
    asked = call.filled(ReasonForm(data=call.data))
    return actions.send_back(row, **asked, by=call.user, at=call.at)


# --- handed down


class CommissionLine(Schema):
    id: int
    title: str
    organization: Ref
    due_on: date
    is_open: bool


class UnitOut(Schema):
    """One unit's part: in which state, by the code of the unit."""

    task: int
    organization: Ref
    owner: Ref | None
    state: str
    is_late: bool
    values: list[Said]


class CommissionOut(CommissionLine):
    text: str
    basis: str
    minutes: int
    asked: list[Asked]
    units: list[UnitOut]
    may: dict[str, May]


def _commission_line(row: Commission) -> dict[str, Any]:
    return {
        "id": row.pk, "title": row.title, "organization": Ref.to(row.organization),
        "due_on": row.due_on, "is_open": row.is_open,
    }  # fmt: skip


@section.listing("/commissions", "交办，新的在前", CommissionLine, CommissionFilter)
def commissions(call: Call) -> dict[str, Any]:
    asked = call.filled(CommissionFilter(data=call.query))
    rows = Commission.objects.visible_to(call.user).select_related("organization")
    if asked["q"]:
        rows = rows.filter(title__icontains=asked["q"])
    return call.page(
        rows.order_by("-made_at", "-pk"),
        lambda some: [CommissionLine(**_commission_line(row)) for row in some],
    )


def _commission_for(call: Call, pk: int) -> Commission:
    rows = Commission.objects.visible_to(call.user).select_related("organization")
    return call.find(rows, pk=pk)


@section.one("/commissions/{int:pk}", "一件交办：谁交了什么", CommissionOut, Commission)
def commission(call: Call, pk: int) -> CommissionOut:
    row = _commission_for(call, pk)
    specs = row.asked
    titles = [spec.title for spec in specs]
    return CommissionOut(
        **_commission_line(row),
        text=row.text,
        basis=row.basis,
        minutes=row.minutes,
        asked=Asked.of(specs),
        units=[
            UnitOut(
                task=each.assignment.pk, organization=Ref.to(each.assignment.organization),
                owner=Ref.of(each.assignment.owner), state=each.word, is_late=each.is_late,
                values=said(zip(titles, each.cells, strict=True)),
            )
            for each in queries.rows(row, call.today)
        ],
        may=may(withdraw_commission=rules.may_withdraw(call.user, row)),
    )  # fmt: skip


@section.file("/commissions/{int:pk}/paper", "回执汇总的 Word 文件", WORD)
def commission_paper(call: Call, pk: int) -> Any:
    return page_of(issuing.paper, call, pk=pk)


class IssueDownForm(IssueForm):
    """What is handed down; ``unit`` narrows it to some units, all where it is left out."""

    unit = forms.TypedMultipleChoiceField(
        label="只给这些单位", coerce=int, required=False, help_text="组织的编号；不写就是全部。"
    )


@section.act(
    "/organizations/{int:pk}/commissions", "往下交办", actions.issue, form=IssueDownForm,
    is_open=True,
)  # fmt: skip
def issue_commission(call: Call, pk: int) -> Commission:
    """What it costs those below is shown on the page before it is sent; here it is not."""
    found = organization_for(call, pk)
    require(rules.may_issue(call.user, found))
    offered = queries.forms_offered(found, call.today)
    form = IssueDownForm(offered, issuing.posts_below(found), data=call.data)
    named = call.data.getlist("unit")
    choices: Any = form.fields["unit"]
    choices.choices = [(text, text) for text in named if text.isdecimal() and len(text) < 19]
    targets = issuing.targets_of(found, call.valid(form))
    ticked = set(form.cleaned_data["unit"])
    chosen: list[Target] = [t for t in targets if not ticked or t.unit.pk in ticked]
    if not chosen:
        raise Faults({"kinds": ["下面没有这样的组织。换一类，或者去掉领域、职务。"]})
    if ticked - {target.unit.pk for target in chosen}:
        raise Faults({"unit": ["有的单位不在下面，或者不是这一类。请核对编号。"]})
    return actions.issue(found, form.draft(), chosen, by=call.user, at=call.at)


@section.act("/commissions/{int:pk}/remind", "提醒没交的", actions.remind)
def remind_commission(call: Call, pk: int) -> int:
    row = _commission_for(call, pk)
    require(rules.may_issue(call.user, row.organization))
    return actions.remind(row, by=call.user, at=call.at)


@section.act("/commissions/{int:pk}/withdraw", "撤回交办", actions.withdraw, form=ReasonForm)
def withdraw_commission(call: Call, pk: int) -> Commission:
    row = _commission_for(call, pk)
    require(rules.may_withdraw(call.user, row))
    asked = call.filled(ReasonForm(data=call.data))
    return actions.withdraw(row, **asked, by=call.user, at=call.at)
