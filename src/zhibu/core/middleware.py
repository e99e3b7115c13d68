from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from zhibu.core import once

Next = Callable[[HttpRequest], HttpResponse]


class GzipPages(GZipMiddleware):
    """Pages go out packed, with a random length against guessing; files are packed already."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class ReadOncePerRequest:
    """A user's standings and the packs are read once a request and forgotten with it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with once.one_request():
            return self.get_response(request)


class PrivateByDefault:
    """Pages behind sign-in are kept by no cache, not even the browser's back button."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
