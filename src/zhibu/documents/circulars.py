"""A circular of how far something is, unit by unit: figures in the order of the tree, no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhibu.documents.pages import Column, Paper, numeral


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts and numbers under ``columns``; the first column is what they are of."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularData:
    """``lead`` says the whole in a sentence or two, ``note`` how it was counted."""

    organization: str
    subject: str
    on: date
    made_at: datetime
    lead: str
    tables: Sequence[Table]
    note: str = ""


def compose(data: CircularData) -> bytes:
    """The circular as .docx."""
    paper = Paper(title=name(data), author=data.organization, at=data.made_at)
    paper.title(data.organization, f"{data.subject}进度通报")
    paper.subtitle(f"（截至{_day(data.on)}）")
    paper.paragraph(data.lead)
    for number, table in enumerate(data.tables, 1):
        paper.heading(f"{numeral(number)}、{table.title}")
        first, *others = table.columns
        columns = [Column(first, 5), *(Column(title, 2, "right") for title in others)]
        paper.table(columns, [[str(cell) for cell in row] for row in table.rows])
    if data.note:
        paper.paragraph(data.note)
    paper.signature(data.organization, _day(data.on))
    return paper.to_bytes()


def name(data: CircularData) -> str:
    """What the file is called, without its extension."""
    return f"{data.organization}{data.subject}进度通报（{data.on}）"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
