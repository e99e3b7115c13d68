"""A plan of mergers as lines or a workbook: which organisation goes into which.

Each line names one that ends and the one that takes its place; the same successor on
several lines makes one merger. Everything wrong with a plan is told at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhibu.imports.reading import Book
from zhibu.organizations.actions import New
from zhibu.organizations.models import Organization
from zhibu.organizations.succeeding import Fault, Into, Merger

if TYPE_CHECKING:
    from zhibu.accounts.models import User

HEADINGS = ("原代码", "新代码", "新名称", "新简称")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan, as written; ``number`` counts from 1."""

    number: int
    old: str
    code: str
    name: str = ""
    short_name: str = ""

    @property
    def text(self) -> str:
        return "\t".join((self.old, self.code, self.name, self.short_name)).rstrip("\t")


def lines_of(text: str) -> list[Line]:
    """Lines with cells apart by tabs, as pasted from a table; empty ones and headings are
    left out."""
    found = []
    for number, written in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in written.replace("，", "\t").split("\t")]
        if any(cells) and cells[0] != HEADINGS[0]:
            found.append(Line(number, *(cells + [""] * 4)[:4]))
    return found


def lines_of_book(book: Book) -> list[Line] | None:
    """Lines of the first sheet that has the headings; None where none has. Rows without a
    new code are left out: they stay as they are."""
    for sheet in book.sheets:
        for at, row in enumerate(sheet.rows):
            heads = [str(cell).strip() for cell in row]
            if HEADINGS[0] in heads and HEADINGS[1] in heads:
                places = [heads.index(h) if h in heads else -1 for h in HEADINGS]
                return _rows(sheet.rows[at + 1 :], places, at + 2)
    return None


def _rows(rows: Sequence[Sequence[object]], places: Sequence[int], first: int) -> list[Line]:
    found = []
    for number, row in enumerate(rows, first):
        cells = [_text(row[at]) if 0 <= at < len(row) else "" for at in places]
        if cells[0] and cells[1]:
            found.append(Line(number, *cells))
    return found


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()


def mergers(
    lines: Sequence[Line], within: Organization, user: "User"
) -> tuple[list[Merger], list[Fault]]:
    """What the lines say, below ``within`` where ``user`` may change the tree. Two queries.

    New ones are of the kind, field and parent of the first that goes into them.
    """
    codes = {code for line in lines for code in (line.old, line.code)}
    reached = Organization.objects.reached_by(user, "organizations.change").under(within.path)
    known = {row.code: row for row in reached.filter(code__in=codes).select_related("parent")}
    taken = set(Organization.all_rows.filter(code__in=codes).values_list("code", flat=True))
    grouped: dict[str, list[Line]] = {}
    found: list[Fault] = []
    seen: dict[str, int] = {}
    for line in lines:
        fault = _fault(line, known, taken, seen)
        seen.setdefault(line.old, line.number)
        if fault:
            found.append(Fault(line.number, fault))
        else:
            grouped.setdefault(line.code, []).append(line)
    made = []
    for code, part in grouped.items():
        names = {line.name for line in part if line.name}
        if len(names) > 1:
            found.append(
                Fault(part[-1].number, f"{code} 写了几个名称：{'、'.join(sorted(names))}。")
            )
            continue
        if code not in known and not names:
            found.append(Fault(part[0].number, f"{code} 是新代码，要写新名称。"))
            continue
        made.append(_merger(code, part, known))
    return made, sorted(found, key=lambda fault: fault.line)


def _fault(
    line: Line, known: dict[str, Organization], taken: set[str], seen: dict[str, int]
) -> str:
    if not line.code:
        return "没有写新代码。"
    if line.old not in known:
        return f"没有找到 {line.old}，只能写您管的、在这下面的组织。"
    if line.old in seen:
        return f"{line.old} 在第 {seen[line.old]} 行已经写过。"
    if line.code in taken and line.code not in known:
        return f"{line.code} 已经有别的组织在用，请换一个代码。"
    if len(line.code) > 30 or len(line.name) > 100 or len(line.short_name) > 40:
        return "代码不超过 30 个字，名称不超过 100 个，简称不超过 40 个。"
    return ""


def _merger(code: str, lines: Sequence[Line], known: dict[str, Organization]) -> Merger:
    """A line that maps an organisation to itself says that it stays: it ends nobody."""
    ending = [line for line in lines if line.old != code]
    olds = tuple(known[line.old] for line in ending)
    numbers = tuple(line.number for line in ending)
    if code in known:
        return Merger(olds, Into(existing=known[code]), numbers)
    first = olds[0]
    name = next(line.name for line in lines if line.name)
    short = next((line.short_name for line in lines if line.short_name), "")
    new = New(code, name, first.kind, short, first.field, first.place)
    return Merger(olds, Into(new=new, parent=first.parent), numbers)
