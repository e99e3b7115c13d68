"""The whole tree evaluated beside what is stored: asking for it, and what came out."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from zhibu.core import excel
from zhibu.core.http import SignedInRequest, download
from zhibu.core.jobs import is_worked
from zhibu.insight import recounting, rules, tasks, whole
from zhibu.insight.asking import top_asked
from zhibu.insight.models import Recount
from zhibu.organizations.models import Organization

PAGE = "insight/whole.html"


@login_required
@require_http_methods(["GET", "POST"])
def recount(request: SignedInRequest) -> HttpResponse:
    """What the last evaluation came to; POST asks for another.

    Where no worker runs it is done while the page waits. htmx asks for the progress alone.
    """
    now = timezone.now()
    top = top_asked(request, timezone.localdate(now))
    if not rules.may_recount(request.user, top):
        raise Http404
    if request.method == "POST":
        return _asked(request, top)
    row = recounting.latest()
    is_busy = row is not None and row.is_busy
    if request.htmx and not is_busy:
        return HttpResponseClientRefresh()
    if "export" in request.GET and row and row.outcome:
        return _sheet(top, row)
    context = {
        "top": top,
        "row": row,
        "is_busy": is_busy,
        "outcome": row.outcome if row else None,
        "lines": recounting.lines(row.outcome) if row and row.outcome else [],
        "missing": whole.missing(),
        "export": f"?organization={top.pk}&export=1" if row and row.outcome else None,
    }
    return render(request, f"{PAGE}#progress" if request.htmx else PAGE, context)


def _asked(request: SignedInRequest, top: Organization) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic():
        row, is_new = recounting.ask(top, by=request.user, at=now)
        has_worker = is_worked(now)
        if is_new and has_worker:
            tasks.recount_tree.enqueue(row.pk)
    if is_new and not has_worker:
        recounting.count(row, at=now)
    return redirect(f"{request.path}?organization={top.pk}")


def _sheet(top: Organization, row: Recount) -> HttpResponse:
    columns = [excel.Column(head, width) for head, width in
               (("谁", 30), ("应办", 30), ("编号", 12), ("哪里不一样", 60))]  # fmt: skip
    outcome: Any = row.outcome
    lines = recounting.lines(outcome)
    cells = ((line["where"], line["what"], line["obligation"], line["why"]) for line in lines)
    note = (
        f"重新算了 {outcome['evaluated']} 项，存着 {outcome['stored']} 项，"
        f"{outcome['differing']} 项不一样，截至 {outcome['on']}。"
    )
    name = f"{top.called} 重新计算全树"
    content = excel.workbook(name, columns, cells, note=note)
    return download(content, name=f"{name}.xlsx", content_type=excel.TYPE)
