"""A step that everyone on a roll answers: it goes on when nobody is waited for."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.cases import invented
from tests.cases.playing import act, adopted, begin, noon, stands
from tests.conftest import NOON, TODAY
from tests.factories import holder, member
from tests.packs import makers
from tests.scenes import person_of
from zhibu.cases import actions, at_once, many, queries, sections
from zhibu.cases.models import Case, Turn
from zhibu.cases.outline import State, marks_of
from zhibu.cases.steps import Faulty, Running, Step
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.packs import library, meaning
from zhibu.packs.reading import read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

WHO = ("secretary", "committee member", "third")


@pytest.fixture
def board(cast, tree):
    """Who is on the committee, three people, beside the others."""
    named = zip(WHO, ("branch-secretary", "branch-committee", "branch-committee"),
                ("方静", "褚秀兰", "柳青"), strict=True)  # fmt: skip
    made = {
        who: holder(tree.village, tree.village, role, by=tree.system, title=who, name=name,
                    in_committee=True)
        for who, role, name in named
    }  # fmt: skip
    with adopted(tree):
        yield {**cast, **made}


@pytest.fixture
def case(board, tree):
    return begin(tree.village, "signed", by=board["secretary"], owner=person_of(board["secretary"]))


def turn_of(case, user, *, state="open"):
    return case.turns.get(stage="sign", person=user.person_id, state=state)


def sign(case, by, outcome="agreed", *, on=TODAY, reason="", for_=None, **values):
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason)
    return actions.act(turn_of(case, for_ or by), step, by=by, at=noon(TODAY))


def test_everyone_is_asked_once_and_told(case, board):
    asked = case.turns.filter(stage="sign")

    assert {turn.person_id for turn in asked} == {board[who].person_id for who in WHO}
    assert {turn.round for turn in asked} == {min(turn.number for turn in asked)}
    assert {turn.due_on for turn in asked} == {case.started_on + timedelta(days=5)}
    told = Notice.objects.filter(title="轮到您：每名委员签字").values_list("user", flat=True)
    assert sorted(told) == sorted(board[who].pk for who in WHO)


@pytest.mark.parametrize("order", list(permutations(WHO)), ids="-".join)
def test_it_goes_on_when_the_last_has_answered(case, board, order):
    act(case, "copy", "copied", by=board["secretary"])
    for who in order[:-1]:
        sign(case, board[who])
        assert "file" not in stands(case)
    assert sign(case, board[order[-1]]).is_open
    assert stands(case) == ["file"]
    assert verify().ok


def test_it_is_done_on_the_day_of_the_latest_whoever_wrote_last(case, board):
    act(case, "copy", "copied", by=board["secretary"])
    sign(case, board["secretary"], on=TODAY)
    sign(case, board["third"], on=date(2026, 11, 4))
    sign(case, board["committee member"], on=date(2026, 11, 3))

    filed = case.turns.get(stage="file")
    assert (filed.opened_on, filed.not_before) == (TODAY, TODAY + timedelta(days=3))


def test_the_outcome_that_stands_last_in_the_pack_counts(case, board):
    sign(case, board["secretary"])
    sign(case, board["third"], "changed", reason="第二条不清楚")
    sign(case, board["committee member"])

    again = case.turns.open().filter(stage="sign")
    assert again.count() == 3
    assert len({turn.round for turn in case.turns.filter(stage="sign")}) == 2
    for who in WHO:
        sign(case, board[who])
    assert stands(case) == ["copy"]

    act(case, "copy", "copied", by=board["secretary"])
    assert stands(case) == ["file"]


def test_one_who_stops_it_ends_the_case_once_all_have_answered(case, board):
    with pytest.raises(Faulty, match="写明为什么不同意"):
        sign(case, board["secretary"], "stopped")
    sign(case, board["secretary"], "stopped", opinion="钱不够")
    sign(case, board["third"])
    assert Case.objects.get(pk=case.pk).is_open

    ended = sign(case, board["committee member"], "changed", reason="改日子")
    assert (ended.is_open, ended.ended_as) == (False, "不同意")
    assert stands(case) == []


def test_what_each_writes_is_their_own(case, board):
    sign(case, board["secretary"], opinion="好")
    sign(case, board["third"], opinion="行")

    case = Case.objects.get(pk=case.pk)
    assert case.facts == {}
    kept = case.turns.filter(stage="sign", state="done").values_list("content", flat=True)
    assert sorted(one["opinion"] for one in kept) == ["好", "行"]


def test_what_runs_beside_waits_for_all(case, board):
    sign(case, board["secretary"])
    act(case, "copy", "copied", by=board["secretary"])
    assert stands(case) == ["sign", "sign"]

    assert Running(case).done.keys() == {"start", "copy"}
    assert marks_of(Running(case).turns)["sign"].state == State.NOW


def test_who_acts_there_may_write_for_somebody_and_nobody_else_may(case, board):
    sign(case, board["secretary"], for_=board["third"])

    kept = turn_of(case, board["third"], state="done")
    assert (kept.by, kept.person) == (board["secretary"], person_of(board["third"]))
    for who in ("member", "sibling secretary"):
        with pytest.raises(Refused, match="轮到褚秀兰"):
            sign(case, board[who], for_=board["committee member"])


def test_somebody_is_waited_for_no_more(case, board):
    act(case, "copy", "copied", by=board["secretary"])
    sign(case, board["secretary"], on=date(2026, 11, 5))
    sign(case, board["committee member"], on=date(2026, 11, 4))
    left = turn_of(case, board["third"])
    with pytest.raises(Faulty, match="写明为什么不再等"):
        actions.excuse(left, reason=" ", by=board["secretary"], at=NOON)
    for who in ("member", "sibling secretary"):
        with pytest.raises(Refused, match="由前村党支部定"):
            actions.excuse(left, reason="转走了", by=board[who], at=NOON)
    actions.excuse(left, reason="转走了", by=board["township officer"], at=NOON)

    assert turn_of(case, board["third"], state="dropped").reason == "转走了"
    assert stands(case) == ["file"]
    assert case.turns.get(stage="file").opened_on == TODAY  # nobody knew before today
    assert verify().ok


def test_the_only_one_left_is_waited_for(case, board):
    for who in ("secretary", "third"):
        actions.excuse(turn_of(case, board[who]), reason="病了", by=board["secretary"], at=NOON)

    with pytest.raises(Faulty, match="只剩这一个人"):
        actions.excuse(
            turn_of(case, board["committee member"]), reason="病了", by=board["secretary"], at=NOON
        )
    copy = case.turns.get(stage="copy")
    with pytest.raises(Refused, match="不是轮到每一个人的"):
        actions.excuse(copy, reason="病了", by=board["secretary"], at=NOON)


def test_nobody_on_the_roll_is_refused_and_nothing_begins(tree, cast):
    with adopted(tree), pytest.raises(Faulty, match="名册上没有委员。先登记名册"):
        begin(tree.far, "signed", by=cast["other township officer"],
              owner=member(tree.far, by=tree.system))  # fmt: skip
    assert not Case.objects.exists()


def test_whoever_is_asked_sees_it_and_only_they(board, tree):
    case = begin(tree.village, "read", by=board["secretary"])
    later = member(tree.village, by=tree.system, name="后来的", since=TODAY)

    asked = set(case.turns.values_list("person", flat=True))
    assert board["member"].person_id in asked
    assert later.pk not in asked
    seen = {
        who: Case.objects.visible_to(board[who]).filter(pk=case.pk).exists()
        for who in (
            "member",
            "secretary",
            "stranger member",
            "stranger secretary",
            "county officer",
        )
    }
    assert seen == {
        "member": True, "secretary": True, "stranger member": False, "stranger secretary": False,
        "county officer": True,
    }  # fmt: skip
    assert queries.listed(board["member"], "mine", TODAY).get() == case


def test_a_change_of_owner_leaves_those_who_were_asked(case, board):
    actions.name_owner(case, person_of(board["member"]), by=board["secretary"], at=NOON)

    assert turn_of(case, board["secretary"]).is_open


def test_nobody_answers_for_all_at_once(case, board):
    groups = {group.stage: group.count for group in many.groups(board["secretary"])}
    assert groups == {"sign": 1, "copy": 1}
    assert not any(g.stage == "sign" for g in many.groups(board["township officer"]))


def test_a_board_counts_the_case_once(case, board):
    lanes = queries.board(board["secretary"], case.procedure, case.rule, TODAY)
    assert {lane.id: (lane.count, lane.late) for lane in lanes} == {
        "sign": (1, 1), "copy": (1, 0), "file": (0, 0)
    }  # fmt: skip


def test_the_page_shows_the_own_form_and_that_of_another_on_asking(case, board, client):
    address = reverse("cases:detail", args=[case.pk])
    third = turn_of(case, board["third"])
    client.force_login(board["secretary"])
    page = client.get(address).content.decode()
    assert "问了 3 人，办了 0 人，还等 3 人" in page
    own, others = (f'action="{reverse("cases:act", args=[case.pk, turn.pk])}"'
                   for turn in (turn_of(case, board["secretary"]), third))  # fmt: skip
    assert own in page
    assert others not in page

    page = client.get(address, {"turn": third.pk}).content.decode()
    assert "替柳青填" in page
    assert others in page
    sign(case, board["secretary"], for_=board["third"], opinion="照办")
    page = client.get(address).content.decode()
    assert "方静代填" in page
    assert "照办" in page

    client.force_login(board["township officer"])
    page = client.get(address).content.decode()
    assert "每个人各办各的" in page
    assert own not in page
    assert reverse("cases:excuse", args=[case.pk, turn_of(case, board["secretary"]).pk]) in page


def changed(old, new):
    assert old in invented.SIGNED
    return invented.SIGNED.replace(old, new)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (changed(', roll = "committee"', ""), "写 roll"),
        (changed('roll = "committee"', 'roll = "committee", claimed = true'), "不写 claimed"),
        (changed('title = "每名委员签字"', 'title = "签"\nfresh = true'), "fresh"),
        (changed('starter = { who = "organization" }',
                 'starter = { who = "everyone", roll = "committee" }'), "starter"),
    ],
    ids=["no roll", "claimed", "fresh", "starter"],
)  # fmt: skip
def test_what_a_pack_may_not_say_of_everyone(words, says):
    told = _told(words)
    assert any(says in one for one in told), told


def test_what_each_writes_is_asked_and_tested_nowhere_else():
    field = '\n[[fields]]\nid = "opinion"\ntitle = "意见"\ntype = "text"\n'
    shared = invented.SIGNED.replace("\n[[stages]]", f"{field}\n[[stages]]", 1)
    assert any("每个人各填各的" in one for one in _told(shared))

    when = f'when = [{{ field = "opinion", filled = true }}], says = "没有。", {invented.CITES}'
    tested = changed('title = "归了" }', f'title = "归了", {when} }}')
    assert any("没有字段 opinion" in one for one in _told(tested))


def _told(words):
    pack, faults = read({**makers.files(), invented.file_of("signed"): words})
    more = meaning.faults(pack, library.shipped()) if pack else []
    return [f"{one.place} {one.message}" for one in [*faults, *more]]


def drafts(*places):
    return [at_once.Draft(organization=place, title="一件事", values={}) for place in places]


def test_many_begun_at_once_ask_everyone_as_one_by_one_does(board, tree):
    alone = begin(tree.village, "read", by=board["secretary"], on=TODAY)
    (made,) = at_once.start_many(
        alone.procedure, drafts(tree.village), on=TODAY, by=board["secretary"], at=NOON
    )

    asked = [set(one.turns.values_list("person", "round")) for one in (alone, made)]
    assert asked[0] == asked[1]
    assert len(asked[1]) > 1
    assert verify().ok


def test_a_table_row_where_nobody_is_on_the_roll_is_told_of_and_none_begins(tree, cast):
    with adopted(tree), pytest.raises(at_once.FaultyRows) as refused:
        at_once.start_many(
            "demo/small:copied", drafts(tree.village, tree.inner), on=TODAY,
            by=cast["township officer"], at=NOON,
        )  # fmt: skip
    assert {"名册上没有委员" in said["organization"] for said in refused.value.faults.values()} == {
        True
    }
    assert set(refused.value.faults) == {0, 1}
    assert not Case.objects.exists()


def test_a_cancelled_round_waits_for_nobody(case, board, client):
    sign(case, board["third"], opinion="照办")
    actions.cancel(case, reason="不办了", by=board["secretary"], at=NOON)

    client.force_login(board["secretary"])
    page = client.get(reverse("cases:detail", args=[case.pk])).content.decode()
    assert "不再等" not in page
    assert "不清楚" not in page
    assert "照办" in page


def test_what_one_answered_is_in_the_file_one_may_take_along(case, board):
    sign(case, board["third"])
    told = {who: list(sections.answers(board[who].person_id)) for who in ("third", "member")}

    assert [(step, said) for _, _, step, _, said in told["third"]] == [("每名委员签字", "同意")]
    assert told["member"] == []


def test_turns_of_one_round_are_those_of_people(case, board):
    turn = turn_of(case, board["third"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Turn.objects.filter(pk=turn.pk).update(person=None)
