"""今日: what waits for one member, and nobody else's."""

from datetime import date

import pytest

from tests import factories, scenes
from tests.conftest import NOON
from zhibu.activities import actions as activities
from zhibu.assignments import actions as assignments
from zhibu.people import actions as people

pytestmark = pytest.mark.django_db
TODAY_PAGE = "/today/"


def test_a_member_sees_their_task_their_next_sitting_and_who_looked(life, page_as):
    own = scenes.person_of(life.cast["member"])
    people.reveal(own, field="phone", reason="通知改期", by=life.cast["secretary"], at=NOON)

    page = page_as("member", TODAY_PAGE)

    assert "有 3 件事等您办" in page and "走访困难党员" in page
    assert "党员大会" in page and "已请假" in page
    assert "通知改期" in page
    assert "贴公开栏" not in page, "somebody else's task"


def test_attendance_has_its_numerator_and_denominator(life, page_as):
    """Due at the theme day and the general meeting; absent from the second."""
    page = page_as("member", TODAY_PAGE)

    assert "到会</span> 1" in page and "应到 2 次" in page


def test_a_stranger_sees_nothing_of_the_branch(page_as):
    page = page_as("stranger member", TODAY_PAGE)

    assert "今天没有要办的事" in page
    assert "今年还没有到会记录" in page and "没有人看过" in page
    assert "走访困难党员" not in page and "植树" not in page


def test_a_sitting_of_another_group_is_not_theirs(life, page_as):
    other = factories.member(life.tree.village, by=life.tree.system, name="邻组同志")
    people.join_group(
        other, group=life.empty_group, since=factories.SINCE, by=life.tree.system, at=NOON
    )
    sitting = scenes.draft("group-meeting", day=date(2026, 11, 25), place="邻组的院子")
    activities.plan(
        life.tree.village, sitting, group=life.empty_group, by=life.cast["secretary"], at=NOON
    )

    assert "邻组的院子" not in page_as("member", TODAY_PAGE)
    activities.plan(
        life.tree.village,
        scenes.draft("group-meeting", day=date(2026, 11, 26), place="本组的院子"),
        group=life.group, by=life.cast["secretary"], at=NOON,
    )  # fmt: skip
    assert "本组的院子" in page_as("member", TODAY_PAGE)


def test_a_task_past_its_day_says_so(life, page_as):
    assignments.assign(
        life.tree.village, title="交材料", owner=scenes.person_of(life.cast["member"]),
        due_on=date(2026, 11, 20), by=life.cast["secretary"], at=NOON,
    )  # fmt: skip
    assert "已过" not in page_as("member", TODAY_PAGE), "due today is not past"


def test_administrators_have_no_today(page_as):
    page_as("system admin", TODAY_PAGE, status=404)
