from typing import Any

from django import forms

from zhibu.core.fields import no_control_characters
from zhibu.core.forms import line
from zhibu.notices import kinds
from zhibu.notices.hooks import Wanted
from zhibu.notices.models import Preference, Webhook
from zhibu.notices.pace import Rhythm


class FeedbackForm(forms.Form):
    text = forms.CharField(
        label="哪里不好用，想怎么改",
        max_length=2000,
        validators=[no_control_characters],
        help_text="写什么都行。请不要写涉密内容和别人的身份证号、电话。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    page = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def clean_page(self) -> str:
        """Our own path; what stood in its query string may name people and is dropped."""
        return own_path(str(self.cleaned_data["page"]))


def own_path(address: str) -> str:
    """The path of a page of ours, "" for anything else."""
    path = address.partition("?")[0].partition("#")[0]
    is_own = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path[:200] if is_own and path.isprintable() else ""


class AnswerForm(forms.Form):
    text = forms.CharField(
        label="答复",
        max_length=2000,
        validators=[no_control_characters],
        help_text="提的人会收到。答复后不能改。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


HOURS = [(hour, f"{hour} 点") for hour in range(24)]
BY_MAIL = [each for each in Rhythm.choices if each[0] != Rhythm.NOW]
HERE, MAIL = "here", "mail"
USUAL_HOUR = 8


def _hour() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="每天几点",
        choices=HOURS,
        required=False,
        initial=USUAL_HOUR,
        help_text="选“每天一次”才用。",
    )


class PreferenceForm(forms.Form):
    """How to be told. ``known`` is what holds now."""

    way = forms.ChoiceField(
        label="怎么通知我",
        help_text="邮件里只有“有什么事”和网址，没有姓名、内容。",
        choices=[(HERE, "只在平台里看"), (MAIL, "平台里看，也发到我的邮箱")],
        widget=forms.RadioSelect(attrs={"class": "lines"}),
    )
    address = forms.EmailField(
        label="邮箱",
        help_text="先发验证码，填对了才用。",
        max_length=200,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    rhythm = forms.ChoiceField(
        label="多久发一封",
        choices=BY_MAIL,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "lines"}),
        help_text="攒在一起，少收几封。",
    )
    hour = _hour()

    def __init__(self, known: Preference | None, *args: Any, **kwargs: Any) -> None:
        now: dict[str, Any] = {"way": HERE, "rhythm": Rhythm.QUARTER}
        if known:
            now = {"way": MAIL, "rhythm": known.rhythm, "hour": known.hour}
        kwargs["initial"] = now
        super().__init__(*args, **kwargs)
        self.known = known
        for name in ("address", "rhythm", "hour"):
            part: Any = self.fields[name]
            part.is_part = True  # of the choice above: not said to be free to leave out
        if known:
            self.fields["address"].help_text = f"现在是 {known.masked}，不换就空着。"
        else:
            self.fields["address"].help_text = "要先确认收得到。加密保存，别人看不到。"

    def clean_hour(self) -> int:
        return int(self.cleaned_data["hour"] or USUAL_HOUR)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("way") == MAIL and not self.errors:
            if not cleaned["address"] and self.known is None:
                self.add_error("address", "请写自己收得到信的邮箱。")
            cleaned["rhythm"] = cleaned["rhythm"] or Rhythm.QUARTER
        return cleaned


class CodeForm(forms.Form):
    code = line(
        "确认码",
        longest=20,
        hint="信里的 8 位数字。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split())


class WebhookForm(forms.Form):
    title = line("名称", longest=40, hint="推给谁，例如：政务短信平台。")
    address = line("网址", longest=200, hint="https:// 开头。里面的参数也加密保存。")
    kinds = forms.MultipleChoiceField(
        label="推哪几种消息",
        widget=forms.CheckboxSelectMultiple,
        help_text="推出去的只有种类、账号编号和网址，没有姓名，没有内容。",
    )
    rhythm = forms.ChoiceField(
        label="多久推一次",
        help_text="攒在一起推，少打扰。",
        choices=Rhythm.choices,
        widget=forms.RadioSelect(attrs={"class": "lines"}),
    )
    hour = _hour()
    is_active = forms.BooleanField(label="在用", required=False, help_text="不勾就停下，不删。")

    def __init__(self, known: Webhook | None, *args: Any, **kwargs: Any) -> None:
        now: dict[str, Any] = {"rhythm": Rhythm.NOW, "is_active": True}
        if known:
            names = ("title", "address", "kinds", "rhythm", "hour", "is_active")
            now = {name: getattr(known, name) for name in names}
        kwargs["initial"] = now
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["kinds"]
        chosen.choices = kinds.offered()
        if known is None:
            del self.fields["is_active"]

    def clean_hour(self) -> int:
        return int(self.cleaned_data["hour"] or USUAL_HOUR)

    def wanted(self) -> Wanted:
        return Wanted(**{"is_active": True, **self.cleaned_data})


class DeliveryFilter(forms.Form):
    """What the list of deliveries is narrowed by; a wrong one counts as not given."""

    is_filter = True
    view = forms.ChoiceField(
        label="看哪些",
        required=False,
        choices=[
            ("", "没发成的"),
            ("waiting", "等着发的"),
            ("sent", "发出了的"),
            ("all", "全部"),
        ],
    )
    way = forms.ChoiceField(
        label="怎么发的",
        required=False,
        choices=[("", "都看"), ("mail", "邮件"), ("webhook", "推送")],
    )
