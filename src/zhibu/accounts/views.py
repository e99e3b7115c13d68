from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.accounts import actions, queries, roles, rules
from zhibu.accounts.forms import ActivateForm, ChangePasswordForm, SignInForm
from zhibu.accounts.models import User
from zhibu.core import rate
from zhibu.core.http import SignedInRequest

MOST_TRIES = 10
TRIES_WITHIN = timedelta(minutes=15)


def _safe_next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return target
    return ""


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("desk:home")
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user:
        login(request, form.user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect(_safe_next(request) or "desk:home")
    context = {
        "form": form,
        "next": _safe_next(request),
        "why": request.session.pop("why_signed_out", ""),
        "signed_out": "out" in request.GET,
        "demo_accounts": queries.demo_accounts() if settings.IS_DEMO else (),
        "demo_password": actions.DEMO_PASSWORD,
    }
    return render(request, "accounts/sign_in.html", context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the page it leads to also clears drafts kept on the device."""
    logout(request)
    response = redirect("/accounts/sign-in/?out=1")
    response["Clear-Site-Data"] = '"storage"'
    return response


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Shown by the lock-out after too many wrong passwords."""
    context = {
        "limit": settings.AXES_FAILURE_LIMIT,
        "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
    }
    return render(request, "accounts/locked_out.html", context, status=429)


def _may_try(request: HttpRequest, username: str, at: datetime) -> bool:
    """Ten tries of a code for a login name from one address within a quarter of an hour."""
    name = username.strip().lower()
    address = request.META.get("REMOTE_ADDR", "")
    return rate.is_within("activate", name, address, limit=MOST_TRIES, within=TRIES_WITHIN, at=at)


@sensitive_post_parameters("password", "again", "code")
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    form = ActivateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = (
            User.objects.able_to_sign_in()
            .filter(username=form.cleaned_data["username"].strip().lower())
            .first()
        )
        now = timezone.now()
        code = form.cleaned_data["code"]
        if not _may_try(request, form.cleaned_data["username"], now):
            form.add_error(None, "试得太多了。请过 15 分钟再试，或请支部书记重打一张纸条。")
        elif account is None:
            form.add_error("username", "没有这个登录名。请照纸条上的写。")
        elif verdict := rules.may_activate(account, code, now):
            account = actions.activate(
                account, code=code, password=form.cleaned_data["password"], at=now
            )
            login(request, account, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("desk:home")
        else:
            form.add_error("code", verdict.reason)
    return render(request, "accounts/activate.html", {"form": form})


@sensitive_post_parameters("old", "password", "again")
@login_required
@require_http_methods(["GET", "POST"])
def change_password(request: SignedInRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    form.user = request.user
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password"]
        actions.change_password(request.user, password=password, by=request.user, at=timezone.now())
        request.user.refresh_from_db()
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已改，其他设备上的登录已退出。")
        return redirect("people:me")
    return render(request, "accounts/change_password.html", {"form": form})


@login_required
@require_safe
def roles_page(request: SignedInRequest) -> HttpResponse:
    """谁能做什么: the catalogue, for anybody signed in."""
    shown = [role for role in roles.catalogue().values() if role.id != "system"]
    return render(request, "accounts/roles.html", {"roles": shown})
