"""Books as pages and programs read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from zhibu.core import places, standing
from zhibu.core.paths import under
from zhibu.money import chart, sums
from zhibu.money.models import ZERO, Book, Claim, Entry, Quantity

if TYPE_CHECKING:
    from zhibu.accounts.models import User

VIEW = "money.view"
STATES = {"": "全部", "open": "在记", "closed": "封账"}


def place_seen(user: "User", id_: int | None) -> places.Place | None:
    """The organisation asked for, where ``user`` sees books; None for any other. One query."""
    found = places.of([id_]).get(id_) if id_ else None
    return found if found and standing.may(user, VIEW, found.path) else None


def listed(
    user: "User", *, place: places.Place | None = None, text: str = "", state: str = ""
) -> "QuerySet[Book]":
    """Books that ``user`` sees, of ``place`` and below; newest first."""
    rows: Any = Book.objects.visible_to(user)
    if place is not None:
        rows = rows.filter(under(place.path))
    for word in text.split():
        rows = rows.filter(title__icontains=word)
    if state:
        rows = rows.filter(closed_on__isnull=state == "open")
    found: QuerySet[Book] = rows.newest_first()
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A book with whose it is and where it stands."""

    book: Book
    place: str
    now: sums.Standing


def rows(books: Sequence[Book]) -> list[Row]:
    """In the given order. Three queries."""
    held = sums.balances([book.pk for book in books])
    names = places.of({book.organization_id for book in books})
    return [
        Row(book, names[book.organization_id].name, sums.stands(held[book.pk])) for book in books
    ]


def whole(books: "QuerySet[Book]") -> sums.Standing:
    """All of ``books`` together. Two queries."""
    found = sums.balances(books.order_by().values("pk"), sums.ORGANIZATION)
    return sums.total(sums.stands(held) for held in found.values())


@dataclass(frozen=True, slots=True)
class Unit:
    """What the books of one organisation come to together."""

    place: places.Place
    count: int
    now: sums.Standing
    done: Sequence[sums.Done]


def by_organization(books: "QuerySet[Book]") -> list[Unit]:
    """One row an organisation that has books, in the order of the tree. Five queries."""
    ids = books.order_by().values("pk")
    counts: dict[int, int] = {}
    for organization in books.order_by().values_list("organization_id", flat=True):
        counts[organization] = counts.get(organization, 0) + 1
    held = sums.balances(ids, sums.ORGANIZATION)
    done = sums.quantities_by_organization(ids)
    found = [
        Unit(place, counts[pk], sums.stands(held.get(pk, {})), done.get(pk, []))
        for pk, place in places.of(counts).items()
    ]
    return sorted(found, key=lambda unit: unit.place.path)


@dataclass(frozen=True, slots=True)
class Written:
    """An entry with what it moved; ``taken_back`` by which number, "" for none."""

    entry: Entry
    amount: Decimal
    what: str
    taken_back: str


def entries_of(book: Book) -> "QuerySet[Entry]":
    """Newest first, with whatever ``written`` needs. Two queries where they are read."""
    found: QuerySet[Entry] = (
        Entry.objects.filter(book=book)
        .select_related("by", "reverses", "reversed_by")
        .prefetch_related("lines__debit", "lines__credit")
        .order_by("-number")
    )
    return found


def written(entries: Sequence[Entry]) -> list[Written]:
    """As a page shows each: the amount has its sign by what it does to the money, or to the plan
    and the pledges where it moves no money."""
    return [_written(entry) for entry in entries]


def _written(entry: Entry) -> Written:
    amount, what = ZERO, []
    for line in entry.lines.all():
        debit, credit = line.debit.known, line.credit.known
        rises = debit.code == chart.CASH or debit.is_contra
        amount += line.amount if rises else -line.amount
        what.append((credit if rises else debit).name)
    back = getattr(entry, "reversed_by", None)
    return Written(entry, amount, "、".join(dict.fromkeys(what)), str(back.number) if back else "")


def quantities_of(book: Book) -> "QuerySet[Quantity]":
    found: QuerySet[Quantity] = (
        Quantity.objects.filter(book=book)
        .select_related("by", "reverses", "reversed_by")
        .order_by("-pk")
    )
    return found


def claims_of(book: Book) -> "QuerySet[Claim]":
    """In the order in which they were entered."""
    found: QuerySet[Claim] = (
        Claim.objects.filter(book=book).select_related("by", "entry").order_by("pk")
    )
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """How a list of people to be paid stands."""

    count: int
    amount: Decimal
    paid: int
    paid_amount: Decimal

    @property
    def waiting(self) -> int:
        return self.count - self.paid


def list_of(book: Book) -> Listed | None:
    """Withdrawn ones left out; None where the book has no list. One query."""
    rows = list(
        Claim.objects.filter(book=book, withdrawn_at=None).values_list("amount", "entry_id")
    )
    if not rows and not book.scheme:
        return None
    paid = [amount for amount, entry in rows if entry]
    return Listed(len(rows), sum((amount for amount, _ in rows), ZERO), len(paid), sum(paid, ZERO))
