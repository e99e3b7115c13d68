"""支部工作台: a branch's own desk, whole for the secretary, one group for its leader."""

import re
from datetime import date, timedelta

import pytest

from tests import factories, scenes
from tests.conftest import NOON, TODAY
from zhibu.activities import actions as activities
from zhibu.activities.drafts import AbsenceDraft
from zhibu.desk import queries
from zhibu.duties import actions as duties

pytestmark = pytest.mark.django_db
DESK = "/workbench/"


@pytest.fixture
def desk(life):
    return lambda **more: queries.workbench(life.tree.village, TODAY, **more)


def test_an_obligation_stands_in_one_place_only(desk):
    made = desk()
    places = (made.overdue, made.waiting, made.done)
    ids = [owed.obligation.pk for place in places for owed in place]

    assert made.overdue and made.waiting and made.done
    assert len(ids) == len(set(ids)) == made.owed
    assert all(owed.state == "overdue" for owed in made.overdue)


def test_an_exempt_one_is_not_on_the_desk(life, desk):
    freed = desk().overdue[0].obligation
    duties.exempt(freed, reason="汛期", by=life.cast["township officer"], at=NOON)

    made = desk()

    assert freed.pk not in {o.obligation.pk for o in (*made.overdue, *made.waiting, *made.done)}


def test_the_branch_own_word_stands_beside_what_is_overdue(life, desk, page_as):
    missing = desk().overdue[0].obligation
    duties.explain(missing, text="书记住院，下周补开", by=life.cast["secretary"], at=NOON)

    assert desk().words[missing.pk] == "书记住院，下周补开"
    assert "书记住院，下周补开" in page_as("secretary", DESK)


def test_a_leader_sees_the_duties_of_their_group_and_nothing_else(life, page_as):
    leader = factories.holder(
        life.tree.village, life.tree.village, "group-leader", by=life.tree.system,
        title="组长", name="葛组长", group=life.empty_group,
    )  # fmt: skip
    life.cast["leader"] = leader

    page = page_as("leader", DESK)

    assert "第二党小组" in page
    assert "第一党小组" not in page and "走访困难党员" not in page


def test_away_is_three_sittings_in_a_row_and_no_fewer(life, desk):
    absent = life.person.pk

    def hold(day, away):
        draft = scenes.draft(
            f"{scenes.THEME_DAY}:theme-day", day=day, theme=str(day),
            place="村部", absences={absent: AbsenceDraft("away")} if away else {},
        )  # fmt: skip
        activities.record(life.tree.village, draft, by=life.cast["secretary"], at=NOON)

    for back in (3, 2):
        hold(TODAY - timedelta(days=back), away=True)
    assert desk().away == []
    hold(TODAY - timedelta(days=1), away=True)

    assert [(a.person.pk, a.last_on) for a in desk().away] == [(absent, date(2026, 11, 10))]
    hold(TODAY, away=False)
    assert desk().away == []


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 200),
        ("committee member", 200),
        ("sibling secretary", 200),
        ("stranger member", 404),
        ("township officer", 404),
        ("system admin", 404),
        ("signed out", 302),
    ],
)
def test_only_a_branch_has_a_desk(who, status, page_as):
    page = page_as(who, DESK, status=status)

    if who == "sibling secretary":
        assert not re.search("前村", page)
