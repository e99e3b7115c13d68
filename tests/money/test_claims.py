from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.money import books
from tests.money.books import DAY
from zhibu.core.effects import Unfit
from zhibu.ledger.verify import verify
from zhibu.money import actions, claims, keeping, sums
from zhibu.money.claims import Asked
from zhibu.money.models import Claim, Entry

ROUND = "2026 年蓄洪补偿"
ONE, TWO = "990101199003070015", "990101199003070023"
CARD, OTHER_CARD = "6228480402564890018", "6228480402564890026"


@pytest.fixture
def by(cast):
    return cast["secretary"]


@pytest.fixture
def book(tree, by):
    return books.opened(tree.village, by=by, title="王家坝", scheme=ROUND)


def test_a_number_is_sealed_and_read_again(book, by):
    made = books.claim(book, "李德广", "1200.50", by=by, number=f" {ONE[:6]} {ONE[6:]}")

    made = Claim.objects.get(pk=made.pk)
    assert made.number == ONE
    assert ONE.encode() not in bytes(made.number_sealed) and ONE not in made.number_hash
    assert not verify().faults


def test_the_same_person_is_refused_in_every_book_of_the_round_whatever_the_name(
    tree, book, by, cast
):
    books.claim(book, "李德广", "100", by=by, number=ONE, account=CARD)
    other = books.opened(tree.far, by=by, title="邻村", scheme=ROUND)

    found = books.faults(
        lambda: books.claim(other, "李得广", "100", by=by, number=ONE.lower(), account=CARD)
    )

    assert set(found) == {"number", "account"}
    assert "王家坝" in found["number"] and "李德广" in found["number"]


def test_another_round_another_thing_and_another_person_are_none(tree, book, by):
    books.claim(book, "李德广", "100", by=by, number=ONE)
    later = books.opened(tree.village, by=by, title="下一轮", scheme="2027 年蓄洪补偿")

    books.claim(later, "李德广", "100", by=by, number=ONE)
    books.claim(book, "李德广", "100", by=by, number=ONE, item="房屋补偿")
    books.claim(book, "李德广", "100", by=by, number=TWO)

    assert Claim.objects.count() == 4


def test_who_was_withdrawn_may_be_entered_anew(book, by):
    made = books.claim(book, "李德广", "100", by=by, number=ONE)
    with transaction.atomic():
        claims.withdraw(made, reason="金额写错", by=by, at=books.noon(DAY))

    books.claim(book, "李德广", "120", by=by, number=ONE)

    assert Claim.objects.filter(withdrawn_at=None).count() == 1


def test_the_database_itself_keeps_the_second_one_out(book, by, monkeypatch):
    books.claim(book, "李德广", "100", by=by, number=ONE)
    monkeypatch.setattr(claims, "doubled", lambda made: {})

    with pytest.raises(IntegrityError):
        books.claim(book, "李得广", "100", by=by, number=ONE)
    asked = Asked(item="征地补偿", name="李得广", amount=Decimal(100), number=ONE)
    with pytest.raises(Unfit, match="刚刚在别的清单上登记了"):
        actions.claim(book, asked, by=by, at=books.noon(DAY))


def test_all_that_is_wrong_with_a_line_is_said_at_once(book, by):
    found = books.faults(
        lambda: books.claim(
            book, " ", "0", by=by, item=" ", number="990101199003070012", account="12"
        )
    )

    assert set(found) == {"name", "item", "number", "account", "amount"}


def test_a_line_has_something_to_tell_people_apart_by(book, by):
    assert list(books.faults(lambda: books.claim(book, "李德广", "1", by=by))) == ["number"]


def pay(book, by):
    with transaction.atomic():
        return claims.pay(
            keeping.held(book.pk), occurred=DAY, paper="发放表1", by=by, at=books.noon(DAY)
        )


@pytest.fixture
def listed(book, by):
    books.claim(book, "李德广", "100.10", by=by, number=ONE)
    books.claim(book, "徐洪保", "200.20", by=by, number=TWO)
    return book


def test_all_who_wait_are_paid_once(listed, by):
    books.receive(listed, "300.30", by=by, source_of="allotted")

    assert len(pay(listed, by)) == 2
    assert pay(listed, by) == []

    assert sums.stands(sums.balances([listed.pk])[listed.pk]).left == 0
    assert [e.party for e in Entry.objects.filter(kind="payment")] == ["李德广", "徐洪保"]
    assert not verify().faults


def test_nobody_is_paid_where_the_money_is_not_enough_for_all(listed, by):
    books.receive(listed, "300.29", by=by, source_of="allotted")

    assert "不够" in books.faults(lambda: pay(listed, by))["amount"]

    assert not Entry.objects.filter(kind="payment").exists()
    assert not Claim.objects.exclude(entry=None).exists()


def test_a_payment_taken_back_takes_its_line_off_the_list(listed, by, cast):
    books.receive(listed, "300.30", by=by, source_of="allotted")
    paid, _ = pay(listed, by)

    actions.reverse_entry(
        paid.entry, occurred=DAY, memo="卡号错，退回来了", by=cast["township officer"],
        at=books.noon(DAY),
    )  # fmt: skip
    again = books.claim(listed, "李德广", "100.10", by=by, number=ONE)

    paid.refresh_from_db()
    assert paid.withdrawn_because == "卡号错，退回来了"
    assert [made.pk for made in pay(listed, by)] == [again.pk]
    assert sums.stands(sums.balances([listed.pk])[listed.pk]).paid == Decimal("300.30")


def test_a_paid_line_is_not_withdrawn_and_a_book_with_waiting_people_not_closed(listed, by):
    with transaction.atomic():
        found = books.faults(
            lambda: keeping.close(
                keeping.held(listed.pk), on=DAY, note="", by=by, at=books.noon(DAY)
            )
        )
    assert "2 户" in found[""]

    books.receive(listed, "300.30", by=by, source_of="allotted")
    paid, _ = pay(listed, by)
    with transaction.atomic():
        found = books.faults(lambda: claims.withdraw(paid, reason="错", by=by, at=books.noon(DAY)))
    assert "已经发放" in found[""]
