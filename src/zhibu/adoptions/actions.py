"""Taking up a pack, and giving it up."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction

from zhibu.adoptions import queries, rules
from zhibu.adoptions.models import Adoption
from zhibu.core import effects
from zhibu.core.intervals import on_day
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Field, Organization
from zhibu.packs import library

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Kind(StrEnum):
    ADOPTED = "adoptions:adoption:begun"
    WITHDRAWN = "adoptions:adoption:withdrawn"
    ENDED = "adoptions:adoption:ended"


WORDS = {
    Kind.ADOPTED: "采用了制度包",
    Kind.WITHDRAWN: "停用了制度包",
    Kind.ENDED: "撤销的组织采用的制度到期",
}


@transaction.atomic
def adopt(
    *,
    pack: str,
    organization: Organization,
    since: date,
    fields: Sequence[str] = (),
    paper: str = "",
    reach: str = Adoption.Reach.SUBTREE,
    by: "User",
    at: datetime,
) -> Adoption:
    """Let a pack hold from ``since`` on for ``organization`` and all below it, or, where
    ``reach`` is guided, for whom it guides and all below those.

    Raises:
        Refused: no such pack, not entitled, something it requires is missing, or it holds
            there already.
    """
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    known = library.packs().get(pack)
    if known is None:
        raise Refused(no(f"不能采用：没有制度包 {pack}。已有的：{'、'.join(library.packs())}。"))
    unknown = set(fields) - set(Field.values)
    if unknown:
        raise Refused(no(f"不能采用：没有领域 {'、'.join(sorted(unknown))}。"))
    held = held_already(organization, since, reach)
    require(rules.may_adopt(by, organization, known, held, reach))
    open_ = Adoption.objects.filter(pack=pack, organization=organization, reach=reach, until=None)
    if open_.exists():
        raise Refused(no(f"不用办：{organization.called}已经采用{known.meta.title}。"))
    adoption = Adoption.objects.create(
        pack=pack,
        organization=organization,
        reach=reach,
        fields=sorted(fields),
        since=since,
        paper=paper,
        adopted_by=by,
        adopted_at=at,
    )
    ledger.record(
        Kind.ADOPTED,
        adoption,
        organization=organization.pk,
        by=by,
        at=at,
        occurred=since,
        basis=paper,
    )
    _refresh(adoption, by=by, at=at)
    return adoption


def held_already(organization: Organization, day: date, reach: str) -> set[str] | None:
    """Ids of packs that hold on ``day`` for everyone an adoption would hold for; None where
    that is nobody."""
    if reach == Adoption.Reach.SUBTREE:
        return {found.pack.id for found in queries.in_force(organization, day)}
    rows = organization.guided.filter(on_day(day)).select_related("organization")
    guided = [row.organization for row in rows]
    found = queries.in_force_for(guided, day)
    each = [{one.pack.id for one in found[row.pk]} for row in guided]
    return set.intersection(*each) if each else None


def _refresh(adoption: Adoption, *, by: "User", at: datetime) -> None:
    """What is owed under an adoption, wherever it holds."""
    organization = adoption.organization
    if adoption.reach == Adoption.Reach.SUBTREE:
        effects.run("duties.refresh_subtree", by=by, at=at, path=organization.path)
    else:
        ids = queries.guided_below(organization, adoption.since)
        effects.run("duties.refresh", by=by, at=at, organizations=ids)


@transaction.atomic
def withdraw(adoption: Adoption, *, until: date, by: "User", at: datetime) -> Adoption:
    """Give a pack up from ``until`` on; what was owed before stays owed."""
    adoption = (
        Adoption.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=adoption.pk)
    )
    require(rules.may_withdraw(by, adoption, queries.leaning_on(adoption)))
    if until <= adoption.since:
        raise Refused(no(f"不能从这天停用：{adoption.since} 才开始采用。"))
    adoption.until = until
    adoption.save(update_fields=["until"])
    ledger.record(
        Kind.WITHDRAWN,
        adoption,
        organization=adoption.organization_id,
        by=by,
        at=at,
        occurred=until,
    )
    _refresh(adoption, by=by, at=at)
    return adoption
