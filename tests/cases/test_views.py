"""The screens of cases: what they say, that nothing typed is lost, that figures open to rows."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests import scenes
from tests.conftest import NOON, TODAY
from tests.scenes import RECTIFY
from zhibu.cases.models import Case, Turn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def secretary(life, cast, client):
    client.force_login(cast["secretary"])
    return client


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def acting(case):
    turn = case.turns.open().get()
    return reverse("cases:act", args=[case.pk, turn.pk])


def test_page_says_whose_turn_until_when_and_by_which_article(life, secretary):
    found = page(secretary, life.case.get_absolute_url())

    assert "轮到蒋红梅：整改" in found
    assert "还有 12 天" in found
    assert "批准从" in found
    assert "等发票" in found
    assert "依据 走村访户材料" in found
    assert "报办结" in found
    assert "请上级协调" in found


def test_late_is_said_with_its_days(life, secretary):
    late = TODAY - timedelta(days=2)
    Turn.objects.filter(case=life.case, state="open").update(due_on=late)
    Case.objects.filter(pk=life.case.pk).update(due_on=late)

    assert "超期 2 天，轮到蒋红梅" in page(secretary, life.case.get_absolute_url())
    assert "财务公开不及时" in page(secretary, reverse("cases:list") + "?view=overdue")


@pytest.mark.parametrize(("days", "is_said"), [(30, False), (31, True)])
def test_what_has_not_moved_for_long_is_marked(life, secretary, days, is_said):
    Case.objects.filter(pk=life.case.pk).update(moved_at=NOON - timedelta(days=days))

    for address in (life.case.get_absolute_url(), reverse("cases:list") + "?view=all"):
        assert ("久没进展" in page(secretary, address)) is is_said


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(life, secretary):
    answer = secretary.post(
        acting(life.case),
        {"outcome": "report", "happened_on": "2026-11-25", "lasting": "每月 5 日前贴"},
    )
    found = answer.content.decode()

    assert answer.status_code == 200
    assert "日期在以后" in found
    assert "“做了什么”要填。" in found
    assert 'value="每月 5 日前贴"' in found
    assert life.case.turns.open().get().stage == "doing"


def test_button_that_asks_a_reason_does_without_the_fields(life, secretary):
    asked = {"outcome": "escalate", "happened_on": str(TODAY)}
    assert "写明为什么请上级协调。" in secretary.post(acting(life.case), asked).content.decode()

    answer = secretary.post(acting(life.case), asked | {"reason": "要几个部门定"})

    assert answer.status_code == 302
    turn = life.case.turns.open().get()
    assert (turn.stage, turn.organization) == ("coordinate", life.tree.east)


def test_story_keeps_each_round(life, secretary, cast):
    scenes.step_on(
        life.case, "report", by=cast["secretary"], at=NOON, done="贴了", lasting="每月贴"
    )
    found = page(secretary, life.case.get_absolute_url())

    assert "做了什么：贴了" in found
    assert "不能办：前面是您经办的" not in found
    assert "不能办：这一步轮到东镇委员会。" in found


def test_struck_off_says_so_and_is_not_mine(life, secretary):
    assert "销号，11月20日" in page(secretary, life.struck.get_absolute_url()).replace(
        '<time datetime="2026-11-20">', ""
    ).replace("</time>", "")
    assert "活动室漏雨" not in page(secretary, reverse("cases:list"))
    assert "活动室漏雨" in page(secretary, reverse("cases:list") + "?view=ended")


def test_sheet_has_the_rows_of_the_list(life, secretary):
    answer = secretary.get(reverse("cases:list") + "?view=all&export=1")
    sheet = openpyxl.load_workbook(BytesIO(answer.getvalue())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(values_only=False)]

    assert [row[0] for row in rows[-2:]] == ["财务公开不及时", "活动室漏雨"]
    assert rows[-2][3:6] == ["蒋红梅", "整改", "蒋红梅"]


def test_board_counts_what_its_link_lists(life, client, cast):
    client.force_login(cast["county officer"])
    for number in range(2):
        case = scenes.problem(
            life.tree.village, f"台账不全{number}", owner=scenes.person_of(cast["member"]),
            by=cast["secretary"], at=NOON,
        )  # fmt: skip
    Turn.objects.filter(case=case).update(due_on=date(2026, 11, 1))
    board = page(client, reverse("cases:board") + f"?procedure={RECTIFY}")
    listed = page(client, reverse("cases:list") + f"?view=all&procedure={RECTIFY}&stage=measures")

    assert '<td class="r">2</td><td class="r">1</td>' in board
    assert listed.count("台账不全") == 2
    assert "财务公开不及时" not in listed


def test_beginning_asks_what_the_pack_asks(life, secretary):
    address = reverse("cases:start", args=[life.tree.village.pk]) + f"?procedure={RECTIFY}"
    typed = {
        "title": "台账不全", "happened_on": str(TODAY), "owner": life.person.pk, "source": "self",
        "found": "缺 2 次", "horizon": "later", "due_on": "2027-12-01",
    }  # fmt: skip
    refused = secretary.post(address, typed).content.decode()
    each = "中长期的要写明理由、阶段和复查的日子。"
    assert refused.count(each) == 2 * 3  # above, and at each field
    assert "缺 2 次" in refused

    answer = secretary.post(address, typed | {"horizon": "now"})
    case = Case.objects.latest("pk")
    assert answer.url == case.get_absolute_url()
    assert (case.title, case.owner) == ("台账不全", life.person)


def test_list_of_one_organisation_is_named_after_it(life, secretary):
    address = reverse("cases:list") + f"?view=all&organization={life.tree.village.pk}"
    assert "前村的事项" in page(secretary, address)

    assert secretary.get(reverse("cases:list") + "?organization=999999").status_code == 404


def test_what_was_typed_beside_a_refusal_changes_nothing(life, secretary, cast, client):
    secretary.post(
        acting(life.case), {"outcome": "reclass", "happened_on": str(TODAY), "reason": "没有钱"}
    )
    client.force_login(cast["township officer"])
    before = Case.objects.get(pk=life.case.pk).facts
    typed = {"horizon": "now", "due_on": "2027-12-01", "happened_on": str(TODAY)}

    client.post(acting(life.case), typed | {"outcome": "refuse", "reason": "今年就改"})

    case = Case.objects.get(pk=life.case.pk)
    assert case.facts == before
    assert case.turns.open().get().due_on == date.fromisoformat(before["due_on"])
    assert case.turns.get(stage="reclass").content["due_on"] == "2027-12-01"
