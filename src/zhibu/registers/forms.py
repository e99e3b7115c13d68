from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms

from zhibu.core import searching
from zhibu.core.forms import FieldsForm, attempt, day, known, line
from zhibu.imports.forms import WorkbookForm
from zhibu.organizations.models import Organization
from zhibu.packs.schema.registers import Register
from zhibu.registers.drafts import Draft, Faulty, word_key
from zhibu.registers.models import Row
from zhibu.registers.queries import VIEWS

UNTIL_HINT = "这天起就不算了。例如到 12 月 31 日为止的，写第二年 1 月 1 日。"


class RowsFilter(forms.Form):
    """What a register is narrowed by; a wrong one counts as not given."""

    is_filter = True
    organization = forms.IntegerField(required=False, widget=forms.HiddenInput())
    q = line("名称", longest=searching.LONGEST, required=False)
    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    counted = forms.ChoiceField(label="哪一种", required=False)
    on = day("哪天", required=False)

    def __init__(self, rule: Register, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spec = rule.column(rule.counted_by)
        if spec is None:
            del self.fields["counted"]
            return
        control: Any = self.fields["counted"]
        control.label = spec.title
        control.choices = [("", "全部"), *((choice.id, choice.title) for choice in spec.choices)]


class RowForm(FieldsForm):
    """The columns of a row, and from when until when it holds."""

    since = day("从哪天", hint="从这天起算数。补登记写实际的日子。")

    def __init__(
        self, rule: Register, organization: Organization, today: date, *args: Any,
        has_until: bool, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        since = self.fields.pop("since")
        self.ask(rule.columns, organization=organization.pk, on=today)
        self.fields["since"] = since  # after the columns
        if rule.key:
            since.help_text += f"{word_key(rule)}一样的，同一天只能有一行。"
        if has_until:
            is_required = rule.ends == "required"
            self.fields["until"] = day("到哪天（不含）", required=is_required, hint=UNTIL_HINT)

    def draft(self) -> Draft:
        data = self.cleaned_data
        return Draft(since=data["since"], until=data.get("until"), values=self.values())


class RowsFileForm(WorkbookForm):
    """Rows of one register in a table."""

    file = forms.FileField(
        label="文件",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv"}),
        help_text=".xlsx 或 .csv，一行一条。先核对给您看，您点了导入才写入。",
    )


class CorrectForm(RowForm):
    """The same, as it stands, and why it is mended."""

    def __init__(self, row: Row, today: date, *args: Any, **kwargs: Any) -> None:
        rule = row.rule
        initial = known(rule.columns, row.values) | {"since": row.since, "until": row.until}
        has_until = rule.ends != "open" or row.until is not None
        super().__init__(
            rule, row.organization, today, *args, has_until=has_until, initial=initial, **kwargs
        )
        self._keep_chosen(row, rule)
        self.fields["reason"] = line(
            "为什么更正", longest=200, hint="写在这一行的经过里，看得到这一行的人都看得到。"
        )

    def _keep_chosen(self, row: Row, rule: Register) -> None:
        """Somebody who has left since may stay named."""
        for spec in rule.columns:
            control: Any = self.fields[spec.id]
            kept = row.values.get(spec.id)
            if spec.type == "person" and kept and str(kept["id"]) not in control.names:
                named = [(int(pk), name) for pk, name in control.names.items()]
                control.give([*named, (kept["id"], kept["name"])])


class CloseForm(FieldsForm):
    until = day("从哪天起不算", hint=UNTIL_HINT)
    reason = line("为什么结束", longest=200, hint="看得到这一行的人都看得到，请勿写隐私。")

    def __init__(self, rule: Register, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rule.ended_as:
            choices = [("", "请选择"), *((choice.id, choice.title) for choice in rule.ended_as)]
            self.fields["ended_as"] = forms.ChoiceField(
                label="怎么结束的", choices=choices, help_text="数的时候按这个分。"
            )


class VoidForm(FieldsForm):
    reason = line("为什么作废", longest=200, hint="看得到这一行的人都看得到，请勿写隐私。")


def attempted(form: FieldsForm, act: Callable[[], object]) -> bool:
    """Run the action; what it refuses stands on the form, each fault in its place."""
    try:
        return attempt(form, act)
    except Faulty as faulty:
        form.show_faults(faulty.faults)
    return False
