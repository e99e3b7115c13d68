"""Public pages kept in the process, by edition: nobody's account, nobody's cookie.

A view marked with ``kept`` is drawn for everybody alike; ``about`` says which organisation its
page tells of. ``KeptPages`` stands before sessions and accounts: where it has the page it asks
that organisation's edition (one query) and answers from memory, else it lets the page be drawn
for somebody without cookies. An action that changes what residents see advances the edition in its
own transaction, so a page kept before it is found by nobody afterwards, in no process, and pages
of other organisations stay.

What advances no edition (how a followed record stands, who holds a post, a request) stands in the
ledger. ``UNASKED`` after a page was last known to be true it is asked what was sealed since; where
something of it was done at, above or below the organisation, the page is drawn anew. With the time
to the next sealing it is a minute behind at most; ``LONGEST``, where what it shows was changed
elsewhere (a name, corrected where its bearer belongs).

Browsers and proxies may keep a page but have to ask each time whether it still is the same.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from zhibu.core import paths
from zhibu.ledger import feed
from zhibu.organizations.models import Organization
from zhibu.publishing import queries as publishing
from zhibu.publishing.models import Edition

PREFIX = "/open/"
UNASKED, LONGEST = timedelta(seconds=30), timedelta(hours=1)
MOST_PAGES, MOST_BYTES = 20_000, 64 * 1024 * 1024
LONGEST_VALUE = 60  # characters of a parameter that can still change a page
LARGE, YEAR = "large", 31_536_000
CONTROL = "public, no-cache"  # kept anywhere, asked for each time
TOLD = ("Content-Type",)
EVERYWHERE = ("organizations:organization:", "packs:")  # what any page may show

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation that a page tells of, and so of what is below it."""

    pk: int = Edition.WHOLE
    path: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What a page depends on beside what it tells of: nothing else may, or one visitor would be
    shown another's."""

    today: date
    host: str
    path: str
    query: str
    is_large: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page as drawn, packed; ``etag`` of what it says.

    It tells of ``place`` in its ``edition`` and of what was sealed before ``position``, was drawn
    at ``drawn_at`` and last known to be true at ``true_at``.
    """

    packed: bytes
    etag: str
    place: Place
    edition: int
    position: int
    drawn_at: datetime
    true_at: datetime
    headers: tuple[tuple[str, str], ...] = ()


class Shelf:
    """The pages of one process, the longest unasked for goes first. Safe for threads."""

    def __init__(self, pages: int = MOST_PAGES, size: int = MOST_BYTES) -> None:
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._most, self._most_bytes, self._bytes = pages, size, 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def find(self, key: Key) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: Key, page: Page) -> None:
        if len(page.packed) > self._most_bytes:
            return
        with self._lock:
            self._drop(key)
            self._bytes += len(page.packed)
            self._pages[key] = page
            while len(self._pages) > self._most or self._bytes > self._most_bytes:
                self._drop(next(iter(self._pages)))

    def drop(self, key: Key) -> None:
        with self._lock:
            self._drop(key)

    def empty(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _drop(self, key: Key) -> None:
        gone = self._pages.pop(key, None)
        self._bytes -= len(gone.packed) if gone else 0


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


def about(answer: HttpResponse, organization: Organization) -> HttpResponse:
    """Say which organisation the page of a kept view tells of; unsaid, it tells of all."""
    answer.place = Place(organization.pk, organization.path)  # type: ignore[attr-defined]
    return answer


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
            today=timezone.localdate(at),
            host=request.get_host(),
            path=request.path_info,
            query=request.META["QUERY_STRING"],
            is_large=request.COOKIES.get(LARGE) == "1",
        )
        page = _true(key, at)
        return _answer(request, page) if page else self._drawn(request, key, at)

    def _drawn(self, request: HttpRequest, key: Key, at: datetime) -> HttpResponse:
        """Draw a page, and keep it unless something was let out or taken down meanwhile."""
        before, position = publishing.edition(), feed.end()
        drawn = self.get_response(request)
        if drawn.status_code != 200 or drawn.streaming or drawn.cookies:
            return drawn
        place: Place = getattr(drawn, "place", Place())
        now = publishing.editions({Edition.WHOLE, place.pk})
        page = _page(drawn, place, now.get(place.pk, 0), position, at)
        if now.get(Edition.WHOLE, 0) == before:
            SHELF.keep(key, page)
        return _answer(request, page)


def _true(key: Key, at: datetime) -> Page | None:
    """The page under ``key`` where it is still true; else it is dropped. One query, and two more
    where that was not asked for some time."""
    page = SHELF.find(key)
    if page is None:
        return None
    if (
        timedelta(0) <= at - page.drawn_at < LONGEST
        and publishing.edition(page.place.pk) == page.edition
    ):
        if timedelta(0) <= at - page.true_at < UNASKED:
            return page
        position = feed.end()
        if position == page.position or not _touched(page):
            page = replace(page, position=position, true_at=at)
            SHELF.keep(key, page)
            return page
    SHELF.drop(key)
    return None


def _touched(page: Page) -> bool:
    """Whether something sealed since could show on it: done at, above or below its place, to the
    tree or to a pack. Two queries."""
    changed = feed.since(page.position)
    if changed is None or any(one.kind.startswith(EVERYWHERE) for one in changed):
        return True
    places = Organization.objects.filter(pk__in={one.organization for one in changed} - {None})
    return any(
        paths.is_under(path, page.place.path) or paths.is_under(page.place.path, path)
        for path in places.values_list("path", flat=True)
    )


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


def _page(drawn: HttpResponse, place: Place, edition: int, position: int, at: datetime) -> Page:
    plain = drawn.content
    return Page(
        packed=gzip.compress(plain, 6, mtime=0),
        etag=f'W/"{sha256(plain).hexdigest()[:32]}"',  # weak: packed and plain are one page
        place=place,
        edition=edition,
        position=position,
        drawn_at=at,
        true_at=at,
        headers=tuple((name, drawn[name]) for name in TOLD),
    )


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        answer = HttpResponse(page.packed, headers=dict(page.headers))
        answer["Content-Encoding"] = "gzip"
    else:
        answer = HttpResponse(gzip.decompress(page.packed), headers=dict(page.headers))
    answer["Content-Length"] = str(len(answer.content))
    answer["Cache-Control"] = CONTROL
    answer["ETag"] = page.etag
    patch_vary_headers(answer, ("Accept-Encoding", "Cookie"))
    found = get_conditional_response(request, etag=page.etag, response=answer)
    assert isinstance(found, HttpResponse)
    return found
