from typing import Any

from django import forms

from zhibu.core.fields import no_control_characters
from zhibu.core.forms import day, line
from zhibu.people.forms import PersonField

MOST_PAPERS = 60


class DrawForm(forms.Form):
    successor = PersonField(label="谁接手", hint="写姓名；还没定就空着，只登记交出。")
    since = day("交接日", hint="原任的权限这一天停，接手的这一天起。")
    papers = forms.CharField(
        label="移交的纸质材料、印章、物品",
        required=False,
        max_length=4000,
        help_text="一行一样，例如 2025年党费收据一本。",
        widget=forms.Textarea(attrs={"rows": 6}),
        validators=[no_control_characters],
    )
    note = line("要当面说清的", longest=400, required=False, hint="例如手机、电脑里没存完的草稿。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].required = False

    def clean_papers(self) -> list[str]:
        lines = [one.strip()[:200] for one in str(self.cleaned_data["papers"]).splitlines()]
        kept = [one for one in lines if one]
        if len(kept) > MOST_PAPERS:
            raise forms.ValidationError(f"最多 {MOST_PAPERS} 行，零散的请合并成一行。")
        return kept


class EndForm(forms.Form):
    """Why it is finished without both hands, or not at all."""

    reason = line(
        "原因", longest=200, required=False, hint="没有两边签字就办结、或者不办了的，要写。"
    )
