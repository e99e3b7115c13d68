"""Numbers of people, found in any text that is to leave however they are written, and covered.

Identity numbers (18 and 15 characters), mobile numbers, bank cards and addresses of mail are
looked for in text whose digits may be full-width, circled or Chinese (一三八, 壹叁捌, 幺) and set
apart by blanks, hyphens, dots or characters that nobody sees. Sums, days, codes of places and
numbers of offices (a landline, 12345) stay. What the text itself calls a card or an account
(卡号, 账号) is covered whatever its check digit says: it may be mistyped. In doubt a number is
covered: whoever publishes sees that before it goes out.

Names and houses are not recognised here: they come out of declared fields only, names by ``name``.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from stdnum import luhn
from stdnum.cn import ric

Kind = Literal["id-number", "phone", "bank-card", "mail"]
WORDS: dict[Kind, str] = {
    "id-number": "身份证号",
    "phone": "手机号",
    "bank-card": "银行卡号",
    "mail": "邮箱",
}

_SIGNS = ("〇零○", "一壹幺", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_CHINESE = {sign: str(value) for value, signs in enumerate(_SIGNS) for sign in signs}
_CHECK_LETTERS = "xXｘＸ×"
_APART = ".．·・•,，、_＿/／()（）[]【】*＊+＋~～"  # and blanks, dashes, what nobody sees
_UNSEEN = ("Zs", "Pd", "Cf", "Mn", "Me")  # Me: the frame around a digit of a keyboard, 1️⃣
_APART_AT_MOST = 4
_MOBILE = re.compile(r"(?:(?:00)?86)?1[3-9]\d{9}")
_MAIL = re.compile(r"[\w.+-]+\s*[@＠]\s*[\w-]+(?:\s*[.．]\s*[\w-]+)+", re.ASCII)
_CARD = re.compile(r"(?:卡|[卡账帐]号码?)[:：是为]?$")  # what stands before a number of one
_BETWEEN = '()（）[]【】“”"\n\r'  # and blanks, what nobody sees
_WORD_WITHIN = 24  # characters before it, what nobody sees among them
_CARD_LENGTHS = range(16, 20)
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，]\d{3})+")
# GB/T 2260: regions by their first digit, and how many of each
_PROVINCES = frozenset(
    str(first * 10 + n)
    for first, most in ((1, 5), (2, 3), (3, 7), (4, 6), (5, 4), (6, 5), (7, 1), (8, 3))
    for n in range(1, most + 1)
)
_COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "夏侯",
    "司徒",
)
_BORN_AFTER = 1880


@dataclass(frozen=True, slots=True)
class Found:
    """Something of a person in a text, ``[start, end)`` in characters."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Covered:
    """``text`` as it may leave; ``kinds`` says what stood in it, in order, empty where nothing."""

    text: str
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class _Digit:
    """One digit of a run and where it stands. ``starts``: nothing of the run touches it before,
    ``ends``: after."""

    value: str
    at: int
    starts: bool
    ends: bool


def cover(text: str) -> Covered:
    """``text`` with every number of a person replaced by what it was: 〔手机号不公开〕."""
    found = find(text)
    parts, before = [], 0
    for one in found:
        parts += [text[before : one.start], f"〔{WORDS[one.kind]}不公开〕"]
        before = one.end
    return Covered("".join([*parts, text[before:]]), tuple(one.kind for one in found))


def cut(text: str, longest: int) -> str:
    """The beginning of ``text``. A number of a person that would be cut in two is left out: half
    of one is found by nobody, and says nearly as much."""
    for one in find(text):
        if one.start < longest < one.end:
            return text[: one.start]
    return text[:longest]


def find(text: str) -> list[Found]:
    """What of people stands in ``text``, from left to right, none over another."""
    found = [Found("mail", *match.span()) for match in _MAIL.finditer(text)]
    for run in _runs(text):
        found += _in_run(run, text)
        found += _called_a_card(run, text)
    kept: list[Found] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:  # no part of it stays
            kept[-1] = replace(kept[-1], end=one.end)
    return kept


def name(text: str) -> str:
    """A name as it stands on a notice to everybody: 王某, 欧阳某某; a single character stays."""
    text = text.strip()
    family = text[:2] if text[:2] in _COMPOUND and len(text) > 2 else text[:1]
    return family + "某" * min(2, len(text) - len(family))


def _digit(sign: str) -> str | None:
    """What a character counts as, an X at the end of an identity number too."""
    if sign in _CHINESE:
        return _CHINESE[sign]
    if sign in _CHECK_LETTERS:
        return "X"
    value = unicodedata.digit(sign, None)
    return None if value is None else str(value)


def _is_apart(sign: str) -> bool:
    return sign in _APART or unicodedata.category(sign) in _UNSEEN or sign == "\t"


def _runs(text: str) -> Iterator[list[_Digit]]:
    """Digits that belong together but for what may stand between them."""
    run: list[tuple[str, int]] = []
    apart = 0
    for at, sign in enumerate(text):
        value = _digit(sign)
        if value is not None:
            run.append((value, at))
            apart = 0
        elif run and _is_apart(sign) and apart < _APART_AT_MOST:
            apart += 1
        else:
            yield from _as_digits(run)
            run, apart = [], 0
    yield from _as_digits(run)


def _as_digits(run: list[tuple[str, int]]) -> Iterator[list[_Digit]]:
    places = [at for _, at in run]
    if len(run) >= len("13800000000"):
        yield [
            _Digit(
                value, at, n == 0 or places[n - 1] < at - 1,
                n == len(run) - 1 or places[n + 1] > at + 1,
            )
            for n, (value, at) in enumerate(run)
        ]  # fmt: skip


def _in_run(run: list[_Digit], text: str) -> Iterator[Found]:
    """The longest that something could be, from each digit on: what overlaps is merged, since a
    digit that stands before a number may make another of its beginning."""
    values = "".join(digit.value for digit in run)
    for n in range(len(run)):
        for length in (19, 18, 17, 16, 15, 13, 11):
            last = n + length - 1
            if last >= len(run):
                continue
            is_bounded = run[n].starts and run[last].ends
            kind = _kind(values[n : n + length], is_bounded)
            written = text[run[n].at : run[last].at + 1]
            if kind and not _THOUSANDS.fullmatch(written) and _is_plain(kind, written):
                yield Found(kind, run[n].at, run[last].at + 1)
                break


def _called_a_card(run: list[_Digit], text: str) -> Iterator[Found]:
    """The beginning of a run where the text says that a card or an account follows: as far as it
    is written in one way (in one piece, in groups set apart alike), else as far as it may go."""
    at = run[0].at
    before = (one for one in text[max(0, at - _WORD_WITHIN) : at] if not _is_between(one))
    if not _CARD.search("".join(before)):
        return
    gaps = [text[one.at + 1 : other.at] for one, other in pairwise(run)]
    alike = next((gap for gap in gaps if gap), "")
    ends = []
    for n, digit in enumerate(run[: _CARD_LENGTHS.stop]):
        if not digit.value.isdecimal():
            break
        is_last = n == len(run) - 1
        if is_last or gaps[n] or not _is_like(text[digit.at], text[run[n + 1].at]):
            ends.append(n)
    fit = [n for n in ends if n + 1 in _CARD_LENGTHS]
    in_one_way = [n for n in fit if not any(gap not in ("", alike) for gap in gaps[:n])]
    whole = [n for n in fit if not any(gaps[:n])]
    if fit:
        last = (whole or in_one_way or fit)[-1]
        yield Found("bank-card", at, run[last].at + 1)


def _is_between(sign: str) -> bool:
    return sign in _BETWEEN or sign == "\t" or unicodedata.category(sign) in _UNSEEN


def _is_like(sign: str, other: str) -> bool:
    """Whether both are digits of one kind, Chinese words or not: a number may end before 一."""
    return (sign in _CHINESE) == (other in _CHINESE) and other not in _CHECK_LETTERS


def _kind(values: str, is_bounded: bool) -> Kind | None:
    """What a number is by its digits; ``is_bounded``: neither end touches another digit."""
    is_identity = len(values) == 18 and _is_identity(values[:2], values[6:14], values[:17])
    if is_identity and (is_bounded or ric.calc_check_digit(values) == values[-1]):
        return "id-number"
    if not is_bounded:
        return None
    if len(values) == 15 and _is_identity(values[:2], f"19{values[6:12]}", values):
        return "id-number"
    if _MOBILE.fullmatch(values):
        return "phone"
    if len(values) >= 16 and values.isdecimal() and luhn.is_valid(values):
        return "bank-card"
    return None


def _is_identity(province: str, born: str, digits: str) -> bool:
    if province not in _PROVINCES or not digits.isdecimal():
        return False
    try:
        return date(int(born[:4]), int(born[4:6]), int(born[6:])).year > _BORN_AFTER
    except ValueError:
        return False


def _is_plain(kind: Kind, written: str) -> bool:
    """A card is written with blanks or none; numbered codes of projects have hyphens."""
    return kind != "bank-card" or all(_digit(sign) or sign.isspace() for sign in written)
