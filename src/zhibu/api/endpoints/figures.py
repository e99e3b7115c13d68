"""Figures: measures of an organisation and below, and the plan of those to be admitted."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import May, Ref, may
from zhibu.api.sections import Section
from zhibu.core import measures
from zhibu.core.forms import day
from zhibu.core.measures import Figure, Measure, Offer
from zhibu.core.verdicts import require
from zhibu.insight import actions, pool, queries, rules, tables
from zhibu.insight.asking import VIEW
from zhibu.insight.forms import PlanForm
from zhibu.insight.models import AdmissionPlan
from zhibu.insight.scopes import Scope
from zhibu.insight.views import counted
from zhibu.organizations.models import Organization
from zhibu.organizations.queries import as_of

section = Section("数字")
USUAL = "year"


class Choice(Schema):
    id: str
    title: str


class MeasureOut(Schema):
    """A figure that can be asked for. ``of`` says of what; ``smallest_group`` is the fewest
    people it tells of where one does not see them. ``count`` is today's of the organisation
    itself: null where it is not known or not told."""

    name: str
    title: str
    unit: str
    grain: str
    explanation: str
    smallest_group: int
    of: list[Choice]
    count: int | Decimal | None = None
    total: int | None = None


class FigureOut(Schema):
    """A count, out of a total where there is one; null where it is not known or not told."""

    organization: Ref
    code: str
    count: int | Decimal | None
    total: int | None
    on: date


class StepOut(Schema):
    title: str
    count: int
    before: int


class AdmissionsOut(Schema):
    """Those on the way into the Party on a day, beside the same day of the year before: who is
    ``there``, who took a step this year. Steps are of different people. ``planned`` is null
    where no plan was set."""

    organization: Ref
    on: date
    is_whole: bool
    there: list[StepOut]
    steps: list[StepOut]
    planned: int | None
    admitted: int
    may: dict[str, May]


def _top(call: Call, pk: int, on: date) -> Any:
    """An organisation whose figures one sees, with where it stood on a day; 404 for any other."""
    rows: Any = Organization.objects.reached_by(call.user, VIEW).select_related("parent")
    return call.find(as_of(rows, on), pk=pk)


def _scope(call: Call, pk: int, on: date, window: str) -> Scope:
    """With all below it, where one sees that too."""
    over = queries.windows(on)[window]
    top = _top(call, pk, over.on)
    return Scope(top, rules.counts_below(call.user, top), over, top.path_on)


@section.one("/organizations/{int:pk}/measures", "能看的指标，和今天的数", list[MeasureOut])
def measures_of(call: Call, pk: int) -> list[MeasureOut]:
    top, year = _top(call, pk, call.today), queries.windows(call.today)[USUAL]
    answers = []
    for name in measures.names():
        found = measures.get(name)
        offers = found.params.offered([top.pk], call.today)
        told: dict[str, Any] = {}
        if found.grain == "organization" and offers:
            figure = counted.figures_of(call.request, found, offers[0], [top], year)[top.pk]
            told = {"count": figure.count, "total": figure.total}
        answers.append(
            MeasureOut(
                name=found.name, title=found.title, unit=found.unit, grain=found.grain,
                explanation=found.explanation, smallest_group=found.smallest_group,
                of=[Choice(id=one.key, title=one.title) for one in offers], **told,
            )
        )  # fmt: skip
    return answers


class MeasureAsked(forms.Form):
    """Over what span, as of which day, and of what where it can be asked for several."""

    is_filter = True
    window = forms.ChoiceField(
        label="时段", required=False,
        choices=[("", "今年至今"), ("month", "这个月"), ("quarter", "这个季度"),
                 ("year", "今年至今"), ("last-year", "去年全年")],
    )  # fmt: skip
    on = day("截至", required=False, hint="不写是今天。")
    of = forms.CharField(label="哪一项", max_length=200, required=False)


@section.listing(
    "/organizations/{int:pk}/measures/{name}", "一个指标，下面每个组织一个数", FigureOut,
    MeasureAsked,
)  # fmt: skip
def measure(call: Call, pk: int, name: str) -> dict[str, Any]:
    if name not in measures.names() or measures.get(name).grain != "organization":
        raise Http404
    found, asked = measures.get(name), call.filled(MeasureAsked(data=call.query))
    scope = _scope(call, pk, asked["on"] or call.today, asked["window"] or USUAL)
    at = tables.organizations_in(scope)
    offer = _offer(found, [o.pk for o in at], scope.on, asked["of"])
    if offer is None:
        return call.page([], list)
    figures = counted.figures_of(call.request, found, offer, at, scope.window)
    return call.page([o for o in at if o.pk in figures], lambda some: _figures(some, figures))


def _offer(found: Measure, ids: Sequence[int], on: date, asked: str) -> Offer | None:
    """The one that is asked for, the first without a word; 404 for one there is not."""
    offers = found.params.offered(ids, on)
    if not asked:
        return offers[0] if offers else None
    offer = next((one for one in offers if one.key == asked), None)
    if offer is None:
        raise Http404
    return offer


def _figures(at: Sequence[Organization], figures: dict[int, Figure]) -> list[FigureOut]:
    return [
        FigureOut(
            organization=Ref.to(one), code=one.code, count=figures[one.pk].count,
            total=figures[one.pk].total, on=figures[one.pk].on,
        )
        for one in at
    ]  # fmt: skip


# --- those to be admitted


@section.one("/organizations/{int:pk}/admissions", "发展党员：每一步几人、计划几名", AdmissionsOut)
def admissions(call: Call, pk: int) -> AdmissionsOut:
    scope = _scope(call, pk, call.today, USUAL)
    found = pool.pool(scope)
    return AdmissionsOut(
        organization=Ref.to(scope.top), on=scope.on, is_whole=scope.is_whole,
        there=_steps(found.there), steps=_steps(found.steps),
        planned=found.plan.planned if found.plan else None, admitted=found.admitted,
        may=may(plan_admissions=rules.may_plan(call.user, scope.top)),
    )  # fmt: skip


def _steps(lines: Sequence[pool.Line]) -> list[StepOut]:
    return [StepOut(title=one.title, count=one.count, before=one.before) for one in lines]


@section.act(
    "/organizations/{int:pk}/admissions/plan", "定一年发展党员计划", actions.plan_admissions,
    form=PlanForm,
)  # fmt: skip
def plan_admissions(call: Call, pk: int) -> AdmissionPlan:
    found = _top(call, pk, call.today)
    require(rules.may_plan(call.user, found))
    asked = call.filled(PlanForm(data=call.data))
    return actions.plan_admissions(found, **asked, by=call.user, at=call.at)
