"""Pages after GB/T 9704-2012: 22 lines of 28 characters, the fonts and sizes it names.

The fonts are named in the file and not shipped; a machine that has none of them shows
its own. Figures measured in LibreOffice; see ``tests/documents``.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Literal, Self

from django.conf import settings
from django.utils import timezone
from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from zhibu.ledger.printed import Code

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DEMO_LINE = "演示数据，纯属虚构"

FANGSONG, SONG_TITLE, HEI, KAI, SONG = (
    "仿宋_GB2312",
    "方正小标宋简体",
    "黑体",
    "楷体_GB2312",
    "宋体",
)
INSTEAD = {FANGSONG: "仿宋", SONG_TITLE: "宋体", HEI: "SimHei", KAI: "楷体"}  # where it is missing
LATIN = "Times New Roman"
TWO, THREE, FOUR, SMALL_FOUR = Pt(22), Pt(16), Pt(14), Pt(12)  # 二号、三号、四号、小四
NINE = Pt(9)  # 小五, for what stands beside a code
LINE = Pt(28.95)
PITCH = "579"  # twentieths of a point: 22 lines on 225 mm
TIGHTER = "-5"  # twentieths of a point a character: 28 on 156 mm
TWO_CHARACTERS = Pt(31.5)
DIGITS = "一二三四五六七八九十"

Align = Literal["left", "center", "right", "both"]
Coded = tuple[bytes, Sequence[str]]  # the image of a code, and what stands beside it
_UNWRITABLE = {"Cc", "Cs"}
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading and its share of the width."""

    title: str
    share: int
    align: Align = "left"


def numeral(number: int) -> str:
    """一, 二, … 十, 十一, … as headings count, up to 99."""
    if not 0 < number < 100:
        raise ValueError(f"{number} 超出标题编号的范围")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens - 1] + "十"
    return head + (DIGITS[ones - 1] if ones else "")


def plain(text: str) -> str:
    """``text`` without what a Word file cannot hold."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNWRITABLE)


class Paper:
    """An official page, filled from top to bottom, then given out as bytes."""

    def __init__(self, *, title: str, author: str, at: datetime) -> None:
        self.document: DocumentObject = Document()
        for element in list(self.document.element.body):
            if element.tag != qn("w:sectPr"):
                self.document.element.body.remove(element)
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = plain(title), plain(author), ""
        properties.created = properties.modified = at.astimezone(UTC)
        _normal_style(self.document)
        _fonts_instead(self.document)
        _page(self.document.sections[0])
        self.document.settings.odd_and_even_pages_header_footer = True
        _page_numbers(self.document.sections[0])

    @classmethod
    def on(cls, document: DocumentObject) -> Self:
        """To write on at the end of a document that was made elsewhere."""
        paper = cls.__new__(cls)
        paper.document = document
        return paper

    def title(self, *lines: str) -> None:
        """The title, centred, one line each; a line stays free below it."""
        for line in lines:
            paragraph = self._paragraph(align="center")
            off_grid(paragraph)
            self._run(paragraph, line, SONG_TITLE, TWO, is_tight=False)
            paragraph.paragraph_format.keep_with_next = True
        self.blank()

    def subtitle(self, text: str) -> None:
        """A line in 楷体 under the title; call before anything else."""
        last = self.document.paragraphs[-1]
        last.alignment = _ALIGN["center"]
        self._run(last, text, KAI, THREE)
        self.blank()

    def blank(self) -> None:
        self._paragraph()

    def heading(self, text: str, level: Literal[1, 2] = 1) -> None:
        """一、 in 黑体 or （一） in 楷体; stays with what follows."""
        paragraph = self._paragraph(indent=True)
        self._run(paragraph, text, HEI if level == 1 else KAI, THREE)
        paragraph.paragraph_format.keep_with_next = True

    def paragraph(self, text: str, *, lead: str = "", indent: bool = True) -> None:
        """Body text, two characters in; ``lead`` stands before it in 黑体. Lines stay lines."""
        first, *more = plain(text).split("\n")
        paragraph = self._paragraph(indent=indent, align="both")
        if lead:
            self._run(paragraph, lead, HEI, THREE)
        self._run(paragraph, first, FANGSONG, THREE)
        for line in more:
            self._run(self._paragraph(indent=indent, align="both"), line, FANGSONG, THREE)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """A ruled table over the full width; its heading repeats on each page."""
        table = self.document.add_table(rows=0, cols=len(columns))
        table.style = self.document.styles["Table Grid"]
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        total = sum(column.share for column in columns)
        widths = [Mm(156 * column.share / total) for column in columns]
        for column_of_grid, width in zip(table.columns, widths, strict=True):
            column_of_grid.width = width
        for number, values in enumerate([[c.title for c in columns], *rows]):
            row = table.add_row()
            row_property(row, "w:cantSplit")
            if number == 0:
                row_property(row, "w:tblHeader")
            for cell, width, column, value in zip(row.cells, widths, columns, values, strict=True):
                cell.width = width
                paragraph = cell.paragraphs[0]
                align = "center" if number == 0 else column.align
                shaped(paragraph, align=align, line=Pt(20))
                off_grid(paragraph)
                font = HEI if number == 0 else FANGSONG
                self._run(paragraph, value, font, SMALL_FOUR, is_tight=False)

    def picture(self, image: bytes, says: str) -> None:
        """A picture over the full width; ``says`` for who does not see it."""
        paragraph = self._paragraph(align="center")
        off_grid(shaped(paragraph, align="center", line=None))
        shape = paragraph.add_run().add_picture(BytesIO(image), width=Mm(156))
        shape._inline.docPr.set("descr", plain(says))

    def signature(self, *lines: str) -> None:
        """Lines in the right half of the page, kept together."""
        self.blank()
        for number, line in enumerate(lines):
            paragraph = self._paragraph()
            paragraph.paragraph_format.left_indent = TWO_CHARACTERS * 7
            paragraph.paragraph_format.keep_with_next = number < len(lines) - 1
            self._run(paragraph, line, FANGSONG, THREE)

    def proof(self, code: Code, *before: Coded) -> None:
        """At the foot, what leads from the paper to the proof of its record, and since when; with
        other codes ``before`` it on the same line."""
        at = timezone.localtime(code.recorded_at)
        lines = (
            f"这份记录已存证（{at.year}年{at.month}月{at.day}日 {at:%H:%M}）。",
            "扫码或打开下面的网址核验，不用登录：",
            code.address,
        )
        self._codes(*before, (code.png(), lines))

    def _codes(self, *codes: Coded) -> None:
        """Square codes on one line, each with small lines beside it, kept together."""
        self.blank()
        table = self.document.add_table(rows=1, cols=2 * len(codes))
        table.autofit = False
        row = table.rows[0]
        row_property(row, "w:cantSplit")
        widths = (Mm(30), Mm(156 / len(codes) - 30)) * len(codes)
        for column, cell, width in zip(table.columns, row.cells, widths, strict=True):
            column.width = cell.width = width
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        cells = iter(row.cells)
        for (image, lines), square, beside in zip(codes, cells, cells, strict=True):
            picture = square.paragraphs[0]
            off_grid(shaped(picture, align="left", line=None))
            picture.add_run().add_picture(BytesIO(image), width=Mm(26))
            for number, line in enumerate(lines):
                paragraph = beside.add_paragraph() if number else beside.paragraphs[0]
                off_grid(shaped(paragraph, align="left", line=Pt(15)))
                self._run(paragraph, line, FANGSONG, NINE, is_tight=False)

    def to_bytes(self) -> bytes:
        if settings.IS_DEMO:
            mark_demo(self.document)
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()

    def _paragraph(self, *, indent: bool = False, align: Align = "left") -> Paragraph:
        paragraph = self.document.add_paragraph()
        shaped(paragraph, align=align, line=LINE)
        if indent:
            paragraph.paragraph_format.first_line_indent = TWO_CHARACTERS
        return paragraph

    def _run(
        self, paragraph: Paragraph, text: str, font: str, size: Pt, *, is_tight: bool = True
    ) -> Run:
        run = paragraph.add_run(plain(text))
        _font(run, font, size)
        if is_tight:
            _property(run, "w:spacing", TIGHTER)
        return run


def _font(run: Run, name: str, size: Pt) -> None:
    run.font.name, run.font.size = LATIN, size
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
    fonts.set(qn("w:hint"), "eastAsia")


def _property(run: Run, tag: str, value: str) -> None:
    """A run property python-docx has no name for, in its place in the schema's order."""
    element = OxmlElement(tag)
    element.set(qn("w:val"), value)
    properties = run._element.get_or_add_rPr()
    size = properties.find(qn("w:sz"))
    if size is None:
        properties.append(element)
    else:
        size.addprevious(element)


def shaped(paragraph: Paragraph, *, align: Align, line: Pt | None) -> Paragraph:
    """``line`` is the exact height of a line; None for one as high as the picture in it."""
    layout = paragraph.paragraph_format
    paragraph.alignment = _ALIGN[align]
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY if line else WD_LINE_SPACING.SINGLE
    if line:
        layout.line_spacing = line
    layout.widow_control = False
    return paragraph


def off_grid(paragraph: Paragraph) -> None:
    """Lines of another size keep their own height instead of taking two of the grid."""
    off = OxmlElement("w:snapToGrid")
    off.set(qn("w:val"), "0")
    properties = paragraph._element.get_or_add_pPr()
    spacing = properties.find(qn("w:spacing"))
    spacing.addprevious(off)


def row_property(row: Any, tag: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(tag))


def _normal_style(document: DocumentObject) -> None:
    style = document.styles["Normal"]
    assert isinstance(style, ParagraphStyle)
    style.font.name, style.font.size = LATIN, THREE
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), FANGSONG)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")
    style.element.get_or_add_rPr().append(language)


def _fonts_instead(document: DocumentObject) -> None:
    """Say in the file's font table which font stands in for which."""
    part = next(
        p for p in document.part.package.iter_parts() if p.partname.endswith("fontTable.xml")
    )
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in INSTEAD.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{entries}</w:fonts>".encode())


def _page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(20), Mm(23)
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), PITCH)
    properties.append(grid)


def _page_numbers(section: Section) -> None:
    """— 1 —, outside on odd and even pages, one character in."""
    sides: tuple[tuple[Any, Align], ...] = (
        (section.footer, "right"),
        (section.even_page_footer, "left"),
    )
    for footer, align in sides:
        paragraph = footer.paragraphs[0]
        shaped(paragraph, align=align, line=Pt(16))
        paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = FOUR
        for piece in ("— ", None, " —"):
            run = paragraph.add_run(piece or "")
            _font(run, SONG, FOUR)
            run.font.name = SONG
            if piece is None:
                _field(run, "PAGE")


def _field(run: Run, code: str) -> None:
    for kind in ("begin", "separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        if kind == "separate":
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {code} "
            run._element.append(instruction)
        run._element.append(mark)
        if kind == "separate":
            shown = OxmlElement("w:t")
            shown.text = "1"
            run._element.append(shown)


def mark_demo(document: DocumentObject) -> None:
    """Write the demo line into the header of every page."""
    mark(document, DEMO_LINE)


def mark(document: DocumentObject, line: str) -> None:
    """Write ``line`` into the header of every page, after what stands there."""
    for section in document.sections:
        headers = [section.header, section.even_page_header]
        if section.different_first_page_header_footer:
            headers.append(section.first_page_header)
        for header in headers:
            header.is_linked_to_previous = False
            paragraph = header.paragraphs[0] if header.paragraphs else header.add_paragraph()
            if line in paragraph.text:
                continue
            shaped(paragraph, align="center", line=Pt(16))
            space = "　" if paragraph.text else ""
            _font(paragraph.add_run(f"{space}{line}"), HEI, SMALL_FOUR)
