"""Whom a cell names: one of those that the page of the same organisation lets one choose."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from zhibu.core import fields
from zhibu.core.fields import FieldSpec, Named
from zhibu.imports.controls import plain
from zhibu.imports.targets import Check
from zhibu.imports.values import is_blank, matching, text
from zhibu.organizations.models import Organization
from zhibu.people.importing.named import BRACKETS, hinted
from zhibu.people.models import Person
from zhibu.people.queries import choosable


class Ambiguous(ValidationError):
    """Several of that name."""


class Faces:
    """People and organisations to choose from. A few queries for each organisation and column,
    whatever the number of rows."""

    def __init__(self, check: Check) -> None:
        self.today = check.today
        self._people: dict[tuple[int, str], Mapping[int, str]] = {}
        self._controls: dict[tuple[int, str], Any] = {}
        self._said: dict[tuple[int, str, str], Named | None] = {}

    def named(self, spec: FieldSpec, cell: Any, place: Organization) -> Named | None:
        """The one that the cell means; None where it says nothing.

        Raises:
            ValidationError: nobody of that name is there, or several are.
        """
        typed = text(cell).text if isinstance(cell, str) else plain(cell)
        if is_blank(typed):
            return None
        if spec.type == "person":
            return self._person(spec, typed, place)
        return self._organization(spec, typed, place)

    def _person(self, spec: FieldSpec, typed: str, place: Organization) -> Named:
        key = (place.pk, spec.id)
        if key not in self._people:
            self._people[key] = dict(choosable(place.pk, self.today, spec.where))
        there = self._people[key]
        name, hint = BRACKETS.sub("", typed).strip(), "".join(BRACKETS.findall(typed))
        found = [pk for pk, known in there.items() if matching(known) == matching(name)]
        if len(found) > 1 and hint:
            found = [one.pk for one in hinted(list(Person.objects.filter(pk__in=found)), hint)]
        if len(found) > 1:
            raise Ambiguous(
                f"在{place.called}有 {len(found)} 位。请在姓名后面用括号写上出生年月，"
                f"像“{name}（1980-03）”。"
            )
        if not found:
            raise ValidationError(f"在{place.called}选不到。请核对姓名，没有登记的先登记。")
        return Named(found[0], there[found[0]])

    def _organization(self, spec: FieldSpec, typed: str, place: Organization) -> Named | None:
        """As the control of the page finds it."""
        key = (place.pk, spec.id)
        if key not in self._controls:
            control, offer = fields.control(spec), fields.get(spec.type).offer
            if offer is not None:
                offer(control, spec, place.pk, self.today)
            self._controls[key] = control
        asked = (*key, typed)
        if asked not in self._said:
            self._said[asked] = self._controls[key].clean(typed)
        return self._said[asked]
