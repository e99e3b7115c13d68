"""The days of phases, and what became of an item within them: pure, nothing here reads rows.

Windows have both their days counted in, as a campaign says them: 从 3 月 1 日到 3 月 31 日.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from zhibu.core.dates import Duration
from zhibu.packs.schema.campaigns import Campaign, CampaignItem, MakeUp, Phase

A_DAY = timedelta(days=1)
NOT_YET, OPEN, DONE, LATE, MADE_UP, MISSING, UNASKED = STATES = (
    "not-yet", "open", "done", "late", "made-up", "missing", "unasked",
)  # fmt: skip
WORDS = {
    NOT_YET: "未到",
    OPEN: "待办",
    DONE: "已办",
    LATE: "逾期办的",
    MADE_UP: "补了",
    MISSING: "还没办",
    UNASKED: "自选没做",
}
OVER = frozenset({DONE, LATE, MADE_UP})
SHAPES = {
    NOT_YET: "not_applicable",
    OPEN: "open",
    DONE: "done",
    LATE: "after",
    MADE_UP: "late",
    MISSING: "overdue",
    UNASKED: "not_applicable",
}


@dataclass(frozen=True, slots=True)
class Window:
    since: date
    last_on: date

    def __contains__(self, day: date) -> bool:
        return self.since <= day <= self.last_on


def windows(rule: Campaign, starts_on: date) -> dict[str, Window]:
    """The days of every phase of a batch that starts on ``starts_on``, by phase.

    A look-back is counted from the day after the last of the ordinary phases.
    """
    found = {phase.id: _window(phase, starts_on) for phase in rule.phases if not phase.look_back}
    last = max((one.last_on for one in found.values()), default=starts_on)
    for phase in rule.phases:
        if phase.look_back:
            found[phase.id] = _window(phase, last + A_DAY)
    return {phase.id: found[phase.id] for phase in rule.phases}


def _window(phase: Phase, start: date) -> Window:
    if phase.since and phase.last_on:
        return Window(phase.since, phase.last_on)
    assert phase.lasts is not None
    since = Duration.parse(phase.after).after(start)
    return Window(since, Duration.parse(phase.lasts).after(since) - A_DAY)


def main_end(rule: Campaign, days: Mapping[str, Window]) -> date:
    """The last day of the ordinary phases; of all where there is nothing but look-backs."""
    ordinary = [days[p.id].last_on for p in rule.phases if p.id in days and not p.look_back]
    return max(ordinary or [window.last_on for window in days.values()])


def made_up_until(window: Window, make_up: MakeUp | None) -> date | None:
    """The last day on which it can be made up; None without a rule."""
    return Duration.parse(make_up.within).after(window.last_on) if make_up else None


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """Something done on a day: where it is on record, and when it was entered if that is known.

    ``is_make_up``: it counts only as a make-up, never as the thing itself.
    """

    day: date
    source: str = ""
    record: int = 0
    entered_on: date | None = None
    is_make_up: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of an item. ``until``: its last day, or that of making it up once it is over."""

    state: str
    fact: Fact | None = None
    until: date | None = None
    is_entered_later: bool = False

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def word(self) -> str:
        return f"{WORDS[self.state]}，补记" if self.is_entered_later else WORDS[self.state]

    @property
    def shape(self) -> str:
        """How the screens draw it: shape, word and colour of ``{% state %}``."""
        return SHAPES[self.state]


def elsewhere(item: CampaignItem, rule: Campaign, days: Mapping[str, Window]) -> list[Window]:
    """Windows of other items that ask for the same kinds of activity of the same holder: what
    was held there counts there, and is no late deed of this one."""
    kinds = set(item.activities)
    return [
        days[other.phase]
        for other in rule.items
        if other.id != item.id
        and other.per == item.per
        and other.phase in days
        and other.phase != item.phase
        and kinds & set(other.activities)
    ]


def counting(
    facts: Iterable[Fact], window: Window, others: Collection[Window], on: date
) -> list[Fact]:
    """Facts that bear on an item, oldest first: not before its window, not after ``on``, and
    after its window only where no other item's window holds them."""
    return sorted(
        fact
        for fact in facts
        if window.since <= fact.day <= on
        and (
            (fact.day <= window.last_on and not fact.is_make_up)
            or (fact.day > window.last_on and not any(fact.day in other for other in others))
        )
    )


def judge(
    item: CampaignItem,
    window: Window | None,
    facts: Sequence[Fact],
    make_up: MakeUp | None,
    on: date,
) -> Judged:
    """``facts`` as ``counting`` gives them; ``window`` None while the gate is closed.

    A make-up stands for the whole item, whatever ``times`` says.
    """
    if window is None or on < window.since:
        return Judged(NOT_YET, until=window.last_on if window else None)
    proper = [fact for fact in facts if not fact.is_make_up]
    ends = [proper[item.times - 1]] if len(proper) >= item.times else []
    ends += [fact for fact in facts if fact.is_make_up][:1]
    until = made_up_until(window, make_up)
    if not ends:
        if on <= window.last_on:
            return Judged(OPEN, until=window.last_on)
        return Judged(MISSING if item.required else UNASKED, until=until)
    first = min(ends)
    if first.day <= window.last_on:
        entered_later = first.entered_on is not None and first.entered_on > window.last_on
        return Judged(DONE, first, window.last_on, entered_later)
    is_made_up = until is not None and first.day <= until
    return Judged(MADE_UP if is_made_up else LATE, first, until)


def opened(phase: Phase, window: Window, opened_on: date) -> Window:
    """The days of a phase whose gate was opened on ``opened_on``: it keeps its length where it
    is counted, and its last day where the calendar fixes it."""
    if opened_on <= window.since:
        return window
    if phase.lasts is None:
        return Window(opened_on, max(opened_on, window.last_on))
    return Window(opened_on, window.last_on + (opened_on - window.since))


def enough(met: int, asked: int, share: str | None) -> bool:
    """Whether ``met`` of ``asked`` units are the share a gate wants; all of them without one."""
    return Fraction(met) >= Fraction(share or 1) * asked
