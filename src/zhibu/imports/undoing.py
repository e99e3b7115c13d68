"""What of an import may be taken back: rows that nothing else rests on, and nobody changed.

A foreign key with CASCADE says that a row goes along; any other says that it rests on the
row and keeps it. Rows that rest only on rows that go as well keep nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models

from zhibu.imports import targets
from zhibu.imports.models import Batch, Imported
from zhibu.imports.targets import Made
from zhibu.ledger import protection
from zhibu.ledger.models import Digest, Entry

K = TypeVar("K", int, str)
CHUNK = 900


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that an undo leaves standing, and why, in words."""

    type: str
    id: int
    why: str


@dataclass
class Plan:
    """What an undo would remove and keep, by ledger type; ``upto`` is how far it looked."""

    gone: dict[str, list[int]]
    kept: dict[str, dict[int, str]]
    upto: int

    @property
    def gone_count(self) -> int:
        return sum(map(len, self.gone.values()))

    def kept_rows(self) -> Iterator[Kept]:
        for name, rows in self.kept.items():
            for pk, why in rows.items():
                yield Kept(name, pk, why)


def type_of(made: Made) -> str:
    return made.model._meta.label_lower


def ids_of(made: Made, batch: Batch) -> list[int]:
    rows = made.model._base_manager.filter(batch=batch.pk).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def plan(batch: Batch) -> Plan:
    """Look at every row of a batch; a few queries a model, and one pass over the records."""
    upto: int = Digest.objects.aggregate(last=models.Max("pk"))["last"] or 0
    all_ids = {type_of(made): ids_of(made, batch) for made in targets.makes()}
    kept: dict[str, dict[int, str]] = {name: {} for name in all_ids}
    for made in targets.makes():
        name = type_of(made)
        for pk in recorded_since(made, batch):
            kept[name][pk] = "导入后改过"
        for pk in _altered(made, batch, all_ids[name], kept[name]):
            kept[name][pk] = "和导入时的存证不符"
    _keep_what_is_rested_on(batch, kept)
    gone = {name: [pk for pk in ids if pk not in kept[name]] for name, ids in all_ids.items()}
    return Plan(gone, kept, upto)


def recorded_since(made: Made, batch: Batch, after: int = 0) -> set[int]:
    """Rows that the ledger has heard of since, in digests numbered above ``after``."""
    mine = made.model._base_manager.filter(batch=batch.pk).values("pk")
    rows = Digest.objects.filter(
        subject_type=type_of(made), subject_id__in=mine, pk__gt=after
    ).exclude(entry_key__in=[batch.key, *([batch.undo_key] if batch.undo_key else [])])
    return set(rows.values_list("subject_id", flat=True).distinct())


def _altered(made: Made, batch: Batch, ids: list[int], known: Mapping[int, str]) -> Iterator[int]:
    """Rows whose record is not what the import's digest says: left for ``verify`` to name."""
    name = type_of(made)
    protected = protection.of(made.model)
    algorithm = Entry.objects.values_list("algorithm", flat=True).get(key=batch.key)
    for part in chunks([pk for pk in ids if pk not in known]):
        rows = list(made.model._base_manager.filter(pk__in=part))
        found = protection.digests(protected, rows, algorithm)
        own = Digest.objects.filter(entry_key=batch.key, subject_type=name, subject_id__in=part)
        recorded = {pk: bytes(digest) for pk, digest in own.values_list("subject_id", "digest")}
        for pk, digest in found.items():
            if recorded.get(pk) != digest:
                yield pk


def _keep_what_is_rested_on(batch: Batch, kept: dict[str, dict[int, str]]) -> None:
    """Repeat until nothing more is kept: a kept person keeps the branch, that its parent."""
    found_more = True
    while found_more:
        found_more = False
        for made in targets.makes():
            name = type_of(made)
            for pk, why in rested_on(made, batch, kept).items():
                if pk not in kept[name]:
                    kept[name][pk] = why
                    found_more = True


@dataclass(frozen=True, slots=True)
class Guard:
    """A model whose rows keep what they point to; ``lookup`` leads from it to the row.

    ``owners`` are its own foreign keys with which it would go along.
    """

    model: type[models.Model]
    lookup: str
    owners: tuple[str, ...]


def guards(model: type[models.Model], tail: str = "", seen: tuple[Any, ...] = ()) -> list[Guard]:
    """Everything that rests on ``model``, also through rows that would go along."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.field.remote_field is None:
            continue
        lookup = f"{relation.field.name}__{tail}" if tail else relation.field.name
        related: Any = relation.related_model
        if relation.on_delete is not models.CASCADE:
            found.append(Guard(related, lookup, _owners(related)))
        elif (related, relation.field.name) not in seen:
            found += guards(related, lookup, (*seen, (related, relation.field.name)))
    return found


def _owners(model: type[models.Model]) -> tuple[str, ...]:
    """Foreign keys through which a row goes along with an imported one."""
    return tuple(
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.CASCADE
        and issubclass(field.related_model, Imported)
    )


def rested_on(made: Made, batch: Batch, kept: Mapping[str, Mapping[int, str]]) -> dict[int, str]:
    """Rows of the batch that something which stays rests on, and what that is.

    What stays are rows from outside the batch, and kept rows within. A query or two a
    guard, whatever the size of the batch.
    """
    found: dict[int, str] = {}
    for guard in guards(made.model):
        why = targets.reason(guard.model._meta.label_lower)
        for pk in (*_rested_on_from_outside(guard, batch), *_rested_on_by_kept(guard, batch, kept)):
            found.setdefault(pk, why)
    if made.rests_elsewhere is not None:
        found = {**made.rests_elsewhere(batch.pk), **found}
    return found


def rested_on_from_outside(made: Made, batch: Batch) -> set[int]:
    """Rows of the batch that something outside it rests on."""
    found = {pk for guard in guards(made.model) for pk in _rested_on_from_outside(guard, batch)}
    return found | set(made.rests_elsewhere(batch.pk) if made.rests_elsewhere else ())


def _rested_on_from_outside(guard: Guard, batch: Batch) -> list[int]:
    rows = guard.model._base_manager.filter(**{f"{guard.lookup}__batch": batch.pk})
    if issubclass(guard.model, Imported):
        rows = rows.exclude(batch=batch.pk)
    for owner in guard.owners:
        rows = rows.exclude(**{f"{owner}__batch": batch.pk})
    return list(rows.values_list(f"{guard.lookup}__pk", flat=True).distinct())


def _rested_on_by_kept(
    guard: Guard, batch: Batch, kept: Mapping[str, Mapping[int, str]]
) -> Iterator[int]:
    """What rows of the batch that stay, or that belong to such, rest on."""
    rows = guard.model._base_manager.filter(**{f"{guard.lookup}__batch": batch.pk})
    if issubclass(guard.model, Imported):
        for part in chunks(kept.get(guard.model._meta.label_lower, {})):
            yield from rows.filter(pk__in=part).values_list(f"{guard.lookup}__pk", flat=True)
    for owner in guard.owners:
        field: Any = guard.model._meta.get_field(owner)
        for part in chunks(kept.get(field.related_model._meta.label_lower, {})):
            mine = rows.filter(**{f"{owner}__in": part})
            yield from mine.values_list(f"{guard.lookup}__pk", flat=True)


def chunks(ids: Collection[K], size: int = CHUNK) -> Iterator[list[K]]:
    listed = list(ids)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def in_removal_order(made: Made, ids: Collection[int]) -> Iterator[list[int]]:
    """Ids in pieces that may be deleted one after the other; deepest first where they nest."""
    if not made.deepest_first:
        yield list(ids)
        return
    by_depth: dict[int, list[int]] = defaultdict(list)
    for part in chunks(ids):
        rows = made.model._base_manager.filter(pk__in=part)
        for pk, path in rows.values_list("pk", made.deepest_first):
            by_depth[len(path)].append(pk)
    for depth in sorted(by_depth, reverse=True):
        yield by_depth[depth]


def remove(made: Made, ids: Collection[int]) -> None:
    """Delete rows and what goes along with them, in the current transaction."""
    made.model._base_manager.filter(pk__in=list(ids)).delete()
