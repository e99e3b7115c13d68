"""Strict reading: every fault at once, each with file, place, what is wrong and what to do."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.packs import makers
from tests.packs.makers import ACTIVITY, ACTIVITY_FILE, DUTY, DUTY_FILE, HEAD, with_file
from zhibu.packs import checking, library
from zhibu.packs.reading import digest_of, files_of, read


def told(found: dict[str, str]) -> list[str]:
    _, faults = read(found)
    return [str(fault) for fault in faults]


def test_small_pack_reads_without_faults():
    assert told(makers.files()) == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "dutys/assembly/2018-01-01.toml",
            DUTY,
            (
                "dutys/assembly/2018-01-01.toml：不认识的文件。"
                "可用的文件夹有 activities、assignment-forms、campaigns、caps、"
                "catalogues、duties、field-notes、hints、pair-kinds、posts、procedures、registers、tightenings、examples、templates，"
                "检查有没有拼错"
            ),
        ),
        (
            "duties/assembly.toml",
            DUTY,
            "duties/assembly.toml：不认识的文件。放成 duties/编号/开始施行日.toml",
        ),
        (
            "duties/assembly/2018-13-01.toml",
            DUTY,
            (
                "duties/assembly/2018-13-01.toml：文件名不是日期。"
                "用开始施行的那天命名，例如 2018-10-28.toml"
            ),
        ),
        (
            "duties/assembly/20180101.toml",
            DUTY,
            (
                "duties/assembly/20180101.toml：文件名不是日期。"
                "用开始施行的那天命名，例如 2018-10-28.toml"
            ),
        ),
        (
            "duties/Assembly Day/2018-01-01.toml",
            DUTY,
            (
                "duties/Assembly Day/2018-01-01.toml：文件夹名 Assembly Day 不能作编号。"
                "用小写字母、数字和短横，例如 general-meeting"
            ),
        ),
        (
            DUTY_FILE,
            DUTY.replace("times = 2", "tims = 2"),
            (
                f"{DUTY_FILE}：tims：没有这个键（现在是 2）。"
                "可用的键见 docs/packs.md 的 Duty；也可能写在了上一个 [[表]] 后面"
            ),
        ),
        (
            DUTY_FILE,
            makers.without(DUTY, "times = 2") + "times = 2\n",
            (
                f"{DUTY_FILE}：cites[0].times：没有这个键（现在是 2）。"
                "可用的键见 docs/packs.md 的 Duty；也可能写在了上一个 [[表]] 后面"
            ),
        ),
        (
            DUTY_FILE,
            DUTY.replace("times = 2", 'times = "2"'),
            f"{DUTY_FILE}：times：要写成整数（现在是 2）。照 docs/packs.md 改",
        ),
        (
            DUTY_FILE,
            DUTY.replace("times = 2", "times = 0"),
            f"{DUTY_FILE}：times：太小（现在是 0）。不小于 1",
        ),
        (
            DUTY_FILE,
            DUTY.replace('every = "month"', 'every = "fortnight"'),
            (
                f"{DUTY_FILE}：every：不是可用的值（现在是 fortnight）。"
                "可用的有 week、month、quarter、half-year、year"
            ),
        ),
        (
            DUTY_FILE,
            makers.without(DUTY, 'holder = "organization"'),
            f"{DUTY_FILE}：holder：少了这一项。补上，写法见 docs/packs.md",
        ),
        (
            DUTY_FILE,
            DUTY.replace('["demo/small:assembly"]', '["assembly"]'),
            (
                f"{DUTY_FILE}：fulfilled_by[0]：写法不对（现在是 assembly）。"
                "用小写字母、数字和短横，例如 general-meeting；引用写成 出版者/包:条目"
            ),
        ),
        (
            DUTY_FILE,
            DUTY.replace("article_seen = false\n", ""),
            (
                f"{DUTY_FILE}：cites[0]：见于网页的要写 article_seen："
                "条款号见到了写 true，没有见到写 false。照 docs/packs.md 改"
            ),
        ),
        (
            ACTIVITY_FILE,
            ACTIVITY + "article_seen = true\n",
            (
                f"{ACTIVITY_FILE}：cites[0]：article_seen 只在 seen 是 page、又写了条款时写。"
                "照 docs/packs.md 改"
            ),
        ),
        (
            DUTY_FILE,
            DUTY.replace("times = 2", 'times = 2\nentered_within = "PT2H"'),
            (
                f"{DUTY_FILE}：entered_within：“PT2H”要按天、月、年写，不能带小时、分钟。"
                "照 docs/packs.md 改"
            ),
        ),
        (
            DUTY_FILE,
            DUTY.replace("[[cites]]", "[[cites]"),
            None,
        ),
        ("pack.toml", HEAD.replace("1.0.0", "1"), None),
        ("pack.toml", None, "pack.toml：没有这个文件。每个制度包都要有 pack.toml"),
        ("sources.toml", None, "sources.toml：没有这个文件。依据的文件要列在 sources.toml"),
        ("sources.toml", "source = 3\n", "sources.toml：source：要写成表。写成 [source.编号]"),
        (
            "sources.toml",
            "[sources.charter]\n",
            "sources.toml：sources：没有这个表。写成 [source.编号]",
        ),
    ],
)
def test_fault_names_file_place_and_remedy(name, text, expected):
    found = told(with_file(name, text))

    assert len(found) == 1
    assert found[0].startswith(f"{name}：")
    assert expected is None or found == [expected]


def test_faults_of_all_files_come_at_once():
    found = makers.files()
    found["pack.toml"] = HEAD.replace('kind = "local"', 'kind = "village"')
    found[DUTY_FILE] = DUTY.replace("times = 2", "times = 0\nevry = 1")
    found[ACTIVITY_FILE] = ACTIVITY.replace('roll = "members"', "")
    found["hint/empty/2018-01-01.toml"] = ""

    places = [(fault.file, fault.place) for fault in read(found)[1]]

    assert places == [
        ("pack.toml", "kind"),
        (ACTIVITY_FILE, "roll"),
        (DUTY_FILE, "times"),
        (DUTY_FILE, "evry"),
        ("hint/empty/2018-01-01.toml", ""),
    ]


def test_pack_without_a_head_is_none():
    pack, faults = read(with_file("pack.toml", None))

    assert pack is None
    assert faults


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (date(2017, 12, 31), None),
        (date(2018, 1, 1), 2),
        (date(2025, 12, 31), 2),
        (date(2026, 1, 1), 3),
        (date(2030, 1, 1), 3),
    ],
)
def test_wording_on_the_day_before_on_and_after_it_takes_force(day, times):
    found = makers.files()
    found["duties/assembly/2026-01-01.toml"] = DUTY.replace("times = 2", "times = 3")

    wording = makers.pack(found).wording_on("duties", "assembly", day)

    assert (wording.item.times if wording else None) == times


def test_digest_is_the_same_whatever_the_order_and_another_for_any_change():
    found = makers.files()
    turned = dict(reversed(found.items()))

    assert digest_of(found) == digest_of(turned)
    assert digest_of(found) != digest_of({**found, "pack.toml": HEAD + "\n"})
    assert digest_of({"a": "bc"}) != digest_of({"ab": "c"})
    assert digest_of({"a": "1"}) == (
        "0e9c3156ac694b081269e7631db910df955a4df29e20086134d7aa57f4e54795"
    )


def test_page_of_a_wording_says_when_the_article_number_was_not_seen():
    pack = makers.pack()

    duty = pack.wording_on("duties", "assembly", date(2026, 1, 1))
    activity = pack.wording_on("activities", "assembly", date(2026, 1, 1))

    assert pack.cited(duty) == "章程 第二条（条款号待核）"
    assert pack.cited(activity) == "章程 第一条"


def test_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "pack.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ValueError, match="不是 UTF-8 文本"):
        files_of(tmp_path)


def test_file_too_large_is_refused(tmp_path):
    (tmp_path / "pack.toml").write_text("#" * 200_001)

    with pytest.raises(ValueError, match="太大"):
        files_of(tmp_path)


# --- whatever is done to a pack, it is read or its faults are told

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80)
LITTLE = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.floats().map(str),
    st.sampled_from(
        ["true", "[]", "{}", '""', '"x"', "2018-01-01", '"P1Y"', '"PT1M"', '"P99999999Y"', '"1/0"',
         "[[]]", "[{}]", '{ is = "has_groups" }', '["national/branch-life:theme-day"]', "1e400"]
    ),
)  # fmt: skip
SHIPPED = {pack.id: dict(pack.files) for pack in library.shipped().values()}


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_any_pack_with_values_replaced_is_read_or_told_why_not(data):
    found = dict(data.draw(st.sampled_from(sorted(SHIPPED)).map(SHIPPED.__getitem__)))
    for name in data.draw(st.lists(st.sampled_from(sorted(found)), max_size=4)):
        lines = found[name].splitlines()
        number = data.draw(st.integers(0, len(lines) - 1))
        key, equals, _ = lines[number].partition("=")
        lines[number] = f"{key}{equals} {data.draw(LITTLE)}" if equals else data.draw(TEXTS)
        found[name] = "\n".join(lines)

    pack, faults = read(found)

    assert pack is not None or faults
    if pack is not None:
        assert all(isinstance(str(f), str) for f in checking.problems(pack, library.shipped()))


NOBODY_ASKS_FOR = ("posts/", "terms.toml", "examples/", "assignment-forms/")


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_any_subset_of_files_is_read_or_told_why_not(data):
    found = data.draw(st.sampled_from(sorted(SHIPPED)).map(SHIPPED.__getitem__))
    gone = data.draw(st.sets(st.sampled_from(sorted(found)), max_size=len(found)))
    left = {name: text for name, text in found.items() if name not in gone}

    pack, faults = read(left)

    assert (pack is None) == ("pack.toml" in gone)
    if pack is not None:
        faults += checking.problems(pack, library.shipped())
    assert faults or all(n.startswith(NOBODY_ASKS_FOR) or is_unnamed(n, left) for n in gone)


def is_unnamed(name, left):
    """Whether nothing that is left speaks of an item: with its examples it is gone for good."""
    item = name.split("/")[1] if name.count("/") == 2 else name
    return all(item not in text for path, text in left.items() if path != "CHANGES.md")


@settings(deadline=None, max_examples=40)
@given(name=TEXTS.filter(bool), text=TEXTS)
def test_any_further_file_is_read_or_told_why_not(name, text):
    pack, faults = read({**makers.files(), name: text})

    assert pack is not None or faults
