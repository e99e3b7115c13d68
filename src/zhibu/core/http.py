"""Requests as our views see them, and the answers several areas give."""

from datetime import date
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from zhibu.accounts.models import User


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``, for the type checker."""

    user: "User"
    htmx: "HtmxDetails"


def download(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file to keep, its Chinese name intact in old and new browsers."""
    response = HttpResponse(content, content_type=content_type)
    mark_as_download(response, name)
    return response


def download_file(file: IO[bytes], *, name: str, content_type: str) -> FileResponse:
    """The same of a file on disk, sent piece by piece and closed at its end."""
    response = FileResponse(file, content_type=content_type)
    mark_as_download(response, name)
    return response


def mark_as_download(response: HttpResponseBase, name: str) -> None:
    """Tell the browser to keep the answer under ``name`` and not to guess its type."""
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"


def day_asked(request: HttpRequest, today: date, name: str = "on") -> date:
    """The day in the query string, or ``today`` where it is missing, wrong or in the future."""
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return today
    return min(day, today)


def saved(request: HttpRequest, text: str, *, draft: str = "") -> None:
    """Say on the next page what was saved; ``draft`` is the key of the form's draft to drop."""
    messages.success(request, text, extra_tags=draft)


def page_number(request: HttpRequest) -> int:
    value = request.GET.get("page", "1")
    return max(1, int(value)) if value.isdecimal() and len(value) < 8 else 1


def query_without(request: HttpRequest, *names: str) -> str:
    """The query string without ``names``, for links that change one of them."""
    query: Any = request.GET.copy()
    for name in names:
        query.pop(name, None)
    return str(query.urlencode())
