"""What the frame of every page needs: hat, navigation, large print, demo line."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from zhibu.core import hats, navigation
from zhibu.core.navigation import Entry

BAR = 5


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation as drawn: where it leads, its number, whether one is there.

    ``starts_group`` says that a line stands above it in the sidebar.
    """

    entry: Entry
    url: str
    count: int
    is_here: bool
    starts_group: bool


def _places(request: HttpRequest) -> list[Place]:
    user: Any = request.user
    known = [(entry, reverse(entry.url_name)) for entry in navigation.entries(user)]
    under = [url for _, url in known if request.path.startswith(url)]
    here = max(under, key=len, default="")
    if here == "/" and request.path != "/":
        here = ""
    places: list[Place] = []
    for entry, url in known:
        count = entry.count(user) if entry.count else 0
        starts = bool(places) and places[-1].entry.section != entry.section
        places.append(Place(entry, url, count, url == here, starts))
    return places


def _bar(places: list[Place]) -> tuple[list[Place], bool]:
    """The phone's bar, and whether 更多 is in it: all of five, else the first four.

    The main action stands in the middle.
    """
    if len(places) <= BAR:
        chosen, has_more = list(places), False
    else:
        chosen = sorted(places, key=lambda p: (p.entry.bar, places.index(p)))[: BAR - 1]
        chosen.sort(key=places.index)
        has_more = True
    main = next((p for p in chosen if p.entry.is_main), None)
    if main and len(chosen) > 2:
        chosen.remove(main)
        chosen.insert(2, main)
    return chosen, has_more


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    context: dict[str, Any] = {
        "is_demo": settings.IS_DEMO,
        "is_large": request.COOKIES.get("large") == "1",
        "here": request.get_full_path(),
    }
    if user is None or not user.is_authenticated:
        return context
    places = _places(request)
    bar, has_more = _bar(places)
    return context | {
        "hats": hats.of(request),
        "hat": hats.worn(request),
        "nav": places,
        "bar": bar,
        "has_more": has_more,
    }
