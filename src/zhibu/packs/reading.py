"""Reading a pack: a folder of files, or the same files from the database, into one object.

Pure: no database, no clock. Every fault of every file is reported at once, each with
file, place, what is wrong and what to do.
"""

import binascii
import re
import tomllib
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from zhibu.core import archives, shapes
from zhibu.packs.schema import KINDS
from zhibu.packs.schema.base import SLUG, Cite, Item, Meta, Source, Term
from zhibu.packs.schema.examples import Example
from zhibu.packs.schema.papers import Template

P = TypeVar("P", bound=BaseModel)

TEMPLATES = "templates"
PLAIN = ("pack.toml", "sources.toml", "terms.toml", "CHANGES.md")
LONGEST_FILE = 200_000
MOST_FILES = 2_000
WORD = ".docx"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.toml")
_SLUG = re.compile(SLUG)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a pack: where, what, and what to do about it."""

    file: str
    place: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}：{self.place}" if self.place else self.file
        return f"{where}：{self.message}。{self.remedy}"


@dataclass(frozen=True, slots=True)
class Wording:
    """An item as worded from a day on; ``raw`` is the file as written."""

    kind: str
    id: str
    since: date
    item: Item
    raw: Mapping[str, Any]
    file: str


@dataclass(frozen=True)
class Pack:
    """A read pack. ``items`` maps (kind, id) to its wordings, oldest first.

    ``templates`` are those written as text; ``word_templates`` those made in Word, as bytes.
    """

    meta: Meta
    digest: str
    files: Mapping[str, str]
    sources: Mapping[str, Source]
    terms: Mapping[str, Term]
    items: Mapping[tuple[str, str], tuple[Wording, ...]]
    examples: Mapping[str, Example]
    changes: str = ""
    templates: Mapping[str, Template] = field(default_factory=dict)
    word_templates: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.meta.id

    def wordings(self, kind: str) -> list[tuple[Wording, ...]]:
        return [found for (k, _), found in sorted(self.items.items()) if k == kind]

    def wording_on(self, kind: str, item_id: str, day: date) -> Wording | None:
        """The wording in force on ``day``; None before the first."""
        found = [w for w in self.items.get((kind, item_id), ()) if w.since <= day]
        return found[-1] if found else None

    def cited(self, wording: Wording) -> str:
        """支部工作条例 第十一条; the first citation of the item, as a page writes it."""
        return self.citation(wording.item.cites[0])

    def citation(self, cite: Cite) -> str:
        """支部工作条例 第二十条（条款号待核）; the mark where the number was not seen."""
        named = " ".join(filter(None, [self.sources[cite.source].short, cite.at]))
        return f"{named}（{cite.mark}）" if cite.mark else named


@dataclass
class _Reader:
    files: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, file: str, place: str, message: str, remedy: str) -> None:
        self.faults.append(Fault(file, place, message, remedy))

    def table(self, name: str) -> dict[str, Any] | None:
        try:
            return tomllib.loads(self.files[name])
        except tomllib.TOMLDecodeError as error:
            self.fault(name, "", f"不是正确的 TOML：{error}", "照 docs/packs.md 的样子改")
        except (ValueError, RecursionError):  # a number of 5,000 digits, 1,000 brackets
            self.fault(name, "", "不是正确的 TOML：数太大或括号太多", "照 docs/packs.md 的样子改")
        return None

    def part(self, name: str, part: type[P], raw: Any, place: str = "") -> P | None:
        try:
            return part.model_validate(raw)
        except ValidationError as error:
            for fault in error.errors():
                where = ".".join(filter(None, [place, shapes.place(fault)]))
                self.fault(name, where, shapes.message(fault), _remedy(fault, part))
            return None


_SLUG_REMEDY = "用小写字母、数字和短横，例如 general-meeting"


def _remedy(fault: Any, part: type[BaseModel]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return f"可用的键见 docs/packs.md 的 {part.__name__}；也可能写在了上一个 [[表]] 后面"
    if kind == "literal_error":
        return f"可用的有 {shapes.choices(fault)}"
    if kind == "string_pattern_mismatch":
        return f"{_SLUG_REMEDY}；引用写成 出版者/包:条目"
    if kind == "missing":
        return "补上，写法见 docs/packs.md"
    if kind in {"greater_than_equal", "less_than_equal"}:
        return f"{'不小于' if 'ge' in context else '不大于'} {context.get('ge', context.get('le'))}"
    if kind == "string_too_long":
        return f"最多 {context.get('max_length')} 个字"
    return "照 docs/packs.md 改"


def files_of(folder: Path) -> dict[str, str]:
    """Every file below ``folder`` as text, by its path inside the pack.

    A template made in Word, the only file that is no text, stands there in base64.

    Raises:
        ValueError: too many or too large files, or one that is not UTF-8 text.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.name.startswith("."):
            continue
        name = path.relative_to(folder).as_posix()
        if len(found) >= MOST_FILES or path.stat().st_size > LONGEST_FILE:
            raise ValueError(f"{name}：文件太多或太大（一个文件不超过 {LONGEST_FILE} 字节）")
        try:
            name.encode()
            found[name] = _text_of(name, path.read_bytes())
        except UnicodeError as error:
            raise ValueError(f"{name!r}：文件名或内容不是 UTF-8 文本") from error
    return found


def files_of_zip(content: bytes) -> dict[str, str]:
    """The same from a zip of the folder, or of what is in it. Nothing is written anywhere.

    Raises:
        ValueError: no zip, too many or too large files, or one that is not UTF-8 text.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        entries = [e for e in archive.infolist() if not e.is_dir() and not _is_hidden(e.filename)]
        too_large = len(entries) > MOST_FILES or any(e.file_size > LONGEST_FILE for e in entries)
        read = {} if too_large else {entry.filename: archive.read(entry) for entry in entries}
    except archives.BROKEN as error:
        raise ValueError("不是能打开的 zip 文件，请把制度包的文件夹压缩成 zip 再传") from error
    if too_large:
        raise ValueError(f"文件太多或太大（一个文件不超过 {LONGEST_FILE} 字节）")
    try:
        found = {name: _text_of(name, content) for name, content in read.items()}
    except UnicodeDecodeError as error:
        raise ValueError("有文件不是 UTF-8 文本，请另存为 UTF-8 再压缩") from error
    return _without_folder(found)


def _text_of(name: str, content: bytes) -> str:
    if name.endswith(WORD) and f"/{name}".rpartition("/")[0].endswith("/templates"):
        return b64encode(content).decode()
    return content.decode("utf-8")


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _without_folder(files: dict[str, str]) -> dict[str, str]:
    """Names from ``pack.toml`` on: without the folder that was packed, where there is one."""
    heads = [name for name in files if name.rsplit("/", 1)[-1] == "pack.toml"]
    folder = min(heads, key=len).removesuffix("pack.toml") if heads else ""
    inside = {name.removeprefix(folder): text for name, text in files.items()}
    return inside if all(name.startswith(folder) for name in files) else files


def digest_of(files: Mapping[str, str]) -> str:
    """Digest of all files: names and texts, in order of name."""
    total = sha256()
    for name in sorted(files):
        for text in (name, files[name]):
            raw = text.encode()
            total.update(len(raw).to_bytes(8, "big") + raw)
    return total.hexdigest()


def read(files: Mapping[str, str]) -> tuple[Pack | None, list[Fault]]:
    """Read a pack; None where its own head cannot be read. Faults are all there are."""
    reader = _Reader(files)
    meta = _read_meta(reader)
    sources = _read_named(reader, "sources.toml", "source", Source)
    terms = _read_named(reader, "terms.toml", "term", Term)
    items: dict[tuple[str, str], list[Wording]] = {}
    examples: dict[str, Example] = {}
    templates: dict[str, Template] = {}
    word_templates: dict[str, bytes] = {}
    for name in sorted(files):
        parts = name.split("/")
        if name in PLAIN:
            continue
        if len(parts) == 3 and parts[0] in KINDS and name.endswith(".toml"):
            wording = _read_item(reader, name, parts)
            if wording:
                items.setdefault((wording.kind, wording.id), []).append(wording)
        elif len(parts) == 2 and parts[0] == "examples" and name.endswith(".toml"):
            raw = reader.table(name)
            example = reader.part(name, Example, raw) if raw is not None else None
            if example:
                examples[parts[1].removesuffix(".toml")] = example
        elif len(parts) == 2 and parts[0] == TEMPLATES and name.endswith((".toml", WORD)):
            _read_template(reader, name, templates, word_templates)
        else:
            _unknown_file(reader, name, parts)
    if meta is None:
        return None, reader.faults
    pack = Pack(
        meta=meta,
        digest=digest_of(files),
        files=dict(files),
        sources=sources,
        terms=terms,
        items={key: tuple(sorted(ws, key=lambda w: w.since)) for key, ws in items.items()},
        examples=examples,
        changes=files.get("CHANGES.md", ""),
        templates=templates,
        word_templates=word_templates,
    )
    return pack, reader.faults


def _read_template(
    reader: _Reader, name: str, templates: dict[str, Template], word_templates: dict[str, bytes]
) -> None:
    """One template; two of one name, or a name nothing can point at, is a fault."""
    id_, _, ending = name.removeprefix(f"{TEMPLATES}/").rpartition(".")
    if not _SLUG.fullmatch(id_):
        reader.fault(name, "", f"文件名 {id_} 不能作编号", _SLUG_REMEDY)
    if id_ in templates or id_ in word_templates:
        reader.fault(name, "", f"模板 {id_} 有两份", "留一份，文字的或者 Word 的")
    if ending == "toml":
        raw = reader.table(name)
        template = reader.part(name, Template, raw) if raw is not None else None
        if template:
            templates[id_] = template
        return
    try:
        word_templates[id_] = b64decode(reader.files[name], validate=True)
    except (binascii.Error, ValueError):
        reader.fault(name, "", "不是完好的 Word 文件", "请用 Word 或 WPS 另存为 .docx")


def _read_meta(reader: _Reader) -> Meta | None:
    if "pack.toml" not in reader.files:
        reader.fault("pack.toml", "", "没有这个文件", "每个制度包都要有 pack.toml")
        return None
    raw = reader.table("pack.toml")
    return reader.part("pack.toml", Meta, raw) if raw is not None else None


def _read_named(reader: _Reader, name: str, table: str, part: type[P]) -> dict[str, P]:
    if name not in reader.files:
        if name == "sources.toml":
            reader.fault(name, "", "没有这个文件", "依据的文件要列在 sources.toml")
        return {}
    raw = reader.table(name) or {}
    listed = raw.pop(table, {})
    for key in raw:
        reader.fault(name, key, "没有这个表", f"写成 [{table}.编号]")
    if not isinstance(listed, dict):
        reader.fault(name, table, "要写成表", f"写成 [{table}.编号]")
        return {}
    found = {}
    for key, value in listed.items():
        if not _SLUG.fullmatch(key):
            reader.fault(name, f"{table}.{key}", "编号写法不对", _SLUG_REMEDY)
        read_part = reader.part(name, part, value, f"{table}.{key}")
        if read_part:
            found[key] = read_part
    return found


def _read_item(reader: _Reader, name: str, parts: list[str]) -> Wording | None:
    kind, item_id, file = parts
    if not _SLUG.fullmatch(item_id):
        reader.fault(name, "", f"文件夹名 {item_id} 不能作编号", _SLUG_REMEDY)
    since = _day_of(file)
    if since is None:
        reader.fault(name, "", "文件名不是日期", "用开始施行的那天命名，例如 2018-10-28.toml")
        return None
    raw = reader.table(name)
    if raw is None:
        return None
    item = reader.part(name, KINDS[kind], raw)
    return Wording(kind, item_id, since, item, raw, name) if item else None


def _day_of(file: str) -> date | None:
    if not _DAY.fullmatch(file):
        return None
    try:
        return date.fromisoformat(file.removesuffix(".toml"))
    except ValueError:
        return None


def _unknown_file(reader: _Reader, name: str, parts: list[str]) -> None:
    if parts[0] in KINDS:
        remedy = f"放成 {parts[0]}/编号/开始施行日.toml"
    else:
        known = "、".join([*sorted(KINDS), "examples", TEMPLATES])
        remedy = f"可用的文件夹有 {known}，检查有没有拼错"
    reader.fault(name, "", "不认识的文件", remedy)
