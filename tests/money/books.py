"""Books as tests open and fill them, and what an oracle of plain decimals says of them."""

from collections import defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from zhibu.accounts.models import User
from zhibu.core.effects import Unfit
from zhibu.money import claims, effects, keeping
from zhibu.money.claims import Asked
from zhibu.money.keeping import Draft, Move, Terms, Work
from zhibu.money.models import Book, Claim, Entry, Quantity
from zhibu.organizations.models import Organization

OPENED = date(2026, 3, 2)
DAY = date(2026, 5, 6)
ROAD = "陈庄生产路"


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def opened(
    at: Organization, *, by: User, title: str = ROAD, scheme: str = "", on: date = OPENED,
    subject: tuple[str, int] | None = None, **terms: Any,
) -> Book:  # fmt: skip
    with transaction.atomic():
        return keeping.open_book(
            at.pk, title=title, opened_on=on, terms=Terms(**terms), scheme=scheme,
            subject=subject, by=by, at=noon(on),
        )  # fmt: skip


def post(book: Book, *moves: tuple[str, str, str], by: User, on: date = DAY, **more: Any) -> Entry:
    """Moves as (debit, credit, yuan)."""
    kind = more.pop("kind", "transfer")
    asked = [Move(debit, credit, Decimal(amount)) for debit, credit, amount in moves]
    with transaction.atomic():
        return keeping.post(
            keeping.held(book.pk), Draft(kind=kind, occurred=on, moves=asked, **more),
            by=by, at=noon(on),
        )  # fmt: skip


def receive(book: Book, amount: str, *, by: User, source_of: str = "subsidy", **more: Any) -> Entry:
    return post(book, ("cash", source_of, amount), by=by, kind="receipt", **more)


def pay(book: Book, amount: str, *, by: User, use: str = "works", **more: Any) -> Entry:
    return post(book, (use, "cash", amount), by=by, kind="payment", **more)


def plan(book: Book, amount: str, *, by: User, on: date = DAY, memo: str = "") -> Entry | None:
    with transaction.atomic():
        return effects.plan(
            keeping.held(book.pk), Decimal(amount), on=on, memo=memo, by=by, at=noon(on)
        )


def pledge(
    book: Book, party: str, amount: str, *, by: User, on: date = DAY, apportioned: bool = False
) -> Entry:
    with transaction.atomic():
        return effects.promise(
            keeping.held(book.pk), party=party, amount=Decimal(amount), on=on,
            apportioned=apportioned, by=by, at=noon(on),
        )  # fmt: skip


def reverse(entry: Entry, *, by: User, on: date = DAY, memo: str = "记错了") -> Entry:
    with transaction.atomic():
        keeping.held(entry.book_id)
        return keeping.reverse(
            Entry.objects.get(pk=entry.pk), occurred=on, memo=memo, by=by, at=noon(on)
        )


def work(
    book: Book, what: str, amount: str, unit: str, *, by: User, on: date = DAY, **more: Any
) -> Quantity:
    with transaction.atomic():
        asked = Work(
            what=what, title=more.pop("title", what), unit=unit, amount=Decimal(amount),
            occurred=on, **more,
        )  # fmt: skip
        return keeping.measure(keeping.held(book.pk), asked, by=by, at=noon(on))


def claim(book: Book, name: str, amount: str, *, by: User, on: date = DAY, **more: Any) -> Claim:
    asked = Asked(item=more.pop("item", "征地补偿"), name=name, amount=Decimal(amount), **more)
    with transaction.atomic():
        return claims.claim(keeping.held(book.pk), asked, by=by, at=noon(on))


def close(book: Book, *, by: User, on: date = DAY, note: str = "") -> Book:
    with transaction.atomic():
        return keeping.close(keeping.held(book.pk), on=on, note=note, by=by, at=noon(on))


def withdraw(made: Claim, *, by: User, on: date = DAY, reason: str = "重复登记") -> Claim:
    with transaction.atomic():
        keeping.held(made.book_id)
        return claims.withdraw(made, reason=reason, by=by, at=noon(on))


def pay_list(book: Book, *, by: User, on: date = DAY, paper: str = "发放表 1") -> None:
    """Whoever waits on the list is paid."""
    with transaction.atomic():
        claims.pay(keeping.held(book.pk), occurred=on, paper=paper, by=by, at=noon(on))


def faults(action: Any) -> dict[str, str]:
    """What is said to be wrong."""
    try:
        action()
    except Unfit as unfit:
        return unfit.faults
    raise AssertionError("不该记得进去")


def oracle(book: Book) -> dict[str, Decimal]:
    """What each account holds by its debits less its credits, added up one by one in plain
    decimals from the rows alone."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    for entry in Entry.objects.filter(book=book):
        for line in entry.lines.all():
            held[line.debit.code] += line.amount
            held[line.credit.code] -= line.amount
    return dict(held)
