from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from zhibu.accounts.models import User
from zhibu.api.actions import LONGEST
from zhibu.core.forms import day, line

USUAL = timedelta(days=90)
SCOPES = [("read", "只看"), ("act", "能看也能办")]


class TokenForm(forms.Form):
    """What a program may, until when; one's own password, for a year is long."""

    name = line("用在哪里", longest=40, hint="自己认得就行，例如 办公室的报表程序。")
    scope = forms.ChoiceField(
        label="能做什么", choices=SCOPES, initial="read", widget=forms.RadioSelect,
        help_text="程序能看到、能办的，和您登录以后一样多，不会更多。",
    )  # fmt: skip
    expires_on = day("哪天到期", hint="最长一年。到期以后另建一个。")
    password = forms.CharField(
        label="现在的密码",
        max_length=128,
        strip=False,
        help_text="确认是您本人。",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.today = user, today
        self.fields["expires_on"].initial = today + USUAL

    def clean_expires_on(self) -> date:
        chosen: date = self.cleaned_data["expires_on"]
        if not self.today < chosen <= self.today + LONGEST:
            raise ValidationError(f"要在今天以后，最晚 {self.today + LONGEST}。")
        return chosen

    def clean_password(self) -> str:
        typed = str(self.cleaned_data["password"])
        if not self.user.check_password(typed):
            raise ValidationError("现在的密码不对。")
        return typed
