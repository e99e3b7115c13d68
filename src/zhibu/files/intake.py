"""What may be uploaded: seven kinds, told by their content and not by their name.

Images are drawn again, so that nothing rides along: no place, no time, no comment.
Office files with macros or contents fetched from elsewhere are refused; a link to the
template somebody's machine once used is taken out, because half of all files carry one.
"""

import re
import struct
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import filetype
from defusedxml import DefusedXmlException
from django.core.exceptions import ValidationError
from lxml import etree
from PIL import Image, ImageOps

from zhibu.core import archives

LONGEST_EDGE = 3000
QUALITY = 88
MOST_PARTS = 10_000
MOST_UNPACKED = 300 * 1024 * 1024
MOST_XML = 8 * 1024 * 1024
KINDS = "PDF、Word（.docx）、Excel（.xlsx）、PPT（.pptx）、照片（JPG、PNG、WebP）"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An upload that may be stored, its content already cleaned."""

    name: str
    extension: str
    content_type: str
    content: bytes


_OFFICE = {
    "wordprocessingml.document": "docx",
    "spreadsheetml.sheet": "xlsx",
    "presentationml.presentation": "pptx",
}
_OFFICE_TYPE = {
    extension: f"application/vnd.openxmlformats-officedocument.{kind}"
    for kind, extension in _OFFICE.items()
}
_IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_EXTENSION = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_WHY_NOT = {
    "image/heic": "苹果手机的 HEIC 照片还不能收。请在手机“设置—相机—格式”里选“兼容性最佳”再拍，"
    "或把照片截屏后上传。",
    "image/heif": "HEIF 照片还不能收。请把手机相机的格式改成 JPG 再拍，或截屏后上传。",
    "image/gif": "GIF 动图不能收。请截屏存成图片再上传。",
    "application/msword": "老格式（.doc、.xls、.ppt）或加了密码的文件不能收。"
    "请打开后另存为 .docx、.xlsx、.pptx，不加密码，再上传。",
    "application/zip": "压缩包不能收。请解压后一个一个上传。",
    "application/x-rar-compressed": "压缩包不能收。请解压后一个一个上传。",
    "application/x-7z-compressed": "压缩包不能收。请解压后一个一个上传。",
}
_ODD_INSIDE = "文件内部有问题，不能收。请用 Word 或 WPS 另存一次再上传。"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|svg|head|body|script)", re.I)
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")


def prepare(name: str, content: bytes) -> Prepared:
    """Clean an upload, or say why it cannot be taken.

    Raises:
        ValidationError: in words for the person who uploads, with what to do instead.
    """
    if not content:
        raise ValidationError("文件是空的。请重新选一个。")
    if content.startswith(b"PK\x03\x04"):
        extension, content = _office(content)
        content_type = _OFFICE_TYPE[extension]
    else:
        guessed = filetype.guess(content)
        content_type = guessed.mime if guessed else ""
        if content_type in _IMAGES:
            content, extension = _redrawn(content, _IMAGES[content_type])
        elif content_type == "application/pdf":
            extension = "pdf"
        else:
            raise ValidationError(_why_not(content_type, content))
    return Prepared(_clean_name(name, extension), extension, content_type, content)


def _why_not(content_type: str, content: bytes) -> str:
    if content.startswith(_OLD_OFFICE):
        return _WHY_NOT["application/msword"]
    if _MARKUP.match(content[:512]):
        return f"网页和矢量图（HTML、SVG）不能收。可以打印成 PDF 再上传。能收的有：{KINDS}。"
    if content_type in _WHY_NOT:
        return _WHY_NOT[content_type]
    return f"这种文件不能收。能收的有：{KINDS}。纯文字请直接贴在内容里。"


def _clean_name(name: str, extension: str) -> str:
    """The name without path, control and direction marks, with the true extension."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    stem = kept.rpartition(".")[0] if "." in kept else kept
    return f"{stem.strip(' .')[:120] or '附件'}.{extension}"


def _redrawn(content: bytes, kind: str) -> tuple[bytes, str]:
    """The picture alone, upright, at most ``LONGEST_EDGE`` long; first frame of several."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # damaged EXIF, which goes anyway
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=tuple(_EXTENSION)) as opened:
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
                has_alpha = kind != "JPEG" and upright.has_transparency_data
                plain = upright.convert("RGBA" if has_alpha else "RGB")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ValidationError("图片太大，超过 8900 万像素。请缩小后再上传。") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise ValidationError("图片坏了，打不开。请重新拍或重新存一次再上传。") from error
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    out = BytesIO()
    if kind == "PNG":
        clean.save(out, "PNG")
    else:
        clean.save(out, kind, quality=QUALITY)
    return out.getvalue(), _EXTENSION[kind]


def _office(content: bytes) -> tuple[str, bytes]:
    """Extension and content of an Office file; templates linked from elsewhere taken out."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _refuse_bombs(archive)
            extension = _office_kind(archive)
            links = list(_outside(archive))
            changed = _without_template(archive, links) if links else {}
            if changed:
                content = _repacked(archive, changed)
    except (ParseError, etree.XMLSyntaxError, DefusedXmlException) as error:
        raise ValidationError(_ODD_INSIDE) from error
    except archives.BROKEN as error:
        raise ValidationError("文件坏了，打不开。请重新另存一次再上传。") from error
    return extension, content


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise ValidationError("文件解开后太大，不能收。请拆成几个再上传。")
    if any(part.flag_bits & 1 for part in parts):
        raise ValidationError("文件加了密码，不能收。请去掉密码再上传。")


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    if archive.getinfo(name).file_size > MOST_XML:
        raise ValidationError(_ODD_INSIDE)
    root: Element = defusedxml.ElementTree.fromstring(archive.read(name), forbid_dtd=True)
    return root


def _office_kind(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if "[Content_Types].xml" not in names:
        raise ValidationError(_WHY_NOT["application/zip"])
    types = [node.get("ContentType", "") for node in _xml(archive, "[Content_Types].xml")]
    has_code = any("macroEnabled" in each or "vbaProject" in each for each in types)
    if has_code or any(re.search(r"vbaProject\.bin$|/activeX/", name, re.I) for name in names):
        raise ValidationError("文件带有宏或控件，不能收。请另存为不带宏的 .docx、.xlsx 再上传。")
    for kind, extension in _OFFICE.items():
        if f"application/vnd.openxmlformats-officedocument.{kind}.main+xml" in types:
            return extension
    raise ValidationError(f"这种文件不能收。能收的有：{KINDS}。")


@dataclass(frozen=True, slots=True)
class _Link:
    part: str
    id: str


def _outside(archive: zipfile.ZipFile) -> Iterator[_Link]:
    """Links to templates outside; any other content fetched from outside is refused."""
    for name in archive.namelist():
        if not name.endswith(".rels"):
            continue
        for relation in _xml(archive, name):
            if relation.get("TargetMode", "").lower() != "external":
                continue
            kind = relation.get("Type", "").rpartition("/")[2]
            if kind == "attachedTemplate":
                yield _Link(name, relation.get("Id", ""))
            elif kind != "hyperlink":
                raise ValidationError(
                    "文件里有链接到别处的内容（图片、表格或对象），别人打开时会去外面取。"
                    "请断开链接、把内容存进文件里再上传。"
                )


def _without_template(archive: zipfile.ZipFile, links: list[_Link]) -> dict[str, bytes]:
    """Parts to replace so that the file no longer names a template elsewhere."""
    changed: dict[str, bytes] = {}
    for part in {link.part for link in links}:
        ids = {link.id for link in links if link.part == part}
        owner = part.replace("_rels/", "").removesuffix(".rels")
        for name in (part, owner):
            root = etree.fromstring(archive.read(name), _PARSER)
            for node in list(root):
                if node.get("Id") in ids or etree.QName(node).localname == "attachedTemplate":
                    root.remove(node)
            changed[name] = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return changed


def _repacked(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in archive.infolist():
            made.writestr(part, changed.get(part.filename) or archive.read(part))
    return out.getvalue()
