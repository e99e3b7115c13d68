"""Conditions about people and organisations by the rows they have in a register."""

from collections.abc import Collection
from datetime import date
from typing import Any

from zhibu.core.intervals import on_day
from zhibu.core.predicates import Params, predicate
from zhibu.registers.models import Mention, Row


class InRegister(Params):
    """``book``: pack:register. ``counted``: only rows whose counted column says this."""

    book: str
    counted: str = ""


def _said(params: InRegister, prefix: str = "") -> dict[str, str]:
    said = {f"{prefix}register": params.book}
    return said | ({f"{prefix}counted": params.counted} if params.counted else {})


@predicate(
    "register_row_open", subject="person", title="台账 {book} 里有本人的一行", params=InRegister
)
def register_row_open(ids: Collection[int], on: date, params: InRegister) -> set[int]:
    """Some row that is about the person holds on that day, anywhere. One query."""
    rows: Any = Mention.objects.filter(
        on_day(on, "row__"), person__in=ids, is_subject=True, **_said(params, "row__"),
        row__in=Row.objects.counted().values("pk"),
    )  # fmt: skip
    return set(rows.values_list("person", flat=True))


@predicate(
    "holds_register_row", subject="organization", title="在台账 {book} 里有一行",
    params=InRegister,
)  # fmt: skip
def holds_register_row(ids: Collection[int], on: date, params: InRegister) -> set[int]:
    """Some row of the organisation itself holds on that day. One query."""
    rows: Any = Row.objects.valid_on(on).filter(organization__in=ids, **_said(params))
    return set(rows.values_list("organization", flat=True))
