"""Where registers meet other areas: outcomes of procedures, conditions, figures, people who were
two, organisations that end."""

from datetime import date

import pytest

from tests import factories
from tests.cases.playing import act
from tests.conftest import NOON
from tests.registers import books
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions as cases
from zhibu.cases.steps import Faulty
from zhibu.core import dossier, effects, measures
from zhibu.core.fields import Named
from zhibu.core.predicates import Condition
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.organizations import succeeding
from zhibu.organizations.succeeding import Into
from zhibu.packs import library, meaning
from zhibu.packs.reading import read
from zhibu.people.merging import actions as merging
from zhibu.people.models import Person
from zhibu.registers import actions
from zhibu.registers.models import Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HIRE_FILE = "procedures/hire/2018-01-01.toml"
HIRE = f"""
title = "聘用"
{books.CITES}
start = ["hire"]
starter = {{ who = "organization" }}
subject = {{ title = "被聘的人" }}

[[fields]]
id = "person"
title = "谁"
type = "person"

[[fields]]
id = "wage"
title = "月薪"
type = "money"

[[stages]]
id = "hire"
title = "聘"
actor = {{ who = "organization" }}

[[stages.outcomes]]
id = "hired"
title = "聘了"
to = ["leave"]

[[stages.outcomes.effects]]
effect = "registers.open_row"
constants = {{ book = "demo/small:helpers" }}
fields = {{ organization = "case.organization", since = "case.day" }}
columns = {{ who = "person", pay = "wage" }}
column_constants = {{ job = "driver" }}

[[stages]]
id = "leave"
title = "离职"
actor = {{ who = "organization" }}

[[stages.outcomes]]
id = "left"
title = "走了"

[[stages.outcomes.effects]]
effect = "registers.close_row"
constants = {{ book = "demo/small:helpers", reason = "办了离职", ended_as = "left" }}
fields = {{ organization = "case.organization", until = "case.day", person = "case.person" }}
"""


def packed(text=HIRE):
    made, faults = read(books.files() | {HIRE_FILE: text})
    assert made is not None and not faults, faults
    return made


@pytest.fixture
def person(tree):
    return factories.member(tree.village, by=tree.system, name="单文秀")


@pytest.fixture
def who(person):
    return Named(person.pk, person.name)


# --- outcomes of procedures


@pytest.fixture
def hiring(cast, tree, person, who):
    pack = packed()
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2020, 1, 1), by=tree.system, at=NOON
        )
        yield cases.start(
            tree.village, procedure="demo/small:hire", wording=books.WORDING, title="聘一个司机",
            values={"person": who, "wage": 2800}, person=person, on=date(2026, 11, 2),
            by=cast["secretary"], at=NOON,
        )  # fmt: skip


def test_an_outcome_opens_a_row_and_another_ends_it(hiring, cast, who):
    act(hiring, "hire", "hired", by=cast["secretary"], on=date(2026, 11, 3), at=NOON)

    row = Row.objects.get()
    assert row.values == {
        "who": {"id": who.id, "name": "单文秀"}, "pay": "2800", "job": "driver",
    }  # fmt: skip
    assert (row.since, row.title, row.number) == (date(2026, 11, 3), "单文秀", 1)
    assert row.mentions.get().is_subject

    act(hiring, "leave", "left", by=cast["secretary"], on=date(2026, 11, 20), at=NOON)
    row.refresh_from_db()
    assert (row.state, row.until, row.ended_as) == ("ended", date(2026, 11, 20), "left")
    assert verify().ok


def test_an_outcome_that_cannot_write_its_row_is_refused_whole(hiring, cast, tree, who):
    books.open_row(tree.village, by=cast["secretary"], who=who, job="driver")

    with pytest.raises(Faulty) as refused:
        act(hiring, "hire", "hired", by=cast["secretary"], on=date(2026, 11, 3), at=NOON)

    assert list(refused.value.faults) == ["outcome"]  # who was said at the beginning
    assert "一样的已经有一行" in refused.value.faults["outcome"]
    assert Row.objects.count() == 1
    assert hiring.turns.open().get().stage == "hire"


def test_an_outcome_that_has_nothing_to_end_is_refused(hiring, cast):
    act(hiring, "hire", "hired", by=cast["secretary"], on=date(2026, 11, 3), at=NOON)
    actions.void_row(Row.objects.get(), reason="错了", by=cast["secretary"], at=NOON)

    with pytest.raises(Refused, match="没有这样的一行"):
        act(hiring, "leave", "left", by=cast["secretary"], on=date(2026, 11, 20), at=NOON)


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ("demo/small:helpers\" }\nfields = { organization = \"case.organization\", since",
         "demo/small:helprs\" }\nfields = { organization = \"case.organization\", since",
         "constants", "没有这一本"),
        ('who = "person", pay', 'whom = "person", pay', "columns.whom", "没有栏 whom"),
        ('pay = "wage"', 'pay = "wages"', "columns.pay", "没有字段 wages"),
        ('pay = "wage"', 'pay = "person"', "columns.pay", "类型、选项或单位不一样"),
        ('{ job = "driver" }', '{ job = "pilot" }', "column_constants.job", "填不进 job"),
        ('{ job = "driver" }', '{ jib = "driver" }', "column_constants.jib", "没有栏 jib"),
        ('\ncolumn_constants = { job = "driver" }', "", "columns", "栏 job 必填"),
        (', since = "case.day"', "", "", "要参数 since"),
        ('since = "case.day" }', 'since = "wage" }', "fields.since", "不是参数 since 要的类型"),
        ('effect = "registers.close_row"\n',
         'effect = "registers.close_row"\ncolumns = { who = "person" }\n',
         "columns", "没有栏可以写"),
    ],
)  # fmt: skip
def test_a_binding_that_does_not_fit_the_register_is_told(before, after, place, says):
    assert before in HIRE

    found = [
        (fault.place.partition("effects[0]")[2].lstrip("."), fault.message)
        for fault in meaning.faults(packed(HIRE.replace(before, after, 1)), library.shipped())
        if fault.file == HIRE_FILE
    ]

    assert any(where == place and says in message for where, message in found), found


def test_nothing_is_wrong_with_the_binding():
    assert not [f for f in meaning.faults(packed(), library.shipped()) if f.file == HIRE_FILE]


def test_areas_move_rows_by_an_effect_that_no_pack_may_bind():
    assert "registers.follow" not in effects.for_packs()


# --- conditions and figures


def asked(name, ids, on, **params):
    condition = Condition.model_validate({"all": [{"is": name, **params}]})
    return condition.satisfied_by(ids, on)


def test_conditions_ask_for_rows_that_hold_on_the_day(world, cast, tree, person, who):
    row = books.open_row(
        tree.village, by=cast["secretary"], who=who, job="clerk", until=date(2026, 7, 1)
    )
    book, both = books.HELPERS, [tree.village.pk, tree.far.pk]

    for on, found in ((date(2025, 12, 31), set()), (date(2026, 1, 1), {person.pk}),
                      (date(2026, 6, 30), {person.pk}), (date(2026, 7, 1), set())):  # fmt: skip
        assert asked("register_row_open", [person.pk], on, book=book) == found
    on = date(2026, 3, 1)
    assert asked("holds_register_row", both, on, book=book) == {tree.village.pk}
    assert asked("holds_register_row", both, on, book=book, counted="driver") == set()
    assert asked("register_row_open", [person.pk], on, book=book, counted="clerk") == {person.pk}
    actions.void_row(row, reason="错了", by=cast["secretary"], at=NOON)
    assert asked("register_row_open", [person.pk], on, book=book) == set()
    assert asked("holds_register_row", both, on, book=book) == set()


def test_the_figure_counts_rows_of_the_day_by_choice(world, cast, tree, who):
    books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk")
    books.open_row(tree.village, by=cast["secretary"], who=who, job="driver")
    measure = measures.get("registers.valid")
    day = date(2026, 6, 1)

    offers = measure.params.offered([tree.village.pk], day)
    counts = {
        offer.title: measure.compute([tree.village.pk, tree.far.pk], day, day, day, offer.params)
        for offer in offers
    }

    assert {title: found[tree.village.pk].count for title, found in counts.items()} == {
        "聘用人员": 2, "聘用人员：文书": 1, "聘用人员：司机": 1,
    }  # fmt: skip
    assert counts["聘用人员"][tree.far.pk].count == 0


# --- people


def twin_of(tree):
    return factories.member(tree.village, by=tree.system, name="单文秀", since=date(2021, 1, 1))


def merge(one, other, by):
    return merging.merge(
        Person.objects.get(pk=one.pk), Person.objects.get(pk=other.pk), fields={},
        lines={"states": "one", "belongings": "one"}, reason="核对身份证", by=by, at=NOON,
    )  # fmt: skip


def test_rows_follow_whom_is_kept_when_two_become_one(world, cast, tree, person):
    twin = twin_of(tree)
    row = books.open_row(
        tree.village, by=cast["secretary"], who=Named(twin.pk, twin.name), job="clerk"
    )

    merge(person, twin, cast["township officer"])

    row.refresh_from_db()
    assert row.values["who"]["id"] == person.pk
    assert row.mentions.get().person_id == person.pk
    with pytest.raises(Exception, match="一样的已经有一行"):
        books.open_row(
            tree.village, by=cast["secretary"], who=Named(person.pk, person.name), job="clerk"
        )
    assert verify().ok


def test_merging_is_refused_where_two_rows_would_be_the_same(world, cast, tree, person, who):
    twin = twin_of(tree)
    books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk")
    other = books.open_row(
        tree.village, by=cast["secretary"], who=Named(twin.pk, twin.name), job="clerk"
    )

    with pytest.raises(Refused, match="先更正或作废其中一行"):
        merge(person, twin, cast["township officer"])

    other.refresh_from_db()
    assert other.values["who"]["id"] == twin.pk
    actions.void_row(other, reason="重了", by=cast["secretary"], at=NOON)
    merge(person, twin, cast["township officer"])
    assert verify().ok


def test_the_file_of_a_person_tells_their_rows(world, cast, tree, person, who):
    books.open_row(tree.village, by=cast["secretary"], who=who, job="clerk", pay=3000)
    section = next(one for one in dossier.sections() if one.title == "台账")

    (line,) = section.rows(person.pk)

    assert line[0] == "聘用人员"
    assert "月薪：3,000.00 元" in line[-1]


# --- organisations


def test_rows_that_hold_go_on_in_the_successor_and_others_stay(world, cast, tree, who):
    by = cast["secretary"]
    holding = books.open_row(tree.village, by=by, who=who, job="clerk")
    over = books.open_row(tree.village, by=by, who=who, job="driver", until=date(2026, 6, 1))
    beside = factories.organization(tree.east, by=tree.system, name="后村党支部")
    for place, name in ((tree.village, "甲"), (beside, "乙")):
        books.open_row(place, by=cast["township officer"], register=books.CONTACTS, name=name)

    succeeding.merge(
        [tree.village], into=Into(existing=beside), on=date(2026, 11, 20), by=tree.system, at=NOON
    )

    holding.refresh_from_db()
    over.refresh_from_db()
    assert (holding.organization, over.organization) == (beside, tree.village)
    assert (holding.number, holding.revisions.get().kind) == (1, "moved")
    came, stayed = Row.objects.filter(register=books.CONTACTS).order_by("pk")
    assert (stayed.organization, stayed.state) == (beside, Row.State.OPEN)
    assert (came.organization, came.state, came.until) == (
        tree.village, Row.State.ENDED, date(2026, 11, 20),
    )  # fmt: skip
    assert "已经有一行一样的" in came.reason
    held = Row.objects.valid_on(date(2026, 11, 20)).filter(register=books.CONTACTS)
    assert held.get() == stayed
    assert verify().ok
