import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from tests.imports.workbooks import workbook
from zhibu.imports import reading
from zhibu.imports.reading import UnreadableFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def archive(sheet: str, *, part: str = "worksheets/sheet1.xml", more: dict | None = None) -> bytes:
    """An .xlsx of one sheet written by hand."""
    buffer = io.BytesIO()
    relation = f'<Relationship Id="rId1" Type="{DOCUMENT}/worksheet" Target="{part}"/>'
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", TYPES)
        top = f'<Relationship Id="rId1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>'
        file.writestr("_rels/.rels", f'<Relationships xmlns="{RELATIONS}">{top}</Relationships>')
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        relations = f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>'
        file.writestr("xl/_rels/workbook.xml.rels", relations)
        file.writestr(f"xl/{part}", sheet)
        for name, content in (more or {}).items():
            file.writestr(name, content)
    return buffer.getvalue()


def rows_of(*rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        reading.read(content)
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.message)
    return caught.value.code


def test_cells_come_typed_with_true_row_numbers():
    content = workbook(
        ("表", [[], [None, "姓名"], [], [None, "顾长林", date(1970, 3, 13), 853, 1.5]])
    )

    sheet = reading.read(content).sheets[0]

    assert sheet.rows[1] == ["", "姓名", "", "", ""]
    assert sheet.rows[3] == ["", "顾长林", date(1970, 3, 13), 853, 1.5]


def test_moment_keeps_its_time_and_a_number_of_eighteen_digits_stays_a_float():
    book = openpyxl.Workbook()
    book.active.append([datetime(2016, 5, 19, 8, 30), 321088199001010011, True])
    buffer = io.BytesIO()
    book.save(buffer)

    rows = reading.read(buffer.getvalue()).sheets[0].rows

    assert rows[0][0] == datetime(2016, 5, 19, 8, 30)
    assert isinstance(rows[0][1], float)
    assert rows[0][2] is True


def test_error_values_and_formulas_without_result_are_noted():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姓名", "=1+1", "x"])
    sheet["C1"].value = "#REF!"
    sheet["C1"].data_type = "e"
    sheet.merge_cells("A3:C3")
    sheet.row_dimensions[2].hidden = True
    sheet["A2"] = "隐"
    book.create_sheet("旧表").sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)

    found = reading.read(buffer.getvalue())

    assert found.sheets[0].odd == {(0, 1): "", (0, 2): "#REF!"}
    assert found.sheets[0].merged == [(2, 0, 2, 2)]
    assert found.sheets[0].hidden_rows == [1]
    assert found.hidden == ["旧表"]


def test_tags_with_prefix_and_cells_without_reference_are_read():
    content = archive(
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>姓名'
        '</x:t></x:is></x:c><x:c t="e"><x:v>#N/A</x:v></x:c></x:row><x:row><x:c><x:f>1+1</x:f>'
        '</x:c><x:c><x:f>1+1</x:f><x:v>2</x:v></x:c><x:c t="str"><x:f>A1</x:f><x:v></x:v></x:c>'
        "</x:row></x:sheetData></x:worksheet>"
    )

    sheet = reading.read(content).sheets[0]

    assert sheet.odd == {(0, 1): "#N/A", (1, 0): ""}
    assert sheet.rows[0][0] == "姓名"
    assert sheet.rows[1][1] == 2


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(archive(rows_of(FAR)), id="a cell at the far corner"),
        pytest.param(archive(rows_of(FAR), part="media/a.png"), id="a sheet named like an image"),
        pytest.param(
            archive(rows_of('<row r="1"><c r="A1"/></row>', '<row><c r="IV1048576"/></row>')),
            id="row only in the cell's reference",
        ),
        pytest.param(
            archive(
                rows_of('<row r="6"><c r="IV6"/></row>', '<row r="76"><c r="A1048576"/></row>')
            ),
            id="row in the reference that ends like the row's own",
        ),
        pytest.param(archive(rows_of("<row><c/></row>" * 2_000_001)), id="two million cells"),
        pytest.param(archive(rows_of(" " * 210_000_000)), id="200 MB of spaces"),
        pytest.param(
            archive(rows_of(), more={"xl/sharedStrings.xml": " " * 210_000_000}),
            id="a large part beside the sheet",
        ),
    ],
)
def test_files_built_to_exhaust_the_reader_are_refused(content):
    assert len(content) < 300_000

    assert refusal(content) == "file_exhausting"


def test_a_reader_out_of_memory_is_a_refusal(monkeypatch):
    """Should the look before fail to see it, the limit of the process still holds."""
    script = "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28)); 'x' * 2**30"
    monkeypatch.setattr(reading, "READER", (reading.READER[0], "-c", script))

    assert refusal(b"x") == "file_exhausting"


def test_a_reader_that_does_not_end_is_a_refusal(monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 0.2)
    monkeypatch.setattr(reading, "READER", (reading.READER[0], "-c", "import time; time.sleep(9)"))

    assert refusal(b"x") == "file_too_slow"


def test_entities_are_refused():
    content = archive('<!DOCTYPE x [<!ENTITY a "a">]>' + rows_of())

    assert refusal(content) == "file_damaged"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "file_old_format"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "file_locked",
        ),
        (b"%PDF-1.7", "file_not_a_table"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "file_not_a_table"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "file_not_a_table"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 200, "file_not_a_table"),
        (b"PK\x03\x04 not an archive", "file_damaged"),
        (archive("<worksheet><sheetData><row><c r='A1'>"), "file_damaged"),
        (archive(rows_of())[:-200], "file_damaged"),
    ],
)
def test_other_files_are_refused_with_a_remedy(content, code):
    assert refusal(content) == code


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["xl/workbook.bin"], "file_old_format"),
        (["word/document.xml"], "file_not_a_table"),
    ],
)
def test_archives_of_another_kind_are_refused(names, code):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "<x/>")

    assert refusal(buffer.getvalue()) == code


def test_open_document_is_refused_by_its_type():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

    assert refusal(buffer.getvalue()) == "file_old_format"


def test_macro_workbook_is_read_as_data_and_said():
    content = archive(
        rows_of('<row><c t="inlineStr"><is><t>姓名</t></is></c></row>'),
        more={"xl/vbaProject.bin": b"\xd0\xcf"},
    )

    book = reading.read(content)

    assert book.notes == ["file_with_macros"]
    assert book.sheets[0].rows == [["姓名"]]


TEXT = [["姓名", "民族"], ["郑云子㛃", "汉族"], ["顾,长林", "蒙古族"]]


def _csv(delimiter: str = ",") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(TEXT)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (_csv().encode("utf-8"), []),
        (_csv().encode("utf-8-sig"), []),
        (_csv().encode("gb18030"), ["text_gb18030"]),
        (_csv("\t").encode("utf-16"), ["text_utf-16"]),
        (_csv(";").encode("utf-8"), []),
    ],
)
def test_csv_is_read_in_the_encodings_of_offices(content, notes):
    book = reading.read(content)

    assert book.sheets[0].rows == TEXT
    assert book.notes == notes


def test_size_is_asked_before_anything_is_read():
    with pytest.raises(UnreadableFile) as caught:
        reading.refuse_size(200 * 1024 * 1024, 50 * 1024 * 1024)

    assert caught.value.code == "file_too_large"
    with pytest.raises(UnreadableFile):
        reading.refuse_size(0, 50)
