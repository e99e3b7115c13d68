"""Sums of the books of an organisation, for reports, scorecards and worked examples.

By the day on which things took place; what was taken back counts on the day it was taken back.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from zhibu.core.measures import Figure, Params, measure
from zhibu.money import chart
from zhibu.money.models import LABOUR, ZERO, Line, Quantity


def _moved(
    ids: Sequence[int], since: date, until: date, on: date, codes: Collection[str], sign: int
) -> dict[int, Figure]:
    """What the accounts of these codes took in less what they gave, by organisation; ``sign`` is 1
    where debits count. Two queries."""
    found = dict.fromkeys(ids, ZERO)
    rows: Any = Line.objects.filter(
        entry__book__organization_id__in=ids, entry__occurred__gte=since,
        entry__occurred__lt=until, entry__occurred__lte=on,
    )  # fmt: skip
    for side, own in (("debit", sign), ("credit", -sign)):
        sums = (
            rows.filter(**{f"{side}__code__in": codes})
            .values("entry__book__organization_id")
            .annotate(total=Sum("amount"))
            .order_by()
        )
        for pk, total in sums.values_list("entry__book__organization_id", "total"):
            found[pk] += own * total
    return {pk: Figure(amount, None, on) for pk, amount in found.items()}


@measure("money.received", title="收到的钱", unit="元", grain="organization")
def received(
    ids: Sequence[int], since: date, until: date, on: date, params: Params
) -> dict[int, Figure]:
    """这段时间里这个组织（不含下级）各本账上收到的钱，冲正的减去。"""
    return _moved(ids, since, until, on, [one.code for one in chart.sources()], -1)


@measure("money.paid", title="付出的钱", unit="元", grain="organization")
def paid(
    ids: Sequence[int], since: date, until: date, on: date, params: Params
) -> dict[int, Figure]:
    """这段时间里这个组织（不含下级）各本账上付出的钱，冲正的减去。"""
    return _moved(ids, since, until, on, [one.code for one in chart.uses()], 1)


@measure("money.pledged", title="认捐的钱", unit="元", grain="organization")
def pledged(
    ids: Sequence[int], since: date, until: date, on: date, params: Params
) -> dict[int, Figure]:
    """这段时间里这个组织（不含下级）各本账上认捐的钱，收到没有都算，冲正的减去。"""
    return _moved(ids, since, until, on, [chart.PROMISE], -1)


@measure("money.labour", title="出工", unit="工日", grain="organization")
def labour(
    ids: Sequence[int], since: date, until: date, on: date, params: Params
) -> dict[int, Figure]:
    """这段时间里这个组织（不含下级）各本账上记的出工，冲正的减去。"""
    rows: Any = Quantity.objects.filter(
        book__organization_id__in=ids, what=LABOUR, occurred__gte=since, occurred__lt=until,
        occurred__lte=on,
    )  # fmt: skip
    found: dict[int, Decimal] = dict(
        rows.values("book__organization_id")
        .annotate(total=Sum("amount"))
        .order_by()
        .values_list("book__organization_id", "total")
    )
    return {pk: Figure(found.get(pk, Decimal(0)), None, on) for pk in ids}
