import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from tests.conftest import NOON
from tests.processes import compete, kill_self, killed
from zhibu.core import jobs
from zhibu.core.models import Done, Fired, Heartbeat, Tries


def _effect(at):
    """Something the database shows: one row a run."""
    Tries.objects.create(key=uuid.uuid4().hex, n=1, until_at=at + timedelta(days=1))


@task
def count_up(key: str) -> None:
    with transaction.atomic():
        if jobs.once(key, at=NOON):
            _effect(NOON)


@task
def die_before_commit(key: str) -> None:
    with transaction.atomic():
        if jobs.once(key, at=NOON):
            _effect(NOON)
            _die_if_first()


@task
def die_after_commit(key: str) -> None:
    with transaction.atomic():
        if jobs.once(key, at=NOON):
            _effect(NOON)
    _die_if_first()


def _die_if_first() -> None:
    if DBTaskResult.objects.get().worker_ids == ["dead"]:
        kill_self()


@jobs.retry(times=3, wait=timedelta(minutes=1))
@task
def fail_for_a_person(name: str) -> None:
    raise ValueError(f"{name} 的身份证号 990101")


@task
def fail_once_only() -> None:
    raise ValueError


@pytest.fixture
def schedule(monkeypatch):
    """A schedule of its own, emptied afterwards."""
    monkeypatch.setattr(jobs, "_schedule", {})
    return jobs._schedule


def _run(worker: str = "w") -> bool:
    return jobs.Runner(worker).run_ready()


def _run_all(worker: str) -> None:
    while jobs.Runner(worker).run_ready():
        pass


def test_once_is_true_once(db):
    assert [jobs.once("a", at=NOON), jobs.once("a", at=NOON), jobs.once("b", at=NOON)] == [
        True,
        False,
        True,
    ]


@pytest.mark.django_db(transaction=True)
def test_once_refuses_to_stand_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        jobs.once("a", at=NOON)

    assert not Done.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_once_is_taken_back_with_the_effect():
    with transaction.atomic():
        jobs.once("a", at=NOON)
        transaction.set_rollback(True)

    with transaction.atomic():
        assert jobs.once("a", at=NOON)


@pytest.mark.django_db(transaction=True)
def test_rolled_back_enqueue_leaves_no_job():
    with transaction.atomic():
        count_up.enqueue("a")
        transaction.set_rollback(True)

    assert not DBTaskResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_four_workers_run_each_job_once():
    for number in range(40):
        count_up.enqueue(f"job {number % 20}")

    compete(_run_all, [(f"worker {n}",) for n in range(4)])

    assert DBTaskResult.objects.successful().count() == 40
    assert Done.objects.count() == Tries.objects.count() == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dying", [die_before_commit, die_after_commit])
def test_killed_job_takes_effect_exactly_once(dying):
    dying.enqueue("a")
    killed(_run, "dead")
    assert DBTaskResult.objects.running().count() == 1

    jobs.reap(NOON)
    _run("living")

    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    assert Tries.objects.count() == 1


def test_reap_leaves_the_jobs_of_beating_workers(db):
    for worker in ("alive", "late"):
        job = DBTaskResult.objects.get(pk=count_up.enqueue(worker).id)
        job.claim(worker)
    jobs.beat("alive", NOON - jobs.DEAD_AFTER)
    jobs.beat("late", NOON - jobs.DEAD_AFTER - timedelta(seconds=1))

    assert jobs.reap(NOON) == 1

    assert DBTaskResult.objects.running().get().worker_ids == ["alive"]


def test_reap_gives_up_a_job_that_kills_its_workers(db):
    job = DBTaskResult.objects.get(pk=count_up.enqueue("a").id)
    for number in range(jobs.MOST_DEATHS):
        job.claim(f"dead {number}")

    assert jobs.reap(NOON) == 0

    job.refresh_from_db()
    assert job.status == "FAILED"


def test_beat_moves_and_rest_removes(db):
    jobs.beat("w", NOON)
    jobs.beat("w", NOON + timedelta(minutes=1))
    assert Heartbeat.objects.get().beat_at == NOON + timedelta(minutes=1)

    jobs.rest("w")

    assert not Heartbeat.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_failed_job_keeps_the_place_and_no_message():
    fail_for_a_person.enqueue("王芳")

    _run()

    job = DBTaskResult.objects.get()
    assert "test_jobs.py" in job.traceback
    assert "王芳" not in job.traceback
    assert "990101" not in job.traceback


@pytest.mark.django_db(transaction=True)
def test_retry_waits_longer_each_time_and_ends():
    made = fail_for_a_person.enqueue("王芳")
    waits = []
    for number in range(3):
        DBTaskResult.objects.update(run_after=NOON)
        _run(f"w{number}")
        job = DBTaskResult.objects.get(pk=made.id)
        waits.append((job.status, round((job.run_after - NOON).total_seconds() / 60) > 0))

    assert waits == [("READY", True), ("READY", True), ("FAILED", False)]
    plan = jobs.Retry(times=3, wait=timedelta(minutes=1))
    assert [plan.after(n) for n in (1, 2, 3)] == [
        timedelta(minutes=1),
        timedelta(minutes=2),
        None,
    ]


@pytest.mark.django_db(transaction=True)
def test_task_that_does_not_ask_is_not_retried():
    fail_once_only.enqueue()

    _run()

    assert DBTaskResult.objects.get().status == "FAILED"


@pytest.mark.django_db(transaction=True)
def test_fire_runs_each_due_time_once(schedule):
    ran = []
    jobs.every("0 2 * * *", name="nightly")(ran.append)
    two = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # 02:00 in Shanghai

    fired = [
        jobs.fire(two),
        jobs.fire(two + timedelta(hours=3)),
        jobs.fire(two + timedelta(days=1)),
    ]

    assert fired == [["nightly"], [], ["nightly"]]
    assert [row.due_at for row in Fired.objects.order_by("due_at")] == [
        two,
        two + timedelta(days=1),
    ]
    _run_all("w")
    assert len(ran) == 2


def test_fire_counts_only_the_latest_due_time(db, schedule):
    jobs.every("*/5 * * * *", name="often")(lambda at: None)
    jobs.fire(NOON)

    jobs.fire(NOON + timedelta(days=1))

    assert Fired.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_failing_scheduled_job_leaves_the_others(schedule):
    ran = []

    @jobs.every("0 2 * * *", name="a breaks")
    def breaks(at):
        raise ValueError

    jobs.every("0 2 * * *", name="b runs")(ran.append)

    jobs.fire(NOON)
    _run_all("w")

    assert len(ran) == 1
    assert DBTaskResult.objects.failed().count() == 1


def _fire_often(start: int) -> int:
    return sum(len(jobs.fire(NOON + timedelta(minutes=n))) for n in range(start, start + 20))


@pytest.mark.django_db(transaction=True)
def test_three_schedulers_fire_each_due_time_once(schedule):
    jobs.every("* * * * *", name="each minute")(lambda at: None)

    fired = compete(_fire_often, [(0,), (0,), (0,)])

    assert sum(fired) == Fired.objects.count() == DBTaskResult.objects.count() == 20


@pytest.mark.parametrize("rule", ["0 2 * *", "0 2 * * * *", "often"])
def test_bad_rule_is_refused(rule, schedule):
    with pytest.raises(ValueError, match="五段"):
        jobs.every(rule, name="x")(print)


def test_scrub_drops_what_is_old(db):
    old, new = NOON - timedelta(days=401), NOON
    for at in (old, new):
        Fired.objects.create(name="x", due_at=at)
        Done.objects.create(key=str(at), done_at=at)
        Tries.objects.create(key=str(at.year), n=1, until_at=at + timedelta(minutes=1))
        job = DBTaskResult.objects.get(pk=count_up.enqueue("a").id)
        DBTaskResult.objects.filter(pk=job.pk).update(status="SUCCESSFUL", finished_at=at)

    assert jobs.scrub(NOON) == 1

    assert Fired.objects.get().due_at == new
    assert Done.objects.get().done_at == new
    assert Tries.objects.get().key == "2026"
    assert DBTaskResult.objects.get().finished_at == new
