"""Public pages kept in the process, by edition: nobody's account, nobody's cookie, a minute.

A view marked with ``kept`` is drawn for everybody alike. ``KeptPages`` stands before sessions
and accounts: it asks the edition (one query), answers from memory where the page is there, and
else lets it be drawn for somebody without cookies. An action that changes what residents see
advances the edition in its own transaction, so a page kept before it is found by nobody
afterwards, in no process. What does not advance it (the state of a followed record, who holds
a post) is at most ``LONGEST`` behind.

Browsers and proxies may keep a page but have to ask each time whether it still is the same.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from zhibu.publishing import queries as publishing

PREFIX = "/open/"
LONGEST = timedelta(seconds=60)
MOST_PAGES, MOST_BYTES = 1000, 32 * 1024 * 1024
LONGEST_VALUE = 60  # characters of a parameter that can still change a page
COMPRESSED_FROM = 200  # bytes
LARGE, YEAR = "large", 31_536_000
CONTROL = "public, no-cache"  # kept anywhere, asked for each time
TOLD = ("Content-Type",)

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True, slots=True)
class Key:
    """What a page depends on: nothing else may, or one visitor would be shown another's."""

    edition: int
    today: date
    host: str
    path: str
    query: str
    is_large: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page as drawn: plain and packed, ``etag`` of what it says, and when it was drawn."""

    plain: bytes
    packed: bytes
    etag: str
    drawn_at: datetime
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        return len(self.plain) + len(self.packed)


class Shelf:
    """The pages of one process, the longest unasked for goes first. Safe for threads."""

    def __init__(self, pages: int = MOST_PAGES, size: int = MOST_BYTES) -> None:
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._most, self._most_bytes = pages, size
        self._bytes, self._edition = 0, -1
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Key, at: datetime) -> Page | None:
        """The page under ``key``; None where there is none or it was drawn too long ago.

        Another edition than the last one asked for drops everything at once.
        """
        with self._lock:
            if key.edition != self._edition:
                self._empty()
                self._edition = key.edition
            page = self._pages.get(key)
            if page is None or not timedelta(0) <= at - page.drawn_at < LONGEST:
                return None
            self._pages.move_to_end(key)
            return page

    def keep(self, key: Key, page: Page) -> None:
        """Keep a page, unless another edition was asked for while it was drawn."""
        with self._lock:
            if key.edition != self._edition or page.size > self._most_bytes:
                return
            old = self._pages.pop(key, None)
            self._bytes += page.size - (old.size if old else 0)
            self._pages[key] = page
            while len(self._pages) > self._most or self._bytes > self._most_bytes:
                _, gone = self._pages.popitem(last=False)
                self._bytes -= gone.size

    def empty(self) -> None:
        with self._lock:
            self._empty()

    def _empty(self) -> None:
        self._pages.clear()
        self._bytes = 0


SHELF = Shelf()


def kept(*parameters: str) -> Callable[[View], View]:
    """Mark a view whose page is the same for everybody.

    ``parameters`` are all of the query string that it reads; the rest does not reach it. The
    view sees no cookie but that of large print, writes nothing and sets no cookie.
    """

    def decorate(view: View) -> View:
        view.kept = parameters  # type: ignore[attr-defined]
        return view

    return decorate


class KeptPages:
    """Answers for kept pages, and switches large print where an address below /open/ asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX) or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        if request.GET.get(LARGE) in {"0", "1"}:
            return _large_print(request)
        parameters = _parameters(request.path_info)
        if parameters is None:
            return self.get_response(request)
        _make_nobodys(request, parameters)
        at = timezone.now()
        key = Key(
            edition=publishing.edition(),
            today=timezone.localdate(at),
            host=request.get_host(),
            path=request.path_info,
            query=request.META["QUERY_STRING"],
            is_large=request.COOKIES.get(LARGE) == "1",
        )
        page = SHELF.find(key, at)
        if page is None:
            drawn = self.get_response(request)
            if drawn.status_code != 200 or drawn.streaming or drawn.cookies:
                return drawn
            page = _page(drawn, at)
            SHELF.keep(key, page)
        return _answer(request, page)


def _parameters(path: str) -> tuple[str, ...] | None:
    """What the kept view at ``path`` reads of a query string; None where no such view is."""
    try:
        view: Any = resolve(path).func
    except Resolver404:
        return None
    found: tuple[str, ...] | None = getattr(view, "kept", None)
    return found


def _make_nobodys(request: HttpRequest, parameters: tuple[str, ...]) -> None:
    """Take from a request what would make its page somebody's own."""
    is_large = request.COOKIES.get(LARGE) == "1"
    request.COOKIES.clear()
    if is_large:
        request.COOKIES[LARGE] = "1"
    request.META.pop("HTTP_COOKIE", None)
    asked = QueryDict(mutable=True)
    for name in parameters:
        value = request.GET.get(name, "")[:LONGEST_VALUE].strip()
        if value:
            asked[name] = value
    request.META["QUERY_STRING"] = asked.urlencode()
    request.GET = asked  # type: ignore[assignment]


def _large_print(request: HttpRequest) -> HttpResponse:
    """The same address with the cookie of large print set, as the link asked."""
    rest = request.GET.copy()
    wanted = rest.pop(LARGE)[-1]
    query = rest.urlencode()
    answer = HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)
    answer["Cache-Control"] = "private, no-store"
    answer.set_cookie(
        LARGE,
        wanted,
        max_age=YEAR,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return answer


def _page(drawn: HttpResponse, at: datetime) -> Page:
    plain = drawn.content
    packed = gzip.compress(plain, 6, mtime=0) if len(plain) >= COMPRESSED_FROM else b""
    # weak: packed and plain are two spellings of one page
    etag = f'W/"{sha256(plain).hexdigest()[:32]}"'
    return Page(plain, packed, etag, at, tuple((name, drawn[name]) for name in TOLD))


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    takes_packed = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    is_packed = takes_packed and bool(page.packed)
    answer = HttpResponse(page.packed if is_packed else page.plain, headers=dict(page.headers))
    if is_packed:
        answer["Content-Encoding"] = "gzip"
    answer["Content-Length"] = str(len(answer.content))
    answer["Cache-Control"] = CONTROL
    answer["ETag"] = page.etag
    patch_vary_headers(answer, ("Accept-Encoding", "Cookie"))
    found = get_conditional_response(request, etag=page.etag, response=answer)
    assert isinstance(found, HttpResponse)
    return found
