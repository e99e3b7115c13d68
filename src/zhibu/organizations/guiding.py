"""业务指导: who leads the trade of whom, beside the line of the tree."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from zhibu.core import effects
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.organizations import rules
from zhibu.organizations.actions import Kind, lock_tree
from zhibu.organizations.models import Guidance, Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User


@transaction.atomic
def guide(
    organization: Organization, *, guide: Organization, since: date, by: "User", at: datetime
) -> Guidance:
    """Let ``guide`` lead the trade of ``organization`` from ``since`` on.

    Raises:
        Refused: ``rules.may_guide`` refuses, or the day is to come.
    """
    lock_tree()
    organization = Organization.objects.get(pk=organization.pk)
    guide = Organization.objects.get(pk=guide.pk)
    rows = Guidance.objects.filter(guide=guide, organization=organization)
    require(rules.may_guide(by, guide, organization, guided=rows.filter(until=None).exists()))
    if since > timezone.localdate(at):
        raise Refused(no("不能定在以后：请在开始指导那天或之后登记。"))
    if rows.filter(until__gt=since).exists():
        raise Refused(no(f"不能从这天起：那时{guide.called}本来就在指导。"))
    made = Guidance.objects.create(guide=guide, organization=organization, since=since)
    ledger.record(Kind.GUIDED, made, organization=organization.pk, by=by, at=at, occurred=since)
    effects.run("duties.refresh_subtree", by=by, at=at, path=organization.path)
    return made


@transaction.atomic
def end_guidance(guidance: Guidance, *, on: date, by: "User", at: datetime) -> Guidance:
    """End it on ``on``; what was owed before stays owed.

    Raises:
        Refused: not entitled, ended already, or before it began.
    """
    guidance = (
        Guidance.objects.select_for_update(of=("self",))
        .select_related("organization", "guide")
        .get(pk=guidance.pk)
    )
    require(rules.may_end_guidance(by, guidance))
    if not guidance.since < on <= timezone.localdate(at):
        raise Refused(no(f"日期不对：要在 {guidance.since} 之后、今天或以前。"))
    guidance.until = on
    guidance.save(update_fields=["until"])
    ledger.record(
        Kind.UNGUIDED,
        guidance,
        organization=guidance.organization_id,
        by=by,
        at=at,
        occurred=on,
    )
    effects.run("duties.refresh_subtree", by=by, at=at, path=guidance.organization.path)
    return guidance
