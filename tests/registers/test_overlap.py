"""Whatever is written, no two rows of one key hold on the same day; what is ended can go on."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.conftest import NOON
from tests.registers import books
from zhibu.core.fields import Named
from zhibu.core.verdicts import Refused
from zhibu.registers import actions
from zhibu.registers.drafts import Draft, Faulty
from zhibu.registers.models import Row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 30).map(lambda n: FIRST + timedelta(days=n))
UNTIL = st.none() | DAYS
WHICH = st.integers(0, 5)
STEPS = st.lists(
    st.tuples(st.just("open"), st.sampled_from(["clerk", "driver"]), DAYS, UNTIL)
    | st.tuples(st.just("close"), WHICH, DAYS, st.none())
    | st.tuples(st.just("correct"), WHICH, DAYS, UNTIL)
    | st.tuples(st.just("void"), WHICH, DAYS, st.none()),
    min_size=2, max_size=9,
)  # fmt: skip
ONCE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def who(world, tree):
    person = factories.member(tree.village, by=tree.system, name="单文秀")
    return Named(person.pk, person.name)


def holds(row, day):
    return row.since <= day and (row.until is None or day < row.until)


def take(step, place, who, by):
    """One step; what it refuses leaves everything as it was."""
    what, which, since, until = step
    rows = list(Row.objects.order_by("pk"))
    before = [actions.content_of(row) for row in rows]
    try:
        with transaction.atomic():
            if what == "open":
                books.open_row(place, by=by, who=who, job=which, since=since, until=until)
                return
            if which >= len(rows):
                return
            row = rows[which]
            if what == "close":
                actions.close_row(row, until=since, reason="走了", ended_as="left", by=by, at=NOON)
            elif what == "correct":
                values = {"who": who, "job": row.counted}
                draft = Draft(since=since, until=until, values=values)
                actions.correct_row(row, draft, reason="写错", by=by, at=NOON)
            else:
                actions.void_row(row, reason="不该有", by=by, at=NOON)
    except (Faulty, Refused):
        assert before == [actions.content_of(row) for row in Row.objects.order_by("pk")]


@ONCE
@given(steps=STEPS)
def test_no_two_of_one_key_hold_on_a_day(steps, cast, tree, who):
    with transaction.atomic():
        for step in steps:
            take(step, tree.village, who, cast["secretary"])
        rows = list(Row.objects.counted())
        for day in (FIRST + timedelta(days=n) for n in range(32)):
            for one, other in combinations([row for row in rows if holds(row, day)], 2):
                assert one.counted != other.counted
        for row in rows:
            assert row.version == row.revisions.count() + 1
        transaction.set_rollback(True)


@ONCE
@given(since=DAYS, days=st.integers(1, 30), has_end=st.booleans())
def test_what_is_ended_is_followed_by_one_that_touches(since, days, has_end, cast, tree, who):
    by, until = cast["secretary"], since + timedelta(days=days)
    with transaction.atomic():
        first = books.open_row(
            tree.village, by=by, who=who, job="clerk", since=since,
            until=until + timedelta(days=9) if has_end else None,
        )  # fmt: skip
        actions.close_row(first, until=until, reason="换人", ended_as="left", by=by, at=NOON)
        with pytest.raises(Faulty):
            books.open_row(
                tree.village, by=by, who=who, job="clerk", since=until - timedelta(days=1)
            )
        books.open_row(tree.village, by=by, who=who, job="clerk", since=until)

        for day in (since, until - timedelta(days=1), until, until + timedelta(days=40)):
            assert Row.objects.valid_on(day).count() == 1
        transaction.set_rollback(True)
