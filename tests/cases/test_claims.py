"""A step that whoever claims it does: by one at a time, by nobody too many, and given back."""

import pytest

from tests import factories
from tests.cases.playing import act, adopted, begin
from tests.conftest import NOON
from tests.scenes import person_of
from zhibu.cases import actions, queries
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Faulty
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def errands(cast, tree):
    with adopted(tree):
        yield [begin(tree.village, "claimed", by=cast["secretary"]) for _ in range(3)]


def turn_of(case):
    return Turn.objects.get(case=case.pk)


def claim(case, by):
    return actions.claim(turn_of(case), by=by, at=NOON)


def test_first_claimed_then_done(errands, cast):
    with pytest.raises(Refused, match="先认领"):
        act(errands[0], "errand", "done", by=cast["committee member"])
    claim(errands[0], cast["committee member"])

    assert turn_of(errands[0]).person == person_of(cast["committee member"])
    assert not act(errands[0], "errand", "done", by=cast["committee member"]).is_open
    assert verify().ok


def test_a_claim_is_one_persons(errands, cast):
    claim(errands[0], cast["committee member"])

    with pytest.raises(Refused, match="倪秀兰已经认领了"):
        claim(errands[0], cast["secretary"])
    mine = {
        who: queries.listed(cast[who], "mine", NOON.date()).count()
        for who in ("secretary", "committee member")
    }
    assert mine == {"secretary": 2, "committee member": 3}


def test_nobody_holds_more_than_so_many(errands, cast):
    claim(errands[0], cast["committee member"])
    claim(errands[1], cast["committee member"])
    with pytest.raises(Refused, match="最多认领 2 件"):
        claim(errands[2], cast["committee member"])

    act(errands[0], "errand", "done", by=cast["committee member"])
    assert claim(errands[2], cast["committee member"]).is_claimed


def test_given_back_with_a_reason_by_its_holder_or_from_above(errands, cast):
    for who in ("committee member", "township officer"):
        turn = claim(errands[0], cast["committee member"])
        with pytest.raises(Faulty, match="写明为什么退回"):
            actions.release(turn, reason=" ", by=cast[who], at=NOON)
        with pytest.raises(Refused, match="由认领的人或上级退回"):
            actions.release(turn, reason="忙", by=cast["sibling secretary"], at=NOON)
        given = actions.release(turn, reason="忙", by=cast[who], at=NOON)
        assert (given.person, given.is_claimed, given.reason) == (None, False, "忙")
    with pytest.raises(Refused, match="没有人认领"):
        actions.release(turn_of(errands[0]), reason="忙", by=cast["township officer"], at=NOON)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("secretary", True),
        ("committee member", True),
        ("township officer", True),
        ("member", False),
        ("sibling secretary", False),
        ("system admin", False),
    ],
)
def test_by_standing(errands, cast, who, may):
    if may:
        assert claim(errands[0], cast[who]).is_claimed
        return
    with pytest.raises(Refused, match="的人认领"):
        claim(errands[0], cast[who])


def test_a_step_that_is_done_or_needs_no_claim_is_not_claimed(errands, cast, tree):
    claim(errands[0], cast["secretary"])
    act(errands[0], "errand", "done", by=cast["secretary"])
    with pytest.raises(Refused, match="不用认领"):
        claim(errands[0], cast["secretary"])
    other = begin(tree.village, "hourly", by=cast["secretary"])
    with pytest.raises(Refused, match="不用认领"):
        claim(other, cast["secretary"])


def test_claimed_by_whom_the_pack_names(cast, tree):
    from tests.cases import invented

    text = invented.CLAIMED.replace(
        "claimed = true", 'claimed = true\nposts = ["branch-committee"]'
    )
    with adopted(tree, invented.pack(claimed=text)):
        case = begin(tree.village, "claimed", by=cast["secretary"])
        with pytest.raises(Refused, match="要由前村党支部的"):
            claim(case, cast["secretary"])
        assert claim(case, cast["committee member"]).is_claimed


def test_through_the_pages(errands, cast, client):
    case, turn = errands[0], turn_of(errands[0])
    client.force_login(cast["committee member"])
    page = client.get(case.get_absolute_url()).content.decode()
    assert f'action="/cases/{case.pk}/turns/{turn.pk}/claim/"' in page
    assert 'name="outcome"' not in page
    assert client.post(f"/cases/{case.pk}/turns/{turn.pk}/claim/").status_code == 302
    page = client.get(case.get_absolute_url()).content.decode()
    assert 'name="outcome"' in page
    at = f"/cases/{case.pk}/turns/{turn.pk}/release/"
    assert client.post(at, {"reason": "忙"}).status_code == 302
    assert Case.objects.get(pk=case.pk).turns.get().person is None


def test_nobody_without_a_person_claims(errands, cast, tree):
    assert factories.admin("system-admin").person_id is None
    with pytest.raises(Refused):
        claim(errands[0], tree.system)
