import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zhibu.core import searching
from zhibu.core.fields import no_control_characters
from zhibu.core.forms import FieldsForm, attempt, day, line
from zhibu.organizations.models import Organization
from zhibu.packs.schema.pair_kinds import LinkRule, RotaRule, Shift
from zhibu.pairings.drafts import Faulty, LinkDraft, RotaDraft
from zhibu.pairings.models import WHO, WHOM, Link, Turn
from zhibu.pairings.queries import VIEWS

UNTIL_HINT = "这天起就不算了；不知道的不写。"
SEEN = "看得到的人都看得到，请勿写隐私。"
LINE = re.compile(r"^(?P<title>\S+)\s+(?P<starts>\d\d:\d\d)\s*[-—~至到]\s*(?P<ends>\d\d:\d\d)$")
LONGEST_NEEDS = 500


class LinksFilter(forms.Form):
    """What links are narrowed by; a wrong one counts as not given."""

    is_filter = True
    organization = forms.IntegerField(required=False, widget=forms.HiddenInput())
    kind = forms.ChoiceField(label="哪一种", required=False)
    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    q = line("谁", longest=searching.LONGEST, required=False)
    on = day("哪天", required=False)

    def __init__(self, kinds: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["kind"]
        control.choices = [("", "全部"), *kinds]


class YearFilter(forms.Form):
    """Which year is looked at; a wrong one counts as not given."""

    is_filter = True
    organization = forms.IntegerField(required=False, widget=forms.HiddenInput())
    year = forms.IntegerField(label="哪一年", required=False, min_value=1950, max_value=2200)


class LinkForm(FieldsForm):
    """Both sides, from when until when."""

    since = day("从哪天", hint="这天起算他联系。")
    until = day("到哪天（不含）", required=False, hint=UNTIL_HINT)

    def __init__(
        self, rule: LinkRule, organization: Organization, today: date, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        own = [self.fields.pop(name) for name in ("since", "until")]
        self.ask(
            [rule.who.field, rule.whom.field], organization=organization.pk, on=today,
            home=organization.pk,
        )  # fmt: skip
        self.fields["since"], self.fields["until"] = own  # after the sides

    def draft(self) -> LinkDraft:
        data = self.cleaned_data
        return LinkDraft(who=data[WHO], whom=data[WHOM], since=data["since"], until=data["until"])


class ContactForm(FieldsForm):
    held_on = day("哪天联系的", hint="今天或者以前，联系开始以后。")
    channel = forms.ChoiceField(label="怎么联系的", help_text="制度里写的几种，选最像的。")
    needs = forms.CharField(
        label="需要办的（没有不写）",
        required=False,
        max_length=LONGEST_NEEDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[no_control_characters],
        help_text="只写要办的事。不写说了什么看法，不写家里的情况。加密存放，到期删去。",
    )

    def __init__(self, link: Link, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["channel"]
        found = [(one.id, one.title) for one in link.link_rule.channels]
        control.choices = [("", "请选择"), *found]


class EndForm(FieldsForm):
    until = day("从哪天起不联系了", hint="这天起就不算了。")
    reason = line("为什么结束", longest=200, hint=SEEN)


class ReasonForm(FieldsForm):
    """Why something is voided, struck or stopped."""

    reason = line("为什么", longest=200, hint=SEEN)


class BecomeForm(FieldsForm):
    case = forms.TypedChoiceField(label="成了哪件事", coerce=int, help_text="最近的 50 件。")

    def __init__(self, cases: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["case"]
        control.choices = [("", "请选择"), *cases]
        if not cases:
            control.help_text = "先把事情开始了，再回来选它。"


class RotaForm(FieldsForm):
    """What a rota is called, its days, its people in the order in which they take turns."""

    title = line("叫什么", longest=40, required=False, hint="不写就用制度里的名称。")
    since = day("从哪天", hint="第一班的那天。")
    until = day("排到哪天（不含）", hint="例如排到 11 月 30 日为止的，写 12 月 1 日。")
    shifts = forms.CharField(
        label="一天几班",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="一行一班：名称、几点到几点，例如：上半夜 19:00-01:00。",
        max_length=400,
    )
    roll = forms.TypedMultipleChoiceField(
        label="轮值的人", coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text="勾上的人照这个次序轮。",
    )  # fmt: skip
    first = forms.TypedChoiceField(
        label="从谁开始", coerce=int, empty_value=None, required=False,
        help_text="按名单往下轮，轮完从头来；不选是从名单上第一个。",
    )  # fmt: skip

    def __init__(
        self, rule: RotaRule, people: Sequence[tuple[int, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in ("roll", "first"):
            control: Any = self.fields[name]
            control.choices = list(people) if name == "roll" else [("", "第一个"), *people]
        if rule.shifts:
            del self.fields["shifts"]

    def clean_shifts(self) -> list[Shift]:
        found = []
        for number, text in enumerate(self.cleaned_data["shifts"].splitlines(), 1):
            if not text.strip():
                continue
            match = LINE.match(text.strip())
            if match is None:
                raise ValidationError(f"“{text.strip()}”要写成：上半夜 19:00-01:00。")
            try:
                found.append(Shift(id=f"shift-{number}", **match.groupdict()))
            except ValueError as wrong:
                raise ValidationError(f"“{text.strip()}”的钟点或名称不对。") from wrong
        return found

    def draft(self) -> RotaDraft:
        """The roll as it is listed, turned so that it begins with ``first``."""
        data = self.cleaned_data
        chosen = set(data["roll"])
        listed: Any = self.fields["roll"]
        order = [pk for pk, _ in listed.choices if pk in chosen]
        if data.get("first") in chosen:
            start = order.index(data["first"])
            order = order[start:] + order[:start]
        return RotaDraft(
            title=data["title"], since=data["since"], until=data["until"], roll=order,
            shifts=data.get("shifts", ()),
        )  # fmt: skip


class PersonForm(FieldsForm):
    """Somebody of the roll."""

    person = forms.TypedChoiceField(
        label="换成谁", coerce=int, help_text="轮值名单上的人，那时没有别的班。"
    )

    def __init__(self, people: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["person"]
        control.choices = [("", "请选择"), *people]


class TakeForm(FieldsForm):
    """Who takes a turn: left out, whoever asks."""

    person = forms.IntegerField(
        label="谁接", required=False, min_value=1, help_text="不写就是自己接。"
    )


class OfferForm(FieldsForm):
    """Which turn to have in exchange; left out, whoever takes it."""

    wanted = forms.TypedChoiceField(
        label="和哪一班对换", coerce=int, required=False, empty_value=None,
        help_text="选了，那一班的人同意了才换。",
    )  # fmt: skip

    def __init__(self, others: Sequence[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["wanted"]
        control.choices = [("", "不对换，谁接都行"), *others]


class NoteForm(FieldsForm):
    came = forms.ChoiceField(
        label="来没来",
        choices=Turn.Came.choices,
        required=False,
        help_text="只记在这一班上，不汇总。",
    )


def attempted(form: FieldsForm, act: Callable[[], object]) -> bool:
    """Run the action; what it refuses stands on the form, each fault in its place."""
    try:
        return attempt(form, act)
    except Faulty as faulty:
        form.show_faults(faulty.faults)
    return False
