"""Votes: judged by the pack's shares on the roll of the day, and never judged again."""

from datetime import date
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.activities.conftest import COMMITTEE, GENERAL, THEME, written
from tests.conftest import NOON
from zhibu.activities import actions, sittings
from zhibu.activities.drafts import AbsenceDraft, DecisionDraft, Faulty, VoteDraft
from zhibu.activities.models import Decision
from zhibu.core.quorum import Roll, Tally
from zhibu.ledger.verify import verify
from zhibu.packs import library
from zhibu.packs.schema.activities import VoteSpec
from zhibu.people import actions as people

JUDGED = ("entitled", "present", "present_needed", "yes_needed", "is_quorate", "passed")


def vote(yes, no=0, abstain=0):
    return (DecisionDraft("修路", VoteDraft(yes, no, abstain)),)


def absent(*persons):
    return {person.pk: AbsenceDraft("ill") for person in persons}


def judged(activity):
    return Decision.objects.values_list(*JUDGED).get(activity=activity)


# --- by brute force


def fewest(share, of):
    """The smallest number that satisfies a share as a pack writes it, by trying."""
    exact, number = Fraction(share["share"]) * of, 0
    while number < exact or (share.get("more_than", False) and number == exact):
        number += 1
    return number


def by_hand(rule, entitled, present, yes, no):
    """What comes of a vote: needed present, needed yes, may be held, carried."""
    bases = {"entitled": entitled, "present": present, "cast": yes + no}
    present_needed = fewest(rule["attendance"], bases[rule["attendance"]["of"]])
    yes_needed = fewest(rule["majority"], bases[rule["majority"]["of"]])
    is_quorate = entitled > 0 and present >= present_needed
    return present_needed, yes_needed, is_quorate, is_quorate and yes >= max(yes_needed, 1)


shares = st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda s: s[0] <= s[1])


@st.composite
def rules(draw, bases=("entitled", "present", "cast")):
    up, down = draw(shares)
    more_than = up < down and draw(st.booleans())
    return {"share": f"{up}/{down}", "more_than": more_than, "of": draw(st.sampled_from(bases))}


@st.composite
def ballots(draw):
    """Entitled, present, yes, no, abstain, as they can be."""
    entitled = draw(st.integers(0, 40))
    present = draw(st.integers(0, entitled))
    yes = draw(st.integers(0, present))
    no = draw(st.integers(0, present - yes))
    return entitled, present, yes, no, draw(st.integers(0, present - yes - no))


@settings(deadline=None, derandomize=True, max_examples=400)
@given(attendance=rules(("entitled",)), majority=rules(), ballot=ballots())
def test_judge_vote_is_what_trying_gives(attendance, majority, ballot):
    entitled, present, yes, no, abstain = ballot
    rule = {"attendance": attendance, "majority": majority}
    cited = {"cites": [{"source": "s", "at": "第一条", "seen": "text"}]}

    result = sittings.judge_vote(
        VoteSpec.model_validate(rule | cited), Roll(entitled, present), Tally(yes, no, abstain)
    )

    assert (
        result.present_needed, result.yes_needed, result.is_quorate, result.passed,
    ) == by_hand(rule, entitled, present, yes, no)  # fmt: skip


@settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kind=st.sampled_from([GENERAL, COMMITTEE]),
    away=st.sets(st.integers(0, 8)),
    tally=st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 3)),
)
def test_decision_is_what_trying_gives(kind, away, tally, branch):
    """Members 0 to 7 are full, 8 is on probation; 0, 1 and 2 are the committee."""
    pack, _, item = kind.partition(":")
    rule = library.packs()[pack].wording_on("activities", item, date(2026, 11, 6)).raw["vote"]
    people_due = [*branch.full, branch.probationary] if kind == GENERAL else branch.full[:3]
    voters = branch.full if kind == GENERAL else branch.full[:3]
    gone = [person for n, person in enumerate(people_due) if n in away]
    present = len([person for person in voters if person not in gone])
    needed, yes_needed, is_quorate, passed = by_hand(rule, len(voters), present, *tally[:2])
    may_be = is_quorate and sum(tally) <= present and len(gone) < len(people_due)

    with transaction.atomic():
        try:
            found = judged(
                branch.record(written(kind, absences=absent(*gone), decisions=vote(*tally)))
            )
        except Faulty:
            found = None
        transaction.set_rollback(True)

    expected = (len(voters), present, needed, yes_needed, True, passed) if may_be else None
    assert found == expected


# --- edges of the shares in force


@pytest.mark.parametrize(
    ("kind", "how_many_away", "tally", "expected"),
    [
        # eight entitled: four must come, five must say yes
        (GENERAL, 0, (5, 3, 0), (8, 8, 4, 5, True, True)),
        (GENERAL, 0, (4, 4, 0), (8, 8, 4, 5, True, False)),
        (GENERAL, 0, (4, 0, 0), (8, 8, 4, 5, True, False)),
        (GENERAL, 4, (4, 0, 0), (8, 4, 4, 5, True, False)),
        (GENERAL, 3, (5, 0, 0), (8, 5, 4, 5, True, True)),
        (GENERAL, 0, (0, 0, 8), (8, 8, 4, 5, True, False)),
        # three in the committee: two must come, two must say yes
        (COMMITTEE, 1, (2, 0, 0), (3, 2, 2, 2, True, True)),
        (COMMITTEE, 1, (1, 1, 0), (3, 2, 2, 2, True, False)),
    ],
)
def test_record_judges_a_vote(kind, how_many_away, tally, expected, branch):
    gone = absent(*branch.full[:how_many_away])

    activity = branch.record(written(kind, absences=gone, decisions=vote(*tally)))

    assert judged(activity) == expected
    decision = activity.decisions.get()
    assert (decision.yes, decision.no, decision.abstain) == tally
    assert ("第十一条" if kind == GENERAL else "第十二条") in decision.basis


def test_vote_beside_a_theme_day_is_of_the_kind_with_a_vote(branch):
    activity = branch.record(written(THEME, COMMITTEE, decisions=vote(2, 1)))

    assert judged(activity) == (3, 3, 2, 2, True, True)
    assert activity.participations.filter(is_due=True).count() == 9


def test_decisions_keep_their_order_with_and_without_votes(branch):
    several = (DecisionDraft("先讨论"), *vote(8), DecisionDraft("再议"))

    activity = branch.record(written(GENERAL, decisions=several))

    rows = activity.decisions.order_by("number")
    assert [(d.number, d.text, d.is_vote, d.passed) for d in rows] == [
        (1, "先讨论", False, None),
        (2, "修路", True, True),
        (3, "再议", False, None),
    ]


# --- frozen


def test_later_changes_of_the_roster_do_not_change_a_vote(branch):
    activity = branch.record(written(GENERAL, decisions=vote(5, 3)))
    roll = list(activity.participations.order_by("pk").values())
    by = branch.tree.system
    early = date(2026, 11, 1)

    people.place(branch.full[0], organization=branch.tree.inner, since=early, by=by, at=NOON)
    for person, state in ((branch.full[1], "deceased"), (branch.probationary, "full")):
        people.set_membership(person, state=state, since=early, by=by, at=NOON)
    factories.member(branch.village, by=by, since=early)

    assert judged(activity) == (8, 8, 4, 5, True, True)
    assert list(activity.participations.order_by("pk").values()) == roll
    assert verify().faults == []


def test_correction_is_judged_anew_on_the_roll_as_known_then(branch):
    """Two fewer voters and one more are known of the same day when it is corrected."""
    activity = branch.record(written(GENERAL, decisions=vote(4, 3)))
    by = branch.tree.system
    early = date(2026, 11, 1)
    people.place(branch.full[7], organization=branch.tree.inner, since=early, by=by, at=NOON)
    people.set_membership(branch.full[6], state="deceased", since=early, by=by, at=NOON)
    people.set_membership(branch.probationary, state="full", since=early, by=by, at=NOON)

    actions.correct(
        activity, written(GENERAL, decisions=vote(4, 3)), reason="名册更正",
        by=branch.secretary, at=NOON,
    )  # fmt: skip

    assert judged(activity) == (7, 7, 4, 4, True, True)
    before = activity.revisions.get().content["decisions"][0]
    assert (before["entitled"], before["passed"]) == (8, False)
