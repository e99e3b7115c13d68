"""S002.10-07: a road takes land and houses in 8 villages: 93 houses pulled down, 1,050 mu of 990
households. Each village runs its list through the procedure; nobody stands on two lists."""

from datetime import date
from decimal import Decimal

import pytest
from stdnum.cn import ric

from tests.cases.playing import noon
from tests.money import books
from tests.money.villages import act, posted, settled
from zhibu.cases import actions as cases
from zhibu.cases.models import Case
from zhibu.ledger.verify import verify
from zhibu.money import queries
from zhibu.money.models import Book, Claim

PROCEDURE, ROUND = "seeds/one-matter:compensation", "2026 年高速公路征地"
VILLAGES, HOUSES, HOUSEHOLDS, MU = 8, 93, 990, Decimal(1_050)
A_MU, A_HOUSE = Decimal(2_000), Decimal(30_000)
OPENED, LISTED, HUNG, PAID = (date(2026, 7, day) for day in (1, 3, 17, 23))


def identity(number):
    """An invented number whose check digit fits."""
    body = f"990101{1950 + number % 50}0107{number // 50:03d}"
    return body + ric.calc_check_digit(f"{body}0")


def of_village(at):
    """Who of the village is paid for what: land of every household, houses of the first."""
    land = [MU - HOUSEHOLDS + 1, *[Decimal(1)] * (HOUSEHOLDS - 1)]
    for number in range(at, HOUSEHOLDS, VILLAGES):
        yield number, "征地补偿", land[number] * A_MU
        if number < HOUSES:
            yield number, "房屋补偿", A_HOUSE


def listed(village, at):
    lines = list(of_village(at))
    approved = sum(amount for _, _, amount in lines)
    case = cases.start(
        village.branch, procedure=PROCEDURE, wording=date(2026, 1, 1), title="征地补偿",
        values={"round": ROUND, "approved": approved, "approval": "演示〔2026〕9 号"},
        on=OPENED, by=village.secretary, at=noon(OPENED),
    )  # fmt: skip
    act(case, "open", "opened", by=village.secretary, on=OPENED, explained_on=OPENED,
        explained_how="村民会和逐户上门")  # fmt: skip
    book = Book.objects.get(organization_id=village.branch.pk)
    for number, item, amount in lines:
        books.claim(book, f"示例户{number}", str(amount), by=village.secretary, on=LISTED,
                    item=item, number=identity(number))  # fmt: skip
    act(case, "list", "listed", by=village.secretary, on=LISTED, households=len(lines))
    return case, book, approved


def paid(village, case, approved):
    act(case, "verify", "right", by=village.head, on=LISTED)
    posted(case, "publish", LISTED, HUNG, village.secretary)
    act(case, "publish", "clean", by=village.secretary, on=date(2026, 7, 18))
    act(case, "fund", "got", by=village.secretary, on=PAID, came=approved, receipt="进账单")
    act(case, "pay", "paid", by=village.secretary, on=PAID, payroll="代发表")
    act(case, "proof", "signed", by=village.head, on=PAID, seen_proof="回单")


@pytest.mark.slow
def test_every_household_is_paid_once_as_the_source_counts_them(tree, cast):
    villages = settled(tree, VILLAGES)
    runs = [(village, *listed(village, at)) for at, village in enumerate(villages)]
    again = books.faults(
        lambda: books.claim(runs[1][2], "换了名字", "2000", by=villages[1].secretary, on=LISTED,
                            number=identity(0))
    )  # fmt: skip
    assert "示例户0" in again["number"]
    for village, case, _, approved in runs:
        paid(village, case, approved)

    assert Case.objects.filter(procedure=PROCEDURE, ended_as="发放完").count() == VILLAGES
    land = Claim.objects.filter(item="征地补偿").exclude(entry=None)
    assert land.count() == HOUSEHOLDS
    assert sum(one.amount for one in land) == MU * A_MU
    assert Claim.objects.filter(item="房屋补偿").exclude(entry=None).count() == HOUSES
    whole = queries.whole(queries.listed(cast["township officer"]))
    assert whole.paid == whole.received == MU * A_MU + HOUSES * A_HOUSE
    assert not verify().faults
