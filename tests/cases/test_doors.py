"""What a procedure with a door may say is told with its place, and a limit by choice goes by it."""

import pytest

from tests.packs import makers
from zhibu.packs import library, meaning
from zhibu.packs.reading import read
from zhibu.packs.schema.procedures import Limit

FILE = "procedures/ask/2018-01-01.toml"
CITE = 'cites = [{ source = "charter", at = "第三条", seen = "text" }]'
ASK = f"""
title = "诉求"
{CITE}
start = ["take"]

[starter]
who = "organization"

[[fields]]
id = "sort"
title = "哪一类"
type = "choice"
choices = [{{ id = "lamp", title = "路灯" }}, {{ id = "water", title = "用水" }}]

[[fields]]
id = "what"
title = "什么事"
type = "long-text"

[doorway]
title = "您有什么事"
channels = ["online", "phone"]
names_it = "what"
answer = "answer"
rated_at = "rate"
satisfied = ["good"]
keeps = "P1Y"
asks = [{{ field = "sort", label = "哪一类" }}, {{ field = "what", label = "什么事" }}]
words = {{ take = "在办" }}

[[stages]]
id = "take"
title = "办"
actor = {{ who = "organization" }}

[[stages.fields]]
id = "answer"
title = "答复"
type = "long-text"

[[stages.limits]]
by_choice = {{ field = "sort", lengths = {{ lamp = "P7D", water = "PT24H" }} }}
{CITE}

[[stages.outcomes]]
id = "done"
title = "答复"
to = ["rate"]

[[stages]]
id = "rate"
title = "评价"
actor = {{ who = "requester" }}
lapses = "good"

[[stages.limits]]
within = "P30D"
{CITE}

[[stages.outcomes]]
id = "good"
title = "满意"
ends_as = "办结"

[[stages.outcomes]]
id = "bad"
title = "不满意"
to = ["take"]
"""


def told(text):
    pack, faults = read(makers.with_file(FILE, text))
    if pack is None or faults:
        return [(fault.place, fault.message) for fault in faults]
    found = meaning.faults(pack, library.shipped())
    return [(fault.place, fault.message) for fault in found if fault.file == FILE]


def test_nothing_is_wrong_with_it():
    assert told(ASK) == []


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        (', water = "PT24H"', "", "stages[0].limits[0].by_choice.lengths", "water 没有写期限"),
        ('water = "PT24H"', 'water = "PT24H", gas = "P1D"',
         "stages[0].limits[0].by_choice.lengths.gas", "没有选项 gas"),
        ('by_choice = { field = "sort"', 'by_choice = { field = "what"',
         "stages[0].limits[0].by_choice.field", "what 不是这件事的选择项"),
        ('names_it = "what"', 'names_it = "sort"', "doorway.names_it", "不是他填的文字字段"),
        ('answer = "answer"', 'answer = "reply"', "doorway.answer", "没有字段 reply"),
        ('rated_at = "rate"', 'rated_at = "take"', "doorway.rated_at", "不轮到 requester"),
        ('satisfied = ["good"]', 'satisfied = ["fine"]', "doorway.satisfied", "没有结果 fine"),
        ('words = { take', 'words = { taken', "doorway.words.taken", "没有步骤 taken"),
        ('{ field = "sort", label = "哪一类" }, ', "", "doorway.asks", "字段 sort 必填"),
        ('{ field = "sort", label', '{ field = "sorts", label', "doorway.asks[0].field",
         "开始时没有字段 sorts"),
        ('lapses = "good"', 'lapses = "silent"', "stages[1].lapses", "没有结果 silent"),
        ('title = "不满意"\nto', 'title = "不满意"\npasses_on = "sort"\nto',
         "stages[1].outcomes[1]", "只改这件事"),
        ('who = "organization"\n\n[[fields]]', 'who = "requester"\n\n[[fields]]', "starter.who",
         "写 doorway"),
        ('keeps = "P1Y"', 'keeps = "P1Y"\nkept_by = "discipline"\nunit = "what"\nperson = "what"',
         "known_as", "要写 known_as"),
        ('title = "答复"\nto = ["rate"]',
         'title = "答复"\neffects = [{ effect = "x", columns = { y = "what" } }]\nto = ["rate"]',
         "stages[0].outcomes[0].effects", "提的人写的，到期要删"),
        ('keeps = "P1Y"', 'keeps = "P1Y"\nkept_by = "disciplin"\nunit = "what"\nperson = "what"',
         "doorway.kept_by", "没有组织类别 disciplin"),
    ],
)  # fmt: skip
def test_a_fault_is_told_where_it_is(before, after, place, says):
    assert before in ASK
    found = told(ASK.replace(before, after, 1))

    assert any(where == place and says in text for where, text in found), found


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('keeps = "P1Y"', 'keeps = "P1Y"\nkept_by = "discipline"', "一起写"),
        ('who = "requester" }', 'who = "requester", claimed = true }', "不用认领"),
        ('title = "办"\n', 'title = "办"\nlapses = "done"\n', "就要轮到 requester"),
        ('within = "P30D"', 'within = "P30D"\nby_field = "what"', "只写一个"),
        ('channels = ["online", "phone"]', 'channels = ["pigeon"]', "不是可用的值"),
        ('lamp = "P7D", water = "PT24H" } }', 'lamp = "P7D", water = "PT24H" } }\nafter = "start"',
         "不写 after"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(before, after, says):
    assert before in ASK
    found = told(ASK.replace(before, after, 1))

    assert any(says in text for _, text in found), found


def test_a_limit_by_choice_is_that_of_the_choice():
    pack, _ = read(makers.with_file(FILE, ASK))
    (wording,) = pack.items["procedures", "ask"]
    limit = wording.item.stage("take").limit

    assert isinstance(limit, Limit)
    assert limit.for_facts({"sort": "lamp"}).within == "P7D"
    assert limit.for_facts({"sort": "water"}).is_by_the_hour
    assert limit.for_facts({}) is None
