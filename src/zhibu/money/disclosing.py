"""What may be made public of a book: what came in and went out in a month, by what for, and what
is left; never who gave or got."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from zhibu.core.dates import Period, period_of, periods
from zhibu.core.disclosures import Candidate, Disclosure, Draft, Line, Record, Status, register
from zhibu.money import chart
from zhibu.money.models import ZERO, Book
from zhibu.money.models import Line as Posted

if TYPE_CHECKING:
    from zhibu.accounts.models import User

MOST_BOOKS, MONTHS = 20, 12


def compose(record: Record) -> Draft:
    """One book over ``[since, until)``: sums in yuan by source and by use, the balance at the end.
    Four queries.

    Raises:
        Book.DoesNotExist: there is no such book.
        ValueError: the record names no days.
    """
    if record.since is None or record.until is None:
        raise ValueError("一本账按月公开，要写从哪天到哪天")
    book = Book.objects.get(pk=record.id)
    before, after = _held(book, record.since), _held(book, record.until)
    last = record.until - timedelta(days=1)
    lines = [Line("上期结余", _yuan(before[chart.CASH]))]
    for title, accounts in (("收入", chart.sources()), ("支出", chart.uses())):
        moved = {one.name: after[one.code] - before[one.code] for one in accounts}
        lines += [Line(f"{title}：{name}", _yuan(sum_)) for name, sum_ in moved.items() if sum_]
        lines.append(Line(f"{title}合计", _yuan(sum(moved.values(), ZERO))))
    lines.append(Line("本期结余", _yuan(after[chart.CASH])))
    title = f"{book.title}收支（{_days(record.since, last)}）"
    return Draft(title[:100], tuple(lines))


def _days(since: date, last: date) -> str:
    month = period_of(since, "month")
    if (month.since, month.last_day) == (since, last):
        return f"{since.year}年{since.month}月"
    return f"{since}至{last}"


def _held(book: Book, until: date) -> dict[str, Decimal]:
    """What each account held on the evening before ``until``, on its own side. Two queries."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    rows = Posted.objects.filter(entry__book=book, entry__occurred__lt=until)
    for side, sign in (("debit", 1), ("credit", -1)):
        code = f"{side}__code"
        totals = rows.order_by().values(code).annotate(total=Sum("amount"))
        for name, total in totals.values_list(code, "total"):
            own = -sign if chart.get(name).kind in chart.CREDIT else sign
            found[name] += own * total
    return found


def _yuan(amount: Decimal) -> str:
    return f"{amount:,.2f} 元"


def candidates(
    user: "User", organization: int, only: Sequence[str], record: int | None = None
) -> list[Candidate]:
    """Whole months of the last year of each book that ``user`` sees there, newest first; a month
    in which nothing moved too. One query."""
    today = timezone.localdate()
    books = Book.objects.visible_to(user).filter(organization_id=organization).newest_first()
    if record is not None:
        books = books.filter(pk=record)
    found = []
    for book in books[:MOST_BOOKS]:
        for month in reversed(_months(book, today)):
            said = Record(book.pk, month.since, month.until)
            title = f"{book.title} {month.since.year}年{month.since.month}月"
            found.append(Candidate(said, title, month.last_day, "钱账"))
    return found


def _months(book: Book, today: date) -> list[Period]:
    last = min(today, book.closed_on or today)
    running = periods("month", book.opened_on, last + timedelta(days=1))
    return [month for month in running if month.until <= today][-MONTHS:]


def status(ids: Collection[int]) -> dict[int, Status]:
    """One query."""
    return {
        book.pk: Status("closed", book.closed_on)
        if book.closed_on
        else Status("open", book.opened_on)
        for book in Book.objects.filter(pk__in=ids)
    }


def sees(user: "User", book: int) -> int | None:
    rows = Book.objects.visible_to(user).filter(pk=book)
    return rows.values_list("organization_id", flat=True).first()


def address(book: int) -> str:
    return reverse("money:book", args=[book])


def faults(reference: str, packs: Mapping[str, Any]) -> list[str]:
    return [f"钱账不按程序分，不写 only（{reference}）"]


register(Disclosure("money", "钱账的一个月", compose, candidates, status, sees, address, faults))
