"""Campaigns: what every unit has to do in each phase, and what became of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import Http404
from ninja import Schema

from zhibu.api.calling import Call, Faults
from zhibu.api.endpoints.shared import Asked, May, Ref, Said, may, said
from zhibu.api.sections import Section
from zhibu.cases.campaigns import actions, queries, rules, tallies, views
from zhibu.cases.campaigns.forms import (
    EnterForm,
    GridFilter,
    ListFilter,
    SureForm,
    UnitForm,
    WhyForm,
)
from zhibu.cases.campaigns.judging import Judged
from zhibu.cases.campaigns.models import Campaign, Entry, Span, Unit
from zhibu.cases.campaigns.queries import Cell, Run, Sheet
from zhibu.cases.campaigns.tallies import Board
from zhibu.core import standing
from zhibu.core.forms import day
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.packs.schema.campaigns import CampaignItem

section = Section("集中活动")


class CampaignLine(Schema):
    id: int
    title: str
    organization: Ref
    since: date
    last_on: date
    taking_part: int
    state: str


class PhaseOut(Schema):
    """A phase of a batch. ``opener`` says who opens it where it does not begin by itself, by the
    number ``span``; ``opened_on`` is null where nobody has. ``may_be_opened``: the day has come
    and one is who opens it; what the units lack is said to whoever tries.
    """

    span: int
    phase: str
    title: str
    batch: str
    since: date
    last_on: date
    opener: str
    opened_on: date | None
    may_be_opened: bool


class ItemOut(Schema):
    """What has to be done: ``way`` says where its state comes from."""

    id: str
    phase: str
    title: str
    per: str
    required: bool
    way: str
    cited: str


class StaffOut(Schema):
    id: int
    title: str
    since: date
    until: date | None
    may: dict[str, May]


class CampaignOut(Schema):
    id: int
    title: str
    organization: Ref
    reference: str
    cited: str
    state: str
    reason: str
    ended_on: date | None
    phase: str
    phases: list[PhaseOut]
    items: list[ItemOut]
    staff: list[StaffOut]
    may: dict[str, May]


class CellOut(Schema):
    """What became of an item at a unit: of its people ``over`` of ``total`` are done."""

    item: str
    state: str
    word: str
    day: date | None
    until: date | None
    over: int | None = None
    total: int | None = None


class UnitLine(Schema):
    id: int
    organization: Ref
    code: str
    batch: str
    cells: list[CellOut]


class UnitItem(CellOut):
    title: str
    about: str
    per: str
    required: bool
    way: str
    asked: list[Asked]
    may: dict[str, May]


class EntryOut(Schema):
    """What was entered by hand. Taken back, it stays with the reason."""

    id: int
    item: str
    person: Ref | None
    happened_on: date
    written: list[Said]
    by: str
    why_void: str
    may: dict[str, May]


class UnitOut(Schema):
    """A unit in one phase. Its people stand under ``/campaign-units/{pk}/people``."""

    id: int
    campaign: int
    title: str
    organization: Ref
    batch: str
    removed_on: date | None
    removed_reason: str
    phase: str
    phases: list[PhaseOut]
    items: list[UnitItem]
    entries: list[EntryOut]
    may: dict[str, May]


class PersonLine(Schema):
    person: Ref
    cells: list[CellOut]


@section.listing("/campaigns", "集中活动，新的在前", CampaignLine, ListFilter)
def campaigns(call: Call) -> dict[str, Any]:
    asked = call.filled(ListFilter(data=call.query))
    rows = queries.listed(call.user, asked["state"])
    if asked["q"]:
        rows = rows.filter(title__icontains=asked["q"])
    return call.page(rows, lambda some: [_line(one) for one in some])


def _line(row: Any) -> CampaignLine:
    spans = row.spans.all()
    return CampaignLine(
        id=row.pk, title=row.title, organization=Ref.to(row.organization), state=row.state,
        since=min(s.since for s in spans), last_on=max(s.last_on for s in spans),
        taking_part=row.taking_part,
    )  # fmt: skip


def _run_for(call: Call, pk: int) -> Run:
    rows = Campaign.objects.visible_to(call.user).select_related("organization")
    return Run(call.find(rows, pk=pk))


@section.one("/campaigns/{int:pk}", "一次集中活动：阶段、要办的、工作机构", CampaignOut, Campaign)
def campaign(call: Call, pk: int) -> CampaignOut:
    """``phase`` is the one that most batches are in today."""
    run, user = _run_for(call, pk), call.user
    row = run.campaign
    return CampaignOut(
        id=row.pk, title=row.title, organization=Ref.to(row.organization),
        reference=row.reference, cited=run.cited(), state=row.state, reason=row.reason,
        ended_on=row.ended_on, phase=run.current(call.today),
        phases=[_phase(call, run, span, None) for span in run.spans],
        items=[_item(run, item) for item in run.rule.items],
        staff=[
            StaffOut(
                id=one.pk, title=one.title, since=one.since, until=one.until,
                may=may(stand_down=rules.may_stand_down(user, run, one, call.today)),
            )
            for one in row.staff.order_by("pk")
        ],
        may=may(
            end_campaign=rules.may_end(user, run, call.today),
            cancel_campaign=rules.may_lead(user, row),
            add_unit=rules.may_lead(user, row),
        ),
    )  # fmt: skip


def _phase(call: Call, run: Run, span: Span, unit: Unit | None) -> PhaseOut:
    phase, gate = run.phase(span.phase), run.phase(span.phase).gate
    by_unit = gate is not None and gate.opener == "unit"
    opening = run.openings.get((span.pk, unit.pk if unit and by_unit else None))
    window = run.window(span, unit.pk if unit else 0)
    place = unit.organization if unit else run.campaign.organization
    is_due = call.today >= span.since and opening is None and run.campaign.is_open
    is_theirs = gate is not None and by_unit == (unit is not None)
    asked = rules.ENTER if unit else rules.LEAD
    return PhaseOut(
        span=span.pk, phase=phase.id, title=phase.title, batch=span.batch.title,
        since=window.since if window else span.since,
        last_on=window.last_on if window else span.last_on,
        opener=gate.opener if gate else "", opened_on=opening.opened_on if opening else None,
        may_be_opened=is_theirs and is_due and standing.may(call.user, asked, place.path),
    )  # fmt: skip


def _item(run: Run, item: CampaignItem) -> ItemOut:
    return ItemOut(
        id=item.id, phase=item.phase, title=item.title, per=item.per, required=item.required,
        way=views.way_of(item), cited=run.cited(item.cites),
    )  # fmt: skip


# --- the grid


@section.listing(
    "/campaigns/{int:pk}/grid", "一个阶段里各单位办得怎样，按代码", UnitLine, GridFilter
)
def campaign_grid(call: Call, pk: int) -> dict[str, Any]:
    """``phase`` is one of the campaign, or ``all``; without one that of today."""
    run = _run_for(call, pk)
    current = run.current(call.today)
    asked = call.filled(GridFilter(run, data=call.query, phase=current))
    phase = asked["phase"] or current
    items = [item for item in run.rule.items if phase in ("all", item.phase)]
    seen = Unit.objects.visible_to(call.user).filter(campaign=run.campaign)
    rows = queries.taking_part(run.campaign).filter(pk__in=seen.values("pk"))
    if asked.get("batch"):
        rows = rows.filter(batch__batch=asked["batch"])
    if asked["q"]:
        rows = rows.filter(organization__name__icontains=asked["q"])
    found: Any = rows
    if asked["state"]:
        found = Board(run, rows, call.today, items).in_state(asked["state"])
    return call.page(found, lambda some: _rows(call, run, some, items))


def _rows(call: Call, run: Run, units: list[Unit], items: Sequence[CampaignItem]) -> list[UnitLine]:
    found = tallies.cells(run, units, call.today, items)
    return [
        UnitLine(
            id=unit.pk, organization=Ref.to(unit.organization), code=unit.organization.code,
            batch=unit.batch.title, cells=[CellOut(**_cell(one)) for one in found[unit.pk]],
        )
        for unit in units
    ]  # fmt: skip


def _cell(cell: Cell) -> dict[str, Any]:
    if cell.judged is not None:
        return _judged(cell.item, cell.judged)
    return {
        "item": cell.item.id, "state": cell.state, "word": cell.word, "day": None, "until": None,
        "over": cell.over, "total": cell.total,
    }  # fmt: skip


def _judged(item: CampaignItem, one: Judged) -> dict[str, Any]:
    return {
        "item": item.id, "state": one.state, "word": one.word, "until": one.until,
        "day": one.fact.day if one.fact else None,
    }  # fmt: skip


# --- one unit


def _unit_for(call: Call, pk: int) -> tuple[Run, Unit]:
    rows = Unit.objects.visible_to(call.user).select_related(
        "campaign__organization", "organization", "batch"
    )
    unit = call.find(rows, pk=pk)
    return Run(unit.campaign), unit


def _phase_asked(call: Call, run: Run, unit: Unit, asked: str) -> str:
    """The phase that is named, or that of today; 404 for one that the campaign has not."""
    phase = asked or views.current_of(run, unit, call.today)
    if run.rule.phase(phase) is None:
        raise Http404
    return phase


@section.one("/campaign-units/{int:pk}", "一个单位在一个阶段要办的", UnitOut, Unit)
def campaign_unit(call: Call, pk: int, phase: str = "") -> UnitOut:
    """``phase`` is one of the campaign; without one that of today."""
    (run, unit), user = _unit_for(call, pk), call.user
    chosen = _phase_asked(call, run, unit, phase)
    items = [item for item in run.rule.items if item.phase == chosen]
    sheet = Sheet(run, [unit], call.today, items)
    sees = standing.may(user, "people.view", unit.organization.path)
    return UnitOut(
        id=unit.pk, campaign=run.campaign.pk, title=run.campaign.title,
        organization=Ref.to(unit.organization), batch=unit.batch.title,
        removed_on=unit.removed_on, removed_reason=unit.removed_reason, phase=chosen,
        phases=[
            _phase(call, run, span, unit) for span in run.by_batch[unit.batch_id].values()
        ],
        items=[_unit_item(call, sheet, unit, item) for item in items],
        entries=[
            _entry(told) for told in views.entries_of(call.request, unit, items, sees)
        ],
        may=may(remove_unit=rules.may_lead(user, run.campaign)),
    )  # fmt: skip


def _unit_item(call: Call, sheet: Sheet, unit: Unit, item: CampaignItem) -> UnitItem:
    verdict = rules.may_enter(call.user, sheet.run, unit, item, call.today)
    return UnitItem(
        **_cell(sheet.cell(unit, item)), title=item.title, about=item.about, per=item.per,
        required=item.required, way=views.way_of(item),
        asked=Asked.of(item.entered.fields if item.entered else []),
        may=may(enter_item=verdict),
    )  # fmt: skip


def _entry(told: dict[str, Any]) -> EntryOut:
    entry = told["entry"]
    return EntryOut(
        id=entry.pk, item=entry.item, person=Ref.of(entry.person), happened_on=entry.happened_on,
        written=said(told["written"]), by=entry.by.display_name, why_void=entry.void_reason,
        may=may(void_entry=told["may_void"]),
    )  # fmt: skip


class PhaseFilter(forms.Form):
    """Which phase; without one that of today."""

    is_filter = True
    phase = forms.CharField(label="阶段", max_length=60, required=False)


@section.listing(
    "/campaign-units/{int:pk}/people", "一个单位里每个人办得怎样", PersonLine, PhaseFilter
)
def campaign_people(call: Call, pk: int) -> dict[str, Any]:
    """Whoever may not see the people there finds their own line alone."""
    run, unit = _unit_for(call, pk)
    asked = call.filled(PhaseFilter(data=call.query))
    phase = _phase_asked(call, run, unit, asked["phase"])
    items = [i for i in run.rule.items if i.phase == phase and i.per == "person"]
    sheet = Sheet(run, [unit], call.today, items)
    sees = standing.may(call.user, "people.view", unit.organization.path)
    own = call.user.person_id
    on_roll = [one for one in sheet.roll[unit.pk] if sees or one == own]
    return call.page(on_roll, lambda some: _people(sheet, unit, some))


def _people(sheet: Sheet, unit: Unit, some: list[int]) -> list[PersonLine]:
    people = queries.people(some)
    return [
        PersonLine(
            person=Ref.to(people[pk]),
            cells=[
                CellOut(**_judged(item, sheet.judged(unit, item, pk))) for item in sheet.items
            ],
        )
        for pk in some
    ]  # fmt: skip


# --- what is done in one


class Entering(forms.Form):
    """What every entry is asked; the item adds its own."""

    people = forms.MultipleChoiceField(
        label="哪些人", required=False, help_text="每个人办的项目要写，写编号。"
    )
    happened_on = day("哪天办的", hint="补记写实际的日子。")


@section.act(
    "/campaign-units/{int:pk}/items/{item}", "记办了一项", actions.enter, form=Entering,
    is_open=True,
)  # fmt: skip
def enter_item(call: Call, pk: int, item: str) -> Unit:
    run, unit = _unit_for(call, pk)
    found = run.rule.item(item)
    if found is None:
        raise Http404
    require(rules.may_enter(call.user, run, unit, found, call.today))
    waiting = None
    if found.per == "person":
        waiting = views.people_waiting(run, unit, found, call.today)
    form = call.valid(EnterForm(found, waiting, None, call.data))
    asked = form.cleaned_data
    actions.enter(
        unit, found, people=[int(one) for one in asked.get("people", [])],
        happened_on=asked["happened_on"], values=form.values(), by=call.user, at=call.at,
    )  # fmt: skip
    return unit


@section.act("/campaign-entries/{int:pk}/void", "收回记错的", actions.void, form=WhyForm)
def void_entry(call: Call, pk: int) -> Unit:
    seen = Unit.objects.visible_to(call.user).values("pk")
    rows = Entry.objects.filter(unit__in=seen).select_related(
        "campaign__organization", "unit__organization"
    )
    entry = call.find(rows, pk=pk)
    require(rules.may_void(call.user, entry))
    actions.void(entry, **call.filled(WhyForm(data=call.data)), by=call.user, at=call.at)
    return entry.unit


def _span_of(run: Run, pk: int) -> Span:
    found = next((one for one in run.spans if one.pk == pk), None)
    if found is None:
        raise Http404
    return found


@section.act(
    "/campaigns/{int:pk}/spans/{int:span}/open", "给一批开一个阶段", actions.open_phase,
    form=SureForm,
)  # fmt: skip
def open_phase(call: Call, pk: int, span: int) -> Campaign:
    run = _run_for(call, pk)
    found = _span_of(run, span)
    require(rules.may_open(call.user, run, found, None, call.today))
    call.filled(SureForm(data=call.data))
    actions.open_phase(found, by=call.user, at=call.at)
    return run.campaign


@section.act(
    "/campaign-units/{int:pk}/spans/{int:span}/open", "给本单位开一个阶段", actions.open_phase,
    form=SureForm,
)  # fmt: skip
def open_own_phase(call: Call, pk: int, span: int) -> Unit:
    run, unit = _unit_for(call, pk)
    found = _span_of(run, span)
    if found.batch_id != unit.batch_id:
        raise Http404
    require(rules.may_open(call.user, run, found, unit, call.today))
    call.filled(SureForm(data=call.data))
    actions.open_phase(found, unit, by=call.user, at=call.at)
    return unit


@section.act("/campaigns/{int:pk}/units", "加一个单位", actions.add_unit, form=UnitForm)
def add_unit(call: Call, pk: int) -> Unit:
    run = _run_for(call, pk)
    require(rules.may_lead(call.user, run.campaign))
    asked = call.filled(UnitForm(run, data=call.data))
    below = Organization.objects.under(run.campaign.organization.path)
    known = views.by_word(below, [asked["organization"]])
    if asked["organization"] not in known:
        raise Faults({"organization": ["没有这样的组织，核对代码或者全称。"]})
    return actions.add_unit(
        run.campaign, call.find(below, pk=known[asked["organization"]]),
        next(one for one in run.batches if one.batch == asked["batch"]),
        reason=asked["reason"], by=call.user, at=call.at,
    )  # fmt: skip


@section.act("/campaign-units/{int:pk}/remove", "去掉一个单位", actions.remove_unit, form=WhyForm)
def remove_unit(call: Call, pk: int) -> Unit:
    run, unit = _unit_for(call, pk)
    require(rules.may_lead(call.user, run.campaign))
    asked = call.filled(WhyForm(data=call.data))
    return actions.remove_unit(unit, **asked, by=call.user, at=call.at)


@section.act(
    "/campaigns/{int:pk}/staff/{int:staff}/end", "撤工作机构", actions.stand_down, form=SureForm
)
def stand_down(call: Call, pk: int, staff: int) -> Campaign:
    run = _run_for(call, pk)
    found = call.find(run.campaign.staff.all(), pk=staff)
    require(rules.may_stand_down(call.user, run, found, call.today))
    call.filled(SureForm(data=call.data))
    actions.stand_down(found, by=call.user, at=call.at)
    return run.campaign


@section.act("/campaigns/{int:pk}/end", "结束集中活动", actions.end, form=SureForm)
def end_campaign(call: Call, pk: int) -> Campaign:
    run = _run_for(call, pk)
    require(rules.may_end(call.user, run, call.today))
    call.filled(SureForm(data=call.data))
    return actions.end(run.campaign, by=call.user, at=call.at)


@section.act("/campaigns/{int:pk}/cancel", "取消集中活动", actions.cancel, form=WhyForm)
def cancel_campaign(call: Call, pk: int) -> Campaign:
    run = _run_for(call, pk)
    require(rules.may_lead(call.user, run.campaign))
    asked = call.filled(WhyForm(data=call.data))
    return actions.cancel(run.campaign, **asked, by=call.user, at=call.at)
