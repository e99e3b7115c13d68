"""Writing one import in turns: what can be made ready is made ready before a turn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import models

from zhibu.core.pacing import Pacer
from zhibu.imports.models import Batch
from zhibu.ledger import protection
from zhibu.ledger.actions import Digests

T = TypeVar("T")
P = TypeVar("P")
Lines = list[tuple[str, int, bytes]]


class Interrupted(Exception):
    """Somebody else has taken the batch over, or ended it: nothing more may be written."""


class Writer:
    """Writes one batch. Targets write through it; it keeps progress and digests.

    ``refresh`` collects organisations whose derived rows must follow.
    """

    def __init__(
        self, batch: Batch, *, at: datetime, worker: str, clock: Callable[[], datetime]
    ) -> None:
        self.batch = batch
        self.at = at
        self.worker = worker
        self.clock = clock
        self.digests = Digests(batch.key)
        self.pacer = Pacer()
        self.refresh: set[int] = set()
        self._waiting: Lines = []

    def run(
        self,
        items: Sequence[T],
        *,
        prepare: Callable[[Sequence[T]], P],
        write: Callable[[P], None],
        after: Callable[[P], Lines] | None = None,
        first: int = 200,
        counts: bool = True,
    ) -> None:
        """Write ``items`` in turns of a fitting size.

        ``prepare`` and ``after`` run between turns; ``write`` in the turn's transaction.
        Digests that ``after`` gives are written in the next turn.
        """
        start, size = 0, first
        while start < len(items):
            piece = items[start : start + size]
            ready = prepare(piece)
            with self.turn(len(piece) if counts else 0):
                write(ready)
            if after:
                self._waiting += after(ready)
            start += len(piece)
            size = self.pacer.next_size(size)

    @contextmanager
    def turn(self, count: int = 0) -> Iterator[None]:
        """One transaction in which the batch is still ours, and is known to go on."""
        with self.pacer.turn():
            self._claim(count)
            self.flush()
            yield
            self.flush()

    def _claim(self, count: int) -> None:
        self.batch.progress += count
        ours = Batch.objects.filter(pk=self.batch.pk, worker=self.worker, state=Batch.State.WRITING)
        if not ours.update(progress=self.batch.progress, beat_at=self.clock()):
            raise Interrupted(f"导入 {self.batch.pk} 已经由别处接手")

    def flush(self) -> None:
        """Write the digests that wait, in the current turn."""
        waiting, self._waiting = self._waiting, []
        self.digests.add(waiting)

    @property
    def longest_ms(self) -> int:
        """How long the longest turn held the database's lock."""
        return round(self.pacer.longest_seconds * 1000)

    def digest(self, rows: Sequence[models.Model]) -> None:
        """Digest ``rows`` as they are now; written in the same turn."""
        self._waiting += lines_of(rows)


def lines_of(
    rows: Sequence[models.Model], known: Mapping[str, protection.Children] | None = None
) -> Lines:
    """Digests of rows of one protected model, in order; ``known`` as in ``protection``."""
    if not rows:
        return []
    protected = protection.of(type(rows[0]))
    found = protection.digests(protected, rows, settings.LEDGER_ALGORITHM, known)
    return [(protected.name, pk, digest) for pk, digest in found.items()]
