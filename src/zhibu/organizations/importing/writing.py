"""Writing the organisations of a workbook: level by level, with history, posts, groups."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from zhibu.core import paths
from zhibu.imports.targets import Check
from zhibu.imports.writing import Writer
from zhibu.organizations.importing.checking import NAME
from zhibu.organizations.importing.units import Forest, PlannedGroup, Unit
from zhibu.organizations.models import (
    BRANCHES,
    CLASS_OF,
    Class,
    Name,
    Organization,
    PartyGroup,
    Placement,
    Post,
    Term,
)


def new_units(forest: Forest) -> list[Unit]:
    """What this import makes, parents before children."""
    made = [unit for unit in forest.units if unit.is_new and unit.is_kept]
    return sorted(made, key=lambda unit: sum(1 for _ in unit.ancestors()))


def count(check: Check) -> int:
    return len(new_units(check.made[NAME]))


def write(check: Check, writer: Writer) -> None:
    """Write the units level by level, with their history, posts and groups."""
    forest: Forest = check.made[NAME]
    levels: dict[int, list[Unit]] = defaultdict(list)
    for number, unit in enumerate(new_units(forest), 1):
        if unit.code.startswith("?"):
            unit.code = f"B{writer.batch.pk}-{number}"
        levels[sum(1 for _ in unit.ancestors())].append(unit)
    for level in sorted(levels):
        writer.run(
            levels[level],
            prepare=list,
            write=lambda piece: _write_units(piece, check, writer),
            first=100,
        )
    writer.run(
        [unit for unit in forest.units if not unit.is_new and _new_groups(unit)],
        prepare=list,
        write=lambda piece: _write_groups(piece, check.today, writer),
        counts=False,
    )


def _new_groups(unit: Unit) -> list[PlannedGroup]:
    return [group for group in unit.groups.values() if group.pk is None]


def _write_units(units: Sequence[Unit], check: Check, writer: Writer) -> None:
    """One level's units, or some of them, in the current transaction."""
    list(Organization.all_rows.select_for_update().filter(parent=None).values("pk"))
    above = {unit.parent.number for unit in units if unit.parent}
    paths_above = dict(Organization.all_rows.filter(pk__in=above).values_list("pk", "path"))
    rows = [_organization(unit, writer.batch.pk) for unit in units]
    Organization.all_rows.bulk_create(rows)
    for unit, row in zip(units, rows, strict=True):
        top = paths_above[unit.parent.number] if unit.parent else ""
        row.path = unit.path = top + paths.step(row.pk)
        unit.pk = row.pk
        writer.refresh.add(row.pk)
    Organization.all_rows.bulk_update(rows, ["path"], batch_size=200)
    Placement.objects.bulk_create(
        [
            Placement(organization=row, parent_id=row.parent_id, path=row.path, since=unit.since)
            for unit, row in zip(units, rows, strict=True)
        ]
    )
    Name.objects.bulk_create(
        [
            Name(organization=row, name=row.name, short_name=row.short_name, since=unit.since)
            for unit, row in zip(units, rows, strict=True)
        ]
    )
    party = [unit for unit in units if CLASS_OF.get(unit.kind) == Class.PARTY]
    Term.objects.bulk_create([_term(unit) for unit in party])
    _write_groups(units, check.today, writer)
    _write_posts(units)
    writer.digest(rows)


def _organization(unit: Unit, batch: int) -> Organization:
    return Organization(
        code=unit.code,
        name=unit.name,
        short_name=unit.short_name,
        organization_class=CLASS_OF.get(unit.kind, Class.BODY),
        kind=unit.kind,
        field=unit.sector,
        place=unit.place,
        established_on=unit.established_on,
        parent_id=unit.parent.pk if unit.parent else None,
        path="?",
        batch=batch,
    )


def _term(unit: Unit) -> Term:
    has_committee = unit.shows_committee or unit.kind not in BRANCHES
    return Term(
        organization_id=unit.number,
        since=unit.since,
        ends_on=unit.term_ends_on,
        has_committee=has_committee,
    )


def _write_groups(units: Sequence[Unit], today: date, writer: Writer) -> None:
    planned = [(unit, group) for unit in units for group in _new_groups(unit)]
    rows = [
        PartyGroup(
            organization_id=unit.number,
            name=group.name,
            since=max(date(today.year, 1, 1), unit.since),
            batch=writer.batch.pk,
        )
        for unit, group in planned
    ]
    PartyGroup.all_rows.bulk_create(rows)
    for (_, group), row in zip(planned, rows, strict=True):
        group.pk = row.pk
    writer.digest(rows)


def _write_posts(units: Sequence[Unit]) -> None:
    planned = [(unit, post) for unit in units for post in unit.posts.values() if post.pk is None]
    rows = [
        Post(
            organization_id=unit.number,
            group_id=post.group.pk if post.group else None,
            kind=post.kind,
            title=post.title,
            role=post.role,
            in_committee=post.in_committee,
            rank=post.rank,
            seats=post.seats,
            since=unit.since,
        )
        for unit, post in planned
    ]
    Post.objects.bulk_create(rows)
    for (_, post), row in zip(planned, rows, strict=True):
        post.pk = row.pk


def conclude(check: Check, writer: Writer) -> None:
    """Posts and terms that the roster shows in organisations which were there already.

    They would be seen at once, so they are written with the last transaction.
    """
    forest: Forest = check.made[NAME]
    changed = [unit for unit in forest.by_pk.values() if not unit.is_new and _is_changed(unit)]
    for start in range(0, len(changed), 500):
        piece = changed[start : start + 500]
        ids = [unit.number for unit in piece]
        rows = list(Organization.all_rows.select_for_update().filter(pk__in=ids))
        running = Term.objects.filter(organization__in=ids, until=None)
        with_term = set(running.values_list("organization", flat=True))
        without = [u for u in piece if u.pk not in with_term and u.shows_committee]
        Term.objects.bulk_create([_term(unit) for unit in without])
        _write_posts(piece)
        writer.digest(rows)
    if writer.batch.organization_id is None and forest.root is not None:
        writer.batch.organization_id, writer.batch.path = forest.root.pk, forest.root.path


def _is_changed(unit: Unit) -> bool:
    return any(post.pk is None for post in unit.posts.values())


def load_posts(units: Collection[Unit]) -> dict[int, list[Post]]:
    """Posts that stand in organisations which are there already. One query."""
    found: dict[int, list[Post]] = defaultdict(list)
    ids = [unit.pk for unit in units if unit.pk and not unit.is_new]
    for post in Post.objects.filter(organization__in=ids, until=None).order_by("rank", "pk"):
        found[post.organization_id].append(post)
    return found
