"""Replaying examples: differences are told, and nothing is left behind."""

from datetime import date

import pytest
from django.db import connection

from tests import factories
from tests.conftest import NOON
from tests.packs import makers
from zhibu.accounts.models import User
from zhibu.activities.models import Activity
from zhibu.activities.replay import replay, replay_all
from zhibu.adoptions import actions as adoptions
from zhibu.ledger.models import Entry
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.examples import Example

pytestmark = pytest.mark.django_db
DUTY = "national/branch-life:general-meeting"


def changed(pack_id: str, name: str, table: str, number: int, **values: object) -> list[str]:
    """What is told of an example with one expectation changed."""
    pack = library.shipped()[pack_id]
    raw = pack.examples[name].model_dump()
    raw[table][number] |= values
    return replay(pack, Example.model_validate(raw))


@pytest.mark.parametrize(
    ("name", "table", "values", "told"),
    [
        (
            "general-meeting-on-the-last-day",
            "obligation",
            {"state": "overdue"},
            f"{DUTY} 2026-01-01 这一期，2026-03-30 看：应是 未办，实际 待办",
        ),
        (
            "general-meeting-missed",
            "obligation",
            {"due_on": date(2026, 3, 30)},
            f"{DUTY} 2026-01-01 这一期，2026-03-31 看，到期日：应是 2026-03-30，实际 2026-03-31",
        ),
        (
            "vote-of-19",
            "vote",
            {"quorate": True},
            "第 1 个活动的表决，到会够不够：应是 是，实际 否",
        ),
        (
            "vote-of-19",
            "vote",
            {"present_needed": 9},
            "第 1 个活动的表决，要到：应是 9，实际 10",
        ),
        ("branch-of-50", "hint", {"shown": True}, "2026-03-01 看提示 "),
        (
            "made-up-on-the-last-day-possible",
            "refusal",
            {"says": "日期在以后"},
            "第 2 个活动在 kinds",
        ),
        ("planned-is-not-done", "filing", {"asked": True}, "第 1 个活动，要不要报主题：应是 是"),
        ("exempted", "measure", {"total": 2}, "duties.done_of_owed，2026-06-01 看，分母：应是 2"),
        ("exempted", "measure", {"measure": "made.up"}, "没有指标 made.up，可用的有 "),
    ],
)
def test_wrong_expectation_is_told(name, table, values, told):
    found = changed("national/branch-life", name, table, 0, **values)

    assert any(line.startswith(told) for line in found), found


def test_refusal_nobody_expected_is_told():
    pack = library.shipped()["seeds/mingguang-theme-day"]
    raw = pack.examples["theme-is-asked-for"].model_dump()
    raw["refusal"] = []

    found = replay(pack, Example.model_validate(raw))

    assert found == ["第 1 个活动记不上：请写这次的主题。"]


def test_figure_that_is_filled_in_otherwise_is_told():
    known = {"attended": 3}

    found = changed("seeds/four-deliberations", "monthly-report-from-records", "returned", 0,
                    known=known)  # fmt: skip

    assert found == ["第 1 份回执自动填的 attended：应是 3，实际 2"]


@pytest.mark.parametrize(
    ("leader", "told"),
    [
        ({"refused": ""}, "第 2 个人任 supervision-director：应提示“”，实际“不能任"),
        ({"refused": "届满"}, "第 2 个人任 supervision-director：应提示“届满”，实际“不能任"),
        (
            {"number": 8},
            "第 8 个人任 supervision-director：应提示“两个职务不能一个人担任”，实际没有",
        ),
        ({"body": "union"}, "例子里没有设 union，写在 bodies 里"),
        ({"post": "piper"}, "示例supervision-committee没有职务 piper"),
    ],
)
def test_post_taken_otherwise_than_said_is_told(leader, told):
    pack = library.shipped()["national/village-bodies"]
    raw = pack.examples["committee-member-may-not-supervise"].model_dump()
    raw["given"]["leader"][2] |= leader

    found = replay(pack, Example.model_validate(raw))

    assert any(line.startswith(told) for line in found), found


def test_situation_that_cannot_be_is_told():
    pack = library.shipped()["national/branch-life"]
    raw = pack.examples["general-meeting-missed"].model_dump()
    raw["given"]["also_adopted"] = ["demo/absent"]

    found = replay(pack, Example.model_validate(raw))

    assert len(found) == 1
    assert found[0].startswith("办不成：不能采用：没有制度包 demo/absent")


def test_example_of_a_pack_that_is_not_installed_is_played():
    assert replay_all(makers.pack()) == {"once": [], "twice": []}
    assert "demo/small" not in library.packs()


def test_replay_leaves_nothing_behind(tree):
    before = _everything()

    replay_all(makers.pack())

    assert _everything() == before


def test_replay_leaves_nothing_behind_when_it_breaks(tree, monkeypatch):
    before = _everything()

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("zhibu.activities.replay.play.Play.run", broken)
    with pytest.raises(ZeroDivisionError):
        replay_all(makers.pack())

    assert _everything() == before
    assert "demo/small" not in library.packs()


def test_tree_that_is_there_changes_nothing(tree):
    factories.member(tree.village, by=tree.system)
    adoptions.adopt(
        pack="national/branch-life",
        organization=tree.county,
        since=factories.SINCE,
        by=tree.system,
        at=NOON,
    )

    assert replay_all(makers.pack()) == {"once": [], "twice": []}


def _everything() -> dict[str, int]:
    """Rows in every table, so that nothing can hide."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select count(*) from "{table}"')
            found[table] = cursor.fetchone()[0]
    assert found["organizations_organization"] == Organization.all_rows.count()
    assert found["ledger_entry"] == Entry.objects.count()
    assert found["accounts_user"] == User.objects.count()
    assert found["activities_activity"] == Activity.objects.count()
    return found


RETURN = "seeds/county-follow-through"


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("own-measures", {"refused": {"measures": "要填"}},
         "第 1 份回执在 measures 应提示“要填”，实际没有提示"),
        ("own-measures", {"values": {"conveyed_on": date(2026, 3, 9), "done_by": "月底",
                                     "measures": "走访"}},
         "第 1 份回执交不上：done_by "),
        ("own-measures", {"values": {"conveyed_on": date(2026, 3, 9), "colour": "红"}},
         "第 1 份回执：回执表里没有 colour"),
        ("own-measures", {"on": date(2025, 12, 31)}, "2025-12-31 没有在用的回执表 "),
        ("nothing-of-their-own", {"refused": {"measures": "要填"}}, "第 1 份回执交不上：done_by "),
    ],
)  # fmt: skip
def test_wrong_expectation_of_a_return_is_told(name, values, told):
    found = changed(RETURN, name, "returned", 0, **values)

    assert any(line.startswith(told) for line in found), found
