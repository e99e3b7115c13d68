import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.files import makers
from zhibu.files.intake import LONGEST_EDGE, prepare

WORD = "wordprocessingml.document"


def _refusal(content: bytes, name: str = "文件") -> str:
    with pytest.raises(ValidationError) as caught:
        prepare(name, content)
    return caught.value.messages[0]


@pytest.mark.parametrize(
    ("content", "extension", "content_type"),
    [
        (makers.PDF, "pdf", "application/pdf"),
        (makers.office(), "docx", f"application/vnd.openxmlformats-officedocument.{WORD}"),
        (
            makers.office("spreadsheetml.sheet"),
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            makers.office("presentationml.presentation"),
            "pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
        (makers.photo(), "jpg", "image/jpeg"),
        (makers.photo(kind="PNG"), "png", "image/png"),
        (makers.photo(kind="WEBP"), "webp", "image/webp"),
    ],
)
def test_seven_kinds_are_told_by_their_content(content, extension, content_type):
    prepared = prepare("会议.exe", content)

    assert (prepared.extension, prepared.content_type) == (extension, content_type)
    assert prepared.name == f"会议.{extension}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (makers.GIF, "GIF"),
        (makers.HEIC, "HEIC"),
        (makers.OLD_DOC, "另存为"),
        (makers.zipped({"a.txt": "x"}), "压缩包"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>", "HTML"),
        ("会议记录".encode(), "直接贴在内容里"),
        (b"MZ" + bytes(100), "这种文件不能收"),
        (b"PK\x03\x04" + bytes(100), "坏了"),
    ],
)
def test_others_are_refused_with_what_to_do(content, said):
    assert said in _refusal(content, "x.pdf")


def test_photo_carries_nothing_along():
    prepared = prepare("IMG_1.jpg", makers.photo())

    with Image.open(BytesIO(prepared.content)) as image:
        assert dict(image.getexif()) == {}
        assert "comment" not in image.info
        assert "exif" not in image.info
    assert b"SecretPhone" in makers.photo()
    assert b"SecretPhone" not in prepared.content
    assert b"taken at home" not in prepared.content


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_turned_photo_stands_upright(kind):
    prepared = prepare("a.jpg", makers.photo(kind=kind, turned=True))

    with Image.open(BytesIO(prepared.content)) as image:
        assert image.size == (20, 40)
        top, bottom = image.convert("RGB").getpixel((10, 3)), image.getpixel((10, 37))
    assert top[0] > 200
    assert bottom[2] > 200


def test_large_photo_is_made_smaller():
    prepared = prepare("a.jpg", makers.photo(size=(LONGEST_EDGE * 2, 100)))

    with Image.open(BytesIO(prepared.content)) as image:
        assert image.size == (LONGEST_EDGE, 50)


def test_transparent_picture_stays_transparent():
    out = BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(out, "PNG")

    with Image.open(BytesIO(prepare("a.png", out.getvalue()).content)) as image:
        assert image.getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("size", [(10_000, 10_000), (100_000, 100_000)])
def test_picture_that_claims_to_be_huge_is_refused(size):
    assert "太大" in _refusal(makers.bomb_png(*size))


def test_broken_picture_is_refused():
    assert "坏了" in _refusal(makers.photo()[:200])


def test_gif_named_jpg_is_refused():
    assert "GIF" in _refusal(makers.GIF, "photo.jpg")


@pytest.mark.parametrize(
    "content",
    [
        makers.zipped(
            {
                "[Content_Types].xml": makers.TYPES.format(
                    part="word/document.xml",
                    kind="application/vnd.ms-word.document.macroEnabled.main+xml",
                    more="",
                )
            }
        ),
        makers.office(**{"word__vbaProject.bin": "x"}),
        makers.office(**{"word__activeX__activeX1.xml": "x"}),
    ],
)
def test_macros_and_controls_are_refused(content):
    assert "宏" in _refusal(content, "a.docx")


@pytest.mark.parametrize("kind", ["image", "oleObject", "frame", "externalLinkPath", "subDocument"])
def test_content_fetched_from_elsewhere_is_refused(kind):
    assert "断开链接" in _refusal(makers.linked(kind), "a.docx")


def test_plain_link_is_left_alone():
    content = makers.linked("hyperlink")

    assert prepare("a.docx", content).content == content


def test_template_of_another_machine_is_taken_out():
    prepared = prepare("a.docx", makers.linked("attachedTemplate", "file:///C:/Users/wang/a.dotx"))

    with zipfile.ZipFile(BytesIO(prepared.content)) as archive:
        assert b"Relationship " not in archive.read("word/_rels/settings.xml.rels")
        settings_part = archive.read("word/settings.xml")
    assert b"attachedTemplate" not in settings_part
    assert b"zoom" in settings_part


def test_overgrown_archive_is_refused(monkeypatch):
    monkeypatch.setattr("zhibu.files.intake.MOST_UNPACKED", 1000)
    assert "太大" in _refusal(makers.office(word__media__a="0" * 2000))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\王芳\\会议.pdf", "会议.pdf"),
        ("会议\u202efdp.exe", "会议fdp.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        (".pdf", "附件.pdf"),
        ("", "附件.pdf"),
        ("长" * 300 + ".pdf", "长" * 120 + ".pdf"),
        ("11月.支委会.pdf", "11月.支委会.pdf"),
    ],
)
def test_name_is_cleaned(name, kept):
    assert prepare(name, makers.PDF).name == kept


SAMPLES = [makers.office(), makers.linked("attachedTemplate"), makers.photo(), makers.PDF]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=6))))
def test_damaged_upload_is_taken_or_refused_never_more(content, damage):
    spoilt = bytearray(content)
    for place, junk in damage:
        spoilt[place % len(spoilt) : place % len(spoilt) + len(junk)] = junk

    with suppress(ValidationError):
        prepare("a.docx", bytes(spoilt))
