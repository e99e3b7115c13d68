"""Where organisations lie and what they are called, for areas that know them by number."""

from collections.abc import Collection

from zhibu.core import places
from zhibu.core.places import Place
from zhibu.organizations.actions import hold
from zhibu.organizations.models import Organization


def _place(found: Organization) -> Place:
    return Place(found.pk, found.path, found.called, found.dissolved_on is not None)


def _of(ids: Collection[int]) -> dict[int, Place]:
    return {found.pk: _place(found) for found in Organization.all_rows.filter(pk__in=ids)}


def _hold(id_: int) -> Place:
    return _place(hold(id_))


places.answers(_of, _hold)
