"""S002.10-06: the projects of one township, each run through its procedure by those whose turn it
is, come to the figures of the source exactly: 49 projects in 11 villages, 5.87 million yuan of
which 2.45 million raised by the people, 26 roads of 24.8 km, 9 km of verges, 16 drains of 5,194 m,
8 ditches of 5 km, 5 bridges and culverts."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from tests.cases.playing import noon
from tests.money.villages import act, posted, settled
from zhibu.cases import actions as cases
from zhibu.cases.models import Case
from zhibu.cases.steps import Totals
from zhibu.core import measures
from zhibu.ledger.verify import verify
from zhibu.money import queries, sums
from zhibu.money.models import Book, Entry

pytestmark = pytest.mark.alike

PROCEDURE = "seeds/one-matter:project"
RAISED, OTHERS = Decimal(50_000), [Decimal(69_000)] * 48 + [Decimal(108_000)]
WORK: list[dict[str, str]] = [
    *({"roads": "1", "roads_km": "0.95", **({"verge_km": "0.9"} if n < 10 else {})}
      for n in range(25)),
    {"roads": "1", "roads_km": "1.05"},
    *({"drains": "2" if n < 6 else "1", "drains_m": "519.4"} for n in range(10)),
    *({"ditches": "1", "ditches_km": "0.625"} for _ in range(8)),
    *({"bridges": "1"} for _ in range(5)),
]  # fmt: skip


@pytest.fixture
def villages(tree):
    return settled(tree, 11)


def project(village, title, others, work):
    by, head = village.secretary, village.head
    start, resolved, hung = date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 20)
    case = cases.start(
        village.branch, procedure=PROCEDURE, wording=date(2026, 1, 1), title=title,
        values={"what": title, "why": "出行、排水", "people": 420, "hamlets": 2,
                "most_a_head": Decimal(100), "most_paper": "演示〔2026〕1 号"},
        on=start, by=by, at=noon(start),
    )  # fmt: skip
    act(case, "consult", "report", by=by, on=start, budget_raised=RAISED, budget_subsidy=others,
        how="两人收、一人管", even=False)  # fmt: skip
    members = Totals(entitled=3, present=3, yes=3, no=0, abstain=0, tellers=village.tellers)
    act(case, "review", "passed", by=by, on=date(2026, 3, 4), totals=members)
    people = Totals(entitled=30, present=30, yes=30, no=0, abstain=0, tellers=village.tellers)
    act(case, "resolve", "passed", by=by, on=resolved, totals=people)
    posted(case, "publish", resolved, hung, by)
    act(case, "pledge", "one", by=by, on=date(2026, 3, 13), giver=f"{title} 全体", heads=500,
        gives=RAISED, gives_even=False)  # fmt: skip
    act(case, "pledge", "enough", by=by, on=date(2026, 3, 13))
    act(case, "publish", "clean", by=by, on=date(2026, 3, 21))
    for source, came in (("self-raised", RAISED), ("subsidy", others)):
        act(case, "collect", "one", by=by, on=date(2026, 3, 22), came_from=source, came=came,
            payer="代收", receipt="收据")  # fmt: skip
    act(case, "spend", "ask", by=by, on=date(2026, 4, 1), used_for="works", payee="施工队",
        costs=RAISED + others, invoice="发票")  # fmt: skip
    act(case, "check", "agree", by=head, on=date(2026, 4, 2))
    act(case, "spend", "finished", by=by, on=date(2026, 5, 1))
    act(case, "accept", "fit", by=by, on=date(2026, 5, 2), inspected="乡财政所", inspection="验",
        **{name: Decimal(amount) for name, amount in work.items()})  # fmt: skip
    act(case, "sign", "signed", by=head, on=date(2026, 5, 3))
    posted(case, "publish-result", date(2026, 5, 3), date(2026, 5, 17), by)
    return act(case, "publish-result", "clean", by=by, on=date(2026, 5, 18))


DONE = {
    ("新修道路", "条"): "26", ("新修道路", "公里"): "24.8", ("路肩培土", "公里"): "9",
    ("修建下水道", "段"): "16", ("修建下水道", "米"): "5194", ("疏通沟渠", "条"): "8",
    ("疏通沟渠", "公里"): "5", ("新建桥涵", "座"): "5",
}  # fmt: skip


def test_forty_nine_projects_come_to_the_figures_of_the_source(tree, cast, villages, client, clock):
    assert len(WORK) == 49
    for number, (others, work) in enumerate(zip(OTHERS, WORK, strict=True)):
        project(villages[number % 11], f"{number + 1} 号项目", others, work)

    assert Case.objects.filter(procedure=PROCEDURE, ended_as="办结").count() == 49
    books = queries.listed(cast["township officer"])
    units, whole = queries.by_organization(books), queries.whole(books)
    assert (books.count(), len(units)) == (49, 11)
    assert whole.plan == whole.received == whole.paid == Decimal(5_870_000)
    assert whole.by_source["self-raised"] == whole.pledged == Decimal(2_450_000)
    assert whole.left == 0
    done = {(one.title, one.unit): one.amount for one in sums.quantities(books.values("pk"))}
    assert done == {key: Decimal(amount) for key, amount in DONE.items()}
    assert sum(unit.now.received for unit in units) == whole.received
    _adds_up_in_plain_decimals(whole)
    _is_measured_alike(villages)
    _stands_in_the_workbook(client, cast["township officer"])
    assert not verify().faults


def _adds_up_in_plain_decimals(whole):
    lines = [line for e in Entry.objects.filter(kind="receipt") for line in e.lines.all()]
    assert sum(line.amount for line in lines) == whole.received
    assert not Book.objects.filter(closed_on=None).exists()


def _is_measured_alike(villages):
    found = measures.get("money.paid")
    ids = [village.branch.pk for village in villages]
    day = date(2026, 12, 31)
    figures = found.compute(ids, date(2026, 1, 1), day, day, found.params())
    assert sum(figure.count for figure in figures.values()) == Decimal(5_870_000)


def _stands_in_the_workbook(client, officer):
    client.force_login(officer)
    content = client.get("/money/sums/?export=1").content
    rows = {row[0]: row for row in openpyxl.load_workbook(io.BytesIO(content)).active.values}
    head, total = rows["组织"], dict(zip(rows["组织"], rows["合计"], strict=True))
    assert total["几本账"] == 49 and total["收入"] == 5_870_000
    assert total["其中群众自筹"] == 2_450_000
    assert {name: total[name] for name in head if "（" in name} == {
        f"{title}（{unit}）": float(amount) for (title, unit), amount in DONE.items()
    }
