"""What becomes of books when their organisation ends and another takes its place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from zhibu.core import places
from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.ledger import actions as ledger
from zhibu.money.keeping import Kind
from zhibu.money.models import Book

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "money.follow"


@effect(FOLLOW, title="没有封账的账由接续的组织来管", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """Open books go on in the successor, each with an entry; closed ones stay where they were kept,
    to be looked at from there."""
    books = list(
        Book.objects.select_for_update()
        .open()
        .filter(organization_id__in=params.homes)
        .order_by("pk")
    )
    found = places.of({params.homes[book.organization_id] for book in books})
    for book in books:
        place = found[params.homes[book.organization_id]]
        book.organization_id, book.path = place.id, place.path
        book.save(update_fields=["organization_id", "path"])
        ledger.record(Kind.FOLLOWED, book, organization=place.id, by=by, at=at, occurred=params.on)


def _open(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Book.objects.open().filter(organization_id__in=ids)
    counts = rows.values("organization_id").annotate(rows=Count("pk")).order_by()
    return dict(counts.values_list("organization_id", "rows"))


def register() -> None:
    follows(Following(FOLLOW, "没有封账的账", "本", "由接续的组织来管", _open, 46))
