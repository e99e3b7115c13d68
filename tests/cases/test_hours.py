"""Limits in hours and minutes count from the moment a step begins; a day more from above."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from tests.cases import invented
from tests.cases.playing import act, adopted, begin
from tests.conftest import NOON, TODAY
from zhibu.cases import actions, queries
from zhibu.cases.models import Case
from zhibu.cases.steps import Faulty
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def urgent(cast, tree):
    """Begun at noon in Shanghai, to be answered within 24 hours."""
    with adopted(tree):
        yield begin(tree.village, "hourly", by=cast["secretary"], on=TODAY, at=NOON)


def overdue(cast, moment):
    with time_machine.travel(moment, tick=False):
        rows = queries.with_turns(Case.objects.visible_to(cast["secretary"]))
        line = queries.lines(list(rows), TODAY)[0]
        count = queries.counts(cast["secretary"], TODAY)["overdue"]
        assert Case.objects.overdue(TODAY).count() == count
        assert line.is_late is bool(count)
        assert bool(queries.board(cast["secretary"], urgent_name(), rule(), TODAY)[0].late) is (
            line.is_late
        )
        return line.is_late


def urgent_name():
    return "demo/small:hourly"


def rule():
    return invented.pack().items["procedures", "hourly"][-1].item


def test_late_by_the_minute(urgent, cast):
    turn = urgent.turns.get()
    assert turn.due_at == NOON + timedelta(hours=24)
    assert turn.due_on == date(2026, 11, 21)
    assert not overdue(cast, turn.due_at)
    assert overdue(cast, turn.due_at + MINUTE)


def test_done_at_the_minute_is_in_time_and_a_minute_later_is_not(urgent, cast):
    turn = urgent.turns.get()
    with time_machine.travel(turn.due_at, tick=False):
        case = act(urgent, "answer", "answered", by=cast["secretary"], at=turn.due_at, on=TODAY)
    done = case.turns.get()
    assert not done.is_late(TODAY)
    done.at += MINUTE
    assert done.is_late(TODAY)


def test_limit_over_midnight_is_due_on_the_next_local_day(cast, tree):
    with adopted(tree):
        late = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
        with time_machine.travel(late, tick=False):
            case = begin(tree.village, "hourly", by=cast["secretary"], on=TODAY, at=late)
    assert case.turns.get().due_on == date(2026, 11, 21)
    assert case.due_at == late + timedelta(hours=24)


def extend(case, until, by):
    return actions.extend(case.turns.get(), until=until, reason="路断了", by=by, at=NOON)


def test_put_off_to_a_whole_day_at_most_so_long(urgent, cast):
    with pytest.raises(Refused, match="批准"):
        extend(urgent, date(2026, 11, 22), cast["secretary"])
    with pytest.raises(Faulty) as refused:
        extend(urgent, date(2026, 11, 24), cast["township officer"])
    assert refused.value.faults == {"until": "最多延到 2026-11-23。依据 章程 第三条。"}
    with pytest.raises(Faulty, match="要晚于"):
        extend(urgent, date(2026, 11, 21), cast["township officer"])

    extend(urgent, date(2026, 11, 23), cast["township officer"])
    turn = Case.objects.get(pk=urgent.pk).turns.get()
    assert (turn.due_on, turn.due_at) == (date(2026, 11, 23), None)
    assert not overdue(cast, datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert verify().ok


def test_an_hour_to_come_does_not_hide_a_day_that_passed(cast, tree):
    """Two steps at once, one late by its day, the other due by an hour that is still to come."""
    text = (
        invented.HOURLY.replace('start = ["answer"]', 'start = ["answer", "file"]')
        + f"""
[[stages]]
id = "file"
title = "归档"
{invented.ORGANIZATION}
limits = [{{ within = "P1D", {invented.CITES} }}]
outcomes = [{{ id = "filed", title = "归了" }}]
"""
    )
    with adopted(tree, invented.pack(hourly=text)):
        case = begin(tree.village, "hourly", by=cast["secretary"], on=date(2026, 11, 10), at=NOON)
        case = queries.with_turns(Case.objects.filter(pk=case.pk)).get()
        assert case.due_at > NOON
        assert case.due_on == date(2026, 11, 11)
        assert queries.lines([case], TODAY)[0].is_late
        assert Case.objects.overdue(TODAY).exists()
