"""Writing much without keeping others waiting: short turns at the database.

A turn is one transaction of at most about half a second. On SQLite there is a pause after
each, in which others get theirs: whoever waits for its lock looks again at least every
0.1 s, and between two transactions without a pause never finds it free. PostgreSQL locks
rows, and these nobody else has in hand.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import OperationalError, connection, transaction

TURN_SECONDS = 0.2
PAUSE_SECONDS = 0.12
SMALLEST, LARGEST = 20, 5000
TRIES = 10  # each as long as the busy timeout; in all less than an import may be silent


def pause() -> None:
    """Let others write, after a transaction that will be followed by another."""
    if connection.vendor == "sqlite":
        time.sleep(PAUSE_SECONDS)


class Pacer:
    """Gives turns at the database and keeps the pause between them."""

    def __init__(self) -> None:
        self.longest_seconds = 0.0
        self.turns = 0
        self.last_seconds = 0.0
        self._ended = float("-inf")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One transaction, on SQLite after a pause; how long it held the lock is noted."""
        if connection.vendor == "sqlite":
            wait = PAUSE_SECONDS - (time.perf_counter() - self._ended)
            time.sleep(max(0.0, wait))
        with ExitStack() as stack:
            _begin(stack)
            began = time.perf_counter()
            yield
        self._ended = time.perf_counter()
        self.last_seconds = self._ended - began
        self.longest_seconds = max(self.longest_seconds, self.last_seconds)
        self.turns += 1

    def next_size(self, size: int, *, smallest: int = SMALLEST) -> int:
        """How many the next turn should take, after one that took ``size``."""
        fitting = int(size * TURN_SECONDS / max(self.last_seconds, 0.005))
        return max(smallest, min(LARGEST, fitting, max(size + 1, size * 3 // 2)))


def _begin(stack: ExitStack) -> None:
    """Enter a transaction, however long others keep SQLite's lock: they owe us no turn."""
    for last in range(1, TRIES + 1):
        try:
            stack.enter_context(transaction.atomic())
        except OperationalError:
            if connection.vendor != "sqlite" or last == TRIES:
                raise
        else:
            return
