"""An example told step by step is the same play as its replay."""

import pytest

from zhibu.activities.replay import replay, telling
from zhibu.cases.models import Case
from zhibu.packs import library

pytestmark = pytest.mark.alike
PACK = "seeds/rectification"
NAMES = sorted(library.shipped()[PACK].examples)


def told(name):
    return telling.tell(library.shipped()[PACK], name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_every_step_and_look_of_an_example_is_told_once_and_nothing_is_left(name):
    pack = library.shipped()[PACK]
    example = pack.examples[name]
    cases = example.given.cases
    steps = [step for case in cases for step in case.step]

    found = told(name)

    assert len(found.steps) == len(cases) + len(steps) + len(example.case)
    assert len({step.place for step in found.steps}) == len(found.steps)
    assert [step.day for step in found.steps] == sorted(step.day for step in found.steps)
    assert found.every_difference == replay(pack, example) == []
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_what_opened_and_until_when_is_told():
    steps = {step.place: step for step in told("solved-and-struck-off").steps}

    assert steps["given.case[0].step[0]"].opened == ("整改，轮到示例党员2，2026-11-18 前",)
    assert steps["given.case[0].step[1]"].what == "整改：报办结（2026-11-18 办的）"
    assert steps["given.case[0].step[2]"].opened == ("整件事结束：销号",)
    assert steps["case[3]"].what == "看第 1 件事：销号"


@pytest.mark.django_db
def test_differences_stand_at_their_step_and_are_those_of_the_replay():
    pack = library.shipped()[PACK]
    name = "escalated-to-a-department"
    example = pack.examples[name]
    first = example.case[0].model_copy(update={"open": ["check"]})
    case = example.given.case[0]
    steps = [case.step[0].model_copy(update={"refused": {"means": "没有着落"}}), *case.step[1:]]
    given = example.given.model_copy(update={"case": [case.model_copy(update={"step": steps})]})
    wrong = example.model_copy(update={"case": [first, *example.case[1:]], "given": given})
    changed = type(pack)(**{**vars(pack), "examples": {name: wrong}})

    found = telling.tell(changed, name)

    at = {step.place: step.differences for step in found.steps if step.differences}
    assert set(at) == {"given.case[0].step[0]", "case[0]"}
    assert sorted(found.every_difference) == sorted(replay(changed, wrong))
    assert not found.is_as_expected
    assert any("不一样！" in line and "[case[0]]" in line for line in telling.lines(found))


def test_lines_are_those_of_the_file():
    text = """
[[given.case]]
procedure = "a/b:c"
[[given.case.step]]
on = 2026-01-01
  [[ given.case.step ]]
[[given.case]]
step = [{ on = 2026-01-01 }]
[[case]]
"""
    found = telling.lines_of(text)

    assert found == {"given.case[0]": 2, "given.case[0].step[0]": 4, "given.case[0].step[1]": 6,
                     "given.case[1]": 7, "case[0]": 9}  # fmt: skip
    assert telling._line(found, "given.case[1].step[0]") == 7
    assert telling._line({}, "case[0]") == 0
