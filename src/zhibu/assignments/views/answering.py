"""The unit's side: a task's page, its two persons, its return; and judging it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from zhibu.assignments import actions, asked, queries, rules
from zhibu.assignments.forms import AnswerForm, NamesForm, ReasonForm
from zhibu.assignments.models import Answer, Assignment
from zhibu.core import fields
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, saved
from zhibu.core.verdicts import require
from zhibu.people.models import Person


def task_for(request: SignedInRequest, pk: int) -> Assignment:
    """The task, or 404 where this user may not even know of it."""
    rows = Assignment.objects.visible_to(request.user).select_related(
        "organization", "owner", "accountable", "post", "made_by", "closed_by",
        "commission__organization",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def detail_page(
    request: SignedInRequest, task: Assignment, form: BaseForm, *, judging: BaseForm | None = None
) -> HttpResponse:
    """The page of a task; ``form`` closes it, ``judging`` sends its return back."""
    commission = task.commission
    answers = list(task.answers.select_related("by", "judged_by").order_by("-number"))
    specs = commission.asked if commission else []
    context = {
        "task": task,
        "today": timezone.localdate(),
        "may_close": rules.may_close(request.user, task),
        "may_cancel": rules.may_cancel(request.user, task),
        "may_change": rules.may_change(request.user, task),
        "may_name": rules.may_name(request.user, task),
        "may_answer": rules.may_answer(request.user, task),
        "may_judge": rules.may_judge(request.user, task),
        "may_issue": bool(commission and rules.may_issue(request.user, commission.organization)),
        "answers": [(a, [(s.title, queries.said(s, a.content)) for s in specs]) for a in answers],
        "specs": specs,
        "form": form,
        "judging": judging or ReasonForm(),
    }
    return render(request, "assignments/assignment_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def name(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who answers for it, and who does it."""
    task = task_for(request, pk)
    require(rules.may_name(request.user, task))
    people = queries.candidates(task, timezone.localdate())
    initial = {"accountable": task.accountable_id, "owner": task.owner_id}
    form = NamesForm(people, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        named = {name: Person.objects.get(pk=int(pk)) for name, pk in form.cleaned_data.items()}
        act: Callable[[], object] = lambda: actions.name(  # noqa: E731
            task, accountable=named["accountable"], owner=named["owner"], by=request.user,
            at=timezone.now(),
        )  # fmt: skip
        if attempt(form, act):
            messages.success(request, "人定好了。")
            return redirect(task)
    return render(request, "assignments/names.html", {"task": task, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the return, or keep what is there so far."""
    task = task_for(request, pk)
    require(rules.may_answer(request.user, task))
    commission = task.commission
    assert commission is not None
    specs, keeps = commission.asked, "keep" in request.POST
    last = task.answers.order_by("-number").first()
    before = last.content if last else {}
    today = timezone.localdate()
    known = queries.filled(specs, task.organization, task.due_on, today)
    form = AnswerForm(
        specs, before, request.POST or None, request.FILES or None, in_part=keeps,
        initial=_initial(specs, before, known),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        act = actions.keep if keeps else actions.give
        given: Callable[[], object] = lambda: act(  # noqa: E731
            task, form.values(), by=request.user, at=timezone.now()
        )
        if attempt(form, given):
            saved(
                request, "存好了，还没交。" if keeps else "交上去了，等上级收。", draft=_draft(task)
            )
            return redirect(task)
    context = {
        "task": task,
        "commission": commission,
        "form": form,
        "rows": [
            (
                form[spec.id],
                known.get(spec.id),
                before.get(spec.id),
                asked.counted_over(spec, task.due_on, today),
            )
            for spec in specs
        ],
        "sent_back": last if last and last.state == Answer.State.SENT_BACK else None,
        "draft": _draft(task),
    }
    return render(request, "assignments/answer.html", context)


def _draft(task: Assignment) -> str:
    return f"answer:{task.pk}"


def _initial(specs: Any, before: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """What was given or kept before, else what the system knows."""
    found = {}
    for spec in specs:
        if spec.id in before and spec.type != "file":
            value = fields.get(spec.type).load(before[spec.id])
            found[spec.id] = ("yes" if value else "no") if spec.type == "yes-no" else value
        elif spec.id in known and known[spec.id].count is not None:
            found[spec.id] = known[spec.id].count
    return found


@login_required
@require_POST
def take(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_for(request, pk)
    actions.take(task, by=request.user, at=timezone.now())
    messages.success(request, f"收下了{task.organization.called}的回执。")
    return redirect(task.commission or task)


@login_required
@require_POST
def send_back(request: SignedInRequest, pk: int) -> HttpResponse:
    task = task_for(request, pk)
    require(rules.may_judge(request.user, task))
    form = ReasonForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.send_back(task, reason=reason, by=request.user, at=timezone.now())
        messages.success(request, f"退回了{task.organization.called}的回执。")
        return redirect(task.commission or task)
    return detail_page(request, task, ReasonForm(), judging=form)
