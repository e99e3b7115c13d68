"""Pages of registers: found, allowed, typed and shown again, counted, taken along to Excel."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse
from docx import Document

from tests import factories
from tests.conftest import NOON
from tests.registers import books
from zhibu.core.fields import Named
from zhibu.registers import actions
from zhibu.registers.models import Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HELPERS = ("demo", "small", "helpers")


@pytest.fixture
def who(world, tree):
    person = factories.member(tree.village, by=tree.system, name="单文秀")
    return Named(person.pk, person.name)


@pytest.fixture
def row(cast, tree, who):
    return books.open_row(
        tree.village, by=cast["secretary"], who=who, job="clerk", pay=3000, phone="13900000000",
        until=date(2027, 1, 1),
    )  # fmt: skip


def page(client, user, name="register", *more, **query):
    client.force_login(user)
    return client.get(reverse(f"registers:{name}", args=[*HELPERS, *more]), query)


def test_list_names_registers_with_counts(client, cast, row):
    client.force_login(cast["secretary"])

    text = client.get(reverse("registers:list")).content.decode()

    assert "聘用人员" in text
    assert "联络员" in text
    assert [(b.reference, b.valid) for b in client.get(reverse("registers:list")).context["books"]]


def test_register_shows_rows_of_the_place_and_below(client, cast, tree, row):
    for who, place in (("secretary", tree.village), ("county officer", tree.county)):
        found = page(client, cast[who], organization=place.pk)
        assert [line.row for line in found.context["lines"]] == [row]
    found = page(client, cast["county officer"], organization=tree.west.pk)
    assert not found.context["lines"]


@pytest.mark.parametrize(
    ("view", "on", "found"),
    [
        ("valid", "2026-11-20", 1),
        ("valid", "2027-01-01", 0),
        ("running-out", "2026-12-01", 0),
        ("running-out", "2026-12-02", 1),
        ("over", "2026-12-31", 0),
        ("over", "2027-01-01", 1),
        ("all", "2020-01-01", 1),
    ],
)
def test_register_is_looked_at_on_a_day(view, on, found, client, cast, tree, row):
    shown = page(client, cast["secretary"], view=view, on=on, organization=tree.village.pk)

    assert len(shown.context["lines"]) == found


def test_register_counts_by_choice_and_unit_and_sums_what_is_open(client, cast, tree, row, who):
    books.open_row(tree.village, by=cast["secretary"], who=who, job="driver")

    found = page(client, cast["county officer"], organization=tree.county.pk).context

    assert found["choices"] == [("clerk", "文书", 1), ("driver", "司机", 1)]
    assert [(unit.name, count) for unit, count in found["units"]] == [
        ("东镇委员会", 2), ("西镇委员会", 0),
    ]  # fmt: skip
    assert found["totals"] == []  # pay is closed


def test_gaps_name_who_lacks_a_row_and_lead_to_the_form(client, cast, tree, row):
    found = page(client, cast["county officer"], "gaps", organization=tree.county.pk)

    assert [unit.name for unit, _, _ in found.context["lines"]] == [
        "机关第一党支部", "远村党支部",
    ]  # fmt: skip
    assert all(may_open for _, may_open, _ in found.context["lines"])
    assert page(client, cast["secretary"], "gaps", organization=tree.far.pk).status_code == 404


def test_open_by_form_and_back_with_what_was_typed(client, cast, tree, who):
    client.force_login(cast["secretary"])
    address = reverse("registers:open", args=[*HELPERS, tree.village.pk])
    typed = {"who": who.id, "job": "clerk", "pay": "3000", "since": "2026-11-01", "until": ""}

    assert client.post(address, typed | {"job": ""}).context["form"].errors.keys() == {"job"}
    assert not Row.objects.exists()
    again = client.post(address, typed | {"until": "2026-10-01"})
    assert "晚于开始" in again.context["form"].errors["until"][0]
    assert 'value="3000"' in again.content.decode()

    made = client.post(address, typed)
    row = Row.objects.get()
    assert made.url == row.get_absolute_url()
    assert row.values["pay"] == "3000"


def test_open_offers_nobody_from_elsewhere(client, cast, tree, who):
    stranger = factories.member(tree.far, by=tree.system)
    client.force_login(cast["secretary"])

    shown = client.post(
        reverse("registers:open", args=[*HELPERS, tree.village.pk]),
        {"who": stranger.pk, "job": "clerk", "since": "2026-11-01"},
    )

    assert "who" in shown.context["form"].errors


@pytest.mark.parametrize(
    ("reader", "pay", "phone"),
    [
        ("secretary", "3,000.00 元", "13900000000"),
        ("township officer", "3,000.00 元", "13900000000"),
        ("committee member", "不公开", "13900000000"),
        ("member", "不公开", "****"),
    ],
)
def test_columns_are_closed_and_masked_by_reader(reader, pay, phone, client, cast, row):
    client.force_login(cast[reader])

    seen = {spec.id: text for spec, text in client.get(row.get_absolute_url()).context["seen"]}

    assert (seen["pay"], seen["phone"]) == (pay, phone)


def test_whom_it_is_about_sees_all_of_it(client, tree, cast, row, who):
    from zhibu.people.models import Person

    user = factories.account(Person.objects.get(pk=who.id))
    client.force_login(user)

    text = client.get(row.get_absolute_url()).content.decode()

    assert "3,000.00 元" in text
    assert "13900000000" in text


def test_closed_columns_stay_closed_in_history_and_sheet(client, cast, tree, row, who):
    from zhibu.registers.drafts import Draft

    actions.correct_row(
        row, Draft(since=row.since, until=row.until, values={"who": who, "job": "clerk",
                                                             "pay": 9999}),
        reason="工资写错", by=cast["secretary"], at=NOON,
    )  # fmt: skip
    client.force_login(cast["committee member"])

    text = client.get(row.get_absolute_url()).content.decode()
    sheet = page(client, cast["committee member"], organization=tree.village.pk, export=1)
    cells = [
        str(cell)
        for line in openpyxl.load_workbook(BytesIO(b"".join(sheet))).active.values
        for cell in line
    ]

    assert "3,000" not in text
    assert "9,999" not in text
    assert not [cell for cell in cells if "3000" in cell or "9999" in cell]
    assert "不公开" in cells


def test_correct_needs_sight_of_every_column(client, cast, row):
    for reader, status in (("secretary", 200), ("committee member", 403), ("member", 403),
                           ("stranger secretary", 404)):  # fmt: skip
        client.force_login(cast[reader])
        assert client.get(reverse("registers:correct", args=[row.pk])).status_code == status


def test_correct_close_and_void_by_form(client, cast, row, who):
    client.force_login(cast["secretary"])
    client.post(
        reverse("registers:correct", args=[row.pk]),
        {"who": who.id, "job": "driver", "since": "2026-01-01", "until": "2027-01-01",
         "reason": "岗位写错"},
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.counted, row.version) == ("driver", 2)

    again = client.post(
        reverse("registers:close", args=[row.pk]), {"until": "2026-11-01", "reason": "走了"}
    )
    assert "ended_as" in again.context["form"].errors
    client.post(
        reverse("registers:close", args=[row.pk]),
        {"until": "2026-11-01", "reason": "走了", "ended_as": "left"},
    )
    row.refresh_from_db()
    assert row.state == Row.State.ENDED

    client.post(reverse("registers:void", args=[row.pk]), {"reason": "从来没有这个人"})
    row.refresh_from_db()
    assert row.state == Row.State.VOIDED
    shown = client.get(row.get_absolute_url()).content.decode()
    assert "岗位原来是：文书" in shown
    assert "从来没有这个人" in shown


def test_sheet_has_every_column_with_days_as_days(client, cast, tree, row):
    sheet = page(client, cast["secretary"], organization=tree.village.pk, export=1)

    lines = list(openpyxl.load_workbook(BytesIO(b"".join(sheet))).active.values)
    head = next(line for line in lines if "组织代码" in line)
    told = dict(zip(head, lines[lines.index(head) + 1], strict=True))
    assert told["编号"] == "聘〔2026〕1号"
    assert (told["谁"], told["岗位"], told["月薪"]) == ("单文秀", "文书", 3000)
    assert told["到哪天（不含）"].date() == date(2027, 1, 1)


def test_one_without_permission_does_not_even_know(client, cast, row):
    client.force_login(cast["stranger member"])

    assert client.get(row.get_absolute_url()).status_code == 404
    found = page(client, cast["stranger member"])
    assert found.status_code in (200, 404)
    if found.status_code == 200:
        assert not found.context["lines"]


@pytest.mark.parametrize("how_many", [1, 3])
def test_gaps_ask_once_who_may_write_however_many_lack(how_many, client, cast, tree, queries_of):
    text = books.CONTACTS_TEXT.replace(
        'writer = { who = "above" }', 'writer = { who = "above", posts = ["committee-officer"] }'
    )
    for number in range(how_many):
        factories.organization(tree.east, by=tree.system, name=f"东镇第{number}支部")
    with books.adopted(tree, contacts=f"{text}\n[gaps]\nsays = '没有联络员的支部'\n"):
        client.force_login(cast["township officer"])
        address = reverse("registers:gaps", args=["demo", "small", "contacts"])
        place = f"?organization={tree.east.pk}"

        found = client.get(address + place).context["lines"]

        # 机关第一党支部 hangs below a general branch, where the officer holds no post
        assert sum(may_open for _, may_open, _ in found) == how_many + 1
        assert queries_of(address + place) == 13


def test_what_may_not_stand_twice_is_said_once_on_every_page(client, cast, tree, who):
    told = [
        page(client, cast["secretary"], "open", tree.village.pk).content.decode() for _ in range(2)
    ]

    assert [text.count("同一天只能有一行") for text in told] == [1, 1]


def test_register_is_printed_as_a_booklet(client, cast, tree, row, who):
    books.open_row(tree.village, by=cast["secretary"], who=who, job="driver", pay=2800)

    def printed(user):
        file = page(client, cast[user], organization=tree.village.pk, word=1)
        return [one.text for one in Document(BytesIO(file.content)).paragraphs if one.text]

    whole, of_member = printed("secretary"), printed("committee member")

    assert [one for one in whole if "、" in one[:3] or one.startswith("（一）")] == [
        "一、文书（1）", "（一）单文秀", "二、司机（1）", "（一）单文秀",
    ]  # fmt: skip
    assert "月薪　3,000.00 元" in whole
    assert "日期　2026-01-01 起，到 2027-01-01（不含），有效" in whole
    assert "月薪　3,000.00 元" not in of_member
    assert "月薪　不公开" in of_member


def test_too_many_rows_are_no_booklet(client, cast, tree, row, monkeypatch):
    monkeypatch.setattr("zhibu.registers.views.BOOKLET", 0)

    answer = page(client, cast["secretary"], organization=tree.village.pk, word=1)

    assert answer.status_code == 403
    assert "先用上面的条件筛一筛" in answer.content.decode()
    whole = page(client, cast["secretary"], organization=tree.village.pk).content.decode()
    assert "印成册" not in whole
