"""Word templates of packs: checked before they are kept, filled with text and nothing else.

A template may hold ``{{ field }}`` and, in a table, one row loop::

    {%tr for row in rows %}
    {{ row.name }} | {{ row.amount }}
    {%tr endfor %}

Fields, the loop and its columns are declared by the pack. Two readers must agree: ours,
which reads each paragraph's text and can say where, and jinja2's own tree of what will
really be run. Links to the outside, embedded objects and macros are taken out.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from docx import Document
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from zhibu.core import archives
from zhibu.documents.pages import mark_demo, plain

MOST_UNPACKED = 50 * 1024 * 1024
MOST_PARTS = 2000
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)

_NAME = r"[a-z][a-z0-9_]*"
_TAG = re.compile(r"\{[{%#].*?[}%#]\}|\{[{%#]")
_FIELD = re.compile(rf"\{{\{{ *({_NAME})(?:\.({_NAME}))? *\}}\}}")
_FOR = re.compile(rf"\{{%tr for ({_NAME}) in ({_NAME}) *%\}}")
_END = re.compile(r"\{%tr endfor *%\}")
_CODE = re.compile(
    r"\s*(PAGE|NUMPAGES|SECTIONPAGES|DATE|TOC|REF|PAGEREF|HYPERLINK)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a template may name: fields, and a loop over ``rows`` with its columns."""

    fields: frozenset[str]
    rows: str = ""
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fault:
    """Where in the template, what stands there, what to do."""

    place: str
    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}：{self.text}。{self.remedy}"


class TemplateRefused(ValueError):
    """The template holds what it may not; ``faults`` lists all of it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def faults(template: bytes, declared: Declared) -> list[Fault]:
    """Everything a template may not hold, in order of its parts."""
    try:
        parts = _parts(strip(template))
    except TemplateRefused as refused:
        return list(refused.faults)
    reader = _Reader(declared)
    for name in sorted(parts):
        reader.read(name, parts[name])
    if reader.faults:
        return reader.faults
    try:
        return list(_tree_faults(strip(template), declared))
    except archives.BROKEN:  # a relation that leads nowhere
        return [_NO_WORD]


def names(template: bytes) -> tuple[set[str], set[str]]:
    """The fields and the columns of rows that a template names.

    Raises:
        TemplateRefused: it is no Word file, is too large, or declares entities.
    """
    fields: set[str] = set()
    columns: set[str] = set()
    for root in _parts(strip(template)).values():
        for paragraph in root.iter(f"{W}p"):
            text = "".join(node.text or "" for node in paragraph.iter(f"{W}t"))
            for name, column in _FIELD.findall(text):
                (columns if column else fields).add(column or name)
    return fields, columns


def foreign(template: bytes) -> list[Fault]:
    """What runs in a template or leads out of it; ``strip`` would take it out, a pack may not
    bring it at all."""
    try:
        parts = _unpacked(template)
        roots = {
            name: _parsed(name, content)
            for name, content in sorted(parts.items())
            if name.endswith((".rels", "[Content_Types].xml"))
        }
    except TemplateRefused as refused:
        return list(refused.faults)
    found = [
        Fault(name, _what(name), "请用 Word 或 WPS 删去，另存为 .docx。")
        for name in sorted(parts)
        if _DROPPED.search(name)
    ]
    for name, root in roots.items():
        for node in root:
            if "macroEnabled" in node.get("ContentType", ""):
                found.append(Fault(name, "带宏的文件类型", "请另存为不带宏的 .docx。"))
            target, kind = node.get("Target", ""), node.get("Type", "").rpartition("/")[2]
            is_outside = node.get("TargetMode", "").lower() == "external"
            if kind == "aFChunk":
                found.append(Fault(name, f"嵌入的外部内容 {target}", "请把内容粘贴进来。"))
            elif is_outside or _OUTSIDE.match(target):
                what = "别处的模板" if kind == "attachedTemplate" else "指向外面的内容"
                found.append(Fault(name, f"{what} {target}", "请取消链接，另存一次。"))
    return found


_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|\\\\|//", re.IGNORECASE)


def _what(name: str) -> str:
    return "宏" if re.search(r"vba|toolbars", name, re.IGNORECASE) else "嵌入的对象或控件"


def render(
    template: bytes,
    declared: Declared,
    *,
    values: Mapping[str, str],
    rows: Sequence[Mapping[str, str]] = (),
) -> bytes:
    """The template filled in; values are text, whatever they look like.

    Raises:
        TemplateRefused: ``faults`` finds something.
        UndefinedError: a declared field is used and not given.
    """
    if found := faults(template, declared):
        raise TemplateRefused(found)
    document = DocxTemplate(BytesIO(strip(template)))
    context: dict[str, Any] = {name: plain(text) for name, text in values.items()}
    if declared.rows:
        context[declared.rows] = [
            SimpleNamespace(**{name: plain(text) for name, text in row.items()}) for row in rows
        ]
    document.render(context, _environment())
    out = BytesIO()
    document.save(out)
    return _demo_marked(out.getvalue()) if settings.IS_DEMO else out.getvalue()


def _demo_marked(content: bytes) -> bytes:
    document = Document(BytesIO(content))
    mark_demo(document)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


# --- reading


_RENDERED = {"document": "正文", "header": "页眉", "footer": "页脚"}
_OTHER = {
    "footnotes": "脚注",
    "endnotes": "尾注",
    "comments": "批注",
    "core": "文件属性",
    "app": "文件属性",
    "custom": "文件属性",
}


def _place(name: str) -> tuple[str, bool]:
    """What people call a part, and whether it is filled in."""
    stem = re.sub(r"\d*\.xml$", "", name.rpartition("/")[2])
    if name.startswith("word/") and stem in _RENDERED:
        return _RENDERED[stem], True
    return _OTHER.get(stem, name), False


@dataclass
class _Reader:
    """Reads every part's text and collects faults."""

    declared: Declared
    faults: list[Fault] = field(default_factory=list)
    loop: str = ""
    loops: int = 0

    def read(self, name: str, root: Any) -> None:
        place, is_rendered = _place(name)
        for number, paragraph in enumerate(root.iter(f"{W}p"), 1):
            self._paragraph(f"{place}第 {number} 段", paragraph, is_rendered)
        if self.loop:
            self._add(place, f"循环 {self.loop}", "没有 {%tr endfor %}，请补上。")
            self.loop = ""
        self._rest(place, root)

    def _add(self, place: str, text: str, remedy: str) -> None:
        self.faults.append(Fault(place, text, remedy))

    def _paragraph(self, place: str, paragraph: Any, is_rendered: bool) -> None:
        text = "".join(node.text or "" for node in paragraph.iter(f"{W}t"))
        for tag in _TAG.findall(text):
            if not is_rendered:
                self._add(place, tag, "这里不会填写，请把它移到正文、页眉或页脚。")
            else:
                self._tag(place, tag, paragraph)

    def _tag(self, place: str, tag: str, paragraph: Any) -> None:
        if match := _FIELD.fullmatch(tag):
            self._field(place, tag, match.group(1), match.group(2))
        elif match := _FOR.fullmatch(tag):
            self._begin(place, tag, match.group(1), match.group(2), paragraph)
        elif _END.fullmatch(tag):
            if not self.loop:
                self._add(place, tag, "前面没有 {%tr for … %}。")
            self._alone(place, tag, paragraph)
            self.loop = ""
        else:
            self._add(place, tag, "只能写 {{ 字段 }}，或表格里的一个 {%tr for 行 in 表 %}。")

    def _field(self, place: str, tag: str, name: str, column: str | None) -> None:
        if column is not None:
            if not self.loop or name != self.loop:
                self._add(place, tag, "带点的只能写在循环里，点前面是循环里的行。")
            elif column not in self.declared.columns:
                known = "、".join(sorted(self.declared.columns))
                self._add(place, tag, f"没有声明这一列，有的是：{known}。")
        elif name not in self.declared.fields:
            known = "、".join(sorted(self.declared.fields))
            self._add(place, tag, f"没有声明这个字段，有的是：{known}。")

    def _begin(self, place: str, tag: str, row: str, rows: str, paragraph: Any) -> None:
        self.loops += 1
        if not self.declared.rows or rows != self.declared.rows:
            self._add(place, tag, f"没有声明这个表，有的是：{self.declared.rows or '没有'}。")
        if self.loops > 1:
            self._add(place, tag, "只能有一个循环。")
        if row in self.declared.fields or row == rows:
            self._add(place, tag, "行的名字和别的字段重了，请换一个。")
        self._alone(place, tag, paragraph)
        self.loop = row

    def _alone(self, place: str, tag: str, paragraph: Any) -> None:
        """The row that holds a loop's tag vanishes, so nothing else may stand in it."""
        row = next(paragraph.iterancestors(f"{W}tr"), None)
        text = "".join(node.text or "" for node in row.iter(f"{W}t")) if row is not None else ""
        if row is None:
            self._add(place, tag, "循环要写在表格里，自己占一行。")
        elif text.strip() != tag:
            self._add(place, tag, "这一行填写后会去掉，不能有别的字。")

    def _rest(self, place: str, root: Any) -> None:
        """What does not show as text: attributes, field codes, foreign content."""
        for node in root.iter():
            if not isinstance(node.tag, str):
                continue
            texts = [*node.attrib.values()]
            if node.tag != f"{W}t":
                texts.append(node.text or "")
            for tag in (tag for text in texts for tag in _TAG.findall(text)):
                self._add(place, tag, "只能写在看得见的文字里。")
            if node.tag == f"{W}altChunk":
                self._add(place, "嵌入的外部内容", "请把内容粘贴进来。")
            code = node.get(f"{W}instr") if node.tag == f"{W}fldSimple" else None
            if node.tag == f"{W}instrText":
                code = node.text
            if code and code.strip() and not _CODE.match(code):
                self._add(
                    place, f"域代码 {code.strip()}", "只能用页码、日期、目录一类的域，请删去。"
                )


# --- jinja2's own tree


def _tree_faults(template: bytes, declared: Declared) -> Iterator[Fault]:
    """What jinja2 would run beyond fields and the loop, in every part docxtpl renders."""
    document = DocxTemplate(BytesIO(template))
    document.init_docx()
    sources = [("正文", document.get_xml())]
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        for _, part in document.get_headers_footers(uri):
            sources.append((_place(str(part.partname))[0], document.get_part_xml(part)))
    for place, source in sources:
        try:
            tree = _environment().parse(document.patch_xml(source))
        except TemplateSyntaxError as error:
            yield Fault(place, error.message or "", "写法不对，请照说明改。")
            continue
        loops = {_row_name(node, declared) for node in tree.find_all(nodes.For)} - {""}
        for node in _walk(tree):
            if not _is_allowed(node, declared, loops):
                yield Fault(place, type(node).__name__, "这种写法不能用。")


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _row_name(node: nodes.For, declared: Declared) -> str:
    """What the declared loop calls its row; "" for any other loop."""
    is_plain = (
        isinstance(node.iter, nodes.Name)
        and node.iter.name == declared.rows
        and not node.else_
        and node.test is None
        and not node.recursive
    )
    return node.target.name if is_plain and isinstance(node.target, nodes.Name) else ""


def _is_allowed(node: nodes.Node, declared: Declared, loops: set[str]) -> bool:
    if isinstance(node, nodes.For):
        return bool(_row_name(node, declared))
    if isinstance(node, nodes.Getattr):
        inner = node.node
        return (
            isinstance(inner, nodes.Name) and inner.name in loops and node.attr in declared.columns
        )
    if isinstance(node, nodes.Name):
        return node.name in declared.fields | loops | ({declared.rows} - {""})
    return isinstance(node, (nodes.Template, nodes.Output, nodes.TemplateData))


# --- stripping


def _parts(template: bytes) -> dict[str, Any]:
    """The XML parts of a Word file, parsed, without relations and content types.

    Raises:
        TemplateRefused: it is no Word file, is too large, or declares entities.
    """
    return {
        name: _parsed(name, content)
        for name, content in _unpacked(template).items()
        if re.match(r"(word|docProps)/[^_].*\.xml$", name)
    }


_NO_WORD = Fault("模板", "不是完好的 Word 文件", "请用 Word 或 WPS 另存为 .docx。")


def _unpacked(template: bytes) -> dict[str, bytes]:
    """Every part by its name.

    Raises:
        TemplateRefused: it is no Word file, or too large.
    """
    try:
        with zipfile.ZipFile(BytesIO(template)) as archive:
            infos = archive.infolist()
            size = sum(info.file_size for info in infos)
            too_large = len(infos) > MOST_PARTS or size > MOST_UNPACKED
            parts = {} if too_large else {info.filename: archive.read(info) for info in infos}
    except archives.BROKEN as error:
        raise TemplateRefused([_NO_WORD]) from error
    if too_large:
        raise TemplateRefused([Fault("模板", "解开后太大", "请删去大图再存。")])
    return parts


def _parsed(name: str, content: bytes) -> Any:
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise TemplateRefused([_NO_WORD]) from error
    if root.getroottree().docinfo.doctype:
        raise TemplateRefused([Fault(name, "文件内部有实体声明", "请用 Word 或 WPS 另存一次。")])
    return root


_DROPPED = re.compile(
    r"vbaProject|vbaData|/activeX/|/embeddings/|customUI|/ctrlProps/|attachedToolbars",
    re.IGNORECASE,
)


def strip(template: bytes) -> bytes:
    """The file without macros, embedded objects and anything outside it.

    The text of links stays; a picture or object that lay outside goes.

    Raises:
        TemplateRefused: it is no Word file, or too large.
    """
    parts = _unpacked(template)
    kept = {name: content for name, content in parts.items() if not _DROPPED.search(name)}
    if "word/document.xml" not in kept or "[Content_Types].xml" not in kept:
        raise TemplateRefused([_NO_WORD])
    try:
        for name in [name for name in kept if name.endswith(".rels")]:
            _cut(kept, name)
        kept["[Content_Types].xml"] = _types(kept["[Content_Types].xml"])
    except KeyError as error:
        raise TemplateRefused([_NO_WORD]) from error
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in kept.items():
            made.writestr(name, content)
    return out.getvalue()


def _types(content: bytes) -> bytes:
    """Content types without macros: the main part is a plain document."""
    root = _parsed("[Content_Types].xml", content)
    for node in list(root):
        kind = node.get("ContentType", "")
        if _DROPPED.search(node.get("PartName", "")):
            root.remove(node)
        elif kind.endswith(("macroEnabled.main+xml", "template.main+xml")):
            node.set(
                "ContentType",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            )
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _cut(kept: dict[str, bytes], relations: str) -> None:
    """Remove relations that lead outside or to a dropped part, and what pointed at them."""
    root = _parsed(relations, kept[relations])
    gone = set()
    for node in list(root):
        is_outside = node.get("TargetMode", "").lower() == "external"
        if is_outside or _DROPPED.search("/" + node.get("Target", "")):
            gone.add(node.get("Id"))
            root.remove(node)
    if not gone:
        return
    kept[relations] = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    owner = relations.replace("_rels/", "").removesuffix(".rels")
    if owner in kept:
        part = _parsed(owner, kept[owner])
        for node in [n for n in part.iter() if isinstance(n.tag, str)]:
            if any(name.startswith(R) and value in gone for name, value in node.attrib.items()):
                _unlink(node)
        kept[owner] = etree.tostring(part, encoding="UTF-8", xml_declaration=True)


def _unlink(node: Any) -> None:
    """Leave a link's text; take a picture or object out whole."""
    parent = node.getparent()
    if node.tag == f"{W}hyperlink":
        for child in list(node):
            node.addprevious(child)
    else:
        wholes = list(node.iterancestors(f"{W}drawing", f"{W}pict", f"{W}object"))
        node = wholes[-1] if wholes else node
        parent = node.getparent()
    if parent is not None:
        parent.remove(node)
