"""How far it is on a day, and the lists: each figure has its rows, held against a count by hand."""

from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from django.urls import reverse

from tests import scenes
from tests.conftest import NOON, TODAY
from tests.scenes import RECTIFY
from zhibu.cases import actions, lists, progress
from zhibu.cases.models import Case
from zhibu.cases.progress import Scope
from zhibu.cases.steps import Step
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
STYLE = "seeds/rectification:style-problem"


@pytest.fixture
def many(life, cast, tree):
    """Problems in three branches, as far as their number says; by home."""
    owner, secretary, officer = life.person, cast["secretary"], cast["county officer"]
    made = []
    for number in range(9):
        home = (tree.village, tree.inner, tree.far)[number % 3]
        case = scenes.problem(home, f"问题{number}", owner=owner, by=officer, at=NOON)
        values = (
            {"measures": "改", "means": "有"}, {"done": "改了", "lasting": "常看"}, {"seen": "好了"}
        )  # fmt: skip
        outcomes = ("report", "report", "accept")[: number // 2]
        for outcome, said in zip(outcomes, values, strict=False):
            by = officer if outcome == "accept" else secretary
            if home != tree.village and outcome != "accept":
                by = cast["township officer"] if home == tree.inner else None
            by = by or cast["other township officer"]
            scenes.step_on(case, outcome, by=by, at=NOON, **said)
        if number % 4 == 1 and Case.objects.get(pk=case.pk).is_open:
            case.turns.open().update(due_on=TODAY - timedelta(days=1))
        made.append(case)
    return made


@pytest.fixture
def county(life, client, cast):
    client.force_login(cast["county officer"])
    return client


def by_hand(place, day):
    """Open, late and done this year in ``place`` and below, one case after another."""
    found = Counter()
    for case in Case.objects.filter(procedure=RECTIFY).select_related("organization"):
        if not case.organization.path.startswith(place.path) or case.started_on > day:
            continue
        if case.ended_on and case.ended_on <= day:
            found["done"] += case.state == "ended" and case.ended_on.year == day.year
            continue
        found["open"] += 1
        found["late"] += any(
            turn.opened_on <= day
            and (turn.state == "open" or (turn.happened_on and turn.happened_on > day))
            and turn.due_on is not None
            and turn.due_on < day
            for turn in case.turns.all()
        )
    return found["open"], found["late"], found["done"]


@pytest.mark.parametrize("back", [0, 1, 20, 31])
def test_figures_are_what_one_counts_by_hand(many, tree, cast, back):
    day = TODAY - timedelta(days=back)
    rows = progress.by_unit(
        Scope(cast["county officer"], tree.county, RECTIFY, day), progress.units(tree.county)
    )

    assert [row.title for row in rows] == ["本级", "东镇委员会", "西镇委员会"]
    assert [(row.open, row.late, row.done) for row in rows[1:]] == [
        by_hand(tree.east, day), by_hand(tree.west, day),
    ]  # fmt: skip
    whole = progress.total(rows)
    assert (whole.open, whole.late, whole.done) == by_hand(tree.county, day)


def test_each_figure_opens_to_as_many_rows(many, tree, cast):
    scope = Scope(cast["county officer"], tree.county, RECTIFY, TODAY)
    units = progress.units(tree.county)
    for row, unit in zip(progress.by_unit(scope, units), units, strict=True):
        for which in progress.WORDS:
            found = progress.behind(scope, which, unit, "").count()
            assert found == getattr(row, which), (row, which)
    rule = many[0].rule
    for row in progress.by_stage(scope, rule):
        assert progress.behind(scope, "open", None, row.id).count() == row.open
        assert progress.behind(scope, "late", None, row.id).count() == row.late


def test_nobody_counts_beyond_their_reach(many, tree, cast):
    scope = Scope(cast["sibling secretary"], tree.county, RECTIFY, TODAY)
    units = progress.units(tree.county)

    assert progress.total(progress.by_unit(scope, units)).open == by_hand(tree.inner, TODAY)[0]


def test_page_figures_lead_to_their_rows(many, county, tree):
    page = county.get(reverse("cases:progress")).content.decode()
    opened, late, done = by_hand(tree.county, TODAY)

    assert f"整改销号：在办 {opened} 件，超期 {late} 件" in page
    assert f"今年办结 {done} 件" in page
    address = f"?organization={tree.county.pk}&procedure={RECTIFY}&on={TODAY}"
    rows = county.get(
        reverse("cases:progress") + f"{address}&which=late&unit={tree.east.pk}"
    ).content.decode()
    assert f"超期 {by_hand(tree.east, TODAY)[1]} 件" in rows


def test_circular_says_the_same_in_the_order_of_the_tree(many, county, tree):
    answer = county.get(reverse("cases:progress") + f"?procedure={RECTIFY}&word=1")
    text = ZipFile(BytesIO(answer.content)).read("word/document.xml").decode()
    opened, late, done = by_hand(tree.county, TODAY)

    assert f"在办 {opened} 件，其中超期 {late} 件；今年办结 {done} 件" in text
    assert text.index("东镇") < text.index("西镇")
    assert "不排名" in text
    assert "问题1" not in text


def test_sheet_has_units_and_stages(many, county, tree):
    answer = county.get(reverse("cases:progress") + f"?procedure={RECTIFY}&export=1")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    rows = list(book["各单位"].iter_rows(values_only=True))

    assert rows[-1] == ("合计", *by_hand(tree.county, TODAY))
    assert "整改" in {row[0] for row in book["到哪一步"].iter_rows(values_only=True)}


def test_a_day_to_come_is_today(many, county):
    page = county.get(
        reverse("cases:progress") + f"?procedure={RECTIFY}&on=2030-01-01"
    ).content.decode()

    assert f'<time datetime="{TODAY}">' in page


def test_lists_say_promise_task_person_and_change(life, county, tree):
    here = reverse("cases:lists") + f"?organization={tree.village.pk}&list="

    promises = county.get(here + "promises").content.decode()
    assert "准备怎么改：补公布" in promises
    assert "活动室漏雨" not in promises  # struck off
    tasks = county.get(here + "tasks").content.decode()
    assert "整改，蒋红梅" in tasks
    people = county.get(here + "people").content.decode()
    assert '蒋红梅</a></th><td class="r">1</td>' in people
    ledger = county.get(here + "ledger").content.decode()
    assert "报措施：报措施" in ledger
    assert "延期：" in ledger
    assert "（等发票）" in ledger
    assert "活动室漏雨" in ledger


def test_file_has_all_four(life, county, tree):
    answer = county.get(reverse("cases:lists") + f"?organization={tree.village.pk}&export=1")
    book = openpyxl.load_workbook(BytesIO(answer.content))

    assert book.sheetnames == ["承诺清单", "任务清单", "责任清单", "台账"]
    rows = list(book["台账"].iter_rows(values_only=True))
    assert [row[1] for row in rows[-2:]] == ["财务公开不及时", "活动室漏雨"]
    assert "核验：销号" in rows[-1][7]


def test_ledger_says_what_was_posted_and_promised_anew(life, cast, tree):
    secretary = cast["secretary"]
    case = scenes.problem(tree.village, "公示的", owner=life.person, by=secretary, at=NOON)
    Case.objects.filter(pk=case.pk).update(facts=case.facts | {"publish": True})
    case = scenes.step_on(
        Case.objects.get(pk=case.pk), "report", by=secretary, at=NOON, measures="先改", means="有"
    )
    turn = case.turns.open().get(stage="publish")
    posting = actions.post(
        turn, channel="公示栏", place="村部", posted_on=TODAY, until=TODAY, by=secretary, at=NOON
    )
    actions.object_to(posting, raised_on=TODAY, said="太慢", source="", by=secretary, at=NOON)

    rows = lists.cases(secretary, tree.village, RECTIFY).filter(pk=case.pk)
    (line,) = lists.lines(list(lists.with_turns(rows, changes=True)), TODAY)

    assert line.posted == [f"公示栏，村部，{TODAY} 到 {TODAY}，意见 1 条"]
    assert line.promise == "准备怎么改：先改；要用的人和钱有没有着落：有"


def test_who_claimed_answers_for_it(life, cast, tree):
    secretary = cast["secretary"]
    (wording,) = library.packs()["seeds/rectification"].items["procedures", "style-problem"]
    for number in range(2):
        case = actions.start(
            tree.village, procedure=STYLE, wording=wording.since, title=f"会多{number}",
            values={"kind": "meetings", "found": "一月 9 次", "begins_on": date(2026, 11, 1),
                    "ends_on": date(2026, 12, 31)},
            on=TODAY, by=secretary, at=NOON,
        )  # fmt: skip
    actions.claim(case.turns.open().get(stage="claim"), by=secretary, at=NOON)
    values = {"progress": "并掉 4 个会"}
    noted = Step(outcome="note", happened_on=TODAY, values=values)
    actions.act(case.turns.open().get(stage="claim"), noted, by=secretary, at=NOON)
    rows = lists.cases(secretary, tree.village, STYLE)

    (one,) = lists.people(rows, TODAY)

    assert (one.person.pk, one.open, one.late) == (secretary.person_id, 1, 0)
    assert lists.unanswered(rows) == 1
    told = list(lists.with_turns(rows, changes=False))
    assert [line.who for line in lists.lines(told, TODAY)] == ["", "顾长林"]
