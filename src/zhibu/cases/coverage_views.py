"""Whom a kind of case has reached and whom not: a row for whoever should do it, to Excel."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhibu.cases import coverage
from zhibu.cases.coverage import Scope
from zhibu.cases.list_views import place_of
from zhibu.core import excel
from zhibu.core.forms import day
from zhibu.core.http import SignedInRequest, download, page_number, query_without
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

PAGE = 30


class CoverageForm(forms.Form):
    """Of what, and over which days; a wrong day counts as not given."""

    is_filter = True
    organization = forms.IntegerField(required=False, widget=forms.HiddenInput())
    of = forms.ChoiceField(label="看什么", required=False)
    since = day("从哪天", required=False)
    on = day("到哪天", required=False)

    def __init__(self, known: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = list(known.items())  # type: ignore[attr-defined]


@login_required
@require_safe
def show(request: SignedInRequest) -> HttpResponseBase:
    """Who has been reached, by unit; each figure opens to names."""
    place, today, known = place_of(request), timezone.localdate(), coverage.choosable()
    if not known:
        raise Http404
    asked = request.GET.get("of", "")
    of = asked if asked in known else next(iter(known))
    titles = {key: title for key, (title, _) in known.items()}
    form = CoverageForm(titles, request.GET)
    form.is_valid()
    on = min(form.cleaned_data.get("on") or today, today)
    since = min(form.cleaned_data.get("since") or date(on.year, 1, 1), on)
    scope = Scope(place, of.rpartition(":")[0], known[of][1], since, on)
    base = f"?organization={place.pk}&of={of}&since={since}&on={on}"
    context = {
        "scope": scope,
        "title": titles[of],
        "form": CoverageForm(
            titles, initial={"organization": place.pk, "of": of, "since": since, "on": on}
        ),
        "base": base,
        "words": coverage.WORDS,
    }
    if request.GET.get("which") in coverage.WORDS:
        return _behind(request, scope, context)
    lines = coverage.rows(scope)
    if "export" in request.GET:
        everybody = coverage.behind(scope, coverage.ASKED, None)
        return long_file(request, everybody) or _book(scope, titles[of], lines)
    page = Paginator(lines, PAGE).get_page(page_number(request))
    asked_of, reached = coverage.total(lines)
    context |= {
        "page": page,
        "asked": asked_of,
        "reached": reached,
        "missing": asked_of - reached,
        "idle": coverage.idle(lines),
        "units": len(lines),
        "query": query_without(request, "page"),
    }
    return render(request, "cases/coverage.html", context)


def _behind(request: SignedInRequest, scope: Scope, context: dict[str, Any]) -> HttpResponse:
    """Those behind one figure, by name."""
    which, unit = request.GET["which"], None
    if number := request.GET.get("unit", ""):
        if not (number.isdecimal() and len(number) <= 12):
            raise Http404
        unit = Organization.objects.visible_to(request.user).filter(pk=int(number)).first()
        if unit is None:
            raise Http404
    page = Paginator(coverage.behind(scope, which, unit), PAGE).get_page(page_number(request))
    units = Organization.objects.in_bulk({row.unit for row in page})
    context |= {
        "which": coverage.WORDS[which],
        "page": page,
        "lines": [(_name(row), row.get_absolute_url(), units[row.unit], row.is_reached)
                  for row in page],
        "unit": unit,
        "query": query_without(request, "page"),
        "back": f"?{query_without(request, 'page', 'which', 'unit')}",
    }  # fmt: skip
    return render(request, "cases/coverage_rows.html", context)


def _name(row: Organization | Person) -> str:
    return row.name if isinstance(row, Person) else row.called


def _book(scope: Scope, title: str, lines: list[coverage.Row]) -> HttpResponse:
    """The units with their figures, and everybody with whether they were reached."""
    units = Organization.objects.in_bulk([row.unit.pk for row in lines])
    note = f"{scope.since} 到 {scope.on}。按组织先后排列，不排名。"
    everybody = coverage.behind(scope, coverage.ASKED, None)
    book = excel.book([
        excel.Sheet(
            "各组织", f"{scope.place.name}{title}",
            [excel.Column("组织", 30), excel.Column("现在是谁", 16),
             *(excel.Column(word, 12) for word in coverage.WORDS.values())],
            [(row.unit.name, row.who, row.asked, row.reached, row.missing) for row in lines],
            note,
        ),
        excel.Sheet(
            "名单", f"{scope.place.name}{title}",
            [excel.Column("名称", 30), excel.Column("属于哪里", 30), excel.Column("有没有", 10)],
            ((_name(row), units[row.unit].name, "已经有" if row.is_reached else "还没有")
             for row in everybody.iterator(1000)), note,
        ),
    ])  # fmt: skip
    name = f"{scope.place.name}{title}{scope.on}.xlsx"
    return download(book, name=name, content_type=excel.TYPE)
