"""Identity numbers as people type them. Pure; the check digit is python-stdnum's.

Whether the county's code existed when the person was born is not asked: the code is that
of the day the number was given.
"""

import re
import unicodedata
from datetime import date
from typing import Any, NamedTuple

from stdnum.cn import ric

CENTURY = "19"  # a number of fifteen digits was given to nobody born later
_DROPPED = str.maketrans("", "", " \t\r\n'‘’`\"“”,，、-—_·.。;；:：|\u200b\ufeff\xa0\u3000")
_X = str.maketrans({"×": "X", "✕": "X", "✖": "X", "Х": "X", "х": "X", "Ⅹ": "X", "ⅹ": "X", "*": "*"})
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{2}")


class IdNumber(NamedTuple):
    """A cell read as an identity number.

    ``number`` has eighteen characters, or is what was typed where ``fault`` says why it
    is none: blank, id_as_number, id_masked, bad_id_length, bad_id_characters,
    bad_id_birth, bad_check_digit. ``how`` names what was tidied: id_form (spaces,
    full-width, lower-case x), id_fifteen_digits.
    """

    number: str
    fault: str = ""
    how: str = ""

    @property
    def born_on(self) -> date:
        """Raises ``ValueError`` for a number with a fault."""
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def is_male(self) -> bool:
        return self.number[16] in "13579"


def read(cell: Any) -> IdNumber:
    """Read a cell as an identity number. Never raises."""
    if cell.__class__ is str:
        if cell == "":
            return IdNumber("", "blank")
        return _checked(cell, cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        digits = str(cell)
        return _checked(digits, "") if len(digits) == 15 else IdNumber(digits, "bad_id_length")
    if isinstance(cell, float):
        digits = str(int(cell)) if cell.is_integer() else str(cell)
        return IdNumber(digits, "id_as_number")
    return IdNumber(str(cell), "bad_id_characters")


def _checked(text: str, typed: str) -> IdNumber:
    plain = text
    if len(text) != 18 or not text[:17].isdigit() or not text.isascii():
        if _SCIENTIFIC.fullmatch(text.strip()):
            return IdNumber(text.strip(), "id_as_number")
        plain = _tidied(text)
    plain = plain.upper()
    if fault := _shape(plain):
        return IdNumber(plain, fault)
    if len(plain) == 15:
        return _lengthened(plain)
    if ric.calc_check_digit(plain) != plain[-1]:
        return IdNumber(plain, "bad_check_digit")
    if not _has_birth_day(plain):
        return IdNumber(plain, "bad_id_birth")
    return IdNumber(plain, "", "id_form" if plain != typed else "")


def _has_birth_day(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def _tidied(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(_X)).translate(_X).strip()
    plain = re.sub(r"\.0+$", "", plain)
    plain = re.sub(r"^(身份证号?码?|号码)", "", plain)
    return plain.translate(_DROPPED)


def _shape(plain: str) -> str:
    """The fault of a text that cannot be a number at all, "" if it may be one."""
    if not plain:
        return "blank"
    if "*" in plain or "＊" in plain or plain.count("X") > 1:
        return "id_masked"
    if not plain.isascii() or not plain[:-1].isdigit() or plain[-1] not in "0123456789X":
        return "bad_id_characters"
    if len(plain) == 15 and plain.isdigit():
        return ""
    return "" if len(plain) == 18 else "bad_id_length"


def _lengthened(digits: str) -> IdNumber:
    """Fifteen digits as eighteen: the century and the check digit are put in."""
    longer = f"{digits[:6]}{CENTURY}{digits[6:]}"
    number = longer + ric.calc_check_digit(longer + "0")
    if not _has_birth_day(number):
        return IdNumber(digits, "bad_id_birth")
    return IdNumber(number, "", "id_fifteen_digits")
