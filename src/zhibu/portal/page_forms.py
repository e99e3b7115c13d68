"""Forms of the pages for residents that are not about requests."""

from django import forms

from zhibu.core.fields import no_control_characters
from zhibu.publishing.models import Voice

LONGEST_SAID, LONGEST_CONTACT, LONGEST_CODE = 1000, 100, 40


class VoiceForm(forms.Form):
    """A question about a publication, or an objection. Nothing is chosen beforehand."""

    kind = forms.ChoiceField(
        label="您要", choices=Voice.Kind.choices, widget=forms.RadioSelect
    )
    said = forms.CharField(
        label="想问什么，哪里不对",
        max_length=LONGEST_SAID,
        validators=[no_control_characters],
        help_text="只有经办的人能看。请不要写身份证号和别人的私事。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    contact = forms.CharField(
        label="怎么找到您",
        required=False,
        max_length=LONGEST_CONTACT,
        validators=[no_control_characters],
        help_text="不填也会答复，凭查询码看。填了只有经办的人能看。",
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label="查询码",
        max_length=LONGEST_CODE,
        help_text="提的时候给您的那一串字母和数字，大小写、横线都不要紧。",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
