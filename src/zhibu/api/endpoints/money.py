from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import May, may
from zhibu.api.sections import Section
from zhibu.core.verdicts import require
from zhibu.money import actions, queries, rules, sums
from zhibu.money.claims import Asked
from zhibu.money.forms import (
    ClaimForm,
    ListFilter,
    PledgeForm,
    ReceiveForm,
    ReverseForm,
    SettleForm,
    WithdrawForm,
    WorkForm,
)
from zhibu.money.keeping import Work
from zhibu.money.models import LABOUR, LABOUR_UNIT, Book, Claim, Entry, Quantity

section = Section("钱账")


class Sums(Schema):
    """Yuan as exact decimals. ``plan`` is null where no ceiling was set."""

    plan: Decimal | None
    pledged: Decimal
    received: Decimal
    by_source: dict[str, Decimal]
    paid: Decimal
    by_use: dict[str, Decimal]
    left: Decimal


class BookLine(Schema):
    id: int
    title: str
    organization: int
    organization_name: str
    opened_on: date
    closed_on: date | None
    sums: Sums


class DoneOut(Schema):
    what: str
    title: str
    amount: Decimal
    unit: str


class BookOut(BookLine):
    scheme: str
    basis: str
    most_a_head: Decimal | None
    days_a_head: Decimal | None
    closed_through: date | None
    done: list[DoneOut]
    may: dict[str, May]


class EntryOut(Schema):
    """``amount`` is negative where the money goes out, or a plan or pledge comes down."""

    id: int
    number: int
    kind: str
    occurred: date
    what: str
    amount: Decimal
    party: str
    memo: str
    paper: str
    reverses: int | None
    reversed_by: str
    by: str
    at: datetime


class WorkOut(Schema):
    id: int
    what: str
    title: str
    amount: Decimal
    unit: str
    occurred: date
    worker: str
    paper: str
    reverses: int | None


class ClaimOut(Schema):
    """Identity and bank account are covered here as on the page."""

    id: int
    name: str
    household: str
    item: str
    measure: str
    amount: Decimal
    number: str
    account: str
    stands: str


def _sums(now: sums.Standing) -> Sums:
    return Sums(
        plan=now.plan, pledged=now.pledged, received=now.received, paid=now.paid, left=now.left,
        by_source=dict(now.by_source), by_use=dict(now.by_use),
    )  # fmt: skip


def _line(row: queries.Row) -> dict[str, Any]:
    book = row.book
    return {
        "id": book.pk, "title": book.title, "organization": book.organization_id,
        "organization_name": row.place, "opened_on": book.opened_on,
        "closed_on": book.closed_on, "sums": _sums(row.now),
    }  # fmt: skip


@section.listing("/books", "钱账，新开的在前", BookLine, ListFilter)
def books(call: Call) -> dict[str, Any]:
    asked = call.filled(ListFilter(data=call.query))
    place = queries.place_seen(call.user, asked["organization"])
    if asked["organization"] and place is None:
        call.find(Book.objects.none(), pk=0)
    rows = queries.listed(call.user, place=place, text=asked["q"], state=asked["state"])
    return call.page(rows, lambda some: [BookLine(**_line(row)) for row in queries.rows(some)])


def book_for(call: Call, pk: int) -> Book:
    return call.find(Book.objects.visible_to(call.user), pk=pk)


def _within(call: Call, rows: Any, pk: int) -> Any:
    seen = Book.objects.visible_to(call.user)
    return call.find(rows.filter(book__in=seen).select_related("book"), pk=pk)


@section.one("/books/{int:pk}", "一本账：收了多少，付了多少，做了多少", BookOut, Book)
def book(call: Call, pk: int) -> BookOut:
    found = book_for(call, pk)
    (row,) = queries.rows([found])
    done = [
        DoneOut(what=one.what, title=one.title, amount=one.amount, unit=one.unit)
        for one in sums.quantities([found.pk])
    ]
    post = rules.may_post(call.user, found)
    return BookOut(
        **_line(row), scheme=found.scheme, basis=found.basis, most_a_head=found.most_a_head,
        days_a_head=found.days_a_head, closed_through=found.closed_through, done=done,
        may=may(
            receive=post, pledge=post, labour=post, settle=rules.may_close(call.user, found),
            claim=rules.may_claim(call.user, found),
        ),
    )  # fmt: skip


@section.listing("/books/{int:pk}/entries", "每一笔账，新的在前", EntryOut)
def entries(call: Call, pk: int) -> dict[str, Any]:
    found = book_for(call, pk)
    return call.page(
        queries.entries_of(found), lambda some: [_entry(one) for one in queries.written(some)]
    )


def _entry(one: queries.Written) -> EntryOut:
    entry = one.entry
    return EntryOut(
        id=entry.pk, number=entry.number, kind=entry.kind, occurred=entry.occurred, what=one.what,
        amount=one.amount, party=entry.party, memo=entry.memo, paper=entry.paper,
        reverses=entry.reverses.number if entry.reverses else None, reversed_by=one.taken_back,
        by=entry.by.display_name, at=entry.at,
    )  # fmt: skip


@section.listing("/books/{int:pk}/work", "工程量和出工，新的在前", WorkOut)
def work(call: Call, pk: int) -> dict[str, Any]:
    found = book_for(call, pk)
    return call.page(
        queries.quantities_of(found),
        lambda some: [
            WorkOut(
                id=one.pk, what=one.what, title=one.title, amount=one.amount, unit=one.unit,
                occurred=one.occurred, worker=one.worker, paper=one.paper,
                reverses=one.reverses_id,
            )
            for one in some
        ],
    )  # fmt: skip


@section.listing("/books/{int:pk}/claims", "发放清单，登记的次序", ClaimOut)
def claims(call: Call, pk: int) -> dict[str, Any]:
    found = book_for(call, pk)
    return call.page(
        queries.claims_of(found),
        lambda some: [
            ClaimOut(
                id=one.pk, name=one.name, household=one.household, item=one.item,
                measure=one.measure, amount=one.amount, number=one.masked_number,
                account=one.masked_account, stands=one.in_words,
            )
            for one in some
        ],
    )  # fmt: skip


@section.act("/books/{int:pk}/receive", "记收款", actions.receive, form=ReceiveForm)
def receive(call: Call, pk: int) -> Book:
    found = book_for(call, pk)
    require(rules.may_post(call.user, found))
    asked = call.filled(ReceiveForm(data=call.data))
    return actions.receive(found, **asked, by=call.user, at=call.at).book


@section.act("/books/{int:pk}/pledge", "记认捐", actions.pledge, form=PledgeForm)
def pledge(call: Call, pk: int) -> Book:
    found = book_for(call, pk)
    require(rules.may_post(call.user, found))
    asked = call.filled(PledgeForm(data=call.data))
    return actions.pledge(found, **asked, by=call.user, at=call.at).book


@section.act("/books/{int:pk}/labour", "记出工", actions.add_quantity, form=WorkForm)
def labour(call: Call, pk: int) -> Book:
    found = book_for(call, pk)
    require(rules.may_post(call.user, found))
    asked = Work(
        what=LABOUR, title="出工", unit=LABOUR_UNIT, **call.filled(WorkForm(data=call.data))
    )
    return actions.add_quantity(found, asked, by=call.user, at=call.at).book


@section.act("/books/{int:pk}/settle", "结账到哪天", actions.settle, form=SettleForm)
def settle(call: Call, pk: int) -> Book:
    found = book_for(call, pk)
    require(rules.may_close(call.user, found))
    return actions.settle(
        found, **call.filled(SettleForm(data=call.data)), by=call.user, at=call.at
    )


@section.act("/books/{int:pk}/claim", "发放清单登记一户", actions.claim, form=ClaimForm)
def claim(call: Call, pk: int) -> Book:
    found = book_for(call, pk)
    require(rules.may_claim(call.user, found))
    asked = Asked(**call.filled(ClaimForm(data=call.data)))
    return actions.claim(found, asked, by=call.user, at=call.at).book


@section.act("/claims/{int:pk}/withdraw", "撤下一户", actions.withdraw, form=WithdrawForm)
def withdraw(call: Call, pk: int) -> Book:
    found = _within(call, Claim.objects, pk)
    require(rules.may_withdraw(call.user, found))
    asked = call.filled(WithdrawForm(data=call.data))
    return actions.withdraw(found, **asked, by=call.user, at=call.at).book


@section.act("/entries/{int:pk}/reverse", "冲正一笔账", actions.reverse_entry, form=ReverseForm)
def reverse_entry(call: Call, pk: int) -> Book:
    found = _within(call, Entry.objects, pk)
    require(rules.may_reverse(call.user, found))
    asked = call.filled(ReverseForm(data=call.data))
    return actions.reverse_entry(found, **asked, by=call.user, at=call.at).book


@section.act("/work/{int:pk}/reverse", "冲正工程量", actions.reverse_quantity, form=ReverseForm)
def reverse_work(call: Call, pk: int) -> Book:
    found = _within(call, Quantity.objects, pk)
    require(rules.may_reverse(call.user, found))
    asked = call.filled(ReverseForm(data=call.data))
    return actions.reverse_quantity(found, **asked, by=call.user, at=call.at).book
