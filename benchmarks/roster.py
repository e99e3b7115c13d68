"""A roster from file to rows that verify, and meetings that are saved meanwhile.

python benchmarks/roster.py [MEMBERS] [--alone]

Rows a second by the clock on the wall, preview included, as ``zhibu import`` does it. A
second process records real meetings of a branch of 20 all the while (not with ``--alone``).
Targets: 1,600 rows a second; of 100 meetings none refused, 99 of 100 within 3 s.
"""

import subprocess
import sys
import time
from pathlib import Path

from rig import figures, homes

MEMBERS, RATE = 54_541, 1600
MEETINGS, SLOWEST = 100, 3.0


def main(members: int, *, is_alone: bool) -> None:
    home = homes.inside()
    from django.utils import timezone

    from tests.imports.workbooks import county_workbook
    from zhibu.accounts import actions as accounts
    from zhibu.imports import command
    from zhibu.imports.models import Batch
    from zhibu.ledger import actions as ledger
    from zhibu.ledger.verify import verify

    system = accounts.ensure_system_account(timezone.now())
    file = home.path / "roster.xlsx"
    file.write_bytes(county_workbook(members=members))
    others = None if is_alone else Others(home, pace=MEMBERS / RATE / MEETINGS)
    began, worked = time.perf_counter(), time.process_time()
    code = command.run_import(file, by=system)
    seconds = time.perf_counter() - began
    worked = time.process_time() - worked
    saved = others.ended() if others else []
    assert code == 0
    batch = Batch.objects.latest("pk")
    rows = sum(batch.counts["made"].values())
    figures.table(
        f"Roster, {home.engine}",
        ["rows", "seconds", f"rows/s (target {RATE})", "own CPU, s", "longest turn, ms"],
        [
            [
                rows,
                f"{seconds:.1f}",
                f"{rows / seconds:.0f}",
                f"{worked:.1f}",
                batch.counts["longest"],
            ]
        ],
    )
    if others:
        say_meetings(home, saved, during=seconds)
    ledger.seal(timezone.now())
    report = verify()
    assert report.sealed > 0 and report.unsealed == 0 and report.ok


def say_meetings(home: homes.Home, saved: list[str], *, during: float) -> None:
    took = [float(line) for line in saved if line != "refused"]
    row = [
        len(took),
        len(saved) - len(took),
        *(f"{figures.percentile(took, share):.2f}" for share in (0.5, 0.99, 1.0)),
        f"{during / len(saved):.2f}",
    ]
    columns = ["saved", "refused", "median, s", f"p99, s (target {SLOWEST:.0f})", "longest, s"]
    figures.table(f"Meetings meanwhile, {home.engine}", [*columns, "one every, s"], [row])


class Others:
    """The process that records meetings; ready to begin when this has been made."""

    def __init__(self, home: homes.Home, *, pace: float) -> None:
        command = [sys.executable, __file__, "--meetings", str(pace), str(home.path / "stop")]
        self._stop = home.path / "stop"
        self._process = subprocess.Popen(
            command, env=home.environment, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout and self._process.stdout.readline() == "ready\n"

    def ended(self) -> list[str]:
        """Seconds of each meeting, or "refused", one a line."""
        self._stop.touch()
        return self._process.communicate(timeout=60)[0].split()


def save_meetings(pace: float, stop: Path) -> None:
    """A meeting every ``pace`` seconds, or as soon as the one before is saved."""
    import django

    django.setup()
    from rig.branch import Branch

    branch = Branch.of(members=20)
    branch.record_meeting()
    print("ready", flush=True)
    while not stop.exists():
        began = time.perf_counter()
        try:
            branch.record_meeting()
        except Exception as error:
            sys.stderr.write(f"{error!r}\n")
            print("refused")
        else:
            print(time.perf_counter() - began)
        time.sleep(max(0.0, pace - (time.perf_counter() - began)))


if __name__ == "__main__":
    if "--meetings" in sys.argv:
        import os

        os.environ["DJANGO_SETTINGS_MODULE"] = "zhibu.config.settings"
        save_meetings(float(sys.argv[2]), Path(sys.argv[3]))
    else:
        numbers = [int(a) for a in sys.argv[1:] if a.isdecimal()]
        main(numbers[0] if numbers else MEMBERS, is_alone="--alone" in sys.argv)
