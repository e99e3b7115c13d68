"""Which records the ledger vouches for, and what of them.

An area registers a model with the fields that matter and the child rows that belong to
the same record (``Part``): a meeting with its attendance is one record, one digest.
Copied and derived columns (paths, hashes, counters) are left out.

What a record is made of never changes under records already made: columns and parts that
come in a later version are registered as ``later`` and stand in the record only where they
say something, so that the digest of an older record stays what it was.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import QuerySet

from zhibu.ledger import merkle
from zhibu.ledger.models import Protected


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of ``model`` whose ``owner_id`` column names the record they belong to.

    In the record they stand sorted by their own id, which is part of them. ``later`` maps
    columns that came in a later version to the value that says nothing; ``is_later`` marks
    a part that did.
    """

    name: str
    model: type[models.Model]
    owner: str
    fields: tuple[str, ...]
    later: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_later: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.fields, *self.later)

    def row(self, values: Sequence[Any]) -> list[Any]:
        """``[id, values of the columns]`` as it stands in the record."""
        return _folded(values, 1 + len(self.fields), self.later)


@dataclass(frozen=True, slots=True)
class Protection:
    """``fields`` are attribute names; sealed values are named by their plain property.

    ``later`` as of a part. ``rows`` gives the records that count (rows of an unfinished
    import do not).
    """

    name: str
    model: type[Protected]
    fields: tuple[str, ...]
    parts: tuple[Part, ...]
    rows: Callable[[], QuerySet[Any]]
    later: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.fields, *self.later)

    def record(self, row: Any, children: Sequence[Sequence[Sequence[Any]]]) -> list[Any]:
        """What is digested of ``row`` and of its children, by part."""
        own = _folded([getattr(row, name) for name in self.columns], len(self.fields), self.later)
        first, later = [], {}
        for part, rows in zip(self.parts, children, strict=True):
            found = [part.row(values) for values in rows] if part.later else rows
            if not part.is_later:
                first.append(found)
            elif found:
                later[part.name] = found
        return [self.name, row.pk, own, *first, *([later] if later else [])]


def _folded(values: Sequence[Any], first: int, later: Mapping[str, Any]) -> list[Any]:
    """The first values as they are; after them those of later columns that say something."""
    said = {
        name: value
        for (name, nothing), value in zip(later.items(), values[first:], strict=False)
        if value != nothing
    }
    return [*values[:first], said] if said else list(values[:first])


_by_model: dict[type[models.Model], Protection] = {}
_by_name: dict[str, Protection] = {}


def protect(
    model: type[Protected],
    *,
    fields: Sequence[str],
    parts: Sequence[Part] = (),
    rows: Callable[[], QuerySet[Any]] | None = None,
    later: Mapping[str, Any] | None = None,
) -> None:
    """Register ``model``; its name in the ledger is ``area.model``."""
    name = model._meta.label_lower
    if name in _by_name:
        raise ValueError(f"{name} 登记了两次")
    protection = Protection(
        name, model, tuple(fields), tuple(parts), rows or model._base_manager.all, later or {}
    )
    _by_model[model] = protection
    _by_name[name] = protection


def protections() -> list[Protection]:
    return [_by_name[name] for name in sorted(_by_name)]


def of(model: type[models.Model]) -> Protection:
    """Raises ``KeyError`` for a model that is not protected."""
    return _by_model[model]


def named(name: str) -> Protection:
    return _by_name[name]


Keys = Callable[[], Iterable[UUID]]
_unfinished: list[Keys] = []


def unfinished(keys: Keys) -> None:
    """Register who knows the keys of entries whose digests are still being written.

    Digests without an entry are a fault under any other key.
    """
    _unfinished.append(keys)


def unfinished_keys() -> set[UUID]:
    return {key for keys in _unfinished for key in keys()}


def tables() -> list[str]:
    """Every table the ledger vouches for, parts and its own included; sorted."""
    own = ["ledger_entry", "ledger_digest", "ledger_head", "ledger_sealed"]
    found = {p.model._meta.db_table for p in protections()}
    found |= {part.model._meta.db_table for p in protections() for part in p.parts}
    return sorted(found | set(own))


@dataclass(frozen=True, slots=True)
class _Query:
    """A query with one number in it, compiled once: recording asks them at every action.

    Compiling small queries cost more than running them (``benchmarks/ledger_cost.py``).
    """

    sql: str
    converters: Any

    def run(self, *numbers: int) -> list[list[Any]]:
        """Rows as the database gives them, for ``converted``."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self.sql, numbers)
            return [list(row) for row in cursor.fetchall()]

    def converted(self, rows: list[list[Any]]) -> list[list[Any]]:
        connection = connections[DEFAULT_DB_ALIAS]
        for position, (functions, expression) in self.converters.items():
            for row in rows:
                for convert in functions:
                    row[position] = convert(row[position], expression, connection)
        return rows


def _compiled(rows: QuerySet[Any]) -> _Query:
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, _ = compiler.as_sql()
    return _Query(sql, compiler.get_converters([column for column, _, _ in compiler.select]))


@dataclass(frozen=True, slots=True)
class _Children:
    """The rows of all parts that belong to one record, in one query.

    Each part fills the columns of its types and leaves the others null; ``places`` says
    which columns those are, ``parts`` knows how to convert them.
    """

    whole: _Query
    parts: list[_Query]
    places: list[list[int]]

    def of(self, owner: int) -> list[list[list[Any]]]:
        """By part, in its order: [id, values in the part's order], sorted by id."""
        found: list[list[list[Any]]] = [[] for _ in self.parts]
        for number, pk, *values in self.whole.run(*[owner] * len(self.parts)):
            found[number].append([pk, *(values[at] for at in self.places[number])])
        return [part.converted(rows) for part, rows in zip(self.parts, found, strict=True)]


@cache
def _children_query(protection: Protection, vendor: str) -> _Children:
    connection = connections[DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    types: list[str] = []  # of the columns, after the part's number and the row's
    places: list[list[int]] = []
    parts = []
    for part in protection.parts:
        taken: list[int] = []
        for name in part.columns:
            field: Any = next(f for f in part.model._meta.concrete_fields if f.attname == name)
            wanted = str(field.db_type(connection)).partition("(")[0]
            free = (at for at, kind in enumerate(types) if kind == wanted and at not in taken)
            at = next(free, len(types))
            if at == len(types):
                types.append(wanted)
            taken.append(at)
        places.append(taken)
        rows = part.model._base_manager.filter(**{part.owner: 0})
        parts.append(_compiled(rows.values_list("pk", *part.columns)))
    selects = []
    for number, part in enumerate(protection.parts):
        names = dict(zip(places[number], part.columns, strict=True))
        fields: Sequence[Any] = part.model._meta.concrete_fields
        known = {field.attname: quote(field.column) for field in fields}
        columns = [
            known[names[at]] if at in names else f"cast(null as {kind})"
            for at, kind in enumerate(types)
        ]
        own = [str(number), known[str(part.model._meta.pk.attname)], *columns]
        table, owner = quote(part.model._meta.db_table), known[part.owner]
        selects.append(f"select {', '.join(own)} from {table} where {owner} = %s")  # noqa: S608
    return _Children(_Query(" union all ".join(selects) + " order by 1, 2", {}), parts, places)


@cache
def _row_query(model: type[models.Model], vendor: str) -> _Query:
    """One row whole, locked where the database locks rows."""
    columns = [field.attname for field in model._meta.concrete_fields]
    rows = model._base_manager.select_for_update(no_key=True).filter(pk=0)
    return _compiled(rows.values_list(*columns))


def current(protection: Protection, ids: Collection[int]) -> list[Any]:
    """The rows as the database has them now, locked until the transaction ends.

    Whoever holds an older copy, or two who add children to one record at a time, would
    otherwise record what nobody ever sees.
    """
    model: Any = protection.model
    if len(ids) != 1:
        rows = model._base_manager.select_for_update(no_key=True)
        return list(rows.filter(pk__in=ids).order_by("pk"))
    (pk,) = ids
    query = _row_query(model, connections[DEFAULT_DB_ALIAS].vendor)
    columns = [field.attname for field in model._meta.concrete_fields]
    found = query.converted(query.run(pk))
    return [model.from_db(DEFAULT_DB_ALIAS, columns, values) for values in found]


Children = Mapping[int, list[list[Any]]]


def _children(
    protection: Protection, ids: Sequence[int], known: Mapping[str, Children]
) -> list[Children]:
    if not protection.parts:
        return []
    if len(ids) == 1 and not known:
        query = _children_query(protection, connections[DEFAULT_DB_ALIAS].vendor)
        return [{ids[0]: rows} for rows in query.of(ids[0])]
    found: list[Children] = []
    for part in protection.parts:
        if part.name in known:
            found.append(known[part.name])
            continue
        grouped: dict[int, list[list[Any]]] = defaultdict(list)
        rows = part.model._base_manager.filter(**{f"{part.owner}__in": ids}).order_by("pk")
        for owner, *values in rows.values_list(part.owner, "pk", *part.columns):
            grouped[owner].append(values)
        found.append(grouped)
    return found


def records(
    protection: Protection, rows: Collection[Any], known: Mapping[str, Children] | None = None
) -> dict[int, bytes]:
    """Canonical bytes of each row's record, by id. One query a part, one in all for one row.

    ``known`` gives the children of parts by owner where whoever just wrote them has them
    at hand: [id, values in the part's order], sorted by id. Other parts are read.
    """
    children = _children(protection, [row.pk for row in rows], known or {})
    out = {}
    for row in rows:
        parts = [grouped.get(row.pk, []) for grouped in children]
        out[row.pk] = merkle.canonical(protection.record(row, parts))
    return out


def digests(
    protection: Protection,
    rows: Collection[Any],
    algorithm: str,
    known: Mapping[str, Children] | None = None,
) -> dict[int, bytes]:
    """Salted digest of each row's record, by id; ``known`` as in ``records``."""
    hash_ = merkle.ALGORITHMS[algorithm]
    found = records(protection, rows, known)
    return {row.pk: hash_(bytes(row.salt) + found[row.pk]) for row in rows}
