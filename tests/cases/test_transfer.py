"""Transfers, migrants and lost contact: days held against dateutil, who sees which."""

import json
from datetime import date, datetime, time, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests import scenes
from tests.conftest import NOON, TODAY
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions, days
from zhibu.cases.models import Case
from zhibu.cases.steps import Faulty, Step
from zhibu.core.fields import Named
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.packs import library
from zhibu.people.models import Person

PACK = "national/transfer"
DAYS = st.dates(date(2019, 6, 1), date(2040, 12, 31))
BEGAN = date(2026, 11, 2)


def rule(name):
    (wording,) = library.shipped()[PACK].items["procedures", name]
    return wording.item


# --- days


@pytest.mark.parametrize("name", ["transfer", "transfer-out"])
@given(DAYS, st.integers(-3, 120))
def test_letter_is_valid_for_ninety_days_at_most(name, issued, more):
    (span,) = rule(name).stage("letter").spans
    until = issued + timedelta(days=more)

    assert days.is_within(span, issued, until) == (
        issued <= until <= issued + relativedelta(days=90)
    )


@pytest.mark.parametrize(
    ("name", "stage", "length"),
    [
        ("lost", "suspend", relativedelta(months=6)),
        ("lost", "remove", relativedelta(years=2)),
        ("abroad", "suspend", relativedelta(years=5, days=1)),
        ("unqualified", "decide", relativedelta(months=6)),
    ],
)
@given(DAYS)
def test_waits_end_on_the_day_another_library_says(name, stage, length, since):
    (wait,) = rule(name).stage(stage).waits

    assert days.waited(since, wait.at_least, wait.counts) == since + length


@given(DAYS)
def test_terms_end_on_the_day_another_library_says(since):
    contact, rectify = rule("abroad").stage("contact").limit, rule("unqualified").stage("rectify")
    half, year = relativedelta(months=6), relativedelta(years=1)

    assert days.due(contact, {}, since, {}) == since + half
    assert days.due(rectify.limit, {}, since, {}) == since + half
    assert days.extended_at_most(rectify.limit, {}, since) == since + year


# --- through the real actions


@pytest.fixture
def adopted(tree):
    for pack in ("national/branch-life", PACK):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2020, 1, 1), by=tree.system, at=NOON
        )


def at_noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))


def begin(tree, name, by, person, on=BEGAN, **values):
    return actions.start(
        tree.village, procedure=f"{PACK}:{name}", wording=rule_since(name), title="一件事",
        values=values, person=person, on=on, by=by, at=at_noon(on),
    )  # fmt: skip


def rule_since(name):
    (wording,) = library.shipped()[PACK].items["procedures", name]
    return wording.since


def act(case, stage, outcome, by, on=TODAY, reason="", **values):
    turn = case.turns.open().get(stage=stage)
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason)
    return actions.act(turn, step, by=by, at=at_noon(on))


@pytest.fixture
def moving(tree, cast, adopted, clock):
    """The member's transfer to the far branch; the letter is out."""
    person = scenes.person_of(cast["member"])
    case = begin(
        tree, "transfer", cast["secretary"], person, to=Named(tree.far.pk, "远村党支部"), why="unit"
    )
    return act(
        case, "letter", "issue", cast["township officer"], on=BEGAN, valid_until=date(2027, 1, 31)
    )  # fmt: skip


def seen_by(cast, case):
    everybody = {who: user for who, user in cast.items() if user}
    return {who for who, user in everybody.items() if case in Case.objects.visible_to(user)}


SENDERS = {"secretary", "committee member", "township officer", "county officer", "member"}
RECEIVERS = {"stranger secretary", "other township officer"}
pytestmark = pytest.mark.django_db


def test_receiving_branch_sees_it_with_the_letter_and_nobody_beside(tree, cast, adopted, clock):
    person = scenes.person_of(cast["member"])
    case = begin(
        tree, "transfer", cast["secretary"], person, to=Named(tree.far.pk, "远村党支部"), why="unit"
    )
    assert seen_by(cast, case) == SENDERS

    act(
        case, "letter", "issue", cast["township officer"], on=BEGAN, valid_until=date(2027, 1, 31)
    )  # fmt: skip
    assert seen_by(cast, case) == SENDERS | RECEIVERS


def test_sender_answers_until_the_other_side_receives(moving, tree, cast):
    person = Person.objects.get(pk=cast["member"].person_id)
    assert person.home == tree.village
    assert set(moving.turns.open().values_list("stage", "organization")) == {
        ("receive", tree.far.pk), ("keep", tree.village.pk),
    }  # fmt: skip
    for who in ("secretary", "township officer", "sibling secretary", "member"):
        with pytest.raises(Refused, match="这一步轮到"):
            act(moving, "receive", "accept", cast[who], arrived_on=TODAY)

    case = act(moving, "receive", "accept", cast["stranger secretary"], arrived_on=TODAY)

    person.refresh_from_db()
    assert (case.ended_as, person.home, person.path) == ("已接收", tree.far, tree.far.path)
    assert verify().ok


def test_what_came_back_is_the_senders_alone_again(moving, tree, cast):
    act(moving, "receive", "refuse", cast["stranger secretary"], reason="不在本单位")

    assert list(moving.turns.open().values_list("stage", "organization")) == [
        ("returned", tree.village.pk)
    ]
    told = Notice.objects.filter(user=cast["secretary"]).values_list("title", flat=True)
    assert "轮到您：退回来了" in told


def lost(tree, cast, last):
    person = scenes.person_of(cast["member"])
    on = last + timedelta(days=40)
    case = begin(tree, "lost", cast["secretary"], person, on=on, last_contact_on=last)
    return act(case, "search", "propose", cast["secretary"], on=on, searched="问了家里")


@pytest.mark.parametrize(
    "last", [date(2023, 8, 31), date(2023, 8, 29), date(2024, 2, 29), date(2024, 3, 31)]
)
def test_suspended_and_removed_not_a_day_too_early(tree, cast, adopted, last):
    officer, secretary = cast["township officer"], cast["secretary"]
    case = lost(tree, cast, last)
    first = last + relativedelta(months=6)
    with pytest.raises(Faulty, match=f"{first} 起才能办"):
        act(case, "suspend", "agree", officer, on=first - timedelta(days=1))
    act(case, "suspend", "agree", officer, on=first)

    state = case.person.states.get(until=None)
    assert (state.state, state.since) == ("suspended", first)
    act(case, "keep", "propose", secretary, on=first + timedelta(days=9), searched="又问了")
    assert case.turns.open().get().not_before == first + relativedelta(years=2)


def test_lost_contact_is_no_talk_of_the_branch(tree, cast, adopted, clock):
    case = lost(tree, cast, date(2026, 3, 2))

    assert seen_by(cast, case) == {"secretary", "township officer", "county officer", "member"}
    titles = set(Notice.objects.values_list("title", flat=True))
    assert titles == {"轮到您：办一件事"}
    assert not any("失联" in body for body in Notice.objects.values_list("body", flat=True))


def test_migrant_reports_in_and_is_a_guest_from_the_day_received(tree, cast, adopted, clock):
    host = {"host": Named(tree.far.pk, "远村党支部"), "away_since": date(2026, 3, 1)}
    person = scenes.person_of(cast["member"])
    for who in ("township officer", "county officer", "stranger secretary", "stranger member"):
        with pytest.raises(Refused, match="党员本人开始"):
            begin(tree, "migrant", cast[who], person, **host)
    case = begin(tree, "migrant", cast["member"], None, **host)

    act(
        case, "confirm", "confirm", cast["secretary"], on=BEGAN,
        next_on=date(2027, 3, 1),
    )  # fmt: skip
    act(case, "certify", "issue", cast["county officer"], on=BEGAN, hotline="12371")
    assert case.papers.get().organization == tree.county
    act(case, "receive", "receive", cast["stranger secretary"], on=date(2026, 11, 9))
    person.refresh_from_db()
    assert (person.home, person.host_path) == (tree.village, tree.far.path)

    act(case, "back", "home", cast["member"])
    person.refresh_from_db()
    assert (person.host_path, Case.objects.get().ended_as) == ("", "回来了")


def test_letter_names_who_goes_as_what_and_until_when(moving):
    said = json.loads(moving.papers.get().values)["values"]

    assert said == {
        "to": "远村党支部", "case_person": "蒋红梅", "case_person_state": "正式党员",
        "case_organization": "前村党支部", "valid_until": "2027年1月31日",
        "paper_organization": "东镇委员会",
    }  # fmt: skip
    assert (moving.papers.get().called, moving.papers.get().title) == (
        "接转〔2026〕1号", "组织关系介绍信",
    )  # fmt: skip


def test_letter_opened_anew_makes_the_lost_one_invalid(moving, cast):
    act(moving, "keep", "reissue", cast["secretary"], reason="邮寄丢了")
    assert moving.papers.filter(annulled_at=None).count() == 1
    act(moving, "letter", "issue", cast["township officer"], valid_until=date(2027, 2, 10))

    lost, anew = moving.papers.order_by("pk")
    assert (lost.annulled_because, lost.annulled_by) == (
        f"换成{anew.called}", cast["township officer"],
    )  # fmt: skip
    assert (anew.called, anew.annulled_at) == ("接转〔2026〕2号", None)
    assert verify().ok
