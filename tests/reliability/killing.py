"""The product's own processes, and how each of them dies: by SIGKILL, at a random moment."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from queue import Queue
from threading import Thread

from tests.cli.homes import Home
from tests.cli.test_serving import children_of, free_port, is_up, until
from tests.reliability.hands import Officer

PAGES, WORKER, SEALER, EVERYTHING = "page process", "worker", "sealer", "everything"


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


class Served:
    """``zhibu serve`` with all its children, started again at the same address."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = self.home.start("serve", "--port", str(self.port))
        until(lambda: is_up(self.port), 90)
        until(self.worker)
        until(lambda: len(self.pages()) == 2)

    def _child(self, mark: str) -> int | None:
        assert self._process
        found = [pid for pid, line in children_of(self._process.pid).items() if mark in line]
        return found[0] if found else None

    def worker(self) -> int | None:
        return self._child("zhibu.cli worker")

    def pages(self) -> list[int]:
        web = self._child("granian")
        return sorted(children_of(web)) if web else []

    def kill_page(self, at_random: random.Random) -> None:
        page = at_random.choice(self.pages())
        kill(page)
        until(lambda: page not in self.pages() and len(self.pages()) == 2 and is_up(self.port))

    def kill_worker(self) -> None:
        worker = self.worker()
        assert worker
        kill(worker)
        until(lambda: self.worker() not in {worker, None})

    def kill_everything(self) -> None:
        """As when the power goes: first who would start the others again."""
        assert self._process
        top = self._process.pid
        children = list(children_of(top))
        family = [top, *children, *(pid for child in children for pid in children_of(child))]
        for pid in family:
            kill(pid)
        self._process.communicate(timeout=60)
        until(lambda: all(is_gone(pid) for pid in family))

    def end(self) -> None:
        """In good order; nothing is left behind either way."""
        assert self._process
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill_everything()


class Sealer:
    """A process that seals as soon as there is something to seal, and says so; another one
    follows when it dies."""

    def __init__(self, home: Home) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.sealer"],
            env=home.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: Queue[str] = Queue()
        self._ear = Thread(target=self._listen, daemon=True)
        self._ear.start()

    def kill(self, at_random: random.Random) -> bool:
        """Kill it a moment after it began to seal; whether it was at it still."""
        while not self._lines.empty():
            self._heard()
        said, pid = self._heard()
        while said != "sealing":
            said, pid = self._heard()
        time.sleep(at_random.uniform(0, 0.015))
        kill(pid)
        heard: list[str] = []
        while "died" not in heard:
            heard.append(self._heard()[0])
        return heard == ["died"]

    def _heard(self) -> tuple[str, int]:
        said, pid = self._lines.get(timeout=90).split()
        return said, int(pid)

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        self._ear.join(60)
        assert self._process.stdout
        self._process.stdout.close()


class Killer:
    """Kills this and that of what is served; ``done`` counts by what was killed."""

    def __init__(self, served: Served, officer: Officer, seed: int) -> None:
        self.served = served
        self.officer = officer
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.sealing = 0
        self._sealer = Sealer(served.home)

    def kill(self, target: str) -> None:
        if target == WORKER:
            self.officer.applying.wait(8)
        time.sleep(self.random.uniform(0.1, 1.2))
        if target == PAGES:
            self.served.kill_page(self.random)
        elif target == WORKER:
            self.served.kill_worker()
        elif target == SEALER:
            self.sealing += self._sealer.kill(self.random)
        else:
            self.served.kill_everything()
        self.done[target] += 1

    def end(self) -> None:
        self._sealer.end()
