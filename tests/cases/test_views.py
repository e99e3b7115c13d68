"""The screens of cases: what they say, that nothing typed is lost, that figures open to rows."""

import re
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import scenes
from tests.conftest import NOON, TODAY
from tests.scenes import RECTIFY
from zhibu.cases.forms import called
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


def test_sheet_has_the_rows_of_the_list(life, cast, secretary):
    answer = secretary.get(reverse("cases:list") + "?view=all&export=1")
    sheet = openpyxl.load_workbook(BytesIO(answer.getvalue())).active
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}

    seen = Case.objects.visible_to(cast["secretary"]).values_list("title", flat=True)
    assert set(seen) <= set(rows)
    assert rows["财务公开不及时"][3:6] == ("蒋红梅", "整改", "蒋红梅")


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
    assert refused.count(each) == 2 * 4  # above, and at each field
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


# --- votes, notices, links, first screens


def test_rule_of_a_vote_stands_beside_its_count(life, secretary):
    found = page(secretary, life.room.get_absolute_url())
    count = found[found.index("表决的票数") : found.index("哪天办的")]

    assert "到会要过应到有表决权的半数" in count
    assert "样例方案 第四条" in count
    assert [label for label in ("应到", "实到", "书面意见", "赞成", "反对", "弃权", "监票人")
            if f">{label}</label>" not in count] == []  # fmt: skip


def test_notice_says_how_long_it_hangs_and_what_waits(life, secretary):
    found = page(secretary, life.room.get_absolute_url())

    assert "还有 10 天" in found
    assert "1 条异议没有答复" in found
    assert "还不能办：公示到" in found


@pytest.mark.parametrize(
    ("typed", "is_linked"),
    [("2026-2", True), ("2026-2 号", True), ("2026-99", False), ("2", False), ("活动室", False)],
)
def test_other_case_is_named_by_the_number_on_its_page(life, secretary, typed, is_linked):
    life.room.links.all().delete()
    address = reverse("cases:link", args=[life.room.pk])

    answer = secretary.post(address, {"other": typed, "kind": "follows"})

    assert (answer.status_code == 302) == is_linked
    assert life.room.links.filter(other__title="借活动室办席").exists() == is_linked


def test_other_case_is_chosen_as_it_is_offered(life, secretary):
    address = reverse("cases:link", args=[life.room.pk])
    offered = re.findall(r'<option value="(\d{4}-\d+ [^"]+)">', page(secretary, address))
    (chosen,) = [text for text in offered if "财务公开不及时" in text]

    secretary.post(address, {"other": chosen, "kind": "split"})

    assert life.room.links.get(kind="split").other == life.case


def test_case_out_of_sight_is_neither_offered_nor_found(life, cast, client):
    client.force_login(cast["committee member"])
    address = reverse("cases:link", args=[life.room.pk])

    assert life.quiet.title not in page(client, address)
    answer = client.post(address, {"other": called(life.quiet), "kind": "split"})
    assert "您看不到" in answer.content.decode()


@pytest.mark.parametrize(("who", "address"), [("secretary", "desk:workbench"),
                                              ("member", "desk:today")])  # fmt: skip
def test_first_screen_says_what_waits(life, cast, client, who, address):
    client.force_login(cast[who])

    assert ("财务公开不及时：整改" in page(client, reverse(address))) == (who == "member")
    assert ("借活动室排戏：公示" in page(client, reverse(address))) == (who == "secretary")


def test_hour_that_has_struck_is_late_on_the_first_screen(life, cast, client):
    Turn.objects.filter(case=life.room, stage="notice").update(
        due_on=TODAY, due_at=NOON - timedelta(minutes=1)
    )
    client.force_login(cast["secretary"])
    found = page(client, reverse("desk:workbench"))

    line = found[found.index("借活动室排戏：公示") :]
    assert "超期" in line[: line.index("</li>")]


def test_what_waits_is_asked_in_one_query(life, secretary):
    with CaptureQueriesContext(connection) as captured:
        found = page(secretary, reverse("desk:workbench"))

    asked = [one["sql"] for one in captured.captured_queries if 'FROM "cases_turn"' in one["sql"]]
    assert "借活动室排戏：支部大会表决" in found
    assert len(asked) == 1
