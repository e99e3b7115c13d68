"""What a check found: faults with their place, and what was tidied without complaint."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. ``row`` is the spreadsheet's own number, ``column`` the heading.

    Both are None where the fault is of a sheet or of the whole file. ``value`` stands in
    ``message`` as it is here; sealed values are masked in both.
    """

    sheet: str | None
    row: int | None
    column: str | None
    code: str
    value: str | None
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "value": self.value,
            "message": self.message,
        }


EXAMPLES = 3


@dataclass(slots=True)
class Tidied:
    """How often one kind of harmless variety came up in a column, with a few examples."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Findings:
    """Collects while the rows are read; an error refuses its row, a warning does not."""

    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    tidied: dict[tuple[str, str, str], Tidied] = field(default_factory=dict)
    bad_rows: set[tuple[str, int]] = field(default_factory=set)

    def error(
        self,
        sheet: str | None,
        row: int | None,
        column: str | None,
        code: str,
        value: str | None,
        message: str,
    ) -> None:
        self.errors.append(Fault(sheet, row, column, code, value, message))
        if sheet is not None and row is not None:
            self.bad_rows.add((sheet, row))

    def warning(
        self,
        sheet: str | None,
        row: int | None,
        column: str | None,
        code: str,
        value: str | None,
        message: str,
    ) -> None:
        self.warnings.append(Fault(sheet, row, column, code, value, message))

    def note(self, sheet: str, column: str, kind: str, example: str = "") -> None:
        """Count one tidied cell; the example is never a sealed value."""
        found = self.tidied.get((sheet, column, kind))
        if found is None:
            found = self.tidied[sheet, column, kind] = Tidied()
        found.count += 1
        if example and len(found.examples) < EXAMPLES and example not in found.examples:
            found.examples.append(example)

    def is_refused(self, sheet: str, row: int) -> bool:
        return (sheet, row) in self.bad_rows

    def in_order(self) -> None:
        """Faults of the whole file first, then sheet by sheet, row by row."""
        for faults in (self.errors, self.warnings):
            faults.sort(key=lambda f: (f.sheet is not None, f.sheet or "", f.row or 0))
