import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from zhibu.cases import steps
from zhibu.cases.claiming import Registration
from zhibu.cases.models import Case, CaseQuerySet, Link, Turn
from zhibu.cases.queries import VIEWS, number, tellers
from zhibu.cases.steps import Faulty, Running, Totals
from zhibu.core import fields, searching
from zhibu.core import forms as forms_of_packs
from zhibu.core.fields import FieldSpec
from zhibu.core.forms import SuggestingField, day, known, line
from zhibu.files import forms as uploads
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Outcome, Procedure, Stage
from zhibu.people.queries import choosable


class ListFilter(forms.Form):
    """What the list of cases is narrowed by; a wrong one counts as not given."""

    is_filter = True
    q = line("事情", longest=searching.LONGEST, required=False)
    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    procedure = forms.ChoiceField(label="哪一种", required=False)

    def __init__(self, procedures: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["procedure"], [("", "全部"), *procedures.items()])


STANDS = {"valid": "有效", "expired": "过期", "annulled": "作废"}


class PaperFilter(forms.Form):
    """What the register of issued papers is narrowed by; a wrong one counts as not given."""

    is_filter = True
    q = line("文书、事情或编号", longest=searching.LONGEST, required=False)
    register = forms.ChoiceField(label="哪本登记", required=False)
    year = forms.ChoiceField(label="哪一年", required=False)
    stands = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *STANDS.items()]
    )

    def __init__(
        self, registers: dict[str, str], years: Sequence[int], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["register"], [("", "全部"), *registers.items()])
        _choices(self.fields["year"], [("", "全部"), *((str(y), f"{y}年") for y in years)])


class FieldsForm(forms_of_packs.FieldsForm):
    """Fields of a pack, a day, perhaps a reason; a chosen file has to be chosen again on a page
    that comes back."""

    def ask(self, specs: Sequence[FieldSpec], **more: Any) -> None:
        super().ask(specs, **more)
        for spec in specs:
            if spec.type == "file":
                hint = f"{spec.hint}{uploads.hint()}{self._handed_in(spec)}"
                self.fields[spec.id].help_text = hint

    def _handed_in(self, spec: FieldSpec) -> str:
        kept = self.initial.get(spec.id)
        return f"已经交了 {kept.name}，再选就换掉。" if kept else ""

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.errors:
            self.ask_again()

    def ask_again(self) -> None:
        """No browser keeps a chosen file on a page that comes back: say so at each."""
        for spec in getattr(self, "specs", ()):
            if spec.type == "file" and spec.id in self.files and spec.id not in self.errors:
                self.add_error(spec.id, "别处还有要改的，文件没有存下，请重新选一次。")

    def show(self, faulty: Faulty) -> None:
        self.show_faults(faulty.faults)


class StartForm(FieldsForm):
    """What a procedure asks at its beginning."""

    title = line("事情", longest=100, hint="一句话，别人看得懂。请勿写隐私。")
    happened_on = day("哪天开始的", hint="一般是今天；补记写实际的日子。")

    def __init__(
        self,
        rule: Procedure,
        people: Sequence[tuple[int, str]],
        *args: Any,
        subjects: Sequence[tuple[int, str]] = (),
        organization: int = 0,
        today: date | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if rule.subject and rule.asks_subject:
            self.fields["subject"] = _one_of(rule.subject.title, subjects, "名册里没有的，先登记。")
            self.order_fields(["subject"])
        if rule.has_owner:
            self.fields["owner"] = _one_of("责任人", people, "一件事一个人负责。")
        self.ask(rule.fields, organization=organization, on=today)


def _one_of(label: str, people: Sequence[tuple[int, str]], hint: str) -> forms.ChoiceField:
    choices = [("", "请选择"), *((str(pk), name) for pk, name in people)]
    return forms.ChoiceField(label=label, choices=choices, help_text=hint)


def start_form(
    organization: Organization, rule: Procedure, today: date, *typed: Any, **kwargs: Any
) -> StartForm:
    """The form of a beginning with whom one may choose there. A few queries."""
    about = rule.subject.where if rule.subject else None
    initial = {"happened_on": today, **kwargs.pop("initial", {})}
    return StartForm(
        rule, choosable(organization.pk, today), *typed,
        subjects=choosable(organization.pk, today, about) if rule.asks_subject else (),
        organization=organization.pk, today=today, initial=initial, **kwargs,
    )  # fmt: skip


class ActForm(FieldsForm):
    """What ends a turn. What was written at this stage before stands there to be changed,
    unless the pack wants it asked afresh."""

    def __init__(
        self, stage: Stage, outcomes: Sequence[tuple[Outcome, str]], facts: dict[str, Any],
        *args: Any, today: date, organization: int, home: int, people_of: int = 0,
        tellers: Sequence[tuple[int, str]] = (), **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        before = {} if stage.fresh else known(stage.fields, facts)
        self.initial = {"happened_on": today, **before}
        if stage.vote:
            self._count(tellers, is_listed=stage.vote.is_listed)
        self.ask(
            stage.fields, organization=organization, on=today, may_lack=True, home=home,
            people_of=people_of,
        )  # fmt: skip
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

    def _count(self, tellers: Sequence[tuple[int, str]], *, is_listed: bool) -> None:
        """Totals of a vote on paper; ``tellers`` are those who have a vote, where the roster
        says who has."""
        if is_listed:
            self.initial.update(vote_entitled=len(tellers))
        for name, label in COUNTED:
            number: Any = forms.IntegerField(
                label=label, min_value=0, max_value=9999, required=False
            )
            number.is_part = True
            self.fields[f"vote_{name}"] = number
        if is_listed:
            why: Any = line(
                "应到比名册少的原因", longest=200, required=False, hint="一样的不用写。"
            )
            why.is_part = True
            self.fields["vote_why_fewer"] = why
        for name, label in TELLERS:
            field: Any = _one_of(label, tellers, "")
            field.required, field.is_part = False, True
            self.fields[f"vote_{name}"] = field

    def plain(self) -> Iterator[forms.BoundField]:
        """What is asked beside the count of a vote."""
        return (field for field in self.visible_fields() if not field.name.startswith("vote_"))

    def counted(self) -> list[forms.BoundField]:
        """The numbers of a vote; [] where there is none."""
        return [self[f"vote_{name}"] for name, _ in COUNTED if f"vote_{name}" in self.fields]

    def signed(self) -> list[forms.BoundField]:
        return [self[f"vote_{name}"] for name, _ in TELLERS if f"vote_{name}" in self.fields]

    def totals(self) -> Totals | None:
        """What was counted; None where no number was typed."""
        data = self.cleaned_data
        if "vote_entitled" not in self.fields or data.get("vote_present") is None:
            return None
        counted = {name: data.get(f"vote_{name}") or 0 for name, _ in COUNTED}
        one, two = (int(data.get(f"vote_{name}") or 0) for name, _ in TELLERS)
        return Totals(**counted, why_fewer=data.get("vote_why_fewer") or "", tellers=(one, two))

    def show(self, faulty: Faulty) -> None:
        faults = {FAULT_AT.get(name, name): text for name, text in faulty.faults.items()}
        super().show(Faulty(faults))


def act_form(running: Running, turn: Turn, today: date, *typed: Any, **kwargs: Any) -> ActForm:
    """The form that ends a turn, with whom one may choose there; of what is kept apart, people
    of the unit that it is about. A few queries."""
    stage = running.stage(turn)
    return ActForm(
        stage, steps.available(running, turn), running.case.facts, *typed,
        today=today, organization=turn.organization_id, home=running.case.organization_id,
        people_of=running.case.unit_id or 0,
        tellers=tellers(turn, stage, today) if stage.vote else (), **kwargs,
    )  # fmt: skip


COUNTED = (
    ("entitled", "应到"),
    ("present", "实到"),
    ("written", "书面意见"),
    ("yes", "赞成"),
    ("no", "反对"),
    ("abstain", "弃权"),
)
TELLERS = (("teller_one", "监票人"), ("teller_two", "计票人"))
FAULT_AT = {"vote_tellers": "vote_teller_two"}


class PostForm(FieldsForm):
    """A notice that hangs: how, where, from when, until when."""

    channel = line("怎么公示", longest=40, hint="例如 公示栏张贴、会上宣读。")
    place = line("在哪里", longest=100, hint="例如 村部公示栏。")
    posted_on = day("从哪天", hint="贴出来的那天。")
    until = day("到哪天", hint="这天也算在内。")

    def __init__(self, *args: Any, channels: Sequence[str] = (), **kwargs: Any) -> None:
        """``channels``: the only ways the pack knows; without any, whatever one writes."""
        super().__init__(*args, **kwargs)
        if channels:
            known = [("", "请选择"), *((one, one) for one in channels)]
            self.fields["channel"] = forms.ChoiceField(
                label="怎么公示", choices=known, help_text="用几种的，一种登记一次。"
            )
            self.order_fields(["channel"])


class ObjectForm(FieldsForm):
    raised_on = day("哪天提的", hint="公示以后、今天以前。")
    source = line("谁提的", longest=60, required=False, hint="本人不愿意留名的不写。")
    said = forms.CharField(
        label="提了什么", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        validators=[fields.no_control_characters], help_text="照原话记。",
    )  # fmt: skip


class AnswerForm(FieldsForm):
    stands = forms.TypedChoiceField(
        label="异议成立吗", help_text="查实了的是成立。",
        choices=[("", "请选择"), ("yes", "成立"), ("no", "不成立")],
        coerce=lambda value: value == "yes",
    )  # fmt: skip
    answer = forms.CharField(
        label="怎么答复", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        validators=[fields.no_control_characters], help_text="查了什么，结果怎样。",
    )  # fmt: skip
    answered_on = day("哪天答复", hint="一般是今天。")


class CaseField(SuggestingField):
    """A case out of ``among``: by its number where it is of the same organisation and procedure
    as ``beside``, or as the browser offers it."""

    beside: Case
    among: CaseQuerySet

    @property
    def offered(self) -> list[str]:  # type: ignore[override]
        """Open ones of the procedure, and those of the organisation. One query."""
        near = Q(procedure=self.beside.procedure) | Q(organization=self.beside.organization_id)
        rows = self.among.open().filter(near).select_related("organization")
        return [called(one) for one in rows.order_by("-started_on", "-pk")[:OFFERED]]

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).strip()
        if not (numbered := NUMBERED.fullmatch(text)):
            raise ValidationError("写编号，年份、横线、序号，例如 2026-3；或者选一件。")
        year, number, rest = numbered.groups()
        rows = self.among.filter(started_on__year=int(year), number=int(number))
        if not rest:
            rows = rows.filter(
                organization=self.beside.organization_id, procedure=self.beside.procedure
            )
        found = [
            one for one in rows.select_related("organization")[:OFFERED]
            if not rest or called(one) == text
        ]  # fmt: skip
        if len(found) != 1:
            raise ValidationError(f"没有找到“{text}”，或者您看不到。请核对编号，或者选一件。")
        return found[0]


NUMBERED = re.compile(r"(\d{4})-(\d{1,6})(?:\s*号)?(\s.+)?")
OFFERED = 300


def called(case: Case) -> str:
    """2026-3 借活动室（前村党支部，用房)."""
    rule = case.rule
    return f"{number(case)} {case.title}（{case.organization.called}，{rule.short or rule.title}）"


LINKED = [(kind, f"这件{label}") for kind, label in Link.by_hand()]


class LinkForm(FieldsForm):
    """Which other case, by its number on its page, and how the two belong together."""

    other = CaseField(
        label="哪一件", help_text="从列出来的里选，或者写编号。", max_length=300,
        validators=[fields.no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="怎么连", help_text="这件和那件是什么关系。", choices=[("", "请选择"), *LINKED]
    )

    def __init__(self, beside: Case, among: CaseQuerySet, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other: Any = self.fields["other"]
        other.beside, other.among = beside, among
        rule = beside.rule
        other.help_text = (
            f"打几个字，从列出来的里选。{beside.organization.called}的“{rule.short or rule.title}”"
            "可以只写编号，例如 2026-3，在那件事的标题下面。"
        )


class ClaimForm(FieldsForm):
    """Claiming; by which registration, where there are several."""

    def __init__(self, by: Sequence[Registration], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            str(one.unit.pk): f"替{one.unit.called}认领" if one.is_of_unit else "我自己认领"
            for one in reversed(by)
        }
        if len(choices) > 1:
            self.fields["unit"] = forms.ChoiceField(
                label="谁认领", choices=list(reversed(choices.items())), widget=forms.RadioSelect(),
                error_messages={"required": "选一个：您自己认领，还是替单位认领。"},
            )  # fmt: skip

    @property
    def unit(self) -> int | None:
        chosen = self.cleaned_data.get("unit")
        return int(chosen) if chosen else None


class NoForm(FieldsForm):
    """Nothing is asked but to be sure."""


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
