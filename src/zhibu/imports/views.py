"""The wizard on one path: upload, columns and preview, bring in, result, take back."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from zhibu.core import excel
from zhibu.core.http import SignedInRequest, download, page_number, query_without
from zhibu.core.jobs import is_worked
from zhibu.core.verdicts import Refused, no, require
from zhibu.imports import actions, blanks, jobs, queries, rules, storage, targets
from zhibu.imports.forms import CLEAN, DoorForm, UploadForm
from zhibu.imports.models import Batch
from zhibu.imports.targets import Ground

PAGE = 30
FAULTS = 50
DETAIL = "imports/batch_detail.html"


def _batch_for(request: SignedInRequest, pk: int) -> Batch:
    """The import, or 404 where this user may not even know of it."""
    return get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)


def _require_somewhere(request: SignedInRequest) -> None:
    """403 with the reason for somebody who may import nowhere."""
    if not rules.grounds(request.user):
        raise Refused(no(rules.NOT_YOURS))


@login_required
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    _require_somewhere(request)
    batches = Batch.objects.visible_to(request.user).newest_first()
    page = Paginator(batches, PAGE).get_page(page_number(request))
    names = queries.names_of(list(page))
    rows = [(row, names.get(row.by_id, ""), queries.made_in_words(row)) for row in page]
    context = {"page": page, "rows": rows}
    return render(request, "imports/batch_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    _require_somewhere(request)
    grounds = rules.grounds(request.user)
    is_sent = request.method == "POST"
    form = UploadForm(grounds, request.POST, request.FILES) if is_sent else UploadForm(grounds)
    if is_sent and form.is_valid():
        file, now = form.cleaned_data["file"], timezone.now()
        return redirect(jobs.take_in(file, form.ground, by=request.user, at=now))
    return render(request, "imports/upload.html", {"form": form})


@login_required
@require_safe
def blank(request: SignedInRequest) -> HttpResponse:
    """An empty roster with the headings that are understood."""
    _require_somewhere(request)
    return download(blanks.workbook(), name="名册样表.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where an import stands: one page from upload to result.

    htmx asks for the progress alone, and for the whole page once it has ended.
    """
    batch = _batch_for(request, pk)
    if request.htmx and not batch.is_busy:
        return HttpResponseClientRefresh()
    context: dict[str, Any] = {"batch": batch, "steps": _steps(batch), **_around(batch)}
    context |= {"made": queries.made_in_words(batch)}
    context |= {"by": queries.names_of([batch]).get(batch.by_id, "")}
    if batch.state in {Batch.State.CHECKED, Batch.State.FAILED}:
        context |= _decision(request, batch)
    if batch.state in {Batch.State.APPLIED, Batch.State.UNDONE, Batch.State.UNDOING}:
        context |= {
            "may_undo": rules.may_undo(request.user, batch),
            "has_rest": storage.has(batch, "rest"),
            "kept": queries.kept_rows(batch),
            "kept_count": len(batch.report.get("kept", [])),
        }
    return render(request, f"{DETAIL}#progress" if request.htmx else DETAIL, context)


def _around(batch: Batch) -> dict[str, str]:
    """Where the import was begun and another is: of a roster, or of what was asked for."""
    asked = targets.asked(batch.subject)
    if asked is None:
        home, again = reverse("imports:list"), reverse("imports:upload")
        return {"home": home, "home_title": "导入名册", "again": again}
    ground = Ground(batch.organization_id, batch.path)
    return {
        "home": asked.home(batch.subject, ground),
        "home_title": asked.title(batch.subject),
        "again": asked.again(batch.subject, ground),
    }


def _decision(request: SignedInRequest, batch: Batch) -> dict[str, Any]:
    """What was found, and which of the two doors are open."""
    preview = queries.preview_of(batch)
    if preview is None:
        return {"preview": None}
    counts = batch.counts
    clean = sum(counts["clean"].values())
    user = request.user
    everything = rules.may_apply(
        user, batch, clean_only=False, errors=counts["errors"], clean=clean
    )
    some = rules.may_apply(user, batch, clean_only=True, errors=counts["errors"], clean=clean)
    return {
        "preview": preview,
        "read": queries.read_in_words(preview),
        "faults": {kind: queries.fault_kinds(preview, kind) for kind in queries.KINDS},
        "may_everything": everything,
        "may_some": some if counts["errors"] and not counts["has_whole_fault"] else None,
        "has_rest": storage.has(batch, "rest"),
        "waits_here": not is_worked(timezone.now()),
    }


_STEPS = ("上传文件", "认出标题", "核对内容", "写入")
_REACHED = {
    Batch.State.CHECKING: 1,
    Batch.State.CHECKED: 3,
    Batch.State.QUEUED: 3,
    Batch.State.WRITING: 3,
    Batch.State.FAILED: 3,
}


def _steps(batch: Batch) -> list[tuple[str, str]]:
    """The wizard's steps and where each stands: done, now, next."""
    reached = _REACHED.get(Batch.State(batch.state), len(_STEPS))
    marks = ["done"] * reached + ["now"] + ["next"] * len(_STEPS)
    return list(zip(_STEPS, marks, strict=False))


@login_required
@require_safe
def faults(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every fault of one kind."""
    batch = _batch_for(request, pk)
    preview = queries.preview_of(batch)
    kind, code = request.GET.get("kind", ""), request.GET.get("code", "")
    if preview is None or kind not in queries.KINDS:
        raise Http404
    rows = [fault for fault in preview[kind] if fault["code"] == code]
    if not rows:
        raise Http404
    page = Paginator(rows, FAULTS).get_page(page_number(request))
    context = {
        "batch": batch,
        "title": queries.title_of(code),
        "count": preview["counts"][kind][code],
        "kind": kind,
        "page": page,
        "query": query_without(request, "page"),
    }
    return render(request, "imports/faults.html", context)


@login_required
@require_safe
def rest(request: SignedInRequest, pk: int) -> HttpResponse:
    """The rows that do not come in, as a workbook with reasons."""
    batch = _batch_for(request, pk)
    content = storage.get(batch, "rest")
    if content is None:
        raise Http404
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    return download(content, name=f"退回-{stem}.xlsx", content_type=excel.TYPE)


@login_required
@require_POST
def apply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leave the writing to the worker; where none is running, write while the page waits."""
    batch = _batch_for(request, pk)
    form = DoorForm(request.POST)
    if form.is_valid():
        clean_only = form.cleaned_data["door"] == CLEAN
        with transaction.atomic():
            batch = actions.queue(batch, clean_only=clean_only, by=request.user)
            has_worker = is_worked(timezone.now())
            if has_worker:
                jobs.bring_in.enqueue(batch.pk, request.user.pk)
        if not has_worker:
            jobs.apply_now(batch, by=request.user)
    return redirect(batch)


@login_required
@require_http_methods(["GET", "POST"])
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, then take back."""
    batch = _batch_for(request, pk)
    require(rules.may_undo(request.user, batch))
    if request.method != "POST":
        made = queries.made_in_words(batch)
        return render(request, "imports/undo.html", {"batch": batch, "made": made})
    if is_worked(timezone.now()):
        jobs.take_back.enqueue(batch.pk, request.user.pk)
    else:
        jobs.undo_now(batch, by=request.user)
    return redirect(batch)


@login_required
@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = _batch_for(request, pk)
    actions.discard(batch, by=request.user, at=timezone.now())
    return redirect(_around(batch)["home"])
