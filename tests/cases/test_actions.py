"""A procedure with two ways at once, driven to each of its ends through the real actions."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests import factories
from tests.cases import procedures
from tests.conftest import NOON, TODAY
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions, queries
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Faulty, Step
from zhibu.core import effects
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.organizations import succeeding
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BEGAN = date(2026, 11, 2)
OPENED = []


class Opened(effects.Params):
    rooms: int
    organization: int
    on: date
    by_county: bool


if "tests.opened" not in effects.names():
    effects.effect("tests.opened", title="开了房", params=Opened, for_packs=True)(
        lambda params, by, at: OPENED.append(params)
    )


@pytest.fixture
def permit(cast, tree):
    """Begun by the secretary; both first turns are open."""
    pack = procedures.pack()
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        yield actions.start(
            tree.village, procedure=procedures.REFERENCE, wording=date(2018, 1, 1),
            title="借两间房", values={"rooms": 2}, on=BEGAN, by=cast["secretary"], at=NOON,
        )  # fmt: skip


def is_settled(case):
    """Whether the day on the case is the nearest of its open turns."""
    days = [day for day in case.turns.open().values_list("due_on", flat=True) if day]
    return Case.objects.get(pk=case.pk).due_on == min(days, default=None)


@pytest.fixture(autouse=True)
def settled(permit):
    """After every test here, each case carries the nearest day of its open turns."""
    yield
    assert all(is_settled(case) for case in Case.objects.all())


def stands(case):
    return sorted(case.turns.open().values_list("stage", flat=True))


def act(case, stage, outcome, *, by, on=TODAY, reason="", **values):
    turn = case.turns.open().get(stage=stage)
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason)
    return actions.act(turn, step, by=by, at=NOON)


def told(case, stage, outcome, **more):
    with pytest.raises(Faulty) as refused:
        act(case, stage, outcome, **more)
    return refused.value.faults


def test_what_begins_side_by_side_ends_in_one(permit, cast):
    secretary, officer = cast["secretary"], cast["township officer"]
    assert stands(permit) == ["look", "notice"]
    assert permit.turns.get(stage="notice").due_on == date(2026, 11, 9)

    act(permit, "look", "fit", by=secretary, on=date(2026, 11, 4), size="small")
    assert stands(permit) == ["notice"]
    act(permit, "notice", "posted", by=secretary, on=date(2026, 11, 9))
    assert stands(permit) == ["decide"]
    assert permit.turns.get(stage="decide").not_before == date(2026, 11, 14)

    found = told(permit, "decide", "agree", by=officer, on=date(2026, 11, 13))
    assert found["happened_on"].startswith("2026-11-14 起才能办：要满 5 个工作日")
    assert found["happened_on"].endswith("依据 章程 第五条。")
    case = act(permit, "decide", "agree", by=officer, on=date(2026, 11, 16))

    assert (case.state, case.ended_as, case.ended_on) == ("ended", "批了", date(2026, 11, 16))
    assert stands(case) == []
    assert verify().ok


def test_refusal_drops_what_is_still_open(permit, cast):
    assert told(permit, "look", "unfit", by=cast["secretary"]) == {"reason": "写明为什么不合用。"}

    case = act(permit, "look", "unfit", by=cast["secretary"], reason="太潮")

    assert case.ended_as == "没有合用的房"
    assert case.turns.get(stage="notice").state == Turn.State.DROPPED


def test_field_chooses_the_way_and_the_effect_gets_what_it_asks(permit, cast, tree):
    secretary, officer = cast["secretary"], cast["township officer"]
    act(permit, "notice", "posted", by=secretary, on=BEGAN)
    act(permit, "look", "fit", by=secretary, size="large")
    assert "大的要报县里" in told(permit, "decide", "agree", by=officer)["outcome"]

    act(permit, "decide", "up", by=officer)
    OPENED.clear()
    case = act(permit, "county", "agree", by=officer)

    assert [Opened(rooms=2, organization=tree.village.pk, on=TODAY, by_county=True)] == OPENED
    assert case.ended_as == "批了"


def test_going_back_keeps_what_was_written(permit, cast):
    secretary, officer = cast["secretary"], cast["township officer"]
    act(permit, "notice", "posted", by=secretary, on=BEGAN)
    act(permit, "look", "fit", by=secretary, size="large")
    act(permit, "decide", "again", by=officer, reason="没量准")
    act(permit, "look", "fit", by=secretary, size="small")

    written = [turn.content for turn in permit.turns.filter(stage="look").order_by("number")]
    assert written == [{"size": "large"}, {"size": "small"}]
    assert Case.objects.get(pk=permit.pk).facts["size"] == "small"
    assert stands(permit) == ["decide"]


def test_whoever_looked_does_not_decide(permit, cast):
    officer = cast["township officer"]
    act(permit, "notice", "posted", by=cast["secretary"], on=BEGAN)
    act(permit, "look", "fit", by=officer, size="small")

    with pytest.raises(Refused, match="前面是您经办的"):
        act(permit, "decide", "agree", by=officer)
    assert act(permit, "decide", "agree", by=cast["county officer"]).ended_as == "批了"


@pytest.mark.parametrize(
    ("on", "says"),
    [(TODAY + timedelta(days=1), "日期在以后"), (BEGAN - timedelta(days=1), "早于上一步")],
)
def test_day_that_cannot_be_is_refused(permit, cast, on, says):
    found = told(permit, "look", "fit", by=cast["secretary"], on=on, size="small")

    assert says in found["happened_on"]


def test_all_faults_come_at_once_and_nothing_is_written(permit, cast):
    before = Entry.objects.count()
    found = told(permit, "look", "fit", by=cast["secretary"], on=TODAY + timedelta(days=1))

    assert set(found) == {"happened_on", "size"}
    assert stands(permit) == ["look", "notice"]
    assert Entry.objects.count() == before


@pytest.mark.parametrize("who", ["member", "sibling secretary"])
def test_nobody_else_ends_a_turn(permit, cast, who):
    with pytest.raises(Refused, match="这一步轮到"):
        act(permit, "look", "fit", by=cast[who], size="small")


def test_turn_ends_once(permit, cast):
    turn = permit.turns.get(stage="look")
    step = Step(outcome="fit", happened_on=TODAY, values={"size": "small"})
    actions.act(turn, step, by=cast["secretary"], at=NOON)

    with pytest.raises(Refused, match="已经办了"):
        actions.act(turn, step, by=cast["secretary"], at=NOON)


def test_my_turn_is_mine_alone(permit, cast):
    act(permit, "notice", "posted", by=cast["secretary"], on=BEGAN)
    act(permit, "look", "fit", by=cast["secretary"], size="small")

    mine = {
        who: Case.objects.waiting_for(cast[who]).exists()
        for who in ("secretary", "township officer", "county officer")
    }
    assert mine == {"secretary": False, "township officer": True, "county officer": False}
    assert queries.counts(cast["secretary"], TODAY) == {"mine": 0, "waiting": 1, "overdue": 0}


def test_whoever_is_asked_is_told_once(permit, cast):
    told_of = Notice.objects.filter(user=cast["secretary"], title__startswith="轮到您")

    assert sorted(told_of.values_list("title", flat=True)) == ["轮到您：公示", "轮到您：看房"]


def test_numbers_count_within_the_year(permit, cast, tree):
    def again(on):
        return actions.start(
            tree.village, procedure=procedures.REFERENCE, wording=date(2018, 1, 1),
            title="再借一间", values={"rooms": 1}, on=on, by=cast["secretary"], at=NOON,
        ).number  # fmt: skip

    assert (permit.number, again(BEGAN), again(date(2025, 3, 1)), again(TODAY)) == (1, 2, 1, 3)


def test_put_off_by_the_level_above_with_a_reason(permit, cast):
    turn = permit.turns.get(stage="notice")

    with pytest.raises(Refused, match="没有可以延的期限"):
        actions.extend(turn, until=TODAY, reason="雨天", by=cast["township officer"], at=NOON)
    assert Case.objects.get(pk=permit.pk).due_on == date(2026, 11, 9)


def test_cancelled_waits_for_nobody(permit, cast):
    case = actions.cancel(permit, reason="不借了", by=cast["secretary"], at=NOON)

    assert (stands(case), case.due_on, case.state) == ([], None, "cancelled")


def test_open_cases_follow_a_merger(permit, cast, tree):
    succeeding.merge(
        [tree.village], into=succeeding.Into(existing=tree.inner), on=timezone.localdate(NOON),
        by=tree.system, at=NOON,
    )  # fmt: skip

    case = Case.objects.get(pk=permit.pk)
    assert case.organization == tree.inner
    assert set(case.turns.values_list("organization", flat=True)) == {tree.inner.pk}
    assert verify().ok


def test_holder_of_a_post_is_asked_where_the_pack_says(permit, cast, tree):
    stranger = factories.holder(tree.village, tree.village, "branch-committee", by=tree.system)
    anybody = 'title = "看房"\nactor = { who = "organization" }'
    named = 'title = "看房"\nactor = { who = "organization", posts = ["branch-secretary"] }'
    text = procedures.PERMIT.replace(anybody, named)
    assert text != procedures.PERMIT
    with library.trying(procedures.pack(text)):
        with pytest.raises(Refused, match="书记办"):
            act(permit, "look", "fit", by=stranger, size="small")
        act(permit, "look", "fit", by=cast["secretary"], size="small")
