"""A fixed day for processes of their own, whenever tests run."""

from datetime import UTC, datetime
from pathlib import Path

CLOCK = Path(__file__).resolve().parent / "browser" / "clock"


def shifted(moment: datetime, *paths: Path) -> dict[str, str]:
    """What makes a Python process believe that it is ``moment`` now, and go on from there.

    ``paths`` are where such a process may import from besides.
    """
    shift = (moment - datetime.now(UTC)).total_seconds()
    return {"PYTHONPATH": ":".join(map(str, (CLOCK, *paths))), "CLOCK_SHIFT": str(shift)}
