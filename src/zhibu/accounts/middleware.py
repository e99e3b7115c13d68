"""A session ends after three idle hours, after twelve in any case, and when an action ends it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

STARTED, SEEN = "started_at", "seen_at"
STAMP_EVERY = timedelta(minutes=1)


class SessionLimits:
    """Ends old sessions; writes the idle stamp at most once a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            if why := _why_over(request, now):
                logout(request)
                request.session["why_signed_out"] = why
            else:
                _stamp(request, now)
        return self.get_response(request)


def _moment(request: HttpRequest, key: str) -> datetime | None:
    text = request.session.get(key)
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _why_over(request: HttpRequest, now: datetime) -> str:
    """What to say to somebody whose session is over; "" while it goes on."""
    started, seen = _moment(request, STARTED), _moment(request, SEEN)
    ended = getattr(request.user, "signed_out_at", None)
    if started and ended and started <= ended:
        return "职务已经交接，请再登录一次，看到的是现在的权限。"
    is_old = started is not None and now - started >= settings.SESSION_LONGEST
    is_idle = seen is not None and now - seen >= settings.SESSION_IDLE
    return "时间久了，为了安全已退出。请再登录一次。" if is_old or is_idle else ""


def _stamp(request: HttpRequest, now: datetime) -> None:
    seen = _moment(request, SEEN)
    if seen is None or now - seen >= STAMP_EVERY:
        request.session[SEEN] = now.isoformat()
    if STARTED not in request.session:
        request.session[STARTED] = now.isoformat()
