"""What somebody wrote about an activity, before it becomes one; and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class KindDraft:
    """A kind, and the first day of the earlier period it makes up, where it does."""

    reference: str
    makes_up: date | None = None


@dataclass(frozen=True, slots=True)
class AbsenceDraft:
    reason: str
    asked_beforehand: bool = False


@dataclass(frozen=True, slots=True)
class VoteDraft:
    """Totals as counted; what was left empty reads 0."""

    yes: int
    no: int = 0
    abstain: int = 0


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    text: str
    vote: VoteDraft | None = None


@dataclass(frozen=True, slots=True)
class FollowUpDraft:
    title: str
    owner_id: int
    due_on: date


@dataclass(frozen=True, slots=True)
class OutcomeDraft:
    """``value`` is already in stored form (``core.fields``)."""

    reference: str
    field: str
    value: object


@dataclass(frozen=True, slots=True)
class Draft:
    """One sitting as written down. Everyone on the roll not in ``absences`` was present.

    ``observers`` are people not on the roll; ``guests`` are names without a person.
    ``items`` are tokens of ticked items, ``publisher/slug:duty/item``.
    """

    kinds: tuple[KindDraft, ...]
    starts_at: datetime
    place: str = ""
    theme: str = ""
    agenda: str = ""
    chair_id: int | None = None
    recorder_id: int | None = None
    speaker_id: int | None = None
    absences: Mapping[int, AbsenceDraft] = field(default_factory=dict)
    observers: tuple[int, ...] = ()
    guests: tuple[str, ...] = ()
    decisions: tuple[DecisionDraft, ...] = ()
    follow_ups: tuple[FollowUpDraft, ...] = ()
    outcomes: tuple[OutcomeDraft, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def people(self) -> set[int]:
        """Whoever is named in it."""
        named = (self.chair_id, self.recorder_id, self.speaker_id, *self.observers, *self.absences)
        return {pk for pk in named if pk is not None}


class Faulty(Exception):
    """A draft that cannot become an activity; ``faults`` maps field to what to mend.

    Fields are names of ``Draft``, with an index for lists: ``decisions.0``.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("；".join(faults.values()))
        self.faults = dict(faults)
