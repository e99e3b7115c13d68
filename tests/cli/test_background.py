import signal
import time

import pytest
from django.db import InterfaceError, OperationalError

from tests.cli.test_serving import until
from zhibu.cli.background import safely

COUNT = """
from datetime import timedelta
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from zhibu.core import jobs
"""


STATES = "list(DBTaskResult.objects.values_list('status', flat=True))"


def test_worker_runs_the_schedule_and_ends_in_good_order(home):
    worker = home.start("worker")
    until(lambda: "SUCCESSFUL" in home.python(f"{COUNT}print({STATES})"))

    worker.send_signal(signal.SIGTERM)
    _, errors = worker.communicate(timeout=30)

    assert (worker.returncode, errors) == (0, "")
    assert home.verified()["unsealed"] == 0
    assert home.sql("select worker from core_heartbeat") == "[]"


def test_killed_workers_job_is_run_by_the_next(home):
    made = home.python(
        f"{COUNT}"
        "job = jobs.run_scheduled.enqueue('nothing')\n"
        "row = DBTaskResult.objects.get(pk=job.id)\n"
        "row.claim('dead')\n"
        "jobs.beat('dead', timezone.now() - timedelta(minutes=5))\n"
        "print(row.pk)"
    )
    worker = home.start("worker")

    until(
        lambda: (
            "SUCCESSFUL"
            in home.python(f"{COUNT}print(DBTaskResult.objects.get(pk='{made}').status)")
        )
    )

    worker.terminate()
    worker.communicate(timeout=30)


def test_worker_outlives_a_locked_database(home):
    if home.database:
        pytest.skip("PostgreSQL locks rows, not the database")
    import sqlite3

    worker = home.start("worker")
    until(lambda: home.sql("select worker from core_heartbeat") != "[]")
    with sqlite3.connect(home.path / "zhibu.sqlite3", isolation_level=None) as holder:
        holder.execute("begin immediate")
        time.sleep(12)
        holder.execute("rollback")
    holder.close()
    home.python(
        "from django.utils import timezone\n"
        "from zhibu.accounts import actions\n"
        "from zhibu.accounts.models import User\n"
        "actions.note_backup(by=User.objects.get(is_system=True), at=timezone.now())\n"
    )

    until(lambda: home.verified()["unsealed"] == 0)
    assert worker.poll() is None

    worker.terminate()
    _, errors = worker.communicate(timeout=30)
    assert "Traceback" not in errors


@pytest.mark.parametrize("error", [OperationalError("database is locked"), InterfaceError()])
def test_lost_database_does_not_end_the_worker(error, db, caplog):
    def fail():
        raise error

    assert safely("seal", fail) is None
    assert "seal" in caplog.text


def test_fault_of_ours_ends_the_worker(db):
    def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        safely("seal", fail)
