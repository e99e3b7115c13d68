"""Whatever is interrupted is finished or cleared away, and nothing half-done is ever seen."""

import os
import signal
import socket
import subprocess
from datetime import timedelta

import pytest

from tests.conftest import NOON
from tests.imports.bringing import apply, begin, bring, clock, later
from tests.imports.sheets import TREE, WOMAN, look, member, members, organizations
from zhibu.core import pacing
from zhibu.imports import actions, writing
from zhibu.imports.models import Batch
from zhibu.imports.targets import Ground
from zhibu.ledger.models import Digest, Entry
from zhibu.ledger.verify import verify
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

FIRST = member(党内职务="书记")
SECOND = member(姓名="王红", 性别="女", 公民身份号码=WOMAN, 所在党支部="后村党支部")
SHEETS = (organizations(*TREE), members(FIRST, SECOND))


class PowerCut(BaseException):
    """Ends a process between two turns as far as the database can tell."""


@pytest.fixture
def cut(monkeypatch):
    """Cut the power before the n-th turn; nothing cleans up on the way out."""
    turn = pacing.Pacer.turn

    def before(number):
        turns = []

        def counted(self):
            turns.append(1)
            if len(turns) == number:
                raise PowerCut
            return turn(self)

        monkeypatch.setattr(pacing.Pacer, "turn", counted)
        monkeypatch.setattr(actions, "_abandon", lambda *a, **k: None)

    def restored():
        monkeypatch.setattr(pacing.Pacer, "turn", turn)

    before.restored = restored
    return before


def _dead(batch):
    """The process that was at it is no more."""
    Batch.objects.filter(pk=batch.pk).update(worker="elsewhere:1:dead")


def _killed_here(batch):
    """The process of this machine that was at it is no more, since a moment ago."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    worker = f"{socket.gethostname()[:50]}:{ended.pid}:mark"
    Batch.objects.filter(pk=batch.pk).exclude(worker="").update(worker=worker)


def _interrupt(cut, number, work):
    cut(number)
    try:
        work()
    except PowerCut:
        cut.restored()
        return True
    cut.restored()
    return False


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(1, 9))
def test_an_interrupted_import_is_cleared_away(system, cut, number):
    before = (Digest.objects.count(), Entry.objects.count())
    check, preview = look(system, *SHEETS)
    batch = begin(system, check, preview)
    was_cut = _interrupt(
        cut,
        number,
        lambda: actions.apply(
            batch, check=check, preview=preview, clean_only=False, by=system, at=NOON, clock=clock
        ),
    )
    if not was_cut:
        assert Person.objects.count() == 2
        return
    assert Person.objects.count() == Organization.objects.count() == 0
    assert verify().faults == []
    _dead(batch)

    assert actions.recover(later(), clock=later) == [batch.pk]

    assert Person.all_rows.count() == Organization.all_rows.count() == 0
    assert (Digest.objects.count(), Entry.objects.count()) == before
    batch.refresh_from_db()
    assert batch.state == Batch.State.FAILED
    assert "一行也没有导入" in batch.report["message"]
    assert verify().faults == []


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(1, 12))
def test_an_interrupted_undo_is_finished(system, cut, number):
    batch = bring(system, *SHEETS)
    batch.refresh_from_db()
    was_cut = _interrupt(cut, number, lambda: actions.undo(batch, by=system, at=NOON, clock=clock))
    assert verify().faults == []
    assert Person.objects.count() in {0, 2}
    if was_cut:
        _dead(batch)
        actions.recover(later(), clock=later)

    batch.refresh_from_db()
    assert batch.state == Batch.State.UNDONE
    assert Person.all_rows.count() == Organization.all_rows.count() == 0
    assert Entry.objects.filter(kind=actions.Kind.UNDONE).count() == 1
    assert verify().faults == []


@pytest.mark.django_db
def test_a_clearing_that_is_interrupted_itself_is_taken_up_again(system, cut):
    check, preview = look(system, *SHEETS)
    batch = begin(system, check, preview)
    _interrupt(
        cut,
        5,
        lambda: actions.apply(
            batch, check=check, preview=preview, clean_only=False, by=system, at=NOON, clock=clock
        ),
    )
    _dead(batch)
    assert _interrupt(cut, 2, lambda: actions.recover(later(), clock=later))
    _dead(batch)

    actions.recover(later() + timedelta(minutes=10), clock=later)

    assert Person.all_rows.count() == Organization.all_rows.count() == 0
    assert Batch.objects.get().state == Batch.State.FAILED
    assert verify().faults == []


@pytest.mark.django_db
def test_a_living_import_is_left_alone(system, cut):
    check, preview = look(system, *SHEETS)
    batch = begin(system, check, preview)
    _interrupt(
        cut,
        4,
        lambda: actions.apply(
            batch, check=check, preview=preview, clean_only=False, by=system, at=NOON, clock=clock
        ),
    )

    assert actions.recover(NOON, clock=clock) == []
    assert Batch.objects.get().state == Batch.State.WRITING


@pytest.mark.django_db
def test_an_import_that_was_taken_over_writes_nothing_more(system, monkeypatch):
    """A process that slept for long finds its batch cleared away, and stops."""
    check, preview = look(system, *SHEETS)
    batch = begin(system, check, preview)
    turn, turns = pacing.Pacer.turn, []

    def slept(self):
        turns.append(1)
        if len(turns) == 3:
            monkeypatch.setattr(pacing.Pacer, "turn", turn)
            _dead(batch)
            actions.recover(later(), clock=later)
        return turn(self)

    monkeypatch.setattr(pacing.Pacer, "turn", slept)
    with pytest.raises(writing.Interrupted):
        actions.apply(
            batch, check=check, preview=preview, clean_only=False, by=system, at=NOON, clock=clock
        )

    assert Person.all_rows.count() == Organization.all_rows.count() == 0
    assert Batch.objects.get().state == Batch.State.FAILED
    assert verify().faults == []


@pytest.mark.django_db
def test_what_organisations_derive_is_caught_up_with(system, monkeypatch):
    monkeypatch.setattr(actions, "REFRESH_AT_ONCE", 0)
    monkeypatch.setattr(actions, "refresh", lambda *a, **k: None)
    batch = bring(system, *SHEETS)
    monkeypatch.undo()
    batch.refresh_from_db()
    assert len(batch.to_refresh) == 4

    actions.recover(later(), clock=later)

    batch.refresh_from_db()
    assert batch.to_refresh == []


@pytest.mark.django_db
def test_a_check_that_died_is_said(system):
    from zhibu.imports import storage

    batch = actions.begin(file_name="x", file_digest="", ground=Ground(), by=system, at=NOON)
    storage.put(batch, "workbook", b"x")
    _dead(batch)

    actions.recover(later(), clock=later)

    batch.refresh_from_db()
    assert batch.state == Batch.State.FAILED
    assert not storage.has(batch, "workbook")


def _import_and_die(number):
    """In a process of its own: the system account's import, killed before its n-th turn."""
    from zhibu.accounts.models import User

    turn, turns = pacing.Pacer.turn, []

    def counted(self):
        turns.append(1)
        if len(turns) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return turn(self)

    pacing.Pacer.turn = counted
    by = User.objects.get(is_system=True)
    check, preview = look(by, *SHEETS)
    apply(by, check, preview)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [2, 4, 5])
def test_a_killed_process_leaves_nothing_that_stays(system, number):
    from tests.processes import killed

    killed(_import_and_die, number)
    assert Person.objects.count() == 0
    assert verify().faults == []

    actions.recover(NOON, clock=clock)

    assert Batch.objects.get().state == Batch.State.FAILED
    assert Person.all_rows.count() == Organization.all_rows.count() == 0
    assert verify().faults == []


@pytest.mark.django_db
def test_undecided_files_are_given_up_after_a_week(system):
    from zhibu.imports import storage

    check, preview = look(system, *SHEETS)
    batch = begin(system, check, preview)
    storage.put(batch, "workbook", b"x")

    actions.prune(NOON + timedelta(days=6))
    assert storage.has(batch, "workbook")
    actions.prune(NOON + timedelta(days=8))

    batch.refresh_from_db()
    assert batch.state == Batch.State.DISCARDED
    assert not storage.has(batch, "workbook")


@pytest.mark.django_db
def test_a_decision_outlives_whoever_checks_again(system):
    """Between the check and the writing nobody may die and leave the decision undone."""
    check, preview = look(system, *SHEETS)
    batch = actions.queue(begin(system, check, preview), clean_only=False, by=system)

    actions.note_check(batch, preview)

    batch.refresh_from_db()
    assert batch.state == Batch.State.QUEUED


@pytest.mark.django_db
def test_a_check_left_to_a_job_outlives_the_page_that_opened_it(system):
    batch = actions.begin(file_name="x", file_digest="", ground=Ground(), by=system, at=NOON)
    actions.leave_check(batch)
    _killed_here(batch)
    assert actions.recover(NOON, clock=clock) == []

    actions.take_up_check(batch, at=NOON)
    _killed_here(batch)

    assert actions.recover(NOON, clock=clock) == [batch.pk]
