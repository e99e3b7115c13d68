from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhibu.activities.models import Activity
from zhibu.activities.queries import attended
from zhibu.core import excel, fulfilling, standing
from zhibu.core.http import SignedInRequest, day_asked, download, page_number, query_without
from zhibu.duties import queries as duties
from zhibu.duties import rules as duty_rules
from zhibu.duties.models import Exemption, Explanation, HolderKind, Lapsed, Obligation, Talk
from zhibu.insight import queries
from zhibu.insight.dimensions import STATES
from zhibu.organizations.models import Organization

PAGE = 50


@login_required
@require_safe
def obligation(request: SignedInRequest, pk: int) -> HttpResponse:
    """One obligation: what is owed, by which article, what counts towards it."""
    rows = Obligation.objects.visible_to(request.user).select_related("organization")
    row = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    on = day_asked(request, today)
    worded = duties.worded([row], on)
    if not worded:
        raise Http404
    same = {
        "holder_kind": row.holder_kind,
        "holder_id": row.holder_id,
        "pack": row.pack,
        "duty": row.duty,
        "period_since": row.period_since,
    }
    is_pair = row.holder_kind == HolderKind.PAIR
    is_published = worded[0].duty.is_published
    counted = [] if is_pair or is_published else [*row.activities, *row.incomplete_by]
    activities = Activity.objects.filter(pk__in=counted)
    lapsed = Lapsed.objects.filter(
        holder_kind=row.holder_kind, holder_id=row.holder_id, pack=row.pack, duty=row.duty
    )
    context = {
        "talks": Talk.objects.filter(pk__in=row.credited_by).select_related("first", "second")
        if is_pair
        else [],
        "is_pair": is_pair,
        "is_published": is_published,
        "published": [fulfilling.address("publishing", -pk) for pk in row.credited_by]
        if is_published
        else [],
        "holders": duties.holders_of_post(row),
        "lapsed": list(lapsed.order_by("-lapsed_at")[:10]) if row.ground_on else [],
        "owed": worded[0],
        "obligation": row,
        "on": on,
        "activities": list(attended(activities.visible_to(request.user).order_by("held_on"))),
        "incomplete": set(row.incomplete_by),
        "explanations": list(
            Explanation.objects.filter(**same).select_related("given_by").order_by("-given_at")
        ),
        "exemption": Exemption.objects.filter(**same, withdrawn_at=None)
        .select_related("given_by")
        .first(),
        "may_exempt": duty_rules.may_exempt(request.user, row),
        "may_explain": duty_rules.may_explain(request.user, row, today),
        "may_record": standing.may(request.user, "activities.record", row.organization.path),
    }
    return render(request, "insight/obligation.html", context)


def _asked_column(request: SignedInRequest) -> tuple[str, str, date]:
    """publisher/slug:duty@day from the query string; 404 for anything else."""
    reference, _, day = request.GET.get("column", "").partition("@")
    pack, _, duty = reference.partition(":")
    try:
        return pack, duty, date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error


def column_asked(request: SignedInRequest) -> tuple[Organization, QuerySet[Obligation]]:
    """The organisation, and every holder below it of the duty in the period asked for, by code;
    404 where either is not there for this user."""
    pack, duty, since = _asked_column(request)
    top = get_object_or_404(
        Organization.objects.reached_by(request.user, "duties.view"),
        pk=request.GET.get("organization", "0") if _whole(request) else 0,
    )
    rows: QuerySet[Obligation] = Obligation.objects.visible_to(request.user)
    rows = rows.select_related("organization").filter(
        organization__in=Organization.objects.under(top.path)
    )
    if request.GET.get("field"):
        rows = rows.filter(organization__field=request.GET["field"][:20])
    rows = queries.in_column(rows.filter(pack=pack, duty=duty), since)
    return top, rows.order_by("organization__code", "holder_id", "period_since")


@login_required
@require_safe
def column(request: SignedInRequest) -> HttpResponse:
    """Who is behind a figure: every holder of one duty in one period, by code.

    Of one kind of 领域 where the figure was narrowed to it.
    """
    top, rows = column_asked(request)
    on = day_asked(request, timezone.localdate())
    if "export" in request.GET:
        return _exported(duties.worded(list(rows), on), top, on)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    worded = duties.worded(list(page), on)
    if not worded:
        raise Http404
    owed, done = queries.counted(rows, on)
    context = {
        "page": page,
        "rows": worded,
        "first": worded[0],
        "top": top,
        "on": on,
        "done": done,
        "owed": owed,
        "may_exempt": done < owed and standing.may(request.user, "duties.exempt", top.path),
        "address": request.GET.urlencode(),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page')}&export=1",
    }
    return render(request, "insight/column.html", context)


def _whole(request: SignedInRequest) -> bool:
    text = request.GET.get("organization", "")
    return text.isdecimal() and len(text) < 12


def _exported(rows: list[duties.Owed], top: Organization, on: date) -> HttpResponse:
    if not rows:
        raise Http404
    columns = [
        excel.Column("组织代码", 14),
        excel.Column("组织", 26),
        excel.Column("谁", 12),
        excel.Column("应办", 16),
        excel.Column("时段", 12),
        excel.Column("到期日", 12),
        excel.Column("应办次数", 9),
        excel.Column("已办次数", 9),
        excel.Column("状态", 10),
        excel.Column("办的日期", 12),
    ]
    cells: Any = (
        (
            row.obligation.organization.code,
            row.obligation.organization.name,
            row.holder,
            row.duty.short or row.duty.title,
            row.period,
            row.obligation.due_on,
            row.obligation.required,
            row.obligation.done,
            row.word or STATES[row.shape],
            row.obligation.done_on,
        )
        for row in rows
    )
    name = f"{top.called} {rows[0].title} {rows[0].period}"
    note = f"截至 {on}。补记、逾期算已办；免的、不适用的不算应办。"
    content = excel.workbook(name, columns, cells, note=note)
    return download(content, name=f"{name}.xlsx", content_type=excel.TYPE)
