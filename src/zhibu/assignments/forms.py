from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zhibu.assignments import asked
from zhibu.assignments.commissions import Draft
from zhibu.assignments.models import Assignment
from zhibu.core import fields, measures, searching
from zhibu.core.fields import no_control_characters
from zhibu.core.forms import day, line
from zhibu.organizations.models import BRANCHES, COMMITTEES, Field, Kind
from zhibu.packs.schema.assignment_forms import AskedField, AssignmentForm

OWN, NOTHING = "own", "nothing"
ROWS = 5
REACHES = {
    "branches": BRANCHES,
    "general": (Kind.GENERAL_BRANCH,),
    "committees": COMMITTEES,
    "supervisors": (Kind.SUPERVISION_COMMITTEE,),
}
SHORTEST, LONGEST = 1, 240
THAT_DAY = "那天也算在内。"


class TaskFilter(forms.Form):
    """What the list of tasks is narrowed by; a wrong one counts as not given."""

    is_filter = True
    q = line("事情", longest=searching.LONGEST, required=False)
    mine = forms.ChoiceField(
        label="谁办", required=False, choices=[("", "能看到的全部"), ("1", "只看派给我的")]
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *Assignment.State.choices]
    )


class CommissionFilter(forms.Form):
    """What the list of what was handed down is narrowed by."""

    is_filter = True
    q = line("事情", longest=searching.LONGEST, required=False)


class CloseForm(forms.Form):
    """How a task ended; a word is welcome when it is done, and asked when it is dropped."""

    note = forms.CharField(
        label="办得怎么样",
        max_length=200,
        required=False,
        validators=[no_control_characters],
        help_text="一句话写结果，例如 走访了 5 户。",
    )


class DropForm(forms.Form):
    note = forms.CharField(
        label="为什么不办了", max_length=200, validators=[no_control_characters],
        help_text="写在任务上，看得到这件事的人都看得到。",
    )  # fmt: skip


class AssignForm(forms.Form):
    """A task for one person of the organisation."""

    title = forms.CharField(
        label="要做的事", max_length=200, validators=[no_control_characters],
        help_text="一件事一句话，例如 走访困难党员。",
    )  # fmt: skip
    owner = forms.ChoiceField(label="谁办", help_text="派了，他在“今日”里看得到。")
    due_on = forms.DateField(
        label="哪天前",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=THAT_DAY,
    )

    def __init__(self, people: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["owner"]
        control.choices = [("", "请选择"), *((str(pk), name) for pk, name in people)]


class ChangeForm(forms.Form):
    """Another day, another owner, or both; what is left empty stays."""

    due_on = day("改到哪天前", required=False, hint="不改就空着。")
    owner = forms.ChoiceField(label="换谁办", required=False, help_text="不换就不选。")

    def __init__(self, people: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["owner"]
        control.choices = [("", "不换"), *((str(pk), name) for pk, name in people)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise ValidationError("日子和办的人至少改一样。")
        return cleaned


class IssueForm(forms.Form):
    """What is handed down, to whom, and the few things each returns.

    ``offered`` are the forms of packs in force here, by reference; ``posts`` the kinds of
    post that units below may have.
    """

    title = line("要办的事", longest=100, hint="一句话，例如 困难党员摸底。")
    text = forms.CharField(
        label="怎么办", max_length=2000, required=False,
        help_text="怎么样算办好、注意什么。", widget=forms.Textarea(attrs={"rows": 3}),
        validators=[no_control_characters],
    )  # fmt: skip
    basis = line("依据", longest=80, required=False, hint="文号或会议，没有就空着。")
    due_on = day("哪天前", hint=THAT_DAY)
    kinds = forms.MultipleChoiceField(
        label="交给谁", widget=forms.CheckboxSelectMultiple,
        help_text="只能交给下面的组织；下一步会算要下面费多少事。",
        choices=[
            ("branches", "党支部"), ("general", "党总支"), ("committees", "下级党委"),
            ("supervisors", "村务监督委员会"),
        ],
        initial=["branches"],
    )  # fmt: skip
    fields_ = forms.MultipleChoiceField(
        label="只给这些领域", required=False, choices=Field.choices,
        widget=forms.CheckboxSelectMultiple, help_text="不选就是全部。",
    )  # fmt: skip
    post = forms.ChoiceField(
        label="落到职务", required=False,
        help_text="换了人，事情跟着职务交接；没有设这个职务的单位收不到。",
    )  # fmt: skip
    form = forms.ChoiceField(
        label="要什么回执", widget=forms.RadioSelect,
        help_text="系统里查得到的就不要再要。",
    )  # fmt: skip
    minutes = forms.IntegerField(
        label="填一份几分钟", required=False, min_value=SHORTEST, max_value=LONGEST,
        help_text="自己列项目时写，实际估一估。",
    )  # fmt: skip

    def __init__(
        self,
        offered: Mapping[str, AssignmentForm],
        posts: Sequence[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        _choices(self.fields["post"], [("", "不落到职务，单位自己定人"), *posts])
        _choices(
            self.fields["form"],
            [
                (NOTHING, "不要回执，办完点“办好了”"),
                *((ref, f"{item.title}（{len(item.fields)} 项）") for ref, item in offered.items()),
                (OWN, f"自己列，最多 {ROWS} 项"),
            ],
        )
        self.fields["form"].initial = NOTHING
        counted = [(n, measures.get(n).title) for n in measures.names() if asked.fills(n)]
        for number in range(ROWS):
            for name, control in _row(counted).items():
                self.fields[f"own_{number}_{name}"] = control

    def own_rows(self) -> Iterator[dict[str, forms.BoundField]]:
        for number in range(ROWS):
            yield {
                name: self[f"own_{number}_{name}"] for name in ("title", "type", "unit", "known")
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("form") == OWN:
            if not self.own():
                self.add_error("form", "还没有列要交的项目，在下面写，或者选“不要回执”。")
            if not data.get("minutes"):
                self.add_error("minutes", "估一估填一份要几分钟。")
            for problem in asked.faults(self.own()):
                self.add_error("form", f"{problem}。")
        return data

    def own(self) -> list[AskedField]:
        """The fields typed by hand; a row without a title is no field."""
        found = []
        for number in range(ROWS):
            title = self.cleaned_data.get(f"own_{number}_title")
            if not title:
                continue
            kind = self.cleaned_data.get(f"own_{number}_type") or "text"
            known = self.cleaned_data.get(f"own_{number}_known") or ""
            unit = self.cleaned_data.get(f"own_{number}_unit") or ""
            if known or (kind == "number" and unit):
                kind, unit = "quantity", unit or (measures.get(known).unit if known else "")
            try:
                found.append(
                    AskedField(
                        id=f"item_{number + 1}", title=title, type=kind, unit=unit, known=known
                    )
                )
            except ValueError as error:
                raise ValidationError(f"“{title}”：{error}") from error
        return found

    def draft(self) -> Draft:
        """What was said, valid."""
        data = self.cleaned_data
        chosen = data["form"]
        item = self.offered.get(chosen)
        specs = item.fields if item else self.own() if chosen == OWN else []
        return Draft(
            title=data["title"], text=data["text"], basis=data["basis"], due_on=data["due_on"],
            form=chosen if item else "", asked=tuple(specs),
            minutes=item.minutes if item else data.get("minutes") or 0,
            stale_after=(item.stale_after or "") if item else "",
        )  # fmt: skip

    def kinds_chosen(self) -> list[str]:
        return [kind for reach in self.cleaned_data["kinds"] for kind in REACHES[reach]]


def _choices(field: Any, choices: Sequence[tuple[str, str]]) -> None:
    field.choices = list(choices)


def _row(counted: Sequence[tuple[str, str]]) -> dict[str, forms.Field]:
    return {
        "title": line("项目", longest=40, required=False),
        "type": forms.ChoiceField(
            label="填什么", required=False,
            choices=[
                ("text", "一行字"), ("long-text", "一段话"), ("number", "数"),
                ("money", "钱（元）"), ("date", "日期"), ("yes-no", "是或否"), ("file", "文件"),
            ],
        ),
        "unit": line("单位", longest=8, required=False),
        "known": forms.ChoiceField(
            label="自动填", required=False, choices=[("", "下面自己填"), *counted]
        ),
    }  # fmt: skip


class NamesForm(forms.Form):
    """Who answers for it, and who does it."""

    accountable = forms.ChoiceField(label="负责人", help_text="这件事由他负总责。")
    owner = forms.ChoiceField(label="办的人", help_text="可以是同一个人。")

    def __init__(self, people: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "请选择"), *((str(pk), name) for pk, name in people)]
        for control in self.fields.values():
            _choices(control, offered)


class AnswerForm(forms.Form):
    """The fields of a return. A part of it may be kept; given, nothing asked may be missing.

    ``before`` are values kept earlier, as stored: a file chosen before stays chosen.
    """

    def __init__(
        self,
        specs: Sequence[AskedField],
        before: Mapping[str, Any],
        *args: Any,
        in_part: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.specs, self.before = specs, before
        for spec in specs:
            control = fields.control(spec)
            if in_part or (spec.type == "file" and spec.id in before):
                control.required = False
            self.fields[spec.id] = control

    def values(self) -> dict[str, Any]:
        """Cleaned values by field id; a file not chosen again is the one chosen before."""
        found = {}
        for spec in self.specs:
            value = self.cleaned_data.get(spec.id)
            if spec.type == "file" and not value and spec.id in self.before:
                value = fields.get("file").load(self.before[spec.id])
            found[spec.id] = value
        return found


class ReasonForm(forms.Form):
    """Why something goes back, or is called off: those concerned read it."""

    reason = line("原因", longest=200, hint="下面看得到。")
