from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms

from zhibu.core import searching
from zhibu.core.fields import no_control_characters
from zhibu.core.forms import FieldsForm, attempt, day, line
from zhibu.publishing.actions import (
    LONGEST_ANSWER,
    LONGEST_NOTE,
    Faulty,
)
from zhibu.publishing.models import Channel, Voice
from zhibu.publishing.queries import VIEWS
from zhibu.publishing.topics import Topic

UNTIL_HINT = "那天还挂着。"


def attempted(form: FieldsForm, act: Callable[[], object]) -> bool:
    """Run the action; what it refuses stands on the form, each fault in its place."""
    try:
        return attempt(form, act)
    except Faulty as faulty:
        form.show_faults(faulty.faults)
    return False


def _text(label: str, *, longest: int, required: bool = True, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=hint,
        widget=forms.Textarea(attrs={"rows": 5}), validators=[no_control_characters],
    )  # fmt: skip


class ListFilter(forms.Form):
    """What the list is narrowed by; a wrong one counts as not given."""

    is_filter = True
    q = line("标题", longest=searching.LONGEST, required=False)
    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    topic = forms.ChoiceField(label="哪一项", required=False)

    def __init__(self, topics: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["topic"]
        control.choices = [("", "全部"), *topics.items()]


class ProposeForm(FieldsForm):
    """What somebody adds to a draft, or writes where there is none."""

    title = line("标题", longest=100, hint="写事情，不写人名、号码。")
    note = _text(
        "说明", longest=LONGEST_NOTE, required=False,
        hint="身份证号、手机号、银行卡号会自动遮住；别的由审核的人看。",
    )  # fmt: skip

    def __init__(
        self, topic: Topic, people: Sequence[tuple[int, str]], *args: Any, is_drawn: bool,
        may_be_followed: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        if is_drawn and may_be_followed:
            self.fields["is_followed"] = forms.BooleanField(
                label="公开以后跟着这条记录写现在怎样了", required=False,
                help_text="只写在办、办结这样的状态和日子。",
            )  # fmt: skip
        if not is_drawn:
            self.fields["note"].required = True
            self.fields["note"].label = "公开什么"
            self.fields["since"] = day("说的是从哪天", required=False, hint="不是一段日子的不写。")
            self.fields["until"] = day("到哪天（不含）", required=False)
        if topic.is_for_named:
            self.fields["audience"] = forms.MultipleChoiceField(
                label="公开给哪些人", choices=[(str(pk), name) for pk, name in people],
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if bool(since) != bool(until):
            self.add_error("until" if since else "since", "两个日子要一起写。")
        elif since and until and until <= since:
            self.add_error("until", "要晚于开始的那天。")
        return data


class CheckForm(FieldsForm):
    """Every question, to be ticked one by one."""

    checks = forms.MultipleChoiceField(
        label="看过、没有问题的，一条一条打勾", widget=forms.CheckboxSelectMultiple, required=False,
        help_text="都看过、没有问题的才能通过；有问题的退回，写原因。",
    )  # fmt: skip

    def __init__(self, asked: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        control: Any = self.fields["checks"]
        control.choices = asked


class PublishForm(FieldsForm):
    until = day("挂到哪天", required=False, hint="不写就是最短的。")

    def __init__(self, least: date | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if least:
            self.fields["until"].help_text = f"最早 {least}，不写就是这天。公开那天是第一天。"


class ReasonForm(FieldsForm):
    reason = line("为什么", longest=200, hint="看得到这一条的人都看得到，请勿写隐私。")


class PostForm(FieldsForm):
    channel = forms.ChoiceField(
        label="怎么公开",
        choices=[("", "请选择"), *(one for one in Channel.choices if one[0] != Channel.PAGE)],
        help_text="公开网页由系统登记，不用选。",
    )
    place = line("在哪里", longest=100, hint="例如 村委会门口公开栏。")
    posted_on = day("从哪天", hint="贴出来、开会、播出的那天。")
    until = day("到哪天", required=False, hint=f"还在的不写。{UNTIL_HINT}")


class EndForm(FieldsForm):
    until = day("到哪天", hint=UNTIL_HINT)


class AnswerForm(FieldsForm):
    answer = _text("答复", longest=LONGEST_ANSWER, hint="写办了什么、哪天前办，别写别人的隐私。")
    in_public = forms.ChoiceField(
        label="怎么答复",
        choices=[("no", "只答复他：凭查询码看"), ("yes", "公开答复：大家都看得到")],
        widget=forms.RadioSelect,
        initial="no",
        help_text="公开答复的，写在公开的那一页上。",
    )
    asked = line("问的是什么", longest=200, required=False, hint="公开答复的写，不写是谁问的。")

    def __init__(self, voice: Voice, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if voice.kind == Voice.Kind.OBJECTION:
            self.fields["stands"] = forms.ChoiceField(
                label="成立不成立", choices=[("yes", "成立，会改"), ("no", "不成立")],
                widget=forms.RadioSelect,
            )  # fmt: skip
