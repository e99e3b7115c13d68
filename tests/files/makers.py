"""Uploads as people bring them, and as they should not."""

import struct
import zipfile
import zlib
from io import BytesIO

from PIL import Image

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/{part}" ContentType="{kind}"/>{more}</Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" TargetMode="External" Target="{target}" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/>'
    "</Relationships>"
)
MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def office(kind: str = "wordprocessingml.document", more: str = "", **parts: str) -> bytes:
    """A minimal Office file; keyword parts are named with ``__`` for ``/`` and ``_`` for ``.``."""
    types = TYPES.format(part="word/document.xml", kind=MAIN.format(kind), more=more)
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return zipped({"[Content_Types].xml": types, "word/document.xml": "<w/>", **named})


def linked(kind: str, target: str = "http://elsewhere.example/x") -> bytes:
    """A Word file whose settings point outside."""
    settings = (
        '<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<w:attachedTemplate r:id="rId1"/><w:zoom w:percent="100"/></w:settings>'
    )
    types = TYPES.format(
        part="word/document.xml", kind=MAIN.format("wordprocessingml.document"), more=""
    )
    return zipped(
        {
            "[Content_Types].xml": types,
            "word/document.xml": "<w/>",
            "word/settings.xml": settings,
            "word/_rels/settings.xml.rels": RELATIONS.format(kind=kind, target=target),
        }
    )


def photo(*, size: tuple[int, int] = (40, 20), kind: str = "JPEG", turned: bool = False) -> bytes:
    """A photo with place, maker and comment; red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = 6 if turned else 1
    exif.get_ifd(0x8825)[2] = (32.0, 27.0, 0.0)
    out = BytesIO()
    options = {"comment": b"taken at home"} if kind == "JPEG" else {}
    image.save(out, kind, exif=exif, **options)
    return out.getvalue()


def bomb_png(width: int, height: int) -> bytes:
    """A PNG that claims to be huge."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
GIF = b"GIF89a" + bytes(20)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
OLD_DOC = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
