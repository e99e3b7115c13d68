"""Whoever answers for a case hears once that it stands still."""

from datetime import timedelta

import pytest

from tests.conftest import NOON
from zhibu.cases import stalling
from zhibu.cases.models import Case
from zhibu.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LATER = NOON + timedelta(days=45)


@pytest.fixture
def only(life):
    """Of all cases only the one about accounts is open; its owner is the member."""
    Case.objects.open().exclude(pk=life.case.pk).update(
        state="cancelled", ended_on=NOON, reason="x"
    )
    return life.case


def told(case):
    rows = Notice.objects.filter(key__startswith=f"stalled:{case.pk}:")
    return sorted(rows.values_list("user", flat=True))


@pytest.mark.parametrize(("days", "is_told"), [(30, False), (31, True)])
def test_owner_is_told_the_day_after_the_pack_s_limit(only, cast, days, is_told):
    assert stalling.tell_of_stalled(NOON + timedelta(days=days)) == is_told
    assert told(only) == ([cast["member"].pk] if is_told else [])


def test_told_once_a_standstill_and_anew_after_it_moved(only):
    assert stalling.tell_of_stalled(LATER) == 1
    assert stalling.tell_of_stalled(LATER + timedelta(days=1)) == 0

    Case.objects.filter(pk=only.pk).update(moved_at=LATER)
    assert stalling.tell_of_stalled(LATER + timedelta(days=20)) == 0
    assert stalling.tell_of_stalled(LATER + timedelta(days=31)) == 1
    assert len(told(only)) == 2


def test_told_once_even_where_the_notice_was_cleared_away(only):
    stalling.tell_of_stalled(LATER)
    Notice.objects.all().delete()

    assert stalling.tell_of_stalled(LATER + timedelta(days=1)) == 0
    assert told(only) == []


def test_where_nobody_answers_for_it_whoever_acts_is_told(only, cast):
    Case.objects.filter(pk=only.pk).update(owner=None)
    only.turns.open().update(person=None)

    stalling.tell_of_stalled(LATER)

    assert set(told(only)) == {cast["secretary"].pk, cast["committee member"].pk}


def test_ended_case_stands_still_in_peace(only):
    Case.objects.filter(pk=only.pk).update(state="cancelled", ended_on=NOON, reason="x")

    assert stalling.tell_of_stalled(LATER) == 0


def test_confidential_case_is_not_named(only):
    Case.objects.filter(pk=only.pk).update(is_confidential=True)

    stalling.tell_of_stalled(LATER)

    notice = Notice.objects.get(key__startswith=f"stalled:{only.pk}:")
    assert only.title not in notice.title + notice.body
