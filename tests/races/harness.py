"""Two at once, at the one moment where it could go wrong, every time.

A race has **points**: functions that the sides call after they have read and judged and
before they write (``zhibu.activities.actions:require``, say), one for both or one each.
``run`` lets both sides come there:

- whoever comes second goes through to its end at once; only then the first goes on, with
  what it read before. That is the worst order there is.
- Where a lock keeps the second one out, the first waits ``patience`` seconds for it in vain,
  goes on, and the second comes after it.

``unguarded`` takes away what keeps them apart, so that a test can show that it would have
seen the harm: on PostgreSQL the row and table locks, on SQLite the transactions, whose
write lock is what serialises there.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pkgutil import resolve_name
from threading import Event, Lock, Thread, current_thread
from typing import Any
from unittest import mock

from django.db import IntegrityError, connection, connections, transaction
from django.db.models import QuerySet

from zhibu.activities.drafts import Faulty
from zhibu.cases.steps import Faulty as FaultyStep
from zhibu.core.effects import Unfit
from zhibu.core.verdicts import Refused
from zhibu.publishing.actions import Faulty as FaultyPublication
from zhibu.registers.drafts import Faulty as FaultyRow

BEFORE = "before "
PATIENCE = 0.4
LONGEST = 8
AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one side: done, refused (in words), kept out (by a constraint)."""

    state: str
    what: Any = None


@dataclass
class Meeting:
    """The point at which both sides are to be at the same time; ``met`` says they were."""

    patience: float = PATIENCE
    sides: list[str] = field(default_factory=list)
    met: bool = False
    second_came: Event = field(default_factory=Event)
    second_is_over: Event = field(default_factory=Event)
    _lock: Any = field(default_factory=Lock)

    def arrive(self) -> None:
        """Stop here the first time; the first to come waits for the second to be over."""
        name = current_thread().name
        with self._lock:
            if not name.startswith("race-") or name in self.sides:
                return
            self.sides.append(name)
            is_first = len(self.sides) == 1
        if is_first:
            self.met = self.second_came.wait(self.patience)
            if self.met:
                self.second_is_over.wait(LONGEST)
        else:
            self.second_came.set()


@contextmanager
def stopping(point: str, meeting: Meeting) -> Iterator[None]:
    """Both sides stop after ``point`` (``module:name``) has answered, not where it raises;
    with ``before `` in front of it, before it is called."""
    is_before = point.startswith(BEFORE)
    module, _, names = point.removeprefix(BEFORE).partition(":")
    above, _, name = names.rpartition(".")
    owner = resolve_name(f"{module}:{above}" if above else module)
    original = getattr(owner, name)

    def stopped(*args: Any, **more: Any) -> Any:
        if is_before:
            meeting.arrive()
            return original(*args, **more)
        found = original(*args, **more)
        meeting.arrive()
        return found

    with mock.patch.object(owner, name, stopped):
        yield


@dataclass(frozen=True, slots=True)
class Result:
    """What became of both, the one first at the point first; ``met``: both were there."""

    first: Outcome
    second: Outcome
    met: bool

    @property
    def done(self) -> int:
        return [self.first.state, self.second.state].count("done")


def run(
    one: Callable[[], Any],
    other: Callable[[], Any],
    *,
    points: tuple[str, ...],
    patience: float = PATIENCE,
) -> Result:
    """Let ``one`` come to a point first and ``other`` after it, each on its own connection."""
    meeting, outcomes = Meeting(patience), {}

    def side(name: str, action: Callable[[], Any]) -> None:
        try:
            outcomes[name] = Outcome("done", action())
        except Refused as refused:
            outcomes[name] = Outcome("refused", refused.verdict.reason)
        except (Faulty, FaultyStep, FaultyRow, FaultyPublication, Unfit) as faulty:
            is_by_database = isinstance(faulty.__cause__, IntegrityError)
            outcomes[name] = Outcome("kept out" if is_by_database else "refused", str(faulty))
        except IntegrityError as error:
            outcomes[name] = Outcome("kept out", str(error))
        except Exception as error:
            outcomes[name] = Outcome("failed", repr(error))
        finally:
            if meeting.sides[1:] == [name]:
                meeting.second_is_over.set()
            connections.close_all()

    with ExitStack() as stack:
        for point in points:
            stack.enter_context(stopping(point, meeting))
        first = Thread(target=side, args=("race-one", one), name="race-one")
        second = Thread(target=side, args=("race-other", other), name="race-other")
        first.start()
        while first.is_alive() and not meeting.sides:
            first.join(0.01)
        second.start()
        first.join(AT_MOST)
        second.join(AT_MOST)
    assert not first.is_alive() and not second.is_alive(), "两边互相等住了"
    return Result(outcomes["race-one"], outcomes["race-other"], meeting.met)


@contextmanager
def unguarded(*, turns: bool = False) -> Iterator[None]:
    """Without what keeps two writers apart; constraints stay. ``turns``: whoever asks for the
    turn with a conditional update is told that it is theirs."""
    with ExitStack() as stack:
        if turns:
            stack.enter_context(
                mock.patch.object(QuerySet, "update", _always_told(QuerySet.update))
            )
        stack.enter_context(mock.patch.object(QuerySet, "select_for_update", _not_locked))
        if connection.vendor == "sqlite":
            stack.enter_context(mock.patch.object(transaction.Atomic, "__enter__", _enter))
            stack.enter_context(mock.patch.object(transaction.Atomic, "__exit__", _leave))
        else:
            stack.enter_context(mock.patch("zhibu.ledger.actions._queue_up"))
        yield


def _always_told(update: Callable[..., int]) -> Callable[..., int]:
    return lambda rows, **values: max(1, update(rows, **values))


def _not_locked(rows: Any, *args: Any, **more: Any) -> Any:
    return rows.all()


_NESTED = "_race_nested"


def _enter(atomic: Any) -> None:
    """Claims to be in a transaction and opens none: every statement stands for itself."""
    database = transaction.get_connection(atomic.using)
    nested = getattr(database, _NESTED, 0)
    if nested == 0:
        database.ensure_connection()
        database.in_atomic_block = True
    setattr(database, _NESTED, nested + 1)


def _leave(atomic: Any, *exception: Any) -> None:
    database = transaction.get_connection(atomic.using)
    nested = getattr(database, _NESTED, 0) - 1
    setattr(database, _NESTED, nested)
    if nested == 0:
        database.in_atomic_block = False
        waiting, database.run_on_commit = database.run_on_commit, []
        for _, function, *_ in waiting:
            function()
