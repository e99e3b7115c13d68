"""A campaign that names what is not there, or whose days run backward, is told with its place."""

import pytest

from tests.cases import campaigns
from zhibu.packs import library, meaning
from zhibu.packs.reading import read

TEXT = campaigns.files()[campaigns.FILE]
FIXED = "since = 2026-03-01\nlast_on = 2026-03-31"


def told(text):
    pack = campaigns.pack(text)
    faults = meaning.faults(pack, library.shipped())
    assert all(fault.remedy for fault in faults)
    return [(fault.place, fault.message) for fault in faults if fault.file == campaigns.FILE]


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ('applies_to = ["branch", "joint-branch"]', 'applies_to = ["brunch"]', "applies_to",
         "没有组织类别 brunch"),
        ('is = "in_field"', 'is = "in_feeld"', "batches[0].when", "没有条件“in_feeld”"),
        ('when = { all = [{ is = "in_field", fields = ["office"] }] }', "", "batches[0]",
         "后面的 villages 就没有单位了"),
        ('id = "villages"', 'id = "offices"', "batches", "offices 写了两次"),
        ('items = ["training"]', 'items = ["traning"]', "phases[1].gate.items",
         "没有项目 traning"),
        ('items = ["training"]', 'items = ["training-again"]', "phases[1].gate.items",
         "不在阶段 appraise 前面"),
        ('after = "P2M"', 'after = "P10D"', "phases[2]", "比前面的 appraise 早开始"),
        ('id = "study"\ntitle = "学习动员"\nlasts = "P1M"',
         f'id = "study"\ntitle = "学习动员"\n{FIXED}', "phases", "先后说不清"),
        ('id = "study"\ntitle = "学习动员"\nlasts = "P1M"',
         f'id = "study"\ntitle = "学习动员"\n{FIXED}', "phases[0].since", "每一批都会是同一天"),
        ('phase = "look-back"', 'phase = "rectify"', "phases[3]", "没有要办的项目"),
        ('phase = "study"', 'phase = "studie"', "items[0].phase", "没有阶段 studie"),
        ('activities = ["demo/two-batches:training"]', 'activities = ["demo/two-batches:trainin"]',
         "items[0].activities", "没有活动 demo/two-batches:trainin"),
        ('procedure = "seeds/rectification:rectify"', 'procedure = "seeds/rectification:mend"',
         "items[4].case.procedure", "没有程序"),
        ('ended_as = ["销号"]', 'ended_as = ["销掉"]', "items[4].case.ended_as", "没有“销掉”"),
        ('id = "plan", title', 'id = "people", title', "items[5].entered.fields[0]",
         "字段不能叫 people"),
        ('type = "number"', 'type = "file"', "items[7].entered.fields[0]", "还不能交文件"),
        ('items = ["class"]', 'items = ["klass"]', "make_ups[0].items", "没有项目 klass"),
        ('items = ["class"]', 'items = ["letter"]', "make_ups[0].activities", "补也不能从活动来"),
        ('items = ["five-checks", "letter"]', 'items = ["put-right"]', "make_ups[1].items",
         "办结了就有"),
        ('"demo/two-batches:make-up-class"', '"demo/two-batches:make-up"',
         "make_ups[0].activities", "没有活动"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place_and_remedy(before, after, place, says):
    assert before in TEXT
    found = told(TEXT.replace(before, after, 1))

    assert any(where == place and says in message for where, message in found), found


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('lasts = "P1M"', f'lasts = "P1M"\n{FIXED}', "只写一样"),
        ('lasts = "P1M"', 'since = 2026-03-01', "要一起写"),
        ('lasts = "P1M"', 'since = 2026-03-02\nlast_on = 2026-03-01', "最后一天早于开始那天"),
        ('opener = "unit"', 'opener = "unit"\nshare = "1/2"', "不写 share"),
        ('entered = {}', 'entered = {}\ntimes = 2', "times 只用于活动"),
        ('entered = {}\n', "", "要写一样，也只写一样"),
        ('title = "第二批"', 'title = "第二批"\nby_hand = true\napplies_to = ["branch"]', "手工选"),
    ],
)  # fmt: skip
def test_shape_that_contradicts_itself_is_told(before, after, says):
    assert before in TEXT
    found = campaigns.files() | {campaigns.FILE: TEXT.replace(before, after, 1)}
    _, faults = read(found)

    assert any(says in fault.message for fault in faults), faults
