"""Whose business one is about: somebody with several posts wears one hat at a time.

A hat is an organisation with the standings the user has there. It chooses what the first
screen speaks of; it takes away no permission.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from zhibu.core import standing
from zhibu.core.standing import Standing

KEY = "hat"


@dataclass(frozen=True, slots=True)
class Hat:
    """One organisation the user stands in; ``standings`` in rank order, never empty.

    ``organization_id`` is None for administrators, who stand nowhere in the tree.
    """

    organization_id: int | None
    standings: tuple[Standing, ...]

    @property
    def organization_name(self) -> str:
        return self.standings[0].organization_name

    @property
    def path(self) -> str:
        return self.standings[0].path

    @property
    def role(self) -> str:
        """The role of the first standing: secretary before member."""
        return self.standings[0].role

    @property
    def post(self) -> str:
        """书记; a member's 党员 is not said beside a post."""
        titles = [s.post for s in self.standings if s.role != "member"]
        return "、".join(dict.fromkeys(titles)) or self.standings[0].post

    @property
    def is_expired(self) -> bool:
        return self.standings[0].is_expired

    def may(self, permission: str) -> bool:
        """Whether the standings of this hat, and no other, grant ``permission``."""
        return any(permission in s.grants for s in self.standings)


def of(request: HttpRequest) -> list[Hat]:
    """Every hat of the user, posts first. No query beyond the standings'."""
    grouped: dict[int | None, list[Standing]] = {}
    for held in standing.of(request.user):  # type: ignore[arg-type]
        grouped.setdefault(held.organization_id, []).append(held)
    return [Hat(organization, tuple(held)) for organization, held in grouped.items()]


def worn(request: HttpRequest) -> Hat | None:
    """The hat chosen in this session, else the first; None for somebody without any."""
    hats = of(request)
    chosen = request.session.get(KEY)
    return next((hat for hat in hats if hat.organization_id == chosen), hats[0] if hats else None)


def wear(request: HttpRequest, organization_id: int | None) -> bool:
    """Choose a hat; False, and nothing changes, where the user has no such hat."""
    if not any(hat.organization_id == organization_id for hat in of(request)):
        return False
    request.session[KEY] = organization_id
    return True
