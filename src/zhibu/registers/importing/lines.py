"""A row of a table that is to become one of a register."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhibu.organizations.models import Organization


@dataclass(slots=True)
class Line:
    """A row of the table: whose it is, and what it says, as a row of the register keeps it."""

    sheet: str
    row: int
    organization: Organization | None = None
    values: dict[str, Any] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    key: str = ""
    is_refused: bool = False

    def overlaps(self, since: date, until: date | None) -> bool:
        """Whether it shares a day with ``[since, until)``."""
        assert self.since is not None
        return (self.until is None or since < self.until) and (until is None or self.since < until)
