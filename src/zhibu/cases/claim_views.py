"""项目库: what waits to be claimed, for whoever serves there or reported in there."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.cases import actions, claiming, rules
from zhibu.cases.claiming import Line
from zhibu.cases.forms import ClaimForm
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Running
from zhibu.core import excel
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download_file, page_number, query_without, saved
from zhibu.core.verdicts import require

PAGE = 30
COLUMNS = (("急不急", 12), ("事情", 36), ("在哪里", 24), ("哪天提的", 12), ("哪天前", 12),
           ("写了什么", 60))  # fmt: skip


@login_required
@require_safe
def pool(request: SignedInRequest) -> HttpResponseBase:
    """What one may claim, the pressing first; to Excel."""
    user, today = request.user, timezone.localdate()
    turns = claiming.waiting(user, today)
    if "export" in request.GET:
        return _exported(claiming.lines(turns, today))
    page = Paginator(turns, PAGE).get_page(page_number(request))
    context = {
        "page": page,
        "lines": claiming.lines(page, today),
        "registrations": claiming.registrations(user, today),
        "query": query_without(request, "page"),
        "export": "?export=1",
    }
    return render(request, "cases/pool.html", context)


def _exported(lines: list[Line]) -> HttpResponseBase:
    cells = (
        (
            line.urgency, line.turn.case.title, line.turn.organization.name,
            line.turn.case.started_on, line.turn.due_on,
            "；".join(f"{title}：{said}" for title, said in line.facts),
        )
        for line in lines
    )  # fmt: skip
    today = timezone.localdate()
    columns = [excel.Column(title, width) for title, width in COLUMNS]
    file = excel.file("可以认领的事", columns, cells, note=f"截至 {today}")
    return download_file(file, name=f"可以认领的事{today}.xlsx", content_type=excel.TYPE)


@login_required
@require_http_methods(["GET", "POST"])
def take_on(request: SignedInRequest, turn: int) -> HttpResponse:
    """One of them: what was asked for, and claiming it, for which unit where there are several."""
    user, today = request.user, timezone.localdate()
    found = _turn(request, turn)
    running = Running(found.case)
    if found.is_claimed and found.person_id == user.person_id:
        return redirect(found.case)  # the second of two clicks
    require(rules.may_claim(user, found, running.stage(found).actor))
    by = [] if rules.acts_at(user, found) else claiming.covering(user, found.organization, today)
    form = ClaimForm(by, request.POST if request.method == "POST" else None)

    def claim() -> None:
        actions.claim(found, unit=form.unit, by=user, at=timezone.now())

    if request.method == "POST" and form.is_valid() and attempt(form, claim):
        saved(request, "认领了，现在轮到您办。")
        return redirect(found.case)
    context: dict[str, Any] = {
        "case": found.case, "line": claiming.lines([found], today)[0], "form": form,
        "cited": running.cited(running.stage(found).cites),
        "sees": Case.objects.visible_to(user).filter(pk=found.case_id).exists(),
    }  # fmt: skip
    return render(request, "cases/pool_one.html", context)


def _turn(request: SignedInRequest, pk: int) -> Turn:
    """An open turn of a case one may see, or that waits for one to claim it; who came too late is
    told who was first."""
    rows = Turn.objects.select_related("case__organization", "organization", "person")
    turn: Turn = get_object_or_404(rows.filter(claiming.claimable()), pk=pk)
    user, today = request.user, timezone.localdate()
    if Case.objects.visible_to(user).filter(pk=turn.case_id).exists():
        return turn
    theirs = Turn.objects.filter(
        claiming.claimable(registered=True), pk=pk, case__is_confidential=False
    )
    if not theirs.exists() or not claiming.covering(user, turn.organization, today):
        raise Http404
    return turn
