"""Caps: the last that fits, the first that does not; what is counted together, and what is not."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.burden.conftest import GATE, HONOURS
from tests.conftest import NOON
from tests.packs import makers
from zhibu.adoptions import actions as adoptions
from zhibu.burden import queries
from zhibu.core import caps
from zhibu.packs import library
from zhibu.packs.meaning import faults
from zhibu.packs.reading import read
from zhibu.registers import actions
from zhibu.registers.drafts import Draft, Faulty
from zhibu.registers.models import Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MEETINGS, PAPERS, BOOK = f"{GATE}:meetings", f"{GATE}:papers", f"{HONOURS}:honours"
MEETING = {"name": "会", "audience": "own", "how": "gathered"}
BULLETIN = {"name": "简报", "sort": "bulletin"}
SECRETARY = {"name": "某某", "sort": "secretary", "round": "一轮", "deeds": "守堤"}


def refusal(write, *args, **values) -> dict[str, str]:
    with pytest.raises(Faulty) as refused:
        write(*args, **values)
    return refused.value.faults


class TestOfOne:
    def test_the_last_fits_and_the_next_does_not(self, written, tree):
        written(MEETINGS, tree.village, times=24, **MEETING)

        faults = refusal(written, MEETINGS, tree.village, **MEETING)

        assert list(faults) == ["why_more"]
        assert "全年会议：2026年最多 24，已经有 24" in faults["why_more"]
        assert "“四个一律”材料" in faults["why_more"]

    def test_with_a_reason_it_may_go_beyond(self, written, tree):
        written(MEETINGS, tree.village, times=24, **MEETING)

        assert written(MEETINGS, tree.village, **MEETING, why_more="雪灾").pk

    def test_each_organisation_and_each_year_has_its_own(self, written, tree):
        written(MEETINGS, tree.village, times=24, **MEETING)

        assert written(MEETINGS, tree.inner, **MEETING).pk
        assert written(MEETINGS, tree.village, since=date(2027, 1, 1), **MEETING).pk
        refusal(written, MEETINGS, tree.village, since=date(2026, 12, 31), **MEETING)

    def test_where_nothing_excuses_nothing_goes_beyond(self, written, tree):
        written(PAPERS, tree.village, **BULLETIN)

        faults = refusal(written, PAPERS, tree.village, **BULLETIN, why_more="还想发")

        assert "11月最多 1" in faults["since"]
        assert "作废" in faults["since"]

    def test_what_is_voided_leaves_its_place(self, written, tree, cast):
        row = written(PAPERS, tree.village, **BULLETIN)
        actions.void_row(row, reason="登错", by=cast["county officer"], at=NOON)

        assert written(PAPERS, tree.village, **BULLETIN).pk

    def test_what_is_not_counted_takes_no_place(self, written, tree):
        written(PAPERS, tree.village, **BULLETIN)

        assert written(PAPERS, tree.village, name="文件", sort="paper").pk


class TestCorrecting:
    @pytest.fixture
    def full(self, written, tree):
        written(MEETINGS, tree.village, times=24, **MEETING)
        written(MEETINGS, tree.village, **MEETING, why_more="雪灾")
        return Row.objects.filter(register=MEETINGS).order_by("pk")

    def _correct(self, row, cast, since=None, **values):
        said = {**row.values, **values}
        draft = Draft(since=since or row.since, values=said)
        return actions.correct_row(row, draft, reason="写错", by=cast["county officer"], at=NOON)

    def test_a_slip_is_mended_where_all_is_used(self, full, cast):
        assert self._correct(full[0], cast, name="改过的").title == "改过的"

    def test_another_day_of_the_same_year_too(self, full, cast):
        assert self._correct(full[0], cast, since=date(2026, 3, 1)).since == date(2026, 3, 1)

    def test_none_comes_in_from_another_year(self, full, written, tree, cast):
        row = written(MEETINGS, tree.village, since=date(2027, 1, 1), **MEETING)

        with pytest.raises(Faulty) as refused:
            self._correct(row, cast, since=date(2026, 12, 31))

        assert "why_more" in refused.value.faults


class TestTogether:
    def test_all_below_the_adopter_are_counted_as_one(self, written, tree):
        written(BOOK, tree.village, times=6, **SECRETARY)
        written(BOOK, tree.far, times=4, **SECRETARY)

        faults = refusal(written, BOOK, tree.inner, **SECRETARY)

        assert "优秀党支部书记名额 一轮：一共最多 10，已经有 10" in faults["since"]

    def test_each_round_has_its_own(self, written, tree):
        written(BOOK, tree.village, times=10, **SECRETARY)

        assert written(BOOK, tree.village, **{**SECRETARY, "round": "二轮"}).pk

    def test_whoever_writes_locks_where_it_is_counted(self, gate, tree):
        entry = caps.Entry(BOOK, tree.village, date(2026, 11, 2), {})

        assert set(caps.counted_in(entry)) == {tree.county.pk}
        assert caps.counted_in(caps.Entry(MEETINGS, tree.village, date(2026, 11, 2), {})) == []


TIGHTER = """
title = "简报不发"
tighten = [{ of = "caps", item = "seeds/meeting-gate:bulletins", field = "most", value = 0 }]

[[cites]]
source = "charter"
at = "第三条"
seen = "text"
"""


class TestTightened:
    @pytest.fixture
    def tighter(self, gate, tree):
        files = makers.files() | {"tightenings/none/2018-01-01.toml": TIGHTER}
        files["pack.toml"] = files["pack.toml"].replace(
            "format = 1", f'format = 1\nrequires = ["{GATE}"]'
        )
        pack, problems = read(files)
        assert pack is not None and not problems, problems
        with library.trying(pack):
            adoptions.adopt(
                pack=pack.id, organization=tree.east, since=date(2026, 1, 1), by=tree.system,
                at=NOON,
            )  # fmt: skip
            yield

    def test_below_who_asks_for_less_there_is_less(self, tighter, written, tree, cast):
        assert "最多 0" in refusal(written, PAPERS, tree.village, **BULLETIN)["since"]
        assert written(PAPERS, tree.west, **BULLETIN).pk

        held = queries.caps_at(tree.county, date(2026, 11, 20))[f"{GATE}:bulletins"]
        found = queries.uses(cast["county officer"], [held], tree.county, date(2026, 11, 20))
        (use,) = found[held.reference]
        assert (use.organization, use.used, use.most) == (tree.west, 1, 1)


DAYS = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["village", "inner"]), st.sampled_from(DAYS)), max_size=8)
)
def test_no_order_of_writing_brings_more_than_the_cap(written, tree, drawn):
    """Against counting by hand: the first of each place and month stands, no other does."""
    Row.objects.all().delete()
    stands = set()
    for name, day in drawn:
        is_first = (name, day.month) not in stands
        try:
            written(PAPERS, getattr(tree, name), since=day, **BULLETIN)
            assert is_first
        except Faulty:
            assert not is_first
        stands.add((name, day.month))


# --- what a pack may say


def wrong(text: str) -> set[tuple[str, str]]:
    files = makers.files() | {
        "caps/some/2018-01-01.toml": text
        + '\n[[cites]]\nsource = "charter"\nat = "第三条"\nseen = "text"\n'
    }
    pack, problems = read(files)
    assert pack is not None and not problems, problems
    found = faults(pack, library.shipped())
    return {(one.place, one.message) for one in found if one.file.startswith("caps/")}


@pytest.mark.parametrize(
    ("changed", "place", "says"),
    [
        ('book = "seeds/meeting-gate:nothing"', "book", "没有台账"),
        ('applies_to = ["twig"]', "applies_to[0]", "没有组织类别 twig"),
        ('applies_to = ["village-committee"]', "applies_to[0]", "没有"),
        ('counted = ["letter"]', "counted[0]", "没有选项 letter"),
        ('alike = ["nothing"]', "alike[0]", "没有栏 nothing"),
        ('over_with = "name"', "over_with", "可以不填"),
        ('over_with = "sort"', "over_with", "文字"),
    ],
)
def test_faults_of_a_cap_are_told_with_their_place(changed, place, says):
    lines = {
        "title": 'title = "上限"', "applies_to": 'applies_to = ["branch"]',
        "book": f'book = "{PAPERS}"', "per": 'per = "year"', "most": "most = 3",
    }  # fmt: skip
    lines[changed.partition(" ")[0]] = changed

    found = wrong("\n".join(lines.values()))

    assert [(at, said) for at, said in found if at == place and says in said]


def test_a_sound_cap_has_no_fault():
    text = f'title = "上限"\napplies_to = ["branch"]\nbook = "{PAPERS}"\nper = "year"\nmost = 3\n'

    assert wrong(text) == set()
