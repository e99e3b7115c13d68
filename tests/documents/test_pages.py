import shutil
import subprocess
from io import BytesIO

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn

from tests.conftest import NOON
from tests.documents.words import part_of, text_of
from zhibu.documents.pages import DEMO_LINE, Column, Paper, numeral

OFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(not OFFICE, reason="needs LibreOffice")


def paper(**more) -> Paper:
    return Paper(title="通知", author="某县委员会", at=NOON, **more)


def printed(content: bytes, folder) -> list[str]:
    """The text of each page as LibreOffice prints it, blanks left out."""
    (folder / "page.docx").write_bytes(content)
    subprocess.run(
        [
            OFFICE,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            folder,
            folder / "page.docx",
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with pypdfium2.PdfDocument(folder / "page.pdf") as pdf:
        pages = []
        for page in pdf:
            text = page.get_textpage()
            pages.append(text.get_text_range().replace(" ", "").replace("\r", ""))
            text.close()
            page.close()
        return pages


@needs_office
def test_page_holds_22_lines_of_28_characters(tmp_path, settings):
    settings.IS_DEMO = False
    made = paper()
    made.paragraph("国" * (28 * 22 * 2), indent=False)

    pages = printed(made.to_bytes(), tmp_path)

    lines = [[line for line in page.split("\n") if "国" in line] for page in pages]
    assert [len(page) for page in lines] == [22, 22]
    assert {len(line) for page in lines for line in page} == {28}
    assert ["—1—" in pages[0], "—2—" in pages[1]] == [True, True]


@needs_office
def test_demo_line_is_printed_on_every_page(tmp_path, settings):
    settings.IS_DEMO = True
    made = paper()
    made.paragraph("国" * (28 * 22 * 2))

    pages = printed(made.to_bytes(), tmp_path)

    assert [DEMO_LINE in page for page in pages] == [True, True, True]


@needs_office
def test_first_line_is_two_characters_in(tmp_path):
    made = paper()
    made.paragraph("国" * (26 + 28))

    (page,) = printed(made.to_bytes(), tmp_path)

    assert [len(line) for line in page.split("\n") if "国" in line] == [26, 28]


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_numerals_count_as_headings_do(number, written):
    assert numeral(number) == written


@pytest.mark.parametrize("number", [0, 100])
def test_numerals_end(number):
    with pytest.raises(ValueError, match="范围"):
        numeral(number)


def test_margins_and_grid_are_the_standards():
    section = Document(BytesIO(paper().to_bytes())).sections[0]

    margins = (
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    assert [round(each.mm) for each in margins] == [37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")


def test_fonts_are_named_with_what_stands_in():
    made = paper()
    made.title("某县委员会通知")
    made.heading("一、要求")
    made.heading("（一）时间", 2)
    made.paragraph("请照办。")

    content = made.to_bytes()

    body, table = part_of(content, "word/document.xml"), part_of(content, "word/fontTable.xml")
    for name in ("方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"):
        assert f'w:eastAsia="{name}"'.encode() in body
        assert f'<w:font w:name="{name}"><w:altName'.encode() in table


def test_file_says_who_and_when_and_not_what_made_it():
    made = Document(BytesIO(paper().to_bytes())).core_properties

    assert (made.title, made.author, made.comments) == ("通知", "某县委员会", "")
    assert made.created == made.modified == NOON


def test_control_characters_do_not_break_the_file():
    made = paper()
    made.paragraph("甲\x00\x0b乙\ud800丙\nsecond")

    assert text_of(made.to_bytes()) == "甲乙丙\nsecond"


def test_table_repeats_its_heading_and_keeps_its_widths():
    made = paper()
    made.table([Column("事项", 3), Column("谁", 1)], [("甲", "王芳"), ("乙", "李明")])

    (table,) = Document(BytesIO(made.to_bytes())).tables

    assert [cell.text for row in table.rows for cell in row.cells] == [
        "事项",
        "谁",
        "甲",
        "王芳",
        "乙",
        "李明",
    ]
    assert [round(column.width.mm) for column in table.columns] == [117, 39]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
