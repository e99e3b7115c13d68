"""Lists and ledger of a procedure, and its progress on a day: on screen, in Excel and in Word."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhibu.cases import lists, progress, queries
from zhibu.cases.models import CaseQuerySet
from zhibu.cases.progress import Scope
from zhibu.core import excel, hats, standing
from zhibu.core.forms import day
from zhibu.core.http import SignedInRequest, download, page_number, query_without
from zhibu.core.waiting import long_file
from zhibu.documents import circulars
from zhibu.documents.pages import TYPE as WORD
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

PAGE = 30
COUNTED = (
    "在办：到那天开始了、没有办结的。超期：在办的里面，有一步过了期限没有办。"
    "今年办结：那一年 1 月 1 日以来办结的。按组织先后排列，不排名。"
)


class ProgressForm(forms.Form):
    """Of what, and on which day; a wrong day counts as today."""

    is_filter = True
    organization = forms.IntegerField(required=False, widget=forms.HiddenInput())
    procedure = forms.ChoiceField(label="哪一种", required=False)
    on = day("哪天", required=False)

    def __init__(self, known: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedure"].choices = list(known.items())  # type: ignore[attr-defined]


class ListsForm(ProgressForm):
    on = None  # type: ignore[assignment]


def place_of(request: SignedInRequest) -> Organization:
    """The organisation asked for, else that of the hat one wears; 404 where one may not see
    its cases."""
    asked = request.GET.get("organization", "")
    hat = hats.worn(request)
    number = int(asked) if asked.isdecimal() and len(asked) <= 12 else 0
    if not asked and hat and hat.organization_id:
        number = hat.organization_id
    place = get_object_or_404(Organization.objects.visible_to(request.user), pk=number)
    if not standing.may(request.user, "cases.view", place.path):
        raise Http404
    return place


def _reference(request: SignedInRequest, place: Organization, known: dict[str, str]) -> str:
    asked = request.GET.get("procedure", "")
    return asked if asked in known else progress.most_used(place, known)


def _latest(reference: str) -> Procedure:
    pack_id, _, name = reference.partition(":")
    item = library.packs()[pack_id].items["procedures", name][-1].item
    assert isinstance(item, Procedure)
    return item


# --- how far it is


@login_required
@require_safe
def show_progress(request: SignedInRequest) -> HttpResponseBase:
    """Unit by unit and step by step on a day; each figure opens to its rows."""
    place, known, today = place_of(request), progress.choosable(), timezone.localdate()
    reference = _reference(request, place, known)
    if not reference:
        raise Http404
    form = ProgressForm(known, request.GET)
    on = form.cleaned_data.get("on") if form.is_valid() else None
    scope = Scope(request.user, place, reference, min(on or today, today))
    form = ProgressForm(known, initial={
        "organization": place.pk, "procedure": reference, "on": scope.on,
    })  # fmt: skip
    units, rule = progress.units(place), _latest(reference)
    if "which" in request.GET:
        return _behind(request, scope, rule, units)
    rows = progress.by_unit(scope, units)
    stages, whole = progress.by_stage(scope, rule), progress.total(rows)
    sums = progress.sums(scope, rule)
    if "word" in request.GET:
        return _circular(scope, rule, rows, stages, whole, sums)
    if "export" in request.GET:
        return _sheets(scope, rule, rows, stages, whole, sums)
    context = {
        "scope": scope,
        "procedure": rule,
        "form": form,
        "rows": rows,
        "stages": stages,
        "whole": whole,
        "sums": sums,
        "counted": COUNTED,
        "base": f"?organization={place.pk}&procedure={reference}&on={scope.on}",
        "is_today": scope.on == today,
    }
    return render(request, "cases/progress.html", context)


def _behind(
    request: SignedInRequest, scope: Scope, rule: Procedure, units: Iterable[Organization]
) -> HttpResponse:
    """The cases behind one figure."""
    which = request.GET["which"]
    known = {str(unit.pk): unit for unit in units}
    unit = known.get(request.GET.get("unit", ""))
    stage = rule.stage(request.GET.get("stage", ""))
    if which not in progress.WORDS or (request.GET.get("unit") and unit is None):
        raise Http404
    rows = progress.behind(scope, which, unit, stage.id if stage else "")
    page = Paginator(queries.with_turns(rows), PAGE).get_page(page_number(request))
    context = {
        "scope": scope,
        "procedure": rule,
        "title": f"{progress.WORDS[which]} {page.paginator.count} 件",
        "unit": unit,
        "stage": stage,
        "page": page,
        "lines": queries.lines(list(page), timezone.localdate()),
        "query": query_without(request, "page"),
        "back": f"?{query_without(request, 'page', 'which', 'unit', 'stage')}",
    }
    return render(request, "cases/progress_rows.html", context)


def _lead(scope: Scope, rule: Procedure, whole: progress.Row) -> str:
    return (
        f"{scope.place.called}和下面的组织，{rule.title}在办 {whole.open} 件，"
        f"其中超期 {whole.late} 件；今年办结 {whole.done} 件。"
    )


def _circular(
    scope: Scope,
    rule: Procedure,
    rows: list[progress.Row],
    stages: list[progress.Row],
    whole: progress.Row,
    sums: list[progress.Sum],
) -> HttpResponse:
    data = circulars.CircularData(
        organization=scope.place.name,
        subject=rule.title,
        on=scope.on,
        made_at=timezone.now(),
        lead=_lead(scope, rule, whole),
        tables=[
            circulars.Table(
                "各单位", ["单位", *progress.WORDS.values()],
                [[row.title, row.open, row.late, row.done] for row in [*rows, whole]],
            ),
            circulars.Table(
                "到哪一步", ["步骤", "在办", "超期"],
                [[row.title, row.open, row.late] for row in stages],
            ),
            *([circulars.Table(
                "今年办结的合计", ["项目", "合计", "几件写了"],
                [[one.title, f"{one.total:f}{one.unit}", one.count] for one in sums],
            )] if sums else []),
        ],
        note=f"怎么数的：{COUNTED}",
    )  # fmt: skip
    name = f"{circulars.name(data)}.docx"
    return download(circulars.compose(data), name=name, content_type=WORD)


def _sheets(
    scope: Scope,
    rule: Procedure,
    rows: list[progress.Row],
    stages: list[progress.Row],
    whole: progress.Row,
    sums: list[progress.Sum],
) -> HttpResponse:
    title, note = f"{scope.place.name}{rule.title}进度", f"截至 {scope.on}。{COUNTED}"
    figures = [excel.Column(name, 12) for name in progress.WORDS.values()]
    book = excel.book([
        excel.Sheet("各单位", title, [excel.Column("单位", 30), *figures],
                    [(row.title, row.open, row.late, row.done) for row in [*rows, whole]], note),
        excel.Sheet("到哪一步", title, [excel.Column("步骤", 24), *figures[:2]],
                    [(row.title, row.open, row.late) for row in stages], note),
        *([excel.Sheet("合计", title,
                       [excel.Column("项目", 24), excel.Column("合计", 16),
                        excel.Column("单位", 10), excel.Column("几件写了", 12)],
                       [(one.title, one.total, one.unit, one.count) for one in sums], note)]
          if sums else []),
    ])  # fmt: skip
    return download(book, name=f"{title}{scope.on}.xlsx", content_type=excel.TYPE)


# --- lists and ledger


@login_required
@require_safe
def show_lists(request: SignedInRequest) -> HttpResponseBase:
    """What was promised, what is to be done, who answers, and the ledger; all in one file."""
    place, known, today = place_of(request), lists.choosable(), timezone.localdate()
    reference = _reference(request, place, known)
    if not reference:
        raise Http404
    rule, rows = _latest(reference), lists.cases(request.user, place, reference)
    if "export" in request.GET:
        return long_file(request, rows) or _book(place, rule, rows)
    view = request.GET.get("list", "")
    view = view if view in lists.LISTS else "promises"
    person = request.GET.get("person", "")
    is_one = person.isdecimal() and len(person) <= 12
    narrowed = rows.filter(lists.answered_by(int(person))) if is_one else rows
    if view != "ledger":
        narrowed = narrowed.open()
    shown = lists.with_turns(narrowed, changes=view == "ledger")
    is_people = view == "people"
    page = None if is_people else Paginator(shown, PAGE).get_page(page_number(request))
    context = {
        "place": place,
        "procedure": rule,
        "form": ListsForm(known, initial={"organization": place.pk, "procedure": reference}),
        "views": [(name, title, name == view) for name, title in lists.LISTS.items()],
        "view": view,
        "title": lists.LISTS[view],
        "page": page,
        "lines": lists.lines(list(page), today) if page else [],
        "people": lists.people(rows, today) if is_people else [],
        "unanswered": lists.unanswered(rows) if is_people else 0,
        "query": query_without(request, "page"),
        "base": f"?organization={place.pk}&procedure={reference}",
        "export": f"?{query_without(request, 'page', 'export', 'person', 'list')}&export=1",
        "today": today,
    }
    return render(request, "cases/lists.html", context)


def _book(place: Organization, rule: Procedure, rows: CaseQuerySet) -> HttpResponseBase:
    """The lists and the ledger, a sheet each."""
    today = timezone.localdate()
    told = lists.lines(list(lists.with_turns(rows, changes=True)), today)
    still = [line for line in told if line.case.is_open]
    title, note = f"{place.name}{rule.title}", f"截至 {today}"
    head = [excel.Column("编号", 10), excel.Column("事情", 36), excel.Column("组织", 24)]

    def of(line: lists.Line) -> tuple[Any, ...]:
        return line.number, line.case.title, line.case.organization.name

    sheets = [
        excel.Sheet(
            lists.LISTS["promises"], f"{title}承诺清单",
            [*head, excel.Column("承诺", 60), excel.Column("写了几次", 10),
             excel.Column("责任人", 12),
             excel.Column("哪天前", 12)],
            [(*of(line), line.promise, line.versions, line.who, line.until)
             for line in still], note,
        ),
        excel.Sheet(
            lists.LISTS["tasks"], f"{title}任务清单",
            [*head, excel.Column("做什么", 24), excel.Column("轮到谁", 20),
             excel.Column("哪天前", 12), excel.Column("超期", 8)],
            [(*of(line), task.title, task.who, task.due_on, task.is_late)
             for line in still for task in line.tasks], note,
        ),
        excel.Sheet(
            lists.LISTS["people"], f"{title}责任清单",
            [excel.Column("责任人", 16), excel.Column("在办", 10), excel.Column("超期", 10)],
            [(one.person.name, one.open, one.late) for one in lists.people(rows, today)], note,
        ),
        excel.Sheet(
            lists.LISTS["ledger"], f"{title}台账",
            [*head, excel.Column("开始", 12), excel.Column("责任人", 12), excel.Column("状态", 10),
             excel.Column("办结", 12), excel.Column("改动", 80), excel.Column("公示", 40)],
            [(*of(line), line.case.started_on, line.who, line.standing, line.case.ended_on,
              "\n".join(f"{one.on} {one.text}" for one in line.changes), "\n".join(line.posted))
             for line in told], note,
        ),
    ]  # fmt: skip
    name = f"{title}清单和台账{today}.xlsx"
    return download(excel.book(sheets), name=name, content_type=excel.TYPE)
