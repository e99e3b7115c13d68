"""Each fault of a member's row, and each thing that is none, by a table of small sheets."""

from datetime import date, datetime

import pytest

from tests.imports.sheets import (
    BORN,
    MAN,
    MEMBERS,
    TREE,
    VALID,
    WOMAN,
    codes,
    look,
    member,
    members,
    organizations,
    warned,
)
from tests.imports.workbooks import id_number

pytestmark = pytest.mark.django_db
OLD = date(1940, 2, 3)
OLD_MAN = id_number(OLD, serial=1)


def look_at(system, *rows, headings=MEMBERS):
    return look(system, organizations(*TREE), members(*rows, headings=headings))[1]


ERRORS = [
    ({"姓名": ""}, "missing_name", "姓名"),
    ({"姓名": "不详"}, "missing_name", "姓名"),
    ({"姓名": "长" * 61}, "too_long", "姓名"),
    ({"性别": "?"}, "unknown_sex", "性别"),
    ({"性别": "1"}, "unknown_sex", "性别"),
    ({"性别": 1}, "unknown_sex", "性别"),
    ({"性别": "女"}, "sex_id_mismatch", "性别"),
    ({"出生日期": "1981-03-05"}, "birth_id_mismatch", "出生日期"),
    ({"出生日期": "1980年4月"}, "birth_id_mismatch", "出生日期"),
    ({"出生日期": "2月30日"}, "bad_date", "出生日期"),
    ({"出生日期": "1980-02-30"}, "bad_date", "出生日期"),
    ({"公民身份号码": ""}, "missing_id", "公民身份号码"),
    ({"公民身份号码": "无"}, "missing_id", "公民身份号码"),
    ({"公民身份号码": "待补"}, "missing_id", "公民身份号码"),
    ({"公民身份号码": float(MAN[:17] + "0")}, "id_as_number", "公民身份号码"),
    ({"公民身份号码": "9.90101E+17"}, "id_as_number", "公民身份号码"),
    ({"公民身份号码": MAN[:17]}, "bad_id_length", "公民身份号码"),
    ({"公民身份号码": MAN[:6] + "********" + MAN[14:]}, "id_masked", "公民身份号码"),
    ({"公民身份号码": "港澳台H1234567890"}, "bad_id_characters", "公民身份号码"),
    (
        {"公民身份号码": MAN[:17] + ("1" if MAN[17] != "1" else "2")},
        "bad_check_digit",
        "公民身份号码",
    ),
    ({"入党日期": "不详"}, "bad_date", "入党日期"),
    ({"入党日期": "2005-06-31"}, "bad_date", "入党日期"),
    ({"入党日期": "5/6/2005"}, "bad_date", "入党日期"),
    ({"入党日期": "2027-01-01", "转正日期": ""}, "future_date", "入党日期"),
    ({"入党日期": "1979-01-01", "转正日期": ""}, "joined_before_birth", "入党日期"),
    ({"入党日期": "1995-07-01", "转正日期": "1996-07-01"}, "joined_under_18", "入党日期"),
    ({"转正日期": "2005-03-01"}, "confirmed_before_joined", "转正日期"),
    ({"转正日期": "2027-01-01"}, "future_date", "转正日期"),
    ({"人员类别": "群众"}, "unknown_category", "人员类别"),
    ({"所在党支部": "远村党支部"}, "unknown_branch", "所在党支部"),
    ({"所在党支部": ""}, "missing_branch", "所在党支部"),
    ({"所在党支部": "中共东镇委员会"}, "not_a_branch", "所在党支部"),
]


@pytest.mark.parametrize(("changes", "code", "column"), ERRORS)
def test_the_impossible_refuses_the_row(system, changes, code, column):
    preview = look_at(system, member(**changes))

    assert [(f.code, f.column, f.row) for f in preview.errors] == [(code, column, 2)]
    assert preview.clean == {"organizations": 4, "members": 0, "activities": 0}


WARNINGS = [
    ({"姓名": "顾长林1"}, "odd_name", "姓名"),
    ({"民族": "汉人"}, "unknown_ethnicity", "民族"),
    (
        {"出生日期": "1890-01-01", "公民身份号码": id_number(date(1890, 1, 1), serial=1)},
        "very_old",
        "出生日期",
    ),
    (
        {"公民身份号码": id_number(BORN, serial=1)[:6] + MAN[8:17]},
        "id_fifteen_digits",
        "公民身份号码",
    ),
    ({"入党日期": "2005年7月"}, "day_missing", "入党日期"),
    ({"入党日期": "2005"}, "day_missing", "入党日期"),
    ({"入党日期": "05.7.1"}, "two_digit_year", "入党日期"),
    ({"入党日期": ""}, "missing_joined", "入党日期"),
    ({"入党日期": "1997-07-01", "转正日期": "1998-07-01"}, "joined_under_18", "入党日期"),
    ({"转正日期": "2005-12-01"}, "confirmed_early", "转正日期"),
    ({"转正日期": "2009-12-01"}, "confirmed_late", "转正日期"),
    ({"转正日期": ""}, "full_without_confirmed", "转正日期"),
    ({"人员类别": "预备党员"}, "probationary_with_confirmed", "转正日期"),
    ({"人员类别": "预备党员", "转正日期": ""}, "probation_too_long", "入党日期"),
    ({"人员类别": ""}, "missing_category", "人员类别"),
    ({"人员类别": "入党积极分子", "入党日期": "", "转正日期": ""}, "not_a_member", "人员类别"),
    ({"党内职务": "第一书记"}, "unknown_post", "党内职务"),
    ({"联系电话": "1991234"}, None, None),
    ({"联系电话": "199123400019"}, "odd_phone", "联系电话"),
    ({"联系电话": "19912340001/19912340002"}, "odd_phone", "联系电话"),
]


@pytest.mark.parametrize(("changes", "code", "column"), WARNINGS)
def test_the_unusual_is_said_and_taken(system, changes, code, column):
    preview = look_at(system, member(**changes))

    assert codes(preview) == []
    said = [(f.code, f.column) for f in preview.warnings if f.code != "id_region_unassigned"]
    assert said == ([(code, column)] if code else [])
    assert preview.clean["members"] == 1


QUIET = [
    {},
    {"姓名": "顾　长林"},
    {"姓名": "阿依古丽・买买提"},
    {"姓名": "郑云子㛃"},
    {"民族": "汉"},
    {"性别": ""},
    {"出生日期": ""},
    {"出生日期": "1980年3月"},
    {"出生日期": "80.3.5"},
    {"出生日期": 29285},
    {"公民身份号码": f" {MAN}"},
    {"入党日期": "2005.07.01"},
    {"入党日期": datetime(2005, 7, 1)},
    {"人员类别": "中共党员"},
    {"所在党支部": " 前村党支部"},
    {"所在党支部": "中共前村支部委员会"},
    {"所在党支部": "东镇前村党支部"},
    {"所在党支部": "D3"},
    {"党内职务": "书记"},
    {"党内职务": "支部书记、组织委员"},
    {"党内职务": "书记兼组织委员"},
    {"党内职务": "党员"},
    {"联系电话": 19912340001},
    {"联系电话": "199-1234-0001"},
    {"联系电话": "0514-86801234"},
    {
        "出生日期": "1940-02-03",
        "公民身份号码": OLD_MAN,
        "入党日期": "1970-07-01",
        "转正日期": "1970-07-01",
    },
    {"出生日期": "1940-02-03", "公民身份号码": OLD_MAN, "入党日期": "1970-07-01", "转正日期": ""},
]


@pytest.mark.parametrize("changes", QUIET)
def test_harmless_variety_draws_no_complaint(system, changes):
    preview = look_at(system, member(**changes))

    assert codes(preview) == []
    assert warned(preview) == []
    assert preview.clean["members"] == 1


def test_before_the_war_ended_younger_members_are_said_and_taken(system):
    born = date(1928, 5, 1)
    row = member(
        出生日期="1928-05-01",
        公民身份号码=id_number(born, serial=1),
        入党日期="1943-07-01",
        转正日期="1944-07-01",
    )

    preview = look_at(system, row)

    assert codes(preview) == []
    assert warned(preview) == ["joined_under_18"]


def test_joined_before_the_party_was_founded_is_refused(system):
    row = member(
        出生日期="1890-01-01",
        公民身份号码=id_number(date(1890, 1, 1), serial=1),
        入党日期="1920-01-01",
        转正日期="",
    )

    assert codes(look_at(system, row)) == ["joined_before_founding"]


def test_a_value_is_named_in_its_message_and_an_identity_number_is_covered(system):
    rows = [member(**changes) for changes, _, _ in (*ERRORS, *WARNINGS)]

    preview = look_at(system, *rows)

    for fault in (*preview.errors, *preview.warnings):
        assert any("\u4e00" <= c <= "\u9fff" for c in fault.message)
        assert fault.value in (None, "") or fault.value in fault.message
        assert MAN not in fault.message
        assert MAN not in str(fault.value)


def test_what_was_tidied_is_counted_with_examples_but_no_sealed_value(system):
    preview = look_at(
        system,
        member(民族="汉", 公民身份号码=f"'{MAN}", 联系电话="199 1234 0001", 入党日期="2005.7.1"),
        member(民族="汉", 性别="女", 公民身份号码=WOMAN, 姓名="顾　长英"),
    )

    found = {(column, kind): tidied for (_, column, kind), tidied in preview.tidied.items()}
    assert found["民族", "ethnicity"].count == 2
    assert found["民族", "ethnicity"].examples == ["汉 → 汉族"]
    assert found["入党日期", "date_form"].examples == ["2005.7.1"]
    assert found["姓名", "spaces"].examples == ["顾长英"]
    assert found["公民身份号码", "id_form"].examples == []
    assert found["联系电话", "phone_form"].examples == []


def test_a_number_twice_with_two_names_refuses_both_and_names_the_other_row(system):
    preview = look_at(
        system, member(), member(姓名="顾长青"), member(姓名="王红", 性别="女", 公民身份号码=WOMAN)
    )

    assert [(f.row, f.code) for f in preview.errors] == [(2, "duplicate_id"), (3, "duplicate_id")]
    assert "第 3 行" in preview.errors[0].message
    assert "第 2 行" in preview.errors[1].message


def test_one_person_twice_in_one_branch_refuses_the_second_row(system):
    preview = look_at(system, member(), member())

    assert [(f.row, f.code) for f in preview.errors] == [(3, "duplicate_id")]
    assert preview.clean["members"] == 1


def test_same_name_and_birth_day_with_another_number_is_said(system):
    preview = look_at(system, member(), member(公民身份号码=id_number(BORN, serial=3)))

    assert codes(preview) == []
    assert warned(preview) == ["same_name_and_birth"]


def test_a_second_secretary_is_said(system):
    preview = look_at(
        system,
        member(党内职务="书记"),
        member(姓名="王红", 性别="女", 公民身份号码=WOMAN, 党内职务="书记"),
    )

    assert warned(preview) == ["two_secretaries"]


def test_a_row_slipped_to_the_right_is_said_of_each_cell(system):
    row = ["", *member()][: len(MEMBERS)]

    preview = look_at(system, row)

    assert set(codes(preview)) == {"shifted_row"}
    assert {"姓名", "性别", "出生日期", "公民身份号码"} <= {f.column for f in preview.errors}
    assert MAN not in str([f.message for f in preview.errors])


def test_a_row_that_lost_a_cell_is_said_of_each_cell(system):
    row = [*member()[:1], *member()[2:], ""]

    preview = look_at(system, row)

    assert set(codes(preview)) == {"shifted_row"}
    assert {f.column for f in preview.errors} >= {"性别", "民族", "出生日期", "公民身份号码"}


def test_several_sheets_of_members_are_read_as_one(system):
    preview = look(
        system,
        organizations(*TREE),
        ("东镇", [MEMBERS, member()]),
        ("西镇", [MEMBERS, member(姓名="顾长青")]),
    )[1]

    assert preview.read["members"] == 2
    assert {(f.sheet, f.row) for f in preview.errors} == {("东镇", 2), ("西镇", 2)}
    assert "“西镇”第 2 行" in preview.errors[0].message


def test_without_a_branch_column_the_sheets_name_says_the_branch(system):
    headings = [h for h in MEMBERS if h != "所在党支部"]
    row = [VALID[h] for h in headings]

    preview = look(system, organizations(*TREE), ("前村党支部", [headings, row]))[1]

    assert codes(preview) == []
    assert preview.clean["members"] == 1


def test_without_a_branch_column_a_title_or_a_section_says_the_branch(system):
    headings = [h for h in MEMBERS if h != "所在党支部"]
    row = [VALID[h] for h in headings]
    other = [{**VALID, "姓名": "王红", "性别": "女", "公民身份号码": WOMAN}[h] for h in headings]

    check, preview = look(
        system,
        organizations(*TREE),
        ("表1", [["党员花名册"], ["党支部：前村党支部"], headings, row, ["后村党支部"], other]),
    )

    assert codes(preview) == []
    assert [m.home.name for m in check.made["members"].members] == ["前村党支部", "后村党支部"]


def test_a_name_that_two_branches_have_is_asked_back_unless_the_sheet_says_which(system):
    tree = [
        *TREE,
        ["D5", "中共西镇委员会", "党委", "D1", "", ""],
        ["D6", "前村党支部", "党支部", "D5", "", ""],
    ]

    unclear = look(system, organizations(*tree), members(member()))[1]
    by_sheet = look(system, organizations(*tree), ("西镇", [MEMBERS, member()]))
    by_column = look(
        system, organizations(*tree), members([*member(), "西镇"], headings=[*MEMBERS, "所属党委"])
    )

    assert codes(unclear) == ["ambiguous_branch"]
    assert "same_name" in warned(unclear)
    for check, preview in (by_sheet, by_column):
        assert codes(preview) == []
        assert check.made["members"].members[0].home.code == "D6"


def test_a_refused_organisation_holds_its_members_back(system):
    tree = [*TREE[:3], ["D3", "后村党支部", "党支部", "D2", "", ""]]

    preview = look(system, organizations(*tree), members(member(所在党支部="后村党支部")))[1]

    assert codes(preview) == ["duplicate_code"]
    assert [(f.sheet, f.row, f.code) for f in preview.held_back] == [
        ("党员", 2, "organization_refused")
    ]
    assert preview.clean == {"organizations": 3, "members": 0, "activities": 0}
    with_held = preview.as_json(clean_only=True)["errors"]
    assert [fault["code"] for fault in with_held] == ["duplicate_code", "organization_refused"]


def test_members_without_any_organisation_are_one_fault_of_the_file(system):
    preview = look(system, members(member(), member()))[1]

    assert [(f.code, f.row) for f in preview.errors] == [("missing_sheet", None)]
    assert preview.read["members"] == 2


def test_a_sheet_without_identity_numbers_is_one_fault(system):
    headings = [h for h in MEMBERS if h != "公民身份号码"]
    row = [VALID[h] for h in headings]

    preview = look(system, organizations(*TREE), members(row, row, headings=headings))[1]

    assert [(f.code, f.row) for f in preview.errors] == [("missing_column", None)]


def test_an_error_value_and_an_empty_formula_are_refused_where_they_matter(system):
    from tests.conftest import TODAY
    from tests.imports.sheets import book
    from zhibu.imports import checking, rules
    from zhibu.imports.targets import Check

    read = book(organizations(*TREE), members(member(入党日期="", 转正日期="")))
    read.sheets[1].odd = {(1, 5): "#REF!", (1, 6): ""}

    _, preview = checking.check_book(
        read, Check(system, rules.grounds(system)[0], TODAY), file_name="x"
    )

    assert [(f.column, f.code) for f in preview.errors] == [
        ("入党日期", "error_cell"),
        ("转正日期", "formula_without_value"),
    ]


def test_branch_merged_over_its_rows_holds_for_each(system):
    from tests.conftest import TODAY
    from tests.imports.sheets import book
    from zhibu.imports import checking, rules
    from zhibu.imports.targets import Check

    second = member(姓名="王红", 性别="女", 公民身份号码=WOMAN, 所在党支部="")
    read = book(organizations(*TREE), members(member(), second))
    read.sheets[1].merged = [(1, 8, 2, 8)]

    _, preview = checking.check_book(
        read, Check(system, rules.grounds(system)[0], TODAY), file_name="x"
    )

    assert codes(preview) == []
    assert preview.clean["members"] == 2


# --- guests


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ([*MEMBERS, "流入地党支部"], [*member(), "机关第一党支部"]),
        ([*MEMBERS, "托管支部"], [*member(), "机关第一支部"]),
        ([*MEMBERS, "现所在支部"], [*member(), "机关第一党支部"]),
    ],
)
def test_a_member_away_from_home_is_a_guest_there(tree, cast, headings, row):
    from tests.imports.bringing import bring
    from zhibu.ledger.verify import verify
    from zhibu.people.models import Person

    bring(cast["township officer"], members(row, headings=headings))

    person = Person.objects.get(name="顾长林", born_on=BORN)
    rows = person.belongings.order_by("kind").values_list("kind", "organization")
    assert list(rows) == [("home", tree.village.pk), ("host", tree.inner.pk)]
    assert (person.path, person.host_path) == (tree.village.path, tree.inner.path)
    assert verify().faults == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [("外省某支部", "unknown_host"), ("东镇委员会", "host_not_fitting")],
)
def test_a_host_that_cannot_be_is_said_and_the_member_comes_in(tree, cast, typed, code):
    from tests.imports.bringing import apply
    from zhibu.people.models import Person

    officer = cast["township officer"]
    rows = members([*member(), typed], headings=[*MEMBERS, "流入地支部"])

    check, preview = look(officer, rows)
    apply(officer, check, preview)

    assert warned(preview) == [code]
    assert Person.objects.get(name="顾长林", born_on=BORN).host_path == ""


def test_undo_takes_guests_out_of_branches_that_stay(tree, cast):
    from tests.conftest import NOON
    from tests.imports.bringing import bring, clock
    from zhibu.imports import actions
    from zhibu.people.models import Belonging

    officer = cast["township officer"]
    before = Belonging.objects.count()
    batch = bring(officer, members([*member(), "机关第一党支部"], headings=[*MEMBERS, "流入支部"]))

    batch.refresh_from_db()
    actions.undo(batch, by=officer, at=NOON, clock=clock)

    assert Belonging.objects.count() == before
