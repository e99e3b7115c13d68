"""What recording in the ledger adds to an action: the same action with and without it.

File on disk, synchronous=FULL, both ways in turn in one run. Target: at most 1.3 times.
"""

import os
from contextlib import contextmanager
from datetime import datetime

from rig import figures, homes

TIMES = int(os.environ.get("TIMES", "150"))
TARGET = 1.3


def main() -> None:
    home = homes.inside()
    from rig.branch import Branch

    from zhibu.ledger import actions as ledger
    from zhibu.ledger.verify import verify

    branch = Branch.of(members=20)
    real = ledger.record

    @contextmanager
    def silent():
        ledger.record = lambda *arguments, **more: None
        try:
            yield
        finally:
            ledger.record = real

    def without(action):
        with silent():
            action()

    rows = []
    for title, action in (
        ("record a meeting of 20, a vote, a follow-up", branch.record_meeting),
        ("change a person", branch.change_person),
    ):
        for _ in range(5):
            action()
        pair = figures.in_turn(action, lambda action=action: without(action), times=TIMES)
        figure = [*pair.wall, pair.ratio, pair.work_ratio]
        rows.append([title, *(f"{each:.2f}" for each in figure)])
    columns = ["action", "with, ms", "without, ms", f"ratio (target {TARGET})", "of CPU time"]
    figures.table(f"Ledger cost, {home.engine}, median of {TIMES} each", columns, rows)
    ledger.seal(datetime.now().astimezone())
    assert verify().sealed > 0


if __name__ == "__main__":
    main()
