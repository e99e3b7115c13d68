"""How many rows hold on a day, for reports, packs and worked examples."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count

from zhibu.core.measures import Figure, Offer, Params, measure
from zhibu.registers.models import Row, latest


class OfRegister(Params):
    """``book``: pack:register; ``counted``: what its counted column says, "" for all."""

    book: str
    counted: str = ""

    @classmethod
    def offered(cls, ids: Sequence[int], on: date) -> list[Offer]:
        """Every register with rows there, whole and by each choice it is counted by. One query."""
        rows = Row.objects.counted().filter(organization__in=ids, since__lte=on)
        found = []
        for name in rows.order_by("register").values_list("register", flat=True).distinct():
            rule = latest(name)
            if rule is None:
                continue
            found.append(Offer(name, rule.title, cls(book=name)))
            spec = rule.column(rule.counted_by)
            for choice in spec.choices if spec else ():
                params = cls(book=name, counted=choice.id)
                found.append(Offer(f"{name}/{choice.id}", f"{rule.title}：{choice.title}", params))
        return found


@measure(
    "registers.valid", title="台账有效的行数", unit="行", grain="organization", params=OfRegister
)
def valid(
    ids: Sequence[int], since: date, until: date, on: date, params: OfRegister
) -> dict[int, Figure]:
    """那天这个组织（不含下级）的台账里有效的行：开始了、没有到期、没有结束、没有作废。"""
    rows = Row.objects.valid_on(on).filter(organization__in=ids, register=params.book)
    if params.counted:
        rows = rows.filter(counted=params.counted)
    counts = rows.order_by().values("organization").annotate(rows=Count("pk"))
    found = dict(counts.values_list("organization", "rows"))
    return {pk: Figure(found.get(pk, 0), None, on) for pk in ids}
