"""Every number, share and duration of a pack, and whether worked examples show both sides."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from zhibu.packs.reading import Fault, Pack, Wording

_SHARE = re.compile(r"\d+/\d+")
_DURATION = re.compile(r"P(?=[\dT])[\dYMWDTH]+")


@dataclass(frozen=True, slots=True)
class Limit:
    """A value somebody could be on either side of."""

    item: str
    field: str
    value: str
    file: str


def limits(pack: Pack) -> list[Limit]:
    """All limits in order of item and field; the latest wording of each item."""
    found = []
    for _, wordings in sorted(pack.items.items()):
        latest = wordings[-1]
        found += list(_walk(latest, latest.raw, type(latest.item), ""))
    return found


def _walk(wording: Wording, raw: Any, model: Any, place: str) -> Iterator[Limit]:
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            extra, inner = _declared(model, key)
            if not extra.get("limit", True):
                continue
            yield from _walk(wording, value, inner, f"{place}.{key}" if place else key)
    elif isinstance(raw, list):
        for index, value in enumerate(raw):
            yield from _walk(wording, value, model, f"{place}[{index}]")
    elif _is_limit(raw):
        yield Limit(f"{wording.kind}/{wording.id}", place, str(raw), wording.file)


def _is_limit(raw: Any) -> bool:
    if isinstance(raw, bool):
        return False
    if isinstance(raw, (int, float)):
        return True
    return isinstance(raw, str) and bool(_SHARE.fullmatch(raw) or _DURATION.fullmatch(raw))


def _declared(model: Any, key: str) -> tuple[Mapping[str, Any], Any]:
    """What the schema says of ``key``: its extras, and the model inside, if there is one."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return {}, None
    info = model.model_fields.get(key)
    if info is None:
        return {}, None
    extra = info.json_schema_extra
    return (extra if isinstance(extra, dict) else {}), _model_in(info.annotation)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def faults(pack: Pack) -> list[Fault]:
    """Limits without an example at them or beyond them, and covers that name no limit."""
    known = {(limit.item, limit.field): limit for limit in limits(pack)}
    shown = set()
    found = []
    for example_id, example in sorted(pack.examples.items()):
        for cover in example.covers:
            if (cover.item, cover.field) not in known:
                found.append(
                    Fault(
                        f"examples/{example_id}.toml",
                        f"covers {cover.item} {cover.field}",
                        "没有这个限度",
                        "字段照条目文件里的写法，例如 times、when.all[0].count",
                    )
                )
            shown.add((cover.item, cover.field, cover.side))
    words = {"at": "刚好", "beyond": "超出"}
    for (item, name), limit in sorted(known.items()):
        missing = [words[side] for side in ("at", "beyond") if (item, name, side) not in shown]
        if missing:
            found.append(
                Fault(
                    limit.file,
                    name,
                    f"限度 {limit.value} 没有例子说明{'和'.join(missing)}的情形",
                    "在 examples/ 里写例子，用 covers 指明",
                )
            )
    return found
