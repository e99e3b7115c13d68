"""Common problems: 56 comments gathered into nine, each tracked, the answer back to all."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests import factories, scenes
from tests.conftest import NOON, TODAY
from zhibu.cases import actions, clusters
from zhibu.cases.models import Case, Link
from zhibu.cases.steps import Step
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
COMMON = "seeds/rectification:common"
THEMES = {
    "三会一课没有按期开": 7, "党费收缴不及时": 7, "发展党员材料不全": 7, "书记上党课少": 6,
    "活动阵地没有用起来": 6, "流动党员联系不上": 6, "村务公开不及时": 6, "台账补记多": 6,
    "矛盾排查走过场": 5,
}  # fmt: skip


@pytest.fixture
def problem(life, cast, tree):
    """A comment of the county on a branch."""

    def make(title, home=None):
        owner = scenes.person_of(cast["member"])
        return scenes.problem(
            home or tree.village, title, owner=owner, by=cast["county officer"], at=NOON
        )

    return make


@pytest.fixture
def common(life, cast, tree):
    def begin(title="共同的"):
        (wording,) = library.packs()["seeds/rectification"].items["procedures", "common"]
        return actions.start(
            tree.county, procedure=COMMON, wording=wording.since, title=title,
            values={"found": title, "due_on": TODAY + timedelta(days=90)}, owner=life.common.owner,
            on=TODAY, by=cast["county officer"], at=NOON,
        )  # fmt: skip

    return begin


@pytest.fixture
def county(life, client, cast):
    client.force_login(cast["county officer"])
    return client


def asked(life, sources, **more):
    return {
        "title": "流动党员没有人联系", "happened_on": str(TODAY), "owner": life.common.owner_id,
        "found": "外出的联系不上", "due_on": "2027-03-31", "row": [one.pk for one in sources],
        "step": "apply",
    } | more  # fmt: skip


def beginning(tree, q=""):
    return reverse("cases:gather", args=[tree.county.pk]) + (f"?q={q}" if q else "")


def test_fifty_six_problems_come_to_nine(problem, life, tree, county):
    homes = (tree.village, tree.inner, tree.far)
    made = {
        theme: [problem(theme, homes[number % 3]) for number in range(count)]
        for theme, count in THEMES.items()
    }
    assert sum(map(len, made.values())) == 56

    for theme, sources in made.items():
        chosen = asked(life, sources, title=f"共性：{theme}")
        assert county.post(beginning(tree, theme), chosen).status_code == 302

    commons = Case.objects.filter(procedure=COMMON).exclude(pk=life.common.pk)
    assert commons.count() == 9
    assert Link.objects.filter(kind="clustered").count() == 56
    mine = [source.pk for sources in made.values() for source in sources]
    assert Entry.objects.filter(kind=actions.Kind.LINKED, subject_id__in=mine).count() == 56
    page = county.get(reverse("cases:commons")).content.decode()
    assert '<p class="sub">10 件' in page  # with the one of the scene
    answer = county.get(reverse("cases:commons") + "?export=1")
    sheet = openpyxl.load_workbook(BytesIO(answer.getvalue())).active
    rows = [row for row in sheet.iter_rows(values_only=True) if str(row[0]).startswith("共性：")]
    assert {row[0].removeprefix("共性："): row[3] for row in rows} == THEMES
    assert sum(row[4] for row in rows) == 56
    assert verify().ok


def test_looking_begins_nothing(problem, life, tree, county):
    sources = [problem("流动党员联系不上"), problem("外出的联系不上")]
    before = Case.objects.count()
    linked = Link.objects.count()

    page = county.post(beginning(tree), asked(life, sources, step="preview")).content.decode()

    assert "会改的 2 件" in page
    assert "归到“流动党员没有人联系”一起办，由某县委员会办。" in page
    assert (Case.objects.count(), Link.objects.count()) == (before, linked)


def test_what_cannot_be_gathered_is_said_and_begins_nothing(problem, life, tree, county, common):
    free, taken = problem("流动党员联系不上"), problem("外出的联系不上")
    first = common()
    page = county.get(beginning(tree)).content.decode()
    assert page.count("联系不上</b>") == 2

    clusters.put_under(taken, first, by=life.cast["county officer"], at=NOON)
    before = Case.objects.count()

    assert county.get(beginning(tree)).content.decode().count("联系不上</b>") == 1
    refused = county.post(beginning(tree), asked(life, [free, taken]))
    assert "只能勾列出来的" in refused.content.decode()
    assert Case.objects.count() == before


def test_faults_of_the_beginning_stand_on_its_form(problem, life, tree, county):
    source = problem("流动党员联系不上")
    tomorrow = str(TODAY + timedelta(days=1))

    page = county.post(beginning(tree), asked(life, [source], happened_on=tomorrow))

    assert "日期在以后" in page.content.decode()
    assert not Link.objects.filter(kind="clustered").exists()


def test_more_are_gathered_into_one_that_is_open(problem, life, county, common):
    source, held = problem("流动党员联系不上"), common()
    address = reverse("cases:gather_more", args=[held.pk])

    assert "流动党员联系不上" in county.get(address).content.decode()
    answer = county.post(address, {"row": [source.pk], "step": "apply"})

    assert answer.url == held.get_absolute_url()
    assert "归到这里的 1 件" in county.get(held.get_absolute_url()).content.decode()


def test_both_sides_say_so_even_to_who_may_not_open_the_other(problem, life, client, cast, common):
    source, held = problem("流动党员联系不上"), common("联系不上外出党员")
    clusters.put_under(source, held, by=cast["county officer"], at=NOON)
    client.force_login(cast["secretary"])

    page = client.get(source.get_absolute_url()).content.decode()

    assert "归到共性问题一起办" in page
    assert "联系不上外出党员" in page
    assert held.get_absolute_url() not in page
    assert client.get(held.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("who", "says"),
    [("secretary", ""), ("township officer", ""), ("sibling secretary", "不能归：由前村或上级")],
)
def test_who_may_gather(problem, common, cast, tree, who, says):
    source, held = problem("流动党员联系不上"), common()
    user = cast.get(who) or factories.holder(
        tree.inner, tree.inner, "branch-secretary", by=tree.system
    )

    verdict = clusters.may_put_under(user, source, held.procedure, held.rule)

    assert verdict.reason.startswith(says)
    assert bool(verdict) is not bool(says)


def test_one_lies_under_one_open_case_of_a_kind(problem, common, cast):
    source, first, second = problem("流动党员联系不上"), common("甲"), common("乙")
    by = cast["county officer"]
    clusters.put_under(source, first, by=by, at=NOON)

    with pytest.raises(Refused, match="已经归到“甲”"):
        clusters.put_under(source, second, by=by, at=NOON)
    actions.cancel(first, reason="合到乙", by=by, at=NOON)
    clusters.put_under(source, second, by=by, at=NOON)

    assert [one.common for one in clusters.gathered_into(source)] == [first, second]


def test_what_is_no_problem_is_not_gathered(common, cast):
    first, second = common("甲"), common("乙")

    with pytest.raises(Refused, match="这种事不归到“共性问题”"):
        clusters.put_under(first, second, by=cast["county officer"], at=NOON)


def test_answer_goes_back_to_each_source_once(problem, common, cast, tree, client):
    source, held = problem("流动党员联系不上"), common()
    by = cast["county officer"]
    clusters.put_under(source, held, by=by, at=NOON)
    said = {"done": "定了人", "answer": "3月起找镇联络员"}
    checker = factories.holder(tree.far, tree.county, "committee-officer", by=tree.system)
    steps = (("own", {"proposal": "每镇一名"}, by), ("report", said, by),
             ("accept", {"seen": "在"}, checker))  # fmt: skip
    for outcome, values, who in steps:
        assert not Notice.objects.filter(title__startswith="有答复").exists()
        step = Step(outcome=outcome, happened_on=TODAY, values=values)
        held = actions.act(held.turns.open().get(), step, by=who, at=NOON)

    told = Notice.objects.filter(title=f"有答复：{source.title}")
    assert set(told.values_list("user", flat=True)) >= {cast["secretary"].pk, cast["member"].pk}
    assert all(one.url == source.get_absolute_url() for one in told)
    client.force_login(cast["secretary"])
    assert "3月起找镇联络员" in client.get(source.get_absolute_url()).content.decode()
