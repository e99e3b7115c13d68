"""The field type ``register-row`` of ``core.fields``: a row of one register of the organisation
that asks, valid on the day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from zhibu.core.fields import (
    FieldSpec,
    FieldType,
    Named,
    load_named,
    name_of,
    register,
    store_named,
)
from zhibu.core.forms import NamedField
from zhibu.registers.models import Row, latest


class RowField(NamedField):
    """A row may be told by its number too."""

    numbers: dict[str, str] = {}
    asked: str = "台账"

    def give_rows(self, rows: Sequence[Row], asked: str) -> None:
        self.give([(row.pk, _called(row)) for row in rows])
        self.numbers = {row.called_number: str(row.pk) for row in rows if row.called_number}
        self.asked = asked

    def clean(self, value: Any) -> Named | None:
        chosen = str(value or "").strip()
        chosen = self.numbers.get(chosen, chosen)
        if chosen and chosen not in self.names:
            raise ValidationError(
                f"“{self.asked}”里那天有效的没有这一行：没有登记，或者已经到期、结束。"
                "先登记或者续签，再来选。"
            )
        return super().clean(chosen)


def _called(row: Row) -> str:
    return f"{row.called_number} {row.title}".strip()


def _offer(control: Any, spec: FieldSpec, organization: int, on: date) -> None:
    """Rows of the organisation itself that hold on ``on``, the latest first. One query."""
    rule = latest(spec.book)
    rows = Row.objects.valid_on(on).filter(organization=organization, register=spec.book)
    control.give_rows(list(rows.order_by("-since", "-pk")), rule.title if rule else spec.book)


register(
    FieldType(
        name="register-row",
        control=lambda spec: RowField(),
        store=store_named,
        load=load_named,
        export=name_of,
        show=name_of,
        offer=_offer,
        is_of_home=True,
    )
)
