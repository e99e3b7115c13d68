"""What packs bind, run as cases run it, and what outcomes may ask of the money of a case."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from pydantic import ValidationError

from tests.money import books
from tests.money.books import DAY
from tests.money.test_claims import CARD, ONE, ROUND, TWO
from zhibu.core import effects, measures, predicates
from zhibu.core.effects import Unfit
from zhibu.core.predicates import Condition, Test
from zhibu.money import sums
from zhibu.money.models import Book, Claim, Entry, Quantity

CASE, OTHER = 901, 902


@pytest.fixture
def by(cast):
    return cast["secretary"]


@pytest.fixture
def run(by):
    def go(name, *, on=DAY, **params):
        with transaction.atomic():
            effects.run(f"money.{name}", by=by, at=books.noon(on), on=on, **params)

    return go


@pytest.fixture
def book(tree, run):
    run("open_book", case=CASE, organization=tree.village.pk, title="修路", scheme=ROUND,
        most_a_head=15)  # fmt: skip
    return Book.objects.get()


def now(book):
    return sums.stands(sums.balances([book.pk])[book.pk])


def test_a_whole_project_by_effects(run, book):
    run("set_ceiling", case=CASE, turn=1, source="self-raised", amount=15)
    run("set_ceiling", case=CASE, turn=1, source="subsidy", amount=Decimal("85.50"))
    run("pledge", case=CASE, turn=2, party="李德广", amount=Decimal(15))
    run("receive", case=CASE, turn=3, source="self-raised", amount=Decimal(15), paper="1")
    run("receive", case=CASE, turn=4, source="subsidy", amount=Decimal("85.50"))
    run("pay", case=CASE, turn=5, use="works", amount=Decimal(100), party="施工队")
    run("add_quantity", case=CASE, turn=6, what="road", title="路", unit="公里",
        amount=Decimal("1.4"))  # fmt: skip
    run("close_book", case=CASE, note="转村集体")

    book.refresh_from_db()
    assert (now(book).plan, now(book).paid, now(book).left) == (
        Decimal("100.50"), Decimal(100), Decimal("0.50"),
    )  # fmt: skip
    assert (book.closed_note, Quantity.objects.get().amount) == ("转村集体", Decimal("1.4"))


def test_run_twice_everything_is_there_once(run, book):
    for _ in range(2):
        run("set_ceiling", case=CASE, turn=1, amount=100)
        run("pledge", case=CASE, turn=2, party="李德广", amount=Decimal(15))
        run("receive", case=CASE, turn=3, source="donated", amount=Decimal(50))
        run("pay", case=CASE, turn=4, use="works", amount=Decimal(30))
        run("add_quantity", case=CASE, turn=5, what="labour", title="出工", unit="",
            amount=Decimal(2), worker="李德广")  # fmt: skip

    assert (Entry.objects.count(), Quantity.objects.count()) == (4, 1)
    assert Quantity.objects.get().unit == "工日"


def test_two_payments_of_one_step_stand_in_slots(run, book):
    run("set_ceiling", case=CASE, turn=1, amount=100)
    run("receive", case=CASE, turn=2, source="donated", amount=Decimal(50))
    for slot in ("a", "b"):
        run("pay", case=CASE, turn=3, use="works", amount=Decimal(20), slot=slot)

    assert now(book).paid == Decimal(40)


def test_the_ceiling_that_changes_leaves_both_entries(run, book):
    run("set_ceiling", case=CASE, turn=1, amount=100)
    run("set_ceiling", case=CASE, turn=2, amount=80)
    run("set_ceiling", case=CASE, turn=3, amount=80)

    assert now(book).plan == Decimal(80)
    assert [e.lines.get().amount for e in Entry.objects.order_by("pk")] == [100, 20]


def test_what_was_not_filled_in_posts_nothing(run, book):
    for name, more in (
        ("set_ceiling", {}), ("receive", {"source": "donated"}), ("pay", {"use": "works"}),
        ("add_quantity", {"what": "road", "title": "路", "unit": "条"}),
    ):  # fmt: skip
        run(name, case=CASE, turn=1, **more)

    assert not Entry.objects.exists() and not Quantity.objects.exists()


@pytest.mark.parametrize(
    ("name", "more", "wrong"),
    [
        ("receive", {"source": "lottery", "amount": Decimal(1)}, "source"),
        ("pay", {"use": "feast", "amount": Decimal(1)}, "use"),
        ("set_ceiling", {"amount": -1}, "amount"),
        ("pledge", {"party": "李", "amount": Decimal("15.01")}, "amount"),
        ("pledge", {"party": "李", "amount": Decimal(1), "apportioned": True}, "apportioned"),
        ("pledge", {"party": "李" * 61, "amount": Decimal(1)}, "party"),
        ("pay_claims", {"paper": "1"}, ""),
    ],
)
def test_what_cannot_be_is_said_of_its_parameter(run, book, name, more, wrong):
    with pytest.raises(Unfit) as unfit:
        run(name, case=CASE, turn=1, **more)

    assert list(unfit.value.faults) == [wrong]


def test_the_limit_a_head_counts_each_head_of_a_household(run, book):
    with pytest.raises(Unfit):
        run("pledge", case=CASE, turn=1, party="李德广", heads=2, amount=Decimal("30.01"))

    run("pledge", case=CASE, turn=1, party="李德广", heads=2, amount=Decimal(30))


def test_a_case_without_a_book_and_nobody_are_refused(run, book):
    with pytest.raises(Unfit, match="还没有开账"):
        run("pay", case=OTHER, turn=1, use="works", amount=Decimal(1))
    with pytest.raises(Unfit, match="有人经手"), transaction.atomic():
        effects.run("money.close_book", by=None, at=books.noon(DAY), case=CASE, on=DAY)


def test_an_amount_of_a_pack_is_no_binary_fraction(run, book):
    with pytest.raises(ValidationError):
        run("set_ceiling", case=CASE, turn=1, amount=0.1)


# --- conditions


def holds(name, *cases):
    condition = Condition(all=[Test(is_=name)])
    return condition.satisfied_by(cases or (CASE,), DAY) == set(cases or (CASE,))


def test_within_the_ceiling_only_where_one_was_set(run, book):
    assert not holds("within_ceiling")

    run("set_ceiling", case=CASE, turn=1, amount=10)

    assert holds("within_ceiling")


def test_pledges_cover_what_the_plan_counts_on_to_the_fen(run, book):
    run("set_ceiling", case=CASE, turn=1, source="self-raised", amount=30)
    run("pledge", case=CASE, turn=2, party="甲", amount=Decimal(15))
    run("pledge", case=CASE, turn=3, party="乙", amount=Decimal("14.99"))
    assert not holds("pledges_cover")

    run("pledge", case=CASE, turn=4, party="丙", amount=Decimal("0.01"))

    assert holds("pledges_cover") and not holds("pledges_received")


def test_pledges_are_received_to_the_fen(run, book):
    run("pledge", case=CASE, turn=1, party="甲", amount=Decimal(15))
    run("receive", case=CASE, turn=2, source="self-raised", amount=Decimal("14.99"))
    assert not holds("pledges_received")

    run("receive", case=CASE, turn=3, source="self-raised", amount=Decimal("0.01"))

    assert holds("pledges_received")


def test_paid_in_full_once_all_on_the_list_are_paid(run, book, by):
    assert not holds("paid_in_full")  # nobody is on it
    books.claim(book, "李德广", "10", by=by, number=ONE)
    run("set_ceiling", case=CASE, turn=1, amount=10)
    run("receive", case=CASE, turn=2, source="allotted", amount=Decimal(10))
    assert not holds("paid_in_full")

    run("pay_claims", case=CASE, turn=3, paper="代发 1")
    run("pay_claims", case=CASE, turn=3, paper="代发 1")

    assert holds("paid_in_full") and Entry.objects.filter(kind="payment").count() == 1


def test_one_number_under_two_names_in_another_book_of_the_round(tree, run, book, by):
    other = books.opened(tree.far, by=by, title="邻村", scheme=ROUND)
    books.claim(book, "李德广", "10", by=by, number=ONE, account=CARD)
    books.claim(other, "徐洪保", "10", by=by, number=TWO)
    assert holds("no_duplicate_payee")

    made = books.claim(other, "徐洪保", "10", by=by, account=CARD, item="青苗补偿")
    assert not holds("no_duplicate_payee")
    books.withdraw(made, by=by)

    assert holds("no_duplicate_payee")
    books.claim(other, "李德广", "10", by=by, account=CARD, item="青苗补偿")
    assert holds("no_duplicate_payee")
    assert Claim.objects.count() == 4


def test_cases_are_judged_together_and_those_without_a_book_hold_nothing(run, book):
    run("set_ceiling", case=CASE, turn=1, amount=10)

    for name in ("within_ceiling", "pledges_cover", "pledges_received", "no_duplicate_payee"):
        assert Test(is_=name).satisfied_by([CASE, OTHER], DAY) == {CASE}
    assert Test(is_="within_ceiling").faults("person")
    assert predicates.get("within_ceiling").subject == "case"


# --- measures


def test_measures_count_by_the_day_and_take_back_what_was_taken_back(tree, run, book, by):
    run("set_ceiling", case=CASE, turn=1, amount=100)
    run("pledge", case=CASE, turn=2, party="甲", amount=Decimal(15))
    run("receive", case=CASE, turn=3, source="donated", amount=Decimal("50.50"))
    run("pay", case=CASE, turn=4, use="works", amount=Decimal(30))
    wrong = books.receive(book, "7", by=by)
    books.reverse(wrong, by=by, on=date(2026, 6, 1))
    books.work(book, "labour", "2.5", "工日", by=by, worker="甲")

    def figure(name, since, until, on=date(2026, 12, 31)):
        found = measures.get(f"money.{name}")
        ids = [tree.village.pk, tree.inner.pk]
        made = found.compute(ids, since, until, on, found.params())
        assert made[tree.inner.pk].count == 0
        return made[tree.village.pk].count

    year, may = (date(2026, 1, 1), date(2027, 1, 1)), (date(2026, 5, 1), date(2026, 6, 1))
    assert figure("received", *year) == Decimal("50.50")
    assert figure("received", *may) == Decimal("57.50")
    assert figure("received", *year, on=date(2026, 5, 5)) == 0
    assert figure("paid", *year) == Decimal(30)
    assert figure("pledged", *year) == Decimal(15)
    assert figure("labour", *year) == Decimal("2.5")
