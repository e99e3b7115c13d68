"""The kernel: how books are opened, posted to, reversed and closed.

Nothing here asks who may: the hand's rules stand in ``rules``, those of a procedure in its own
steps. What must hold of the money holds whoever asks, and is judged here under the book's lock,
all faults at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Max, Sum
from django.utils import timezone

from zhibu.core import places
from zhibu.core.effects import Unfit
from zhibu.core.exact import is_exact
from zhibu.ledger import actions as ledger
from zhibu.money import chart, sums
from zhibu.money.models import (
    LABOUR,
    LABOUR_UNIT,
    ZERO,
    Account,
    Book,
    Entry,
    Line,
    Quantity,
    plain,
)

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Kind(StrEnum):
    OPENED = "money:book:opened"
    POSTED = "money:entry:posted"
    REVERSED = "money:entry:reversed"
    MEASURED = "money:quantity:posted"
    UNMEASURED = "money:quantity:reversed"
    SETTLED = "money:book:settled"
    CLOSED = "money:book:closed"
    FOLLOWED = "money:book:followed"
    CLAIMED = "money:claim:made"
    WITHDRAWN = "money:claim:withdrawn"
    PAID = "money:claim:paid"


WORDS = {
    Kind.OPENED: "开了一本账",
    Kind.POSTED: "记了一笔账",
    Kind.REVERSED: "冲正了一笔账",
    Kind.MEASURED: "记了工程量",
    Kind.UNMEASURED: "冲正了工程量",
    Kind.SETTLED: "结了账",
    Kind.CLOSED: "封了一本账",
    Kind.FOLLOWED: "随组织合并、分设转了一本账",
    Kind.CLAIMED: "登记了一户发放",
    Kind.WITHDRAWN: "撤下了一户发放",
    Kind.PAID: "发放了一户",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every entry of a book, as ``Book`` keeps it."""

    needs_plan: bool = False
    is_voluntary: bool = False
    most_a_head: Decimal | None = None
    days_a_head: Decimal | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """``amount`` yuan from the account ``credit`` into the account ``debit``, by their codes."""

    debit: str
    credit: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry before it is posted. ``source`` names what makes it, where that could run twice."""

    kind: str
    occurred: date
    moves: Sequence[Move]
    party: str = ""
    memo: str = ""
    paper: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A quantity before it is posted."""

    what: str
    title: str
    unit: str
    amount: Decimal
    occurred: date
    worker: str = ""
    memo: str = ""
    paper: str = ""
    source: str = ""


@dataclass
class Faults:
    """What is wrong, by the parameter it is wrong with."""

    found: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        known = self.found.get(name, "")
        self.found[name] = known if text in known else known + text

    def require_none(self) -> None:
        """Raises ``Unfit`` with all of them."""
        if self.found:
            raise Unfit(self.found)


def yuan(amount: Decimal) -> str:
    return f"{amount:,.2f} 元"


def held(book: int) -> Book:
    """The book, its organisation held in place and nobody else posting anywhere in it."""
    organization = Book.objects.values_list("organization_id", flat=True).get(pk=book)
    places.hold(organization)
    return Book.objects.select_for_update().get(pk=book)


def about(subject_type: str, subject_id: int) -> Book:
    """The book of that thing, locked.

    Raises:
        Unfit: none was opened.
    """
    found = Book.objects.filter(subject_type=subject_type, subject_id=subject_id).first()
    if found is None:
        raise Unfit({"": "还没有开账：先办开账的那一步。"})
    return held(found.pk)


def open_book(
    organization: int,
    *,
    title: str,
    opened_on: date,
    terms: Terms = Terms(),
    subject: tuple[str, int] | None = None,
    scheme: str = "",
    by: "User",
    at: datetime,
) -> Book:
    """Open a book; the one there is where ``subject`` has one with the same terms already.

    Raises:
        Unfit: the day lies ahead, a limit is not positive, or the book there is has other terms.
    """
    place = places.hold(organization)
    type_, id_ = subject or ("", None)
    book = Book(
        organization_id=organization, path=place.path, subject_type=type_, subject_id=id_,
        title=title.strip(), scheme=scheme.strip(), needs_plan=terms.needs_plan,
        is_voluntary=terms.is_voluntary, most_a_head=terms.most_a_head,
        days_a_head=terms.days_a_head, basis=terms.basis, opened_on=opened_on, opened_by=by,
        opened_at=at,
    )  # fmt: skip
    known = Book.objects.filter(subject_type=type_, subject_id=id_).first() if subject else None
    if known is not None:
        if _terms_of(known) != _terms_of(book):
            raise Unfit({"": f"这件事已经有一本账“{known.title}”，写明的限额不一样。"})
        return known
    _judge_opening(book, place)
    book.save(force_insert=True)
    ledger.record(
        Kind.OPENED, book, organization=organization, by=by, at=at, occurred=opened_on,
        basis=terms.basis,
    )  # fmt: skip
    return book


def _judge_opening(book: Book, place: places.Place) -> None:
    """Raises ``Unfit`` with everything that is wrong with a book before it is opened."""
    faults = Faults()
    if place.is_over:
        faults.add("", f"{place.name}已经撤销，不能开账。")
    if not book.title:
        faults.add("title", "写明是什么账。")
    if book.opened_on > timezone.localdate(book.opened_at):
        faults.add("occurred", "日期在以后，办了再记。")
    for name in ("most_a_head", "days_a_head"):
        limit = getattr(book, name)
        if limit is not None and limit <= 0:
            faults.add(name, "限额要大于 0。")
    judge_texts(book, faults)
    faults.require_none()


def _terms_of(book: Book) -> tuple[Any, ...]:
    return (book.organization_id, book.scheme, book.needs_plan, book.is_voluntary,
            book.most_a_head, book.days_a_head)  # fmt: skip


def post(book: Book, draft: Draft, *, by: "User", at: datetime) -> Entry:
    """Post an entry to a book that is ``held``; the one that its ``source`` made already.

    Raises:
        Unfit: everything that is wrong with it, by parameter.
    """
    if draft.source and (known := Entry.objects.filter(source=draft.source).first()):
        return _again(known, book, draft)
    faults = Faults()
    _judge_day(book, draft.occurred, at, faults)
    judge_texts(_entry(book, draft, None, by, at), faults)
    _judge_moves(draft.moves, faults)
    if not faults.found:
        _judge_balances(book, draft.moves, faults)
    faults.require_none()
    return _write(book, draft, None, Kind.POSTED, by, at)


def reverse(entry: Entry, *, occurred: date, memo: str, by: "User", at: datetime) -> Entry:
    """Take an entry of a book that is ``held`` back by its opposite.

    Raises:
        Unfit: it was taken back already, is itself a reversal, the day is not one, no reason is
            given, or an account would fall below nothing: what followed from it comes first.
    """
    book, faults = entry.book, Faults()
    _judge_reversal(entry, entry.kind == Entry.Kind.REVERSAL, occurred, memo, faults)
    _judge_day(book, occurred, at, faults)
    lines = entry.lines.select_related("debit", "credit").order_by("pk")
    moves = [Move(one.credit.code, one.debit.code, one.amount) for one in lines]
    if not faults.found:
        _judge_balances(book, moves, faults)
    faults.require_none()
    draft = Draft(
        kind=Entry.Kind.REVERSAL, occurred=occurred, moves=moves, party=entry.party, memo=memo,
        paper=entry.paper,
    )  # fmt: skip
    return _write(book, draft, entry, Kind.REVERSED, by, at)


def measure(book: Book, work: Work, *, by: "User", at: datetime) -> Quantity:
    """Post a quantity of work to a book that is ``held``.

    Raises:
        Unfit: everything that is wrong with it, by parameter.
    """
    if work.source and (known := Quantity.objects.filter(source=work.source).first()):
        if (known.book_id, known.what, known.amount) != (book.pk, work.what, work.amount):
            raise Unfit({"": "这一步已经记过工程量，记的不一样。"})
        return known
    quantity = Quantity(
        book=book, what=work.what, title=work.title, unit=work.unit, amount=work.amount,
        occurred=work.occurred, worker=work.worker.strip(), memo=work.memo.strip(),
        paper=work.paper.strip(), source=work.source, by=by, at=at,
    )  # fmt: skip
    faults = Faults()
    _judge_day(book, work.occurred, at, faults)
    judge_texts(quantity, faults)
    if not is_exact(work.amount, 3) or work.amount <= 0:
        faults.add("amount", "数量要大于 0，最多三位小数。")
    if work.what == LABOUR:
        _judge_labour(book, work, faults)
    faults.require_none()
    return _kept(quantity, Kind.MEASURED)


def unmeasure(
    quantity: Quantity, *, occurred: date, memo: str, by: "User", at: datetime
) -> Quantity:
    """Take a quantity back by its opposite; raises ``Unfit`` as ``reverse`` does."""
    faults = Faults()
    _judge_reversal(quantity, quantity.reverses_id is not None, occurred, memo, faults)
    _judge_day(quantity.book, occurred, at, faults)
    faults.require_none()
    opposite = Quantity(
        book=quantity.book, what=quantity.what, title=quantity.title, unit=quantity.unit,
        amount=-quantity.amount, occurred=occurred, worker=quantity.worker, memo=memo,
        paper=quantity.paper, reverses=quantity, by=by, at=at,
    )  # fmt: skip
    return _kept(opposite, Kind.UNMEASURED)


def settle(book: Book, *, through: date, by: "User", at: datetime) -> Book:
    """Close the days up to ``through``: nothing is posted into them any more.

    Raises:
        Unfit: the book is closed, the day is not over, or those days are closed already.
    """
    faults = Faults()
    if not book.is_open:
        faults.add("", "已经封账，不用再结账。")
    if through >= timezone.localdate(at):
        faults.add("through", "只能结到昨天或更早：今天还可能有账。")
    if through < book.opened_on or book.is_settled(through):
        faults.add("through", f"要晚于{'上次结账' if book.closed_through else '开账'}的日子。")
    faults.require_none()
    book.closed_through = through
    book.save(update_fields=["closed_through"])
    ledger.record(
        Kind.SETTLED, book, organization=book.organization_id, by=by, at=at, occurred=through
    )
    return book


def close(book: Book, *, on: date, note: str, by: "User", at: datetime) -> Book:
    """Close a book for good.

    Raises:
        Unfit: it is closed, the day is not one, people still wait to be paid, or money is left
            and nothing is said of what becomes of it.
    """
    faults = Faults()
    if not book.is_open:
        faults.add("", "已经封账了。")
    last = book.entries.aggregate(last=Max("occurred"))["last"] or book.opened_on
    if on > timezone.localdate(at):
        faults.add("occurred", "日期在以后，办了再记。")
    elif on < last:
        faults.add("occurred", f"最后一笔账是 {last}，封账不能早于那天。")
    if waiting := book.claims.filter(entry=None, withdrawn_at=None).count():
        faults.add("", f"还有 {waiting} 户没有发放：先发放，或者撤下。")
    left = sums.stands(sums.balances([book.pk])[book.pk]).left
    if left and not note.strip():
        faults.add("note", f"还余 {yuan(left)}，写明余款怎么办。")
    book.closed_note = note.strip()
    judge_texts(book, faults)
    if "closed_note" in faults.found:
        faults.add("note", faults.found.pop("closed_note"))
    faults.require_none()
    book.closed_on, book.closed_by, book.closed_note = on, by, note.strip()
    book.save(update_fields=["closed_on", "closed_by", "closed_note"])
    ledger.record(Kind.CLOSED, book, organization=book.organization_id, by=by, at=at, occurred=on)
    return book


def pledged_by(organization: int, party: str, year: int) -> Decimal:
    """What one giver promised in the organisation's books in a calendar year, less what was taken
    back, whenever that was. One query."""
    rows: Any = Line.objects.filter(
        entry__book__organization_id=organization, entry__kind=Entry.Kind.PROMISE,
        entry__party=party, entry__occurred__year=year, entry__reversed_by=None,
    )  # fmt: skip
    total: Decimal | None = rows.aggregate(total=Sum("amount"))["total"]
    return total or ZERO


def worked_by(organization: int, worker: str, year: int) -> Decimal:
    """Days of labour one person gave in the organisation's books in a calendar year."""
    rows: Any = Quantity.objects.filter(
        book__organization_id=organization, what=LABOUR, worker=worker, occurred__year=year,
        reversed_by=None, reverses=None,
    )  # fmt: skip
    total: Decimal | None = rows.aggregate(total=Sum("amount"))["total"]
    return total or ZERO


# --- judging


def _again(known: Entry, book: Book, draft: Draft) -> Entry:
    """What ran twice has posted once, if it asks for the same."""
    lines = known.lines.select_related("debit", "credit").order_by("pk")
    moves = [Move(one.debit.code, one.credit.code, one.amount) for one in lines]
    if (known.book_id, known.occurred, moves) != (book.pk, draft.occurred, list(draft.moves)):
        raise Unfit({"": f"这一步已经记过第 {known.number} 笔账，记的不一样。"})
    return known


def judge_texts(row: models.Model, faults: Faults) -> None:
    """No text is longer than its column takes."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        longest = column.max_length
        if isinstance(column, models.CharField) and longest and len(value or "") > longest:
            faults.add(column.name, f"最多 {longest} 个字。")


def _judge_day(book: Book, day: date, at: datetime, faults: Faults) -> None:
    if not book.is_open:
        faults.add("", f"“{book.title}”已经封账，不能再记。")
    if day > timezone.localdate(at):
        faults.add("occurred", "日期在以后，办了再记。")
    elif day < book.opened_on:
        faults.add("occurred", f"早于开账的 {book.opened_on}，请核对日期。")
    elif book.is_settled(day):
        faults.add("occurred", f"{book.closed_through} 以前已经结账，记在后面的日子。")


def _judge_reversal(
    row: Entry | Quantity, is_reversal: bool, occurred: date, memo: str, faults: Faults
) -> None:
    if is_reversal:
        faults.add("", "这一笔本身是冲正，不能再冲正；需要的话照原样重新记。")
    elif hasattr(row, "reversed_by"):
        faults.add("", "这一笔已经冲正过了。")
    if occurred < row.occurred:
        faults.add("occurred", f"不能早于原来的 {row.occurred}。")
    if not memo.strip():
        faults.add("memo", "写明为什么冲正。")


def _judge_moves(moves: Sequence[Move], faults: Faults) -> None:
    if not moves:
        faults.add("amount", "一笔账至少要有一个数。")
    for move in moves:
        if not is_exact(move.amount, 2) or move.amount <= 0:
            faults.add("amount", "金额要大于 0，最多两位小数。")
        unknown = [code for code in (move.debit, move.credit) if code not in chart.codes()]
        if unknown:
            faults.add("account", f"没有科目 {'、'.join(unknown)}。")
        elif move.debit == move.credit:
            faults.add("account", "两边是同一个科目，请核对。")


def _judge_balances(book: Book, moves: Sequence[Move], faults: Faults) -> None:
    """No account that must not falls below nothing, nothing is spent beyond the ceiling."""
    now = sums.balances([book.pk])[book.pk]
    after = dict(now)
    for move in moves:
        for code, sign in ((move.debit, 1), (move.credit, -1)):
            own = -sign if chart.get(code).kind in chart.CREDIT else sign
            after[code] = after.get(code, ZERO) + own * move.amount
    for code, amount in after.items():
        known = chart.get(code)
        if amount < 0 and not known.may_go_negative and amount < now.get(code, ZERO):
            had = yuan(now.get(code, ZERO))
            faults.add("amount", f"“{known.name}”只有 {had}，不够。")
    before, then = sums.stands(now), sums.stands(after)
    pays = then.paid > before.paid
    if pays and then.plan is None and book.needs_plan:
        faults.add("amount", f"还没有定预算，不能付款。{_cited(book)}")
    if then.plan is not None and then.paid > then.plan and (pays or then.plan < (before.plan or 0)):
        faults.add(
            "amount",
            f"预算上限 {yuan(then.plan)}，已经付 {yuan(before.paid)}，"
            f"这一笔以后超出 {yuan(then.paid - then.plan)}。{_cited(book)}",
        )


def _judge_labour(book: Book, work: Work, faults: Faults) -> None:
    if work.unit != LABOUR_UNIT:
        faults.add("unit", f"出工按{LABOUR_UNIT}记。")
    if not work.worker.strip():
        faults.add("worker", "写明谁出的工。")
    elif book.days_a_head is not None:
        before = worked_by(book.organization_id, work.worker.strip(), work.occurred.year)
        if before + work.amount > book.days_a_head:
            faults.add(
                "amount",
                f"{work.worker.strip()} {work.occurred.year} 年已经出工 {plain(before)} 个，"
                f"一年最多 {book.most_days} 个。{_cited(book)}",
            )


def judge_pledge(
    book: Book,
    *,
    party: str,
    amount: Decimal,
    occurred: date,
    apportioned: bool,
    heads: int,
) -> Mapping[str, str]:
    """What keeps a pledge from being taken, beyond what keeps any entry from being posted.

    The limit a head holds for each of the ``heads`` that the giver gives for."""
    faults = Faults()
    if not party:
        faults.add("party", "写明谁认捐的。")
    if heads < 1:
        faults.add("heads", "至少 1 人。")
    if book.is_voluntary and apportioned:
        faults.add("apportioned", f"按人、按户平均分摊的不是自愿，不能记成认捐。{_cited(book)}")
    if book.most_a_head is not None and party:
        before = pledged_by(book.organization_id, party, occurred.year)
        most = book.most_a_head * heads
        if before + amount > most:
            faults.add(
                "amount",
                f"{party} {occurred.year} 年已经认捐 {yuan(before)}，{heads} 人一年最多"
                f" {yuan(most)}。{_cited(book)}",
            )
    return faults.found


def _cited(book: Book) -> str:
    return f"依据 {book.basis}。" if book.basis else ""


# --- writing


def _entry(book: Book, draft: Draft, reverses: Entry | None, by: "User", at: datetime) -> Entry:
    return Entry(
        book=book, kind=draft.kind, occurred=draft.occurred, party=draft.party.strip(),
        memo=draft.memo.strip(), paper=draft.paper.strip(), source=draft.source,
        reverses=reverses, by=by, at=at,
    )  # fmt: skip


def _write(
    book: Book, draft: Draft, reverses: Entry | None, kind: Kind, by: "User", at: datetime
) -> Entry:
    last = book.entries.aggregate(last=Max("number"))["last"] or 0
    entry = _entry(book, draft, reverses, by, at)
    entry.number = last + 1
    entry.save(force_insert=True)
    accounts = _accounts(book, {c for move in draft.moves for c in (move.debit, move.credit)})
    Line.objects.bulk_create(
        Line(entry=entry, debit=accounts[m.debit], credit=accounts[m.credit], amount=m.amount)
        for m in draft.moves
    )
    ledger.record(
        kind, entry, organization=book.organization_id, by=by, at=at, occurred=draft.occurred,
        basis=book.basis,
    )  # fmt: skip
    return entry


def _accounts(book: Book, codes: Iterable[str]) -> dict[str, Account]:
    """The book's accounts of these codes, made where it has none. The book is locked."""
    found = {one.code: one for one in book.accounts.filter(code__in=codes)}
    for code in sorted(set(codes) - set(found)):
        found[code] = Account.objects.create(book=book, code=code)
    return found


def _kept(quantity: Quantity, kind: Kind) -> Quantity:
    quantity.save(force_insert=True)
    ledger.record(
        kind, quantity, organization=quantity.book.organization_id, by=quantity.by,
        at=quantity.at, occurred=quantity.occurred, basis=quantity.book.basis,
    )  # fmt: skip
    return quantity
