import io
from decimal import Decimal

import openpyxl
import pytest

from tests.money import books
from tests.money.books import DAY
from tests.money.test_claims import CARD, ONE, ROUND, TWO
from zhibu.money.models import Claim, Entry, Quantity

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def by(cast):
    return cast["secretary"]


@pytest.fixture
def book(tree, by):
    made = books.opened(
        tree.village, by=by, needs_plan=True, most_a_head=Decimal(15), days_a_head=Decimal(10),
        basis="演示章程 第三条",
    )  # fmt: skip
    books.plan(made, "5870.50", by=by)
    books.pledge(made, "李德广 二组", "15", by=by)
    books.receive(made, "15", by=by, source_of="self-raised", party="李德广 二组", paper="收据001")
    books.receive(made, "5000.50", by=by, paper="财预12")
    books.pay(made, "1234.56", by=by, party="淮河建材", paper="发票777")
    books.work(made, "road", "1.4", "公里", by=by, title="新修道路")
    return made


def text(response):
    return response.content.decode()


def sheets(response):
    file = io.BytesIO(b"".join(response) if response.streaming else response.content)
    return openpyxl.load_workbook(file)


def test_the_book_shows_every_line_with_paper_and_who(client, book, by):
    client.force_login(by)

    page = text(client.get(book.get_absolute_url()))

    for said in ("5,870.50", "3,780.94", "发票777", "淮河建材", "顾长林", "新修道路", "1.4 公里",
                 "演示章程 第三条"):  # fmt: skip
        assert said in page


def test_the_list_adds_all_books_up_and_narrows_to_a_place(client, tree, book, by, cast):
    other = books.opened(tree.inner, by=by, title="沟渠")
    books.receive(other, "100", by=by)
    client.force_login(cast["township officer"])

    page = text(client.get("/money/"))
    narrowed = text(client.get(f"/money/?organization={tree.inner.pk}"))

    assert "5,115.50" in page and "沟渠" in page and books.ROAD in page
    assert books.ROAD not in narrowed and "100.00" in narrowed


def test_a_place_one_does_not_see_is_not_found(client, tree, book, by):
    client.force_login(by)

    assert client.get(f"/money/?organization={tree.far.pk}").status_code == 404
    assert client.get(f"/money/sums/?organization={tree.far.pk}").status_code == 404


def test_the_sums_by_organization_with_the_work_go_to_excel(client, tree, book, by, cast):
    other = books.opened(tree.inner, by=by, title="沟渠")
    books.work(other, "ditch", "800", "米", by=by, title="疏通沟渠")
    client.force_login(cast["township officer"])

    rows = list(sheets(client.get("/money/sums/?export=1")).active.values)

    head = next(row for row in rows if row[0] == "组织")
    assert head[-2:] == ("新修道路（公里）", "疏通沟渠（米）")
    by_name = {row[0]: row for row in rows}
    assert by_name["合计"][1:8] == (2, 5870.5, 15, 5015.5, 15, 1234.56, 3780.94)
    assert by_name["合计"][-2:] == (1.4, 800)


def test_the_whole_book_goes_to_excel(client, book, by):
    client.force_login(by)

    book_ = sheets(client.get(f"{book.get_absolute_url()}?export=1"))

    assert book_.sheetnames == ["明细", "工程量和出工"]
    lines = [row for row in book_["明细"].values if isinstance(row[0], (int, float))]
    assert [row[5] for row in lines] == [5870.5, 15, 15, 5000.5, -1234.56]


def test_money_is_received_by_hand(client, book, by):
    client.force_login(by)

    done = client.post(
        f"/money/{book.pk}/receive/",
        {"source": "donated", "amount": "88.80", "occurred": DAY, "party": "赵老板", "paper": "7"},
    )

    assert done.status_code == 302
    entry = Entry.objects.latest("pk")
    assert (entry.party, entry.lines.get().amount) == ("赵老板", Decimal("88.80"))


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(client, book, by):
    client.force_login(by)

    page = text(
        client.post(
            f"/money/{book.pk}/pledge/",
            {"party": "李德广 二组", "amount": "0.01", "heads": 1, "occurred": "2026-01-01",
             "apportioned": "on", "memo": "修路"},
        )
    )  # fmt: skip

    assert "早于开账" not in page  # what the terms say comes first
    assert "一年最多 15.00 元" in page and 'value="修路"' in page
    assert Entry.objects.filter(kind="promise").count() == 1


def test_labour_is_entered_up_to_the_limit(client, book, by):
    client.force_login(by)
    filled = {"worker": "李德广", "occurred": DAY, "paper": "记工1"}

    refused = client.post(f"/money/{book.pk}/labour/", {**filled, "amount": "10.5"})
    done = client.post(f"/money/{book.pk}/labour/", {**filled, "amount": "10"})

    assert "一年最多 10 个" in text(refused)
    assert done.status_code == 302 and Quantity.objects.get(what="labour").amount == 10


def test_an_entry_is_reversed_by_somebody_else_only(client, book, by, cast):
    entry = Entry.objects.get(paper="发票777")
    address = f"/money/entries/{entry.pk}/reverse/"
    filled = {"occurred": DAY, "memo": "发票作废"}

    client.force_login(by)
    own = client.post(address, filled)
    client.force_login(cast["committee member"])
    not_theirs = client.post(address, filled)
    client.force_login(cast["township officer"])
    done = client.post(address, filled)

    assert (own.status_code, not_theirs.status_code, done.status_code) == (403, 403, 302)
    assert Entry.objects.get(reverses=entry).by == cast["township officer"]
    assert f"冲正 {entry.number} 号" in text(client.get(book.get_absolute_url()))


def test_work_is_taken_back_by_somebody_else(client, book, cast):
    client.force_login(cast["township officer"])
    work = Quantity.objects.get(what="road")

    done = client.post(f"/money/quantities/{work.pk}/reverse/", {"occurred": DAY, "memo": "量错了"})

    assert done.status_code == 302 and Quantity.objects.get(reverses=work).amount == -work.amount


def test_days_are_settled(client, book, by):
    client.force_login(by)

    assert client.post(f"/money/{book.pk}/settle/", {"through": DAY}).status_code == 302
    refused = client.post(
        f"/money/{book.pk}/receive/", {"source": "donated", "amount": "1", "occurred": DAY}
    )

    assert "已经结账" in text(refused)


@pytest.fixture
def listed(tree, by):
    made = books.opened(tree.village, by=by, title="王家坝", scheme=ROUND)
    books.claim(made, "李德广", "100.10", by=by, number=ONE, account=CARD)
    return made


def test_the_list_of_people_covers_their_numbers(client, listed, by):
    client.force_login(by)

    page = text(client.get(f"/money/{listed.pk}/list/"))
    lines = list(sheets(client.get(f"{listed.get_absolute_url()}?export=1"))["发放清单"].values)

    assert "李德广" in page and CARD[-4:] in page
    assert ONE not in page and CARD not in page
    assert not any(ONE in str(line) or CARD in str(line) for line in lines)


def test_somebody_is_entered_refused_twice_and_withdrawn(client, listed, by):
    client.force_login(by)
    filled = {"item": "征地补偿", "name": "徐洪保", "number": TWO, "amount": "50"}
    assert client.post(f"/money/{listed.pk}/claim/", filled).status_code == 302

    again = client.post(f"/money/{listed.pk}/claim/", filled)
    made = Claim.objects.get(name="徐洪保")
    off = client.post(f"/money/claims/{made.pk}/withdraw/", {"reason": "搬走了"})

    assert "重复" in text(again) and off.status_code == 302
    made.refresh_from_db()
    assert made.in_words == "撤下：搬走了"


def test_a_book_without_a_round_has_no_list(client, book, by):
    client.force_login(by)

    assert client.get(f"/money/{book.pk}/list/").status_code == 404
    assert client.get(f"/money/{book.pk}/claim/").status_code == 403


@pytest.mark.parametrize("who", ["member", "sibling secretary", "system admin"])
def test_who_has_nothing_there_finds_nothing(client, book, cast, who):
    client.force_login(cast[who])

    assert client.get(book.get_absolute_url()).status_code == 404


def test_the_list_takes_as_many_queries_for_three_books_as_for_one(client, tree, by, queries_of):
    client.force_login(by)
    books.receive(books.opened(tree.village, by=by, title="一"), "5", by=by)
    one = queries_of("/money/")
    for title in ("二", "三"):
        books.receive(books.opened(tree.village, by=by, title=title), "5", by=by)

    assert queries_of("/money/") == one
