"""Who may see, keep and close books by hand. Steps of a procedure have rules of their own: books
are opened and paid from there only, where whoever enters a payment is not whoever checks it."""

from typing import TYPE_CHECKING

from zhibu.core import standing
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.money.models import Book, Claim, Entry, Quantity

if TYPE_CHECKING:
    from zhibu.accounts.models import User

POST, CLOSE = "money.post", "money.close"


def may_post(user: "User", book: Book) -> Verdict:
    """Receipts, pledges, quantities and lists of people to be paid."""
    if not book.is_open:
        return no("不能记账：已经封账。")
    if standing.may(user, POST, book.path):
        return YES
    return no("不能记账：由管这本账的组织的书记、委员记。")


def may_reverse(user: "User", row: Entry | Quantity) -> Verdict:
    """Somebody who closes books, and not whoever entered it."""
    if not row.book.is_open:
        return no("不能冲正：已经封账。")
    if not standing.may(user, CLOSE, row.book.path):
        return no("不能冲正：由书记或上级党委冲正。")
    if row.by_id == user.pk:
        return no("不能冲正自己记的：请另一位书记，或者上级党委冲正。")
    return YES


def may_close(user: "User", book: Book) -> Verdict:
    """Settle days, close the book."""
    if not book.is_open:
        return no("不用办：已经封账。")
    if standing.may(user, CLOSE, book.path):
        return YES
    return no("不能结账：由书记或上级党委结账。")


def may_claim(user: "User", book: Book) -> Verdict:
    verdict = may_post(user, book)
    if verdict and not book.scheme:
        return no("不能登记发放清单：这本账没有写明是哪一轮发放。")
    return verdict


def may_withdraw(user: "User", claim: Claim) -> Verdict:
    return may_post(user, claim.book)
