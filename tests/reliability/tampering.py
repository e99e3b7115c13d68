"""Random edits behind the ledger's back, and what a check must name for each.

Tables and columns come from the registry; values are of the column's type. An edit says
what it touched: the record, or the ledger's own row. Nothing here knows how ``verify``
works.
"""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DataError, IntegrityError, connection, models, transaction

from zhibu.core.encryption import Secret
from zhibu.core.exact import ExactField
from zhibu.ledger import protection
from zhibu.ledger.models import Digest, Entry, Head, Sealed

OWN: tuple[type[models.Model], ...] = (Entry, Digest, Head, Sealed)
# Row numbers that say nothing: a digest is found by its entry and place, an entry by its
# position; what an unsealed entry's number is, nobody has vouched for yet.
MEANINGLESS = {(Digest, "id")}


class Elsewhere(Exception):
    """This edit cannot be made here: the database refuses it, or there is no such row."""


@dataclass(frozen=True)
class Table:
    """A table and its columns that count. ``owner`` names the record's column in a part."""

    model: type[models.Model]
    columns: tuple[str, ...]
    record: str = ""
    owner: str = ""

    def subject(self, row: dict[str, Any]) -> str:
        """What a check must name for this row."""
        if self.record:
            return f"{self.record}:{row[self.owner or 'id']}"
        return f"{self.model._meta.label_lower}:{row[self.key]}"

    @property
    def key(self) -> str:
        return self.model._meta.pk.attname

    def rows(self) -> models.QuerySet[Any]:
        """Of a part that may belong to one of two records, those of this one."""
        rows = self.model._base_manager.order_by("pk")
        return rows.filter(**{f"{self.owner}__isnull": False}) if self.owner else rows


def _plain(model: type[models.Model], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        found = vars(model).get(name)
        yield found.column if isinstance(found, Secret) else name


def tables() -> list[Table]:
    """Every table the ledger vouches for, with its protected columns."""
    found = []
    for known in protection.protections():
        columns = (*_plain(known.model, known.columns), "salt")
        found.append(Table(known.model, columns, known.name))
        for part in known.parts:
            columns = ("id", part.owner, *part.columns)
            found.append(Table(part.model, columns, known.name, part.owner))
    for model in OWN:
        columns = tuple(field.attname for field in model._meta.concrete_fields)
        kept = tuple(name for name in columns if (model, name) not in MEANINGLESS)
        found.append(Table(model, kept))
    return found


@dataclass(frozen=True)
class Edit:
    """What was done and what must be named: one of each of ``named``.

    ``exactly``: nothing else may be accused.
    """

    what: str
    named: tuple[frozenset[str], ...]
    exactly: bool = False


# --- other values of the same type


def another(field: Any, old: Any, chance: random.Random) -> Any:
    """A value of the field's type that is not ``old``."""
    if field.null and old is not None and chance.random() < 0.15:
        return None
    if isinstance(field, models.ForeignKey):
        ids = list(field.related_model._base_manager.values_list("pk", flat=True))
        return _choose(ids, old, chance)
    if field.choices:
        return _choose([value for value, _ in field.flatchoices], old, chance)
    for kind, make in _MAKERS:
        if isinstance(field, kind):
            return make(field, old, chance)
    raise AssertionError(f"{field} 没有别的值")


def _choose(values: list[Any], old: Any, chance: random.Random) -> Any:
    others = [value for value in values if value != old]
    if not others:
        raise Elsewhere
    return chance.choice(others)


def _text(field: Any, old: Any, chance: random.Random) -> str:
    longest = field.max_length or 200
    ways = [
        "".join(chance.choice("支部委员会前后村东西镇学习12xX ") for _ in range(longest // 2 or 1)),
        f"{old or ''}．"[:longest],
        (old or "")[1:],
        (old or "甲")[::-1],
    ]
    return _choose(ways, old, chance)


def _amount(field: Any, old: Any, chance: random.Random) -> Decimal:
    step = Decimal(1).scaleb(-field.places)
    before = old or Decimal(0)
    return _choose([before + step, abs(before - step), before * 2 + step], old, chance)


def _number(field: Any, old: Any, chance: random.Random) -> int:
    return _choose(
        [0, 1, (old or 0) + 1, max(0, (old or 0) - 1), chance.randrange(500)], old, chance
    )


def _day(field: Any, old: Any, chance: random.Random) -> date:
    return (old or date(2026, 3, 1)) + timedelta(days=chance.choice([-400, -31, -1, 1, 30, 365]))


def _moment(field: Any, old: Any, chance: random.Random) -> datetime:
    step = chance.choice([timedelta(microseconds=1), timedelta(seconds=-1), timedelta(days=40)])
    return (old or datetime(2026, 3, 1, tzinfo=None).astimezone()) + step


def _bytes(field: Any, old: Any, chance: random.Random) -> bytes:
    raw = bytearray(bytes(old or b""))
    if not raw:
        return chance.randbytes(chance.choice([1, 32, 60]))
    if chance.random() < 0.2:
        return bytes(raw[:-1])
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(raw)


def _json(field: Any, old: Any, chance: random.Random) -> Any:
    if isinstance(old, dict):
        return {**old, "添": chance.randrange(99)}
    if isinstance(old, list):
        return [*old, "添"] if not old or chance.random() < 0.5 else old[:-1]
    return f"{old}添"


_MAKERS: list[tuple[type[models.Field[Any, Any]], Callable[[Any, Any, random.Random], Any]]] = [
    (models.BooleanField, lambda field, old, chance: not old),
    (models.DateTimeField, _moment),
    (models.DateField, _day),
    (models.UUIDField, lambda field, old, chance: uuid.UUID(int=chance.getrandbits(128))),
    (models.JSONField, _json),
    (models.BinaryField, _bytes),
    (models.IntegerField, _number),
    (ExactField, _amount),
    (models.CharField, _text),
    (models.TextField, _text),
]


# --- edits


@contextmanager
def refused() -> Iterator[None]:
    """The database's own constraints stay as they are: what they refuse is not an edit."""
    try:
        with transaction.atomic():
            yield
            connection.check_constraints()
    except (IntegrityError, DataError) as error:
        raise Elsewhere from error


def _row(table: Table, chance: random.Random) -> dict[str, Any]:
    ids = list(table.rows().values_list("pk", flat=True))
    if not ids:
        raise Elsewhere
    (row,) = table.rows().filter(pk=chance.choice(ids)).values()
    return dict(row)


def _set(table: Table, key: Any, values: dict[str, Any]) -> None:
    assert table.model._base_manager.filter(pk=key).update(**values) == 1


def _subjects(table: Table, *rows: dict[str, Any]) -> frozenset[str]:
    return frozenset(table.subject(row) for row in rows)


def change(table: Table, chance: random.Random, column: str = "") -> Edit:
    """One column of one row becomes another value of its type."""
    row = _row(table, chance)
    column = column or chance.choice(table.columns)
    if table.model is Entry and column == "id" and not Sealed.objects.filter(entry=row["id"]):
        raise Elsewhere
    field = table.model._meta.get_field(column)
    value = another(field, row[column], chance)
    with refused():
        _set(table, row[table.key], {column: value})
        key = value if column == table.key else row[table.key]
        (after,) = table.model._base_manager.filter(pk=key).values()
    if after[column] == row[column]:
        raise Elsewhere
    what = f"{table.model._meta.db_table}.{column} of {row[table.key]}"
    moved = column in {table.key, table.owner}
    return Edit(what, (_subjects(table, row, after),), exactly=bool(table.record) and not moved)


def swap(table: Table, chance: random.Random) -> Edit:
    """Two rows change one value with each other."""
    one, other = _row(table, chance), _row(table, chance)
    column = chance.choice([name for name in table.columns if name != table.key])
    if one[table.key] == other[table.key] or one[column] == other[column]:
        raise Elsewhere
    field = table.model._meta.get_field(column)
    with refused():
        if field.unique:  # the third value makes room
            spare = uuid.uuid4() if isinstance(field, models.UUIDField) else None
            if spare is None:
                raise Elsewhere
            _set(table, one[table.key], {column: spare})
        _set(table, other[table.key], {column: one[column]})
        _set(table, one[table.key], {column: other[column]})
    what = f"{table.model._meta.db_table}.{column} of {one[table.key]} and {other[table.key]}"
    first, second = _subjects(table, one), _subjects(table, other)
    if column == table.owner:
        first = second = first | second
    return Edit(what, (first, second))


def delete(table: Table, chance: random.Random) -> Edit:
    """A row goes, and with a record its parts."""
    row = _row(table, chance)
    key, named = row[table.key], [_subjects(table, row)]
    with refused():
        if table.model is Entry:
            named = [_gone_entry(row)]
        elif table.model is Digest:
            named = [frozenset(_entries_of(row["entry_key"]))]
        elif table.model is Head:
            _refuse_newest(key)
            _erase(Sealed, head=key)
        elif table.model is Sealed:
            _refuse_newest_alone(row)
        elif table.record and not table.owner:
            for part in protection.named(table.record).parts:
                _erase(part.model, **{part.owner: key})
        _erase(table.model, pk=key)
    return Edit(f"{table.model._meta.db_table} {key} deleted", tuple(named))


def _erase(model: type[models.Model], **which: Any) -> None:
    """By SQL: no cascade, no collector."""
    rows = model._base_manager.filter(**which)
    rows._raw_delete(rows.db)


def _gone_entry(row: dict[str, Any]) -> frozenset[str]:
    """An entry goes: sealed, its place is empty; not sealed, its digests are left over."""
    sealed = Sealed.objects.filter(entry=row["id"]).first()
    digests = Digest.objects.filter(entry_key=row["key"]).values_list("pk", flat=True)
    if sealed is None:
        if not digests:
            raise Elsewhere
        return frozenset(f"ledger.digest:{pk}" for pk in digests)
    position = sealed.position
    _erase(Sealed, pk=position)
    return frozenset({f"ledger.sealed:{position}", f"ledger.entry:{row['id']}"})


def _entries_of(key: uuid.UUID) -> Iterator[str]:
    for pk in Entry.objects.filter(key=key).values_list("pk", flat=True):
        yield f"ledger.entry:{pk}"


def _refuse_newest(number: int) -> None:
    """The newest heads cut off whole: told only by what was sent out."""
    if not Head.objects.filter(number__gt=number).exists():
        raise Elsewhere


def _refuse_newest_alone(row: dict[str, Any]) -> None:
    newest = Sealed.objects.filter(head=row["head_id"], position__gt=row["position"]).exists()
    if not newest and not Head.objects.filter(number__gt=row["head_id"]).exists():
        return  # the newest row alone is missed: its head counts it


def forge(table: Table, chance: random.Random) -> Edit:
    """A row appears that no action made."""
    row = _row(table, chance)
    copy = {**row}
    with refused():
        for field in table.model._meta.concrete_fields:
            if field.unique and not field.primary_key:
                copy[field.attname] = another(field, row[field.attname], chance)
        if table.model is Digest:
            last = Digest.objects.filter(entry_key=row["entry_key"]).count()
            copy["number"] = last
        copy[table.key] = _free_key(table)
        if table.model is Sealed:
            copy["entry_id"] = _unsealed_entry(chance)
        if table.record and not table.owner:
            copy["salt"] = chance.randbytes(16)
        table.model._base_manager.bulk_create([table.model(**copy)])
    what = f"{table.model._meta.db_table} {copy[table.key]} forged"
    named = [_subjects(table, copy)]
    if table.model is Digest:
        named = [named[0] | frozenset(_entries_of(row["entry_key"]))]
    return Edit(what, tuple(named))


def _free_key(table: Table) -> int:
    last = table.rows().values_list("pk", flat=True).last()
    return int(last or 0) + 1 if table.model in {Head, Sealed} else int(last or 0) + 1000


def _unsealed_entry(chance: random.Random) -> int:
    ids = list(Entry.objects.filter(sealed=None).values_list("pk", flat=True))
    if not ids:
        raise Elsewhere
    return int(chance.choice(ids))


def reorder(table: Table, chance: random.Random) -> Edit:
    """Two sealed entries change places."""
    sealed = next(t for t in [table, *tables()] if t.model is Sealed)
    one, other = _row(sealed, chance), _row(sealed, chance)
    if one["position"] == other["position"]:
        raise Elsewhere
    with_heads = chance.random() < 0.5
    with refused():
        for column in ("entry_id", "mark", *(("head_id",) if with_heads else ())):
            if column == "entry_id":
                _swap_entries(one, other)
            elif one[column] != other[column]:
                _set(sealed, one["position"], {column: other[column]})
                _set(sealed, other["position"], {column: one[column]})
    what = f"ledger_sealed {one['position']} and {other['position']} changed places"
    return Edit(what, (_subjects(sealed, one), _subjects(sealed, other)))


def _swap_entries(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Each entry has one place: both rows go and come back with the other's entry."""
    _erase(Sealed, position__in=[one["position"], other["position"]])
    Sealed.objects.bulk_create(
        [
            Sealed(**{**one, "entry_id": other["entry_id"]}),
            Sealed(**{**other, "entry_id": one["entry_id"]}),
        ]
    )


WAYS = (
    *([change] * 8),
    *([swap] * 2),
    *([delete] * 2),
    *([forge] * 2),
    reorder,
)


def edits(seed: int) -> Iterator[Edit]:
    """Edits without end, each made when it is asked for; roll back before the next."""
    chance = random.Random(seed)
    known = tables()
    while True:
        table, way = chance.choice(known), chance.choice(WAYS)
        try:
            yield way(table, chance)
        except Elsewhere:
            continue
