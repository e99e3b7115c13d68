"""Who ended a membership, and when: the bar on joining again."""

from datetime import date

import pytest
from dateutil.relativedelta import relativedelta

from tests import factories
from tests.conftest import NOON
from zhibu.core.predicates import Condition
from zhibu.people import actions

pytestmark = pytest.mark.django_db
ENDED = date(2024, 2, 29)


def barred(person, on, years=5, **more):
    test = {"is": "ended_membership_within", "years": years} | more
    where = Condition.model_validate({"all": [test]})
    return where.satisfied_by([person.pk], on) == {person.pk}


@pytest.fixture
def left(tree):
    """Whoever went through ``states``, the last of them from ``ENDED`` on."""

    def make(*states):
        person = factories.member(tree.village, by=tree.system, state=states[0])
        days = [date(2022, 5, 1), ENDED] if len(states) == 3 else [ENDED]
        for state, since in zip(states[1:], days, strict=True):
            actions.set_membership(person, state=state, since=since, by=tree.system, at=NOON)
        return person

    return make


@pytest.mark.parametrize(
    "states", [("full", "ended"), ("probationary", "ended"), ("full", "suspended", "ended")]
)
def test_bar_lasts_the_years_and_not_a_day_longer(left, states):
    person = left(*states)
    over = ENDED + relativedelta(years=5)

    assert over == date(2029, 2, 28)
    assert not barred(person, date(2024, 2, 28))
    assert barred(person, ENDED)
    assert barred(person, over - relativedelta(days=1))
    assert not barred(person, over)


def test_end_that_rests_on_something_named_is_no_bar(tree):
    person = factories.member(tree.village, by=tree.system)
    actions.set_membership(
        person, state="ended", since=ENDED, basis="本人退党", by=tree.system, at=NOON
    )

    assert barred(person, ENDED)
    assert barred(person, ENDED, but_for=["取消预备党员资格"])
    assert not barred(person, ENDED, but_for=["取消预备党员资格", "本人退党"])


@pytest.mark.parametrize("states", [("applicant", "ended"), ("full", "suspended")])
def test_who_was_no_member_or_still_is_something_is_not_barred(left, states):
    assert not barred(left(*states), date(2024, 6, 1))
