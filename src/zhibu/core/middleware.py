import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from zhibu.core import once

Next = Callable[[HttpRequest], HttpResponse]


class BehindProxy:
    """Who asks, where a proxy stands before the server: the last address it passes on that is not
    itself one of ``PROXIES``. What is limited by address would otherwise be limited for all at
    once. From anybody else the header is not believed."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.PROXIES and _is_proxy(request.META.get("REMOTE_ADDR", "")):
            passed_on = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            for address in (each.strip() for each in reversed(passed_on)):
                if not _is_address(address):
                    break
                request.META["REMOTE_ADDR"] = address
                if not _is_proxy(address):
                    break
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_proxy(address: str) -> bool:
    if not _is_address(address):
        return False
    return any(ipaddress.ip_address(address) in network for network in settings.PROXIES)


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
