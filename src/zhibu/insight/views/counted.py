"""Tables, the rows behind them, 领域 side by side, measures, checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from zhibu.core import charts as drawing
from zhibu.core import excel, measures, standing
from zhibu.core.http import (
    SignedInRequest,
    download,
    download_file,
    page_number,
    query_without,
)
from zhibu.core.jobs import is_worked
from zhibu.core.measures import Figure, Measure, Offer
from zhibu.core.waiting import long_file
from zhibu.documents.pages import TYPE as WORD
from zhibu.insight import (
    charts,
    counting,
    keeping,
    papers,
    queries,
    rules,
    sheets,
    tables,
    tasks,
)
from zhibu.insight import checks as checking
from zhibu.insight.asking import (
    question_asked,
    scope_asked,
    scopes,
    top_asked,
)
from zhibu.insight.forms import NONE, MeasureFilter, ScopeFilter, TableFilter
from zhibu.insight.listings import LISTINGS
from zhibu.insight.models import KeptTable
from zhibu.insight.queries import Window
from zhibu.insight.questions import Question
from zhibu.insight.scopes import Scope
from zhibu.insight.tables import Table
from zhibu.organizations.models import Organization

PAGE = 50
TABLE = "insight/table.html"


def _sheet(name: str, columns: Sequence[excel.Column], rows: Any, *, note: str) -> HttpResponse:
    content = excel.workbook(name, columns, rows, note=note)
    return download(content, name=f"{name}.xlsx", content_type=excel.TYPE)


@dataclass(frozen=True, slots=True)
class Shown:
    """A question with its table, or with the count that it waits for.

    ``kept`` is None where the table was counted at once, and where nobody has asked yet.
    ``question`` is of the day the figures are of.
    """

    question: Question
    table: Table | None
    kept: KeptTable | None = None
    is_stale: bool = False


def shown(question: Question, at: datetime) -> Shown:
    """The table counted at once, or as the worker keeps it where it is a large one."""
    if not keeping.is_large(question.scope):
        return Shown(question, tables.made(question))
    kept = keeping.found(question, timezone.localdate(at))
    answer = keeping.answered(question, kept) if kept else None
    if kept is None or answer is None:
        return Shown(question, None, kept)
    question, figures = answer
    return Shown(question, tables.made(question, figures), kept, keeping.is_stale(kept, at))


@login_required
@require_safe
def table(request: SignedInRequest) -> HttpResponse:
    """A cross-table over two dimensions of what is asked.

    htmx asks how far the worker is, and for the whole page once it is done.
    """
    now = timezone.now()
    asked = question_asked(request, timezone.localdate(now))
    found = shown(asked, now)
    question, made = found.question, found.table
    is_busy = found.kept is not None and found.kept.is_busy
    if request.htmx and not is_busy:
        return HttpResponseClientRefresh()
    if made and "export" in request.GET:
        return _table_sheet(found, made)
    if made and "word" in request.GET:
        return _table_paper(found, made, now)
    initial = {
        "subject": question.subject.id,
        "row": question.row.id,
        "column": question.column.id if question.column else NONE,
    }
    context = {
        "table": made,
        "question": question,
        "kept": found.kept,
        "is_busy": is_busy,
        "is_stale": found.is_stale,
        "asked": asked.address(),
        "form": TableFilter(
            question.subject,
            *_filter(request, question.scope),
            initial=initial | _initial(question.scope, question.window_id),
        ),
        "may_freeze": rules.may_freeze(request.user, question.scope.top),
        "export": f"?{question.address(export='1')}" if made else None,
        "word": f"?{question.address(word='1')}",
        "chart": charts.of_table(made) if made else None,
        "lines": sheets.lines(made) if made else [],
    }
    return render(request, f"{TABLE}#progress" if request.htmx else TABLE, context)


def _table_sheet(found: Shown, made: Table) -> HttpResponse:
    rows = ((word, *sheets.values(cells)) for word, cells, _ in sheets.lines(made))
    note = f"{found.question.days}。{found.question.subject.explanation}"
    if found.kept and found.kept.made_at:
        note += f"{timezone.localtime(found.kept.made_at):%Y-%m-%d %H:%M} 算的。"
    return _sheet(found.question.title, sheets.columns(made), rows, note=note)


def _table_paper(found: Shown, made: Table, at: datetime) -> HttpResponse:
    question = found.question
    content = papers.of_table(made, made_at=found.kept.made_at if found.kept else at)
    return download(content, name=f"{question.title}.docx", content_type=WORD)


@login_required
@require_safe
def chart(request: SignedInRequest) -> HttpResponse:
    """The chart beside a table: asked for, found and counted as the table itself is."""
    now = timezone.now()
    made = shown(question_asked(request, timezone.localdate(now)), now).table
    found = charts.of_table(made) if made else None
    if found is None:
        raise Http404
    return drawing.answer(drawing.svg(found.spec))


@login_required
@require_safe
def fields_chart(request: SignedInRequest) -> HttpResponse:
    asked = scope_asked(request, timezone.localdate())
    found = charts.of_fields(*tables.fields(asked.scope, asked.window_id))
    if found is None:
        raise Http404
    return drawing.answer(drawing.svg(found.spec))


@login_required
@require_POST
def count(request: SignedInRequest) -> HttpResponse:
    """Have a large table counted, or counted anew; where no worker runs, while the page waits."""
    now = timezone.now()
    question = question_asked(request, timezone.localdate(now))
    with transaction.atomic():
        kept, is_asked = keeping.ask(question, by=request.user, at=now)
        has_worker = is_worked(now)
        if is_asked and has_worker:
            tasks.count_table.enqueue(kept.pk)
    if is_asked and not has_worker:
        keeping.count(kept, at=now)
    return redirect(f"{reverse('insight:table')}?{question.address()}")


def _filter(request: SignedInRequest, scope: Scope) -> tuple[list[Organization], Any]:
    return scopes(request, scope.top), queries.windows(scope.on)


def _initial(scope: Scope, window_id: str) -> dict[str, Any]:
    return {"organization": str(scope.top.pk), "window": window_id, "on": scope.on}


def _keys(request: SignedInRequest) -> tuple[str | None, str | None]:
    return request.GET.get("in_row"), request.GET.get("in_column")


def _narrowed(question: Question, keys: tuple[str | None, str | None]) -> str:
    """What the rows were narrowed to, in words: 农村、10月. A query a place."""
    words = []
    for dimension, key in zip((question.row, question.column), keys, strict=True):
        if dimension is not None and key is not None:
            words.append(dimension.words([key], question.scope).get(key, key))
    return "、".join(words)


@login_required
@require_safe
def rows(request: SignedInRequest) -> HttpResponseBase:
    """The rows behind one figure of a table."""
    question, keys = question_asked(request, timezone.localdate()), _keys(request)
    listing, scope = LISTINGS[question.subject.id], question.scope
    try:
        found = tables.rows_behind(question, *keys)
        figure, number = counting.figure_and_number(question, found)
        narrowed = _narrowed(question, keys)
    except ValueError as error:
        raise Http404 from error
    name = " ".join(filter(None, [scope.top.called, question.subject.title, narrowed]))
    if "export" in request.GET:
        if said := long_file(request, found):
            return said
        columns = [excel.Column(heading, 18) for heading in listing.headings]
        cells = ((row.title, *row.cells) for row in listing.all(found, scope, request.user))
        file = excel.file(name, columns, cells, note=f"{figure.words}，{question.days}")
        return download_file(file, name=f"{name}.xlsx", content_type=excel.TYPE)
    paginator = Paginator(listing.order(found), PAGE)
    paginator.count = number
    page = paginator.get_page(page_number(request))
    context = {
        "question": question,
        "figure": figure,
        "narrowed": narrowed,
        "headings": listing.headings,
        "rows": listing.listed(list(page), scope, request.user),
        "page": page,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }
    return render(request, "insight/rows.html", context)


@login_required
@require_safe
def fields(request: SignedInRequest) -> HttpResponse:
    """领域 side by side: the same figure, how its organisations spread, low ones as a fact."""
    asked = scope_asked(request, timezone.localdate())
    scope = asked.scope
    lines, whole = tables.fields(scope, asked.window_id)
    if "export" in request.GET:
        heads = ("领域", "组织数", "已办", "应办", "比例", "四分之一低于", "一半低于",
                 "四分之三低于", "比全部低几个百分点")  # fmt: skip
        cells = (
            (
                line.word, line.organizations, line.figure.count, line.figure.total,
                line.figure.percent, *line.spread_words,
                *([""] * (0 if line.spread else 3)), line.below,
            )
            for line in lines
        )  # fmt: skip
        name = f"{scope.top.called} 各领域应办"
        note = f"已办 {whole.count} / 应办 {whole.total}，{scope.window.label}，截至 {scope.on}"
        return _sheet(name, [excel.Column(head, 12) for head in heads], cells, note=note)
    context = {
        "scope": scope,
        "lines": lines,
        "whole": whole,
        "chart": charts.of_fields(lines, whole),
        "asked": urlencode(_initial(scope, asked.window_id)),
        "form": ScopeFilter(*_filter(request, scope), initial=_initial(scope, asked.window_id)),
        "export": f"?{query_without(request, 'export')}&export=1",
    }
    return render(request, "insight/fields.html", context)


@login_required
@require_safe
def checks(request: SignedInRequest) -> HttpResponse:
    """Whether parts add up to their whole, and the rows that break it."""
    asked = scope_asked(request, timezone.localdate())
    scope = asked.scope
    found = checking.run(scope)
    if "export" in request.GET:
        columns = [excel.Column(head, 24) for head in ("核对", "哪一行", "编号", "为什么")]
        cells = ((c.title, row.what, row.pk, row.why) for c in found for row in c.broken)
        note = "；".join(f"{c.title}：{c.whole} 对 {c.parts}" for c in found)
        return _sheet(f"{scope.top.called} 核对", columns, cells, note=f"{note}，{scope.on}")
    context = {
        "scope": scope,
        "checks": found,
        "sound": sum(check.is_sound for check in found),
        "most": checking.MOST_NAMED,
        "may_recount": rules.may_recount(request.user, scope.top),
        "form": ScopeFilter(*_filter(request, scope), initial=_initial(scope, asked.window_id)),
        "export": f"?{query_without(request, 'export')}&export=1",
    }
    return render(request, "insight/checks.html", context)


# --- measures


@login_required
@require_safe
def measure_list(request: SignedInRequest) -> HttpResponse:
    """Every registered measure, with today's figure of one's own organisation.

    A query or two a measure, whatever the number of rows.
    """
    on = timezone.localdate()
    top = top_asked(request, on)
    year = queries.windows(on)["year"]
    known = [measures.get(name) for name in measures.names()]
    entries = []
    for found in known:
        offers = found.params.offered([top.pk], on)
        figure = None
        if found.grain == "organization" and offers:
            figure = figures_of(request, found, offers[0], [top], year)[top.pk]
        entries.append((found, offers[0] if offers else None, figure))
    if "export" in request.GET:
        columns = [excel.Column(head, width) for head, width in MEASURE_COLUMNS]
        cells = (
            (m.title, m.name, m.unit, GRAINS[m.grain], m.explanation, protection(m),
             figure and figure.count, figure and figure.total)
            for m, _, figure in entries
        )  # fmt: skip
        return _sheet("指标目录", columns, cells, note=f"{top.called}，截至 {on}")
    context = {
        "top": top,
        "on": on,
        "entries": [(m, GRAINS[m.grain], protection(m), o, f) for m, o, f in entries],
        "export": f"?{query_without(request, 'export')}&export=1",
    }
    return render(request, "insight/measures.html", context)


GRAINS = {
    "organization": "每个组织一个数",
    "person": "每个人一个数",
    "party-group": "每个党小组一个数",
}
MEASURE_COLUMNS = (("指标", 20), ("编号", 20), ("单位", 8), ("颗粒", 16), ("数的是什么", 50),
                   ("小数字保护", 24), ("本组织", 10), ("总数", 10))  # fmt: skip


def protection(found: Measure) -> str:
    """How small groups are kept from showing who they are."""
    if not found.smallest_group:
        return "不用：本来就看得到每一行的人才看得到数"
    return f"对外少于 {found.smallest_group} 人的数不显示"


def figures_of(
    request: SignedInRequest, found: Measure, offer: Offer, at: Sequence[Organization], over: Window
) -> dict[int, Figure]:
    """One figure an organisation; small ones hidden where one does not see people."""
    until = over.on + timedelta(days=1)
    made = found.compute([o.pk for o in at], over.since, until, over.on, offer.params)
    seen = standing.where(request.user, "people.view", {o.path for o in at})
    return {o.pk: made[o.pk] if o.path in seen else found.outside(made[o.pk]) for o in at}


@login_required
@require_safe
def measure_detail(request: SignedInRequest, name: str) -> HttpResponse:
    """The organisations behind a measure, each with its figure, by code."""
    if name not in measures.names() or measures.get(name).grain != "organization":
        raise Http404
    found, asked = measures.get(name), scope_asked(request, timezone.localdate())
    scope = asked.scope
    at = tables.organizations_in(scope)
    offers = found.params.offered([o.pk for o in at], scope.on)
    offer = next((o for o in offers if o.key == request.GET.get("of")), None) or (
        offers[0] if offers else None
    )
    figures = figures_of(request, found, offer, at, scope.window) if offer else {}
    rows = [(o, figures[o.pk]) for o in at if o.pk in figures]
    title = " ".join(filter(None, [found.title, offer.title if offer else ""]))
    if "export" in request.GET:
        heads = ("代码", "组织", f"{title}（{found.unit}）", "总数")
        cells = ((o.code, o.name, f.count, f.total) for o, f in rows)
        note = f"{found.explanation} 截至 {scope.on}"
        name_ = f"{scope.top.called} {title}"
        return _sheet(name_, [excel.Column(head, 20) for head in heads], cells, note=note)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {
        "measure": found,
        "title": title,
        "scope": scope,
        "form": MeasureFilter(
            offers,
            *_filter(request, scope),
            initial=_initial(scope, asked.window_id) | {"of": offer.key if offer else ""},
        ),
        "sum": _sum([figure for _, figure in rows], scope.on),
        "page": page,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }
    return render(request, "insight/measure.html", context)


def _sum(figures: Sequence[Figure], on: date) -> Figure:
    """The figures added up; unknown where one is."""
    if any(figure.count is None for figure in figures):
        return Figure(None, None, on)
    totals = [figure.total for figure in figures if figure.total is not None]
    count = sum(figure.count or 0 for figure in figures)
    return Figure(count, sum(totals) if totals else None, on)
