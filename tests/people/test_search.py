"""Finding people: by name, pinyin, initials, whole number; never beyond one's reach."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.conftest import NOON, TODAY
from zhibu.core.encryption import keyed_hash
from zhibu.people import actions, names, queries
from zhibu.people.models import NameToken, Person

pytestmark = pytest.mark.django_db

# Names that test the index: doubled characters, rare surnames, a dot, three syllables, one.
NAMES = (
    "王芳", "王芳芳", "李芳", "单雄信", "仇英", "曾巩", "吕布", "吕雉", "欧阳修",
    "阿依古丽·买买提",
    "区志国", "爱新觉罗", "解缙", "任芳", "张三丰", "张丰", "丰子恺", "章太炎", "尉迟恭",
    "Anna", "覃小芳",
)  # fmt: skip


def plain_scan(text):
    """The names that hold ``text`` as a run of characters, in their own order."""
    wanted = "".join(text.lower().split()).replace("·", "")
    return sorted(name for name in NAMES if wanted in name.lower().replace("·", ""))


@pytest.fixture
def roster(tree):
    for name in NAMES:
        factories.member(tree.village, by=tree.system, name=name)
    return tree


def found(user, text, **more):
    rows = queries.search(user, text, on=TODAY, **more)
    return sorted(rows.values_list("name", flat=True))


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_search_finds_any_run_of_characters_like_a_plain_scan(length, roster):
    runs = {
        name[start : start + length]
        for name in NAMES
        for start in range(len(name) - length + 1)
        if "·" not in name[start : start + length]
    }

    assert len(runs) > 1
    for run in sorted(runs):
        hits = {n for n in found(roster.system, run) if run.lower() in n.lower()}
        assert sorted(hits) == plain_scan(run), run


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(alphabet="王芳李单仇曾吕欧阳张三丰·", min_size=1, max_size=4))
@example("芳芳")
@example("·")
@example("丰张")
def test_search_by_characters_equals_a_plain_scan(roster, text):
    expected = plain_scan(text) if text.strip("·") else []

    assert found(roster.system, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wangfang", ["王芳", "王芳芳"]),
        ("WANG fang", ["王芳", "王芳芳"]),
        ("wf", ["王芳", "王芳芳"]),
        ("wff", ["王芳芳"]),
        ("shan", ["单雄信"]),
        ("dan", ["单雄信"]),
        ("sxx", ["单雄信"]),
        ("qiu", ["仇英"]),
        ("chou", ["仇英"]),
        ("zeng", ["曾巩"]),
        ("ceng", ["曾巩"]),
        ("lv", ["吕布", "吕雉"]),
        ("lü", ["吕布", "吕雉"]),
        ("lubu", ["吕布"]),
        ("lyubu", ["吕布"]),
        ("lb", ["吕布"]),
        ("ouyang", ["欧阳修"]),
        ("ou", ["区志国", "欧阳修"]),
        ("xie", ["解缙"]),
        ("ren", ["任芳"]),
        ("qinxiaofang", ["覃小芳"]),
        ("tan", ["覃小芳"]),
        ("zsf", ["张三丰"]),
        ("anna", ["Anna"]),
        ("王 芳", ["王芳", "王芳芳"]),
        ("古丽买", ["阿依古丽·买买提"]),
        ("古丽·买", ["阿依古丽·买买提"]),
        ("zhangfeng", ["张丰"]),
        ("fang", []),
        ("没有", []),
        ("%", []),
        ("_", []),
        ("\U0010ffff", []),
    ],
)
def test_search_by_pinyin_initials_and_spelling(text, expected, roster):
    assert found(roster.system, text) == sorted(expected)


def test_search_for_nothing_finds_everybody(roster):
    assert found(roster.system, "  ") == sorted(NAMES)


NUMBER, PHONE = "990101195707011234", "13800000021"


@pytest.fixture
def numbered(tree):
    from stdnum.cn import ric

    number = NUMBER[:17] + ric.calc_check_digit(NUMBER)
    factories.member(tree.village, by=tree.system, name="蒋红梅", id_number=number, phone=PHONE)
    factories.member(tree.far, by=tree.system, name="远方人", phone="05148612345")
    return number


def test_search_by_whole_number_finds_its_person(numbered, tree):
    spaced = f"{numbered[:6]} {numbered[6:14]} {numbered[14:]}"

    for text in (numbered, numbered.lower(), spaced, PHONE, "138 0000 0021", "+86 138-0000-0021"):
        assert found(tree.system, text) == ["蒋红梅"], text
    assert found(tree.system, "0514-8612345") == ["远方人"]


def test_search_by_part_of_a_number_finds_nobody(numbered, tree):
    for text in (numbered[:17], numbered[1:], numbered[:10], "1380000002", "0000021", "9901"):
        assert found(tree.system, text) == [], text


def test_numbers_are_not_in_the_database_to_be_searched(numbered):
    person = Person.objects.get(name="蒋红梅")

    assert numbered.encode() not in bytes(person.id_number_sealed)
    assert person.id_number_hash == keyed_hash(numbered, purpose="id_number")
    assert person.id_number_hash != keyed_hash(numbered, purpose="phone")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("secretary", ["蒋红梅"]),
        ("township officer", ["蒋红梅"]),
        ("county officer", ["蒋红梅"]),
        ("sibling secretary", []),
        ("stranger secretary", []),
        ("other township officer", []),
        ("stranger member", []),
        ("system admin", []),
        ("audit admin", []),
    ],
)
def test_search_stays_within_reach(who, expected, cast):
    for text in ("蒋红", "jhm"):
        assert found(cast[who], text) == expected


def test_search_by_number_stays_within_reach(numbered, cast):
    assert found(cast["secretary"], PHONE) == ["蒋红梅"]
    assert found(cast["stranger secretary"], PHONE) == []


def test_search_follows_a_change_of_name(roster):
    person = Person.objects.get(name="王芳")
    kept = {name: getattr(person, name) for name in
            ("sex", "born_on", "ethnicity", "education", "occupation")}  # fmt: skip

    actions.change(person, name="汪芳", **kept, by=roster.system, at=NOON)

    assert found(roster.system, "王芳") == ["王芳芳"]
    assert found(roster.system, "汪") == ["汪芳"]
    assert set(NameToken.objects.filter(person=person).values_list("token", flat=True)) == (
        names.tokens("汪芳")
    )


def test_search_narrows_to_an_organization_and_what_is_below(roster):
    factories.member(roster.inner, by=roster.system, name="王芳远")
    factories.member(roster.far, by=roster.system, name="王芳西")

    assert found(roster.system, "王芳", organization=roster.east) == ["王芳", "王芳芳", "王芳远"]
    assert found(roster.system, "王芳", organization=roster.general) == ["王芳远"]


def test_search_narrows_to_an_organization_as_of_a_day(roster):
    person = Person.objects.get(name="王芳")
    actions.place(
        person, organization=roster.far, since=date(2026, 11, 1), by=roster.system, at=NOON
    )
    before, after = date(2026, 10, 31), TODAY

    def at(organization, on):
        rows = queries.search(roster.system, "王芳", organization=organization, on=on)
        return sorted(rows.values_list("name", flat=True))

    assert at(roster.village, before) == ["王芳", "王芳芳"]
    assert at(roster.village, after) == ["王芳芳"]
    assert at(roster.far, after) == ["王芳"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, ["无名", "积极", "预备", "正式"]),
        ("full", ["正式"]),
        ("probationary", ["预备"]),
        ("members", ["预备", "正式"]),
        ("activist", ["积极"]),
        ("none", ["无名"]),
        ("deceased", []),
    ],
)
def test_search_narrows_to_a_state_of_membership(state, expected, tree):
    for name, held in (("正式", "full"), ("预备", "probationary"), ("积极", "activist")):
        factories.member(tree.village, by=tree.system, name=name, state=held)
    factories.member(tree.village, by=tree.system, name="无名", state=None)

    assert found(tree.system, "", state=state) == sorted(expected)


def test_search_tells_what_each_was_that_day_by_branch(tree):
    person = factories.member(tree.village, by=tree.system, state="probationary")
    actions.set_membership(person, state="full", since=date(2026, 11, 1), by=tree.system, at=NOON)

    states = [
        queries.search(tree.system, "", on=day).get(pk=person.pk).state_on
        for day in (date(2019, 1, 1), date(2026, 10, 31), TODAY)
    ]

    assert states == [None, "probationary", "full"]


@pytest.mark.parametrize("text", ["", "芳", "wf", PHONE])
def test_search_is_one_query_and_an_index_range(text, roster):
    with CaptureQueriesContext(connection) as asked:
        list(queries.search(roster.system, text, on=TODAY))

    assert len(asked) == 1
    assert "LIKE" not in asked[0]["sql"].upper().replace("LIKELY", "")
