"""Numbered papers from the templates of packs: written as text, or made in Word.

A text template is filled in one pass: what a field says is never read again. Both kinds
name fields, and the columns of one table, that were declared; anything else is a fault with
its place. The same values always give the same bytes.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from django.conf import settings
from docx import Document

from zhibu.documents import templates
from zhibu.documents.official import Official
from zhibu.documents.pages import Column, mark, mark_demo
from zhibu.documents.templates import Declared, Fault
from zhibu.ledger.printed import Code
from zhibu.packs.schema.papers import Template

ROWS, ROW = "rows", "row"
_NAME = r"[a-z][a-z0-9_]*"
_TAG = re.compile(rf"\{{\{{ *({_NAME})(?:\.({_NAME}))? *\}}\}}")
_BRACE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\{[{%#]|[}%#]\}")
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What one paper says: its number and day, the values and rows its template names.

    ``void`` says why it is valid no more. ``made_at`` dates the file.
    """

    title: str
    organization: str
    number: str
    day: date
    made_at: datetime
    values: Mapping[str, str]
    rows: Sequence[Mapping[str, str]] = ()
    void: str = ""


def names(template: Template) -> tuple[set[str], set[str]]:
    """The fields and the columns of rows that a text template names."""
    texts = [text for _, text in template.texts()] + [column.text for column in template.table]
    tags = [tag for text in texts for tag in _TAG.findall(text)]
    return (
        {name for name, column in tags if not column},
        {column for _, column in tags if column},
    )


def faults(template: Template, declared: Declared) -> list[Fault]:
    """Everything a text template may not say, in its order."""
    found = []
    for place, text in template.texts():
        found += list(_text_faults(place, text, declared, in_row=False))
    for index, column in enumerate(template.table):
        place = f"table[{index}].text"
        found += list(_text_faults(place, column.text, declared, in_row=True))
    if template.table and not declared.rows:
        found.append(Fault("table", "表格", "写明 rows，一行一行写什么；不要表格就删去。"))
    if declared.rows and not template.table:
        found.append(Fault("table", "没有表格", "写了 rows，模板里就要有表格。"))
    if template.layout == "plain":
        found += [
            Fault(name, "plain 没有这一项", "删去，或换一种 layout。")
            for name in ("signer", "copies")
            if getattr(template, name)
        ]
    elif template.signer and template.layout != "qingshi":
        found.append(Fault("signer", "只有请示写签发人", "删去，或换成 qingshi。"))
    return found


def _text_faults(place: str, text: str, declared: Declared, *, in_row: bool) -> Iterator[Fault]:
    for tag in _BRACE.findall(text):
        match = _TAG.fullmatch(tag)
        if match is None:
            yield Fault(place, tag, "只能写 {{ 字段 }}，表格里写 {{ row.栏 }}。")
            continue
        name, column = match.groups()
        if column is None:
            if name not in declared.fields:
                known = "、".join(sorted(declared.fields))
                yield Fault(place, tag, f"没有列出这个字段，能写的是：{known}。")
        elif not in_row or name != ROW:
            yield Fault(place, tag, "带点的只能写在表格里，写成 {{ row.栏 }}。")
        elif column not in declared.columns:
            known = "、".join(sorted(declared.columns)) or "没有"
            yield Fault(place, tag, f"没有这一栏，能写的是：{known}。")


def word_faults(content: bytes, declared: Declared) -> list[Fault]:
    """The same of a template made in Word, and whatever runs in it or leads out of it."""
    found = templates.foreign(content)
    more = templates.faults(content, declared)
    return [*found, *(fault for fault in more if fault not in found)]


def compose(template: Template, filling: Filling, code: Code | None) -> bytes:
    """A paper from a text template, as .docx."""

    def filled(text: str, row: Mapping[str, str] = {}) -> str:
        return _TAG.sub(lambda m: row[m[2]] if m[2] else filling.values[m[1]], text)

    paper = Official(title=filling.title, author=filling.organization, at=filling.made_at)
    day = in_words(filling.day)
    if template.layout == "plain":
        paper.title(*(filled(line) for line in template.title))
        paper.number(filling.number)
    else:
        paper.red_head(filled(template.mark), filling.number, filled(template.signer))
        paper.title(*(filled(line) for line in template.title))
    if addressee := filled(template.addressee):
        paper.addressee(addressee)
    _paragraphs(paper, [filled(text) for text in template.paragraphs])
    if template.table:
        columns = [Column(c.title, c.share, c.align) for c in template.table]
        cells = [[filled(c.text, row) for c in template.table] for row in filling.rows]
        paper.table(columns, cells)
    _paragraphs(paper, [filled(text) for text in template.closing])
    if attachments := [name for name in map(filled, template.attachments) if name.strip()]:
        paper.attachments(attachments)
    paper.sealed(filled(template.signature), day)
    if contact := filled(template.contact):
        paper.note(contact)
    if code:
        paper.proof(code)
    if template.layout != "plain":
        copies = [name for name in map(filled, template.copies) if name.strip()]
        paper.end_notes(copies, filling.organization, day)
    if filling.void:
        mark(paper.document, filling.void)
    return steady(paper.to_bytes())


def _paragraphs(paper: Official, texts: Sequence[str]) -> None:
    """What says nothing, because its only field is empty, takes no line."""
    for text in texts:
        if text.strip():
            paper.paragraph(text)


def fill(content: bytes, declared: Declared, filling: Filling, code: Code | None) -> bytes:
    """A paper from a template made in Word; its proof stands at the end.

    Raises:
        TemplateRefused: the template holds what it may not.
    """
    made = templates.render(content, declared, values=filling.values, rows=filling.rows)
    document = Document(BytesIO(made))
    if code:
        Official.on(document).proof(code)
    if filling.void:
        mark(document, filling.void)
    if settings.IS_DEMO:
        mark_demo(document)
    out = BytesIO()
    document.save(out)
    return steady(out.getvalue())


def in_words(day: date) -> str:
    """2026年11月6日, as official papers write a day."""
    return f"{day.year}年{day.month}月{day.day}日"


def steady(content: bytes) -> bytes:
    """The same parts without the moment they were packed at: equal papers are equal files."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as made:
        for info in archive.infolist():
            entry = zipfile.ZipInfo(info.filename, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, archive.read(info))
    return out.getvalue()
