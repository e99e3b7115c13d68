"""A row of a register as a field of a case, numbers held under another field, and whoever began
a case kept from checking it: on an invented procedure, through the real actions and forms."""

from datetime import date

import pytest

from tests import factories
from tests.cases.playing import act
from tests.conftest import NOON, TODAY
from tests.registers import books
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions as cases
from zhibu.cases.forms import act_form, start_form
from zhibu.cases.models import Case
from zhibu.cases.steps import Faulty, Running
from zhibu.core.fields import Named
from zhibu.core.verdicts import Refused
from zhibu.packs import library, meaning
from zhibu.packs.reading import read
from zhibu.registers import actions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
FILE = "procedures/send/2018-01-01.toml"
CITED = books.CITES.strip()
SEND = f"""
title = "派活"
{CITED}
start = ["look"]
starter = {{ who = "organization" }}

[[fields]]
id = "helper"
title = "派谁"
type = "register-row"
book = "demo/small:helpers"

[[fields]]
id = "days"
title = "几天"
type = "number"

[[stages]]
id = "look"
title = "看"
actor = {{ who = "above", apart_from = ["start"] }}

[[stages.fields]]
id = "helper"
title = "派谁"
type = "register-row"
book = "demo/small:helpers"

[[stages.fields]]
id = "spent"
title = "用了几天"
type = "number"
required = false

[[stages.no_more]]
field = "spent"
than = "days"
says = "不能比派的多。"
{CITED}

[[stages.outcomes]]
id = "fine"
title = "好"
"""


def packed(text=SEND):
    made, faults = read(books.files() | {FILE: text})
    assert made is not None and not faults, faults
    return made


@pytest.fixture
def helper(cast, tree):
    """A helper of the village until the end of the year; one of the neighbours besides."""
    pack = packed()
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2020, 1, 1), by=tree.system, at=NOON
        )
        for place, name in ((tree.village, "单文秀"), (tree.far, "邻村人")):
            person = factories.member(place, by=tree.system, name=name)
            row = books.open_row(
                place, by=cast["county officer"], who=Named(person.pk, name), job="driver",
                since=date(2026, 1, 1), until=date(2027, 1, 1),
            )  # fmt: skip
            if place == tree.village:
                mine = row
        yield mine


def begin(tree, by, row):
    return cases.start(
        tree.village, procedure="demo/small:send", wording=books.WORDING, title="送材料",
        values={"helper": Named(row.pk, row.title), "days": 2}, on=TODAY, by=by, at=NOON,
    )  # fmt: skip


def test_only_rows_of_the_place_that_hold_on_the_day_are_offered(helper, tree):
    rule = library.packs()["demo/small"].items["procedures", "send"][-1].item

    control = start_form(tree.village, rule, TODAY).fields["helper"]
    assert [name for _, name in control.choices] == ["请选择", f"{helper.called_number} 单文秀"]

    gone = start_form(tree.village, rule, date(2027, 1, 1)).fields["helper"]
    assert [name for _, name in gone.choices] == ["请选择"]


def test_a_row_is_told_by_its_number_or_refused_with_the_remedy(helper, cast, tree):
    rule = library.packs()["demo/small"].items["procedures", "send"][-1].item
    typed = {"title": "送材料", "happened_on": str(TODAY), "days": "2"}

    known = start_form(tree.village, rule, TODAY, typed | {"helper": helper.called_number})
    assert known.is_valid()
    assert known.cleaned_data["helper"] == Named(helper.pk, f"{helper.called_number} 单文秀")

    ended = actions.close_row(
        helper, until=TODAY, reason="走了", ended_as="left", by=cast["secretary"], at=NOON
    )
    late = start_form(tree.village, rule, TODAY, typed | {"helper": str(ended.pk)})
    assert "已经到期、结束" in late.errors["helper"][0]


def test_above_chooses_among_the_rows_of_the_case_not_its_own(helper, cast, tree):
    turn = begin(tree, cast["secretary"], helper).turns.open().get()
    assert turn.organization_id == tree.east.pk

    running = Running(Case.objects.get(pk=turn.case_id))
    control = act_form(running, turn, TODAY).fields["helper"]

    assert list(control.names) == [str(helper.pk)]


@pytest.mark.parametrize(("spent", "is_told"), [(None, False), (2, False), (3, True)])
def test_a_number_goes_up_to_what_another_field_says(spent, is_told, helper, cast, tree):
    case = begin(tree, cast["secretary"], helper)
    values = {"helper": Named(helper.pk, "单文秀"), "spent": spent}

    def run():
        act(case, "look", "fine", by=cast["township officer"], on=TODAY, at=NOON, **values)

    if not is_told:
        run()
        assert not Case.objects.get(pk=case.pk).is_open
        return
    with pytest.raises(Faulty) as faulty:
        run()
    assert list(faulty.value.faults) == ["spent"]
    assert "不能比派的多。“几天”是 2。" in faulty.value.faults["spent"]


def test_whoever_began_it_does_not_check_it(helper, cast, tree):
    case = begin(tree, cast["township officer"], helper)

    with pytest.raises(Refused, match="前面是您经办的"):
        act(
            case, "look", "fine", by=cast["township officer"], on=TODAY, at=NOON,
            helper=Named(helper.pk, "单文秀"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ('"demo/small:helpers"', '"demo/small:helper"', "fields[0].book", "没有台账"),
        ('than = "days"', 'than = "helper"', "stages[0].no_more[0].than", "不是这件事的数"),
        ('than = "days"', 'than = "dais"', "stages[0].no_more[0].than", "不是这件事的数"),
        ('title = "几天"\ntype = "number"', 'title = "几天"\ntype = "money"',
         "stages[0].no_more[0].than", "比不了"),
        ('apart_from = ["start"]', 'apart_from = ["stark"]', "stages[0].actor.apart_from",
         "没有步骤 stark"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_told(before, after, place, says):
    assert before in SEND
    pack = packed(SEND.replace(before, after, 1))

    found = [(one.place, one.message) for one in meaning.faults(pack, library.shipped())]

    assert any(where == place and says in message for where, message in found), found
    assert meaning.faults(packed(), library.shipped()) == []


@pytest.mark.parametrize("more", ['type = "register-row"', 'type = "text"\nbook = "a/b:c"'])
def test_a_row_names_its_book_and_nothing_else_does(more):
    before = 'type = "register-row"\nbook = "demo/small:helpers"'
    _, faults = read(books.files() | {FILE: SEND.replace(before, more, 1)})

    assert any("要写 book" in fault.message for fault in faults), faults
