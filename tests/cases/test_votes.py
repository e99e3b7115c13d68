"""A vote on paper: judged by the totals on the roll of its day, signed by two tellers."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.cases import invented
from tests.cases.playing import BEGAN, act, adopted, begin, stands, told
from tests.conftest import NOON, TODAY
from tests.scenes import person_of as of_user
from zhibu.cases.models import Ballot, Case
from zhibu.cases.steps import Faulty, Totals, judged
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations.models import Post
from zhibu.packs.schema.base import Cite
from zhibu.packs.schema.procedures import Vote
from zhibu.people import actions as people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def voted(cast, tree):
    """A branch of eleven full members and one on probation, and a case about one of them."""
    more = [factories.member(tree.village, by=tree.system) for _ in range(8)]
    factories.member(tree.village, by=tree.system, state="probationary")
    with adopted(tree):
        case = begin(tree.village, "voted", by=cast["secretary"], person=more[0])
        case.tellers = (more[1].pk, more[2].pk)
        yield case


def counted(case, **said):
    values = {"entitled": 11, "present": 11, "yes": 11, "no": 0, "abstain": 0}
    return Totals(**{**values, "tellers": case.tellers, **said})


def outcome_of(case, cast, **said):
    """What the totals let the step end as: passed, failed, or what is wrong."""
    found = {}
    for outcome in ("passed", "failed"):
        try:
            return act(case, "vote", outcome, by=cast["secretary"], totals=counted(case, **said))
        except Faulty as faulty:
            found[outcome] = faulty.faults
    return found


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ({"present": 6, "yes": 6}, "通过了"),
        ({"present": 11, "yes": 6, "no": 5}, "通过了"),
        ({"present": 11, "yes": 5, "no": 6}, "没有通过"),
        ({"present": 11, "yes": 5, "no": 0, "abstain": 6}, "没有通过"),
        ({"present": 8, "written": 3, "yes": 6, "no": 5}, "通过了"),
        ({"present": 10, "yes": 0, "no": 0}, "没有通过"),
        ({"entitled": 9, "present": 5, "yes": 5, "why_fewer": "两人长期病休"}, "通过了"),
    ],
)
def test_totals_at_the_limit_decide(voted, cast, said, ends):
    case = outcome_of(voted, cast, **said)

    assert case.ended_as == ends
    assert Ballot.objects.get().has_passed is (ends == "通过了")
    assert verify().ok


@pytest.mark.parametrize(
    ("said", "place", "says"),
    [
        ({"present": 5, "yes": 5}, "vote_present", "到会不够，要到 6 人"),
        ({"present": 5, "written": 6, "yes": 11}, "vote_present", "到会不够"),
        ({"entitled": 12}, "vote_entitled", "只有 11 人"),
        ({"entitled": 10, "present": 10, "yes": 10}, "vote_why_fewer", "写明为什么"),
        ({"present": 12}, "vote_present", "实到比应到"),
        ({"present": 9, "written": 3}, "vote_written", "比没有到会的人多"),
        ({"present": 9, "written": 1, "yes": 11}, "vote_yes", "票数比到会的"),
        ({"yes": -1, "no": 3}, "vote_yes", "不能是负数"),
    ],
)
def test_totals_that_cannot_be_are_told_and_nothing_is_written(voted, cast, said, place, says):
    before = Entry.objects.count()
    found = outcome_of(voted, cast, **said)

    assert says in found["passed"][place]
    assert says in found["failed"][place]
    assert stands(voted) == ["vote"]
    assert (Ballot.objects.count(), Entry.objects.count()) == (0, before)


@pytest.fixture
def outside(cast, tree):
    """The same, where those who vote are on no roster here."""
    more = [factories.member(tree.village, by=tree.system) for _ in range(3)]
    text = invented.VOTED.replace('voters = "full-members"', 'voters = "others"')
    with adopted(tree, invented.pack(voted=text)):
        case = begin(tree.village, "voted", by=cast["secretary"], person=more[0])
        case.tellers = (more[1].pk, more[2].pk)
        yield case


def test_people_on_no_roster_vote_as_many_as_the_meeting_lists(outside, cast):
    case = outcome_of(outside, cast, entitled=408, present=300, yes=205, no=95)

    ballot = Ballot.objects.get()
    assert (case.ended_as, ballot.entitled, ballot.roll) == ("通过了", 408, [])


@pytest.mark.parametrize(
    ("said", "place", "says"),
    [
        ({"entitled": 0, "present": 0, "yes": 0}, "vote_entitled", "照会议的名册写"),
        ({"entitled": 408, "present": 204, "yes": 204}, "vote_present", "要到 205 人"),
        ({"entitled": 408, "present": 409}, "vote_present", "实到比应到"),
        ({"entitled": 408, "present": 300, "tellers": (0, 0)}, "vote_tellers", "本组织的正式党员"),
    ],
)
def test_what_cannot_be_of_people_on_no_roster_is_told(outside, cast, said, place, says):
    assert says in outcome_of(outside, cast, **said)["passed"][place]


def test_form_asks_how_many_are_entitled_where_no_roster_says(outside, client, cast):
    client.force_login(cast["secretary"])
    page = client.get(outside.get_absolute_url())

    assert "照会议的名册写" in page.content.decode()
    assert "vote_why_fewer" not in page.content.decode()


def test_the_other_outcome_is_refused_with_the_article(voted, cast):
    six = counted(voted, yes=5, no=6)
    found = told(voted, "vote", "passed", by=cast["secretary"], totals=six)

    assert found == {"outcome": "赞成 5 票，要 6 票，没有通过，不能按“通过”办。依据 章程 第四条。"}


def test_without_totals_they_are_asked_and_putting_off_needs_none(voted, cast):
    assert set(told(voted, "vote", "passed", by=cast["secretary"])) == {
        "vote_present", "vote_yes", "vote_tellers",
    }  # fmt: skip
    act(voted, "vote", "put-off", by=cast["secretary"], reason="人不齐")

    assert (stands(voted), Ballot.objects.count()) == (["vote"], 0)


def test_tellers_are_two_have_a_vote_and_are_not_the_one_it_is_about(voted, cast, tree):
    one, two = voted.tellers
    stranger = of_user(cast["stranger member"]).pk
    for tellers, says in [
        ((one, one), "两个不同的人"),
        ((one, voted.person_id), "不能自己监票"),
        ((0, two), "要是有表决权的人"),
        ((one, stranger), "要是有表决权的人"),
        ((one, 0), "要是有表决权的人"),
        ((0, 0), "要是有表决权的人"),
    ]:
        totals = counted(voted, tellers=tellers)
        found = told(voted, "vote", "passed", by=cast["secretary"], totals=totals)
        assert says in found["vote_tellers"], (tellers, found)


def test_roll_is_that_of_the_day_and_stays(voted, cast, tree):
    """Somebody who left before the vote has none; who leaves after it changes nothing."""
    leaver = people.register(
        name="要走的", home=tree.village, since=date(2020, 1, 1), state="full",
        state_since=date(2020, 1, 1), by=tree.system, at=NOON,
    )  # fmt: skip
    people.settle(leaver, tree.inner, since=date(2026, 11, 10), by=tree.system, at=NOON)
    found = told(
        voted, "vote", "passed", by=cast["secretary"], on=date(2026, 11, 9), totals=counted(voted)
    )
    assert "12 人" in found["vote_why_fewer"]

    act(voted, "vote", "passed", by=cast["secretary"], totals=counted(voted))
    roll = Ballot.objects.get().roll
    assert len(roll) == 11
    assert leaver.pk not in roll
    gone = of_user(cast["member"])
    people.settle(gone, tree.inner, since=TODAY, by=tree.system, at=NOON)
    assert Ballot.objects.get().roll == roll
    assert gone.pk in roll


def test_nobodys_vote_is_stored(voted, cast):
    """No table of this area joins a voter and a choice: a ballot has sums and the roll."""
    act(voted, "vote", "passed", by=cast["secretary"], totals=counted(voted, yes=7, no=4))

    assert Ballot.objects.count() == 1
    with connection.cursor() as cursor:
        names = {
            column.name
            for column in connection.introspection.get_table_description(
                cursor, Ballot._meta.db_table
            )
        }
    assert names == {
        "id", "turn_id", "case_id", "roll", "entitled", "present", "written", "yes", "no",
        "abstain", "why_fewer", "teller_one_id", "teller_two_id", "has_passed",
    }  # fmt: skip
    assert all(isinstance(one, int) for one in Ballot.objects.get().roll)


@pytest.mark.parametrize("who", ["member", "sibling secretary"])
def test_nobody_else_counts(voted, cast, who):
    with pytest.raises(Refused, match="这一步轮到"):
        act(voted, "vote", "passed", by=cast[who], totals=counted(voted))


def test_totals_come_in_through_the_page(voted, cast, client):
    client.force_login(cast["secretary"])
    turn = voted.turns.get()
    page = client.get(voted.get_absolute_url()).content.decode()
    assert "到会要过应到有表决权的半数" in page
    one, two = voted.tellers
    sent = {
        "outcome": "passed", "happened_on": TODAY, "vote_entitled": 11, "vote_present": 11,
        "vote_written": 0, "vote_yes": 10, "vote_no": 1, "vote_abstain": 0, "reason": "",
        "vote_teller_one": one, "vote_teller_two": "",
    }  # fmt: skip
    address = f"/cases/{voted.pk}/turns/{turn.pk}/"
    refused = client.post(address, sent)
    assert refused.status_code == 200
    assert "要是有表决权的人" in refused.content.decode()
    assert client.post(address, {**sent, "vote_teller_two": two}).status_code == 302
    assert Case.objects.get(pk=voted.pk).ended_as == "通过了"


def test_failed_vote_of_a_committee_counts_its_committee(cast, tree):
    text = invented.VOTED.replace('"full-members"', '"committee"')
    Post.objects.filter(organization=tree.village).update(in_committee=True)
    with adopted(tree, invented.pack(voted=text)):
        person = factories.member(tree.village, by=tree.system)
        case = begin(tree.village, "voted", by=cast["secretary"], person=person)
        two = (of_user(cast["secretary"]).pk, of_user(cast["committee member"]).pk)
        said = Totals(entitled=2, present=2, yes=1, no=1, abstain=0, tellers=two)
        act(case, "vote", "failed", by=cast["secretary"], totals=said, on=BEGAN + timedelta(days=1))

    assert sorted(Ballot.objects.get().roll) == sorted(two)


BASES = st.sampled_from(["entitled", "present", "cast"])
SHARES = st.sampled_from(["1/2", "2/3", "3/4", "4/5", "1/1", "1/3"])


@st.composite
def counts(draw):
    entitled = draw(st.integers(1, 40))
    present = draw(st.integers(0, entitled))
    written = draw(st.integers(0, entitled - present))
    yes = draw(st.integers(0, present + written))
    no = draw(st.integers(0, present + written - yes))
    abstain = draw(st.integers(0, present + written - yes - no))
    return Totals(
        entitled=entitled, present=present, written=written, yes=yes, no=no, abstain=abstain,
        tellers=(1, 2),
    )  # fmt: skip


def reaches(count, share, more_than, base):
    """Exact, on its own: a comparison of whole numbers, no rounding."""
    part = Fraction(share)
    left, right = count * part.denominator, base * part.numerator
    return left > right if more_than else left >= right


@given(counts(), SHARES, st.booleans(), BASES, SHARES, st.booleans())
def test_every_total_is_judged_as_fractions_say(totals, half, over, base, most, more):
    over, more = over and half != "1/1", more and most != "1/1"
    spec = {
        "voters": "full-members",
        "rule": {
            "attendance": {"share": half, "more_than": over, "of": "entitled"},
            "majority": {"share": most, "more_than": more, "of": base},
            "cites": [Cite(source="charter", seen="text")],
        },
    }
    bases = {
        "entitled": totals.entitled, "present": totals.present, "cast": totals.yes + totals.no,
    }  # fmt: skip
    quorate = reaches(totals.present, half, over, totals.entitled)
    passes = quorate and totals.yes > 0 and reaches(totals.yes, most, more, bases[base])

    found = judged(Vote.model_validate(spec), totals)

    assert (found.is_quorate, found.passed) == (quorate, passes)
