"""What people do to books by hand: each locks, requires, and lets the kernel judge and record."""

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from zhibu.accounts.models import User
from zhibu.core.effects import Unfit
from zhibu.core.verdicts import require
from zhibu.money import chart, claims, effects, keeping, rules
from zhibu.money.claims import Asked
from zhibu.money.keeping import Draft, Move, Work
from zhibu.money.models import Book, Claim, Entry, Quantity


@transaction.atomic
def receive(
    book: Book, *, source: str, amount: Decimal, occurred: date, party: str = "", memo: str = "",
    paper: str = "", by: User, at: datetime,
) -> Entry:  # fmt: skip
    """Enter money received, from a source of the chart.

    Raises:
        Refused: ``rules.may_post`` refuses.
        Unfit: the kernel refuses; faults by parameter.
    """
    book = keeping.held(book.pk)
    require(rules.may_post(by, book))
    draft = Draft(
        kind=Entry.Kind.RECEIPT, occurred=occurred, moves=[Move(chart.CASH, source, amount)],
        party=party, memo=memo, paper=paper,
    )  # fmt: skip
    return keeping.post(book, draft, by=by, at=at)


@transaction.atomic
def pledge(
    book: Book, *, party: str, amount: Decimal, occurred: date, apportioned: bool = False,
    heads: int = 1, memo: str = "", by: User, at: datetime,
) -> Entry:  # fmt: skip
    """Take a pledge down; raises as ``receive`` does."""
    book = keeping.held(book.pk)
    require(rules.may_post(by, book))
    return effects.promise(
        book, party=party, amount=amount, on=occurred, apportioned=apportioned, heads=heads,
        memo=memo, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def add_quantity(book: Book, work: Work, *, by: User, at: datetime) -> Quantity:
    """Enter work done; raises as ``receive`` does."""
    book = keeping.held(book.pk)
    require(rules.may_post(by, book))
    return keeping.measure(book, work, by=by, at=at)


@transaction.atomic
def reverse_entry(entry: Entry, *, occurred: date, memo: str, by: User, at: datetime) -> Entry:
    """Take an entry back by its opposite; a line of a list that it paid comes off.

    Raises:
        Refused: ``rules.may_reverse`` refuses.
        Unfit: the kernel refuses.
    """
    keeping.held(entry.book_id)
    entry = Entry.objects.select_related("book").get(pk=entry.pk)
    require(rules.may_reverse(by, entry))
    made = keeping.reverse(entry, occurred=occurred, memo=memo, by=by, at=at)
    claims.taken_back(entry, reason=memo, by=by, at=at)
    return made


@transaction.atomic
def reverse_quantity(
    quantity: Quantity, *, occurred: date, memo: str, by: User, at: datetime
) -> Quantity:
    """Take a quantity back; raises as ``reverse_entry`` does."""
    keeping.held(quantity.book_id)
    quantity = Quantity.objects.select_related("book").get(pk=quantity.pk)
    require(rules.may_reverse(by, quantity))
    return keeping.unmeasure(quantity, occurred=occurred, memo=memo, by=by, at=at)


@transaction.atomic
def settle(book: Book, *, through: date, by: User, at: datetime) -> Book:
    """Close the days up to ``through``.

    Raises:
        Refused: ``rules.may_close`` refuses.
        Unfit: the kernel refuses.
    """
    book = keeping.held(book.pk)
    require(rules.may_close(by, book))
    return keeping.settle(book, through=through, by=by, at=at)


def claim(book: Book, asked: Asked, *, by: User, at: datetime) -> Claim:
    """Put somebody on the list to be paid.

    Raises:
        Refused: ``rules.may_claim`` refuses.
        Unfit: the kernel refuses, or another list was quicker.
    """
    try:
        with transaction.atomic():
            book = keeping.held(book.pk)
            require(rules.may_claim(by, book))
            return claims.claim(book, asked, by=by, at=at)
    except IntegrityError as error:
        raise Unfit({"": "同一个号刚刚在别的清单上登记了，请再按一次，会写明在哪里。"}) from error


@transaction.atomic
def withdraw(claim: Claim, *, reason: str, by: User, at: datetime) -> Claim:
    """Take somebody off the list again; raises as ``claim`` does."""
    keeping.held(claim.book_id)
    claim = Claim.objects.select_related("book").get(pk=claim.pk)
    require(rules.may_withdraw(by, claim))
    return claims.withdraw(claim, reason=reason, by=by, at=at)
