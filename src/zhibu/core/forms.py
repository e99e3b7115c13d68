"""What forms of several areas share: a refused action becomes an error of its form."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zhibu.core.fields import no_control_characters
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
