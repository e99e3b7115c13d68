from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import excel, hats, standing
from zhibu.core.fields import FieldSpec
from zhibu.core.forms import FieldsForm
from zhibu.core.http import (
    SignedInRequest,
    download,
    download_file,
    page_number,
    query_without,
    saved,
)
from zhibu.core.verdicts import no, require
from zhibu.core.waiting import long_file
from zhibu.documents import booklets
from zhibu.documents.booklets import BookletData, Chapter, Entry
from zhibu.documents.pages import TYPE as WORD
from zhibu.imports import blanks, jobs, targets
from zhibu.imports.targets import Ground
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.registers import Register
from zhibu.registers import actions, queries, rules
from zhibu.registers.forms import (
    CloseForm,
    CorrectForm,
    RowForm,
    RowsFileForm,
    RowsFilter,
    VoidForm,
    attempted,
)
from zhibu.registers.importing import TARGET, may_bring_in
from zhibu.registers.models import STANDINGS, Row, RowQuerySet, latest
from zhibu.registers.queries import Scope

PAGE = 30
BOOKLET = 500  # entries of one Word file
BOOKS = (("台账", 30), ("有效", 10), ("快到期", 10), ("在用", 8), ("依据", 40))
SHOWN = 4  # columns of a list on the screen; the sheet has all


def _pack_of(reference: str) -> Pack:
    return library.packs()[reference.partition(":")[0]]


def _place(request: SignedInRequest) -> Organization | None:
    """The organisation asked for, else that of the hat one wears; 404 for one that is not seen."""
    asked = request.GET.get("organization", "")
    hat = hats.worn(request)
    if not asked:
        number = hat.organization_id if hat else None
    else:
        number = int(asked) if asked.isdecimal() and len(asked) <= 12 else 0
    if number is None:
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=number)


# --- all registers


@login_required
@require_safe
def register_list(request: SignedInRequest) -> HttpResponseBase:
    """Registers in force at a place and those with rows below it: what holds, what runs out."""
    place, today = _place(request), timezone.localdate()
    if place is None:
        raise Http404
    books = queries.shown_books(request.user, place, today)
    if "export" in request.GET:
        return _exported_books(place, books, today)
    context = {
        "place": place,
        "books": books,
        "is_asked": bool(request.GET.get("organization")),
        "export": f"?{query_without(request, 'export')}&export=1",
        "today": today,
    }
    return render(request, "registers/register_list.html", context)


def _exported_books(
    place: Organization, books: list[queries.Book], today: date
) -> HttpResponseBase:
    cells = (
        (book.rule.title, book.valid, book.running_out, book.is_in_force, book.cited)
        for book in books
    )
    title = f"{place.name}台账"
    columns = [excel.Column(name, width) for name, width in BOOKS]
    file = excel.file(title, columns, cells, note=f"截至 {today}")
    return download_file(file, name=f"{title}{today}.xlsx", content_type=excel.TYPE)


# --- one register


def _register(request: SignedInRequest, reference: str) -> Register:
    """The latest wording; 404 where there is none, or where it is nothing to this user."""
    rule = latest(reference)
    if rule is None or not queries.may_know(request.user, reference, rule):
        raise Http404
    return rule


def reference_of(publisher: str, pack: str, item: str) -> str:
    return f"{publisher}/{pack}:{item}"


@login_required
@require_safe
def register(request: SignedInRequest, publisher: str, pack: str, item: str) -> HttpResponseBase:
    """Rows of one register on a day, narrowed; counted by choice and by unit; to Excel."""
    reference = reference_of(publisher, pack, item)
    rule, place, today = _register(request, reference), _place(request), timezone.localdate()
    if place is None:
        raise Http404
    form = RowsFilter(rule, request.GET)
    form.is_valid()
    asked = form.cleaned_data
    scope = Scope(request.user, reference, asked.get("on") or today, place)
    view = asked.get("view") or "valid"
    counted = asked.get("counted") or ""
    rows = scope.looked_at(view, counted, asked.get("q") or "")
    if "export" in request.GET:
        return long_file(request, rows) or _exported(request, rule, rows, scope, view)
    if "word" in request.GET:
        return _booklet(request, rule, rows, scope)
    page = Paginator(queries.with_named(rows), PAGE).get_page(page_number(request))
    specs = [spec for spec in rule.columns if spec.id != rule.name_column.id][:SHOWN]
    held = queries.kept_by(place, today).get(reference)
    base = f"?organization={place.pk}&on={scope.on}"
    context = {
        "rule": rule,
        "reference": reference,
        "place": place,
        "address": queries.address(reference),
        "page": page,
        "specs": specs,
        "lines": queries.lines(request.user, list(page), specs, scope.on),
        "form": form,
        "view": view,
        "view_title": queries.VIEWS[view],
        "scope": scope,
        "base": base,
        "choices": queries.by_choice(scope.looked_at("valid"), rule),
        "units": queries.by_unit(scope.looked_at("valid"), place),
        "totals": queries.totals(rows, rule),
        "gaps": _gaps(request, scope, rule, place),
        "cited": _pack_of(reference).citation(rule.cites[0]),
        "may_open": held is not None and rules.may_open(request.user, place, rule),
        "may_bring_in": _offers_import(request, place, rule, reference),
        "is_asked": bool(asked.get("q") or counted),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "word": f"?{query_without(request, 'page', 'word')}&word=1",
        "is_printable": 0 < page.paginator.count <= BOOKLET,
        "today": today,
    }
    return render(request, "registers/register.html", context)


def _booklet(
    request: SignedInRequest, rule: Register, rows: RowQuerySet, scope: Scope
) -> HttpResponse:
    """The rows as a Word file to be printed and bound, every column of each, by choice."""
    found = list(queries.with_named(rows)[: BOOKLET + 1])
    if len(found) > BOOKLET:
        require(no(f"不能印成册：超过 {BOOKLET} 行了，先用上面的条件筛一筛，或者导出 Excel。"))
    spec = rule.column(rule.counted_by)
    groups = [(one.id, one.title) for one in spec.choices] if spec else [("", "")]
    chapters = [
        Chapter(
            title,
            [_entry(request, row, scope.on) for row in found if not spec or row.counted == id_],
        )
        for id_, title in groups
    ]
    data = BookletData(
        organization=scope.place.name if scope.place else "", subject=rule.title, on=scope.on,
        made_at=timezone.now(), chapters=[one for one in chapters if one.entries],
    )  # fmt: skip
    name = f"{booklets.name(data)}.docx"
    return download(booklets.compose(data), name=name, content_type=WORD)


def _entry(request: SignedInRequest, row: Row, on: date) -> Entry:
    rule = row.rule
    facts = [
        (spec.title, text)
        for spec, text in queries.seen(request.user, row, rule)
        if spec.id not in (rule.name_column.id, rule.counted_by)
    ]
    days = f"{row.since} 起" + (f"，到 {row.until}（不含）" if row.until else "")
    own = [
        ("日期", f"{days}，{STANDINGS[row.standing_on(on)]}"), ("组织", row.organization.name),
        ("编号", row.called_number),
    ]  # fmt: skip
    return Entry(row.title, [*facts, *own])


def _offers_import(
    request: SignedInRequest, place: Organization, rule: Register, reference: str
) -> bool:
    """Whether rows may be brought in from a table at and below ``place``."""
    if queries.wording_on(reference, timezone.localdate()) is None:
        return False
    is_staff = standing.may(request.user, "registers.write", place.path)
    return is_staff and bool(may_bring_in(request.user, place, rule))


def _gaps(
    request: SignedInRequest, scope: Scope, rule: Register, place: Organization
) -> dict[str, Any] | None:
    """How many lack a row; None where nobody asks or where one may not know."""
    if rule.gaps is None or not standing.may(request.user, "registers.view", place.path):
        return None
    units = queries.gaps(scope, place)
    return {"title": rule.gaps.says, "count": len(units)}


def _exported(
    request: SignedInRequest, rule: Register, rows: RowQuerySet, scope: Scope, view: str
) -> HttpResponseBase:
    """Every column, so that the sheet can be typed on and brought in again."""
    title = f"{scope.place.name if scope.place else ''}{rule.title}（{queries.VIEWS[view]}）"
    columns = [excel.Column(*one) for one in sheet_columns(rule)]
    file = excel.file(
        title, columns, _cells(request, rule, rows, scope.on), note=f"截至 {scope.on}"
    )
    return download_file(file, name=f"{title}{scope.on}.xlsx", content_type=excel.TYPE)


def sheet_columns(rule: Register) -> list[tuple[str, int]]:
    number = [("编号", 16)] if rule.numbering else []
    ways = [("怎么结束的", 14)] if rule.ended_as else []
    return [
        ("台账", 16), ("组织代码", 14), ("组织名称", 24), *number,
        *((spec.title, _width(spec)) for spec in rule.columns),
        ("从哪天", 12), ("到哪天（不含）", 14), ("状态", 10), *ways, ("原因", 30),
    ]  # fmt: skip


def _width(spec: FieldSpec) -> int:
    return {"long-text": 40, "text": 24, "link": 30}.get(spec.type, 14)


def _cells(
    request: SignedInRequest, rule: Register, rows: RowQuerySet, on: date
) -> Iterator[tuple[Any, ...]]:
    ways = {choice.id: choice.title for choice in rule.ended_as}
    known: dict[date, Register] = {}
    for row in queries.with_named(rows).iterator(1000):
        own = known.get(row.wording) or known.setdefault(row.wording, row.rule)
        number = [row.called_number] if rule.numbering else []
        ended = [ways.get(row.ended_as, "")] if rule.ended_as else []
        yield (
            rule.title, row.organization.code, row.organization.name, *number,
            *queries.exported(request.user, row, own, rule.columns),
            row.since, row.until, STANDINGS[row.standing_on(on)], *ended, row.reason,
        )  # fmt: skip


@login_required
@require_safe
def gap_list(request: SignedInRequest, publisher: str, pack: str, item: str) -> HttpResponseBase:
    """Organisations that ought to have a row and have none; to Excel."""
    reference = reference_of(publisher, pack, item)
    rule, place, today = _register(request, reference), _place(request), timezone.localdate()
    if place is None or rule.gaps is None:
        raise Http404
    if not standing.may(request.user, "registers.view", place.path):
        raise Http404
    form = RowsFilter(rule, request.GET)
    form.is_valid()
    scope = Scope(request.user, reference, form.cleaned_data.get("on") or today, place)
    units = queries.gaps(scope, place)
    if "export" in request.GET:
        title = f"{place.name}{rule.gaps.says}"
        columns = [excel.Column("组织代码", 14), excel.Column("组织名称", 30)]
        cells = ((unit.code, unit.name) for unit in units)
        file = excel.file(title, columns, cells, note=f"截至 {scope.on}")
        return download_file(file, name=f"{title}{scope.on}.xlsx", content_type=excel.TYPE)
    page = Paginator(units, PAGE).get_page(page_number(request))
    may_open = rules.open_at(request.user, list(page), rule)
    context = {
        "rule": rule,
        "place": place,
        "address": queries.address(reference),
        "page": page,
        "lines": [
            (unit, unit.pk in may_open, queries.address(reference, "open", unit.pk))
            for unit in page
        ],
        "scope": scope,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }
    return render(request, "registers/gaps.html", context)


# --- one row


@login_required
@require_http_methods(["GET", "POST"])
def open_row(
    request: SignedInRequest, publisher: str, pack: str, item: str, organization: int
) -> HttpResponse:
    """Write a row in a register in force there."""
    reference, today = reference_of(publisher, pack, item), timezone.localdate()
    found = get_object_or_404(
        Organization.objects.visible_to(request.user).select_related("parent"), pk=organization
    )
    held = queries.registers(found, today).get(reference)
    if held is None or not standing.may(request.user, "registers.view", found.path):
        raise Http404
    rule = held.wording.item
    assert isinstance(rule, Register)
    require(rules.may_open(request.user, found, rule))
    typed = [request.POST] if request.method == "POST" else []
    form = RowForm(
        rule, found, today, *typed, has_until=rule.ends != "open", initial={"since": today}
    )
    made: list[Row] = []

    def act() -> None:
        made.append(
            actions.open_row(
                found, form.draft(), register=reference, wording=held.wording.since,
                by=request.user, at=timezone.now(),
            )
        )  # fmt: skip

    draft = f"register:{reference}:{found.pk}"
    if typed and form.is_valid() and attempted(form, act):
        saved(request, "登记了。", draft=draft)
        return redirect(made[0])
    context = {
        "rule": rule,
        "organization": found,
        "form": form,
        "draft": draft,
        "cited": held.pack.cited(held.wording),
        "back": f"{queries.address(reference)}?organization={found.pk}",
    }
    return render(request, "registers/open.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def bring_in(
    request: SignedInRequest, publisher: str, pack: str, item: str, organization: int
) -> HttpResponse:
    """Hand in a table of rows at and below an organisation; the import's own page goes on. The
    empty table with the register's headings."""
    reference, today = reference_of(publisher, pack, item), timezone.localdate()
    found = get_object_or_404(
        Organization.objects.visible_to(request.user).select_related("parent"), pk=organization
    )
    worded = queries.wording_on(reference, today)
    if worded is None or not standing.may(request.user, "registers.view", found.path):
        raise Http404
    rule = worded[1].item
    assert isinstance(rule, Register)
    subject, ground = TARGET.subject(reference), Ground(found.pk, found.path, found.called)
    require(may_bring_in(request.user, found, rule))
    if "blank" in request.GET:
        name = f"{rule.title}样表.xlsx"
        return download(blanks.workbook(subject), name=name, content_type=excel.TYPE)
    form = RowsFileForm(request.POST, request.FILES) if _typed(request) else RowsFileForm()
    if form.is_bound and form.is_valid():
        file, now = form.cleaned_data["file"], timezone.now()
        return redirect(jobs.take_in(file, ground, subject=subject, by=request.user, at=now))
    context = {
        "rule": rule,
        "organization": found,
        "form": form,
        "titles": [field.title for field in targets.vocabulary(TARGET, subject).fields.values()],
        "cited": worded[0].cited(worded[1]),
        "back": f"{queries.address(reference)}?organization={found.pk}",
    }
    return render(request, "registers/bring_in.html", context)


def _row_for(request: SignedInRequest, pk: int) -> Row:
    rows = Row.objects.visible_to(request.user)
    found: Row = get_object_or_404(
        rows.select_related("organization__parent", "opened_by").prefetch_related("mentions"), pk=pk
    )
    return found


@login_required
@require_safe
def show_row(request: SignedInRequest, pk: int) -> HttpResponse:
    """One row: what stands in it, how it stands today, and what became of it."""
    row, today, user = _row_for(request, pk), timezone.localdate(), request.user
    rule = row.rule
    ways = {choice.id: choice.title for choice in rule.ended_as}
    context = {
        "row": row,
        "rule": rule,
        "seen": queries.seen(user, row, rule),
        "standing": STANDINGS[row.standing_on(today)],
        "ended_as": ways.get(row.ended_as, ""),
        "changes": queries.history(user, row),
        "cited": _pack_of(row.register).citation(rule.cites[0]),
        "address": queries.address(row.register),
        "sees_list": standing.may(user, "registers.view", row.organization.path),
        "may_correct": rules.may_correct(user, row),
        "may_close": rules.may_close(user, row),
        "may_void": rules.may_void(user, row),
    }
    return render(request, "registers/row.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def correct_row(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _row_for(request, pk)
    require(rules.may_correct(request.user, row))
    form = CorrectForm(row, timezone.localdate(), *_typed(request))
    return _confirmed(
        request, row, form, "更正", "写错了才更正；情况变了的，结束这一行，再登记一行。", "更正",
        lambda: actions.correct_row(
            row, form.draft(), reason=form.cleaned_data["reason"], by=request.user,
            at=timezone.now(),
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def close_row(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _row_for(request, pk)
    require(rules.may_close(request.user, row))
    form = CloseForm(row.rule, *_typed(request), initial={"until": timezone.localdate()})
    return _confirmed(
        request, row, form, "结束", "结束以后这一行还在，从那天起不算有效。", "结束",
        lambda: actions.close_row(
            row, until=form.cleaned_data["until"], reason=form.cleaned_data["reason"],
            ended_as=form.cleaned_data.get("ended_as", ""), by=request.user, at=timezone.now(),
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def void_row(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _row_for(request, pk)
    require(rules.may_void(request.user, row))
    form = VoidForm(*_typed(request))
    return _confirmed(
        request, row, form, "作废", "从来不该有的才作废。记录还看得到，哪一天都不算。", "作废",
        lambda: actions.void_row(
            row, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


def _typed(request: SignedInRequest) -> list[Any]:
    return [request.POST] if request.method == "POST" else []


def _confirmed(
    request: SignedInRequest,
    row: Row,
    form: FieldsForm,
    title: str,
    lead: str,
    button: str,
    act: Callable[[], object],
) -> HttpResponse:
    """A page of its own for what is done once, with its reason."""
    if request.method == "POST" and form.is_valid() and attempted(form, act):
        saved(request, "记下了。")
        return redirect(row)
    context = {"row": row, "form": form, "title": title, "lead": lead, "button": button}
    return render(request, "registers/confirm.html", context)
