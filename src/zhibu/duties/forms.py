from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from zhibu.adoptions.queries import HeldItem
from zhibu.core.fields import no_control_characters
from zhibu.people.models import Person


class ExemptForm(forms.Form):
    reason = forms.CharField(
        label="为什么免",
        max_length=200,
        validators=[no_control_characters],
        help_text="支部和上级都看得到。免了就不算应办。",
    )


class ExplainForm(forms.Form):
    text = forms.CharField(
        label="说明情况",
        max_length=300,
        validators=[no_control_characters],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写给上级看的一两句话。开过的请补记，不用说明。",
    )


class TalkForm(forms.Form):
    """Who, with whom, on which day. There is no field for what was said, on purpose."""

    other = forms.TypedChoiceField(
        label="和谁谈的", coerce=int, empty_value=None, help_text="没有账号的，由一位支委代他确认。"
    )
    held_on = forms.DateField(
        label="哪天谈的",
        help_text="以前谈的也能记，以后的不能。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    kind = forms.ChoiceField(label="哪一种", help_text="按采用的制度分。")

    def __init__(
        self,
        *args: Any,
        kinds: Iterable[HeldItem],
        people: Iterable[Person],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        fields: dict[str, Any] = self.fields
        offered = [(item.reference, item.wording.item.title) for item in kinds]
        fields["kind"].choices = offered
        if len(offered) == 1:
            fields["kind"].widget = forms.HiddenInput()
            fields["kind"].initial = offered[0][0]
        fields["other"].choices = [("", "请选择"), *((p.pk, p.name) for p in people)]
        fields["held_on"].initial = today
        fields["held_on"].widget.attrs["max"] = today.isoformat()

    def clean_held_on(self) -> date:
        day: date = self.cleaned_data["held_on"]
        if day > self.today:
            raise forms.ValidationError("日期在以后。谈过以后再记。")
        return day
