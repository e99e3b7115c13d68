"""任期日历: whose term ends when, for whoever is in charge of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhibu.core import excel
from zhibu.core.dates import add_months
from zhibu.core.http import SignedInRequest, day_asked, download, page_number, query_without
from zhibu.organizations import queries
from zhibu.organizations.forms import TermsForm
from zhibu.organizations.models import Organization, Term
from zhibu.organizations.views import asked_under, today

PAGE = 50
MONTHS = {"over": 0, "3": 3, "6": 6, "12": 12, "all": None}
SPANS = (
    ("6", "半年以内"),
    ("3", "三个月以内"),
    ("12", "一年以内"),
    ("over", "已经届满"),
    ("all", "全部"),
)
COLUMNS = [
    excel.Column("代码", 14),
    excel.Column("组织", 36),
    excel.Column("上级", 30),
    excel.Column("类别", 12),
    excel.Column("领域", 10),
    excel.Column("本届开始", 12),
    excel.Column("届满", 12),
    excel.Column("情况", 18),
]


@dataclass(frozen=True, slots=True)
class Month:
    """Terms that end in one month."""

    since: date
    rows: list[Any]


def situation(term: Term, on: date) -> str:
    """已届满 12 天, 今天届满, 还有 80 天."""
    assert term.ends_on is not None
    days = (term.ends_on - on).days
    if days < 0:
        return f"已届满 {-days} 天"
    return f"还有 {days} 天" if days else "今天届满"


def _asked(request: SignedInRequest) -> tuple[TermsForm, date, Organization | None, Any]:
    on = day_asked(request, today())
    due = request.GET.get("due", "")
    due = due if due in MONTHS else "6"
    form = TermsForm(SPANS, {**request.GET.dict(), "on": on.isoformat(), "due": due})
    form.is_valid()
    asked, under, months = form.cleaned_data, asked_under(request), MONTHS[due]
    until = None if months is None else add_months(on, months) + timedelta(days=bool(months))
    rows = queries.terms_due(
        request.user,
        on=on,
        until=until,
        kind=asked.get("kind", ""),
        field=asked.get("field", ""),
        under=under,
    )
    return form, on, under, rows


def _by_month(rows: Iterable[Any], on: date) -> list[Month]:
    lines = [(row, situation(row, on), row.ends_on < on) for row in rows]
    months = groupby(lines, key=lambda line: line[0].ends_on.replace(day=1))
    return [Month(first, list(part)) for first, part in months]


@login_required
@require_safe
def terms(request: SignedInRequest) -> HttpResponse:
    """Who is due for 换届, by month; as of a day."""
    form, on, under, rows = _asked(request)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {
        "form": form,
        "on": on,
        "is_today": on == today(),
        "under": under,
        "page": page,
        "months": _by_month(page.object_list, on),
        "query": query_without(request, "page"),
    }
    return render(request, "organizations/term_list.html", context)


@login_required
@require_safe
def export_terms(request: SignedInRequest) -> HttpResponse:
    """The same rows as an Excel file."""
    _, on, _, rows = _asked(request)
    lines = (
        (
            row.organization.code,
            row.name_on,
            row.parent_name_on,
            row.organization.get_kind_display(),
            row.organization.get_field_display(),
            row.since,
            row.ends_on,
            situation(row, on),
        )
        for row in rows.iterator(1000)
    )
    content = excel.workbook("任期日历", COLUMNS, lines, note=f"截至 {on}")
    return download(content, name=f"任期日历 {on}.xlsx", content_type=excel.TYPE)
