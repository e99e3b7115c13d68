"""What areas below call by name when the ground of obligations moves.

Up to ``AT_ONCE`` organisations are brought up to date in the caller's transaction, so that
the screen that follows is right. More are queued: no request holds the write lock for long.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from zhibu.adoptions.models import Adoption
from zhibu.adoptions.queries import guided_below
from zhibu.core import effects, paths
from zhibu.core.effects import Params, effect
from zhibu.duties.actions import EARLIEST, refresh
from zhibu.duties.models import Obligation, Talk
from zhibu.duties.tasks import refresh_later
from zhibu.organizations.models import Organization, Placement
from zhibu.people.models import Belonging

if TYPE_CHECKING:
    from zhibu.accounts.models import User

AT_ONCE = 150


class Refresh(Params):
    organizations: list[int]
    since: date = EARLIEST


class RefreshSubtree(Params):
    path: str


class RefreshPack(Params):
    pack: str


class RefreshPerson(Params):
    person: int
    organizations: list[int] = []


def _refresh(organizations: Sequence[int], *, at: datetime, since: date = EARLIEST) -> None:
    """Now, or once at the end where the caller does many things to the same organisations."""

    def finish(ids: Sequence[int]) -> None:
        _refresh_now(ids, at=at, since=since)

    if not effects.put_off(("duties.refresh", since), organizations, finish):
        finish(organizations)


def _refresh_now(organizations: Sequence[int], *, at: datetime, since: date) -> None:
    if len(organizations) <= AT_ONCE:
        refresh(organizations, at=at, since=since)
    else:
        refresh_later(organizations, since)


def _below(path: str) -> list[int]:
    """Who stands under ``path``, and who once stood under whatever stands there now.

    What is adopted or given up from a day in the past concerns them too.
    """
    places = Placement.objects.filter(organization__path=path).values_list("path", flat=True)
    scope = paths.under(path)
    for place in set(places):
        scope |= paths.under(place, "placements__path")
    rows = Organization.objects.filter(scope).order_by("path").distinct()
    return list(rows.values_list("pk", flat=True))


@effect("duties.refresh", title="重算应办", params=Refresh)
def refresh_some(params: Refresh, by: "User | None", at: datetime) -> None:
    _refresh(params.organizations, at=at, since=params.since)


@effect("duties.refresh_subtree", title="重算下面全部组织的应办", params=RefreshSubtree)
def refresh_subtree(params: RefreshSubtree, by: "User | None", at: datetime) -> None:
    _refresh(_below(params.path), at=at)


@effect("duties.refresh_pack", title="重算一个制度包的应办", params=RefreshPack)
def refresh_pack(params: RefreshPack, by: "User | None", at: datetime) -> None:
    rows = Adoption.objects.filter(pack=params.pack).select_related("organization")
    touched = {pk for adoption in rows for pk in _below(adoption.organization.path)}
    for adoption in rows.filter(reach=Adoption.Reach.GUIDED):
        touched.update(guided_below(adoption.organization, adoption.since))
    _refresh(sorted(touched), at=at)


@effect("duties.refresh_person", title="重算一个人的应办", params=RefreshPerson)
def refresh_person(params: RefreshPerson, by: "User | None", at: datetime) -> None:
    """Wherever the person was at home, and those who talked with them; ``organizations`` too."""
    homes = Belonging.objects.filter(person=params.person).values_list("organization", flat=True)
    talks = Talk.objects.of_person(params.person).values_list("first", "second")
    others = {pk for pair in talks for pk in pair}
    owing = Obligation.objects.personal().filter(holder_id__in=others)
    where = owing.values_list("organization", flat=True).distinct() if others else []
    _refresh(sorted({*homes, *where, *params.organizations}), at=at)
