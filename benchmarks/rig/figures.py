"""Times side by side, and how they are printed."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """Milliseconds by the clock on the wall, and of this process's own work."""

    wall: float
    work: float


def took(function: Callable[[], object]) -> Took:
    wall, work = time.perf_counter(), time.process_time()
    function()
    return Took((time.perf_counter() - wall) * 1000, (time.process_time() - work) * 1000)


@dataclass(frozen=True)
class Pair:
    """Times of the same thing done one way and the other, taken in turn."""

    ours: list[Took]
    other: list[Took]

    @property
    def wall(self) -> tuple[float, float]:
        """Medians of both."""
        ours = statistics.median(each.wall for each in self.ours)
        return ours, statistics.median(each.wall for each in self.other)

    @property
    def ratio(self) -> float:
        return self.wall[0] / self.wall[1]

    @property
    def work_ratio(self) -> float:
        """The same of the process's own work, which a busy machine does not blur."""
        ours = statistics.median(each.work for each in self.ours)
        return ours / statistics.median(each.work for each in self.other)


def in_turn(ours: Callable[[], object], other: Callable[[], object], *, times: int) -> Pair:
    """A B A B …, so that what else the machine does falls on both alike."""
    pair = Pair([], [])
    for _ in range(times):
        pair.ours.append(took(ours))
        pair.other.append(took(other))
    return pair


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered), -int(-share * len(ordered) // 1)) - 1)]


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    cells = [list(columns), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(columns))]
    print(title)
    for row in cells:
        first, *rest = zip(row, widths, strict=True)
        print(
            "  ", first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest), sep="  "
        )
    print()
