"""The background worker: beats, fires the schedule, seals the ledger, runs queued jobs.

Beating and sealing have a thread of their own, so that a long job (an import) neither
looks dead nor leaves the ledger unsealed.
"""

import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Event, Thread

from zhibu.cli.console import BROKEN, DONE, Ended, open_installation

log = logging.getLogger(__name__)

IDLE = 1.0
FIRE_EVERY = 20.0
REAP_EVERY = 30.0


def worker() -> int:
    """Work until told to end; a job that is running is finished first."""
    open_installation()
    from zhibu.cli import backing_up
    from zhibu.core.jobs import Runner

    backing_up.register()
    name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
    runner = Runner(name)
    told, ended = Event(), Event()

    def end(*_: object) -> None:
        runner.running = False
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    pulse = Thread(target=_pulse, args=(name, ended), name="pulse", daemon=True)
    pulse.start()
    while not told.is_set():
        if not pulse.is_alive():
            raise Ended(BROKEN, "封存和定时任务停了，后台任务跟着停下。原因见上面。")
        if not safely("run", runner.run_ready):
            told.wait(IDLE)
    ended.set()
    pulse.join()
    return DONE


def _pulse(name: str, ended: Event) -> None:
    """Everything that must happen on time, whatever the jobs do."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from zhibu.core import jobs

    steps: list[tuple[str, float, Callable[[datetime], object]]] = [
        ("beat", jobs.BEAT.total_seconds(), partial(jobs.beat, name)),
        ("seal", settings.LEDGER_SEAL_SECONDS, seal),
        ("reap", REAP_EVERY, jobs.reap),
        ("fire", FIRE_EVERY, jobs.fire),
    ]
    due = {title: time.monotonic() for title, _, _ in steps}
    while not ended.is_set():
        for title, interval, step in steps:
            if time.monotonic() >= due[title]:
                due[title] = time.monotonic() + interval
                safely(title, partial(step, timezone.now()))
        ended.wait(IDLE)
    safely("seal", partial(seal, timezone.now()))
    safely("rest", partial(jobs.rest, name))
    connection.close()


def seal(at: datetime) -> int:
    """Seal, then keep the newest head outside the database."""
    from zhibu.ledger import actions as ledger
    from zhibu.ledger import outside, signing

    try:
        sealed = ledger.seal(at)
        if sealed:
            outside.witness()
    except (signing.KeyMissing, signing.KeyUnreadable, OSError) as error:
        log.warning("seal: %s", error)
        return 0
    return sealed


def safely(title: str, step: Callable[[], object]) -> object:
    """Run one step; a locked or lost database is noted and the worker goes on."""
    from django.db import DatabaseError, InterfaceError, close_old_connections

    try:
        close_old_connections()
        return step()
    except (DatabaseError, InterfaceError) as error:
        log.warning("%s: %s", title, type(error).__name__)
        close_old_connections()
        return None
