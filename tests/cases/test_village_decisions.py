"""Decisions of a village: one step after another, first in one village, counted for the report
of its supervisors. What an example of the pack shows is not shown again here."""

from datetime import date

import pytest

from tests import factories
from tests.cases.playing import noon
from tests.conftest import NOON
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions import words
from zhibu.cases import actions, queries
from zhibu.cases.models import Case
from zhibu.cases.steps import Step, Totals
from zhibu.core import measures
from zhibu.core.fields import Named
from zhibu.core.verdicts import Refused
from zhibu.organizations import actions as organizations
from zhibu.packs import library
from zhibu.people import actions as people
from zhibu.people.queries import voters

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PACK = "seeds/four-deliberations"
DECISION = f"{PACK}:decision"
REQUIRED = ("national/branch-life", "national/village-bodies")
SINCE = date(2026, 1, 1)
CHAIN = ["propose", "consult", "review", "convene", "resolve", "publish", "implement", "check",
         "publish-result"]  # fmt: skip
BEFORE = {
    "consult": {"listen", "propose", "answer", "township", "consult", "review", "resolve",
                "assembly", "households", "publish"},
    "review": {"consult"},
    "convene": {"review", "assembly", "households", "resolve"},
    "resolve": {"convene"},
    "assembly": {"convene"},
    "households": {"convene"},
    "publish": {"resolve", "assembly", "households"},
    "implement": {"publish", "check", "publish-result"},
    "check": {"implement"},
    "publish-result": {"check"},
}  # fmt: skip


def rule():
    (wording,) = library.shipped()[PACK].items["procedures", "decision"]
    return wording.item


def adopt(pack, place, tree, since=SINCE):
    adoptions.adopt(pack=pack, organization=place, since=since, by=tree.system, at=NOON)


@pytest.fixture
def supervisors(tree):
    return factories.organization(
        tree.village, by=tree.system, name="前村监委会", kind="supervision-committee"
    )


@pytest.fixture
def decision(tree, cast, supervisors):
    """Begun in the village; it has a secretary and a member in its committee."""
    for pack in (*REQUIRED, PACK):
        adopt(pack, tree.county, tree)
    return begin(tree.village, cast["secretary"])


def begin(place, by, on=date(2026, 10, 1)):
    return actions.start(
        place, procedure=DECISION, wording=SINCE, title="鱼塘租金", on=on, by=by, at=noon(on),
        values={"what": "租金怎么用", "matter": "income", "area": "property", "why": "村民提的"},
    )  # fmt: skip


def act(case, stage, outcome, by, on, reason="", totals=None, **values):
    turn = case.turns.open().get(stage=stage)
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason, totals=totals)
    return actions.act(turn, step, by=by, at=noon(on))


def watch(case, by, on, outcome="seen", **more):
    observer = Named(by.person_id, "看的人")
    values = {"meeting": "none", "observer": observer, "note": "看了"} | more
    return act(case, "watch", outcome, by, on, **values)


# --- one after another


def test_every_step_follows_only_what_comes_before_it():
    leads = {
        stage.id: {one.id for one in rule().stages if any(stage.id in o.to for o in one.outcomes)}
        for stage in rule().stages
    }

    assert {name: leads[name] for name in BEFORE} == BEFORE


def test_no_step_can_be_taken_before_its_turn(decision, cast):
    by, on = cast["secretary"], date(2026, 10, 2)
    waiting = {turn.stage for turn in decision.turns.open()}

    assert waiting.isdisjoint(CHAIN[1:])
    act(decision, "listen", "heard", cast["township officer"], on, asked=3, heard="赞成")
    done = decision.turns.get(stage="listen")
    with pytest.raises(Refused, match="已经办了"):
        actions.act(done, Step(outcome="heard", happened_on=on), by=by, at=noon(on))
    decision.refresh_from_db()
    assert {turn.stage for turn in decision.turns.open()}.isdisjoint(CHAIN[1:])


def test_roll_of_the_members_vote_is_frozen_on_its_day(decision, cast, tree):
    """Who joins the branch afterwards is not on it."""
    by, on = cast["township officer"], date(2026, 10, 2)
    roll = sorted(voters(tree.village.pk, "full-members", on))
    act(decision, "listen", "heard", by, on, asked=3, heard="赞成")
    act(decision, "propose", "without-committee", by, on, proposal="三成修渠")
    act(decision, "consult", "passed", by, on, plan="三成修渠", totals=Totals(
        entitled=5, present=3, yes=2, no=1, abstain=0, tellers=(roll[0], roll[1])))  # fmt: skip
    act(decision, "review", "passed", by, on, views="好", totals=Totals(
        entitled=3, present=3, yes=3, no=0, abstain=0, tellers=(roll[0], roll[1])))  # fmt: skip
    factories.member(tree.village, by=tree.system)

    ballot = decision.ballots.get(turn__stage="review")
    assert (ballot.roll, ballot.entitled) == (roll, 3)
    assert decision.ballots.get(turn__stage="consult").roll == []


# --- first one village


def test_pilot_village_first_then_all(tree):
    """Adopted for one village, the others have none of it; for the county from a later day."""
    later = date(2026, 11, 1)
    for pack in REQUIRED:
        adopt(pack, tree.county, tree)
    adopt(PACK, tree.village, tree)
    adopt(PACK, tree.county, tree, since=later)

    def has(place, day):
        return DECISION in queries.procedures(place, day)

    before = date(2026, 10, 31)
    assert (has(tree.village, before), has(tree.inner, before)) == (True, False)
    assert (has(tree.village, later), has(tree.inner, later)) == (True, True)


# --- what the report of the supervisors counts


def count(place, stage, since, until, on=date(2026, 12, 31), **more):
    found = measures.get("cases.steps_done")
    params = found.params(procedure=DECISION, stage=stage, **more)
    return found.compute([place.pk], since, until, on, params)[place.pk].count


def test_steps_are_counted_by_the_day_they_were_done(decision, cast, tree, supervisors):
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    by = cast["township officer"]
    for day in (date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)):
        watch(decision, by, day)
    watch(decision, by, date(2026, 11, 2), "object", breach="order", objection="没有商议",
          answer_by=date(2026, 11, 9))  # fmt: skip

    assert count(supervisors, "watch", october, november, elsewhere=True) == 2
    assert count(supervisors, "watch", november, date(2026, 12, 1), elsewhere=True) == 2
    assert count(supervisors, "watch", october, date(2026, 12, 1), elsewhere=True,
                 outcomes=["object"]) == 1  # fmt: skip
    early = count(supervisors, "watch", october, november, on=date(2026, 10, 30), elsewhere=True)
    assert early == 1


def test_steps_are_those_of_ones_own_cases_or_of_others_with_a_hand_in_them(
    decision, cast, tree, supervisors
):
    year = (date(2026, 1, 1), date(2027, 1, 1))
    watch(decision, cast["township officer"], date(2026, 10, 1))

    assert count(tree.village, "watch", *year) == 1
    assert count(supervisors, "watch", *year) == 0
    assert count(tree.village, "watch", *year, elsewhere=True) == 0
    assert count(supervisors, "listen", *year, elsewhere=True) == 0


@pytest.mark.parametrize("change", [{"is_confidential": True}, {"state": "cancelled"}])
def test_closed_and_cancelled_cases_are_not_counted(decision, cast, tree, change):
    watch(decision, cast["township officer"], date(2026, 10, 1))
    gone = {"ended_on": date(2026, 10, 1), "reason": "记错"} if "state" in change else {}
    Case.objects.filter(pk=decision.pk).update(**change, **gone)

    assert count(tree.village, "watch", date(2026, 1, 1), date(2027, 1, 1)) == 0


def test_steps_that_were_done_are_offered_by_name(decision, cast, tree):
    watch(decision, cast["township officer"], date(2026, 10, 1))
    params = measures.get("cases.steps_done").params

    offered = params.offered([tree.village.pk], date(2026, 12, 31))

    assert [(one.key, one.title) for one in offered] == [
        (f"{DECISION}/watch", "村级重大事项决策：监督委员会列席")
    ]
    assert params.offered([tree.inner.pk], date(2026, 12, 31)) == []


def test_steps_that_shipped_returns_count_exist():
    """A name misspelt in a pack would count nothing and say nought."""
    forms = [
        wordings[-1].item
        for pack in library.shipped().values()
        for wordings in pack.wordings("assignment-forms")
    ]
    asked = [spec for form in forms for spec in form.fields if spec.known == "cases.steps_done"]
    named = [spec.known_with for spec in asked]

    assert len(named) >= 7
    for one in named:
        pack_id, _, name = one["procedure"].partition(":")
        stage = library.shipped()[pack_id].items["procedures", name][-1].item.stage(one["stage"])
        assert stage is not None, one
        assert all(stage.outcome(name) for name in one.get("outcomes", [])), one


# --- supervisors apart from the village committee


def post(place, kind, tree):
    return organizations.make_post(
        place, kind=kind, title="示例职务", role="branch-committee", since=SINCE, by=tree.system,
        at=NOON,
    )  # fmt: skip


def village_committee(place, tree, name="前村村委会"):
    return factories.organization(place, by=tree.system, name=name, kind="village-committee")


def take(person, made, tree, since=SINCE):
    return people.hold_post(person, post=made, since=since, by=tree.system, at=NOON)


def test_committee_of_another_village_is_no_bar(tree, supervisors):
    person = factories.member(tree.village, by=tree.system)
    take(person, post(village_committee(tree.inner, tree), "village-director", tree), tree)

    take(person, post(supervisors, "supervision-member", tree), tree)


def test_page_of_the_rules_says_what_is_apart_and_which_month():
    packs = library.shipped()
    director = packs["national/village-bodies"].items["posts", "supervision-director"][-1].item
    report = packs[PACK].items["assignment-forms", "monthly-report"][-1].item

    told = {fact.label: fact.text for fact in words.facts(director, packs)}
    assert told["不能兼任"] == "村委会主任、村委会副主任、村委会委员"
    told = {fact.label: fact.text for fact in words.facts(report, packs)}
    assert told["查执行"] == "系统自动填，数期限前一个月"


def test_barred_until_the_other_post_is_left(tree, supervisors):
    person = factories.member(tree.village, by=tree.system)
    holding = take(
        person, post(village_committee(tree.village, tree), "village-director", tree), tree
    )
    wanted, left = post(supervisors, "supervision-member", tree), date(2026, 6, 1)
    with pytest.raises(Refused, match="在任前村村委会的示例职务，两个职务不能一个人担任"):
        take(person, wanted, tree)
    people.end_holding(holding, on=left, by=tree.system, at=NOON)

    with pytest.raises(Refused, match="两个职务"):
        take(person, wanted, tree, since=date(2026, 5, 31))
    take(person, wanted, tree, since=left)
