"""What people type into cells, made plain: text without stray characters, days.

Pure, and never louder than needed: each reading says what it had to tidy (``how``), so
that harmless variety is listed and not complained of.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

BLANK = frozenset(
    {"", "-", "--", "---", "—", "——", "－", "/", "//", "\\", "无", "暂无", "空", "空白", "没有",
     "null", "none", "nan", "n/a", "na", ".", "。", "、", "…", "……", "*", "_"}
)  # fmt: skip
_OUTSIDE_CJK = re.compile(
    r"(?<=[\u2e80-\u9fff\U00020000-\U0003ffff·]) +| +(?=[\u2e80-\u9fff\U00020000-\U0003ffff·])"
)


class Text(NamedTuple):
    """A cell as text. ``how`` names what was tidied: spaces, full_width, invisible, number."""

    text: str
    how: tuple[str, ...] = ()


def text(cell: Any) -> Text:
    """The cell as one line of text; spaces beside Chinese characters are dropped.

    Punctuation stays as typed; only letters, digits and look-alike radicals change form.
    """
    if cell.__class__ is str:
        is_tidy = cell.isprintable() and " " not in cell and "_x000D_" not in cell
        if is_tidy and unicodedata.is_normalized("NFKC", cell):
            return Text(cell)
        return _tidied(cell)
    if cell.__class__ is int:
        return Text(str(cell), ("number",))
    return Text(show(cell), ("number",) if isinstance(cell, float) else ())


def show(cell: Any) -> str:
    """The cell as it would be read aloud in a message: 1970-03-13, 853, 2016.5."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _tidied(cell: str) -> Text:
    how: dict[str, None] = {}
    kept = []
    for character in cell.replace("_x000D_", "\n"):
        if character.isspace():
            kept.append(" ")
            continue
        category = unicodedata.category(character)
        if category in {"Cc", "Cf", "Cs"}:
            how["invisible"] = None
            continue
        plain = _plain(character)
        if plain != character:
            how["full_width"] = None
        kept.append(plain)
    line = " ".join("".join(kept).split())
    line = _OUTSIDE_CJK.sub("", line)
    if line != "".join(kept) or any(c.isspace() and c != " " for c in cell):
        how["spaces"] = None
    return Text(line, tuple(how))


def _plain(character: str) -> str:
    """Full-width letters and digits, radicals and compatibility characters in usual form."""
    code = ord(character)
    is_wide = 0xFF10 <= code <= 0xFF19 or 0xFF21 <= code <= 0xFF3A or 0xFF41 <= code <= 0xFF5A
    if (
        is_wide
        or 0x2E80 <= code <= 0x2FDF
        or 0xF900 <= code <= 0xFAFF
        or 0x2F800 <= code <= 0x2FA1F
    ):
        return unicodedata.normalize("NFKC", character)
    return character


@lru_cache(maxsize=65536)
def matching(value: str) -> str:
    """The form in which names and headings are compared: NFKC, lower case, no spaces."""
    plain = unicodedata.normalize("NFKC", value)
    return "".join(
        c for c in plain.lower() if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"}
    )


def is_blank(value: str) -> bool:
    """Whether the text stands for nothing: empty, a dash, 无."""
    return not value or (len(value) < 6 and value.lower() in BLANK)


class Day(NamedTuple):
    """A cell read as a day. ``day`` is None where there is none.

    ``how`` is "" for a true date or 2016-05-19; otherwise one of: blank, form (another
    way of writing), serial (a spreadsheet's day number), month (no day given, the first
    is taken), year (no month given, 1 January is taken), century (two-digit year: see
    ``other``), unclear (two readings), impossible (no such day), unreadable.
    ``other`` is the other reading of an unclear day or a two-digit year.
    """

    day: date | None
    how: str = ""
    other: date | None = None


_NONE = Day(None, "blank")
_EPOCH = date(1899, 12, 30)
_FIRST, _LAST = 1850, 2200
_TIME = re.compile(r"[T ]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
_BETWEEN = r"\s*[-./\\_、,·:–—−ー~\s]+\s*"
_FULL = re.compile(
    rf"(\d{{4}})(?:{_BETWEEN}|\s*年\s*)(\d{{1,2}})(?:{_BETWEEN}|\s*月\s*)(\d{{1,2}})\s*[日号]?\.?"
)
_SHORT = re.compile(
    rf"'?(\d{{2}})(?:{_BETWEEN}|\s*年\s*)(\d{{1,2}})(?:{_BETWEEN}|\s*月\s*)(\d{{1,2}})\s*[日号]?\.?"
)
_MONTH = re.compile(rf"(\d{{4}})(?:{_BETWEEN}|\s*年\s*)(\d{{1,2}})\s*月?份?\.?")
_YEAR = re.compile(r"(\d{4})\s*年?")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-./]\s*(\d{1,2})\s*[-./]\s*(\d{4})")
_CHINESE = re.compile(r"(.{2,4}?)年(?:(.{1,3}?)月份?)?(?:(.{1,3}?)[日号]?)?")
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {
    "零": 0, "○": 0, "◯": 0, "O": 0, "o": 0, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5,
    "陆": 6, "柒": 7, "捌": 8, "玖": 9, "元": 1,
}  # fmt: skip
_HAN = set("一二三四五六七八九十廿卅")


def day(cell: Any) -> Day:
    """Read a cell as a day, whatever the way of writing. Never raises."""
    if cell.__class__ is str:
        return _day_of_text(cell)
    if isinstance(cell, datetime):
        return Day(cell.date())
    if isinstance(cell, date):
        return Day(cell)
    if isinstance(cell, bool):
        return Day(None, "unreadable")
    if isinstance(cell, (int, float)):
        return _day_of_number(cell)
    return Day(None, "unreadable")


def _day_of_number(number: float) -> Day:
    if isinstance(number, int) or number.is_integer():
        whole = int(number)
        if 1900 <= whole <= 2100 or 100_000 <= whole <= 999_999 or whole > 9_999_999:
            return _day_of_text(str(whole))
        if 366 < whole < 80_000:
            return Day(_EPOCH + timedelta(days=whole), "serial")
        return Day(None, "unreadable")
    if 1900 <= number < 2101:
        return _year_and_month(repr(number))
    if 366 < number < 80_000:
        return Day(_EPOCH + timedelta(days=int(number)), "serial")
    return Day(None, "unreadable")


def _year_and_month(typed: str) -> Day:
    """A number 2016.5 meant as a month; 2016.1 may have been 2016.10."""
    found = _day_of_text(typed)
    if found.day and found.day.month == 1 and typed.endswith(".1"):
        return Day(found.day, "unclear", found.day.replace(month=10))
    return found


_USUAL = re.compile(
    r"([12]\d{3})(?:([-./])(\d{1,2})[-./](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))"
)


@lru_cache(maxsize=65536)
def _day_of_text(cell: str) -> Day:
    if match := _USUAL.fullmatch(cell):
        year, sign, *parts = match.groups()
        month, number = (part for part in parts if part)
        found = _made(int(year), int(month), int(number))
        is_plain = sign == "-" and len(cell) == 10 and found.how == "form"
        return Day(found.day) if is_plain and cell.isascii() else found
    plain = _tidied(unicodedata.normalize("NFKC", cell)).text.strip("'‘’`\"“”")
    if is_blank(plain):
        return _NONE
    return _day_of_plain(_TIME.sub("", plain).strip())


def _day_of_plain(plain: str) -> Day:
    plain = plain.replace("。", ".").rstrip(".")
    if _HAN & set(plain):
        plain = _from_chinese(plain)
    if plain.isascii() and plain.isdigit():
        return _day_of_digits(plain)
    if match := _FULL.fullmatch(plain):
        return _made(*map(int, match.groups()))
    if match := _MONTH.fullmatch(plain):
        return _made(int(match[1]), int(match[2]), 0)
    if match := _SHORT.fullmatch(plain):
        return _two_digits(*map(int, match.groups()))
    if match := _DAY_FIRST.fullmatch(plain):
        return _day_first(*map(int, match.groups()))
    if match := _YEAR.fullmatch(plain):
        return _made(int(match[1]), 0, 0)
    return Day(None, "unreadable")


def _day_of_digits(digits: str) -> Day:
    size = len(digits)
    if size == 8:
        return _made(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if size == 6:
        if 1900 <= int(digits[:4]) <= 2100 and int(digits[4:]) <= 12:
            return _made(int(digits[:4]), int(digits[4:]), 0)
        return _two_digits(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    if size == 4:
        return _made(int(digits), 0, 0)
    if size == 5:
        return _day_of_number(int(digits))
    if size == 14:  # 20160519000000
        return _made(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    return Day(None, "unreadable")


def _made(year: int, month: int, number: int) -> Day:
    """The day; a month or day of 0 says that it is not known."""
    if not _FIRST <= year <= _LAST:
        return Day(None, "impossible")
    how = "form" if month and number else "month" if month else "year"
    try:
        return Day(date(year, month or 1, number or 1), how)
    except ValueError:
        return Day(None, "impossible")


def _two_digits(year: int, month: int, number: int) -> Day:
    """Both centuries; which it is, only the person's other days can tell."""
    late, early = _made(2000 + year, month, number), _made(1900 + year, month, number)
    if late.day is None and early.day is None:
        return late
    return Day(early.day, "century", late.day)


def _day_first(first: int, second: int, year: int) -> Day:
    """5/19/2016 or 19/5/2016; where both would do, it is unclear."""
    one, two = _made(year, first, second), _made(year, second, first)
    if one.day and two.day and one.day != two.day:
        return Day(one.day, "unclear", two.day)
    return one if one.day else two


def _from_chinese(plain: str) -> str:
    """二〇一六年五月十九日 as 2016年5月19日; text that is no such day comes back as it is."""
    match = _CHINESE.fullmatch(plain)
    if not match:
        return plain
    year, month, number = match.groups()
    figures = "".join(str(_DIGITS[c]) if c in _DIGITS else c for c in year)
    parts = [small(part) for part in (month, number) if part]
    if not figures.isdigit() or None in parts:
        return plain
    return f"{figures}年" + "".join(
        f"{value}{unit}" for value, unit in zip(parts, "月日", strict=False)
    )


def small(part: str) -> int | None:
    """十九, 二十, 廿一, 三十一, 一〇 or plain figures, up to 99."""
    if part.isdigit() and part.isascii():
        return int(part)
    part = part.replace("廿", "二十").replace("卅", "三十")
    if "十" in part:
        tens, _, ones = part.partition("十")
        if (tens and tens not in _DIGITS) or (ones and ones not in _DIGITS):
            return None
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    figures = [_DIGITS.get(c) for c in part]
    if None in figures:
        return None
    return int("".join(map(str, figures)))
