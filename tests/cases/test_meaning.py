"""A procedure that leads nowhere, or names what is not there, is told with its place."""

from dataclasses import replace

import pytest

from tests.cases import procedures
from tests.cases.test_actions import Opened  # noqa: F401 - registers the effect
from tests.packs import makers
from zhibu.core import effects
from zhibu.packs import library, meaning
from zhibu.packs.reading import read


def told(text):
    pack = procedures.pack(text)
    return [
        (fault.place, fault.message)
        for fault in meaning.faults(pack, library.shipped())
        if fault.file == procedures.FILE
    ]


def test_nothing_is_wrong_with_it():
    assert told(procedures.PERMIT) == []


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ('start = ["notice", "look"]', 'start = ["notice", "loook"]', "start", "没有步骤 loook"),
        ('to = ["decide"] }]', 'to = ["decade"] }]', "stages[0].outcomes[0].to", "没有步骤 decade"),
        ('joins = ["notice", "look"]', 'joins = ["notice", "decide"]', "stages[2].joins",
         "步骤 decide 等它自己"),
        ('after = "notice"', 'after = "later"', "stages[2].waits[0].after",
         "没有步骤 later"),
        ('apart_from = ["look"]', 'apart_from = ["lock"]', "stages[2].actor.apart_from",
         "没有步骤 lock"),
        ('closes = true\n', 'closes = true\nto = ["notice"]\n', "stages[1].outcomes[1].to",
         "不能再接步骤"),
        ('field = "size", among = ["small"]', 'field = "sise", among = ["small"]',
         "stages[2].outcomes[0].when[0].field", "没有字段 sise"),
        ('id = "rooms"\n', 'id = "title"\n', "fields[0]", "字段不能叫 title"),
        ('type = "number"\nleast = 1', 'type = "file"',
         "stages[3].outcomes[0].effects[0].fields.rooms", "字段 rooms 是文件"),
        ('who = "organization"\n\n[[fields]]', 'who = "owner"\n\n[[fields]]', "starter.who",
         "开始的时候还没有别人"),
        ('actor = { who = "above" }', 'actor = { who = "owner" }', "stages[3].actor.who",
         "没有责任人"),
        ('effect = "tests.opened"', 'effect = "tests.closed"',
         "stages[3].outcomes[0].effects[0].effect", "没有作用 tests.closed"),
        ('rooms = "rooms", ', "", "stages[3].outcomes[0].effects[0]", "要参数 rooms"),
        ('rooms = "rooms", ', 'rooms = "rooms", floor = "rooms", ',
         "stages[3].outcomes[0].effects[0]", "没有参数 floor"),
        ('on = "case.day"', 'on = "case.hour"', "stages[3].outcomes[0].effects[0].fields.on",
         "没有字段 case.hour"),
        ('to = ["county"]\n', 'to = ["look"]\n', "stages", "走不到步骤 county"),
        ('closes = true\n', '', "stages[2].joins", "decide 没有办整件事就结束了"),
        ('after = "notice"', 'after = "county"', "stages[2].waits[0].after", "从它算不起来"),
        ('among = ["small"]', 'among = ["tiny"]', "stages[2].outcomes[0].when", "不会是 tiny"),
        ('rooms = "rooms"', 'rooms = "size"', "stages[3].outcomes[0].effects[0].fields.rooms",
         "不是参数 rooms 要的类型"),
        ('by_county = true', 'by_county = "yes"',
         "stages[3].outcomes[0].effects[0].constants.by_county", "要的类型"),
        ('start = ["notice", "look"]', 'start = ["notice", "look", "look"]', "start", "写了两次"),
        ('type = "number"\nleast = 1', 'type = "number"\nrequired = false\nleast = 1',
         "stages[3].outcomes[0].effects[0].fields.rooms", "rooms 可能是空的"),
        ('joins = ["notice", "look"]', 'joins = ["notice", "county"]', "stages[2].joins",
         "永远不开始"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place(before, after, place, says):
    assert before in procedures.PERMIT
    found = told(procedures.PERMIT.replace(before, after, 1))

    assert any(where == place and says in message for where, message in found), found


def test_ring_without_an_end_is_told():
    text = procedures.PERMIT.replace('ends_as = "批了"\n', 'to = ["look"]\n')
    text = text.replace("closes = true\n", 'to = ["look"]\n')

    assert ("stages", "步骤 look 以后走不到办结：没有哪个结果到此为止") in told(text)


def test_a_value_that_no_outcome_takes_is_told():
    """Written before, it cannot be mended at the step that looks at it."""
    before, _, after = procedures.PERMIT.partition('[[stages.outcomes]]\nid = "again"')
    text = before + after[after.index("[[stages]]") :]
    assert told(text) == []
    text = text.replace('{ id = "large", title = "大" }]', '{ id = "large", title = "大" }, '
                        '{ id = "huge", title = "巨" }]')  # fmt: skip

    assert told(text) == [("stages[2].outcomes", "size 是 huge时，没有哪个结果能办")]


def test_working_days_are_written_in_days():
    text = procedures.PERMIT.replace('within = "P5D"', 'within = "P1M"')
    _, faults = read(makers.with_file(procedures.FILE, text))

    assert ["按工作日的写成天数" in fault.message for fault in faults] == [True]


def test_step_that_may_be_left_out_and_begins_alone_is_told():
    """Nothing would hold the case open for it."""
    text = procedures.PERMIT.replace('title = "县里批"', 'title = "县里批"\noptional = true')

    said = [message for place, message in told(text) if place == "stages[3].joins"]
    assert any("步骤 decide 最后办成 up，county 没有办整件事就结束了" in one for one in said)


def test_what_areas_ask_of_each_other_is_not_for_packs():
    """An effect that moves every row of an organisation may not be bound to a button."""
    assert "cases.follow" in effects.names()
    text = procedures.PERMIT.replace('effect = "tests.opened"', 'effect = "cases.follow"')

    assert any("没有作用 cases.follow" in message for _, message in told(text))


def test_what_others_see_may_not_be_written_by_what_is_confidential(monkeypatch):
    secret = procedures.PERMIT.replace("\nstart = ", '\nknown_as = "内部事项"\nstart = ', 1)
    assert secret != procedures.PERMIT
    assert not any("别人看得到" in said for _, said in told(secret))
    seen = replace(effects.get("tests.opened"), is_seen=True)
    monkeypatch.setitem(effects._registry, "tests.opened", seen)

    assert ("stages[3].outcomes[0].effects[0].effect",
            "tests.opened 写的别人看得到，不公开的事不能用") in told(secret)  # fmt: skip
    assert not any("别人看得到" in said for _, said in told(procedures.PERMIT))


BARRED = """
[subject]
title = "本人"

[[subject.bars]]
says = "不满五年。"
cites = [{ source = "charter", at = "第三条", seen = "text" }]
where = { all = [{ is = "ended_membership_within", years = 5 }] }

[[fields]]
id = "rooms"
"""


def barred(before="", after=""):
    text = procedures.PERMIT.replace('\n[[fields]]\nid = "rooms"\n', BARRED, 1)
    assert text != procedures.PERMIT and before in text
    return text.replace(before, after, 1) if before else text


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("ended_membership_within", "ended_long_ago", "没有条件“ended_long_ago”"),
        (
            'is = "ended_membership_within", years = 5',
            'is = "has_committee"',
            "说的是 organization，这里要 person",
        ),
    ],
)
def test_what_bars_a_subject_is_a_condition_about_people(before, after, says):
    assert told(barred()) == []

    [(place, said)] = told(barred(before, after))

    assert place == "subject.bars[0]"
    assert says in said


def test_bar_that_asks_nothing_would_bar_everybody():
    where = 'where = { all = [{ is = "ended_membership_within", years = 5 }] }'
    _, faults = read(makers.with_file(procedures.FILE, barred(where, "where = {}")))

    assert [fault.message for fault in faults] == ["where 至少写一个条件，空的会挡住所有的人"]


APART = """
[[stages.fields]]
id = "seen_on"
title = "哪天去"
type = "date"

[[stages.apart]]
field = "seen_on"
stage = "look"
outcomes = ["fit"]
at_least = "P7D"
says = "不重复去。"
cites = [{ source = "charter", at = "第三条", seen = "text" }]

[[stages.fields]]
id = "size"
"""


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ('field = "seen_on"', 'field = "rooms"', "field", "rooms 不是这件事的日期字段"),
        ('stage = "look"', 'stage = "lock"', "stage", "没有步骤 lock"),
        ('outcomes = ["fit"]', 'outcomes = ["fti"]', "outcomes", "步骤 look 没有结果 fti"),
    ],
)
def test_what_keeps_dates_apart_leads_somewhere(before, after, place, says):
    text = procedures.PERMIT.replace('\n[[stages.fields]]\nid = "size"\n', APART, 1)
    assert told(text) == []

    assert told(text.replace(before, after, 1)) == [(f"stages[1].apart[0].{place}", says)]
