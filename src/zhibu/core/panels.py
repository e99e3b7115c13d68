"""Cards that upper areas lay on the pages of lower ones.

The page of an organisation belongs to ``organizations``; who holds its posts is known
above it. The upper area registers a panel for the page, and the page draws what it is
given, without knowing whose it is. Each panel's queries count towards the page's twelve.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest

Page = Literal["organization", "person", "case"]
Column = Literal["work", "context"]

Compute = Callable[[HttpRequest, Any, date], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """``context(request, subject, on)`` gives what ``template`` needs, None to stay away.

    ``column``: left (work) or right (context) on a wide screen; ``order`` sorts within it.
    """

    page: Page
    column: Column
    order: int
    template: str
    context: Compute


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel ready to be included: ``{% include p.template with panel=p.context only %}``."""

    template: str
    context: dict[str, Any]


_panels: list[Panel] = []


def register(panel: Panel) -> None:
    _panels.append(panel)


def draw(page: Page, request: HttpRequest, subject: Any, on: date) -> dict[Column, list[Drawn]]:
    """The panels of a page about ``subject`` as of ``on``, by column, in order."""
    drawn: dict[Column, list[Drawn]] = {"work": [], "context": []}
    for panel in sorted((p for p in _panels if p.page == page), key=lambda p: p.order):
        context = panel.context(request, subject, on)
        if context is not None:
            drawn[panel.column].append(Drawn(panel.template, context))
    return drawn
