"""What those who reported in did: services, opinions, matters claimed; to Excel."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhibu.core import excel, standing
from zhibu.core.dates import period_of
from zhibu.core.http import SignedInRequest, download_file, page_number, query_without
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization
from zhibu.pairings import registering
from zhibu.pairings.forms import YearFilter
from zhibu.pairings.models import LinkQuerySet
from zhibu.pairings.views import place_of

PAGE, BATCH = 30, 500
COLUMNS = (
    ("谁报到", 20), ("哪个单位的", 24), ("到哪里报到", 24), ("从哪天", 12), ("到哪天（不含）", 14),
    ("服务几次", 10), ("意见几条", 10), ("认领几件", 10), ("答复几件", 10),
)  # fmt: skip


@login_required
@require_safe
def show_registered(request: SignedInRequest) -> HttpResponseBase:
    """Registrations kept or made at a place and below it that held in a year, and what each did
    in it."""
    place, today = place_of(request), timezone.localdate()
    if not standing.may(request.user, "pairings.view", place.path):
        raise Http404
    form = YearFilter(request.GET)
    form.is_valid()
    year = period_of(date(form.cleaned_data.get("year") or today.year, 1, 1), "year")
    rows = registering.listed(request.user, place).overlapping(year.since, year.until).named()
    if "export" in request.GET:
        return long_file(request, rows) or _exported(place, rows, year)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context: dict[str, Any] = {
        "place": place, "page": page, "year": year.since.year, "form": form,
        "served": registering.served(list(page), year.since, year.until),
        "back": f"{reverse('pairings:list')}?organization={place.pk}",
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }  # fmt: skip
    return render(request, "pairings/registered.html", context)


def _exported(place: Organization, rows: LinkQuerySet, year: Any) -> HttpResponseBase:
    def cells() -> Iterator[tuple[Any, ...]]:
        for start in range(0, rows.count(), BATCH):
            links = list(rows[start : start + BATCH])
            for one in registering.served(links, year.since, year.until):
                yield (
                    one.link.who_called, registering.unit_of(one.link).name,
                    one.link.whom_called, one.link.since, one.link.until, one.services,
                    one.opinions, len(one.claimed), one.answered,
                )  # fmt: skip

    title = f"{place.name}{year.since.year}年报到服务情况"
    columns = [excel.Column(name, width) for name, width in COLUMNS]
    file = excel.file(title, columns, cells(), note=f"截至 {timezone.localdate()}")
    return download_file(file, name=f"{title}.xlsx", content_type=excel.TYPE)
