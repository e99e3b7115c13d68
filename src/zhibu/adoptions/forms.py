from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from zhibu.adoptions.models import Adoption
from zhibu.core.forms import day, line
from zhibu.core.searching import LONGEST
from zhibu.organizations.forms import OrganizationField
from zhibu.organizations.models import Field
from zhibu.packs.reading import Pack


class DayForm(forms.Form):
    """The day a page is looked at; tomorrow's rules may be looked at too."""

    is_filter = True
    on = day("看哪一天")


class PackFilter(forms.Form):
    """Words that a pack, or something in it, is called by."""

    is_filter = True
    q = line("名称里有", longest=LONGEST, required=False)


class AdoptForm(forms.Form):
    """Which pack, for whom, from when, by which paper. ``packs`` are those to choose from."""

    pack = forms.ChoiceField(
        label="制度包", help_text="内容先在“制度包”里看；下一步会列出影响哪些组织。"
    )
    organization = OrganizationField(label="哪个组织采用", hint="写名称或代码。")
    reach = forms.ChoiceField(
        label="对谁起作用",
        choices=[(Adoption.Reach.SUBTREE, "它和下级"), (Adoption.Reach.GUIDED, "它指导的")],
        initial=Adoption.Reach.SUBTREE,
        required=False,
        widget=forms.RadioSelect,
        help_text="业务指导的部门选“它指导的”，被指导的组织的下级也在内。"
        "两条线都采用同一个制度包的，以领导线为准。",
    )
    since = day("从哪天起", hint="从以前的日子起，那以后没有办的会显示未办。")
    domains = forms.MultipleChoiceField(
        label="只限哪些领域",
        choices=Field.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选就是全部。",
    )
    paper = line("文号", longest=80, required=False, hint="哪份文件定的。")

    def clean_reach(self) -> str:
        return str(self.cleaned_data["reach"] or Adoption.Reach.SUBTREE)

    def __init__(self, packs: Mapping[str, Pack], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["pack"]
        chosen.choices = [
            ("", "请选择"),
            *((id_, f"{pack.meta.title}（{pack.meta.version}）") for id_, pack in packs.items()),
        ]


class WithdrawForm(forms.Form):
    """From which day on a pack no longer holds."""

    until = day("从哪天起停用", hint="以前该办的还要办，记录都留着。")

    def __init__(self, since: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = since

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until <= self.since:
            raise forms.ValidationError(f"{self.since} 才开始采用，停用要晚于那天。")
        return until
