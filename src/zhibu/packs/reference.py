"""``docs/packs.md``: ``reference.md`` with its tables filled from the schema.

``python -m django pack_reference > docs/packs.md``; a test compares the two, so that the
page cannot fall behind the code.
"""

import re
import types
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from django.apps import apps
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from zhibu.accounts import roles
from zhibu.core import beside, effects, facts, fields, measures, predicates
from zhibu.core.fields import FieldSpec
from zhibu.core.predicates import Condition, Test
from zhibu.packs import library, meaning
from zhibu.packs.schema import KIND_WORDS, KINDS
from zhibu.packs.schema.base import (
    Cite,
    Days,
    Meta,
    PackId,
    PracticeId,
    Reference,
    ShareText,
    Slug,
    Source,
    Term,
)
from zhibu.packs.schema.examples import Example
from zhibu.packs.schema.papers import Template

TEMPLATE = Path(__file__).parent / "reference.md"
_MARK = re.compile(r"<!-- (\w+) ?(.*) -->")
_NAMED: list[tuple[Any, str]] = [
    (Slug, "编号"),
    (PackId, "包编号"),
    (Reference, "引用"),
    (PracticeId, "实践编号"),
    (Days, "时长"),
    (ShareText, "比例"),
    (Test, "条件里的一项"),
    (Condition, "条件"),
    (Cite, "依据"),
    (FieldSpec, "字段"),
    (str, "文字"),
    (int, "整数"),
    (bool, "`true` 或 `false`"),
    (date, "日期"),
    (Decimal, "数"),
]
_FILLED = (int, str, bool, date, Decimal)
_APART = (Cite, Condition, Test, FieldSpec)  # have a heading of their own
_DIRECTIONS = {"up": "只能加多", "down": "只能缩短"}
_SUBJECTS = {
    "organization": "组织", "party-group": "党小组", "person": "人", "post": "职务",
    "case": "一件事",
}  # fmt: skip


def text() -> str:
    """The whole page. Areas must have registered: Django is set up."""
    lines: list[str] = []
    for line in TEMPLATE.read_text("utf-8").splitlines():
        mark = _MARK.fullmatch(line)
        lines += _FILLS[mark[1]](mark[2]) if mark else [line]
    return "\n".join(lines).strip() + "\n"


def _file(named: str) -> Iterator[str]:
    pack_id, name = named.split()
    yield f"`{pack_id}/{name}`"
    yield ""
    yield "```toml"
    yield from library.shipped()[pack_id].files[name].strip().splitlines()
    yield "```"


def _kinds(named: str) -> Iterator[str]:
    yield "| 文件夹 | 是什么 | 由哪里办 |"
    yield "| --- | --- | --- |"
    for kind in KINDS:
        yield f"| `{kind}/` | {KIND_WORDS[kind]} | `{meaning.owner(kind)}` |"
    for kind, part in KINDS.items():
        yield ""
        yield f"### {KIND_WORDS[kind]}：`{kind}/编号/开始施行日.toml`"
        yield ""
        yield from _table(part, "", {part})


def _fields(named: str) -> Iterator[str]:
    known = (Meta, Source, Term, Cite, Condition, FieldSpec, Example, Template)
    part = next(model for model in known if model.__name__ == named)
    yield from _table(part, "", {part})


def _predicates(named: str) -> Iterator[str]:
    yield "| 条件 | 说的是 | 意思 | 参数 |"
    yield "| --- | --- | --- | --- |"
    for name in predicates.names():
        known = predicates.get(name)
        yield f"| `{name}` | {_SUBJECTS[known.subject]} | {known.title} | {_params(known.params)} |"


def _is_ours(known: effects.Effect) -> bool:
    """Not one that somebody tries out beside the platform."""
    return known.run.__module__.startswith("zhibu.")


def _effects(named: str) -> Iterator[str]:
    """Effects whose parameters a pack can fill; others are called by the program alone."""
    yield "| 作用 | 意思 | 参数 |"
    yield "| --- | --- | --- |"
    for name in (one for one in effects.for_packs() if _is_ours(effects.get(one))):
        known = effects.get(name)
        hints = get_type_hints(known.params, include_extras=True)
        is_inner = name.startswith("duties.refresh")
        if known.columns is not None:
            hints.pop("columns")
        if not is_inner and all(_is_filled(hint) for hint in hints.values()):
            more = "；各栏写在 `columns`、`column_constants`" if known.columns else ""
            yield f"| `{name}` | {known.title} | {_params(known.params, hints)}{more} |"


def _is_filled(hint: Any) -> bool:
    """Whether a pack can fill such a parameter, or leave it out."""
    return all(one in _FILLED for one in get_args(hint) or [hint] if one is not type(None))


def _facts(named: str) -> Iterator[str]:
    yield "| 日期 | 说的是 | 意思 |"
    yield "| --- | --- | --- |"
    for name in facts.names():
        known = facts.get(name)
        yield f"| `{name}` | {_SUBJECTS[known.subject]} | {known.title} |"


def _places(named: str) -> Iterator[str]:
    yield "| 栏 | 页面上写的 |"
    yield "| --- | --- |"
    for name, label in beside.fields().items():
        yield f"| `{name}` | {label} |"


def _types(named: str) -> Iterator[str]:
    yield f"字段的类型：{'、'.join(f'`{name}`' for name in fields.names())}。"


def _words(named: str) -> Iterator[str]:
    model: Any = apps.get_model("organizations", "Organization")
    for label, name in (("组织类别", "kind"), ("领域", "field")):
        values = model._meta.get_field(name).choices
        yield f"- {label}：{'、'.join(f'`{value}` {title}' for value, title in values)}。"
    offices = [role for role in roles.catalogue().values() if role.reach != "everywhere"]
    yield f"- 角色：{'、'.join(f'`{role.id}` {role.title}' for role in offices)}。"
    for name in measures.names():
        measure = measures.get(name)
        explained = measure.explanation.partition("\n")[0]
        yield f"- 指标 `{name}`（{measure.title}，{measure.unit}）：{explained}"


_FILLS: dict[str, Callable[[str], Iterator[str]]] = {
    "file": _file,
    "kinds": _kinds,
    "fields": _fields,
    "predicates": _predicates,
    "effects": _effects,
    "facts": _facts,
    "places": _places,
    "types": _types,
    "words": _words,
}


# --- one table a model, then one a model inside it


def _table(part: type[BaseModel], place: str, seen: set[type]) -> Iterator[str]:
    if place:
        yield ""
        yield f"#### {place}"
        yield ""
    yield "| 键 | 写什么 | 不写时 | 说明 | 下级加严 |"
    yield "| --- | --- | --- | --- | --- |"
    hints = get_type_hints(part, include_extras=True)
    inner: dict[type[BaseModel], list[str]] = {}
    for name, info in part.model_fields.items():
        words = _type(hints[name])
        yield f"| `{name}` | {words} | {_default(info)} | {_about(info)} | {_tightened(info)} |"
        for found in _parts(hints[name]):
            inner.setdefault(found, []).append(name)
    before = place.strip("`").split("`、`")[0]
    for found, names in inner.items():
        if found not in seen and found not in _APART:
            seen.add(found)
            places = [f"`{before}.{name}`" if before else f"`{name}`" for name in names]
            yield from _table(found, "、".join(places), seen)


def _type(hint: Any) -> str:
    for known, words in _NAMED:
        if hint is known or hint == known:
            return words
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "、".join(f"`{value}`" for value in inside)
    if origin is list:
        return f"列表：{_type(inside[0])}"
    if origin in (Union, types.UnionType):
        return "或".join(_type(value) for value in inside if value is not type(None))
    if origin is Annotated:
        return _type(inside[0])
    return "表"


def _parts(hint: Any) -> list[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return [hint]
    return [part for inside in get_args(hint) for part in _parts(inside)]


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "必写"
    value = info.default
    if value in (None, "", []) or isinstance(value, BaseModel):
        return "空"
    if isinstance(value, list):
        return "、".join(f"`{one}`" for one in value)
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


def _about(info: FieldInfo) -> str:
    bounds = []
    for rule in info.metadata:
        least, most = getattr(rule, "ge", None), getattr(rule, "le", None)
        longest = getattr(rule, "max_length", None)
        bounds += [f"不小于 {least}"] if least is not None else []
        bounds += [f"不大于 {most}"] if most is not None else []
        bounds += [f"最多 {longest} 个字"] if longest is not None and info.annotation is str else []
    return "；".join([(info.description or "").replace("|", "\\|"), *bounds])


def _tightened(info: FieldInfo) -> str:
    extra = info.json_schema_extra
    if not isinstance(extra, dict):
        return ""
    if extra.get("limit") is False:
        return "不算限度"
    return _DIRECTIONS.get(str(extra.get("tighten")), "")


def _params(params: type[BaseModel], only: Iterable[str] | None = None) -> str:
    hints = get_type_hints(params, include_extras=True)
    names = params.model_fields if only is None else only
    return "，".join(f"`{name}` {_type(hints[name])}" for name in names) or "没有"
