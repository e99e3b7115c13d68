"""Calendar arithmetic of the practice: periods, clipped months, durations.

Days are plain ``date``; intervals are half-open, ``[since, until)``. Nothing here
reads the clock. Working days are in ``core.workdays``.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Self, TypeVar

Every = Literal["week", "month", "quarter", "half-year", "year"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
MONTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
D = TypeVar("D", date, datetime)


def add_months(day: D, months: int) -> D:
    """``day`` moved by whole months; a day the month has not is clipped to its last.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))


def age_on(born_on: date, day: date) -> int:
    """Full years lived on ``day``. Born on 29 February: a year older on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


@dataclass(frozen=True, slots=True)
class Period:
    """One week, month, quarter, half-year or year, ``[since, until)``; or, without ``every``,
    a span of its own."""

    every: Every | None
    since: date
    until: date

    @property
    def last_day(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def next(self) -> "Period":
        """The calendar period after this one; as many days again after a span of its own."""
        if self.every is None:
            return Period(None, self.until, self.until + (self.until - self.since))
        return period_of(self.until, self.every)

    def __contains__(self, day: date) -> bool:
        return self.since <= day < self.until

    def label(self, today: date | None = None) -> str:
        """As people say it: 11月, 四季度, 上半年, 2026年; another year is named."""
        prefix = "" if today and today.year == self.since.year else f"{self.since.year}年"
        if self.every is None:
            last = self.last_day
            return f"{prefix}{self.since.month}月{self.since.day}日至{last.month}月{last.day}日"
        if self.every == "year":
            return f"{self.since.year}年"
        if self.every == "half-year":
            return prefix + ("上半年" if self.since.month == 1 else "下半年")
        if self.every == "quarter":
            return f"{prefix}{'一二三四'[self.since.month // 3]}季度"
        if self.every == "month":
            return f"{prefix}{self.since.month}月"
        return f"{prefix}{self.since.month}月{self.since.day}日这一周"


def period_of(day: date, every: Every) -> Period:
    """The period that contains ``day``; weeks begin on Monday."""
    if every == "week":
        since = day - timedelta(days=day.weekday())
        return Period(every, since, since + timedelta(days=7))
    months = MONTHS[every]
    since = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(every, since, add_months(since, months))


def periods(every: Every, since: date, until: date) -> Iterator[Period]:
    """Periods that have a day in ``[since, until)``, oldest first."""
    if since >= until:
        return
    period = period_of(since, every)
    while period.since < until:
        yield period
        period = period_of(period.until, every)


def nth_weekday(period: Period, weekday: Weekday, nth: int) -> date | None:
    """The ``nth`` such weekday of the period, counted from 1, or from the end with -1.

    None where the period has no such day (a fifth Friday).
    """
    if nth == 0:
        raise ValueError("nth 从 1 数起，或从 -1 倒数")
    wanted = WEEKDAYS.index(weekday)
    if nth > 0:
        day = period.since + timedelta(days=(wanted - period.since.weekday()) % 7)
        day += timedelta(weeks=nth - 1)
    else:
        day = period.last_day - timedelta(days=(period.last_day.weekday() - wanted) % 7)
        day += timedelta(weeks=nth + 1)
    return day if day in period else None


_DURATION = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?"
)


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration down to minutes: ``P1Y6M``, ``P10D``, ``PT2H30M``.

    Months are added first, clipped at month ends, then days, then hours and minutes.
    """

    months: int = 0
    days: int = 0
    minutes: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ``ValueError`` for anything but whole, non-negative parts."""
        match = _DURATION.fullmatch(text)
        if not match:
            raise ValueError(f"“{text}”不是 ISO 8601 时长，例如 P1Y、P6M、P10D、PT2H")
        part = {name: int(value or 0) for name, value in match.groupdict().items()}
        return cls(
            months=part["years"] * 12 + part["months"],
            days=part["weeks"] * 7 + part["days"],
            minutes=part["hours"] * 60 + part["minutes"],
        )

    @property
    def is_nothing(self) -> bool:
        """Whether it is no time at all: the same day."""
        return self == type(self)()

    def after(self, start: D) -> D:
        """``start`` plus this. A ``date`` with hours in the duration is refused."""
        return self._moved(start, 1)

    def before(self, start: D) -> D:
        """``start`` minus this."""
        return self._moved(start, -1)

    def _moved(self, start: D, sign: int) -> D:
        if self.minutes and not isinstance(start, datetime):
            raise ValueError("按小时、分钟的时长要从时刻算起")
        moved = add_months(start, sign * self.months)
        return moved + sign * timedelta(days=self.days, minutes=self.minutes)

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        hours, minutes = divmod(self.minutes, 60)
        day_part = "".join(
            f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (self.days, "D")) if n
        )
        time_part = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
        return "P" + (day_part or ("" if time_part else "0D")) + (time_part and f"T{time_part}")

    def in_words(self) -> str:
        """1年6个月, 10天, 2小时."""
        years, months = divmod(self.months, 12)
        hours, minutes = divmod(self.minutes, 60)
        named = (
            (years, "年"),
            (months, "个月"),
            (self.days, "天"),
            (hours, "小时"),
            (minutes, "分钟"),
        )
        return "".join(f"{n}{unit}" for n, unit in named if n) or "当天"
