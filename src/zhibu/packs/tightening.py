"""Making a field of an item stricter: which may be, in which direction, and what comes out.

Pure. Who asks for it, and below whom it holds, is for ``adoptions`` and ``duties``.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from zhibu.core import shapes
from zhibu.core.dates import Duration
from zhibu.packs.reading import Wording
from zhibu.packs.schema.base import Item
from zhibu.packs.schema.tightenings import Tighten

Direction = Literal["up", "down"]
I = TypeVar("I", bound=BaseModel)  # noqa: E741 - an item or a part of one
_ANY_DAY = datetime(2001, 1, 1, tzinfo=UTC)  # durations are compared from the same day


@dataclass(frozen=True, slots=True)
class Asked:
    """A tightening that reaches an organisation; ``is_guided``: along the second line."""

    tighten: Tighten
    is_guided: bool = False


def fields_of(model: type[BaseModel], place: str = "") -> dict[str, Direction]:
    """Every field of ``model`` that may be tightened, by its place, with the direction.

    Parts in lists have a place only in an item that is written: see ``places_of``.
    """
    found: dict[str, Direction] = {}
    for name, info in model.model_fields.items():
        here = f"{place}.{name}" if place else name
        if direction := _direction(info):
            found[here] = direction
        inner = _part_of(info.annotation)
        if inner is not None:
            found |= fields_of(inner, here)
    return found


def places_of(item: BaseModel, place: str = "") -> dict[str, Direction]:
    """The same for one item as it is written, its lists too: a part of a list is called by its
    ``id``, or by what it counts from: ``stages.activist.waits.apply.at_least``; by its number
    where it has neither: ``stages.activist.limits.1.within``."""
    found: dict[str, Direction] = {}
    for name, info in type(item).model_fields.items():
        here = f"{place}.{name}" if place else name
        if direction := _direction(info):
            found[here] = direction
        value = getattr(item, name)
        inner = _part_of(info.annotation)
        if isinstance(value, BaseModel):
            found |= places_of(value, here)
        elif inner is not None:
            found |= fields_of(inner, here)
        elif isinstance(value, list):
            for key, one in zip(keys_of(value), value, strict=True):
                if isinstance(one, BaseModel):
                    found |= places_of(one, f"{here}.{key}")
    return found


def _direction(info: Any) -> Direction | None:
    extra = info.json_schema_extra
    if not (isinstance(extra, dict) and "tighten" in extra):
        return None
    return "up" if extra["tighten"] == "up" else "down"


def keys_of(parts: list[Any]) -> list[str]:
    """What each part of a list is called by, no two alike: a second wait after ``apply`` is
    ``apply-2``."""
    found: list[str] = []
    for number, part in enumerate(parts, 1):
        given = dict(part) if isinstance(part, BaseModel | dict) else {}
        own = given.get("id") or given.get("after") or given.get("after_field")
        key = str(own or number)
        found.append(f"{key}-{number}" if key in found else key)
    return found


def _part_of(annotation: Any) -> type[BaseModel] | None:
    """The model behind ``Part`` or ``Part | None``; lists of parts have no single place."""
    options = [annotation, *(get_args(annotation) if type(None) in get_args(annotation) else ())]
    for one in options:
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def value_at(item: BaseModel, field: str) -> Any:
    """The value at ``after.within``; None where a part on the way is not there."""
    found: Any = item
    for name in field.split("."):
        found = _inside(found, name)
    return found


def _inside(found: Any, name: str) -> Any:
    if isinstance(found, list):
        return dict(zip(keys_of(found), found, strict=True)).get(name)
    return getattr(found, name, None)


def weight(value: int | str) -> Any:
    """What makes two values of one field comparable."""
    if isinstance(value, int):
        return value
    return Fraction(value) if "/" in value else Duration.parse(value).after(_ANY_DAY)


def is_stricter(direction: Direction, value: int | str, base: int | str) -> bool:
    if direction == "up":
        return bool(weight(value) > weight(base))
    return bool(weight(value) < weight(base))


def tightened(item: I, asked: Iterable[Asked]) -> I:
    """``item`` with every field as strict as was asked for.

    Where the lead line says something of a field, the guided line is not heard; of one
    line the strictest holds; what is no stricter than the item itself changes nothing.
    """
    by_field: dict[str, list[Asked]] = {}
    for one in asked:
        by_field.setdefault(one.tighten.field, []).append(one)
    directions = places_of(item) if by_field else {}
    for field, wanted in by_field.items():
        lead = [one for one in wanted if not one.is_guided]
        for one in lead or wanted:
            base = value_at(item, field)
            if base is not None and is_stricter(directions[field], one.tighten.value, base):
                item = _with(item, field, one.tighten.value)
    return item


def _with(item: I, field: str, value: int | str) -> I:
    name, _, rest = field.partition(".")
    there = getattr(item, name)
    new: Any = value
    if rest and isinstance(there, list):
        key, _, inner = rest.partition(".")
        new = [
            _with(one, inner, value) if called == key else one
            for called, one in zip(keys_of(there), there, strict=True)
        ]
    elif rest:
        new = _with(there, rest, value)
    return item.model_copy(update={name: new})


def problems(tighten: Tighten, base: Wording) -> str:
    """What is wrong with tightening ``base`` so; "" where nothing is."""
    directions = places_of(base.item)
    field, value = tighten.field, tighten.value
    if field not in directions:
        known = "、".join(sorted(directions)) or "没有"
        return f"{field} 不能收紧，可以收紧的有 {known}"
    there = value_at(base.item, field)
    if there is None:
        return f"{tighten.item} 没有写 {field}，没有可以收紧的"
    fault = _shape_fault(base, field, value)
    if fault:
        return fault
    if not is_stricter(directions[field], value, there):
        way = "大于" if directions[field] == "up" else "小于"
        return f"{field} 要比原来严：原来 {there}，要{way}它，这里是 {value}"
    return ""


def _shape_fault(base: Wording, field: str, value: int | str) -> str:
    """Whether the item could be written with this value."""
    raw = deepcopy(dict(base.raw))
    *above, last = field.split(".")
    part: Any = raw
    for name in above:
        if isinstance(part, list):
            part = dict(zip(keys_of(part), part, strict=True))[name]
        else:
            part = part.setdefault(name, {})
    part[last] = value
    kind: type[Item] = type(base.item)
    try:
        kind.model_validate(raw)
    except ValidationError as error:
        return "；".join(f"{field}：{shapes.message(fault)}" for fault in error.errors()[:1])
    return ""
