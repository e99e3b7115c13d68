"""A cell as the control of a pack's field reads what one types: the page's own rules then judge it.

Pure. People, organisations and files are no cells: who may be meant is for the area that asks.
"""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError

from zhibu.core.fields import FieldSpec
from zhibu.imports import moments, values
from zhibu.imports.values import is_blank, matching

BETWEEN = ("、", "；", ";", "，", ",", "\n")
WRITTEN = ("text", "long-text", "link")
MEANT = ("无", "没有")  # of yes and no: no blank, and not plain either
NUMBERS = ("number", "money", "quantity")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def plain(cell: Any) -> str:
    """The cell as it is read, without blanks around it."""
    return values.show(cell).strip() if cell != "" else ""


def typed(spec: FieldSpec, cell: Any) -> Any:
    """What somebody would type or choose for the cell; "" or [] for one that says nothing.

    Raises:
        ValidationError: it cannot be told what is meant.
    """
    text = plain(cell)
    if _says_nothing(spec, text):
        return [] if spec.type == "choices" else ""
    match spec.type:
        case "date":
            return _day(cell, text)
        case "moment":
            return _moment(cell, text)
        case "yes-no":
            return {"是": "yes", "否": "no"}.get(text, text)
        case "choice":
            return _id(spec, text)
        case "choices":
            return _ids(spec, text)
        case "text":
            return " ".join(text.split())  # one line, as an input of the page takes it
        case name if name in NUMBERS:
            return _figure(spec, cell, text)
    return text


def _says_nothing(spec: FieldSpec, text: str) -> bool:
    """Empty, a dash, 无: but not where 无 is one of the choices, or what has to be written."""
    if not is_blank(text):
        return False
    if spec.type == "yes-no":
        return text not in MEANT
    return not text or (_id(spec, text) == text and not (spec.required and spec.type in WRITTEN))


def _day(cell: Any, text: str) -> str:
    found = values.day(cell)
    if found.day is None or found.how not in ("", "form", "serial"):
        raise ValidationError(f"“{text}”看不出是哪一天，写成 2026-12-31 这样。")
    return found.day.isoformat()


def _moment(cell: Any, text: str) -> str:
    found = moments.moment(cell)
    if found.day.day is None or found.day.how not in ("", "form", "serial") or not found.clock.at:
        raise ValidationError(f"“{text}”看不出是哪天几点，写成 2026-12-31 14:30 这样。")
    return f"{found.day.day} {found.clock.at:%H:%M}"


def _id(spec: FieldSpec, text: str) -> str:
    """The choice of that title, however it is spaced; else what stands there."""
    ids = {matching(choice.title): choice.id for choice in spec.choices}
    return ids.get(matching(text), text)


def _ids(spec: FieldSpec, text: str) -> list[str]:
    whole = _id(spec, text)
    if whole != text:
        return [whole]
    for mark in BETWEEN[1:]:
        text = text.replace(mark, BETWEEN[0])
    return [_id(spec, part.strip()) for part in text.split(BETWEEN[0]) if part.strip()]


def _figure(spec: FieldSpec, cell: Any, text: str) -> str:
    """A number without what is written around it. A cell that holds one is read to fifteen
    figures, as the spreadsheet shows it: 0.1 + 0.2 is 0.3."""
    if isinstance(cell, float):
        text = f"{cell:.15g}"
    text = unicodedata.normalize("NFKC", text).replace(" ", "")
    unit = "元" if spec.type == "money" else unicodedata.normalize("NFKC", spec.unit)
    text = text.removesuffix(unit) if unit else text
    return text.replace(",", "") if _GROUPED.fullmatch(text) else text
