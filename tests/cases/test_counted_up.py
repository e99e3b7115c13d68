"""What a pack may have counted over all its cases, and what it says wrongly of that."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cases import procedures
from tests.cases.procedures import PERMIT
from tests.cases.test_actions import Opened  # noqa: F401 - registers the effect
from tests.cases.test_meaning import told
from tests.conftest import NOON, TODAY
from tests.packs import makers
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions, progress
from zhibu.cases.models import Case
from zhibu.cases.steps import Step
from zhibu.packs import library
from zhibu.packs.reading import read

SUGGEST = "seeds/suggestions:suggest"
COVER = """
[[covers]]
id = "had"
title = "有房的"
each = "organization"
kinds = ["branch"]
stage = "look"
cites = [{ source = "charter", at = "第三条", seen = "text" }]
"""


def with_head(line):
    return PERMIT.replace('start = ["notice", "look"]', f'start = ["notice", "look"]\n{line}')


def with_cover(before="", after=""):
    return PERMIT.replace("\n[[stages]]", COVER.replace(before, after) + "\n[[stages]]", 1)


@pytest.mark.parametrize(
    "text",
    [
        with_head('kept_as = ["批了"]'), with_head('sums = ["rooms"]'),
        with_head('promises = "start"'), with_cover(),
    ],
)  # fmt: skip
def test_what_may_be_counted(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (with_head('kept_as = ["发了"]'), "kept_as[0]", "没有哪个结果办结时叫“发了”"),
        (with_head('kept_as = ["合用"]'), "kept_as[0]", "没有哪个结果办结时叫“合用”"),
        (with_head('sums = ["size"]'), "sums[0]", "size 不是这件事的数、数量或钱的字段"),
        (with_head('sums = ["floor"]'), "sums[0]", "floor 不是这件事的数"),
        (with_head('promises = "later"'), "promises", "没有步骤 later"),
        (with_cover('stage = "look"', 'stage = "lock"'), "covers[0].stage", "没有步骤 lock"),
        (with_cover('["branch"]', '["brunch"]'), "covers[0].kinds", "没有组织类别 brunch"),
        (
            with_cover('each = "organization"\nkinds = ["branch"]', 'each = "member"'),
            "covers[0].each", "没有说是哪个人",
        ),
        (
            with_cover('stage = "look"', 'stage = "look"\nchannel = "电视"'),
            "covers[0].channel", "步骤 look 的公示没有“电视”这种方式",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_told_with_its_place(text, place, says):
    assert any(where == place and says in said for where, said in told(text)), told(text)


def test_a_cover_of_members_names_no_kinds():
    text = with_cover('each = "organization"', 'each = "member"')

    _, faults = read(makers.with_file(procedures.FILE, text))

    assert any("member 的不写" in str(fault) for fault in faults)


@pytest.fixture
def suggestions(life, cast, tree):
    """Two adopted and carried out, one of them last year; one still on its way."""
    officer, secretary = cast["county officer"], cast["secretary"]
    since = TODAY - timedelta(days=500)
    adoptions.adopt(
        pack="seeds/suggestions", organization=tree.county, since=since, by=officer, at=NOON
    )
    (wording,) = library.packs()["seeds/suggestions"].items["procedures", "suggest"]
    for number, days in enumerate((9, 400, 8)):
        day = TODAY - timedelta(days=days)
        at = NOON - timedelta(days=days)
        case = actions.start(
            tree.village, procedure=SUGGEST, wording=wording.since, title=f"建议{number}",
            values={"now": "手工", "proposal": "皮带", "good": "省人", "answer_by": TODAY},
            person=life.person, on=day, by=secretary, at=at,
        )  # fmt: skip
        steps = [
            ("adopt", officer, {"planned": 100}),
            ("report", secretary,
             {"done": "装了", "invested": "25000.50", "output": 9, "profit": 1}),
            ("right", officer, {"seen": "账"}),
        ]  # fmt: skip
        for outcome, by, values in steps[: 1 if number == 2 else 3]:
            step = Step(outcome=outcome, happened_on=day, values=values, reason="好")
            actions.act(case.turns.open().get(), step, by=by, at=at)


@pytest.mark.django_db
@pytest.mark.usefixtures("clock", "suggestions")
def test_figures_are_added_up_over_what_ended_this_year(tree, cast, client):
    client.force_login(cast["county officer"])
    scope = progress.Scope(cast["county officer"], tree.county, SUGGEST, TODAY)
    rule = Case.objects.filter(procedure=SUGGEST).first().rule

    page = client.get(reverse("cases:progress") + f"?procedure={SUGGEST}").content.decode()

    found = [(one.title, str(one.total), one.unit, one.count) for one in progress.sums(scope, rule)]
    assert found[0] == ("实际投入", "25000.50", "元", 1)
    assert [one[3] for one in found] == [1, 1, 1]
    assert "25000.50元" in page
