"""What counts towards an obligation: pure judgement over credits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from zhibu.packs.schema.duties import Duty


class Reported(Protocol):
    """What took place: an activity's credit, or a talk."""

    @property
    def source_id(self) -> int: ...
    @property
    def held_on(self) -> date: ...
    @property
    def entered_on(self) -> date: ...
    @property
    def items(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Count:
    """How far an obligation is fulfilled. ``done_on`` is when the needed number was held."""

    done: int
    done_on: date | None
    held_late: bool
    entered_late: bool
    credited_by: list[int]
    incomplete_by: list[int]


def closes_on(duty: Duty, due_on: date, period_until: date) -> date:
    """Last day on which an entry is not 补记."""
    return duty.grace.after(max(due_on, period_until - timedelta(days=1)))


def item_token(reference: str, item_id: str) -> str:
    """How a ticked item of a duty is stored: publisher/slug:duty/item."""
    return f"{reference}/{item_id}"


def count(
    duty: Duty,
    reference: str,
    reported: Sequence[Reported],
    *,
    required: int,
    due_on: date,
    closes_on: date,
) -> Count:
    """Judge the credits that fall in an obligation's period, whatever their order.

    An activity counts once, whichever of its kinds were reported. Entries after
    ``closes_on`` are 补记.
    """
    gate = {item_token(reference, item) for item in duty.required_items}
    activities = list({c.source_id: c for c in reported}.values())
    complete = [c for c in activities if gate <= set(c.items)]
    incomplete = [c for c in activities if not gate <= set(c.items)]
    held = sorted(c.held_on for c in complete)
    entered = sorted(c.entered_on for c in complete)
    is_done = len(complete) >= required
    return Count(
        done=len(complete),
        done_on=held[required - 1] if is_done else None,
        held_late=is_done and held[required - 1] > due_on,
        entered_late=is_done and entered[required - 1] > closes_on,
        credited_by=_in_order(complete),
        incomplete_by=_in_order(incomplete),
    )


def _in_order(reported: Sequence[Reported]) -> list[int]:
    """Ids of the activities, by the day held."""
    return [c.source_id for c in sorted(reported, key=lambda c: (c.held_on, c.source_id))]
