"""Errors as people should see them, health, and the large-print switch."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from zhibu.core import hats
from zhibu.core.models import Heartbeat
from zhibu.core.verdicts import Refused, no


def refused(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    """403 with the reason the rule gave."""
    verdict = exception.verdict if isinstance(exception, Refused) else no("您没有权限办这件事。")
    template = "403.html#refusal" if request.headers.get("HX-Request") else "403.html"
    return render(request, template, {"verdict": verdict}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500: rendered without the frame, which may be what broke."""
    return HttpResponse(render_to_string("500.html"), status=500)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is too old: nothing was saved, go back and send again."""
    return render(request, "stale_form.html", status=403)


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"live": True})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and the worker beats, 503 with what is wrong."""
    faults: list[str] = []
    try:
        connection.ensure_connection()
        beat: Any = Heartbeat.objects.order_by("-beat_at").first()
        if beat is None or timezone.now() - beat.beat_at > timedelta(minutes=2):
            faults.append("worker")
    except DatabaseError:
        faults.append("database")
    return JsonResponse({"ready": not faults, "faults": faults}, status=503 if faults else 200)


@require_POST
def large_print(request: HttpRequest) -> HttpResponse:
    """Switch 大字 on this device: a cookie, no account needed."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    is_on = request.COOKIES.get("large") == "1"
    response.set_cookie(
        "large",
        "0" if is_on else "1",
        max_age=31_536_000,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response


@login_required
@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """Where the phone's bar has no room for it: the rest of the navigation, hats, sign-out."""
    return render(request, "core/more.html")


@login_required
@require_POST
def wear_hat(request: HttpRequest) -> HttpResponse:
    """Change the hat, and begin again at the first screen of that hat."""
    asked = request.POST.get("organization", "")
    if not hats.wear(request, int(asked) if asked.isdecimal() and len(asked) < 19 else None):
        return refused(request, Refused(no("不能换成这个职务：您现在没有这个职务。")))
    return redirect("desk:home")
