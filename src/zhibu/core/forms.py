"""What forms of several areas share: a refused action becomes an error of its form."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zhibu.core import fields
from zhibu.core.fields import FieldSpec, Named, no_control_characters
from zhibu.core.verdicts import Refused


def attempt(form: forms.BaseForm, action: Callable[[], object]) -> bool:
    """Run ``action`` on a valid form; False where a rule refuses, its sentence on the form."""
    try:
        action()
    except Refused as refusal:
        form.add_error(None, refusal.verdict.reason)
        return False
    return True


def line(
    label: str,
    *,
    longest: int,
    required: bool = True,
    hint: str = "",
    widget: forms.Widget | None = None,
) -> forms.CharField:
    """One line of text, stripped, without characters that cannot be seen."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        help_text=hint,
        widget=widget or forms.TextInput(),
        validators=[no_control_characters, _no_line_break],
    )


def _no_line_break(value: str) -> None:
    if "\n" in value or "\r" in value:
        raise ValidationError("要写在一行里。")


def day(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    """A day, asked with the device's own calendar, between 1900 and 2199."""
    return forms.DateField(
        label=label, required=required, help_text=hint, validators=[_likely_year]
    )


def _likely_year(value: object) -> None:
    year = getattr(value, "year", 0)
    if not 1900 <= year < 2200:
        raise ValidationError(f"{year} 年不对，请核对。")


class SuggestingField(forms.CharField):
    """A line of text with suggestions that the browser offers; anything else may be typed.

    ``offered`` is read when the field is drawn. Works without script.
    """

    offered: Sequence[str] = ()

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> Any:
        bound = super().get_bound_field(form, field_name)
        self.widget.attrs["list"] = f"{bound.auto_id}_list"
        return bound


class NamedField(forms.ChoiceField):
    """One of those it was given, by number; clean gives a ``Named``."""

    names: dict[str, str] = {}

    def give(self, offered: Sequence[tuple[int, str]]) -> None:
        self.names = {str(pk): name for pk, name in offered}
        self.choices = [("", "请选择"), *self.names.items()]

    def prepare_value(self, value: Any) -> Any:
        return value.id if isinstance(value, Named) else value

    def clean(self, value: Any) -> Named | None:
        text = super().clean(value)
        return Named(int(text), self.names[text]) if text else None


class FieldsForm(forms.Form):
    """Fields of a pack beside fields of one's own; faults of an action come to their place."""

    specs: Sequence[FieldSpec] = ()

    def ask(
        self,
        specs: Sequence[FieldSpec],
        *,
        organization: int = 0,
        on: date | None = None,
        may_lack: bool = False,
        home: int = 0,
        people_of: int = 0,
    ) -> None:
        """``organization`` and ``on``: where people and organisations are chosen from; ``home``
        is the organisation that the thing itself belongs to, and ``people_of`` the one that
        people are chosen from, where those are others.
        ``may_lack``: some outcome does without them; the action says what is missing."""
        self.specs = specs
        for spec in specs:
            control: Any = fields.control(spec)
            kind = fields.get(spec.type)
            if kind.offer and on:
                place = home if kind.is_of_home and home else organization
                if spec.type == "person" and people_of:
                    place = people_of
                kind.offer(control, spec, place, on)
            if may_lack:
                control.is_part, control.required = spec.required, False
            self.fields[spec.id] = control

    def values(self) -> dict[str, Any]:
        """Cleaned values by field id."""
        return {spec.id: self.cleaned_data.get(spec.id) for spec in self.specs}

    def show_faults(self, faults: Mapping[str, str]) -> None:
        for name, text in faults.items():
            self.add_error(name if name in self.fields else None, text)


def known(specs: Sequence[FieldSpec], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values of ``specs`` as their controls show them."""
    found = {}
    for spec in specs:
        if spec.id in stored:
            value = fields.get(spec.type).load(stored[spec.id])
            found[spec.id] = {True: "yes", False: "no"}[value] if spec.type == "yes-no" else value
    return found
