from datetime import date

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhibu.adoptions.addresses import item_url
from zhibu.adoptions.queries import HeldItem
from zhibu.burden import queries
from zhibu.core import excel, hats, standing
from zhibu.core.http import (
    SignedInRequest,
    day_asked,
    download_file,
    page_number,
    query_without,
)
from zhibu.organizations.models import Organization
from zhibu.packs.schema.caps import Cap
from zhibu.registers.models import latest

PAGE = 50
CAPS = (("上限", 24), ("算在一起的", 24), ("什么时候", 12), ("用了", 8), ("最多", 8), ("依据", 40))
USES = (("组织代码", 14), ("组织", 26), ("算在一起的", 24), ("用了", 8), ("最多", 8), ("超了", 8))
ROWS = (("编号", 16), ("名称", 36), ("从哪天", 12), ("组织", 24), ("为什么超", 40))


def _place(request: SignedInRequest) -> Organization:
    """The organisation asked for, else that of the hat one wears; 404 where one may not see its
    registers: caps are counted from them."""
    asked = request.GET.get("organization", "")
    hat = hats.worn(request)
    if not asked:
        number = (hat and hat.organization_id) or 0
    else:
        number = int(asked) if asked.isdecimal() and len(asked) <= 12 else 0
    seen = Organization.objects.visible_to(request.user).select_related("parent")
    place = get_object_or_404(seen, pk=number)
    if not standing.may(request.user, "registers.view", place.path):
        raise Http404
    return place


def _day(request: SignedInRequest) -> date:
    return day_asked(request, timezone.localdate())


@login_required
@require_safe
def cap_list(request: SignedInRequest) -> HttpResponseBase:
    """Caps in force at a place: its own use of each, and how those below stand; to Excel."""
    place, day = _place(request), _day(request)
    found = queries.told(request.user, place, day)
    if "export" in request.GET:
        cells = (
            (one.cap.title, use.title, one.period, use.used, use.most, one.cited)
            for one in found
            for use in one.own
        )
        title = f"{place.name}的上限"
        columns = [excel.Column(*column) for column in CAPS]
        file = excel.file(title, columns, cells, note=f"截至 {day}")
        return download_file(file, name=f"{title}{day}.xlsx", content_type=excel.TYPE)
    context = {
        "place": place,
        "told": found,
        "on": day,
        "export": f"?{query_without(request, 'export')}&export=1",
    }
    return render(request, "burden/cap_list.html", context)


def _held(place: Organization, day: date, *named: str) -> tuple[HeldItem, Cap]:
    """The cap as it is in force at ``place``; 404 where it is not."""
    publisher, pack, item = named
    held = queries.caps_at(place, day).get(f"{publisher}/{pack}:{item}")
    if held is None:
        raise Http404
    rule = held.wording.item
    assert isinstance(rule, Cap)
    return held, rule


@login_required
@require_safe
def cap(request: SignedInRequest, publisher: str, pack: str, item: str) -> HttpResponseBase:
    """Who has used how much of one cap, at a place and below it; to Excel."""
    place, day = _place(request), _day(request)
    held, rule = _held(place, day, publisher, pack, item)
    uses = queries.uses(request.user, [held], place, day)[held.reference]
    period = queries.word_period(rule, day)
    if "export" in request.GET:
        cells = (
            (use.organization.code, use.organization.name, use.title, use.used, use.most, use.over)
            for use in uses
        )
        title = f"{place.name}{rule.title}（{period}）"
        columns = [excel.Column(*column) for column in USES]
        file = excel.file(title, columns, cells, note=f"截至 {day}")
        return download_file(file, name=f"{title}{day}.xlsx", content_type=excel.TYPE)
    context = {
        "place": place,
        "cap": rule,
        "period": period,
        "page": Paginator(uses, PAGE).get_page(page_number(request)),
        "on": day,
        "cited": held.pack.cited(held.wording),
        "rule_url": item_url(queries.KIND, held.reference),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }
    return render(request, "burden/cap.html", context)


@login_required
@require_safe
def row_list(request: SignedInRequest, publisher: str, pack: str, item: str) -> HttpResponseBase:
    """The rows behind a figure; to Excel."""
    place, day = _place(request), _day(request)
    held, rule = _held(place, day, publisher, pack, item)
    group = [text for text in request.GET.getlist("group") if text][:9]
    rows = queries.rows_of(request.user, held, place, day, group)
    rows = rows.select_related("organization")
    register = latest(rule.book)
    column = register.column(rule.over_with) if register else None
    if "export" in request.GET:
        cells = (
            (
                row.called_number, row.title, row.since, row.organization.name,
                str(row.values.get(rule.over_with, "")) if column else "",
            )
            for row in rows
        )  # fmt: skip
        title = f"{place.name}{rule.title}（{queries.word_period(rule, day)}）"
        columns = [excel.Column(*one) for one in ROWS]
        file = excel.file(title, columns, cells, note=f"截至 {day}")
        return download_file(file, name=f"{title}{day}.xlsx", content_type=excel.TYPE)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {
        "place": place,
        "cap": rule,
        "group": group,
        "period": queries.word_period(rule, day),
        "page": page,
        "lines": [(row, row.values.get(rule.over_with) if column else "") for row in page],
        "column": column,
        "back": f"../?organization={place.pk}&on={day}",
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }
    return render(request, "burden/row_list.html", context)
