"""Stricter below: only where the schema says which way, only more, the lead line first."""

from datetime import date

import pytest

from tests.conftest import NOON, TODAY
from tests.duties.oracle import differences
from tests.duties.story import draft
from tests.packs import makers
from zhibu.activities import actions as activities
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions import queries as in_force
from zhibu.adoptions import showing
from zhibu.adoptions.models import Adoption
from zhibu.duties.models import Lapsed, Obligation
from zhibu.organizations import actions as organizations
from zhibu.packs import checking, library
from zhibu.packs.schema.duties import Duty
from zhibu.packs.schema.tightenings import Tighten
from zhibu.packs.tightening import Asked, fields_of, tightened

MEETING = "national/branch-life:general-meeting"
SINCE = date(2026, 1, 1)


def adopt(pack, organization, cast, since=SINCE):
    return adoptions.adopt(
        pack=pack, organization=organization, since=since, by=cast["county officer"], at=NOON
    )


def meetings(organization):
    rows = Obligation.objects.filter(organization=organization, duty="general-meeting")
    return dict(rows.values_list("period_since", "required"))


def test_fields_say_which_way():
    assert fields_of(Duty) == {
        "times": "up",
        "entered_within": "down",
        "after.within": "down",
        "before.notice": "up",
    }


def test_below_who_asks_for_it_and_from_that_day_on_more_is_needed(tree, cast):
    adopt("national/branch-life", tree.county, cast)
    adopt("local/two-general-meetings", tree.east, cast, since=date(2026, 5, 1))

    quarters = [date(2026, month, 1) for month in (1, 4, 7, 10)]
    assert meetings(tree.village) == dict(zip(quarters, (1, 1, 2, 2), strict=True))
    assert meetings(tree.far) == dict.fromkeys(quarters, 1)
    assert differences(TODAY) == []


def test_the_page_says_what_it_was_what_it_is_and_who_asked(tree, cast):
    adopt("national/branch-life", tree.county, cast)
    adopt("local/two-general-meetings", tree.east, cast)

    here = showing.here(tree.village, TODAY, path=tree.village.path)
    row = next(row for row in here.rows if row.held.reference == MEETING)

    assert (row.tag, row.brief) == ("加严", "每季度 2 次")
    assert row.stricter == ["次数 1，加严到 2（东镇委员会，本地要求）"]
    assert [step.title for step in showing.why(row, here.held)][-1] == "东镇委员会加严了要求"


def item(**more):
    base = library.shipped()["national/branch-life"].wording_on("duties", "general-meeting", TODAY)
    return base.item.model_copy(update=more)


def asked(value, *, guided=False, field="times"):
    return Asked(Tighten(item=MEETING, field=field, value=value), guided)


@pytest.mark.parametrize(
    ("wanted", "times"),
    [
        ([], 1),
        ([asked(2)], 2),
        ([asked(2), asked(3)], 3),
        ([asked(3), asked(2)], 3),
        ([asked(4, guided=True)], 4),
        ([asked(2), asked(4, guided=True)], 2),  # the lead line wins a clash
        ([asked(4, guided=True), asked(2)], 2),
    ],
)
def test_the_strictest_of_the_lead_line_holds(wanted, times):
    assert tightened(item(), wanted).times == times


def test_what_is_stricter_already_stays():
    assert tightened(item(times=5), [asked(2)]).times == 5


TIGHTEN = """
title = "加严"
[[cites]]
source = "charter"
seen = "text"

[[tighten]]
item = "{item}"
field = "{field}"
value = {value}
"""
FILE = "tightenings/more/2019-01-01.toml"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"value": 1}, "要比原来严：原来 1，要大于它，这里是 1"),
        ({"value": 99}, "太大"),
        ({"value": '"P1M"'}, "要写成整数"),
        ({"field": "every", "value": '"week"'}, "every 不能收紧，可以收紧的有"),
        ({"field": "after.within", "value": '"P1D"'}, "没有写 after.within"),
        ({"item": "national/branch-life:nothing"}, "没有这一条"),
        ({"item": "demo/small:assembly"}, "是自己的条目，直接改它"),
        ({"item": "seeds/mingguang-theme-day:theme-day"}, "没有写进 pack.toml 的 requires"),
    ],
)
def test_anything_else_is_a_fault(more, says, db):
    text = TIGHTEN.format(**({"item": MEETING, "field": "times", "value": 2} | more))
    files = makers.with_file(FILE, text)
    files["pack.toml"] += 'requires = ["national/branch-life"]\n'

    found = checking.problems(makers.pack(files), library.packs())

    assert [f for f in found if f.file == FILE and says in f.message] != []


def test_a_day_that_changes_takes_its_obligation_along_and_says_what_was_done(tree, cast):
    officer = cast["county officer"]
    term = {"since": date(2024, 1, 1), "has_committee": False, "by": officer, "at": NOON}
    organizations.begin_term(tree.village, ends_on=date(2026, 12, 31), **term)
    adopt("national/branch-life", tree.county, cast)
    row = Obligation.objects.get(organization=tree.village, duty="term-election")
    assert (row.period_since, row.due_on) == (date(2026, 6, 30), date(2026, 12, 31))
    activities.record(
        tree.village, draft(["term-election"], date(2026, 7, 3)), by=cast["secretary"], at=NOON
    )
    tree.village.terms.update(ends_on=date(2027, 3, 31))

    adoptions.withdraw(
        Adoption.objects.get(), until=date(2030, 1, 1), by=officer, at=NOON
    )  # anything that refreshes

    now = Obligation.objects.get(organization=tree.village, duty="term-election")
    assert (now.period_since, now.ground_on, now.done) == (
        date(2026, 9, 30), date(2027, 3, 31), 0,
    )  # fmt: skip
    gone = Lapsed.objects.get()
    assert (gone.ground_on, gone.done_on) == (date(2026, 12, 31), date(2026, 7, 3))
    assert differences(TODAY) == []


def test_what_holds_is_asked_for_in_as_many_queries(tree, cast, django_assert_num_queries):
    adopt("national/branch-life", tree.county, cast)
    adopt("local/two-general-meetings", tree.east, cast)

    with django_assert_num_queries(3):
        found = in_force.items_in_force(tree.village, TODAY, "duties")["duties"]
    strict = [one for one in found if one.stricter]
    assert [one.reference for one in strict] == [MEETING]
