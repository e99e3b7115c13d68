from collections.abc import Sequence
from typing import Any

from django import forms

from zhibu.core.forms import line
from zhibu.people.merging.queries import Difference, Line


class MergeForm(forms.Form):
    """A choice for each particular and line in time that both know and differ in."""

    def __init__(
        self, differences: Sequence[Difference], lines: Sequence[Line], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.named: dict[str, str] = {}
        for row in differences:
            if row.is_choice:
                self._choose(f"field_{row.field}", row.title, [row.one, row.other])
        for each in lines:
            if each.is_choice:
                texts = ["；".join(each.one), "；".join(each.other)]
                self._choose(f"line_{each.name}", each.title, texts)
                self.fields[
                    f"line_{each.name}"
                ].help_text = f"日期有重叠，只能留一边：{each.clashes[0]}。另一边的删去。"
        self.fields["reason"] = line(
            "怎么认定是同一个人", longest=200, hint="例如 核对身份证，2019年名册重复登记。"
        )
        self.fields["is_sure"] = forms.BooleanField(
            label="我核对过，是同一个人；知道合并不能撤销",
            error_messages={"required": "核对过再合并。"},
        )

    def _choose(self, name: str, title: str, texts: Sequence[str]) -> None:
        self.fields[name] = forms.ChoiceField(
            label=title,
            choices=list(zip(("one", "other"), texts, strict=True)),
            widget=forms.RadioSelect(attrs={"class": "lines"}),
            error_messages={"required": "请选留哪一个。"},
        )

    def chosen(self, prefix: str) -> dict[str, str]:
        return {
            name.removeprefix(prefix): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }
