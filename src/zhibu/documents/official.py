"""What a numbered paper has beyond a page: red head, number, addressee, seal, end notes.

Places and sizes after GB/T 9704-2012, chapter 7. The seal itself is put on paper.
"""

import unicodedata
from collections.abc import Sequence

from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from zhibu.documents.pages import (
    FANGSONG,
    FOUR,
    KAI,
    LINE,
    SONG_TITLE,
    THREE,
    Paper,
    off_grid,
    row_property,
    shaped,
)

RED = RGBColor(0xFF, 0, 0)
WIDTH = 442.2  # points of 156 mm
LARGEST, SMALLEST = 50, 26  # of a red head
CHARACTER = Pt(15.75)
ABOVE_MARK = Mm(35)
SEALED, UNSEALED = 4, 2  # characters free to the right


class Official(Paper):
    """A page with the parts of an official paper, from top to bottom."""

    def red_head(self, mark: str, number: str, signer: str = "") -> None:
        """The mark, two lines, the number; below it the red line. ``signer``: a paper upward."""
        space = self._paragraph()
        space.paragraph_format.line_spacing = ABOVE_MARK
        off_grid(space)
        size = max(SMALLEST, min(LARGEST, int(WIDTH / max(1.0, wide(mark)))))
        head = self._paragraph(align="center")
        head.paragraph_format.line_spacing = Pt(size * 1.3)
        off_grid(head)
        self._run(head, mark, SONG_TITLE, Pt(size), is_tight=False).font.color.rgb = RED
        self.blank()
        self.blank()
        line = self._paragraph(align="left" if signer else "center")
        self._run(line, number, FANGSONG, THREE)
        if signer:
            line.paragraph_format.left_indent = CHARACTER
            line.paragraph_format.right_indent = CHARACTER
            stops = line.paragraph_format.tab_stops
            stops.add_tab_stop(Mm(156) - CHARACTER, WD_TAB_ALIGNMENT.RIGHT)
            self._run(line, "\t签发人：", FANGSONG, THREE)
            self._run(line, signer, KAI, THREE)
        rule = self._paragraph()
        rule.paragraph_format.line_spacing = Mm(4)
        off_grid(rule)
        _border(rule)
        self.blank()
        self.blank()

    def number(self, number: str) -> None:
        """The number of a paper without a red head, to the right under the title."""
        last = self.document.paragraphs[-1]
        shaped(last, align="right", line=LINE)
        self._run(last, number, FANGSONG, THREE)
        self.blank()

    def addressee(self, text: str) -> None:
        self.paragraph(f"{text}：", indent=False)

    def attachments(self, names: Sequence[str]) -> None:
        """附件：1．… one a line, after a free line; a single one has no number."""
        self.blank()
        for number, name in enumerate(names, 1):
            numbered = name if len(names) == 1 else f"{number}．{name}"
            line = self._paragraph(align="both")
            line.paragraph_format.left_indent = CHARACTER * 5
            line.paragraph_format.first_line_indent = CHARACTER * (-3 if number == 1 else 0)
            self._run(line, f"{'附件：' if number == 1 else ''}{numbered}", FANGSONG, THREE)

    def sealed(self, name: str, day: str) -> None:
        """Who signs, above the date, with room for the seal; the shorter stands in the middle
        of the longer. The last words before it come along to its page."""
        self.blank()
        for paragraph in self.document.paragraphs[-2:]:
            paragraph.paragraph_format.keep_with_next = True
        difference = (wide(day) - wide(name)) / 2
        right_of_day: float = SEALED
        if SEALED + difference < UNSEALED:
            right_of_day = UNSEALED - difference
        for text, right in ((name, right_of_day + difference), (day, right_of_day)):
            line = self._paragraph(align="right")
            line.paragraph_format.right_indent = int(CHARACTER * right)
            line.paragraph_format.keep_with_next = text == name
            self._run(line, text, FANGSONG, THREE)

    def note(self, text: str) -> None:
        """（联系人：…）, two characters in."""
        self.paragraph(f"（{text}）")

    def end_notes(self, copies: Sequence[str], printer: str, day: str) -> None:
        """抄送 and who printed it when, between lines at the foot of the last page."""
        self._apart()
        rows = [[f"抄送：{'，'.join(copies)}。"]] if copies else []
        table = self.document.add_table(rows=0, cols=1)
        table.autofit = False
        _at_foot(table)
        for texts in [*rows, [printer, f"{day}印发"]]:
            row = table.add_row()
            row_property(row, "w:cantSplit")
            cell = row.cells[0]
            cell.width = Mm(156)
            line = shaped(cell.paragraphs[0], align="left", line=Pt(24))
            off_grid(line)
            line.paragraph_format.left_indent = line.paragraph_format.right_indent = FOUR
            if len(texts) > 1:
                stops = line.paragraph_format.tab_stops
                stops.add_tab_stop(Mm(152) - FOUR, WD_TAB_ALIGNMENT.RIGHT)
            self._run(line, "\t".join(texts), FANGSONG, FOUR, is_tight=False)
        self._apart()

    def _apart(self) -> None:
        """A line of no height: tables that touch would be one, and a floating one needs it."""
        line = self._paragraph()
        line.paragraph_format.line_spacing = Pt(1)
        off_grid(line)


def wide(text: str) -> float:
    """How many characters of Chinese a text is wide."""
    halves = (0.5 if unicodedata.east_asian_width(c) in {"Na", "H", "N"} else 1.0 for c in text)
    return sum(halves, 0.0)


def _border(paragraph: Paragraph) -> None:
    """A red line over the width of the text, under the paragraph."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "1"), ("color", "FF0000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    properties = paragraph._element.get_or_add_pPr()
    properties.find(qn("w:snapToGrid")).addprevious(borders)


def _at_foot(table: object) -> None:
    """Lines above, between and below; the table floats at the foot of the text."""
    properties = table._tbl.tblPr  # type: ignore[attr-defined]
    place = OxmlElement("w:tblpPr")
    for name, value in (
        ("leftFromText", "0"), ("rightFromText", "0"), ("vertAnchor", "margin"),
        ("horzAnchor", "margin"), ("tblpXSpec", "center"), ("tblpYSpec", "bottom"),
    ):  # fmt: skip
        place.set(qn(f"w:{name}"), value)
    style = properties.find(qn("w:tblStyle"))
    if style is None:
        properties.insert(0, place)
    else:
        style.addnext(place)
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", "8"), ("bottom", "8"), ("insideH", "6")):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    layout = properties.find(qn("w:tblLayout"))
    layout.addprevious(borders)
