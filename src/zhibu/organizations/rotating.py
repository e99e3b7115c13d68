"""轮值主席: the units of a joint meeting chair it in turn, each over its dated turn."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from zhibu.core.dates import add_months
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.organizations import rules
from zhibu.organizations.actions import Kind
from zhibu.organizations.models import Organization, Turn

if TYPE_CHECKING:
    from zhibu.accounts.models import User


@transaction.atomic
def rotate(
    organization: Organization,
    *,
    units: Sequence[Organization],
    since: date,
    months: int,
    rounds: int = 1,
    by: "User",
    at: datetime,
) -> list[Turn]:
    """Let ``units`` chair in this order from ``since`` on, each for ``months``, ``rounds`` times.

    What was arranged from that day on is replaced; a turn that runs then ends that day.

    Raises:
        Refused: ``rules.may_rotate`` refuses, fewer than two units, or one named twice.
    """
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require(rules.may_rotate(by, organization))
    ids = [unit.pk for unit in units]
    if len(ids) < 2:
        raise Refused(no("不能排：轮值要有两个以上的单位。"))
    if len(set(ids)) < len(ids):
        raise Refused(no("不能排：同一个单位写了两次。"))
    ended = [unit for unit in units if unit.dissolved_on]
    if ended:
        raise Refused(no(f"不能排：{ended[0].called}已经撤销。"))
    later = organization.turns.filter(since__gte=since)
    removed = [(Turn._meta.label_lower, pk) for pk in later.values_list("pk", flat=True)]
    later.delete()
    running = list(organization.turns.filter(until__gt=since))
    for turn in running:
        turn.until = since
        turn.save(update_fields=["until"])
    days = [add_months(since, months * number) for number in range(len(ids) * rounds + 1)]
    turns = Turn.objects.bulk_create(
        Turn(organization=organization, unit=unit, since=first, until=until)
        for unit, first, until in zip([*units] * rounds, days, days[1:], strict=False)
    )
    ledger.record(
        Kind.ROTATED, organization, organization=organization.pk, by=by, at=at, occurred=since,
        touched=[*running, *turns], removed=removed,
    )  # fmt: skip
    return turns
