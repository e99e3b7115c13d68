"""Each fault of an organisation's row by a table of small sheets."""

import pytest

from tests import factories
from tests.imports.sheets import ORGANIZATIONS, TREE, codes, look, member, members, organizations
from zhibu.core.verdicts import Refused
from zhibu.imports.targets import Ground

pytestmark = pytest.mark.django_db


def look_at(system, *rows):
    return look(system, organizations(*rows))[1]


def said(preview):
    return [f.code for f in preview.warnings if f.code != "no_members_sheet"]


ERRORS = [
    (["D5", "", "党支部", "D2", "", ""], "missing_name", "组织名称"),
    (["D5", "长" * 101, "党支部", "D2", "", ""], "too_long", "组织名称"),
    (["D" * 31, "新村党支部", "党支部", "D2", "", ""], "too_long", "组织代码"),
    (["D3", "新村党支部", "党支部", "D2", "", ""], "duplicate_code", "组织代码"),
    (["D5", "前村党支部", "党支部", "D2", "", ""], "duplicate_name", "组织名称"),
    (["D5", "新村党支部", "党小组", "D2", "", ""], "unknown_kind", "组织类别"),
    (["D5", "新村", "", "D2", "", ""], "missing_kind", "组织类别"),
    (["D5", "新村党支部", "党支部", "D9", "", ""], "unknown_parent", "上级组织代码"),
    (["D5", "新村党支部", "党支部", "", "", ""], "missing_parent", "上级组织代码"),
    (["D5", "新村党支部", "党支部", "D5", "", ""], "parent_circle", "上级组织代码"),
    (["D5", "新村党支部", "党支部", "D3", "", ""], "wrong_level", "上级组织代码"),
    (["D5", "新镇委员会", "党委", "D3", "", ""], "wrong_level", "上级组织代码"),
    (["D5", "新村党支部", "党支部", "D2", "2027-01-01", ""], "future_date", "成立日期"),
    (["D5", "新村党支部", "党支部", "D2", "不详", ""], "bad_date", "成立日期"),
    (
        ["D5", "新村党支部", "党支部", "D2", "2020-01-01", "2019-01-01"],
        "term_before_founding",
        "本届届满日期",
    ),
]


@pytest.mark.parametrize(("row", "code", "column"), ERRORS)
def test_the_impossible_refuses_the_row(system, row, code, column):
    preview = look_at(system, *TREE, row)

    assert [(f.code, f.column, f.row) for f in preview.errors] == [(code, column, 6)]
    assert preview.clean["organizations"] == 4
    for fault in (*preview.errors, *preview.warnings):
        assert fault.value in (None, "") or fault.value in fault.message


WARNINGS = [
    (["D5", "新村党支部", "", "D2", "", ""], "missing_kind"),
    (["D5", "新村党总支", "党支部", "D2", "", ""], "kind_name_mismatch"),
    (["", "新村党支部", "党支部", "D2", "", ""], "missing_code"),
    (["D5", "新村党支部", "党支部", "D2", "1960年1月", ""], "day_missing"),
    (["D5", "新村党支部", "党支部", "D2", "", "2040-01-01"], "term_far_off"),
    (["D5", "新村党支部", "党支部", "D2", "1911-01-01", ""], "founded_too_early"),
]


@pytest.mark.parametrize(("row", "code"), WARNINGS)
def test_the_unusual_is_said_and_taken(system, row, code):
    preview = look_at(system, *TREE, row)

    assert codes(preview) == []
    assert said(preview) == [code]
    assert preview.clean["organizations"] == 5


QUIET = [
    ["D5", "新村党支部", "党支部", "d2", "", ""],
    ["D5", "新村党支部", "支部", "中共东镇委员会", "", ""],
    ["D5", "新村党支部", "基层党支部", "东镇党委", "1960/1/1", "2027.5.28"],
    ["D5", "新村联合党支部", "联合支部", "D2", "", "2024-05-28"],
    ["D5", "中共新村总支部委员会", "总支", "D2", "", ""],
]


@pytest.mark.parametrize("row", QUIET)
def test_harmless_variety_draws_no_complaint(system, row):
    preview = look_at(system, *TREE, row)

    assert codes(preview) == []
    assert said(preview) == []


def test_children_of_a_refused_row_are_held_back(system):
    rows = [TREE[0], ["D2", "中共东镇委员会", "党委", "D9", "", ""], TREE[2]]

    preview = look_at(system, *rows)

    assert codes(preview) == ["unknown_parent"]
    assert [(f.row, f.code) for f in preview.held_back] == [(4, "parent_refused")]


def test_a_circle_blames_the_link_that_cannot_be(system):
    rows = [TREE[0], ["D2", "中共东镇委员会", "党委", "D3", "", ""], TREE[2]]

    assert [(f.row, f.code) for f in look_at(system, *rows).errors] == [(3, "parent_circle")]


def test_a_circle_of_equals_blames_every_link(system):
    rows = [
        TREE[0],
        ["D2", "中共东镇委员会", "党委", "D5", "", ""],
        ["D5", "中共西镇委员会", "党委", "D2", "", ""],
    ]

    assert [(f.row, f.code) for f in look_at(system, *rows).errors] == [
        (3, "parent_circle"),
        (4, "parent_circle"),
    ]


def test_the_top_of_an_empty_tree_is_a_committee_and_only_one(system):
    two_tops = look_at(system, TREE[0], ["D5", "中共乙县委员会", "党委", "", "", ""])
    no_committee = look_at(system, ["D5", "新村党支部", "党支部", "", "", ""])

    assert [(f.row, f.code) for f in two_tops.errors] == [(3, "missing_parent")]
    assert codes(no_committee) == ["missing_parent"]


def test_parent_by_name_and_by_code_that_disagree_are_said(system):
    headings = [*ORGANIZATIONS, "上级组织名称"]
    rows = [[*row, ""] for row in TREE[:2]]
    rows.append([*TREE[2], "西镇党委"])

    preview = look(system, ("组织", [headings, *rows]))[1]

    assert codes(preview) == []
    assert said(preview) == ["parent_mismatch"]


def test_without_codes_rows_are_numbered_and_tied_by_name(system):
    rows = [
        ["组织全称", "类别", "上级党组织"],
        ["中共某县委员会", "党委", ""],
        ["前村党支部", "党支部", "某县县委"],
        ["后村党支部", "党支部", "中共某县委员会"],
    ]

    _, preview = look(system, ("组织", rows))

    assert codes(preview) == ["unknown_parent"]
    assert preview.clean["organizations"] == 2


def test_what_names_no_parent_hangs_below_the_officers_own_organisation(cast, tree):
    officer = cast["township officer"]

    check, preview = look(officer, organizations(["N1", "新村党支部", "党支部", "", "", ""]))

    assert codes(preview) == []
    assert said(preview) == ["no_parent"]
    assert check.made["organizations"].units[-1].parent.pk == tree.east.pk


def test_an_officer_cannot_hang_anything_outside_their_reach(cast, tree):
    officer = cast["township officer"]

    preview = look(officer, organizations(["N1", "新村党支部", "党支部", tree.west.code, "", ""]))[
        1
    ]

    assert codes(preview) == ["unknown_parent"]


def test_a_code_used_out_of_reach_is_taken(cast, tree):
    officer = cast["township officer"]

    preview = look(officer, organizations([tree.far.code, "新村党支部", "党支部", "", "", ""]))[1]

    assert codes(preview) == ["code_taken"]


def test_an_organisation_that_is_there_is_not_made_again(cast, tree):
    officer = cast["township officer"]
    row = [tree.village.code, tree.village.name, "党支部", tree.east.code, "", ""]
    other = [tree.inner.code, "别的党支部", "党支部", tree.east.code, "", ""]

    check, preview = look(
        officer, organizations(row, other), members(member(所在党支部="前村党支部"))
    )

    assert codes(preview) == ["code_taken"]
    assert "already_there" in said(preview)
    assert preview.clean == {"organizations": 0, "members": 1, "activities": 0}
    assert check.made["members"].members[0].home.pk == tree.village.pk


def test_a_dissolved_branch_takes_nobody_in(system, tree):
    from tests.conftest import NOON, TODAY
    from zhibu.organizations import actions

    actions.dissolve(tree.village, on=TODAY, by=system, at=NOON)

    preview = look(system, members(member()))[1]

    assert codes(preview) == ["branch_dissolved"]


def test_a_number_that_is_registered_is_refused_and_the_branch_named(cast, tree):
    from tests.imports.sheets import MAN

    factories.member(tree.village, by=tree.system, name="某人", id_number=MAN)
    factories.member(tree.far, by=tree.system, name="远人", id_number=_other())

    preview = look(
        cast["township officer"],
        members(member(), member(姓名="王远", 公民身份号码=_other())),
    )[1]

    assert codes(preview) == ["already_registered", "already_registered"]
    assert "“前村党支部”" in preview.errors[0].message
    assert "远村" not in preview.errors[1].message


def _other():
    from tests.imports.sheets import BORN
    from tests.imports.workbooks import id_number

    return id_number(BORN, serial=5)


def test_a_ground_out_of_reach_is_refused(cast, tree):
    from zhibu.core.verdicts import require
    from zhibu.imports import rules

    with pytest.raises(Refused):
        require(rules.may_run(cast["township officer"], Ground(tree.west.pk, tree.west.path)))
