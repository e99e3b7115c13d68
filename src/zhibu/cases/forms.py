from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from zhibu.cases.queries import VIEWS
from zhibu.cases.steps import Faulty
from zhibu.core import fields, searching
from zhibu.core.fields import FieldSpec
from zhibu.core.forms import day, line
from zhibu.packs.schema.procedures import Outcome, Procedure, Stage


class ListFilter(forms.Form):
    """What the list of cases is narrowed by; a wrong one counts as not given."""

    is_filter = True
    q = line("事情", longest=searching.LONGEST, required=False)
    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    procedure = forms.ChoiceField(label="哪一种", required=False)

    def __init__(self, procedures: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["procedure"], [("", "全部"), *procedures.items()])


class FieldsForm(forms.Form):
    """Fields of a pack, a day, perhaps a reason; faults of the action come back to their place."""

    specs: Sequence[FieldSpec]

    def ask(self, specs: Sequence[FieldSpec], *, may_lack: bool = False) -> None:
        """``may_lack``: some outcome does without them; the action says what is missing."""
        self.specs = specs
        for spec in specs:
            control: Any = fields.control(spec)
            if may_lack:
                control.is_part, control.required = spec.required, False
            self.fields[spec.id] = control

    def values(self) -> dict[str, Any]:
        """Cleaned values by field id."""
        return {spec.id: self.cleaned_data.get(spec.id) for spec in self.specs}

    def show(self, faulty: Faulty) -> None:
        for name, text in faulty.faults.items():
            self.add_error(name if name in self.fields else None, text)


class StartForm(FieldsForm):
    """What a procedure asks at its beginning."""

    title = line("事情", longest=100, hint="一句话，别人看得懂。请勿写隐私。")
    happened_on = day("哪天开始的", hint="一般是今天；补记写实际的日子。")

    def __init__(
        self, rule: Procedure, people: Sequence[tuple[int, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if rule.has_owner:
            self.fields["owner"] = forms.ChoiceField(
                label="责任人", choices=[("", "请选择"), *((str(pk), name) for pk, name in people)],
                help_text="一件事一个人负责。",
            )  # fmt: skip
        self.ask(rule.fields)


def known(specs: Sequence[FieldSpec], facts: dict[str, Any]) -> dict[str, Any]:
    """What was written before, as the controls show it."""
    found = {}
    for spec in specs:
        if spec.id in facts:
            value = fields.get(spec.type).load(facts[spec.id])
            found[spec.id] = {True: "yes", False: "no"}[value] if spec.type == "yes-no" else value
    return found


class ActForm(FieldsForm):
    """What ends a turn. What was written at this stage before stands there to be changed."""

    def __init__(
        self, stage: Stage, outcomes: Sequence[tuple[Outcome, str]], facts: dict[str, Any],
        *args: Any, today: date, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.initial = {"happened_on": today, **known(stage.fields, facts)}
        self.ask(stage.fields, may_lack=True)
        self.fields["happened_on"] = day("哪天办的", hint="一般是今天；补记写实际的日子。")
        if any(outcome.reason for outcome, _ in outcomes):
            asked = "、".join(outcome.title for outcome, _ in outcomes if outcome.reason)
            reason: Any = line("原因", longest=200, required=False, hint=f"{asked}时要写。")
            reason.is_part = True
            self.fields["reason"] = reason
        self.fields["outcome"] = forms.ChoiceField(
            choices=[(outcome.id, outcome.title) for outcome, barred in outcomes if not barred],
            widget=forms.HiddenInput(),
            error_messages={"required": "按一个按钮。", "invalid_choice": "现在不能这样办。"},
        )


class ExtendForm(FieldsForm):
    until = day("延到哪天", hint="要晚于现在的期限。")
    reason = line("原因", longest=200, hint="写在这件事的经过里。")


class WhyForm(FieldsForm):
    """Why something is cancelled or taken up again."""

    reason = line("原因", longest=200, hint="写在这件事的经过里，看得到这件事的人都看得到。")


class OwnerForm(FieldsForm):
    owner = forms.ChoiceField(label="责任人", help_text="换了人，轮到责任人的步骤跟着换。")

    def __init__(self, people: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["owner"], [("", "请选择"), *((str(pk), name) for pk, name in people)])


def _choices(control: Any, choices: Sequence[tuple[str, str]]) -> None:
    control.choices = list(choices)
