"""访问令牌: one's own tokens, made and stopped on a page, never by another token."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.api import actions, rules
from zhibu.api.forms import TokenForm
from zhibu.api.models import Token
from zhibu.core import rate
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, saved

MOST_TRIES, TRIES_WITHIN = 10, timedelta(minutes=15)


@login_required
@require_safe
def token_list(request: SignedInRequest) -> HttpResponse:
    """One's own tokens, those that still open first. One query."""
    today = timezone.localdate()
    rows = list(Token.objects.visible_to(request.user).order_by("-made_at", "-pk"))
    context = {
        "open": [row for row in rows if row.is_open(today)],
        "ended": [row for row in rows if not row.is_open(today)],
        "most": rules.MOST,
    }
    return render(request, "api/token_list.html", context)


@sensitive_post_parameters("password")
@sensitive_variables("secret", "made")
@login_required
@require_http_methods(["GET", "POST"])
def make(request: SignedInRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""
    now = timezone.now()
    form = TokenForm(request.user, timezone.localdate(now), request.POST or None)
    if request.method == "POST" and not rate.is_within(
        "token", str(request.user.pk), limit=MOST_TRIES, within=TRIES_WITHIN, at=now
    ):
        form.add_error(None, "试得太多了，请过 15 分钟再试。")
    made: list[tuple[Token, str]] = []
    if form.is_valid() and attempt(
        form,
        lambda: made.append(
            actions.make(
                name=form.cleaned_data["name"],
                may_act=form.cleaned_data["scope"] == "act",
                expires_on=form.cleaned_data["expires_on"],
                by=request.user,
                at=now,
            )
        ),
    ):
        token, secret = made[0]
        return render(request, "api/token_shown.html", {"token": token, "secret": secret})
    return render(request, "api/token_form.html", {"form": form})


@login_required
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(Token.objects.visible_to(request.user), pk=pk)
    actions.revoke(token, by=request.user, at=timezone.now())
    saved(request, f"“{token.name}”的令牌已停掉，马上不能用了。")
    return redirect("tokens:list")
