from tests import factories
from tests.money import books
from tests.money.books import DAY
from zhibu.ledger.models import Entry as LedgerEntry
from zhibu.ledger.verify import verify
from zhibu.money.keeping import Kind
from zhibu.money.models import Book
from zhibu.organizations import actions as organizations
from zhibu.organizations import succeeding


def test_open_books_go_on_where_the_branch_was_merged_into_and_closed_ones_stay(tree, cast):
    by, officer = cast["secretary"], cast["township officer"]
    other = factories.organization(tree.east, by=tree.system, name="后村党支部")
    kept = books.opened(other, by=by, title="在记的")
    books.receive(kept, "5", by=by)
    closed = books.opened(other, by=by, title="封了的")
    books.close(closed, by=by)
    into = succeeding.Into(existing=tree.village)

    succeeding.merge([other], into=into, on=DAY, by=tree.system, at=books.noon(DAY))

    kept, closed = Book.objects.get(pk=kept.pk), Book.objects.get(pk=closed.pk)
    assert (kept.organization_id, kept.path) == (tree.village.pk, tree.village.path)
    assert closed.organization_id == other.pk
    assert LedgerEntry.objects.get(kind=Kind.FOLLOWED).subject_id == str(kept.pk)
    seen = Book.objects.visible_to(officer)
    assert set(seen) == {kept, closed}
    assert not verify().faults


def test_a_move_of_the_branch_takes_its_books_along(tree, cast):
    book = books.opened(tree.village, by=cast["secretary"])

    organizations.move(
        tree.village, parent=tree.west, since=DAY, by=tree.system, at=books.noon(DAY)
    )

    tree.village.refresh_from_db()
    book.refresh_from_db()
    assert book.path == tree.village.path
    assert book in Book.objects.visible_to(cast["other township officer"])
    assert book not in Book.objects.visible_to(cast["township officer"])
