"""The register of issued papers, the papers themselves, and making one invalid."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.cases import papers, queries, rules
from zhibu.cases.forms import PaperFilter, WhyForm
from zhibu.cases.models import Case, IssuedPaper, IssuedPaperQuerySet
from zhibu.cases.views import attempted
from zhibu.core import excel, standing
from zhibu.core.http import (
    SignedInRequest,
    download,
    download_file,
    page_number,
    query_without,
    saved,
)
from zhibu.core.verdicts import require
from zhibu.core.waiting import long_file
from zhibu.documents.pages import TYPE
from zhibu.ledger import printed
from zhibu.organizations.models import Organization

PAGE = 30
COLUMNS = (("编号", 20), ("文书", 20), ("登记", 16), ("出具的组织", 24), ("哪天出的", 12),
           ("有效到", 12), ("状态", 8), ("事情", 36), ("经手", 12), ("为什么作废", 30))  # fmt: skip


@login_required
@require_safe
def register(request: SignedInRequest) -> HttpResponseBase:
    """Papers issued within reach, by register and year; to Excel."""
    user, today = request.user, timezone.localdate()
    if not standing.may_anywhere(user, "cases.view"):
        raise Http404
    registers, years = queries.books(user)
    form = PaperFilter(registers, years, request.GET)
    form.is_valid()
    asked = form.cleaned_data
    place = _place(request)
    rows = narrowed(queries.issued(user), asked, today)
    if place:
        rows = rows.filter(organization=place)
    if "export" in request.GET:
        return long_file(request, rows) or _exported(rows, today)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {
        "page": page,
        "lines": queries.paper_lines(
            list(page),
            queries.cases_seen(list(page), user),
            today,
            lambda paper: bool(rules.may_annul(user, paper)),
        ),
        "place": place,
        "form": form,
        "is_asked": any(asked.values()),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }
    return render(request, "cases/paper_list.html", context)


def _place(request: SignedInRequest) -> Organization | None:
    """The one organisation the register is narrowed to, as its page asks."""
    asked = request.GET.get("organization", "")
    if not asked.isdecimal() or len(asked) > 12:
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))


def narrowed(rows: IssuedPaperQuerySet, asked: dict[str, Any], today: date) -> IssuedPaperQuerySet:
    if text := asked.get("q"):
        rows = rows.matching(text)
    if asked.get("register"):
        rows = rows.filter(register=asked["register"])
    if asked.get("year"):
        rows = rows.filter(year=int(asked["year"]))
    match asked.get("stands"):
        case "valid":
            rows = rows.valid_on(today)
        case "expired":
            rows = rows.filter(annulled_at=None, valid_until__lt=today)
        case "annulled":
            rows = rows.exclude(annulled_at=None)
    return rows


def _exported(rows: IssuedPaperQuerySet, today: date) -> HttpResponseBase:
    cells = (
        (
            paper.called, paper.title, paper.register_title, paper.organization.name,
            paper.issued_on, paper.valid_until, paper.stands(today), paper.case.title,
            paper.by.display_name, paper.annulled_because,
        )
        for paper in rows.iterator(1000)
    )  # fmt: skip
    columns = [excel.Column(title, width) for title, width in COLUMNS]
    file = excel.file("文书登记", columns, cells, note=f"截至 {today}")
    return download_file(file, name=f"文书登记{today}.xlsx", content_type=excel.TYPE)


def _paper_for(request: SignedInRequest, pk: int) -> IssuedPaper:
    rows = IssuedPaper.objects.visible_to(request.user)
    found: IssuedPaper = get_object_or_404(
        rows.select_related("organization", "case", "template"), pk=pk
    )
    return found


@login_required
@require_safe
def word_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The paper as it went out, with the code that leads to its proof."""
    paper = _paper_for(request, pk)
    code = printed.code(paper._meta.label_lower, paper.pk, request)
    return download(papers.draw(paper, code), name=papers.file_name(paper), content_type=TYPE)


@login_required
@require_http_methods(["GET", "POST"])
def annul(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a paper invalid, with the reason; one goes back to its case, or to the register."""
    paper = _paper_for(request, pk)
    require(rules.may_annul(request.user, paper))
    sees_case = Case.objects.visible_to(request.user).filter(pk=paper.case_id).exists()
    back = paper.get_absolute_url() if sees_case else reverse("cases:papers")
    form = WhyForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempted(
            form,
            lambda: papers.annul(
                paper, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
            ),
        )
    ):
        saved(request, f"{paper.called}作废了。")
        return redirect(back)
    return render(request, "cases/annul.html", {"paper": paper, "form": form, "back": back})
