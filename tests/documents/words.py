"""Word files for tests: made by python-docx, then spoilt by hand."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from docx import Document

from zhibu.documents.templates import Declared

DECLARED = Declared(
    fields=frozenset({"title", "day"}), rows="rows", columns=frozenset({"name", "amount"})
)


def word(
    *paragraphs: str, header: str = "", footer: str = "", loop: bool = False, title: str = ""
) -> bytes:
    """A template with the given paragraphs and, when asked, the row loop."""
    document = Document()
    document.core_properties.title = title
    for text in paragraphs:
        document.add_paragraph(text)
    section = document.sections[0]
    if header:
        section.header.paragraphs[0].text = header
    if footer:
        section.footer.paragraphs[0].text = footer
    if loop:
        table = document.add_table(rows=4, cols=2)
        table.cell(0, 0).text, table.cell(0, 1).text = "姓名", "金额"
        table.cell(1, 0).text = "{%tr for row in rows %}"
        table.cell(2, 0).text, table.cell(2, 1).text = "{{ row.name }}", "{{ row.amount }}"
        table.cell(3, 0).text = "{%tr endfor %}"
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """``content`` with one of its parts changed, or made where it was missing."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as made:
        for name in archive.namelist():
            if name != part:
                made.writestr(name, archive.read(name))
        old = archive.read(part) if part in archive.namelist() else b""
        made.writestr(part, change(old))
    return out.getvalue()


def replaced(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    assert old in part_of(content, part)
    return changed(content, part, lambda found: found.replace(old, new))


def part_of(content: bytes, part: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(part)


def parts_of(content: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.namelist()


def text_of(content: bytes) -> str:
    """Paragraphs and cells, in order, one a line."""
    document = Document(BytesIO(content))
    lines = [paragraph.text for paragraph in document.element.body.iter() if _is_p(paragraph)]
    return "\n".join(line for line in lines if line)


def _is_p(node) -> bool:
    return bool(re.search(r"\}p$", str(node.tag)))
