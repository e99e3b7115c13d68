from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from zhibu.core.forms import line
from zhibu.core.searching import LONGEST
from zhibu.insight.queries import Window
from zhibu.organizations.models import Field, Organization
from zhibu.packs.reading import files_of_zip

LARGEST_PACK = 2_000_000


class OverviewFilter(forms.Form):
    """What the overview is narrowed by; what is missing or wrong falls back."""

    is_filter = True
    organization = forms.ChoiceField(label="范围", required=False)
    field = forms.ChoiceField(label="领域", required=False, choices=[("", "全部"), *Field.choices])
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("overdue", "有未办"), ("open", "有待办"), ("done", "有已办")],
    )
    window = forms.ChoiceField(label="时段", required=False)
    on = forms.DateField(
        label="截至",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self,
        scopes: Sequence[Organization],
        windows: Mapping[str, Window],
        on: date,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        controls: Any = self.fields
        controls["organization"].choices = [(str(o.pk), o.called) for o in scopes]
        controls["window"].choices = [(key, window.label) for key, window in windows.items()]


class WordsForm(forms.Form):
    """What is typed into the search box."""

    is_filter = True
    q = line("找什么", longest=LONGEST, required=False)


class VerifyForm(forms.Form):
    """Nothing to fill in: asks for a check of the ledger."""


class PackForm(forms.Form):
    """A pack as a zip of its folder."""

    file = forms.FileField(
        label="制度包",
        help_text="把制度包的文件夹压缩成 zip。传上来先检查，有错会一次列全，不会装上。",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
    )

    def clean_file(self) -> dict[str, str]:
        """The pack's files."""
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST_PACK:
            raise forms.ValidationError("文件太大，制度包只有文字，不超过 2 MB。")
        try:
            return files_of_zip(upload.read())
        except ValueError as error:
            raise forms.ValidationError(f"{error}。") from error
