from typing import Any

from django import forms

from zhibu.core.fields import no_control_characters
from zhibu.people.models import Consent, Correction

HOWS = [choice for choice in Consent.How.choices if choice[0] != Consent.How.SELF]


class AskForm(forms.Form):
    """What is wrong, and what it should be."""

    about = forms.ChoiceField(
        label="哪一项不对",
        choices=[("", "请选择"), *Correction.About.choices],
        help_text="一次一项；几项不对，分几次提。",
    )
    text = forms.CharField(
        label="应该是什么",
        max_length=400,
        help_text="写清楚现在写成什么、应该是什么，有证件、文件的写上。加密保存，只给答复的人看。",
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[no_control_characters],
    )


class DecideForm(forms.Form):
    decision = forms.ChoiceField(
        label="怎么答复",
        help_text="改了再点“已更正”；改不改，本人都会收到。",
        choices=[("accepted", "已更正"), ("refused", "不更正")],
        widget=forms.RadioSelect(attrs={"class": "lines"}),
        error_messages={"required": "请选一个。"},
    )
    answer = forms.CharField(
        label="写给本人的话",
        max_length=200,
        help_text="改了什么，或者为什么不改。本人看得到。不要写身份证号、电话。",
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[no_control_characters],
    )


class NoteForm(forms.Form):
    """What somebody said or wrote of one purpose: they agree, or they take it back."""

    purpose = forms.ChoiceField(
        label="哪一件事",
        widget=forms.RadioSelect(attrs={"class": "lines"}),
        help_text="制度里写明要本人同意才办的事。",
    )
    how = forms.ChoiceField(
        label="怎么说的",
        choices=HOWS,
        widget=forms.RadioSelect(attrs={"class": "lines"}),
        help_text="照实选，本人看得到。",
    )

    def __init__(self, purposes: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]
