"""What the pages of an import show: faults by kind, what stayed after an undo."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zhibu.accounts.models import User
from zhibu.imports import storage, targets, undoing
from zhibu.imports.checking import Preview
from zhibu.imports.models import Batch

SHOWN = 3
KEPT_SHOWN = 100
KEPT_FAULTS = 1000
KINDS = ("errors", "held_back", "warnings")
_FILE = {
    "file_too_large": "文件太大",
    "file_empty": "文件是空的",
    "file_too_slow": "文件读得太久",
    "file_exhausting": "表格太大",
    "file_locked": "文件加了密码",
    "file_old_format": "格式太老",
    "file_damaged": "文件坏了",
    "file_not_a_table": "不是表格",
    "file_with_macros": "文件带有宏",
    "text_gb18030": "CSV 的编码",
    "no_headings": "没有认出标题",
    "hidden_rows": "有隐藏的行",
    "same_file": "导入过的文件",
}


def title_of(code: str) -> str:
    """What a kind of fault is called; its code where nobody named it."""
    if code in _FILE:
        return _FILE[code]
    for target in reversed(targets.every()):
        named = targets.vocabulary(target).values.get("codes", {})
        if code in named:
            return str(named[code])
    return code


def preview_of(batch: Batch) -> dict[str, Any] | None:
    """The stored preview, see ``keep_preview``; None where it is gone."""
    content = storage.get(batch, "preview")
    if content is None:
        return None
    found: dict[str, Any] = json.loads(content)
    return found


def read_in_words(preview: dict[str, Any]) -> str:
    """组织 4 行，党员 20 行: what there was of each kind, all kinds where there was none."""
    counts = {t.name: int(preview[t.name]) for t in targets.every() if t.name in preview}
    return in_words(counts, " 行")


def made_in_words(batch: Batch) -> str:
    """组织 4，党员 20: what came in of each kind."""
    return in_words(batch.counts.get("made", {}))


def in_words(counts: Mapping[str, int], unit: str = "") -> str:
    """Numbers by a target's name, in order; all kinds where there is nothing of any."""
    known = targets.every() if counts else targets.in_order()
    found = {
        target.title: counts.get(target.name, 0)
        for target in known
        if target.name in counts or not counts
    }
    said = {title: count for title, count in found.items() if count} or found
    return "，".join(f"{title} {count}{unit}" for title, count in said.items())


def keep_preview(batch: Batch, preview: Preview) -> None:
    """Store what the pages show: of each kind of fault the first ``KEPT_FAULTS``, and all
    counts. A whole county may draw the same remark on every row."""
    found = preview.as_json()
    found["counts"] = {}
    for kind in KINDS:
        counts: Counter[str] = Counter()
        kept = []
        for fault in found[kind]:
            counts[fault["code"]] += 1
            if counts[fault["code"]] <= KEPT_FAULTS:
                kept.append(fault)
        found[kind], found["counts"][kind] = kept, dict(counts)
    storage.put(batch, "preview", json.dumps(found, ensure_ascii=False).encode())


@dataclass(slots=True)
class FaultKind:
    """Faults of one code: how many in all, and the first few."""

    code: str
    title: str
    count: int
    first: list[dict[str, Any]] = field(default_factory=list)


def fault_kinds(preview: dict[str, Any], kind: str) -> list[FaultKind]:
    """Faults of a stored preview grouped by code, the most frequent first."""
    found = {
        code: FaultKind(code, title_of(code), count)
        for code, count in preview["counts"][kind].items()
    }
    for fault in preview[kind]:
        grouped = found[fault["code"]]
        if len(grouped.first) < SHOWN:
            grouped.first.append(fault)
    return sorted(found.values(), key=lambda grouped: -grouped.count)


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What an undo left standing, named, and why."""

    title: str
    name: str
    url: str
    why: str


def kept_rows(batch: Batch) -> list[KeptRow]:
    """The first of what an undo left standing; a query a kind."""
    kept: list[list[Any]] = batch.report.get("kept", [])[:KEPT_SHOWN]
    found = []
    for made in reversed(targets.makes()):
        name = undoing.type_of(made)
        mine = [(pk, why) for type_, pk, why in kept if type_ == name]
        named = made.named([pk for pk, _ in mine]) if mine else {}
        found += [KeptRow(made.title, *named[pk], why) for pk, why in mine if pk in named]
    return found


def names_of(batches: Sequence[Batch]) -> dict[int, str]:
    """Who brought each batch in, by user number. One query."""
    ids = {batch.by_id for batch in batches}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "display_name"))
