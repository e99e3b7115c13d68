"""A step that may be left out holds up neither the next one nor the end."""

import pytest

from tests.cases.playing import act, adopted, begin, stands
from zhibu.cases.models import Turn
from zhibu.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def errand(cast, tree):
    with adopted(tree):
        yield begin(tree.village, "optional", by=cast["secretary"])


def test_what_joins_begins_without_it(errand, cast):
    act(errand, "ask", "asked", by=cast["secretary"])

    assert stands(errand) == ["decide", "visit"]


def test_left_out_it_is_dropped_at_the_end(errand, cast):
    for stage, outcome in (("ask", "asked"), ("decide", "decided"), ("file", "filed")):
        case = act(errand, stage, outcome, by=cast["secretary"])

    assert (case.is_open, case.ended_as) == (False, "归了")
    assert errand.turns.get(stage="visit").state == Turn.State.DROPPED
    assert verify().ok


def test_done_first_the_join_waits_for_the_other(errand, cast):
    act(errand, "visit", "seen", by=cast["secretary"])
    assert stands(errand) == ["ask"]

    act(errand, "ask", "asked", by=cast["secretary"])
    assert stands(errand) == ["decide"]


def test_done_late_it_does_not_begin_again_what_was_done_without_it(errand, cast):
    act(errand, "ask", "asked", by=cast["secretary"])
    act(errand, "decide", "decided", by=cast["secretary"])
    act(errand, "visit", "seen", by=cast["secretary"])

    assert stands(errand) == ["file"]
    assert errand.turns.filter(stage="decide").count() == 1


def test_done_late_while_the_join_is_open_nothing_opens_twice(errand, cast):
    act(errand, "ask", "asked", by=cast["secretary"])
    act(errand, "visit", "seen", by=cast["secretary"])

    assert stands(errand) == ["decide"]
    assert errand.turns.count() == 3
