"""The field type ``person`` of ``core.fields``: somebody of the organisation that asks."""

from datetime import date
from typing import Any

from zhibu.core.fields import (
    FieldSpec,
    FieldType,
    load_named,
    name_of,
    register,
    store_named,
)
from zhibu.core.forms import NamedField
from zhibu.people.queries import choosable


def _offer(control: Any, spec: FieldSpec, organization: int, on: date) -> None:
    control.give(choosable(organization, on, spec.where))


register(
    FieldType(
        name="person",
        control=lambda spec: NamedField(),
        store=store_named,
        load=load_named,
        export=name_of,
        show=name_of,
        offer=_offer,
    )
)
