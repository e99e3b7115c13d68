"""Background jobs on top of the database queue: once, retried, scheduled, reaped.

The queue itself is django-tasks-db: a job is enqueued in the action's transaction and
runs at most once. What it lacks is here: ``once`` marks a job done in the transaction of
its effect, ``retry`` runs a failed one again later, ``reap`` returns the jobs of dead
workers, ``fire`` enqueues what the schedule says, exactly once whatever the number of
workers. The loop that calls them is ``zhibu worker``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from croniter import croniter
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from zhibu.core import pacing, rate
from zhibu.core.models import Done, Fired, Heartbeat

BEAT = timedelta(seconds=10)
DEAD_AFTER = timedelta(minutes=1)
MOST_DEATHS = 5
KEEP_FINISHED = timedelta(days=30)
KEEP_DONE = timedelta(days=400)
AnyTask = TypeVar("AnyTask", bound=Task[..., Any])
Run = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job fired by a five-field cron rule in local time. ``run(at)`` does the work."""

    name: str
    rule: str
    run: Run

    def due(self, at: datetime) -> datetime:
        """The latest due time up to and including ``at``."""
        after: Any = croniter(self.rule, timezone.localtime(at) + timedelta(seconds=1))
        due: datetime = after.get_prev(datetime)
        return due


@dataclass(frozen=True, slots=True)
class Retry:
    """``times`` runs in all, the first wait ``wait``, each further one twice as long."""

    times: int
    wait: timedelta

    def after(self, runs: int) -> timedelta | None:
        """How long to wait after so many failed runs; None when it was the last."""
        return None if runs >= self.times else self.wait * 2 ** (runs - 1)


_schedule: dict[str, Scheduled] = {}
_retries: dict[str, Retry] = {}


def every(rule: str, *, name: str) -> Callable[[Run], Run]:
    """Register ``function(at)`` to run at the times of a five-field cron ``rule``."""

    def register(function: Run) -> Run:
        if name in _schedule:
            raise ValueError(f"定时任务 {name} 登记了两次")
        if not croniter.is_valid(rule) or len(rule.split()) != 5:
            raise ValueError(f"定时任务 {name} 的时间“{rule}”不对，要写五段")
        _schedule[name] = Scheduled(name, rule, function)
        return function

    return register


def schedule() -> list[Scheduled]:
    return list(_schedule.values())


def retry(*, times: int, wait: timedelta) -> Callable[[AnyTask], AnyTask]:
    """Run a failed task again, later and later. Goes above ``@task``.

    A task that asks for it must begin with ``once``, or bear being run again.
    """

    def register(made: AnyTask) -> AnyTask:
        _retries[made.module_path] = Retry(times, wait)
        return made

    return register


def once(key: str, *, at: datetime) -> bool:
    """Mark ``key`` done in the current transaction; False if it already was.

    A job that begins with ``if not once(key, at=at): return`` and commits its effect in
    the same transaction takes effect exactly once, however often it is run.

    Raises:
        TransactionManagementError: there is no transaction for the mark to be part of.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(f"{key} 要和它的结果在同一个事务里")
    try:
        with transaction.atomic():
            Done.objects.create(key=key, done_at=at)
    except IntegrityError:
        return False
    return True


@task
def run_scheduled(name: str) -> None:
    """Run one scheduled job; a name that is no longer registered is left alone."""
    job = _schedule.get(name)
    if job is not None:
        job.run(timezone.now())


def fire(at: datetime) -> list[str]:
    """Enqueue what fell due up to ``at`` and nobody has taken; the names.

    Only the latest due time counts: a worker that slept through a day does not run the
    same job a thousand times. Firing and enqueueing are one transaction.
    """
    due = {job.name: job.due(at) for job in schedule()}
    taken = set(Fired.objects.filter(due_at__in=set(due.values())).values_list("name", "due_at"))
    fired = []
    for name, due_at in due.items():
        if (name, due_at) in taken:
            continue
        try:
            with transaction.atomic():
                Fired.objects.create(name=name, due_at=due_at)
                run_scheduled.enqueue(name)
        except IntegrityError:
            continue
        fired.append(name)
    return fired


def beat(worker: str, at: datetime) -> None:
    Heartbeat.objects.update_or_create(worker=worker, defaults={"beat_at": at})


def rest(worker: str) -> None:
    """The worker has ended in good order: nobody need wait for its beat."""
    Heartbeat.objects.filter(worker=worker).delete()


def is_worked(at: datetime) -> bool:
    """Whether a worker is there that would take up a job now. One query."""
    return Heartbeat.objects.filter(beat_at__gte=at - DEAD_AFTER).exists()


def reap(at: datetime) -> int:
    """Return jobs of workers that stopped beating to the queue; how many.

    A job that took ``MOST_DEATHS`` workers with it is not given to another one.
    """
    alive = set(
        Heartbeat.objects.filter(beat_at__gte=at - DEAD_AFTER).values_list("worker", flat=True)
    )
    returned = 0
    for job in DBTaskResult.objects.running().only("id", "worker_ids"):
        if job.worker_ids and job.worker_ids[-1] in alive:
            continue
        same = DBTaskResult.objects.running().filter(pk=job.pk, worker_ids=job.worker_ids)
        if len(job.worker_ids) >= MOST_DEATHS:
            same.update(status="FAILED", finished_at=at, exception_class_path="worker died")
        else:
            returned += same.update(status="READY", started_at=None)
    return returned


_PLACE = re.compile(r'  File ".*", line \d+, in \S+')


def places(traceback: str) -> str:
    """Where it went wrong, without source lines and messages, which may name people."""
    return "\n".join(line for line in traceback.splitlines() if _PLACE.fullmatch(line))


class Runner(Worker):
    """Runs what is ready and comes back; keeps failed runs free of personal data."""

    def __init__(self, worker_id: str) -> None:
        super().__init__(
            queue_names=["*"],
            interval=0.1,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=worker_id,
            excluded_queue_names=[],
        )

    def run_ready(self) -> bool:
        """Run every job that is ready; whether there was one. Reads before it locks."""
        if not self.running or not DBTaskResult.objects.ready().exists():
            return False
        self.run()
        return True

    def run_task(self, db_task_result: DBTaskResult[..., Any]) -> None:
        super().run_task(db_task_result)
        if db_task_result.status == "FAILED":
            self._settle_failure(db_task_result, timezone.now())
        pacing.pause()

    def _settle_failure(self, job: DBTaskResult[..., Any], at: datetime) -> None:
        job.traceback = places(job.traceback)
        job.save(update_fields=["traceback"])
        asked = _retries.get(job.task_path)
        wait = asked.after(len(job.worker_ids)) if asked else None
        if wait is not None:
            job.status, job.run_after, job.finished_at = "READY", at + wait, None
            job.save(update_fields=["status", "run_after", "finished_at"])


@every("40 3 * * *", name="core.scrub")
def scrub(at: datetime) -> int:
    """Drop what is old, and the messages of jobs that died before they were settled."""
    for job in DBTaskResult.objects.failed().exclude(traceback="").only("id", "traceback"):
        DBTaskResult.objects.filter(pk=job.pk).update(traceback=places(job.traceback))
    Fired.objects.filter(due_at__lt=at - KEEP_DONE).delete()
    Done.objects.filter(done_at__lt=at - KEEP_DONE).delete()
    Heartbeat.objects.filter(beat_at__lt=at - timedelta(days=1)).delete()
    rate.forget(at)
    gone, _ = DBTaskResult.objects.finished().filter(finished_at__lt=at - KEEP_FINISHED).delete()
    return gone
