"""docs/practices.md says what the shipped packs say, read twice, and is no kinder."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.packs import makers
from zhibu.packs import checking, library, practices
from zhibu.packs.reading import read
from zhibu.packs.schema.base import Look

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "practices.md"
NAMED = 'practice = ["S000-01"]\n'
CARRIED = """
[[readings]]
practice = "S000-01"
mark = "carried"
on = 2026-11-26
verb = "twice"
gap = "twice"
"""
PARTLY = """
[[readings]]
practice = "S000-01"
mark = "partly"
on = 2026-11-26
missing = "没有通报"
"""


def files(*, item=False, example=False, left_open="", readings=""):
    found = makers.files()
    if item:
        found[makers.DUTY_FILE] = NAMED + makers.DUTY
    if example:
        found["examples/twice.toml"] = NAMED + found["examples/twice.toml"]
    if left_open:
        found["pack.toml"] += f'left_open = ["{left_open}"]\n'
    found["pack.toml"] += readings
    return found


def row(**more):
    pack = makers.pack(files(**more))
    return practices.named(pack)["S000-01"]


def faults(**more):
    pack, faults = read(files(**more))
    assert faults == []
    assert pack is not None
    return [(f.place, f.message) for f in checking.problems(pack, library.shipped())]


def looks():
    """Everything read a second time: in packs, and where an area carries the practice."""
    for pack in library.shipped().values():
        yield from ((one.practice, one) for one in pack.meta.readings)
    yield from ((one.id, one.look) for one in practices.rows() if one.look)


def test_page_is_as_the_packs_write_it():
    assert PAGE.read_text("utf-8") == practices.text(library.shipped()), (
        "写出新的：python -m django practice_reference > docs/practices.md"
    )


def test_first_mark_takes_an_item_an_example_and_nothing_left_open():
    assert row(item=True, example=True).first == "carried"
    assert row(item=True).first == "partly"
    assert row(example=True).first == "partly"
    assert row(item=True, example=True, left_open="照片墙（S000-01）还没有").first == "partly"
    assert row(item=True, example=True, left_open="别的（S000-02）还没有").first == "carried"


def test_of_two_marks_the_lower_holds_and_says_what_is_missing():
    both = {"item": True, "example": True}

    assert row(**both, readings=CARRIED).mark == "carried"
    lowered = row(**both, readings=PARTLY)
    assert (lowered.first, lowered.second, lowered.mark) == ("carried", "partly", "partly")
    assert lowered.missing == ["没有通报"]
    open_ = row(**both, left_open="照片墙（S000-01）还没有", readings=CARRIED)
    assert (open_.first, open_.second, open_.mark) == ("partly", "carried", "partly")


def test_what_is_carried_without_a_second_reading_is_a_fault():
    missing = ("readings S000-01", "有条目、有例子，没有再读一遍的结果")

    assert faults(item=True, example=True) == [missing]
    assert faults(item=True, example=True, readings=CARRIED) == []
    assert faults(item=True, example=True, readings=PARTLY) == []
    assert faults(item=True) == []


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        (CARRIED + PARTLY, "写了两条结果"),
        (CARRIED.replace('"twice"', '"once"', 1), "例子 once 没有，或者没有写着这一条实践"),
        (CARRIED.replace('"twice"', '"never"', 1), "例子 never 没有，或者没有写着这一条实践"),
        (CARRIED + PARTLY.replace("-01", "-02"), "没有条目、例子写着这一条实践"),
    ],
)
def test_a_reading_that_rests_on_nothing_is_a_fault(readings, message):
    assert message in {said for _, said in faults(item=True, example=True, readings=readings)}


@pytest.mark.parametrize(
    "said",
    [
        {"mark": "carried", "verb": "twice"},
        {"mark": "carried", "gap": "twice"},
        {"mark": "carried", "verb": "twice", "gap": "twice", "missing": "还有"},
        {"mark": "partly", "verb": "twice", "gap": "twice"},
        {"mark": "carried", "verb": "tests/x.py", "gap": "twice"},
    ],
)
def test_a_mark_says_what_it_rests_on(said):
    with pytest.raises(ValidationError):
        Look.model_validate({"on": makers.DAY, **said})


def test_every_practice_of_the_material_stands_once():
    ids = [one.id for one in practices.rows()]

    assert len(ids) == len(set(ids)) == 255
    assert set(practices.carried(library.shipped())) <= set(ids)
    assert sum(practices.counts(library.shipped()).values()) == 255


def test_what_a_pack_names_is_read_there_and_told_of_nowhere_else():
    named = practices.carried(library.shipped())
    others = {one.id for one in practices.rows() if one.look or one.left_out}

    assert others & set(named) == set()
    assert [practice for practice, row in named.items() if not row.readings] == []


def test_where_the_material_gives_figures_the_figures_are_shown():
    figured = {one.id for one in practices.rows() if one.figures}
    carried = [(practice, look) for practice, look in looks() if look.mark == "carried"]

    assert [one for one, look in carried if one in figured and not look.figure] == []


def test_every_test_that_is_named_is_there():
    for practice, look in looks():
        for named in (one for one in look.shown if one.startswith("tests/")):
            file, _, test = named.partition("::")
            assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{practice}：{named}"


def test_admission_has_five_stages_and_twenty_five_steps():
    (wording,) = library.shipped()["national/admission"].items["procedures", "admit"][-1:]
    abouts = " ".join(stage.about for stage in wording.item.stages)

    assert re.findall(r"阶段(.)，", abouts) == list("一二三四五")
    assert {int(one) for one in re.findall(r"第 (\d+) 步", abouts)} == set(range(1, 26))
