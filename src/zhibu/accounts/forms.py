from typing import Any

from django import forms
from django.contrib.auth import authenticate, password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from zhibu.accounts.models import User
from zhibu.core.fields import no_control_characters
from zhibu.core.forms import line


class SignInForm(forms.Form):
    username = forms.CharField(
        label="登录名",
        max_length=40,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self.user: User | None = None
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        found = authenticate(
            self.request,
            username=cleaned["username"].strip().lower(),
            password=cleaned["password"],
        )
        if not isinstance(found, User) or found.is_system:
            raise ValidationError("登录名或密码不对。忘了密码，请支部书记重发激活码。")
        self.user = found
        return cleaned


class NewPasswordForm(forms.Form):
    """A new password twice; ``user`` is set by the view for the similarity check."""

    user: User | None = None
    password = forms.CharField(
        label="新密码",
        max_length=128,
        strip=False,
        help_text="至少 8 位，不要用生日、电话。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输一遍",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        password, again = cleaned.get("password"), cleaned.get("again")
        if password and again and password != again:
            self.add_error("again", "两遍不一样，请再输一遍。")
        elif password:
            try:
                password_validation.validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class ActivateForm(NewPasswordForm):
    username = forms.CharField(
        label="登录名",
        max_length=40,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    code = forms.CharField(
        label="激活码",
        max_length=20,
        validators=[no_control_characters],
        help_text="在书记给您的纸条上，三组，每组四个，不分大小写。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    field_order = ("username", "code", "password", "again")


class ChangePasswordForm(NewPasswordForm):
    old = forms.CharField(
        label="现在的密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "password", "again")

    def clean_old(self) -> str:
        old = str(self.cleaned_data["old"])
        if self.user is None or not self.user.check_password(old):
            raise ValidationError("现在的密码不对。")
        return old


class SaveForm(forms.Form):
    """A name for a filter. ``page`` and ``query`` say which, and are not typed."""

    page = forms.CharField(max_length=60, widget=forms.HiddenInput)
    query = forms.CharField(max_length=2000, widget=forms.HiddenInput)
    name = line("叫什么", longest=30, hint="自己认得就行，例如“本月没开的”。只有您自己看得到。")


class RenameForm(forms.Form):
    name = line("叫什么", longest=30)
