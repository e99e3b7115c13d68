"""Books: the list with its sums, one book with every line, and what is entered by hand."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import excel, places, standing
from zhibu.core.http import SignedInRequest, download, download_file, page_number, query_without
from zhibu.core.http import saved as saved_
from zhibu.core.verdicts import Verdict, require
from zhibu.core.waiting import long_file
from zhibu.money import actions, chart, queries, rules, subjects, sums
from zhibu.money.claims import Asked
from zhibu.money.forms import (
    ClaimForm,
    ListFilter,
    MoneyForm,
    PledgeForm,
    ReceiveForm,
    ReverseForm,
    SettleForm,
    WithdrawForm,
    WorkForm,
)
from zhibu.money.keeping import Work
from zhibu.money.models import LABOUR, LABOUR_UNIT, Book, Claim, Entry, Quantity

PAGE = 30
LINES = 50
MONEY = ("预算", "认捐", "收入", "其中群众自筹", "付出", "余款")
LIST_COLUMNS = ("账名", "组织", "从哪天起", "状态", *MONEY)


def _book_for(request: SignedInRequest, pk: int) -> Book:
    """The book, or 404 where this user may not even know of it."""
    return get_object_or_404(Book.objects.visible_to(request.user), pk=pk)


def _within(request: SignedInRequest, model: type[Entry | Quantity | Claim], pk: int) -> Any:
    """A row of a book that this user sees."""
    books = Book.objects.visible_to(request.user)
    rows: Any = model._base_manager.select_related("book")
    return get_object_or_404(rows.filter(book__in=books), pk=pk)


def _asked(request: SignedInRequest) -> tuple[ListFilter, places.Place | None, QuerySet[Book]]:
    """The books that the filter in the address leaves; 404 for a place one does not see."""
    form = ListFilter(request.GET or None)
    form.is_valid()
    data = getattr(form, "cleaned_data", {})
    asked = data.get("organization")
    place = queries.place_seen(request.user, asked)
    if asked and place is None:
        raise Http404
    rows = queries.listed(
        request.user, place=place, text=data.get("q", ""), state=data.get("state", "")
    )
    return form, place, rows


@login_required
@require_safe
def book_list(request: SignedInRequest) -> HttpResponseBase:
    """Books within reach and below, with what all of them come to; to Excel."""
    form, place, rows = _asked(request)
    if "export" in request.GET:
        return long_file(request, rows) or _exported(rows, place)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {
        "form": form,
        "place": place,
        "page": page,
        "rows": queries.rows(list(page)),
        "whole": queries.whole(rows),
        "own": chart.SELF_RAISED,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "today": timezone.localdate(),
    }
    return render(request, "money/book_list.html", context)


def _cells(now: sums.Standing) -> tuple[Any, ...]:
    own = now.by_source.get(chart.SELF_RAISED, 0)
    return (now.plan, now.pledged, now.received, own, now.paid, now.left)


def _exported(rows: QuerySet[Book], place: places.Place | None) -> HttpResponseBase:
    cells = (
        (row.book.title, row.place, row.book.opened_on, "在记" if row.book.is_open else "封账",
         *_cells(row.now))
        for row in queries.rows(list(rows))
    )  # fmt: skip
    today = timezone.localdate()
    columns = [excel.Column(title, 14) for title in LIST_COLUMNS]
    file = excel.file("钱账", columns, cells, note=f"{_called(place)}截至 {today}，单位：元")
    return download_file(file, name=f"钱账{today}.xlsx", content_type=excel.TYPE)


def _called(place: places.Place | None) -> str:
    return f"{place.name}和下级，" if place else ""


@login_required
@require_safe
def rollup(request: SignedInRequest) -> HttpResponseBase:
    """What the books come to by organisation, money and work; to Excel."""
    form, place, rows = _asked(request)
    units = queries.by_organization(rows)
    done = sums.quantities(rows.order_by().values("pk"))
    if "export" in request.GET:
        return _exported_sums(units, done, place)
    context = {
        "form": form,
        "place": place,
        "units": units,
        "whole": sums.total(unit.now for unit in units),
        "count": sum(unit.count for unit in units),
        "done": done,
        "own": chart.SELF_RAISED,
        "export": f"?{query_without(request, 'export')}&export=1",
        "today": timezone.localdate(),
    }
    return render(request, "money/rollup.html", context)


def _exported_sums(
    units: Iterable[queries.Unit], done: Iterable[sums.Done], place: places.Place | None
) -> HttpResponse:
    kinds = [(one.what, one.title, one.unit) for one in done]
    heads = ["组织", "几本账", *MONEY, *(f"{title}（{unit}）" for _, title, unit in kinds)]
    known = list(units)
    amounts = {(one.what, one.unit): one.amount for one in done}
    rows: list[tuple[Any, ...]] = []
    for unit in known:
        mine = {(one.what, one.unit): one.amount for one in unit.done}
        work = [mine.get((what, name)) for what, _, name in kinds]
        rows.append((unit.place.name, unit.count, *_cells(unit.now), *work))
    total = sums.total(unit.now for unit in known)
    count = sum(unit.count for unit in known)
    work = [amounts[what, name] for what, _, name in kinds]
    rows.append(("合计", count, *_cells(total), *work))
    today = timezone.localdate()
    columns = [excel.Column(head, 14) for head in heads]
    note = f"{_called(place)}截至 {today}，钱的单位：元"
    content = excel.workbook("钱账汇总", columns, rows, note=note)
    return download(content, name=f"钱账汇总{today}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def book(request: SignedInRequest, pk: int) -> HttpResponse:
    """One book: where it stands, every entry, the work done; to Excel."""
    found = _book_for(request, pk)
    (row,) = queries.rows([found])
    entries, work = queries.entries_of(found), queries.quantities_of(found)
    if "export" in request.GET:
        return _exported_book(row, entries, work)
    page = Paginator(entries, LINES).get_page(page_number(request))
    subject = subjects.of(found.subject_type)
    context = {
        "book": found,
        "row": row,
        "now": row.now,
        "sources": [(one.name, row.now.by_source.get(one.code)) for one in chart.sources()],
        "uses": [(one.name, row.now.by_use.get(one.code)) for one in chart.uses()],
        "planned": [
            (one.name, row.now.planned.get(chart.plan_for(one.code))) for one in chart.sources()
        ],
        "page": page,
        "entries": [(one, rules.may_reverse(request.user, one.entry)) for one in _of(found, page)],
        "work": [(one, rules.may_reverse(request.user, _in(found, one))) for one in work],
        "done": sums.quantities([found.pk]),
        "listed": queries.list_of(found),
        "subject": subject and reverse(subject.url_name, args=[found.subject_id]),
        "may_post": rules.may_post(request.user, found),
        "may_close": rules.may_close(request.user, found),
        "may_disclose": standing.may(request.user, "publishing.propose", found.path),
        "query": query_without(request, "page"),
        "export": "?export=1",
    }
    return render(request, "money/book.html", context)


def _of(book: Book, entries: Iterable[Entry]) -> list[queries.Written]:
    return queries.written([_in(book, entry) for entry in entries])


def _in(book: Book, row: Any) -> Any:
    row.book = book
    return row


ENTRY_COLUMNS = ("号", "日期", "哪一类", "科目", "谁", "金额（元）", "说明", "票据、凭证号",
                 "冲正哪一笔", "谁记的", "哪天记的")  # fmt: skip
WORK_COLUMNS = (
    "日期",
    "做了什么",
    "数量",
    "单位",
    "谁出的工",
    "说明",
    "验收单、记工单号",
    "谁记的",
)
CLAIM_COLUMNS = ("姓名", "哪一组、哪一户", "补什么", "按什么算", "金额（元）", "身份证号",
                 "银行账号", "状态", "凭证")  # fmt: skip


def _exported_book(
    row: queries.Row, entries: QuerySet[Entry], work: QuerySet[Quantity]
) -> HttpResponse:
    lines = [
        (one.entry.number, one.entry.occurred, one.entry.get_kind_display(), one.what,
         one.entry.party, one.amount, one.entry.memo, one.entry.paper,
         one.entry.reverses and one.entry.reverses.number, one.entry.by.display_name,
         timezone.localdate(one.entry.at))
        for one in queries.written(list(entries.order_by("number")))
    ]  # fmt: skip
    measured = [
        (one.occurred, one.title, one.amount, one.unit, one.worker, one.memo, one.paper,
         one.by.display_name)
        for one in work.order_by("pk")
    ]  # fmt: skip
    today, title = timezone.localdate(), row.book.title
    sheets = [
        _sheet("明细", title, ENTRY_COLUMNS, lines, f"{row.place}，截至 {today}"),
        _sheet("工程量和出工", title, WORK_COLUMNS, measured, f"{row.place}，截至 {today}"),
    ]
    if queries.list_of(row.book) is not None:
        claims = [_claim_cells(one) for one in queries.claims_of(row.book)]
        sheets.append(_sheet("发放清单", title, CLAIM_COLUMNS, claims, f"{row.place}，号码遮住"))
    content = excel.book(sheets)
    return download(content, name=f"{title} {today}.xlsx", content_type=excel.TYPE)


def _sheet(
    name: str, title: str, heads: Iterable[str], rows: Iterable[Any], note: str
) -> excel.Sheet:
    return excel.Sheet(name, f"{title} {name}", [excel.Column(h, 14) for h in heads], rows, note)


def _claim_cells(one: Claim) -> tuple[Any, ...]:
    return (one.name, one.household, one.item, one.measure, one.amount, one.masked_number,
            one.masked_account, one.in_words, one.entry and one.entry.paper)  # fmt: skip


@login_required
@require_safe
def claims(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who is to be paid from a book, as the list hangs in public: numbers are covered."""
    found = _book_for(request, pk)
    listed = queries.list_of(found)
    if listed is None:
        raise Http404
    page = Paginator(queries.claims_of(found), LINES).get_page(page_number(request))
    may = rules.may_claim(request.user, found)
    context = {
        "book": found,
        "listed": listed,
        "page": page,
        "may_claim": may,
        "query": query_without(request, "page"),
        "export": f"{found.get_absolute_url()}?export=1",
    }
    return render(request, "money/claims.html", context)


# --- by hand


def _by_hand(
    request: SignedInRequest,
    form: MoneyForm,
    *,
    may: Verdict,
    act: Callable[..., object],
    title: str,
    verb: str,
    done: str,
    book: Book,
    about: str = "",
    back: str = "",
) -> HttpResponse:
    """One form of a book: refused with its reason, or done by one action, or shown again."""
    require(may)
    back = back or book.get_absolute_url()
    if request.method == "POST" and form.is_valid() and form.attempt(act):
        saved_(request, done)
        return redirect(back)
    context = {
        "form": form, "title": title, "verb": verb, "book": book, "about": about, "back": back,
    }  # fmt: skip
    return render(request, "money/form.html", context)


def _initial() -> dict[str, Any]:
    return {"occurred": timezone.localdate()}


@login_required
@require_http_methods(["GET", "POST"])
def receive(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _book_for(request, pk)
    return _by_hand(
        request, ReceiveForm(request.POST or None, initial=_initial()),
        may=rules.may_post(request.user, found), book=found, title="记收款", verb="记下",
        act=lambda **data: actions.receive(
            found, **data, by=request.user, at=timezone.now()
        ),
        done="记了一笔收款。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def pledge(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _book_for(request, pk)
    return _by_hand(
        request, PledgeForm(request.POST or None, initial=_initial()),
        may=rules.may_post(request.user, found), book=found, title="记认捐", verb="记下",
        act=lambda **data: actions.pledge(found, **data, by=request.user, at=timezone.now()),
        done="记了一笔认捐。", about=_limits(found),
    )  # fmt: skip


def _limits(book: Book) -> str:
    said = []
    if book.most_a_head is not None:
        said.append(f"每人一年最多认捐 {book.most_a_head:,.2f} 元")
    if book.days_a_head is not None:
        said.append(f"每人一年最多出工 {book.most_days} 个工日")
    basis = f"依据 {book.basis}。" if book.basis else ""
    return f"{'，'.join(said)}。{basis}" if said else ""


@login_required
@require_http_methods(["GET", "POST"])
def labour(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _book_for(request, pk)

    def act(**data: Any) -> object:
        work = Work(what=LABOUR, title="出工", unit=LABOUR_UNIT, **data)
        return actions.add_quantity(found, work, by=request.user, at=timezone.now())

    return _by_hand(
        request, WorkForm(request.POST or None, initial=_initial()),
        may=rules.may_post(request.user, found), book=found, title="记出工", verb="记下", act=act,
        done="记了一笔出工。", about=_limits(found),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _book_for(request, pk)
    return _by_hand(
        request, SettleForm(request.POST or None), may=rules.may_close(request.user, found),
        act=lambda **data: actions.settle(found, **data, by=request.user, at=timezone.now()),
        book=found, title="结账", verb="结账", done="结账了。",
        about="结账以后，那天和以前的账不能再记、再冲正；错了的记在后面的日子。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def claim(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _book_for(request, pk)
    return _by_hand(
        request, ClaimForm(request.POST or None), may=rules.may_claim(request.user, found),
        act=lambda **data: actions.claim(
            found, Asked(**data), by=request.user, at=timezone.now()
        ),
        book=found, title="登记一户", verb="登记", done="登记了一户。",
        about="同一轮里，一个身份证号、一个银行账号，同一样补偿只能有一笔，在哪本账上都一样。",
        back=reverse("money:claims", args=[found.pk]),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _within(request, Claim, pk)
    return _by_hand(
        request, WithdrawForm(request.POST or None),
        may=rules.may_withdraw(request.user, found), book=found.book,
        act=lambda **data: actions.withdraw(found, **data, by=request.user, at=timezone.now()),
        title=f"撤下{found.name}", verb="撤下", done=f"撤下了{found.name}。",
        about=f"{found.item}，{found.amount:,.2f} 元。撤下的留在清单上，写着原因。",
        back=reverse("money:claims", args=[found.book_id]),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def reverse_entry(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _within(request, Entry, pk)
    (line,) = queries.written([found])
    return _by_hand(
        request, ReverseForm(request.POST or None, initial=_initial()),
        may=rules.may_reverse(request.user, found), book=found.book,
        act=lambda **data: actions.reverse_entry(
            found, **data, by=request.user, at=timezone.now()
        ),
        title=f"冲正第 {found.number} 笔", verb="冲正", done=f"第 {found.number} 笔冲正了。",
        about=f"{found.get_kind_display()}，{line.what}，{line.amount:,.2f} 元。"
        "原来的不改，另记一笔相反的，两笔都看得到。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def reverse_quantity(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _within(request, Quantity, pk)
    return _by_hand(
        request, ReverseForm(request.POST or None, initial=_initial()),
        may=rules.may_reverse(request.user, found), book=found.book,
        act=lambda **data: actions.reverse_quantity(
            found, **data, by=request.user, at=timezone.now()
        ),
        title=f"冲正{found.title}", verb="冲正", done=f"{found.title}冲正了。",
        about=f"{found.title} {found.measured}。"
        "原来的不改，另记一笔相反的，两笔都看得到。",
    )  # fmt: skip
