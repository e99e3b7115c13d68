from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum

from tests.money import books
from tests.money.books import DAY, OPENED
from zhibu.core.effects import Unfit
from zhibu.ledger.models import Entry as LedgerEntry
from zhibu.ledger.verify import verify
from zhibu.money import keeping, sums
from zhibu.money.keeping import Draft, Kind, Move, Terms
from zhibu.money.models import Account, Book, Entry, Line, Quantity


@pytest.fixture
def by(cast):
    return cast["secretary"]


@pytest.fixture
def book(tree, by):
    return books.opened(tree.village, by=by, needs_plan=True, basis="演示章程 第三条")


def stands(book):
    return sums.stands(sums.balances([book.pk])[book.pk])


# --- amounts


def test_an_amount_is_read_as_it_was_written_and_added_up_exactly(book, by):
    for amount in ("0.10", "0.20", "10000000.07"):
        books.receive(book, amount, by=by)

    amounts = list(Line.objects.order_by("pk").values_list("amount", flat=True))
    assert amounts == [Decimal("0.10"), Decimal("0.20"), Decimal("10000000.07")]
    assert str(Line.objects.aggregate(total=Sum("amount"))["total"]) == "10000000.37"


@pytest.mark.parametrize("amount", ["0.001", "NaN", "Infinity", "10000000000001"])
def test_an_amount_that_cannot_be_kept_exactly_is_refused(amount):
    with pytest.raises(ValidationError):
        Line._meta.get_field("amount").get_prep_value(Decimal(amount))


def test_a_binary_fraction_is_no_amount():
    with pytest.raises(ValidationError):
        Line._meta.get_field("amount").get_prep_value(0.1)


# --- opening


def test_a_book_is_opened_once_for_one_thing_and_recorded(tree, by):
    one = books.opened(tree.village, by=by, subject=("cases.case", 7))
    again = books.opened(tree.village, by=by, subject=("cases.case", 7))

    assert one.pk == again.pk
    assert one.path == tree.village.path
    assert LedgerEntry.objects.filter(kind=Kind.OPENED).count() == 1


def test_the_same_thing_has_no_second_book_of_other_terms(tree, by):
    books.opened(tree.village, by=by, subject=("cases.case", 7), most_a_head=Decimal(15))

    found = books.faults(lambda: books.opened(tree.village, by=by, subject=("cases.case", 7)))

    assert list(found) == [""]


def test_a_book_tells_all_that_is_wrong_with_it_at_once(tree, by):
    found = books.faults(
        lambda: keeping_open(tree.village, by, title=" ", day=OPENED + timedelta(1))
    )

    assert set(found) == {"title", "occurred", "most_a_head", "days_a_head"}
    assert not Book.objects.exists()


def keeping_open(place, by, *, title, day):
    terms = Terms(most_a_head=Decimal(0), days_a_head=Decimal(-1))
    with transaction.atomic():
        keeping.open_book(
            place.pk, title=title, opened_on=day, terms=terms, by=by, at=books.noon(OPENED)
        )


# --- posting


def test_an_entry_moves_its_amounts_and_is_recorded(book, by):
    entry = books.receive(book, "3000", by=by, party="县财政局", paper="票0012")

    assert (entry.number, entry.kind, entry.party, entry.paper) == (
        1,
        "receipt",
        "县财政局",
        "票0012",
    )
    assert (stands(book).received, stands(book).left) == (Decimal(3000), Decimal(3000))
    record = LedgerEntry.objects.get(kind=Kind.POSTED)
    assert (record.organization_id, record.occurred) == (book.organization_id, DAY)
    assert not verify().faults


def test_an_entry_that_is_wrong_in_every_way_says_all_of_it_and_leaves_nothing(book, by):
    draft = Draft(
        kind="transfer", occurred=OPENED - timedelta(1),
        moves=[Move("cash", "cash", Decimal(1)), Move("nowhere", "cash", Decimal("1.005"))],
    )  # fmt: skip

    with transaction.atomic():
        found = books.faults(
            lambda: keeping.post(keeping.held(book.pk), draft, by=by, at=books.noon(DAY))
        )

    assert set(found) == {"occurred", "amount", "account"}
    assert not Entry.objects.exists() and not Account.objects.exists()


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_an_amount_that_is_none_is_refused(book, by, amount):
    assert list(books.faults(lambda: books.receive(book, amount, by=by))) == ["amount"]


def test_a_day_ahead_is_refused(book, by):
    draft = Draft(kind="receipt", occurred=DAY + timedelta(1),
                  moves=[Move("cash", "subsidy", Decimal(1))])  # fmt: skip

    with transaction.atomic():
        found = books.faults(
            lambda: keeping.post(keeping.held(book.pk), draft, by=by, at=books.noon(DAY))
        )

    assert list(found) == ["occurred"]


def test_what_runs_twice_posts_once(book, by):
    one = books.receive(book, "50", by=by)
    first = books.post(book, ("cash", "subsidy", "20"), by=by, kind="receipt", source="turn:9:a")
    second = books.post(book, ("cash", "subsidy", "20"), by=by, kind="receipt", source="turn:9:a")

    assert first.pk == second.pk != one.pk
    assert stands(book).received == Decimal(70)


def test_the_same_source_cannot_mean_something_else(book, by):
    books.post(book, ("cash", "subsidy", "20"), by=by, kind="receipt", source="turn:9:a")

    found = books.faults(
        lambda: books.post(
            book, ("cash", "subsidy", "21"), by=by, kind="receipt", source="turn:9:a"
        )
    )

    assert list(found) == [""]


# --- ceiling and balance


def test_nothing_is_paid_before_the_budget_where_the_terms_ask_for_one(book, by):
    books.receive(book, "100", by=by)

    found = books.faults(lambda: books.pay(book, "1", by=by))

    assert "还没有定预算" in found["amount"] and "演示章程 第三条" in found["amount"]


def test_a_payment_reaches_the_ceiling_and_not_a_fen_beyond(book, by):
    books.plan(book, "80", by=by)
    books.receive(book, "100", by=by)
    books.pay(book, "79.99", by=by)

    found = books.faults(lambda: books.pay(book, "0.02", by=by))
    books.pay(book, "0.01", by=by)

    assert "超出 0.01 元" in found["amount"]
    assert (stands(book).paid, stands(book).unspent) == (Decimal(80), Decimal(0))


def test_no_more_is_paid_than_was_received(book, by):
    books.plan(book, "200", by=by)
    books.receive(book, "100", by=by)

    found = books.faults(lambda: books.pay(book, "100.01", by=by))
    books.pay(book, "100", by=by)

    assert "只有 100.00 元" in found["amount"]
    assert stands(book).left == 0


def test_the_budget_is_not_lowered_below_what_was_paid(book, by):
    books.plan(book, "100", by=by)
    books.receive(book, "100", by=by)
    books.pay(book, "60", by=by)

    found = books.faults(lambda: books.plan(book, "59.99", by=by))
    books.plan(book, "60", by=by)

    assert list(found) == ["amount"]
    assert stands(book).plan == Decimal(60)
    assert Entry.objects.filter(kind="plan").count() == 2


# --- pledges and labour


@pytest.fixture
def voluntary(tree, by):
    return books.opened(
        tree.village, by=by, is_voluntary=True, most_a_head=Decimal(15), days_a_head=Decimal(10),
        basis="演示章程 第四条",
    )  # fmt: skip


def test_a_giver_pledges_up_to_the_limit_of_the_year_and_no_further(voluntary, by, tree):
    other = books.opened(tree.village, by=by, title="沟渠", most_a_head=Decimal(15))
    books.pledge(voluntary, "李德广 二组", "10", by=by)

    found = books.faults(lambda: books.pledge(other, "李德广 二组", "5.01", by=by))
    books.pledge(other, "李德广 二组", "5", by=by)
    books.pledge(other, "徐洪保 一组", "15", by=by)

    assert list(found) == ["amount"]
    assert stands(other).pledged == Decimal(20)


def test_another_year_begins_anew_and_what_was_taken_back_does_not_count(voluntary, by):
    entry = books.pledge(voluntary, "李德广", "15", by=by)
    books.pledge(voluntary, "李德广", "15", by=by, on=date(2027, 1, 4))
    books.reverse(entry, by=by)

    books.pledge(voluntary, "李德广", "15", by=by)

    assert stands(voluntary).pledged == Decimal(30)


def test_what_was_laid_on_everybody_is_no_pledge(voluntary, by):
    found = books.faults(lambda: books.pledge(voluntary, "李德广", "1", by=by, apportioned=True))

    assert "演示章程 第四条" in found["apportioned"]


def test_a_pledge_has_a_giver(voluntary, by):
    assert list(books.faults(lambda: books.pledge(voluntary, " ", "1", by=by))) == ["party"]


def test_ten_days_of_labour_a_year_and_no_more(voluntary, by):
    books.work(voluntary, "labour", "9.5", "工日", by=by, worker="李德广")

    found = books.faults(
        lambda: books.work(voluntary, "labour", "0.501", "工日", by=by, worker="李德广")
    )
    books.work(voluntary, "labour", "0.5", "工日", by=by, worker="李德广")

    assert list(found) == ["amount"]
    assert [done.amount for done in sums.quantities([voluntary.pk])] == [Decimal(10)]


def test_labour_has_its_unit_and_its_worker(voluntary, by):
    found = books.faults(lambda: books.work(voluntary, "labour", "1", "小时", by=by))

    assert set(found) == {"unit", "worker"}


# --- reversal


def test_a_reversal_restores_what_there_was_and_both_stay(book, by):
    before = books.oracle(book)
    entry = books.receive(book, "77.70", by=by)

    opposite = books.reverse(entry, by=by)

    assert {code: amount for code, amount in books.oracle(book).items() if amount} == before
    assert opposite.reverses_id == entry.pk and Entry.objects.count() == 2


def test_nothing_is_reversed_twice_and_no_reversal_is_reversed(book, by):
    entry = books.receive(book, "5", by=by)
    opposite = books.reverse(entry, by=by)

    assert "已经冲正" in books.faults(lambda: books.reverse(entry, by=by))[""]
    assert "本身是冲正" in books.faults(lambda: books.reverse(opposite, by=by))[""]


def test_a_receipt_that_was_spent_is_not_reversed_before_the_payment(book, by):
    books.plan(book, "10", by=by)
    receipt = books.receive(book, "10", by=by)
    payment = books.pay(book, "4", by=by)

    found = books.faults(lambda: books.reverse(receipt, by=by))
    books.reverse(payment, by=by)
    books.reverse(receipt, by=by)

    assert "资金" in found["amount"]
    assert stands(book).left == 0


def test_a_reversal_says_why_and_is_not_earlier(book, by):
    entry = books.receive(book, "5", by=by)

    found = books.faults(lambda: books.reverse(entry, by=by, on=DAY - timedelta(1), memo=" "))

    assert set(found) == {"occurred", "memo"}


# --- settling and closing


def test_settled_days_take_nothing_more_and_the_day_after_does(book, by):
    with transaction.atomic():
        keeping.settle(keeping.held(book.pk), through=DAY, by=by, at=books.noon(DAY + timedelta(1)))
    book.refresh_from_db()

    found = books.faults(lambda: books.receive(book, "1", by=by, on=DAY))
    books.receive(book, "1", by=by, on=DAY + timedelta(1))

    assert list(found) == ["occurred"]


@pytest.mark.parametrize("through", [DAY, OPENED - timedelta(1)])
def test_only_days_that_are_over_and_were_kept_are_settled(book, by, through):
    with transaction.atomic():
        found = books.faults(
            lambda: keeping.settle(
                keeping.held(book.pk), through=through, by=by, at=books.noon(DAY)
            )
        )

    assert list(found) == ["through"]


def close(book, by, *, note="", on=DAY):
    with transaction.atomic():
        return keeping.close(keeping.held(book.pk), on=on, note=note, by=by, at=books.noon(on))


def test_a_closed_book_takes_nothing_more(book, by):
    books.receive(book, "5", by=by)
    assert list(books.faults(lambda: close(book, by))) == ["note"]

    close(book, by, note="转入村集体账")

    assert list(books.faults(lambda: books.receive(book, "1", by=by))) == [""]
    assert list(books.faults(lambda: close(book, by, note="又封"))) == [""]


def test_a_book_is_not_closed_before_its_last_entry(book, by):
    books.receive(book, "5", by=by)

    assert "occurred" in books.faults(lambda: close(book, by, note="余", on=DAY - timedelta(1)))


# --- what the database itself refuses


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["money_entry", "money_line", "money_quantity"])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_nobody_edits_what_was_posted(book, by, table, verb):
    from django.db import connection

    books.receive(book, "5", by=by)
    books.work(book, "road", "1", "条", by=by)
    statement = f"update {table} set id = id" if verb == "update" else f"delete from {table}"

    with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
        connection.cursor().execute(statement)


def test_the_database_takes_no_line_that_does_not_balance(book, by):
    entry = books.receive(book, "5", by=by)
    cash = Account.objects.get(code="cash")

    for line in (
        Line(entry=entry, debit=cash, credit=cash, amount=1),
        Line(entry=entry, debit=cash, credit=Account.objects.get(code="subsidy"), amount=0),
        Line(entry=entry, debit=cash, credit=Account.objects.get(code="subsidy"), amount=-1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            line.save()


def test_the_database_takes_no_line_between_two_books(tree, book, by):
    entry = books.receive(book, "5", by=by)
    other = books.opened(tree.village, by=by, title="沟渠")
    books.receive(other, "5", by=by)
    here, there = book.accounts.get(code="cash"), other.accounts.get(code="subsidy")

    for debit, credit in ((here, there), (there, here)):
        with pytest.raises(DatabaseError, match="two books"), transaction.atomic():
            Line.objects.create(entry=entry, debit=debit, credit=credit, amount=7)


def test_if_recording_fails_nothing_was_posted(book, by, monkeypatch):
    def fail(*args, **more):
        raise RuntimeError

    monkeypatch.setattr(keeping.ledger, "record", fail)

    with pytest.raises(RuntimeError):
        books.receive(book, "5", by=by)

    assert not Entry.objects.exists() and not Line.objects.exists()


def test_a_refused_posting_names_its_faults_in_one_sentence(book, by):
    with pytest.raises(Unfit, match="金额要大于 0"):
        books.receive(book, "0", by=by)


def test_quantities_are_added_by_kind_and_unit_and_taken_back(book, by):
    books.work(book, "road", "2", "条", by=by, title="新修道路")
    books.work(book, "road", "1.4", "公里", by=by, title="新修道路")
    wrong = books.work(book, "road", "3.6", "公里", by=by, title="新修道路")
    with transaction.atomic():
        keeping.held(book.pk)
        keeping.unmeasure(
            Quantity.objects.get(pk=wrong.pk), occurred=DAY, memo="量错了", by=by,
            at=books.noon(DAY),
        )  # fmt: skip

    done = sums.quantities([book.pk])

    assert [(one.title, one.unit, one.amount) for one in done] == [
        ("新修道路", "条", Decimal(2)), ("新修道路", "公里", Decimal("1.4")),
    ]  # fmt: skip
