"""A procedure that leads nowhere, or names what is not there, is told with its place."""

import pytest

from tests.cases import procedures
from tests.cases.test_actions import Opened  # noqa: F401 - registers the effect
from zhibu.packs import library, meaning


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
        ('type = "number"\nleast = 1', 'type = "file"', "fields[0]", "还不能交文件"),
        ('who = "organization"\n\n[[fields]]', 'who = "owner"\n\n[[fields]]', "starter.who",
         "还没有责任人"),
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
