from pathlib import Path

import pytest

import zhibu
from tests.imports.sheets import sheet
from zhibu.imports.reading import Book
from zhibu.imports.recognition import load_vocabulary, normal_heading, recognise

PACKAGE = Path(zhibu.__file__).parent
WORDS = {
    "organizations": load_vocabulary(PACKAGE / "organizations/importing/words.toml"),
    "members": load_vocabulary(PACKAGE / "people/importing/words.toml"),
}


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        ("name", ["姓名", "姓 名", "*姓名", "姓名（必填）", "党员姓名", "1、姓名", "姓\n名"]),
        ("sex", ["性别", "性 别", "性别（男/女）"]),
        ("ethnicity", ["民族", "族别"]),
        ("born_on", ["出生日期", "出生年月", "出生年月日", "生日", "出生时间", "出生日期(年月日)"]),
        (
            "id_number",
            [
                "公民身份号码", "身份证号", "身份证号码", "身份证号码（18位）", "公民身份证号码",
                "居民身份证号码", "证件号码", "身份证", "★身份证号", "本人身份证号码",
            ],
        ),
        ("education", ["学历", "文化程度", "最高学历"]),
        (
            "joined_on",
            [
                "入党日期", "入党时间", "加入中共组织日期", "加入中共组织时间", "加入党组织时间",
                "加入中国共产党时间", "入党年月", "入党时间（年月日）", "接收为预备党员日期",
                "加入中国共产党组织的时间",
            ],
        ),
        (
            "confirmed_on",
            ["转正日期", "转正时间", "转为正式党员日期", "转为正式党员的时间", "按期转正时间"],
        ),
        ("category", ["人员类别", "党员类别", "政治面貌", "正式/预备", "是否正式党员"]),
        (
            "branch",
            [
                "所在党支部", "所在支部", "所属党组织", "党支部名称", "组织全称", "所属党支部名称",
                "组织关系所在党支部", "所在党支部（全称）", "党组织名称",
            ],
        ),
        ("branch_code", ["党支部代码", "所在党组织代码", "支部编码"]),
        ("parent", ["所属党委", "上级党组织", "乡镇（街道）", "乡镇/街道"]),
        ("group", ["党小组", "所在党小组"]),
        ("posts", ["党内职务", "支部职务", "现任党内职务", "担任党内职务"]),
        ("occupation", ["工作岗位", "职业", "工作单位及职务"]),
        ("phone", ["联系电话", "手机号码", "手机", "联系电话（手机）", "联系方式"]),
        ("address", ["家庭住址", "现居住地", "家庭详细住址"]),
    ],
)  # fmt: skip
def test_headings_of_members_are_known_by_all_their_names(field, headings):
    found = {heading: WORDS["members"].field_of(heading) for heading in headings}

    assert {h: f and f[0] for h, f in found.items()} == dict.fromkeys(headings, field)


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        ("code", ["组织代码", "党组织代码", "组织编码", "党支部代码", "代码"]),
        ("name", ["组织名称", "组织全称", "党组织名称", "党支部名称", "党组织全称（与公章一致）"]),
        ("kind", ["组织类别", "组织类型", "党组织类型", "类别"]),
        ("parent_code", ["上级组织代码", "上级党组织代码", "上级编码", "隶属党组织代码"]),
        (
            "parent",
            [
                "上级党组织",
                "上级组织名称",
                "上级党组织全称",
                "所属党委",
                "隶属党组织",
                "直接上级党组织",
            ],
        ),
        ("field", ["领域", "所属领域", "单位类别", "行业"]),
        ("established_on", ["成立日期", "成立时间", "批准成立时间", "党组织建立时间"]),
        (
            "term_ends_on",
            ["本届届满日期", "届满时间", "任期届满日期", "应换届时间", "下次换届时间"],
        ),
    ],
)
def test_headings_of_organisations_are_known_by_all_their_names(field, headings):
    found = {heading: WORDS["organizations"].field_of(heading) for heading in headings}

    assert {h: f and f[0] for h, f in found.items()} == dict.fromkeys(headings, field)


@pytest.mark.parametrize(
    "heading",
    [
        "备注", "入党介绍人", "申请入党时间", "列为积极分子时间", "是否流动党员", "籍贯", "职称",
        "参加工作时间", "组织关系转入时间", "入党时所在支部", "党费缴纳标准", "流动去向",
        "入党志愿书编号", "身份证有效期", "转正申请时间", "年龄", "党龄", "序号", "出生地",
    ],
)  # fmt: skip
def test_other_headings_are_taken_for_nothing(heading):
    assert WORDS["members"].field_of(heading) is None


def test_no_heading_stands_for_two_fields():
    for vocabulary in WORDS.values():
        seen = {}
        for words in vocabulary.fields.values():
            for heading in (words.title, *words.headings):
                plain = normal_heading(heading)
                assert seen.setdefault(plain, words.id) == words.id, heading


HEAD = ["序号", "姓名", "身份证号", "所在党支部", "入党时间"]
DATA = [1, "顾长林", "990101198003050018", "前村党支部", "2005-07-01"]


def tables(*sheets):
    return recognise(Book([sheet(name, rows) for name, rows in sheets]), WORDS)


@pytest.mark.parametrize("above", [0, 1, 5, 19])
def test_the_heading_row_is_found_below_titles(above):
    titles = [["某县党员花名册"], *[[]] * max(0, above - 1)][:above]

    found, _ = tables(("任意名字", [*titles, HEAD, DATA]))

    assert found[0].target == "members"
    assert found[0].heading_row == above + 1
    assert [row.number for row in found[0].rows] == [above + 2]


def test_headings_over_two_rows_are_read_together():
    upper = ["序号", "姓名", "证件", "入党", "", "所在党支部"]
    lower = ["", "", "身份证号", "时间", "介绍人", ""]
    read = sheet("表", [upper, lower, [1, "顾长林", "99", "2005-07-01", "王红", "前村党支部"]])
    read.merged = [(0, 3, 0, 4), (0, 1, 1, 1)]

    found, _ = recognise(Book([read]), WORDS)

    columns = {name: column.index for name, column in found[0].columns.items()}
    assert columns == {"name": 1, "id_number": 2, "joined_on": 3, "branch": 5}
    assert [row.number for row in found[0].rows] == [3]


def test_sheets_are_told_by_headings_not_by_name_or_place():
    organizations = [["党组织名称", "类型", "上级党组织"], ["前村党支部", "党支部", "东镇党委"]]

    found, skipped = tables(
        ("说明", [["填表说明"], ["一、请如实填写"]]),
        ("党员", organizations),
        ("组织", [HEAD, DATA]),
        ("Sheet4", []),
    )

    assert [(t.name, t.target) for t in found] == [("党员", "organizations"), ("组织", "members")]
    assert [(s.sheet, s.reason) for s in skipped] == [
        ("说明", "not_recognised"),
        ("Sheet4", "empty_sheet"),
    ]


def test_rows_that_are_no_data_are_stepped_over_and_listed():
    rows = [
        HEAD,
        ["", 1, 2, 3, 4],
        ["例", "张三", "110101199001010000", "某支部", "2010-01-01"],
        DATA,
        [],
        ["东镇党委"],
        HEAD,
        [2, "王红", "990101198003050026", "前村党支部", "2006-07-01"],
        [3],
        ["合计", 2],
        ["小计：2人"],
        ["填表人：李四", "", "审核人：王五"],
        ["注：本表一式两份"],
        [],
    ]

    found, _ = tables(("表", rows))

    assert [row.number for row in found[0].rows] == [4, 8]
    assert [(s.row, s.reason) for s in found[0].skipped] == [
        (2, "column_numbers"),
        (3, "example"),
        (5, "blank"),
        (6, "section"),
        (7, "heading"),
        (10, "total"),
        (11, "total"),
        (12, "note"),
        (13, "note"),
    ]


def test_a_row_with_little_in_it_is_still_a_row():
    rows = [HEAD, [1, "顾长林", "", "", ""], [2, "", "990101198003050018", "", ""], ["", "王红"]]

    found, _ = tables(("表", rows))

    assert [row.number for row in found[0].rows] == [2, 3, 4]


def test_columns_without_a_field_are_named():
    headings = [*HEAD, "手机", "联系电话", "备注", "流动去向"]

    found, _ = tables(("表", [headings, [*DATA, "1", "2", "", ""]]))

    assert found[0].columns["phone"].heading == "联系电话"
    assert dict(found[0].not_taken) == {
        "序号": "只是编号",
        "手机": "和“联系电话”是同一项",
        "备注": "还没有这一项",
        "流动去向": "还没有这一项",
    }


def test_hidden_sheets_are_not_read_but_listed():
    _, skipped = recognise(Book([sheet("表", [HEAD, DATA])], hidden=["旧名册"]), WORDS)

    assert [(s.sheet, s.reason) for s in skipped] == [("旧名册", "hidden_sheet")]
