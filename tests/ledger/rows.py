"""Rows of any model, made from its fields alone, and values that differ from what is there.

Registry-driven tests must cover a model from the day it is protected, without anybody
writing a case for it.
"""

import inspect
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import IntegrityError, models, transaction

from tests.conftest import NOON
from zhibu.core.encryption import Secret
from zhibu.core.exact import ExactField
from zhibu.ledger.protection import Part, Protection
from zhibu.people.models import Person

_numbers = count(1)


def make(model: type[models.Model], **given: Any) -> models.Model:
    """A row with every required column filled, and as many others as its constraints ask.

    What its foreign keys need is made first; anew where what is there may not be named twice.
    """
    optional = [field for field in _open(model, given) if _is_optional(field)]
    for is_new in (False, True):
        for filled in ([], *([field] for field in optional), optional):
            try:
                with transaction.atomic():
                    return _made(model, given, filled, is_new=is_new)
            except IntegrityError as error:
                refused = error
    raise refused


def _open(model: type[models.Model], given: dict[str, Any]) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if not field.auto_created and not {field.name, field.attname} & set(given)
    ]


def _is_optional(field: models.Field) -> bool:
    return field.null or (field.has_default() and not field.is_relation)


def _made(
    model: type[models.Model],
    given: dict[str, Any],
    filled: list[models.Field],
    *,
    is_new: bool,
) -> models.Model:
    row = model(**given)
    for field in _open(model, given):
        if _is_optional(field) and field not in filled:
            continue
        if isinstance(field, models.ForeignKey):
            related = field.related_model
            taken = _taken(row, related)
            others = related._base_manager.exclude(pk__in=taken)
            free = None if is_new else others.first()
            setattr(row, field.name, free or make(related))
        elif field.attname.endswith("_sealed"):
            setattr(row, field.attname.removesuffix("_sealed"), f"密{next(_numbers)}")
        elif field in filled or not getattr(row, field.attname):
            setattr(row, field.attname, _filled(field))
    row.save(force_insert=True)
    return row


def _taken(row: models.Model, related: type[models.Model]) -> list[Any]:
    """Rows of ``related`` that the row names already: two sides are two people."""
    if related is not Person:
        return []
    return [
        pk
        for f in row._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and f.related_model is related
        for pk in [getattr(row, f.attname)]
        if pk is not None
    ]


def _filled(field: models.Field) -> Any:
    number = next(_numbers)
    if field.choices:
        return field.flatchoices[0][0]
    match field:
        case models.CharField() | models.TextField():
            return f"x{number}"[: field.max_length]
        case models.DateTimeField():
            return NOON
        case models.DateField():
            return date(2026, 1, 1) + timedelta(days=number)
        case models.BinaryField():
            return bytes([number % 256])
        case models.JSONField():
            return {"n": number}
        case models.BooleanField():
            return False
    return number


def column_of(model: type[models.Model], name: str) -> models.Field:
    """The stored column behind a protected field: a sealed value's, or its own."""
    found = inspect.getattr_static(model, name)
    if isinstance(found, Secret):
        name = found.column
    return next(f for f in model._meta.concrete_fields if name in (f.attname, f.name))


def columns(known: Protection | Part) -> list[models.Field]:
    """What a protection or part vouches for, as columns; a record's salt goes with it."""
    extra = ("salt",) if isinstance(known, Protection) else (known.owner,)
    return [column_of(known.model, name) for name in (*known.columns, *extra)]


def others(field: models.Field, old: Any) -> Iterator[Any]:
    """Values the column could hold instead of ``old``, the likely ones first."""
    if isinstance(field, models.ForeignKey):
        yield from field.related_model._base_manager.exclude(pk=old).values_list("pk", flat=True)
        yield f"{old}x" if isinstance(old, str) else (old or 0) + 1
        return
    if field.choices:
        yield from (value for value, _ in field.flatchoices if value != old)
    match field:
        case models.BooleanField():
            yield not old
        case models.BinaryField():
            content = bytes(old or b"")
            yield content[:-1] + bytes([content[-1] ^ 1]) if content else b"\x01"
            yield b""
        case models.DateTimeField():
            yield (old or NOON) + timedelta(seconds=1)
        case models.DateField():
            day = old or date(2126, 1, 1)
            yield from (day + timedelta(days=1), day - timedelta(days=1))
        case models.JSONField():
            yield {"x": 1} if old != {"x": 1} else []
        case models.DecimalField() | ExactField():
            yield (old or Decimal(0)) + 1
        case models.UUIDField():
            yield type(old)(int=old.int ^ 1)
        case models.IntegerField():
            yield from ((old or 0) + 1, (old or 1) - 1)
        case _:
            text = old or ""
            yield (text + "x")[: field.max_length] if text[-1:] != "x" else text[:-1] + "y"
            yield text[:-1]
    if field.null and old is not None:
        yield None
