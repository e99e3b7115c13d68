"""Conditions about the money of a case, for outcomes of procedures."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from zhibu.core.predicates import Params, predicate
from zhibu.money import sums
from zhibu.money.models import Book, Claim
from zhibu.money.subjects import CASE


def _books(cases: Collection[int]) -> dict[int, int]:
    """The book of each case that has one, ``{book: case}``. One query."""
    rows = Book.objects.filter(subject_type=CASE, subject_id__in=cases)
    return {pk: case for pk, case in rows.values_list("pk", "subject_id") if case}


def _standing(cases: Collection[int]) -> Iterable[tuple[int, sums.Standing]]:
    books = _books(cases)
    for book, held in sums.balances(list(books)).items():
        yield books[book], sums.stands(held)


@predicate("within_ceiling", subject="case", title="定了预算，付的没有超出")
def within_ceiling(ids: Collection[int], on: date, params: Params) -> set[int]:
    return {case for case, now in _standing(ids) if now.plan is not None and now.paid <= now.plan}


@predicate("pledges_cover", subject="case", title="认捐够预算里群众自筹的数")
def pledges_cover(ids: Collection[int], on: date, params: Params) -> set[int]:
    """A plan that counts on nothing from the people is covered."""
    return {case for case, now in _standing(ids) if now.pledged >= now.planned_pledges}


@predicate("pledges_received", subject="case", title="认捐的都收到了")
def pledges_received(ids: Collection[int], on: date, params: Params) -> set[int]:
    return {case for case, now in _standing(ids) if not now.owed}


@predicate("paid_in_full", subject="case", title="发放清单上的都发放了")
def paid_in_full(ids: Collection[int], on: date, params: Params) -> set[int]:
    """Not where nobody is on the list."""
    books = _books(ids)
    claims = Claim.objects.filter(book__in=books, withdrawn_at=None)
    listed = dict.fromkeys(books, 0)
    waiting = dict(listed)
    for book, entry in claims.values_list("book", "entry"):
        listed[book] += 1
        waiting[book] += entry is None
    return {case for book, case in books.items() if listed[book] and not waiting[book]}


@predicate("no_duplicate_payee", subject="case", title="清单上没有一个号两个姓名")
def no_duplicate_payee(ids: Collection[int], on: date, params: Params) -> set[int]:
    """No identity or bank account stands under two names in the round, whatever it is paid for;
    under one name twice for one thing the database keeps out. Exact, by keyed hash."""
    books = _books(ids)
    mine = Claim.objects.filter(book__in=books, withdrawn_at=None)
    schemes = set(mine.values_list("scheme", flat=True))
    names: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    used: dict[int, set[tuple[str, str, str]]] = {book: set() for book in books}
    for one in Claim.objects.filter(scheme__in=schemes, withdrawn_at=None):
        for kind, hash_ in (("number", one.number_hash), ("account", one.account_hash)):
            if hash_:
                names[one.scheme, kind, hash_].add(one.name)
                used.setdefault(one.book_id, set()).add((one.scheme, kind, hash_))
    return {case for book, case in books.items() if all(len(names[key]) == 1 for key in used[book])}
