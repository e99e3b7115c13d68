"""Forms of the pages for residents that are not about requests."""

from typing import Any

from django import forms

from zhibu.core.fields import no_control_characters
from zhibu.core.forms import line
from zhibu.notices.forms import FeedbackForm
from zhibu.portal import asking
from zhibu.publishing.models import Voice

LONGEST_SAID, LONGEST_CONTACT, LONGEST_CODE = 1000, 100, 40


class SumForm(forms.Form):
    """A form with the sum that keeps machines off: asked anew whenever the page comes back, what
    was typed stays. ``question`` is the sum that was answered, None where there was none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = asking.opened(str(self.data.get("seal", ""))) if self.is_bound else None
        self.fresh = asking.new()
        self.fields["total"] = line(
            self.fresh.words, longest=8, hint="防止机器乱发。",
            widget=forms.TextInput(
                attrs={"inputmode": "numeric", "class": "form-control z-short",
                       "autocomplete": "off"}
            ),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.question is None:
            self.add_error("total", "这一页开得太久了，请再算一次。")
        elif "total" in cleaned and not self.question.is_answered(cleaned["total"]):
            self.add_error("total", "算得不对，请再算一次。")
        return cleaned

    @property
    def seal(self) -> str:
        """Which sum was answered: it serves once."""
        return self.question.once if self.question else ""

    def ask_anew(self) -> None:
        """The next page asks another sum; what was typed for this one goes."""
        self.data = dict(self.data.items()) | {"total": ""}


class WordForm(FeedbackForm, SumForm):
    """What somebody without an account says about a page."""


class VoiceForm(SumForm):
    """A question about a publication, or an objection. Nothing is chosen beforehand."""

    kind = forms.ChoiceField(
        label="您要",
        choices=Voice.Kind.choices,
        help_text="不清楚的，问一问；不对的，提异议。",
        widget=forms.RadioSelect,
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
