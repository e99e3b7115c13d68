"""A running case is taken over to a newer wording, where that wording says how."""

from datetime import date

import pytest

from tests.cases import invented
from tests.cases.playing import act, adopted, begin, stands, told
from tests.conftest import NOON
from zhibu.cases import actions, queries
from zhibu.cases.models import Case
from zhibu.cases.steps import Running
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
APPLIED = date(2026, 7, 31)


@pytest.fixture
def running(cast, tree):
    """Begun under the older wording; applied, and to be listed from 31 August on."""
    with adopted(tree):
        case = begin(tree.village, "worded", by=cast["secretary"], on=date(2026, 7, 20))
        yield act(case, "apply", "applied", by=cast["secretary"], on=APPLIED)


def reword(case, by):
    return actions.reword(case, by=by, at=NOON)


def open_turn(case):
    return case.turns.open().get()


def test_done_steps_keep_their_wording_and_open_ones_get_new_days(running, cast):
    before = open_turn(running)
    assert (before.not_before, before.due_on) == (date(2026, 8, 31), date(2027, 1, 31))

    case = reword(running, cast["township officer"])

    done, turn = case.turns.order_by("number")
    assert (case.wording, done.wording, turn.wording) == (invented.LATER, invented.SINCE, None)
    assert (done.stage, turn.stage) == ("apply", "name")
    assert (turn.not_before, turn.due_on) == (date(2026, 10, 31), date(2026, 11, 30))
    assert case.due_on == date(2026, 11, 30)
    titles = [told.title for told in queries.story(Running(case), NOON.date())]
    assert titles == ["申请", "点名"]
    assert Entry.objects.filter(kind="cases:case:reworded").get().basis == "章程 第三条"
    assert verify().ok


def test_waits_count_from_a_step_that_has_another_name_now(running, cast):
    """``request`` was done as ``apply``: three months from then, not from nowhere."""
    case = reword(running, cast["township officer"])

    found = told(case, "name", "listed", by=cast["secretary"], on=date(2026, 10, 30))
    assert found["happened_on"].startswith("2026-10-31 起才能办：要满 3个月，从“提出”那天算起")
    act(case, "name", "listed", by=cast["secretary"], on=date(2026, 10, 31))
    assert case.turns.get(stage="enter").not_before == date(2026, 12, 31)


def test_who_did_the_step_under_its_old_name_is_still_kept_apart(running, cast):
    case = reword(running, cast["township officer"])
    act(case, "name", "listed", by=cast["secretary"], on=date(2026, 11, 1))

    with pytest.raises(Refused, match="前面是您经办的"):
        act(case, "enter", "entered", by=cast["secretary"], on=date(2026, 12, 31))


def test_what_was_put_off_stays_put_off(running, cast):
    turn = open_turn(running)
    actions.extend(
        turn, until=date(2027, 3, 1), reason="等名额", by=cast["township officer"], at=NOON
    )

    case = reword(running, cast["township officer"])
    turn = open_turn(case)
    assert (turn.not_before, turn.due_on) == (date(2026, 10, 31), date(2027, 3, 1))


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("township officer", True),
        ("county officer", True),
        ("secretary", False),
        ("committee member", False),
        ("other township officer", False),
    ],
)
def test_by_standing(running, cast, who, may):
    if may:
        assert reword(running, cast[who]).wording == invented.LATER
        return
    with pytest.raises(Refused, match="由东镇委员会定"):
        reword(running, cast[who])


def test_refused_where_the_newer_wording_does_not_say_how(cast, tree, client):
    text = invented.NEWER.replace("replaces = 2018-01-01", "replaces = 2017-01-01")
    with adopted(tree, invented.pack(worded_later=text)):
        case = begin(tree.village, "worded", by=cast["secretary"], on=date(2026, 7, 20))
        with pytest.raises(Refused, match="没有说怎样转"):
            reword(case, cast["township officer"])
        client.force_login(cast["township officer"])
        assert client.get(f"/cases/{case.pk}/reword/").status_code == 403
        assert Case.objects.get(pk=case.pk).wording == invented.SINCE


def test_once_and_not_when_it_is_over(running, cast):
    case = reword(running, cast["township officer"])
    with pytest.raises(Refused, match="没有更新的写法"):
        reword(case, cast["township officer"])
    case = actions.cancel(case, reason="不办了", by=cast["secretary"], at=NOON)
    with pytest.raises(Refused, match="取消了"):
        reword(case, cast["township officer"])


def test_two_open_steps_that_become_one_are_one(cast, tree):
    older = invented.OLDER.replace('start = ["apply"]', 'start = ["apply", "list"]')
    newer = invented.NEWER.replace(
        'stages = { apply = "request", list = "name" }',
        'stages = { apply = "request", list = "request" }',
    )
    with adopted(tree, invented.pack(worded=older, worded_later=newer)):
        case = begin(tree.village, "worded", by=cast["secretary"], on=date(2026, 7, 20))
        case = reword(case, cast["township officer"])
        assert stands(case) == ["request"]
        assert case.turns.filter(state="dropped").count() == 1


def test_open_steps_may_change_names_with_one_another(cast, tree):
    older = invented.OLDER.replace('start = ["apply"]', 'start = ["apply", "list"]')
    newer = invented.NEWER.replace("request", "list").replace('"name"', '"apply"')
    newer = newer.replace('apply = "list", list = "apply"', 'apply = "list", list = "apply"')
    with adopted(tree, invented.pack(worded=older, worded_later=newer)):
        case = begin(tree.village, "worded", by=cast["secretary"], on=date(2026, 7, 20))
        case = reword(case, cast["township officer"])
        titles = {turn.stage: Running(case).stage(turn).title for turn in case.turns.open()}
        assert titles == {"list": "提出", "apply": "点名"}


def test_a_limit_in_hours_counts_from_the_change(cast, tree):
    newer = invented.NEWER.replace('within = "P4M"', 'within = "PT48H"')
    with adopted(tree, invented.pack(worded_later=newer)):
        case = begin(tree.village, "worded", by=cast["secretary"], on=date(2026, 7, 20))
        act(case, "apply", "applied", by=cast["secretary"], on=APPLIED)
        turn = open_turn(reword(case, cast["township officer"]))
        assert turn.due_at.isoformat() == "2026-11-22T04:00:00+00:00"
        assert turn.due_on == date(2026, 11, 22)


def test_whose_turn_it_is_follows_the_newer_wording_and_is_told(cast, tree):
    newer = invented.NEWER.replace(
        f'title = "点名"\n{invented.ORGANIZATION}', 'title = "点名"\nactor = { who = "above" }'
    )
    with adopted(tree, invented.pack(worded_later=newer)):
        case = begin(tree.village, "worded", by=cast["secretary"], on=date(2026, 7, 20))
        act(case, "apply", "applied", by=cast["secretary"], on=APPLIED)
        case = reword(case, cast["county officer"])
        assert open_turn(case).organization == tree.east
        assert Case.objects.waiting_for(cast["township officer"]).filter(pk=case.pk).exists()
        assert Notice.objects.filter(
            user=cast["township officer"], title="轮到您：点名"
        ).exists()  # fmt: skip
