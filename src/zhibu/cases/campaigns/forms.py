from collections.abc import Sequence
from typing import Any

from django import forms

from zhibu.cases.campaigns.models import Campaign
from zhibu.cases.campaigns.queries import VIEWS, Run
from zhibu.cases.forms import FieldsForm
from zhibu.core import searching
from zhibu.core.forms import day, line
from zhibu.packs.schema.campaigns import Campaign as Rule
from zhibu.packs.schema.campaigns import CampaignItem

MOST = 200  # units to choose from on one page
CODES = "一行一个，写组织的代码或者全称。"


def _chosen(field: Any, choices: Sequence[tuple[str, str]]) -> None:
    field.choices = list(choices)


class ListFilter(forms.Form):
    is_filter = True
    q = line("名称", longest=searching.LONGEST, required=False)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *Campaign.State.choices]
    )


class GridFilter(forms.Form):
    """What the grid is narrowed by; a wrong one counts as not given."""

    is_filter = True
    q = line("组织", longest=searching.LONGEST, required=False)
    phase = forms.ChoiceField(label="阶段", required=False)
    batch = forms.ChoiceField(label="批次", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=list(VIEWS.items()))

    def __init__(self, run: Run, *args: Any, phase: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _chosen(self.fields["phase"], [
            ("", f"现在的阶段（{run.phase(phase).title}）" if phase else "全部"),
            *((one.id, one.title) for one in run.rule.phases),
            ("all", "全部阶段"),
        ])  # fmt: skip
        batches = [(one.batch, one.title) for one in run.batches]
        _chosen(self.fields["batch"], [("", "全部"), *batches])
        if len(batches) == 1:
            del self.fields["batch"]


class LaunchForm(FieldsForm):
    """What a launch asks beside the pack: days, and units where they are chosen by hand."""

    title = line("名称", longest=60, hint="下面的单位看到的名字，一般照制度写的。")

    def __init__(self, rule: Rule, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.specs = []
        for batch in rule.batches:
            hint = "各阶段从这天算起。"
            self.fields[f"starts_{batch.id}"] = day(f"{batch.title}从哪天开始", hint=hint)
            if batch.by_hand:
                self.fields[f"units_{batch.id}"] = forms.CharField(
                    label=f"{batch.title}有哪些单位", help_text=CODES, max_length=200_000,
                    widget=forms.Textarea(attrs={"rows": 6}),
                )  # fmt: skip


class EnterForm(FieldsForm):
    """A word that an item was done: by whom, when, and what the pack asks."""

    def __init__(
        self, item: CampaignItem, people: Sequence[tuple[str, str]] | None,
        units: Sequence[tuple[str, str]] | None, *args: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.specs = []
        for name, label, choices in (("people", "哪些人", people), ("units", "哪些单位", units)):
            if choices is not None:
                self.fields[name] = forms.MultipleChoiceField(
                    label=label, choices=list(choices), widget=forms.CheckboxSelectMultiple,
                    error_messages={"required": f"选一下是{label}。"},
                )  # fmt: skip
        self.fields["happened_on"] = day("哪天办的", hint="一般是今天；补记写实际的日子。")
        if item.entered:
            self.ask(item.entered.fields)


class UnitForm(FieldsForm):
    """One more unit: which, in which batch, why only now."""

    organization = line("哪个组织", longest=100, hint="写组织的代码或者全称。")
    batch = forms.ChoiceField(label="放在哪一批", help_text="跟着那一批的日子办。")
    reason = line("原因", longest=200, hint="看得到这次活动的人都看得到。")

    def __init__(self, run: Run, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.specs = []
        _chosen(self.fields["batch"], [(one.batch, one.title) for one in run.batches])


class WhyForm(FieldsForm):
    reason = line("原因", longest=200, hint="看得到这次活动的人都看得到。")
    specs = ()


class SureForm(FieldsForm):
    """Nothing to fill in: the button is the word."""

    specs = ()
