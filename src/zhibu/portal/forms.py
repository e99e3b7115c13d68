from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zhibu.cases.steps import Faulty
from zhibu.core import searching
from zhibu.core.forms import FieldsForm, line
from zhibu.packs.schema.procedures import CHANNELS, Outcome, Procedure, Stage
from zhibu.people.forms import RevealForm
from zhibu.portal import asking
from zhibu.portal.models import hash_of

LookForm = RevealForm
KEPT = "只有经办人能看，从办结起留{keeps}，到期删除。不填也受理。"


def _phone(value: str) -> None:
    if sum(character.isdigit() for character in value) < 5:
        raise ValidationError("电话写数字，手机或者带区号的座机。")


class _DoorForm(FieldsForm):
    """Fields of a beginning, in the words of the door."""

    def _ask_plainly(self, rule: Procedure, **where: Any) -> None:
        assert rule.doorway is not None
        specs = {spec.id: spec for spec in rule.fields}
        self.ask([specs[one.field] for one in rule.doorway.asks], **where)
        for one in rule.doorway.asks:
            field: Any = self.fields[one.field]
            field.label = one.label
            field.help_text = one.hint or field.help_text
            if isinstance(field, forms.ChoiceField) and specs[one.field].type == "choice":
                field.widget = forms.RadioSelect()
                field.choices = [(c.id, c.title) for c in specs[one.field].choices]

    def _ask_contact(self, keeps: str) -> None:
        self.fields["contact_name"] = line("您贵姓", longest=40, required=False)
        phone = line(
            "您的电话", longest=20, required=False, hint=KEPT.format(keeps=keeps),
            widget=forms.TextInput(attrs={"inputmode": "tel"}),
        )  # fmt: skip
        phone.validators.append(_phone)
        self.fields["contact_phone"] = phone

    def show(self, faulty: Faulty) -> None:
        self.show_faults(faulty.faults)


class AskForm(_DoorForm):
    """What somebody without an account asks for. The sum is asked anew whenever the page comes
    back; what was typed stays."""

    def __init__(self, rule: Procedure, keeps: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ask_plainly(rule)
        self._ask_contact(keeps)
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
        cleaned: dict[str, Any] = super().clean() or {}
        if self.files:
            self.add_error(None, "这一页不收文件，文件没有存下。要交材料的，请当面交。")
        if self.question is None:
            self.add_error("total", "这一页开得太久了，请再算一次。")
        elif "total" in cleaned and not self.question.is_answered(cleaned["total"]):
            self.add_error("total", "算得不对，请再算一次。")
        return cleaned

    def ask_the_sum_again(self) -> None:
        """The page comes back with another sum: what was answered before does not fit it."""
        typed: Any = self.data
        self.data = typed = typed.copy()
        typed["total"] = ""

    @property
    def seal(self) -> str:
        """Which question was answered: it serves once."""
        return self.question.once if self.question else ""


class TakeForm(_DoorForm):
    """The same as somebody tells it: by phone, in person, at a meeting."""

    def __init__(
        self, rule: Procedure, keeps: str, *args: Any, organization: int, today: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        assert rule.doorway is not None
        ways = [(one, CHANNELS[one]) for one in rule.doorway.channels if one != "online"]
        self.fields["channel"] = forms.ChoiceField(
            label="怎么来的", choices=ways, widget=forms.RadioSelect(),
            error_messages={"required": "选一种：怎么来的。"},
        )  # fmt: skip
        self.ask(rule.fields, organization=organization, on=today)
        self._ask_contact(keeps)


class CodeForm(forms.Form):
    """The code somebody was given."""

    code = line(
        "查询码", longest=40, hint="提交的时候给您的，像 7K4M-92QX-3HTD-W6BE。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip

    def clean_code(self) -> str:
        found = hash_of(self.cleaned_data["code"])
        if not found:
            raise ValidationError("查询码是 16 个字母、数字，没有 0、1、I、L、O、U，请核对。")
        return found


class AnswerForm(FieldsForm):
    """How whoever asked ends a turn of theirs."""

    def __init__(self, stage: Stage, outcomes: Sequence[Outcome], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["outcome"] = forms.ChoiceField(
            label=stage.title, choices=[(one.id, one.title) for one in outcomes],
            widget=forms.RadioSelect(), error_messages={"required": "请选一个。"},
        )  # fmt: skip
        self.ask(stage.fields, may_lack=True)

    def show(self, faulty: Faulty) -> None:
        self.show_faults(faulty.faults)


class TicketFilter(forms.Form):
    """What the list of requests is narrowed by; a wrong one counts as not given."""

    is_filter = True
    q = line("事情", longest=searching.LONGEST, required=False)
    view = forms.ChoiceField(
        label="看哪些", required=False,
        choices=[("open", "在办"), ("late", "超期"), ("pool", "等人认领"), ("ended", "办结"),
                 ("all", "全部")],
    )  # fmt: skip
    channel = forms.ChoiceField(
        label="怎么来的", required=False, choices=[("", "全部"), *CHANNELS.items()]
    )
    quarter = forms.CharField(label="哪个季度", required=False, max_length=6)
