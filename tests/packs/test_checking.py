"""What can be read but does not hold together: citations, references, limits, examples."""

import json

import pytest

from tests.packs import makers
from tests.packs.makers import ACTIVITY, ACTIVITY_FILE, DUTY, DUTY_FILE, example, with_file
from zhibu.packs import checking, command, library, limits
from zhibu.packs.reading import read

OTHERS = library.shipped()
CITE = """
[[cites]]
source = "charter"
at = "第三条"
seen = "text"
"""


def told(found: dict[str, str]) -> list[tuple[str, str, str]]:
    """File, place, message of every fault of a pack that can be read."""
    pack, faults = read(found)
    assert faults == []
    assert pack is not None
    return [(f.file, f.place, f.message) for f in checking.problems(pack, OTHERS)]


def test_small_pack_has_no_problems():
    assert told(makers.files()) == []


@pytest.mark.parametrize("folder", library.shipped_folders(), ids=lambda f: f.name)
def test_shipped_pack_has_no_problems(folder):
    _, faults = checking.check_folder(folder, OTHERS)

    assert faults == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            DUTY_FILE,
            DUTY.replace('"charter"', '"statute"'),
            (DUTY_FILE, "cites", "来源 statute 不在 sources.toml 里"),
        ),
        (
            "sources.toml",
            makers.SOURCES + '[source.unused]\ntitle = "没用的"\nshort = "没用"\n',
            ("sources.toml", "unused", "没有条目引用它"),
        ),
        (
            "pack.toml",
            makers.HEAD + 'requires = ["demo/absent"]\n',
            ("pack.toml", "requires", "没有制度包 demo/absent"),
        ),
        ("CHANGES.md", "", ("CHANGES.md", "", "没有写变化")),
        (
            DUTY_FILE,
            DUTY.replace('["branch"]', '["branch", "twig"]'),
            (DUTY_FILE, "applies_to", "没有组织类别 twig"),
        ),
        (
            DUTY_FILE,
            DUTY.replace('["demo/small:assembly"]', '["demo/small:assembly", "demo/small:ball"]'),
            (DUTY_FILE, "fulfilled_by", "没有活动 demo/small:ball"),
        ),
        (
            DUTY_FILE,
            DUTY.replace('"organization"', '"post"').replace(
                "times = 2", 'times = 2\npost = "piper"\ncredited_through = "chair"'
            ),
            (DUTY_FILE, "post", "没有职务 piper"),
        ),
        (
            DUTY_FILE,
            DUTY + '\n[when]\nall = ["is_blue"]\n',
            (DUTY_FILE, "when", "没有条件“is_blue”，可用的有 "),
        ),
        (
            DUTY_FILE,
            DUTY + '\n[when]\nall = ["is_full_member"]\n',
            (DUTY_FILE, "when", "条件“is_full_member”说的是 person，这里要 organization"),
        ),
        (
            DUTY_FILE,
            DUTY + '\n[when]\nall = [{ is = "members_at_least", count = "three" }]\n',
            (DUTY_FILE, "when", "条件“members_at_least”的参数 count：要写成整数（现在是 three）"),
        ),
        (
            DUTY_FILE,
            DUTY + '\n[when]\nall = ["members_at_least"]\n',
            (DUTY_FILE, "when", "条件“members_at_least”的参数 count：少了这一项"),
        ),
        (
            DUTY_FILE,
            DUTY + '\n[when]\nnone = [{ is = "in_field", fields = ["sea"] }]\n',
            (DUTY_FILE, "when", "条件“in_field”的参数 fields：没有领域 sea"),
        ),
        (
            ACTIVITY_FILE,
            ACTIVITY.replace('"members"', '"group"'),
            (ACTIVITY_FILE, "roll", "只有党小组开的会可以点本小组的名"),
        ),
        (
            ACTIVITY_FILE,
            ACTIVITY
            + '\n[[outcomes]]\nid = "height"\ntitle = "高度"\n'
            + 'type = "altitude"\nrequired = false\n',
            (ACTIVITY_FILE, "outcomes", "字段 height：没有类型“altitude”"),
        ),
        (
            "posts/piper/2018-01-01.toml",
            'title = "吹手"\nof = ["branch"]\nrole = "piper"\n' + CITE,
            ("posts/piper/2018-01-01.toml", "role", "没有角色 piper"),
        ),
        (
            "posts/piper/2018-01-01.toml",
            'title = "吹手"\nof = ["branch"]\nrole = "system-admin"\n' + CITE,
            ("posts/piper/2018-01-01.toml", "role", "没有角色 system-admin"),
        ),
        (
            "posts/piper/2018-01-01.toml",
            'title = "吹手"\nof = ["branch"]\nrole = "branch-committee"\n'
            'apart_from = ["branch-secretary", "drummer"]\n' + CITE,
            ("posts/piper/2018-01-01.toml", "apart_from", "没有职务 drummer"),
        ),
        (
            "hints/loud/2018-01-01.toml",
            'title = "太吵"\napplies_to = ["twig"]\ntext = "请小声。"\nwhen = {}\n' + CITE,
            ("hints/loud/2018-01-01.toml", "applies_to", "没有组织类别 twig"),
        ),
        (
            "examples/twice.toml",
            example(10, 20, side="at", state="done").replace("small:assembly", "small:ball"),
            ("examples/twice.toml", "given.activity[0].kinds", "没有活动 demo/small:ball"),
        ),
        (
            "examples/twice.toml",
            example(10, 20, side="at", state="done").replace('"times"', '"tims"'),
            ("examples/twice.toml", "covers duties/assembly tims", "没有这个限度"),
        ),
        (
            "examples/twice.toml",
            example(10, 20, side="at", state="done").replace(
                'duty = "demo/small:assembly"', 'duty = "national/branch-life:theme-day"'
            ),
            (
                "examples/twice.toml",
                "covers duties/assembly times",
                "例子里没有看这一条的结果",
            ),
        ),
    ],
)
def test_problem_is_named_where_it_is(name, text, expected):
    found = told(with_file(name, text))

    assert any(f[:2] == expected[:2] and f[2].startswith(expected[2]) for f in found), found


def test_limit_without_an_example_beyond_it_is_a_problem():
    assert told(with_file("examples/once.toml", None)) == [
        (DUTY_FILE, "times", "限度 2 没有例子说明超出的情形")
    ]


def test_limit_without_any_example_is_one_problem():
    found = with_file("examples/once.toml", None)
    del found["examples/twice.toml"]

    assert told(found) == [(DUTY_FILE, "times", "限度 2 没有例子说明刚好和超出的情形")]


def test_every_number_share_and_duration_is_a_limit_but_not_an_order_on_the_page():
    found = {
        (limit.item, limit.field, limit.value)
        for pack in library.shipped().values()
        for limit in limits.limits(pack)
    }

    assert ("duties/general-meeting", "times", "1") in found
    assert ("activities/general-meeting", "vote.majority.share", "1/2") in found
    assert ("activities/theme-day", "theme.not_again_within", "P1Y") in found
    assert ("hints/term-ends-soon", "when.all[0].within", "P6M") in found
    assert not any(field in {"rank", "seats"} for _, field, _ in found)


REFINING = DUTY.replace(
    "times = 2", 'times = 1\nrefines = "national/branch-life:theme-day"'
).replace("demo/small:assembly", "national/branch-life:theme-day")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (REFINING.replace('"month"', '"year"'), "周期和承担的人要与"),
        (REFINING.replace('"organization"', '"party-group"'), "周期和承担的人要与"),
        (
            REFINING.replace("times = 1", 'times = 1\nentered_within = "P3D"'),
            "记录期限 P3D 长于原来的 P0D",
        ),
        (REFINING + '\n[when]\nall = ["has_committee"]\n', "条件与原来的不一样"),
        (REFINING.replace('branch-life:theme-day"\nful', 'branch-life:ball"\nful'), "没有应办"),
    ],
)
def test_refining_may_only_add(text, message):
    found = [f for f in told(with_file(DUTY_FILE, text)) if f[1] == "refines"]

    assert len(found) == 1
    assert found[0][2].startswith(message)


def test_refining_with_fewer_times_is_a_problem():
    base = makers.pack()
    found = makers.files()
    found["pack.toml"] = makers.HEAD.replace("demo/small", "demo/other")
    found[DUTY_FILE] = DUTY.replace("times = 2", 'times = 1\nrefines = "demo/small:assembly"')
    refining, _ = read(found)

    problems = checking.problems(refining, {**OTHERS, base.id: base})

    assert [f.message for f in problems if f.place == "refines"] == ["次数 1 少于原来的 2"]


def test_refining_may_not_drop_what_was_required():
    shipped = OTHERS["seeds/mingguang-theme-day"]
    text = shipped.files["duties/theme-day/2017-01-01.toml"]
    weaker = text.replace(
        'refines = "national/branch-life:theme-day"',
        'refines = "seeds/mingguang-theme-day:theme-day"',
    ).replace('title = "交纳党费"\nrequired = true', 'title = "交纳党费"\nrequired = false')

    found = told(
        with_file("duties/weaker/2018-01-01.toml", weaker.replace('mingguang"\nat', 'charter"\nat'))
    )

    assert ("duties/weaker/2018-01-01.toml", "refines", "原来必选的 dues 没有了") in found


def test_part_that_rests_on_memory_alone_is_a_problem():
    vote = """
[vote]
attendance = { share = "1/2", of = "entitled" }
majority = { share = "1/2", of = "entitled" }

[[vote.cites]]
source = "charter"
at = "第九条"
seen = "memory"
"""
    found = told(with_file(ACTIVITY_FILE, ACTIVITY + vote))

    assert (ACTIVITY_FILE, "vote.cites", "依据只凭记忆，这一部分不能用") in found


def test_item_that_rests_on_memory_alone_may_be_written_and_is_off():
    text = DUTY.replace('seen = "page"\narticle_seen = false', 'seen = "memory"')
    found = with_file(DUTY_FILE, text)

    assert told(found) == []
    assert not makers.pack(found).items["duties", "assembly"][0].item.is_confirmed


def test_folder_and_id_must_agree_except_for_local_packs(tmp_path):
    folder = tmp_path / "demo" / "renamed"
    _write(folder, with_file("pack.toml", makers.HEAD.replace('"local"', '"seed"')))

    _, faults = checking.check_folder(folder, OTHERS)

    assert [f.message for f in faults] == ["编号 demo/small 与文件夹 demo/renamed 不一致"]


def _write(folder, found):
    for name, text in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


@pytest.mark.django_db
def test_command_lists_every_fault_as_json(tmp_path, capsys):
    folder = tmp_path / "small"
    found = with_file(DUTY_FILE, DUTY.replace("times = 2", "times = 0"))
    _write(folder, found | {"sources.toml": "source = 3"})

    code = command.check_pack(folder, as_json=True)

    said = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (said["format"], said["pack"], said["ok"]) == (1, "demo/small", False)
    assert {
        "file": DUTY_FILE,
        "place": "times",
        "message": "太小（现在是 0）",
        "remedy": "不小于 1",
    } in said["faults"]
    assert {f["file"] for f in said["faults"]} >= {DUTY_FILE, "sources.toml"}


@pytest.mark.django_db
def test_command_says_that_nothing_is_wrong(tmp_path, capsys):
    _write(tmp_path / "small", makers.files())

    assert command.check_pack(tmp_path / "small", as_json=False) == 0
    assert capsys.readouterr().out == "demo/small：没有问题\n"


@pytest.mark.django_db
def test_command_says_what_is_wrong_with_a_folder_that_is_not_there(tmp_path, capsys):
    assert command.check_pack(tmp_path / "nothing", as_json=False) == 1
    assert "pack.toml" in capsys.readouterr().out


def test_a_shipped_pack_that_is_not_whole_is_told_of_in_one_line(tmp_path, capsys, monkeypatch):
    def broken():
        raise library.BrokenPack("制度包 estates 读不出来：少一行")

    monkeypatch.setattr(library, "shipped", broken)

    assert command.check_pack(tmp_path, as_json=False, installed=False) == 1
    assert capsys.readouterr().out == "制度包 estates 读不出来：少一行\n"
