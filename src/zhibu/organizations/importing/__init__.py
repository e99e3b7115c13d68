"""Organisations from a workbook: read, checked, matched with those there are, written."""

from collections.abc import Collection

from zhibu.imports import targets
from zhibu.imports.targets import Ground, Made, Target
from zhibu.organizations.importing import checking, writing
from zhibu.organizations.importing.words import WORDS
from zhibu.organizations.models import Organization, PartyGroup


def _named(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Organization.all_rows.filter(pk__in=ids)
    return {row.pk: (row.name, row.get_absolute_url()) for row in rows}


def _groups_named(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = PartyGroup.all_rows.filter(pk__in=ids).select_related("organization")
    return {
        row.pk: (f"{row.organization.called}{row.name}", row.organization.get_absolute_url())
        for row in rows
    }


@targets.locates
def ground_of(code: str) -> Ground | None:
    found = Organization.objects.filter(code=code).first()
    return Ground(found.pk, found.path, found.name) if found else None


TARGET = Target(
    name=checking.NAME,
    title="组织",
    order=10,
    words=WORDS,
    check=checking.check,
    count=writing.count,
    write=writing.write,
    conclude=writing.conclude,
    makes=(
        Made(PartyGroup, "党小组", _groups_named),
        Made(Organization, "组织", _named, deepest_first="path"),
    ),
)
targets.register(TARGET)
targets.reasons(
    {
        "organizations.organization": "下面有别的组织",
        "organizations.placement": "下面有过别的组织",
        "organizations.partygroup": "有党小组",
    }
)
