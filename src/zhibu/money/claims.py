"""Lists of people to be paid: nobody twice in one scheme, published by the case, paid together."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from stdnum.cn import ric

from zhibu.core.exact import is_exact
from zhibu.ledger import actions as ledger
from zhibu.money import chart
from zhibu.money.keeping import Draft, Faults, Kind, Move, judge_texts, post
from zhibu.money.models import Book, Claim, Entry

if TYPE_CHECKING:
    from zhibu.accounts.models import User

DIGITS = (8, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One line of a list as it is written down; ``number`` and ``account`` in plain."""

    item: str
    name: str
    amount: Decimal
    household: str = ""
    number: str = ""
    account: str = ""
    measure: str = ""


def plain(text: str) -> str:
    """An identity or account number without what people write between its digits."""
    return "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").upper()


def is_identity(number: str) -> bool:
    """Eighteen characters, a day of birth that there was, a check digit that fits."""
    if not (len(number) == 18 and number[:17].isdecimal() and number.isascii()):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return bool(ric.calc_check_digit(number) == number[17])


def claim(book: Book, asked: Asked, *, by: "User", at: datetime) -> Claim:
    """Put somebody on the list of a book that is held.

    Raises:
        Unfit: something lacks, a number is none, or the number or account stands on a list of the
            same scheme for the same item already, in whichever book.
        IntegrityError: it was put on another list at this very moment.
    """
    number, account = plain(asked.number), plain(asked.account)
    made = Claim(
        book=book, scheme=book.scheme, item=asked.item.strip(), name=asked.name.strip(),
        household=asked.household.strip(), amount=asked.amount, measure=asked.measure.strip(),
        by=by, at=at,
    )  # fmt: skip
    made.number, made.account = number, account
    faults = _faults(book, made, number, account)
    faults.require_none()
    made.save(force_insert=True)
    ledger.record(
        Kind.CLAIMED, made, organization=book.organization_id, by=by, at=at, basis=book.basis
    )
    return made


def _faults(book: Book, made: Claim, number: str, account: str) -> Faults:
    faults = Faults()
    if not book.is_open:
        faults.add("", f"“{book.title}”已经封账，不能再登记。")
    if not made.name:
        faults.add("name", "写明姓名。")
    if not made.item:
        faults.add("item", "写明补什么。")
    if not number and not account:
        faults.add("number", "身份证号和银行账号至少填一个：查重要用。")
    if number and not is_identity(number):
        faults.add("number", "身份证号不对，请核对。")
    if account and not (account.isdecimal() and DIGITS[0] <= len(account) <= DIGITS[1]):
        faults.add("account", "银行账号是 8 到 30 位数字，请核对。")
    if not is_exact(made.amount, 2) or made.amount <= 0:
        faults.add("amount", "金额要大于 0，最多两位小数。")
    judge_texts(made, faults)
    for name, text in doubled(made).items():
        faults.add(name, text)
    return faults


def doubled(made: Claim) -> dict[str, str]:
    """Where the same identity or bank account stands already, by field; exact, by keyed hash. One
    query each."""
    found = {}
    standing = Claim.objects.filter(
        scheme=made.scheme, item=made.item, withdrawn_at=None
    ).select_related("book")
    for name, hash_, words in (
        ("number", made.number_hash, "身份证号"),
        ("account", made.account_hash, "银行账号"),
    ):
        other = standing.filter(**{f"{name}_hash": hash_}).first() if hash_ else None
        if other is not None:
            found[name] = (
                f"重复：这个{words}已经在“{other.book.title}”登记了{other.item}，"
                f"登记的是{other.name}。先核对，错的那一户撤下。"
            )
    return found


def withdraw(made: Claim, *, reason: str, by: "User", at: datetime) -> Claim:
    """Take somebody off the list of a held book, before the payment.

    Raises:
        Unfit: paid or withdrawn already, or no reason is given.
    """
    faults = Faults()
    if made.entry_id:
        faults.add("", "已经发放，不能撤下：先冲正那一笔付款。")
    elif made.is_withdrawn:
        faults.add("", "已经撤下了。")
    if not reason.strip():
        faults.add("reason", "写明为什么撤下。")
    faults.require_none()
    return _taken_off(made, reason=reason, by=by, at=at)


def taken_back(entry: Entry, *, reason: str, by: "User", at: datetime) -> None:
    """The payment of a line was reversed: the line comes off the list, and may be made anew."""
    made = Claim.objects.filter(entry=entry).first()
    if made is not None:
        _taken_off(made, reason=reason, by=by, at=at)


def _taken_off(made: Claim, *, reason: str, by: "User", at: datetime) -> Claim:
    made.withdrawn_because, made.withdrawn_by, made.withdrawn_at = reason.strip(), by, at
    made.save(update_fields=["withdrawn_because", "withdrawn_by", "withdrawn_at"])
    ledger.record(Kind.WITHDRAWN, made, organization=made.book.organization_id, by=by, at=at)
    return made


def pay(book: Book, *, occurred: date, paper: str, by: "User", at: datetime) -> Sequence[Claim]:
    """Pay everybody who waits on the list of a held book, each with an entry, in order; [] where
    nobody waits, so that it may run twice.

    Raises:
        Unfit: some payment cannot be posted: then none is.
    """
    waiting = list(book.claims.select_for_update().filter(entry=None, withdrawn_at=None))
    for made in sorted(waiting, key=lambda one: one.pk):
        draft = Draft(
            kind=Entry.Kind.PAYMENT, occurred=occurred,
            moves=[Move("compensation", chart.CASH, made.amount)], party=made.name,
            memo=f"{made.item} {made.household}".strip(), paper=paper,
            source=f"claim:{made.pk}",
        )  # fmt: skip
        made.entry = post(book, draft, by=by, at=at)
        made.save(update_fields=["entry"])
        ledger.record(
            Kind.PAID, made, organization=book.organization_id, by=by, at=at, occurred=occurred
        )
    return waiting
