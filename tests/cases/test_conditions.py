"""Steps a case only has while its fields say so, what a step begins elsewhere on a condition, and
a claim that a note does not give back: on an invented procedure, through the real actions."""

from datetime import date

import pytest

from tests.conftest import NOON, TODAY
from tests.packs import makers
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions
from zhibu.cases.models import Case, Link
from zhibu.cases.steps import Step
from zhibu.packs import library, meaning
from zhibu.packs.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
FILE = "procedures/tidy/2018-01-01.toml"
CITES = 'cites = [{ source = "charter", at = "第三条", seen = "text" }]'
SPAN = (
    'spans = [{ field = "size", after = "sweep", at_most = "P2M", says = "太久。", ' + CITES + " }]"
)
TIDY = f"""
title = "大扫除"
{CITES}
start = ["sweep"]

[starter]
who = "organization"

[[fields]]
id = "size"
title = "大小"
type = "choice"
choices = [{{ id = "small", title = "小" }}, {{ id = "large", title = "大" }}]

[[fields]]
id = "broken"
title = "坏了什么"
type = "text"
required = false

[[stages]]
id = "sweep"
title = "扫"
actor = {{ who = "organization", claimed = true }}

[[stages.fields]]
id = "size"
title = "大小"
type = "choice"
choices = [{{ id = "small", title = "小" }}, {{ id = "large", title = "大" }}]

[[stages.outcomes]]
id = "note"
title = "记一笔"
to = ["sweep", "inspect"]

[[stages.outcomes]]
id = "done"
title = "扫完"

[[stages.outcomes.begins]]
procedure = "demo/small:tidy"
title = "再扫一遍"
when = [{{ field = "broken", filled = true }}]
constants = {{ size = "small" }}

[[stages]]
id = "inspect"
title = "看大的"
actor = {{ who = "above" }}
optional = true
when = [{{ field = "size", among = ["large"] }}]
outcomes = [{{ id = "fine", title = "好" }}]
"""


def pack(text=TIDY):
    return makers.pack(makers.with_file(FILE, text))


@pytest.fixture
def begin(cast, tree):
    found = pack()
    with library.trying(found):
        adoptions.adopt(
            pack=found.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        yield lambda **values: actions.start(
            tree.village, procedure="demo/small:tidy", wording=date(2018, 1, 1), title="扫会议室",
            values=values, on=TODAY, by=cast["secretary"], at=NOON,
        )  # fmt: skip


@pytest.fixture
def sweep(cast):
    """End the sweeping of a case, claimed where nobody has."""

    def end(case, outcome, size):
        turn = case.turns.open().get(stage="sweep")
        if not turn.is_claimed:
            turn = actions.claim(turn, by=cast["secretary"], at=NOON)
        step = Step(outcome=outcome, happened_on=TODAY, values={"size": size})
        return actions.act(turn, step, by=cast["secretary"], at=NOON)

    return end


def stands(case):
    return sorted(case.turns.open().values_list("stage", flat=True))


def test_step_begins_only_where_its_condition_holds(begin, sweep):
    assert stands(sweep(begin(size="small"), "note", "small")) == ["sweep"]
    assert stands(sweep(begin(size="small"), "note", "large")) == ["inspect", "sweep"]


def test_step_is_dropped_once_its_condition_holds_no_more(begin, sweep):
    case = sweep(begin(size="large"), "note", "large")

    case = sweep(case, "note", "small")

    assert stands(case) == ["sweep"]
    assert case.turns.get(stage="inspect").state == "dropped"


def test_note_keeps_the_claim(begin, sweep, cast):
    case = sweep(begin(size="small"), "note", "small")

    turn = case.turns.open().get()
    assert (turn.number, turn.is_claimed, turn.person_id) == (
        2, True, cast["secretary"].person_id,
    )  # fmt: skip


def test_part_begins_where_its_condition_holds_with_what_the_pack_writes(begin, sweep):
    assert sweep(begin(size="small"), "done", "large").state == "ended"
    assert not Link.objects.exists()

    case = sweep(begin(size="large", broken="扫把"), "done", "large")

    part = Case.objects.get(links__other=case, links__kind="part")
    assert (part.title, part.facts, stands(part)) == ("再扫一遍", {"size": "small"}, ["sweep"])


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ('constants = { size = "small" }', 'constants = { size = "huge" }',
         "stages[0].outcomes[1].begins[0].constants.size", "填不进 size"),
        ('constants = { size = "small" }', 'constants = { sise = "small" }',
         "stages[0].outcomes[1].begins[0].constants.sise", "没有字段 sise"),
        ('when = [{ field = "broken"', 'when = [{ field = "brokem"',
         "stages[0].outcomes[1].begins[0].when[0].field", "没有字段 brokem"),
        ('when = [{ field = "size"', 'when = [{ field = "sise"',
         "stages[1].when[0].field", "没有字段 sise"),
        ('start = ["sweep"]', 'start = ["sweep"]\n' + SPAN, "spans[0].after", "写 start"),
        ('start = ["sweep"]', 'start = ["sweep"]\n' + SPAN, "spans[0].field", "不是开始时填的"),
        ('start = ["sweep"]', 'start = ["sweep"]\npromises = "sweap"', "promises",
         "没有步骤 sweap"),
        ('start = ["sweep"]', 'start = ["sweep"]\ngathers = ["demo/small:tody"]\nanswer = "size"',
         "gathers[0]", "没有程序 demo/small:tody"),
        ('start = ["sweep"]', 'start = ["sweep"]\ngathers = ["demo/small:tidy"]\nanswer = "sise"',
         "answer", "没有字段 sise"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place(before, after, place, says):
    assert before in TIDY
    found = meaning.faults(pack(TIDY.replace(before, after, 1)), library.shipped())

    assert any(one.place == place and says in one.message for one in found), found


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("optional = true\n", "", "就要写 optional"),
        ('start = ["sweep"]', 'start = ["sweep"]\nanswer = "size"', "要一起写"),
        ('start = ["sweep"]', 'start = ["sweep"]\npublic_when_named = true', "就要写 public"),
    ],
)
def test_what_does_not_go_together_is_not_read(before, after, says):
    _, faults = read(makers.with_file(FILE, TIDY.replace(before, after, 1)))

    assert any(says in one.message for one in faults), faults
