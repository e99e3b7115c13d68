"""Figures about obligations, for reports, scorecards and worked examples."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count, Q

from zhibu.core.measures import Figure, Offer, Params, measure
from zhibu.duties import queries
from zhibu.duties.models import Obligation


class OfDuty(Params):
    """``duty``: publisher/slug:duty."""

    duty: str

    @classmethod
    def offered(cls, ids: Sequence[int], on: date) -> list[Offer]:
        """Every duty that has begun there, by pack and duty. One query."""
        rows = Obligation.objects.begun(on).filter(organization__in=ids)
        named = rows.order_by("pack", "duty").values_list("pack", "duty").distinct()
        titles = queries.titles(f"{pack}:{duty}" for pack, duty in named)
        return [Offer(key, title, cls(duty=key)) for key, title in titles.items()]


@measure("duties.done_of_owed", title="已办 / 应办", unit="项", grain="organization", params=OfDuty)
def done_of_owed(
    ids: Sequence[int], since: date, until: date, on: date, params: OfDuty
) -> dict[int, Figure]:
    """到期日在这段时间里的应办，截至那天办了几项。补记、逾期都算办；免的、不适用的不算应办。"""
    pack, _, duty = params.duty.partition(":")
    rows = (
        Obligation.objects.owed()
        .filter(organization__in=ids, pack=pack, duty=duty, due_on__gte=since, due_on__lt=until)
        .filter(due_on__lte=on)
        .values("organization")
        .annotate(total=Count("pk"), count=Count("pk", filter=Q(done_on__lte=on)))
        .values_list("organization", "count", "total")
    )
    found = {pk: Figure(count, total, on) for pk, count, total in rows}
    return {pk: found.get(pk, Figure(0, 0, on)) for pk in ids}
