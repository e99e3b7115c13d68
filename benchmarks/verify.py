"""How many ledger rows a second ``verify`` checks, and how long the records take.

A ledger of ENTRIES entries with one or two digests each, sealed in batches, on disk. Rows
are entries, digests and sealed positions; heads with their signatures and the check of the
records are their own lines. Target: at least 100,000 ledger rows/s. ``SEAL`` entries go
into one head; the product's worker seals whatever 20 seconds brought.
"""

import os
import time
import uuid
from datetime import UTC, datetime, timedelta

from rig import figures, homes

ENTRIES = int(os.environ.get("ENTRIES", "200000"))
SEAL = int(os.environ.get("SEAL", "500"))
TARGET = 100_000
AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def fill() -> None:
    """Entries as actions write them, without the actions."""
    from django.db import transaction

    from tests import factories
    from zhibu.accounts.actions import ensure_system_account
    from zhibu.ledger import actions as ledger
    from zhibu.notices import actions as notices

    system = ensure_system_account(AT)
    factories.small_tree(system)
    subject = notices.give_feedback(page="/", text="x", by=system, at=AT)
    made = 0
    while made < ENTRIES:
        with transaction.atomic():
            for number in range(made, min(made + 5000, ENTRIES)):
                counter = ledger.Digests(uuid.uuid4())
                lines = [("tests.record", number * 2 + extra, os.urandom(32)) for extra in (0, 1)]
                counter.add(lines[: 1 + number % 2])
                counter.conclude(
                    notices.Kind.GIVEN, subject, organization=1, by=system,
                    at=AT + timedelta(seconds=number), basis="支部工作条例 第十一条",
                )  # fmt: skip
        made += 5000
    ledger.BATCH = SEAL
    ledger.seal(AT)


def timed(function) -> tuple[float, float]:
    wall, work = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - work


def main() -> None:
    home = homes.inside()
    from django.conf import settings

    from zhibu.ledger import signing, verify
    from zhibu.ledger.models import Digest, Entry, Head, Sealed

    signing.write(signing.generate(AT), settings.LEDGER_KEY_PATH)
    fill()
    counts = [model.objects.count() for model in (Entry, Digest, Sealed)]
    rows, heads = sum(counts), Head.objects.count()
    report = verify.Report()
    lines = []
    steps = [
        ("entries and digests", counts[0] + counts[1], lambda: verify._check_entries(report)),
        ("positions and heads", counts[2] + heads, lambda: verify._check_sealed(report)),
    ]
    wall = work = 0.0
    for title, number, step in steps:
        took = timed(step)
        wall, work = wall + took[0], work + took[1]
        lines.append([title, number, *(f"{each:.2f}" for each in took), f"{number / took[0]:,.0f}"])
    speed = f"{rows / wall:,.0f}"
    lines.append(["the ledger together", rows, f"{wall:.2f}", f"{work:.2f}", speed])
    assert report.faults == [], report.faults[:3]
    took = timed(verify.verify)
    lines.append(["with records", rows, *(f"{each:.2f}" for each in took), ""])
    columns = ["step", "rows", "s", "s of CPU", f"rows/s (target {TARGET:,})"]
    title = f"verify, {home.engine}, {counts[0]:,} entries, {heads:,} signed heads of {SEAL}"
    figures.table(title, columns, lines)


if __name__ == "__main__":
    main()
