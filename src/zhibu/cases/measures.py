"""How often steps of cases were done, for reports, returns and packs."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count

from zhibu.cases.models import Case, Turn
from zhibu.core.measures import Figure, Offer, Params, measure
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

GONE = (Case.State.CANCELLED, Case.State.VOIDED)


class OfStep(Params):
    """``procedure``: pack:procedure; ``stage``: which step; ``outcomes``: how it ended, [] for
    any; ``elsewhere``: of the cases of others in which the organisation has a hand, not its own.
    """

    procedure: str
    stage: str
    outcomes: list[str] = []
    elsewhere: bool = False

    @classmethod
    def offered(cls, ids: Sequence[int], on: date) -> list[Offer]:
        """Every step that was done in the cases there, as worded last. One query."""
        rows = _done(ids, "case__organization").order_by("case__procedure", "stage")
        found = []
        for name, stage in rows.values_list("case__procedure", "stage").distinct():
            rule = _latest(name)
            step = rule.stage(stage) if rule else None
            if rule and step:
                params = cls(procedure=name, stage=stage)
                found.append(Offer(f"{name}/{stage}", f"{rule.title}：{step.title}", params))
        return found


def _latest(name: str) -> Procedure | None:
    pack_id, _, slug = name.partition(":")
    pack = library.packs().get(pack_id)
    wordings = pack.items.get(("procedures", slug)) if pack else None
    item = wordings[-1].item if wordings else None
    return item if isinstance(item, Procedure) else None


def _done(ids: Iterable[int], whose: str) -> Any:
    """Steps done in cases that stand and are closed to nobody."""
    rows: Any = Turn.objects.filter(state=Turn.State.DONE, **{f"{whose}__in": ids})
    return rows.filter(case__is_confidential=False).exclude(case__state__in=GONE)


@measure("cases.steps_done", title="办了几次这一步", unit="次", grain="organization", params=OfStep)
def steps_done(
    ids: Sequence[int], since: date, until: date, on: date, params: OfStep
) -> dict[int, Figure]:
    """这段时间里，这个组织（不含下级）的事项里办了几次这一步；不公开的、取消和作废的不数。"""
    whose = "case__partner" if params.elsewhere else "case__organization"
    rows = _done(ids, whose).filter(
        case__procedure=params.procedure, stage=params.stage, happened_on__gte=since,
        happened_on__lt=until, happened_on__lte=on,
    )  # fmt: skip
    if params.outcomes:
        rows = rows.filter(outcome__in=params.outcomes)
    counts = dict(rows.order_by().values_list(whose).annotate(times=Count("pk")))
    return {pk: Figure(counts.get(pk, 0), None, on) for pk in ids}
