"""Which roles a user holds, where, on a day. Answered by the area that knows people.

Every lower rule and every ``visible_to`` asks here. Nothing is cached beyond one
request, and a change of holdings forgets even that.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from django.db.models import Q
from django.utils import timezone

from zhibu.core import once, paths
from zhibu.core.paths import everything, is_under

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Reach = Literal["own", "subtree", "group", "everywhere"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One role at one place. ``grants`` are the permissions its role gives there.

    ``post`` is what the person is called there (书记). ``is_expired`` marks a holding
    whose term has ended and that is not handed over yet: it still counts. ``takes_over`` is
    false where it is known that no place that ended comes with it.
    """

    role: str
    grants: frozenset[str]
    reach: Reach
    organization_id: int | None
    path: str
    post: str
    organization_name: str = ""
    group_id: int | None = None
    is_expired: bool = False
    takes_over: bool = True

    def covers(self, path: str) -> bool:
        """Whether an organisation at ``path`` lies within this standing."""
        if self.reach == "everywhere":
            return True
        if self.reach == "subtree":
            return bool(self.path) and is_under(path, self.path)
        return bool(self.path) and path == self.path


Provider = Callable[["User", date], Iterable[Standing]]
Heritage = Callable[[Sequence[Standing]], Iterable[Standing]]
_providers: list[Provider] = []
_heritages: list[Heritage] = []


def provides(function: Provider) -> Provider:
    """Register a source of standings; all sources are joined."""
    if function not in _providers:
        _providers.append(function)
    return function


def inherits(function: Heritage) -> Heritage:
    """Register who knows what comes with standings: places that ended, to be looked at by
    whoever stands where they went on."""
    if function not in _heritages:
        _heritages.append(function)
    return function


def forget() -> None:
    """Called by every action that changes who holds what."""
    once.forget("standing")


def of(user: "User", on: date | None = None) -> tuple[Standing, ...]:
    """Every standing of ``user`` on ``on`` (today), () for someone not signed in."""
    if not user.is_authenticated or not user.is_active:
        return ()
    day = on or timezone.localdate()
    return once.read(
        "standing",
        (user.pk, day),
        lambda: tuple(standing for provider in _providers for standing in provider(user, day)),
    )


def _inherited(user: "User") -> tuple[Standing, ...]:
    """What comes with the standings of ``user`` today: looking, never changing."""
    own = [s for s in of(user) if s.reach != "everywhere" and s.path]
    if not own:
        return ()
    return once.read(
        "standing",
        ("inherited", user.pk, timezone.localdate()),
        lambda: tuple(s for heritage in _heritages for s in heritage(own)),
    )


def _looks(permission: str) -> bool:
    """Whether ``permission`` is one to look at things, which standings pass on."""
    return permission.endswith(".view")


def may(user: "User", permission: str, path: str) -> bool:
    """Whether some standing of ``user`` grants ``permission`` at ``path``."""
    if any(permission in s.grants and s.covers(path) for s in of(user)):
        return True
    return any(s.covers(path) for s in with_permission(user, permission))


def where(user: "User", permission: str, among: Iterable[str]) -> set[str]:
    """Those of ``among`` (paths) at which ``may`` says yes; for thousands of them."""
    standings = with_permission(user, permission)
    return {path for path in among if any(s.covers(path) for s in standings)}


def may_anywhere(user: "User", permission: str) -> bool:
    return any(permission in s.grants for s in of(user))


def with_permission(user: "User", permission: str) -> list[Standing]:
    """Standings that grant ``permission``; to look at things, inherited ones too."""
    found = [s for s in of(user) if permission in s.grants]
    if not found or not _looks(permission):
        return found
    return [*found, *(s for s in _inherited(user) if permission in s.grants)]


def reach_q(user: "User", permission: str, field: str = "path", *, groups: bool = True) -> Q:
    """Rows whose ``field`` lies where ``user`` has ``permission``; none if nowhere.

    A standing confined to a party group reaches its branch here; narrowing to the
    group is the rule's task. Without ``groups`` such a standing reaches nothing. What lies
    below another reach is not asked for twice: one range is what an index answers best.
    """
    trees: set[str] = set()
    places: set[str] = set()
    for standing in with_permission(user, permission):
        if standing.reach == "group" and not groups:
            continue
        if standing.reach == "everywhere":
            return everything()
        (trees if standing.reach == "subtree" else places).add(standing.path)
    return paths.within(trees, places, field)
