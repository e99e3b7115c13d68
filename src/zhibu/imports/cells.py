"""Reading the cells of one table field by field, with the faults and notes that come up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from zhibu.imports import values
from zhibu.imports.faults import Findings
from zhibu.imports.reading import Cell
from zhibu.imports.recognition import Row, Table
from zhibu.imports.values import Day

WRITE_DAYS_SO = "请改成 2016-05-19 这样的年月日"


@dataclass(slots=True)
class Trouble:
    """A fault of the row in hand, not yet handed in: ``field`` names its column."""

    field: str
    code: str
    value: str | None
    message: str
    is_error: bool


class Cells:
    """The rows of a table, one after the other.

    ``begin`` takes up a row, ``error`` and ``warning`` collect what is wrong with it,
    ``hand_in`` gives it to the findings.
    """

    def __init__(self, table: Table, findings: Findings) -> None:
        self.table = table
        self.findings = findings
        self.row = Row(0, [])
        self.troubles: list[Trouble] = []
        self._at = {name: column.index for name, column in table.columns.items()}
        self._odd = {
            place: text
            for place, text in table.sheet.odd.items()
            if place[1] in set(self._at.values())
        }

    def has(self, field: str) -> bool:
        return field in self._at

    def begin(self, row: Row) -> None:
        self.row = row
        self.troubles = []

    def raw(self, field: str) -> Cell:
        """The cell as read, "" where there is no such column."""
        index = self._at.get(field)
        if index is None or index >= len(self.row.cells):
            return ""
        cell = self.row.cells[index]
        if self._odd and cell == "":
            self._say_odd(field, index)
        return cell

    def _say_odd(self, field: str, index: int) -> None:
        found = self._odd.get((self.row.number - 1, index))
        if found is None or any(t.field == field for t in self.troubles):
            return
        title = self.heading(field)
        if found:
            message = f"{title}这一格是错误值“{found}”，没有内容。请把公式改成文字或数字。"
            self.error(field, "error_cell", found, message)
        else:
            message = (
                f"{title}这一格是公式，没有算出结果。请在 Excel 里打开，"
                "复制后“选择性粘贴—数值”，保存再导入。"
            )
            self.error(field, "formula_without_value", None, message)

    def shown(self, field: str) -> str:
        """The cell as a message names it."""
        return values.show(self.raw(field)).strip()

    def text(self, field: str, *, sealed: bool = False) -> str:
        """The cell as tidy text, "" for what stands for nothing; tidying is noted."""
        cell = self.raw(field)
        if cell == "":
            return ""
        found = values.text(cell)
        if values.is_blank(found.text):
            if found.text:
                self.note(field, "placeholder", found.text)
            return ""
        for how in found.how:
            self.note(field, how, "" if sealed else found.text)
        return found.text

    def day(self, field: str, read: Callable[[Cell], Day] = values.day) -> Day:
        """The cell as a day; another way of writing is noted, doubts are the caller's.

        ``read`` is how a cell becomes a day where it holds more than that.
        """
        cell = self.raw(field)
        if cell == "":
            return values.day("")
        found = read(cell)
        if found.how in {"form", "serial"}:
            self.note(field, f"date_{found.how}", values.show(cell))
        elif found.how == "blank":
            self.note(field, "placeholder", values.show(cell))
        return found

    def whole_day(
        self,
        field: str,
        between: Callable[[], tuple[date, date]],
        read: Callable[[Cell], Day] = values.day,
    ) -> date | None:
        """The cell as a day, complaining where it is none.

        A day or month left out is completed with the first, and said. Two-digit years and
        unclear orders are settled where only one reading falls ``between`` two days.
        """
        found = self.day(field, read)
        if found.how in {"month", "year"}:
            left_out = "日" if found.how == "month" else "月日"
            shown = self.shown(field)
            self.warning(
                field,
                "day_missing",
                shown,
                f"{self.heading(field)}“{shown}”没有写{left_out}，先按 {found.day} 登记。"
                "请补全，或导入后再改。",
            )
            return found.day
        if found.how in {"century", "unclear"}:
            return self._settled(field, found, *between())
        if found.how in {"impossible", "unreadable"}:
            self.bad_day(field, found)
            return None
        return found.day

    def _settled(self, field: str, found: Day, earliest: date, latest: date) -> date | None:
        fitting = [d for d in (found.day, found.other) if d and earliest <= d <= latest]
        shown = self.shown(field)
        if len(fitting) != 1:
            self.bad_day(field, found)
            return None
        what = "年份只写了两位" if found.how == "century" else "月和日的先后看不准"
        self.warning(
            field,
            "two_digit_year" if found.how == "century" else "unclear_date",
            shown,
            f"{self.heading(field)}“{shown}”{what}，按 {fitting[0]} 登记。请核对。",
        )
        return fitting[0]

    def bad_day(self, field: str, found: Day) -> None:
        shown = self.shown(field)
        title = self.heading(field)
        if found.how == "impossible":
            message = f"{title}“{shown}”没有这一天。请核对后改正，写成 2016-05-19 这样。"
        elif found.how in {"century", "unclear"}:
            message = f"{title}“{shown}”看不准是哪一天。{WRITE_DAYS_SO}。"
        else:
            message = f"{title}“{shown}”不是日期。{WRITE_DAYS_SO}。"
        self.error(field, "bad_date", shown, message)

    def heading(self, field: str) -> str:
        """The heading as the sheet has it, on one line, for messages."""
        column = self.table.columns.get(field)
        return " ".join(column.heading.split()) if column else ""

    def note(self, field: str, kind: str, example: str = "") -> None:
        self.findings.note(self.table.name, self.table.heading(field) or "", kind, example)

    def error(self, field: str, code: str, value: str | None, message: str) -> None:
        self.troubles.append(Trouble(field, code, value, message, is_error=True))

    def warning(self, field: str, code: str, value: str | None, message: str) -> None:
        self.troubles.append(Trouble(field, code, value, message, is_error=False))

    @property
    def has_error(self) -> bool:
        return any(trouble.is_error for trouble in self.troubles)

    def hand_in(self) -> None:
        sheet, number = self.table.name, self.row.number
        for trouble in self.troubles:
            say = self.findings.error if trouble.is_error else self.findings.warning
            column = self.table.heading(trouble.field)
            say(sheet, number, column, trouble.code, trouble.value, trouble.message)
