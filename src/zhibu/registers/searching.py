"""Rows of registers for the one search box, by what they are called."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from zhibu.core import standing
from zhibu.core.searching import Hit, Section, register
from zhibu.registers.models import STANDINGS, Row

if TYPE_CHECKING:
    from zhibu.accounts.models import User


def _sees(user: "User") -> bool:
    return user.person_id is not None or standing.may_anywhere(user, "registers.view")


def _rows(user: "User", text: str, on: date) -> Any:
    rows = Row.objects.visible_to(user).filter(title__icontains=text)
    return rows.select_related("organization").order_by("-since", "-pk")


def _row(row: Row) -> Hit:
    said = STANDINGS[row.standing_on(timezone.localdate())]
    line = f"{row.rule.title} · {said} · {row.organization.called}"
    return Hit(row.title, row.get_absolute_url(), line)


register(Section("台账", "table", 47, _sees, _rows, _row))
