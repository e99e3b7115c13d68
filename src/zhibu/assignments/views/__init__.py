from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.accounts.models import User
from zhibu.assignments import actions, queries, rules
from zhibu.assignments.forms import AssignForm, ChangeForm, CloseForm, DropForm, TaskFilter
from zhibu.assignments.models import Assignment
from zhibu.assignments.views.answering import detail_page, task_for
from zhibu.core import excel, hats, many
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, page_number, query_without
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

PAGE = 30


@login_required
@require_safe
def task_list(request: SignedInRequest) -> HttpResponse:
    """Tasks one may see: open ones first, nearest day first."""
    rows = Assignment.objects.visible_to(request.user).select_related("organization", "owner")
    form = TaskFilter(request.GET)
    form.is_valid()
    if form.cleaned_data.get("mine"):
        rows = rows.filter(owner=request.user.person_id or 0)
    found = queries.open_first(_filtered(rows, form.cleaned_data))
    today = timezone.localdate()
    if "export" in request.GET:
        columns = [
            excel.Column("事情", 36),
            excel.Column("谁办", 12),
            excel.Column("哪天前", 12),
            excel.Column("组织", 24),
            excel.Column("状态", 10),
            excel.Column("结果", 30),
        ]
        cells = (
            (
                row.title,
                row.owner.name if row.owner else "",
                row.due_on,
                row.organization.name,
                row.get_state_display(),
                row.note,
            )
            for row in found
        )
        content = excel.workbook("任务", columns, cells, note=f"截至 {today}")
        return download(content, name=f"任务{today}.xlsx", content_type=excel.TYPE)
    page = Paginator(found, PAGE).get_page(page_number(request))
    hat = hats.worn(request)
    context = {
        "page": page,
        "today": today,
        "open": found.filter(state=Assignment.State.OPEN).count(),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "form": form,
        "is_asked": any(form.cleaned_data.values()),
        "may_issue": bool(hat and hat.organization_id and hat.may("assignments.issue")),
        "may_assign": bool(hat and hat.organization_id and hat.may("assignments.change")),
    }
    return render(request, "assignments/assignment_list.html", context)


def _filtered(rows: QuerySet[Assignment], asked: dict[str, Any]) -> QuerySet[Assignment]:
    if asked.get("q"):
        rows = rows.filter(title__icontains=asked["q"])
    if asked.get("state"):
        rows = rows.filter(state=asked["state"])
    return rows


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return detail_page(request, task_for(request, pk), CloseForm())


@login_required
@require_http_methods(["POST"])
def complete(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_for(request, pk)
    form = CloseForm(request.POST)
    if form.is_valid():
        note = form.cleaned_data["note"]
        actions.complete(task, note=note, by=request.user, at=timezone.now())
        messages.success(request, f"“{task.title}”办好了。")
        return redirect(task)
    return detail_page(request, task, form)


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_for(request, pk)
    require(rules.may_cancel(request.user, task))
    form = DropForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.cancel(task, note=form.cleaned_data["note"], by=request.user, at=timezone.now())
        messages.success(request, f"“{task.title}”不办了。")
        return redirect(task)
    return render(request, "assignments/assignment_cancel.html", {"task": task, "form": form})


def _people(organization_id: int) -> list[tuple[int, str]]:
    """Whom a task of the organisation may be given to, by number."""
    people = Person.objects.belonging_to(organization_id, timezone.localdate())
    return list(people.order_by("pk").values_list("pk", "name"))


def _change(task: Assignment, values: dict[str, Any], by: User, at: datetime) -> Assignment:
    owner = get_object_or_404(Person, pk=int(values["owner"])) if values["owner"] else None
    return actions.change(task, owner=owner, due_on=values["due_on"], by=by, at=at)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another day or another owner for one task."""
    task = task_for(request, pk)
    require(rules.may_change(request.user, task))
    form = ChangeForm(_people(task.organization_id), request.POST or None)
    if form.is_valid() and attempt(
        form, lambda: _change(task, form.cleaned_data, request.user, timezone.now())
    ):
        messages.success(request, "改好了。")
        return redirect(task)
    return render(request, "assignments/assignment_change.html", {"task": task, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def change_many(request: SignedInRequest) -> HttpResponse:
    """The same for several open tasks of the hat's organisation."""
    hat = hats.worn(request)
    organization = get_object_or_404(
        Organization.objects.visible_to(request.user), pk=hat.organization_id if hat else None
    )
    require(rules.may_assign(request.user, organization))
    words = TaskFilter(request.GET)
    words.is_valid()
    rows = _filtered(Assignment.objects.visible_to(request.user).open(), words.cleaned_data)
    own = rows.filter(organization=organization, commission=None).select_related("owner")
    found = list(own.order_by("due_on", "pk")[: many.MOST + 1])
    now = timezone.now()
    errand = many.Errand(
        title="改日子、换人",
        offers=[_offer(task) for task in found[: many.MOST]],
        form=ChangeForm(_people(organization.pk), request.POST or None),
        act=lambda task, values: _change(task, values, request.user, now),
        change=lambda values: _changed(values, dict(_people(organization.pk))),
        back=reverse("assignments:list"),
        context={"crumb": "任务", "unit": "件", "is_cut": len(found) > many.MOST},
    )
    return many.answer(request, errand)


def _offer(task: Assignment) -> many.Offer[Assignment]:
    who = task.owner.name if task.owner else "还没定人"
    return many.Offer(task.pk, task, task.title, f"{who} · {task.due_on}前")


def _changed(values: dict[str, Any], names: dict[int, str]) -> str:
    """改到 2026-12-01 前，由顾长林办。"""
    said = []
    if values["due_on"]:
        said.append(f"改到 {values['due_on']} 前")
    if values["owner"]:
        said.append(f"由{names[int(values['owner'])]}办")
    return "，".join(said) + "。"


@login_required
@require_http_methods(["GET", "POST"])
def assign(request: SignedInRequest) -> HttpResponse:
    """Give somebody of the hat's organisation a task."""
    hat = hats.worn(request)
    organization = get_object_or_404(
        Organization.objects.visible_to(request.user),
        pk=hat.organization_id if hat else None,
    )
    require(rules.may_assign(request.user, organization))
    people = _people(organization.pk)
    form = AssignForm(people, request.POST or None)
    if request.method == "POST" and form.is_valid():
        owner = get_object_or_404(Person, pk=int(form.cleaned_data["owner"]))
        task = actions.assign(
            organization,
            title=form.cleaned_data["title"],
            owner=owner,
            due_on=form.cleaned_data["due_on"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, f"已派给{owner.name}。")
        return redirect(task)
    context = {"organization": organization, "form": form, "has_people": bool(people)}
    return render(request, "assignments/assignment_form.html", context)
