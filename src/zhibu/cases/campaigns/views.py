from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.adoptions.queries import HeldItem
from zhibu.cases.campaigns import actions, judging, queries, rules, tallies
from zhibu.cases.campaigns.forms import (
    MOST,
    EnterForm,
    GridFilter,
    LaunchForm,
    ListFilter,
    SureForm,
    UnitForm,
    WhyForm,
)
from zhibu.cases.campaigns.models import Campaign, Entry, Span, Staff, Unit
from zhibu.cases.campaigns.queries import Cell, Missed, Run, Sheet
from zhibu.cases.campaigns.tallies import Board, MissedRows
from zhibu.cases.forms import FieldsForm
from zhibu.cases.steps import Faulty
from zhibu.core import excel, fields, fulfilling, hats, standing
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download_file, page_number, query_without, saved
from zhibu.core.verdicts import Verdict, require
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.campaigns import Campaign as Rule
from zhibu.packs.schema.campaigns import CampaignItem

PAGE = 30
PEOPLE_PAGE = 60
SHOWN = 12  # units of each batch named before a launch


def _done(form: FieldsForm, act: Callable[[], object]) -> bool:
    """Run the action; what it refuses stands on the form, each fault in its place."""
    try:
        return attempt(form, act)
    except Faulty as faulty:
        form.show(faulty)
        return False


def _typed(request: SignedInRequest) -> Any:
    """What was sent, even nothing but the button; None to look at an empty form."""
    return request.POST if request.method == "POST" else None


def _excel(
    title: str, columns: Sequence[tuple[str, int]], cells: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    today = timezone.localdate()
    heads = [excel.Column(*column) for column in columns]
    file = excel.file(title[:31], heads, cells, note=f"截至 {today}")
    return download_file(file, name=f"{title}{today}.xlsx", content_type=excel.TYPE)


# --- the list, and launching


@login_required
@require_safe
def campaign_list(request: SignedInRequest) -> HttpResponseBase:
    """Campaigns led within reach, or that one's units take part in; to Excel."""
    form = ListFilter(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    rows = queries.listed(request.user, asked.get("state") or "")
    if asked.get("q"):
        rows = rows.filter(title__icontains=asked["q"])
    if "export" in request.GET:
        columns = (("名称", 30), ("发起", 24), ("从", 12), ("到", 12), ("单位", 8), ("状态", 10))
        return _excel("集中活动", columns, (_row(one) for one in rows))
    page = Paginator(rows, PAGE).get_page(page_number(request))
    hat = hats.worn(request)
    context = {
        "page": page,
        "lines": [(one, *_days(one)) for one in page],
        "form": form,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "is_asked": bool(asked.get("q") or asked.get("state")),
        "may_launch": bool(hat and hat.organization_id and hat.may(rules.LEAD)),
    }
    return render(request, "campaigns/list.html", context)


def _days(campaign: Any) -> tuple[date, date]:
    spans = campaign.spans.all()
    return min(s.since for s in spans), max(s.last_on for s in spans)


def _row(campaign: Any) -> list[Any]:
    return [campaign.title, campaign.organization.name, *_days(campaign), campaign.taking_part,
            campaign.get_state_display()]  # fmt: skip


@login_required
@require_safe
def launch_here(request: SignedInRequest) -> HttpResponse:
    """Launching at the organisation whose hat one wears."""
    hat = hats.worn(request)
    if hat is None or hat.organization_id is None or not hat.may(rules.LEAD):
        raise Http404
    return redirect("campaigns:launch", hat.organization_id)


@login_required
@require_http_methods(["GET", "POST"])
def launch(request: SignedInRequest, organization: int) -> HttpResponse:
    """Choose a campaign in force there, say the days; look at the units; launch."""
    found = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization)
    require(rules.may_launch(request.user, found))
    offered = queries.offered(found, timezone.localdate())
    held = offered.get(request.GET.get("campaign", ""))
    if held is None:
        context = {"organization": found, "offered": list(offered.items())}
        return render(request, "campaigns/choose.html", context)
    return _launching(request, found, held)


def _launching(
    request: SignedInRequest, organization: Organization, held: HeldItem
) -> HttpResponse:
    rule = held.wording.item
    assert isinstance(rule, Rule)
    form = LaunchForm(rule, request.POST or None, initial={"title": rule.title})
    units: dict[str, list[int]] = {}
    left: list[int] = []
    if request.method == "POST" and form.is_valid():
        units, left = _units_asked(organization, rule, form)
        made: list[Campaign] = []
        if (
            not form.errors
            and "launch" in request.POST
            and _done(form, lambda: made.append(_begin(request, organization, held, form, units)))
        ):
            saved(request, "发起了，参加的单位都收到了消息。", draft=f"campaign:{held.reference}")
            return redirect(made[0])
    context = {
        "organization": organization,
        "rule": rule,
        "form": form,
        "cited": library.packs()[held.reference.partition(":")[0]].cited(held.wording),
        "preview": [] if form.errors else _preview(rule, units, form),
        "left": len(left),
        "draft": f"campaign:{held.reference}",
    }
    return render(request, "campaigns/launch.html", context)


def _units_asked(
    organization: Organization, rule: Rule, form: LaunchForm
) -> tuple[dict[str, list[int]], list[int]]:
    """Units by batch: those named by hand, and whoever else fits; faults go on the form."""
    below = Organization.objects.under(organization.path).filter(dissolved_on=None)
    named: dict[str, list[int]] = {}
    for batch in rule.batches:
        if batch.by_hand:
            name = f"units_{batch.id}"
            lines = [text.strip() for text in form.cleaned_data[name].splitlines() if text.strip()]
            known = by_word(below, lines)
            strange = [text for text in lines if text not in known]
            if strange:
                form.add_error(
                    name, f"没有这样的组织：{'、'.join(strange[:5])}。核对代码或者全称。"
                )
            named[batch.id] = [known[text] for text in lines if text in known]
    taken = [pk for ids in named.values() for pk in ids]
    units, left = queries.fitting(organization, rule, timezone.localdate(), taken)
    return units | named, left


def by_word(rows: Any, words: Sequence[str]) -> dict[str, int]:
    """Organisations by code or name. Two queries."""
    found = dict(rows.filter(name__in=words).values_list("name", "pk"))
    return found | dict(rows.filter(code__in=words).values_list("code", "pk"))


def _begin(
    request: SignedInRequest, organization: Organization, held: HeldItem, form: LaunchForm,
    units: dict[str, list[int]],
) -> Campaign:  # fmt: skip
    data = form.cleaned_data
    return actions.launch(
        organization, reference=held.reference, wording=held.wording.since, title=data["title"],
        starts={
            name.removeprefix("starts_"): value for name, value in data.items()
            if name.startswith("starts_")
        },
        units=units, by=request.user, at=timezone.now(),
    )  # fmt: skip


def _preview(rule: Rule, units: dict[str, list[int]], form: LaunchForm) -> list[dict[str, Any]]:
    """Each batch with its days, how many units, and the first of them. One query."""
    if not units:
        return []
    first = [pk for ids in units.values() for pk in ids[:SHOWN]]
    names = {one.pk: one.called for one in Organization.objects.filter(pk__in=first)}
    return [
        {
            "batch": batch,
            "count": len(units[batch.id]),
            "names": [names[pk] for pk in units[batch.id][:SHOWN] if pk in names],
            "days": [
                (phase, window)
                for phase, window in zip(
                    rule.phases,
                    judging.windows(rule, form.cleaned_data[f"starts_{batch.id}"]).values(),
                    strict=True,
                )
            ],
        }
        for batch in rule.batches
    ]


# --- one campaign


def _run_for(request: SignedInRequest, pk: int) -> Run:
    rows = Campaign.objects.visible_to(request.user).select_related("organization")
    campaign: Campaign = get_object_or_404(rows, pk=pk)
    return Run(campaign)


def _narrowed(request: SignedInRequest, run: Run, asked: dict[str, Any]) -> Any:
    rows = queries.taking_part(run.campaign).filter(
        pk__in=Unit.objects.visible_to(request.user).filter(campaign=run.campaign).values("pk")
    )
    if asked.get("batch"):
        rows = rows.filter(batch__batch=asked["batch"])
    if asked.get("q"):
        rows = rows.filter(organization__name__icontains=asked["q"])
    return rows


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The grid: units × items of a phase, with what became of each; to Excel."""
    run, today = _run_for(request, pk), timezone.localdate()
    current = run.current(today)
    form = GridFilter(run, request.GET, phase=current)
    form.is_valid()
    asked = form.cleaned_data
    phase = asked.get("phase") or current
    items = [item for item in run.rule.items if phase in ("all", item.phase)]
    rows = _narrowed(request, run, asked)
    if "export" in request.GET:
        return _grid_exported(run, rows, items, today)
    if asked.get("state"):
        rows = Board(run, rows, today, items).in_state(asked["state"])
    shown = Paginator(rows, PAGE).get_page(page_number(request))
    units = list(shown)
    found = tallies.cells(run, units, today, items)
    context = {
        "campaign": run.campaign,
        "run": run,
        "rule": run.rule,
        "form": form,
        "items": items,
        "phase": None if phase == "all" else run.phase(phase),
        "lines": [(unit, found[unit.pk], _summary(found[unit.pk])) for unit in units],
        "page": shown,
        "batches": _batches(request, run, today),
        "staff": _staff(request, run, today),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "may_lead": rules.may_lead(request.user, run.campaign),
        "may_end": rules.may_end(request.user, run, today),
        "fillable": [item for item in items if item.entered and item.per == "organization"],
        "cited": run.cited(),
        "is_asked": bool(asked.get("q") or asked.get("state") or asked.get("batch")),
        "today": today,
    }
    return render(request, "campaigns/detail.html", context)


def _summary(cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """For a phone: how many required items are over, and how many lack."""
    asked = [cell for cell in cells if cell.item.required]
    over = sum(cell.is_over for cell in asked)
    lacking = sum(cell.state == judging.MISSING for cell in asked)
    found = [("done" if over == len(asked) else "open", f"{over}/{len(asked)}")]
    return [*found, ("overdue", f"{lacking} 项没办")] if lacking else found


def _batches(request: SignedInRequest, run: Run, today: date) -> list[dict[str, Any]]:
    """Each batch with its phases: their days, and what can be done with a gate."""
    return [
        {"batch": batch, "phases": [
            _gate(request, run, span, None, today) for span in run.by_batch[batch.pk].values()
        ]}
        for batch in run.batches
    ]  # fmt: skip


def _gate(
    request: SignedInRequest, run: Run, span: Span, unit: Unit | None, today: date
) -> dict[str, Any]:
    """A phase with its days. Whether its gate may be opened is asked on the page that does so."""
    phase = run.phase(span.phase)
    by_unit = phase.gate is not None and phase.gate.opener == "unit"
    opening = run.openings.get((span.pk, unit.pk if unit and by_unit else None))
    window = run.window(span, unit.pk if unit else 0)
    is_mine = phase.gate is not None and by_unit == (unit is not None)
    place = unit.organization if unit else run.campaign.organization
    is_due = today >= span.since and opening is None and run.campaign.is_open
    may = standing.may(request.user, rules.ENTER if unit else rules.LEAD, place.path)
    return {
        "phase": phase,
        "span": span,
        "since": window.since if window else span.since,
        "last_on": window.last_on if window else span.last_on,
        "opening": opening,
        "is_closed": phase.gate is not None and opening is None and (unit is not None or is_mine),
        "by_unit": by_unit and unit is None,
        "is_now": window is not None and today in window,
        "may_open": is_mine and is_due and may,
    }


def _staff(request: SignedInRequest, run: Run, today: date) -> list[tuple[Staff, Verdict]]:
    rows = run.campaign.staff.order_by("pk") if run.rule.bodies else []
    return [(one, rules.may_stand_down(request.user, run, one, today)) for one in rows]


def _grid_exported(
    run: Run, rows: Any, items: Sequence[CampaignItem], today: date
) -> HttpResponseBase:
    units = list(rows)
    found = tallies.cells(run, units, today, items)
    columns = [("代码", 16), ("组织", 30), ("批次", 10), *((item.title, 16) for item in items)]
    cells = (
        [unit.organization.code, unit.organization.name, unit.batch.title,
         *(_told(cell) for cell in found[unit.pk])]
        for unit in units
    )  # fmt: skip
    return _excel(run.campaign.title, columns, cells)


def _told(cell: Cell) -> str:
    """已办 2026-03-05; 22/24 where it is its people's."""
    fact = cell.judged.fact if cell.judged else None
    return f"{cell.word} {fact.day}" if fact else cell.word


@login_required
@require_safe
def progress(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """推进表: every item of every batch, how many did it in time, late, made it up, or lack."""
    run, today = _run_for(request, pk), timezone.localdate()
    rows = _narrowed(request, run, {})
    lines = Board(run, rows, today).lines()
    if "export" in request.GET:
        columns = (("批次", 10), ("阶段", 14), ("项目", 28), ("谁办", 8), ("要求", 8), ("应办", 8),
                   ("按时", 8), ("补了", 8), ("逾期", 8), ("还没办", 8), ("待办", 8),
                   ("单位", 8), ("全办好的单位", 12))  # fmt: skip
        return _excel(f"{run.campaign.title}推进表", columns, (_sheet_row(run, x) for x in lines))
    context = {
        "campaign": run.campaign,
        "lines": [(line, run.phase(line.item.phase)) for line in lines],
        "has_batches": len(run.batches) > 1,
        "cited": run.cited(),
        "export": "?export=1",
        "today": today,
    }
    return render(request, "campaigns/progress.html", context)


def _sheet_row(run: Run, line: queries.Line) -> list[Any]:
    return [
        line.batch.title, run.phase(line.item.phase).title, line.item.title,
        "每个人" if line.item.per == "person" else "单位",
        "规定动作" if line.item.required else "自选动作", line.asked, line.done, line.made_up,
        line.late, line.missing, line.waiting, line.units, line.units_over,
    ]  # fmt: skip


@login_required
@require_safe
def make_ups(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Who and which units missed what, until when it can be made up, and when it was."""
    run, today = _run_for(request, pk), timezone.localdate()
    board = Board(run, _narrowed(request, run, {}), today)
    places = tallies.places(board)
    seen = standing.where(request.user, "people.view", {place.path for place in places})
    places = [one for one in places if one.item.per != "person" or one.path in seen]
    view = request.GET.get("view", "")
    rows: Any = MissedRows(board, places, is_open=view == "open")
    if "export" in request.GET:
        found = rows[:]
        people = queries.people({one.person for one in found if one.person})
        columns = (("组织", 30), ("谁", 12), ("项目", 26), ("补到哪天", 12), ("哪天办的", 12),
                   ("状态", 12))  # fmt: skip
        cells = (
            [one.unit.organization.name, people[one.person].name if one.person else "单位",
             one.item.title, one.judged.until, one.judged.fact.day if one.judged.fact else None,
             one.judged.word]
            for one in found
        )  # fmt: skip
        return _excel(f"{run.campaign.title}补课名单", columns, cells)
    page: Page[Missed] = Paginator(rows, PAGE).get_page(page_number(request))
    people = queries.people({one.person for one in page if one.person})
    context = {
        "campaign": run.campaign,
        "page": page,
        "lines": [(one, people.get(one.person), _may_make_up(request, run, one, today))
                  for one in page],
        "missed": len(rows),
        "over": 0 if rows.is_open else sum(place.over for place in places),
        "view": view,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }  # fmt: skip
    return render(request, "campaigns/make_ups.html", context)


def _may_make_up(request: SignedInRequest, run: Run, one: Missed, today: date) -> bool:
    if one.judged.is_over:
        return False
    return bool(rules.may_enter(request.user, run, one.unit, one.item, today))


@login_required
@require_http_methods(["GET", "POST"])
def enter_many(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Enter an item for several units in one save."""
    run, today = _run_for(request, pk), timezone.localdate()
    require(rules.may_lead(request.user, run.campaign))
    found = run.rule.item(item)
    if found is None or found.per != "organization" or found.entered is None:
        raise Http404
    short = Board(run, queries.taking_part(run.campaign), today, [found]).short()
    waiting = [unit for unit in short if rules.is_entered(run, unit, found, today)]
    by_pk = {str(unit.pk): unit for unit in waiting}
    choices = [(key, unit.organization.called) for key, unit in by_pk.items()]
    form = EnterForm(found, None, choices[:MOST], request.POST or None, initial={
        "happened_on": today})  # fmt: skip
    form.fields["units"].choices = choices if request.method == "POST" else choices[:MOST]  # type: ignore[attr-defined]

    def act() -> object:
        data = form.cleaned_data
        return actions.enter_many(
            run.campaign, [by_pk[key] for key in data["units"]], found,
            happened_on=data["happened_on"], values=form.values(), by=request.user,
            at=timezone.now(),
        )  # fmt: skip

    if request.method == "POST" and form.is_valid() and _done(form, act):
        saved(request, f"{found.title}：{len(form.cleaned_data['units'])} 个单位，记下了。")
        return redirect(run.campaign)
    context = {
        "back": run.campaign.get_absolute_url(), "crumb": run.campaign.title, "title": found.title,
        "lead": found.about, "form": form, "button": "记下", "cited": run.cited(found.cites),
        "nobody": "" if choices else "现在没有单位要填：都办了，或者这个阶段还没有开。",
        "more": len(choices) - MOST,
    }  # fmt: skip
    return render(request, "campaigns/form.html", context)


# --- one unit


def _unit_for(request: SignedInRequest, pk: int) -> tuple[Run, Unit]:
    rows = Unit.objects.visible_to(request.user).select_related(
        "campaign__organization", "organization", "batch"
    )
    unit: Unit = get_object_or_404(rows, pk=pk)
    return Run(unit.campaign), unit


@login_required
@require_safe
def unit_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a unit has to do in a phase, and how its people stand; a member sees their own line."""
    run, unit = _unit_for(request, pk)
    today = timezone.localdate()
    phase = run.rule.phase(request.GET.get("phase", "")) or run.phase(current_of(run, unit, today))
    items = [item for item in run.rule.items if item.phase == phase.id]
    sheet = Sheet(run, [unit], today, items)
    window = run.windows(unit).get(phase.id)
    sees = standing.may(request.user, "people.view", unit.organization.path)
    own = request.user.person_id
    on_roll = [pk for pk in sheet.roll[unit.pk] if sees or pk == own]
    page = Paginator(on_roll, PEOPLE_PAGE).get_page(page_number(request))
    people = queries.people(list(page))
    of_people = [item for item in items if item.per == "person"]
    matrix = []
    for person in page:
        row = [sheet.judged(unit, item, person) for item in of_people]
        over = sum(one.is_over for one in row)
        matrix.append((people[person], row, f"{over}/{len(row)}", over == len(row)))
    context = {
        "campaign": run.campaign,
        "unit": unit,
        "phase": phase,
        "window": window,
        "phases": [
            _gate(request, run, span, unit, today) for span in run.by_batch[unit.batch_id].values()
        ],
        "lines": [_line(request, run, sheet, unit, item, today) for item in items],
        "of_people": of_people,
        "matrix": matrix,
        "page": page,
        "entries": entries_of(request, unit, items, sees),
        "query": query_without(request, "page"),
        "may_lead": rules.may_lead(request.user, run.campaign),
        "cited": run.cited(phase.cites),
        "today": today,
    }
    return render(request, "campaigns/unit.html", context)


def current_of(run: Run, unit: Unit, today: date) -> str:
    """The last phase of its batch that has begun, the first where none has."""
    spans = list(run.by_batch[unit.batch_id].values())
    begun = [span for span in spans if span.since <= today]
    return (begun or spans[:1])[-1].phase


def _line(
    request: SignedInRequest, run: Run, sheet: Sheet, unit: Unit, item: CampaignItem, today: date
) -> dict[str, Any]:
    """An item with its state, where that comes from, and the way to fill it in."""
    cell = sheet.cell(unit, item)
    fact = cell.judged.fact if cell.judged else None
    url = ""
    if fact and fact.source == queries.CASE:
        url = reverse("cases:detail", args=[fact.record])
    elif fact and fact.source != queries.ENTRY:
        url = fulfilling.address(fact.source, fact.record)
    may = rules.may_enter(request.user, run, unit, item, today)
    return {
        "item": item,
        "cell": cell,
        "fact": fact,
        "url": url,
        "may_enter": bool(may) and not cell.is_over,
        "way": way_of(item),
    }


def way_of(item: CampaignItem) -> str:
    """Where the item's state comes from, in words."""
    known = library.packs()
    if item.entered is not None:
        return "由单位确认"
    if item.case is not None:
        return f"从事项“{_title(item.case.procedure, 'procedures', known)}”来，不用再填"
    titles = "、".join(_title(name, "activities", known) for name in item.activities)
    times = f"，要 {item.times} 次" if item.times > 1 else ""
    return f"从活动“{titles}”来{times}，不用再填"


def _title(reference: str, kind: str, known: Any) -> str:
    pack_id, _, name = reference.partition(":")
    wordings = known[pack_id].items.get((kind, name), ()) if pack_id in known else ()
    return wordings[-1].item.title if wordings else reference


def entries_of(
    request: SignedInRequest, unit: Unit, items: Sequence[CampaignItem], sees: bool
) -> list[dict[str, Any]]:
    """What was entered by hand for these items, latest first; of people where one sees them."""
    known = {item.id: item for item in items}
    rows = unit.entries.filter(item__in=known).select_related("person", "by", "campaign")
    if not sees:
        rows = rows.filter(person=None)
    found = []
    for entry in rows.order_by("-pk")[:PAGE]:
        entry.unit = unit
        item = known[entry.item]
        specs = item.entered.fields if item.entered else []
        found.append(
            {
                "entry": entry,
                "item": item,
                "written": [
                    (spec.title, kind.show(spec, kind.load(entry.content[spec.id])))
                    for spec in specs
                    if spec.id in entry.content and (kind := fields.get(spec.type))
                ],
                "may_void": rules.may_void(request.user, entry),
            }
        )
    return found


@login_required
@require_http_methods(["GET", "POST"])
def enter(request: SignedInRequest, pk: int, item: str) -> HttpResponse:
    """Enter an item for a unit, or for several of its people in one save."""
    run, unit = _unit_for(request, pk)
    found = run.rule.item(item)
    if found is None:
        raise Http404
    today = timezone.localdate()
    require(rules.may_enter(request.user, run, unit, found, today))
    people = people_waiting(run, unit, found, today) if found.per == "person" else None
    first = {"happened_on": today, "people": [request.GET.get("person", "")]}
    form = EnterForm(found, people, None, request.POST or None, initial=first)

    def act() -> object:
        data = form.cleaned_data
        return actions.enter(
            unit, found, people=[int(pk) for pk in data.get("people", [])],
            happened_on=data["happened_on"], values=form.values(), by=request.user,
            at=timezone.now(),
        )  # fmt: skip

    address = f"{unit.get_absolute_url()}?phase={found.phase}"
    if request.method == "POST" and form.is_valid() and _done(form, act):
        saved(request, f"{found.title}：记下了。")
        return redirect(address)
    context = {
        "back": address, "crumb": unit.organization.called, "title": found.title,
        "lead": found.about, "form": form, "button": "记下", "cited": run.cited(found.cites),
        "nobody": "" if people is None or people else "这一项人人都办了，不用再填。",
    }  # fmt: skip
    return render(request, "campaigns/form.html", context)


def people_waiting(run: Run, unit: Unit, item: CampaignItem, today: date) -> list[tuple[str, str]]:
    """People of a unit who have not done an item, to choose from."""
    sheet = Sheet(run, [unit], today, [item])
    waiting = [pk for pk in sheet.roll[unit.pk] if not sheet.judged(unit, item, pk).is_over]
    people = queries.people(waiting)
    return [(str(pk), people[pk].name) for pk in waiting]


# --- small pages of one word each


def _asked(
    request: SignedInRequest, form: FieldsForm, back: str, crumb: str, title: str, lead: str,
    button: str, act: Callable[[dict[str, Any]], object],
) -> HttpResponse:  # fmt: skip
    if request.method == "POST" and form.is_valid() and _done(
        form, lambda: act(form.cleaned_data)
    ):  # fmt: skip
        saved(request, "记下了。")
        return redirect(back)
    context = {"back": back, "crumb": crumb, "title": title, "lead": lead, "form": form,
               "button": button}  # fmt: skip
    return render(request, "campaigns/form.html", context)


def _span_of(run: Run, pk: int) -> Span:
    found = next((one for one in run.spans if one.pk == pk), None)
    if found is None:
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "POST"])
def open_phase(request: SignedInRequest, pk: int, span: int) -> HttpResponse:
    """Open a phase for a batch; what lacks is said instead of the button."""
    run = _run_for(request, pk)
    return _opening(request, run, _span_of(run, span), None, run.campaign.get_absolute_url())


@login_required
@require_http_methods(["GET", "POST"])
def open_own(request: SignedInRequest, pk: int, span: int) -> HttpResponse:
    """Open a phase for one's own unit."""
    run, unit = _unit_for(request, pk)
    found = _span_of(run, span)
    if found.batch_id != unit.batch_id:
        raise Http404
    return _opening(request, run, found, unit, f"{unit.get_absolute_url()}?phase={found.phase}")


def _opening(
    request: SignedInRequest, run: Run, span: Span, unit: Unit | None, back: str
) -> HttpResponse:
    require(rules.may_open(request.user, run, span, unit, timezone.localdate()))
    phase = run.phase(span.phase)
    lead = f"要先办好的都办好了。开了以后，“{phase.title}”就开始。"
    return _asked(
        request, SureForm(_typed(request)), back, run.campaign.title,
        f"开“{phase.title}”", lead, "开这个阶段",
        lambda data: actions.open_phase(span, unit, by=request.user, at=timezone.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def add_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run_for(request, pk)
    require(rules.may_lead(request.user, run.campaign))
    campaign = run.campaign

    def act(data: dict[str, Any]) -> object:
        known = by_word(Organization.objects.under(campaign.organization.path),
                         [data["organization"]])  # fmt: skip
        if data["organization"] not in known:
            raise Faulty({"organization": "没有这样的组织，核对代码或者全称。"})
        found = Organization.objects.get(pk=known[data["organization"]])
        batch = next(one for one in run.batches if one.batch == data["batch"])
        return actions.add_unit(
            campaign, found, batch, reason=data["reason"], by=request.user, at=timezone.now()
        )

    return _asked(
        request, UnitForm(run, _typed(request)), campaign.get_absolute_url(), campaign.title,
        "加一个单位", "已经开始的阶段，从原来的日子算。", "加进来", act,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def remove_unit(request: SignedInRequest, pk: int) -> HttpResponse:
    run, unit = _unit_for(request, pk)
    require(rules.may_lead(request.user, run.campaign))
    return _asked(
        request, WhyForm(_typed(request)), run.campaign.get_absolute_url(),
        unit.organization.called, "从活动里去掉", "记过的还在，不再算它缺什么。", "去掉",
        lambda data: actions.remove_unit(
            unit, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def void(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back one entry."""
    units = Unit.objects.visible_to(request.user).values("pk")
    rows = Entry.objects.filter(unit__in=units).select_related(
        "campaign__organization", "unit__organization", "person"
    )
    entry = get_object_or_404(rows, pk=pk)
    require(rules.may_void(request.user, entry))
    item = entry.campaign.rule.item(entry.item)
    title = item.title if item else entry.item
    whose = entry.person.name if entry.person else entry.unit.organization.called
    return _asked(
        request, WhyForm(_typed(request)), entry.unit.get_absolute_url(),
        entry.unit.organization.called, f"收回：{title}", f"{whose}，{entry.happened_on} 办的。",
        "收回", lambda data: actions.void(
            entry, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def stand_down(request: SignedInRequest, pk: int, staff: int) -> HttpResponse:
    run = _run_for(request, pk)
    found = get_object_or_404(run.campaign.staff, pk=staff)
    require(rules.may_stand_down(request.user, run, found, timezone.localdate()))
    return _asked(
        request, SureForm(_typed(request)), run.campaign.get_absolute_url(),
        run.campaign.title, f"撤{found.title}", "从今天起撤。", "撤",
        lambda data: actions.stand_down(found, by=request.user, at=timezone.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run_for(request, pk)
    require(rules.may_end(request.user, run, timezone.localdate()))
    return _asked(
        request, SureForm(_typed(request)), run.campaign.get_absolute_url(),
        run.campaign.title, "结束这次活动", "结束以后不能再填，没办的照样看得到。", "结束",
        lambda data: actions.end(run.campaign, by=request.user, at=timezone.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run_for(request, pk)
    require(rules.may_lead(request.user, run.campaign))
    return _asked(
        request, WhyForm(_typed(request)), run.campaign.get_absolute_url(),
        run.campaign.title, "取消这次活动", "取消以后记录还在，不再算谁缺什么。", "取消这次活动",
        lambda data: actions.cancel(
            run.campaign, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip
