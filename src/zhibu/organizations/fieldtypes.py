"""The field type ``organization`` of ``core.fields``: any that stands on the day."""

from datetime import date
from typing import Any

from zhibu.core.fields import (
    FieldSpec,
    FieldType,
    Named,
    load_named,
    name_of,
    register,
    store_named,
)
from zhibu.core.intervals import on_day
from zhibu.organizations.forms import OrganizationField
from zhibu.organizations.models import Organization, Placement


class NamedOrganizationField(OrganizationField):
    """As it is typed, any that ``offer`` allows; clean gives a ``Named``."""

    only = "只能选还在的组织"

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Named) else value

    def clean(self, value: Any) -> Named | None:
        found = super().clean(value)
        return Named(found.pk, found.called) if found else None


def _offer(control: Any, spec: FieldSpec, organization: int, on: date) -> None:
    """All that stand on ``on`` but the one that asks, and meet the condition."""
    placed = Placement.objects.filter(on_day(on)).exclude(organization=organization)
    ids = set(placed.values_list("organization", flat=True))
    if spec.where:
        ids = spec.where.satisfied_by(ids, on)
        control.among = Organization.objects.filter(pk__in=ids)
    else:
        control.among = Organization.objects.filter(pk__in=placed.values("organization"))


register(
    FieldType(
        name="organization",
        control=lambda spec: NamedOrganizationField(label=spec.title),
        store=store_named,
        load=load_named,
        export=name_of,
        show=name_of,
        offer=_offer,
    )
)
