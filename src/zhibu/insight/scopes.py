"""What a figure speaks of: which organisations, over which days, as of which day."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from zhibu.core import paths
from zhibu.core.dates import add_months
from zhibu.core.intervals import on_day
from zhibu.insight.queries import Window, windows
from zhibu.organizations.models import Organization, Placement

YEARS = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """``top`` and, where ``is_whole``, all below it, over ``window``.

    ``path_on`` is where ``top`` stood on the day; None where it stood nowhere. ``size`` is how
    many organisations lie under ``top`` today, itself included; None where nobody has asked.
    """

    top: Organization
    is_whole: bool
    window: Window
    path_on: str | None
    size: int | None = None

    @property
    def on(self) -> date:
        return self.window.on

    def now(self, field: str) -> Q:
        """Rows whose ``field`` holds a path of today that lies in the scope."""
        return self._within(self.top.path, field)

    def then(self, field: str) -> Q:
        """Rows whose ``field`` holds a path of the scope's day that lies in the scope."""
        return self._within(self.path_on, field) if self.path_on else paths.nothing()

    def _within(self, path: str, field: str) -> Q:
        return paths.under(path, field) if self.is_whole else Q(**{field: path})


def scope_of(top: Organization, window: Window, *, is_whole: bool = True) -> Scope:
    """One query."""
    placed = Placement.objects.filter(on_day(window.on), organization=top)
    return Scope(top, is_whole, window, placed.values_list("path", flat=True).first())


def days_of_years(on: date) -> dict[str, date]:
    """The same day of this year and of the years before it, oldest first."""
    days = [add_months(on, -12 * back) for back in reversed(range(YEARS))]
    return {str(day.year): day for day in days}


def years(scope: Scope) -> dict[str, Scope]:
    """The same days of this year and of the years before it, oldest first. One query."""
    rows = Placement.objects.filter(organization=scope.top).order_by("since")
    placed = list(rows.values_list("since", "until", "path"))
    return {
        year: replace(scope, window=windows(day)["year"], path_on=_path_on(placed, day))
        for year, day in days_of_years(scope.on).items()
    }


def _path_on(placed: Collection[tuple[date, date | None, str]], day: date) -> str | None:
    return next(
        (path for since, until, path in placed if since <= day and (not until or day < until)),
        None,
    )
