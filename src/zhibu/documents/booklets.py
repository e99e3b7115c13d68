"""A booklet: entries one after another under headings, each with what is written of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from zhibu.documents.pages import Paper, numeral


@dataclass(frozen=True, slots=True)
class Entry:
    """``facts``: what a line is about, and what it says; those that say nothing are left out."""

    title: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chapter:
    """``title`` is "" where there is only one."""

    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookletData:
    organization: str
    subject: str
    on: date
    made_at: datetime
    chapters: Sequence[Chapter]


def compose(data: BookletData) -> bytes:
    """The booklet as .docx."""
    paper = Paper(title=name(data), author=data.organization, at=data.made_at)
    paper.title(data.organization, data.subject)
    paper.subtitle(f"（截至{data.on.year}年{data.on.month}月{data.on.day}日）")
    for number, chapter in enumerate(data.chapters, 1):
        if chapter.title:
            paper.heading(f"{numeral(number)}、{chapter.title}（{len(chapter.entries)}）")
        for place, entry in enumerate(chapter.entries, 1):
            paper.heading(f"（{numeral(place)}）{entry.title}", level=2)
            for title, text in entry.facts:
                if text:
                    paper.paragraph(text, lead=f"{title}　")
    return paper.to_bytes()


def name(data: BookletData) -> str:
    """What the file is called, without its extension."""
    return f"{data.organization}{data.subject}（{data.on}）"
