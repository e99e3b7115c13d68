"""What a table asks, and what a figure is."""

from dataclasses import dataclass
from urllib.parse import urlencode

from zhibu.insight.dimensions import YEAR, Dimension
from zhibu.insight.scopes import Scope
from zhibu.insight.subjects import Subject


@dataclass(frozen=True, slots=True)
class Count:
    """A figure: how many, out of how many; ``total`` None where it is a plain count."""

    count: int = 0
    total: int | None = None

    def __add__(self, other: "Count") -> "Count":
        if self.total is None and other.total is None:
            return Count(self.count + other.count)
        return Count(self.count + other.count, (self.total or 0) + (other.total or 0))

    @property
    def share(self) -> float | None:
        return self.count / self.total if self.total else None

    @property
    def percent(self) -> str:
        return "" if self.share is None else f"{self.share:.1%}"

    @property
    def is_nothing(self) -> bool:
        """Whether no row stands behind it."""
        return not self.count and not self.total

    @property
    def words(self) -> str:
        return str(self.count) if self.total is None else f"{self.count}/{self.total}"


@dataclass(frozen=True, slots=True)
class Question:
    """What a table asks: the subject over its rows' and its columns' dimension, if any."""

    subject: Subject
    row: Dimension
    column: Dimension | None
    scope: Scope
    window_id: str

    @property
    def has_years(self) -> bool:
        return YEAR in (self.row.id, self.column.id if self.column else "")

    @property
    def title(self) -> str:
        by = f"按{self.row.title}" + (f"和{self.column.title}" if self.column else "")
        return f"{self.scope.top.called} {self.subject.title} {by}"

    @property
    def days(self) -> str:
        """What the figures speak of, in words: the day, or the span and the day."""
        if self.has_years:
            return f"各年到 {self.scope.on.month} 月 {self.scope.on.day} 日为止"
        return f"截至 {self.scope.on}" + (
            "" if self.subject.is_dated else f"，{self.scope.window.label}"
        )

    def address(self, **more: str) -> str:
        """The query string that asks this again; ``more`` narrows it."""
        asked = {
            "subject": self.subject.id,
            "row": self.row.id,
            "column": self.column.id if self.column else "none",
            "organization": str(self.scope.top.pk),
            "window": self.window_id,
            "on": self.scope.on.isoformat(),
        }
        return urlencode(asked | more)
