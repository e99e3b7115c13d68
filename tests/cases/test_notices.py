"""A notice hangs so long; what is objected meanwhile is answered before the step ends."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from tests.cases.playing import BEGAN, act, adopted, begin, noon, stands, told
from tests.conftest import NOON, TODAY
from zhibu.cases import actions
from zhibu.cases.models import Case, Objection, Posting
from zhibu.cases.steps import Faulty
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HUNG_SINCE = date(2026, 11, 4)  # a Wednesday: five working days are up on Tuesday the 10th
LAST = date(2026, 11, 10)


@pytest.fixture
def posted(cast, tree):
    """A case whose notice has to hang five working days, in two places where it is large."""
    with adopted(tree):
        yield lambda large=False: begin(
            tree.village, "posted", by=cast["secretary"], values={"is_large": large}
        )


def hang(case, *, by, place="村部公示栏", on=HUNG_SINCE, until=LAST, at=NOON, channel="张贴"):
    turn = case.turns.open().get()
    return actions.post(
        turn, channel=channel, place=place, posted_on=on, until=until, by=by, at=at
    )  # fmt: skip


def object_to(posting, *, by, on=LAST, said="数目不对"):
    return actions.object_to(posting, raised_on=on, said=said, source="", by=by, at=NOON)


def answer(objection, *, by, stands, on=TODAY, text="查了"):
    return actions.answer(
        objection, stands=stands, answer=text, answered_on=on, by=by, at=NOON
    )  # fmt: skip


def test_it_hangs_as_many_working_days_as_asked(posted, cast):
    case = posted()
    days = [HUNG_SINCE + timedelta(days=n) for n in range((LAST - HUNG_SINCE).days + 1)]
    assert sum(chinese_calendar.is_workday(day) for day in days) == 5

    with pytest.raises(Faulty) as refused:
        hang(case, by=cast["secretary"], until=LAST - timedelta(days=1))
    assert refused.value.faults == {
        "until": "至少公示 5 个工作日，要到 2026-11-10。依据 章程 第五条。"
    }
    hang(case, by=cast["secretary"])

    assert verify().ok
    assert Entry.objects.filter(kind="cases:posting:posted").get().occurred == HUNG_SINCE


def test_step_ends_the_day_after_and_not_on_the_last(posted, cast):
    case = posted()
    assert "先登记公示" in told(case, "notice", "clear", by=cast["secretary"])["outcome"]
    hang(case, by=cast["secretary"])

    found = told(case, "notice", "clear", by=cast["secretary"], on=LAST)
    assert found == {"outcome": "公示到 2026-11-10，第二天起才能办。依据 章程 第五条。"}
    assert not act(
        case, "notice", "clear", by=cast["secretary"], on=LAST + timedelta(days=1)
    ).is_open


def test_a_large_one_hangs_in_two_places(posted, cast):
    case = posted(large=True)
    hang(case, by=cast["secretary"])
    hang(case, by=cast["secretary"])
    assert "要 2 处" in told(case, "notice", "clear", by=cast["secretary"])["outcome"]

    hang(case, by=cast["secretary"], place="镇政务公开栏", until=date(2026, 11, 13))
    assert (
        "公示到 2026-11-13"
        in told(case, "notice", "clear", by=cast["secretary"], on=date(2026, 11, 12))["outcome"]
    )
    assert not act(case, "notice", "clear", by=cast["secretary"]).is_open


@pytest.mark.parametrize(
    ("on", "until", "place"),
    [
        (TODAY + timedelta(days=1), date(2026, 12, 30), "posted_on"),
        (BEGAN - timedelta(days=1), LAST, "posted_on"),
        (TODAY, TODAY - timedelta(days=1), "until"),
    ],
)
def test_days_that_cannot_be_are_told(posted, cast, on, until, place):
    with pytest.raises(Faulty) as refused:
        hang(posted(), by=cast["secretary"], on=on, until=until)

    assert place in refused.value.faults
    assert Posting.objects.count() == 0


def test_objection_holds_the_step_until_it_is_answered(posted, cast):
    case = posted()
    objection = object_to(hang(case, by=cast["secretary"]), by=cast["committee member"])
    assert "有 1 条异议没有答复" in told(case, "notice", "clear", by=cast["secretary"])["outcome"]
    assert "没有答复" in told(case, "notice", "stands", by=cast["secretary"])["outcome"]

    answer(objection, by=cast["secretary"], stands=False)
    assert "没有成立的异议" in told(case, "notice", "stands", by=cast["secretary"])["outcome"]
    assert not act(case, "notice", "clear", by=cast["secretary"]).is_open
    assert verify().ok


def test_objection_that_stands_leads_the_other_way_and_all_hangs_anew(posted, cast):
    case = posted()
    objection = object_to(hang(case, by=cast["secretary"]), by=cast["secretary"])
    answer(objection, by=cast["secretary"], stands=True)
    assert "有异议成立" in told(case, "notice", "clear", by=cast["secretary"])["outcome"]

    act(case, "notice", "stands", by=cast["secretary"], on=date(2026, 11, 12))
    assert stands(case) == ["notice"]
    assert "先登记公示" in told(case, "notice", "clear", by=cast["secretary"])["outcome"]
    hang(case, by=cast["secretary"], on=date(2026, 11, 12), until=date(2026, 11, 18))
    assert not act(case, "notice", "clear", by=cast["secretary"]).is_open


def test_it_is_answered_once(posted, cast):
    objection = object_to(hang(posted(), by=cast["secretary"]), by=cast["secretary"])
    answer(objection, by=cast["secretary"], stands=False)

    with pytest.raises(Refused, match="已经答复了"):
        answer(objection, by=cast["secretary"], stands=True)
    assert Objection.objects.get().stands is False


def test_given_up_needs_no_notice(posted, cast):
    case = posted()

    assert told(case, "notice", "given-up", by=cast["secretary"]) == {
        "reason": "写明为什么不公示了。"
    }
    assert not act(case, "notice", "given-up", by=cast["secretary"], reason="不办了").is_open


@pytest.mark.parametrize("on", [HUNG_SINCE - timedelta(days=1), TODAY + timedelta(days=1)])
def test_objection_has_a_day_since_it_hung(posted, cast, on):
    posting = hang(posted(), by=cast["secretary"])

    with pytest.raises(Faulty) as refused:
        object_to(posting, by=cast["secretary"], on=on)
    assert set(refused.value.faults) == {"raised_on"}


def test_nothing_is_objected_after_the_step(posted, cast):
    case = posted()
    posting = hang(case, by=cast["secretary"])
    act(case, "notice", "clear", by=cast["secretary"])

    with pytest.raises(Refused, match="公示这一步已经办了"):
        object_to(posting, by=cast["secretary"])


@pytest.mark.parametrize(
    ("who", "posts", "objects"),
    [
        ("secretary", True, True),
        ("committee member", True, True),
        ("township officer", True, True),
        ("county officer", True, True),
        ("member", False, False),
        ("sibling secretary", False, False),
        ("other township officer", False, False),
        ("system admin", False, False),
    ],
)
def test_by_standing(posted, cast, who, posts, objects):
    case = posted()
    posting = hang(case, by=cast["secretary"])

    def may(act):
        try:
            act()
        except Refused:
            return False
        return True

    assert may(lambda: object_to(posting, by=cast[who])) is objects
    assert may(lambda: hang(case, by=cast[who], place="另一处")) is posts
    objection = posting.objections.first() or object_to(posting, by=cast["secretary"])
    assert may(lambda: answer(objection, by=cast[who], stands=False)) is posts


def test_a_step_without_a_notice_has_none(tree, cast):
    with adopted(tree):
        case = begin(tree.village, "optional", by=cast["secretary"])
        turn = case.turns.get(stage="ask")
        with pytest.raises(Refused, match="这一步不公示"):
            actions.post(
                turn, channel="张贴", place="村部", posted_on=HUNG_SINCE, until=LAST,
                by=cast["secretary"], at=noon(TODAY),
            )  # fmt: skip


def test_through_the_pages(posted, cast, client):
    case = posted()
    turn = case.turns.get()
    client.force_login(cast["secretary"])
    sent = {"channel": "张贴", "place": "村部", "posted_on": HUNG_SINCE, "until": LAST}
    assert client.post(f"/cases/{case.pk}/turns/{turn.pk}/post/", sent).status_code == 302
    posting = Posting.objects.get()
    said = {"raised_on": LAST, "said": "数目不对", "source": ""}
    at = f"/cases/{case.pk}/postings/{posting.pk}/object/"
    assert client.post(at, said).status_code == 302
    objection = Objection.objects.get()
    assert "数目不对" in client.get(case.get_absolute_url()).content.decode()
    said = {"stands": "no", "answer": "查了，数目对", "answered_on": TODAY}
    at = f"/cases/{case.pk}/objections/{objection.pk}/answer/"
    assert client.post(at, said).status_code == 302
    assert not Case.objects.get(pk=case.pk).objections.filter(stands=None).exists()

    other = posted()
    assert client.post(
        f"/cases/{other.pk}/objections/{objection.pk}/answer/", said
    ).status_code == (404)
