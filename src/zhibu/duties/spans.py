"""Which span of days a duty is owed in: calendar periods, seasons, and spans from a day."""

from collections.abc import Iterator
from datetime import date, timedelta

from zhibu.core.dates import Duration, Period, add_months, period_of, periods
from zhibu.packs.schema.duties import Duty

ONE_DAY = timedelta(days=1)


def calendar(duty: Duty, since: date, until: date) -> Iterator[Period]:
    """Periods of a duty that comes round, with a day in ``[since, until)``, oldest first."""
    assert duty.every is not None
    if duty.season is None:
        yield from periods(duty.every, since, until)
    elif duty.every == "year":
        for year in range(since.year - 1, until.year + 1):
            begins, ends = duty.season.of(year)
            if begins < until and ends > since:
                yield Period(None, begins, ends)
    else:
        for period in periods(duty.every, since, until):
            if duty.season.holds(period.since):
                yield period


def from_day(duty: Duty, ground: date, since: date, until: date) -> Iterator[Period]:
    """Spans reckoned from ``ground`` that begin in ``[since, until)``, oldest first."""
    if duty.anniversary:
        for year in range(max(ground.year + 1, since.year - 1), until.year + 1):
            day = add_months(ground, 12 * (year - ground.year))
            yield from _inside(period_of(day, duty.anniversary.held_in), since, until)
    elif duty.before:
        begins = Duration.parse(duty.before.notice).before(ground)
        yield from _inside(Period(None, begins, ground + ONE_DAY), since, until)
    else:
        assert duty.after is not None
        last = Duration.parse(duty.after.within).after(ground)
        yield from _inside(Period(None, ground, last + ONE_DAY), since, until)


def _inside(period: Period, since: date, until: date) -> Iterator[Period]:
    if since <= period.since < until:
        yield period


def of(duty: Duty, since: date, until: date) -> Period:
    """The period of a stored obligation, which knows its own days."""
    if duty.anniversary:
        return Period(duty.anniversary.held_in, since, until)
    return Period(None if duty.season and duty.every == "year" else duty.every, since, until)


def made_up_until(duty: Duty, since: date, until: date) -> date:
    """Until when what was not done in a period may be made up: the next one's end."""
    return of(duty, since, until).next.until


def label(duty: Duty, period: Period, today: date | None = None) -> str:
    """As people say it: 11月, 12月31日前, 3月5日后, 10月1日至12月31日."""
    ground = period.last_day if duty.before else period.since if duty.after else None
    if ground is None:
        return period.label(today)
    prefix = "" if today and today.year == ground.year else f"{ground.year}年"
    return f"{prefix}{ground.month}月{ground.day}日{'前' if duty.before else '后'}"
