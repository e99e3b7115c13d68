"""Days with a time of day as people type them: 2019年5月10日下午2点半, 43595.604, 14:30-16:00.

Pure. The day is read by ``values``; here the time is taken out of the cell first.
"""

import re
import unicodedata
from datetime import datetime, time
from typing import NamedTuple

from zhibu.imports import values
from zhibu.imports.reading import Cell
from zhibu.imports.values import Day

_FIGURES = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_HALF = "凌晨|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|晚"
_CLOCK = (
    rf"(?P<half>{_HALF})?\s*(?<![\d:.])(?P<hour>{_FIGURES})\s*"
    rf"(?::\s*(?P<minute>\d{{1,2}})(?::\d{{1,2}}(?:\.\d+)?)?"
    rf"|[时点]\s*(?:(?P<said>{_FIGURES})\s*分|(?P<bare>\d{{2}})(?!\d)|(?P<part>半|整|[一三]刻))?)"
    r"\s*(?P<sign>[AaPp]\.?[Mm]\.?)?(?:Z|[+]\d\d:?\d\d)?"
)
_TIME = re.compile(_CLOCK)
_UNTIL = re.compile(rf"\s*[-—–~～至到]+\s*{re.sub('[?]P<[a-z]+>', '?:', _CLOCK)}")
_WEEKDAY = re.compile(r"[(（]?\s*(?:星期|周|礼拜)[一二三四五六日天]\s*[)）]?")
_HALF_ALONE = re.compile(rf"[(（]?(?:{_HALF})[)）]?\s*$")
_T = re.compile(r"(?<=\d)[Tt](?=\d)")
_NAMED = {"半": 30, "整": 0, "一刻": 15, "三刻": 45}


class Clock(NamedTuple):
    """A time of day. None where none is given; ``is_wrong``: there is no such time."""

    at: time | None = None
    is_wrong: bool = False


class Moment(NamedTuple):
    day: Day
    clock: Clock


def moment(cell: Cell) -> Moment:
    """The cell as a day and, where it says so, a time. Never raises."""
    if isinstance(cell, datetime):
        is_midnight = cell.time() == time.min
        at = None if is_midnight else cell.time().replace(second=0, microsecond=0)
        return Moment(Day(cell.date()), Clock(at))
    if isinstance(cell, float) and 366 < cell < 80_000 and not 1900 <= cell < 2101:
        return Moment(values.day(cell), _of_fraction(cell % 1))
    if not isinstance(cell, str):
        return Moment(values.day(cell), Clock())
    plain = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", cell))
    plain = _T.sub(" ", plain)
    found = _TIME.search(plain)
    if found is None:
        return Moment(values.day(_HALF_ALONE.sub("", plain.strip())), Clock())
    until = _UNTIL.match(plain, found.end())
    rest = plain[: found.start()] + plain[until.end() if until else found.end() :]
    return Moment(values.day(rest.strip()), _of_match(found))


def day(cell: Cell) -> Day:
    """The day of ``moment``, for ``Cells.whole_day``."""
    return moment(cell).day


def clock(cell: Cell) -> Clock:
    """A cell that holds a time only; of a span, when it begins."""
    if isinstance(cell, datetime):
        return Clock(cell.time().replace(second=0, microsecond=0))
    if isinstance(cell, float) and 0 <= cell < 1:
        return _of_fraction(cell)
    if not isinstance(cell, str):
        return Clock(is_wrong=True)
    plain = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", cell)).strip()
    if values.is_blank(plain) or _HALF_ALONE.fullmatch(plain):
        return Clock()
    found = _TIME.search(plain)
    return _of_match(found) if found else Clock(is_wrong=True)


def _of_fraction(part: float) -> Clock:
    """A spreadsheet's part of a day, to the minute; midnight says nothing."""
    minutes = round(part * 24 * 60) % (24 * 60)
    return Clock(time(*divmod(minutes, 60)) if minutes else None)


def _of_match(found: re.Match[str]) -> Clock:
    hour = values.small(found["hour"])
    minute = _minute(found)
    if hour is None or minute is None or hour > 23 or minute > 59:
        return Clock(is_wrong=True)
    half, sign = found["half"] or "", (found["sign"] or "").lower()
    is_late = half in {"下午", "傍晚", "晚上", "晚"} or sign.startswith("p")
    if (is_late and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    if hour == 12 and (half == "凌晨" or sign.startswith("a")):
        hour = 0
    return Clock(time(hour, minute) if hour or minute else None)


def _minute(found: re.Match[str]) -> int | None:
    if found["part"]:
        return _NAMED[found["part"]]
    typed = found["minute"] or found["said"] or found["bare"]
    return values.small(typed) if typed else 0
