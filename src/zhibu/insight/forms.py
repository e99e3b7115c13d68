from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from zhibu.core.forms import line
from zhibu.core.measures import Offer
from zhibu.insight.queries import Window
from zhibu.insight.subjects import SUBJECTS, Subject
from zhibu.organizations.models import Organization

NONE = "none"


class ScopeFilter(forms.Form):
    """Where, over what span, as of which day; what is missing or wrong falls back."""

    is_filter = True
    organization = forms.ChoiceField(label="范围", required=False)
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
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        controls: Any = self.fields
        controls["organization"].choices = [(str(o.pk), o.called) for o in scopes]
        controls["window"].choices = [(key, window.label) for key, window in windows.items()]


class MeasureFilter(ScopeFilter):
    """A measure's figures: where, when, and of what, where it can be asked for several."""

    of = forms.ChoiceField(label="哪一项", required=False)
    field_order = ["of", "organization", "window", "on"]

    def __init__(self, offers: Sequence[Offer], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        controls: Any = self.fields
        if len(offers) > 1:
            controls["of"].choices = [(offer.key, offer.title) for offer in offers]
        else:
            del controls["of"]


class TableFilter(ScopeFilter):
    """What a cross-table counts and what its rows and columns are."""

    subject = forms.ChoiceField(
        label="数什么", required=False, choices=[(s.id, s.title) for s in SUBJECTS.values()]
    )
    row = forms.ChoiceField(label="行", required=False)
    column = forms.ChoiceField(label="列", required=False)
    field_order = ["subject", "row", "column", "organization", "window", "on"]

    def __init__(self, subject: Subject, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        controls: Any = self.fields
        by = [(dimension.id, dimension.title) for dimension in subject.dimensions]
        controls["row"].choices = by
        controls["column"].choices = [(NONE, "不分列"), *by]


class PlanForm(forms.Form):
    year = forms.IntegerField(
        label="哪一年", min_value=2000, max_value=2100, help_text="一年一个数，再定就是改。"
    )
    planned = forms.IntegerField(
        label="计划发展几人", min_value=0, max_value=1_000_000,
        help_text="这个组织和下面全部的，一年接收几名预备党员。",
    )  # fmt: skip


class FreezeForm(forms.Form):
    """The name of a report; everything else is what the table asks."""

    title = line("报表名称", longest=100, hint="以后按这个名字找，如“2026年第三季度应办情况”。")
