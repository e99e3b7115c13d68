"""Frozen reports: freezing one, the list, the page, the very workbook."""

from hashlib import sha256

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import charts as drawing
from zhibu.core import excel, standing
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, page_number, query_without
from zhibu.core.verdicts import require
from zhibu.documents.pages import TYPE as WORD
from zhibu.insight import actions, papers, rules, sheets
from zhibu.insight.asking import VIEW, question_asked
from zhibu.insight.forms import FreezeForm
from zhibu.insight.models import Report
from zhibu.insight.questions import Count
from zhibu.insight.views.counted import shown
from zhibu.ledger import printed

PAGE = 30


@login_required
@require_safe
def report_list(request: SignedInRequest) -> HttpResponse:
    """Reports within reach, newest first. Two queries."""
    if not standing.may_anywhere(request.user, VIEW):
        raise Http404
    rows = Report.objects.visible_to(request.user).select_related("organization", "frozen_by")
    rows = rows.defer("workbook", "chart").order_by("-frozen_at", "-pk")
    if "export" in request.GET:
        heads = (("报表", 36), ("组织", 24), ("数字截至", 12), ("当时知道的", 12), ("谁冻结", 12),
                 ("摘要", 66))  # fmt: skip
        cells = (
            (r.title, r.organization.name, r.true_on, r.known_on, r.frozen_by.display_name,
             r.workbook_digest)
            for r in rows
        )  # fmt: skip
        columns = [excel.Column(head, width) for head, width in heads]
        content = excel.workbook("冻结的报表", columns, cells)
        return download(content, name="冻结的报表.xlsx", content_type=excel.TYPE)
    context = {
        "page": Paginator(rows, PAGE).get_page(page_number(request)),
        "query": query_without(request, "page"),
        "export": "?export=1",
    }
    return render(request, "insight/report_list.html", context)


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """A report as it was frozen; its workbook to the byte."""
    rows = Report.objects.visible_to(request.user).select_related("organization", "frozen_by")
    report = get_object_or_404(rows, pk=pk)
    workbook = bytes(report.workbook)
    if "export" in request.GET:
        return download(workbook, name=f"{report.title}.xlsx", content_type=excel.TYPE)
    if "word" in request.GET:
        code = printed.code(report._meta.label_lower, report.pk, request)
        content = papers.of_report(report, code=code)
        return download(content, name=f"{report.title}.docx", content_type=WORD)
    context = {
        "report": report,
        "rows": [
            (row, [Count(*cell) for cell in row.cells]) for row in report.rows.order_by("number")
        ],
        "is_intact": _is_intact(workbook, report.workbook_digest)
        and _is_intact(bytes(report.chart), report.chart_digest),
    }
    return render(request, "insight/report.html", context)


def _is_intact(content: bytes, digest: str) -> bool:
    return (sha256(content).hexdigest() if content else "") == digest


@login_required
@require_safe
def chart(request: SignedInRequest, pk: int) -> HttpResponse:
    """The chart of a report as it was drawn when it was frozen."""
    report = get_object_or_404(Report.objects.visible_to(request.user), pk=pk)
    if not report.chart:
        raise Http404
    return drawing.answer(bytes(report.chart))


@login_required
@require_http_methods(["GET", "POST"])
def freeze(request: SignedInRequest) -> HttpResponse:
    """Show what will be kept and ask for its name; keep it."""
    question = question_asked(request, timezone.localdate())
    require(rules.may_freeze(request.user, question.scope.top))
    usual = f"{question.title} {question.scope.on}"[:100]
    form = FreezeForm(request.POST or None, initial={"title": usual})
    if request.method == "POST" and form.is_valid():
        made: list[Report] = []
        title = form.cleaned_data["title"]

        def act() -> None:
            made.append(actions.freeze(question, title=title, by=request.user, at=timezone.now()))

        if attempt(form, act):
            messages.success(request, f"“{title}”冻结好了，以后打开、导出都不变。")
            return redirect(made[0])
    table = shown(question, timezone.now()).table
    context = {
        "form": form,
        "question": question,
        "table": table,
        "lines": sheets.lines(table) if table else [],
    }
    return render(request, "insight/freeze.html", context)
