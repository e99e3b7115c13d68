from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.adoptions.queries import HeldItem
from zhibu.cases import actions, queries, rules, steps
from zhibu.cases.forms import (
    ActForm,
    ExtendForm,
    FieldsForm,
    ListFilter,
    OwnerForm,
    StartForm,
    WhyForm,
)
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Faulty, Running, Step
from zhibu.core import excel, hats, standing
from zhibu.core.forms import attempt
from zhibu.core.http import (
    SignedInRequest,
    download_file,
    page_number,
    query_without,
    saved,
)
from zhibu.core.verdicts import require
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure
from zhibu.people.models import Person

PAGE = 30
COLUMNS = (("事情", 36), ("哪一种", 12), ("组织", 24), ("责任人", 12), ("到哪一步", 20),
           ("轮到谁", 20), ("到期日", 12), ("开始", 12), ("状态", 10))  # fmt: skip


@login_required
@require_safe
def case_list(request: SignedInRequest) -> HttpResponseBase:
    """Cases within reach: whose turn it is, what waits, what is late; to Excel."""
    today, user = timezone.localdate(), request.user
    form = ListFilter(queries.titles(), request.GET)
    form.is_valid()
    asked = form.cleaned_data
    view = asked.get("view") or "mine"
    place = _place(request)
    rows = _at_stage(request, _narrowed(queries.listed(user, view, today), asked))
    rows = queries.with_turns(rows)
    if place:
        rows = rows.filter(organization=place)
    if "export" in request.GET:
        return long_file(request, rows) or _exported(rows, view)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    hat = hats.worn(request)
    context = {
        "page": page,
        "lines": queries.lines(list(page), today),
        "counts": queries.counts(user, today),
        "view": view,
        "place": place,
        "form": form,
        "is_asked": bool(asked.get("q") or asked.get("procedure")),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "may_start": bool(hat and hat.organization_id and hat.may("cases.start")),
    }
    return render(request, "cases/case_list.html", context)


def _place(request: SignedInRequest) -> Organization | None:
    """The one organisation the list is narrowed to, as its page asks."""
    asked = request.GET.get("organization", "")
    if not asked.isdecimal() or len(asked) > 12:
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))


def _narrowed(rows: QuerySet[Case], asked: dict[str, Any]) -> QuerySet[Case]:
    if asked.get("q"):
        rows = rows.filter(title__icontains=asked["q"])
    if asked.get("procedure"):
        rows = rows.filter(procedure=asked["procedure"])
    return rows


def _at_stage(request: SignedInRequest, rows: QuerySet[Case]) -> QuerySet[Case]:
    """Those that stand at one step, as the board asks."""
    stage = request.GET.get("stage", "")[:60]
    if not stage:
        return rows
    return rows.filter(pk__in=Turn.objects.open().filter(stage=stage).values("case"))


def _exported(rows: QuerySet[Case], view: str) -> HttpResponseBase:
    today = timezone.localdate()
    cells = (
        (
            line.case.title, line.procedure, line.case.organization.name,
            line.case.owner.name if line.case.owner else "", line.stands, line.who, line.due_on,
            line.case.started_on, line.case.get_state_display(),
        )
        for case in rows.iterator(1000)
        for line in queries.lines([case], today)
    )  # fmt: skip
    columns = [excel.Column(title, width) for title, width in COLUMNS]
    name = f"事项（{queries.VIEWS[view]}）"
    file = excel.file(name, columns, cells, note=f"截至 {today}")
    return download_file(file, name=f"{name}{today}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def board(request: SignedInRequest) -> HttpResponse:
    """How many open cases of a procedure stand at each step, and how many of them late."""
    if not standing.may_anywhere(request.user, "cases.view"):
        raise Http404
    known = queries.titles()
    reference = request.GET.get("procedure", "")
    if reference not in known:
        reference = next(iter(known), "")
    today = timezone.localdate()
    rule = _latest(reference) if reference else None
    context = {
        "procedure": rule,
        "reference": reference,
        "known": [(name, title, name == reference) for name, title in known.items()],
        "lanes": queries.board(request.user, reference, rule, today) if rule else [],
        "today": today,
    }
    return render(request, "cases/board.html", context)


def _latest(reference: str) -> Procedure:
    pack_id, _, name = reference.partition(":")
    item = library.packs()[pack_id].items["procedures", name][-1].item
    assert isinstance(item, Procedure)
    return item


# --- beginning


@login_required
@require_safe
def start_here(request: SignedInRequest) -> HttpResponse:
    """The beginning at the organisation whose hat one wears."""
    hat = hats.worn(request)
    if hat is None or hat.organization_id is None or not hat.may("cases.start"):
        raise Http404
    return redirect("cases:start", hat.organization_id)


@login_required
@require_http_methods(["GET", "POST"])
def start(request: SignedInRequest, organization: int) -> HttpResponse:
    """Choose a procedure in force there, then say what it asks at its beginning."""
    found = get_object_or_404(
        Organization.objects.visible_to(request.user).select_related("parent"), pk=organization
    )
    if not standing.may(request.user, "cases.view", found.path):
        raise Http404
    today = timezone.localdate()
    offered = queries.procedures(found, today)
    held = offered.get(request.GET.get("procedure", ""))
    if held is None:
        return _choose(request, found, offered)
    rule = held.wording.item
    assert isinstance(rule, Procedure)
    require(rules.may_start(request.user, found, rule))
    people = _people(found)
    form = StartForm(rule, people, request.POST or None, initial={"happened_on": today})
    made: list[Case] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(form, lambda: made.append(_begin(request, found, held, form)))
    ):
        saved(request, "开始了。", draft=f"case:{held.reference}")
        return redirect(made[0])
    context = {
        "organization": found,
        "held": held,
        "procedure": rule,
        "cited": library.packs()[held.reference.partition(":")[0]].cited(held.wording),
        "form": form,
        "draft": f"case:{held.reference}",
    }
    return render(request, "cases/start.html", context)


def _begin(
    request: SignedInRequest, organization: Organization, held: HeldItem, form: StartForm
) -> Case:
    data = form.cleaned_data
    owner = get_object_or_404(Person, pk=int(data["owner"])) if data.get("owner") else None
    return actions.start(
        organization,
        procedure=held.reference,
        wording=held.wording.since,
        title=data["title"],
        values=form.values(),
        owner=owner,
        on=data["happened_on"],
        by=request.user,
        at=timezone.now(),
    )


def _choose(
    request: SignedInRequest, organization: Organization, offered: dict[str, HeldItem]
) -> HttpResponse:
    lines = []
    for reference, held in offered.items():
        rule = held.wording.item
        assert isinstance(rule, Procedure)
        lines.append((reference, held, rules.may_start(request.user, organization, rule)))
    return render(request, "cases/choose.html", {"organization": organization, "lines": lines})


def _people(organization: Organization) -> list[tuple[int, str]]:
    """Whom a case of the organisation may be given to, by number."""
    people = Person.objects.belonging_to(organization.pk, timezone.localdate())
    return list(people.order_by("pk").values_list("pk", "name"))


def _done(form: FieldsForm, act: Any) -> bool:
    """Run the action; what it refuses stands on the form, each fault in its place."""
    try:
        return attempt(form, act)
    except Faulty as faulty:
        form.show(faulty)
        return False


# --- one case


def _case_for(request: SignedInRequest, pk: int) -> Case:
    rows = Case.objects.visible_to(request.user)
    found: Case = get_object_or_404(
        rows.select_related("organization__parent", "owner", "started_by"), pk=pk
    )
    return found


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, Running(_case_for(request, pk)))


def _page(
    request: SignedInRequest, running: Running, failed: ActForm | None = None, at: int = 0
) -> HttpResponse:
    """The case: what can be done now, by whom and until when, what was done, what comes."""
    case, today = running.case, timezone.localdate()
    now = [
        _asked(request, running, turn, failed if turn.pk == at else None) for turn in running.open
    ]
    context = {
        "case": case,
        "procedure": running.procedure,
        "cited": running.cited([]),
        "now": now,
        "story": queries.story(running, today),
        "facts": queries.shown_facts(running),
        "later": _later(running),
        "today": today,
        "is_stale": queries.is_stale(case, running.procedure, today),
        "may_cancel": rules.may_cancel(request.user, case, running.procedure),
        "may_reopen": rules.may_reopen(request.user, case, running.procedure),
        "may_name": bool(case.owner_id) and bool(rules.may_name(request.user, case)),
        "number": f"{case.started_on.year}-{case.number}",
    }
    return render(request, "cases/case_detail.html", context)


def _asked(
    request: SignedInRequest, running: Running, turn: Turn, failed: ActForm | None
) -> dict[str, Any]:
    """One open turn as the page asks for it, or why it is not this reader's."""
    today = timezone.localdate()
    turn.case = running.case
    stage = running.stage(turn)
    verdict = rules.may_act(request.user, turn, stage.actor)
    outcomes = steps.available(running, turn)
    limit = stage.limit
    may_extend = rules.may_extend(
        request.user, turn, is_extendable=limit is not None and limit.extendable
    )
    waits = turn.not_before is not None and turn.not_before > today
    return {
        "turn": turn,
        "stage": stage,
        "verdict": verdict,
        "form": failed or _form(running, turn),
        "outcomes": outcomes,
        "cited": running.cited(stage.cites),
        "is_late": turn.is_late(today),
        "late_by": (today - turn.due_on).days if turn.due_on else 0,
        "left": (turn.due_on - today).days if turn.due_on else None,
        "waits": waits,
        "wait_words": [
            (running.word_wait(wait), running.cited(wait.cites)) for wait in stage.waits
        ],
        "may_extend": may_extend,
        "extensions": list(turn.extensions.select_related("by").order_by("pk")),
    }


def _form(running: Running, turn: Turn, *typed: Any) -> ActForm:
    """The form of a turn; its ids carry the turn's number, for there may be two on a page."""
    return ActForm(
        running.stage(turn), steps.available(running, turn), running.case.facts, *typed,
        today=timezone.localdate(), auto_id=f"id_{turn.number}_%s",
    )  # fmt: skip


def _later(running: Running) -> list[str]:
    """What comes if all goes well: the first outcome of each stage that is open, and on."""
    found: dict[str, str] = {}
    waiting = [running.stage(turn) for turn in running.open]
    seen = {stage.id for stage in waiting}
    while waiting:
        for name in waiting.pop(0).outcomes[0].to:
            stage = running.procedure.stage(name)
            if stage is not None and name not in seen:
                seen.add(name)
                found[name] = stage.title
                waiting.append(stage)
    return list(found.values())


def _turn_for(request: SignedInRequest, pk: int, turn: int) -> tuple[Running, Turn]:
    running = Running(_case_for(request, pk))
    found = next((one for one in running.turns if one.pk == turn), None)
    if found is None:
        raise Http404
    found.case = running.case
    return running, found


@login_required
@require_POST
def act(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    """End a turn; faults stand beside their fields on the page of the case."""
    running, found = _turn_for(request, pk, turn)
    stage = running.stage(found)
    require(rules.may_act(request.user, found, stage.actor))
    form = _form(running, found, request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        step = Step(
            outcome=data["outcome"], happened_on=data["happened_on"], values=form.values(),
            reason=data.get("reason", ""),
        )  # fmt: skip
        if _done(form, lambda: actions.act(found, step, by=request.user, at=timezone.now())):
            outcome = stage.outcome(step.outcome)
            saved(request, f"{stage.title}：{outcome.title if outcome else ''}，记下了。",
                  draft=f"case:{pk}:{turn}")  # fmt: skip
            return redirect(running.case)
    return _page(request, running, form, found.pk)


@login_required
@require_http_methods(["GET", "POST"])
def extend(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    running, found = _turn_for(request, pk, turn)
    limit = running.stage(found).limit
    require(
        rules.may_extend(request.user, found, is_extendable=limit is not None and limit.extendable)
    )
    form = ExtendForm(request.POST or None)
    title = f"延期：{running.stage(found).title}"
    lead = f"现在的期限是 {found.due_on}。"
    return _confirmed(
        request, running, form, title, lead, "批准延期",
        lambda data: actions.extend(
            found, until=data["until"], reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    running = Running(_case_for(request, pk))
    require(rules.may_cancel(request.user, running.case, running.procedure))
    return _confirmed(
        request, running, WhyForm(request.POST or None), "取消这件事",
        "取消以后记录还在，没办的步骤不用再办。", "取消这件事",
        lambda data: actions.cancel(
            running.case, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    running = Running(_case_for(request, pk))
    require(rules.may_reopen(request.user, running.case, running.procedure))
    return _confirmed(
        request, running, WhyForm(request.POST or None), "重开这件事",
        "原来的记录都在，从规定的步骤接着办。", "重开",
        lambda data: actions.reopen(
            running.case, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def name_owner(request: SignedInRequest, pk: int) -> HttpResponse:
    running = Running(_case_for(request, pk))
    require(rules.may_name(request.user, running.case))
    form = OwnerForm(_people(running.case.organization), request.POST or None)
    return _confirmed(
        request, running, form, "换责任人", "", "换人",
        lambda data: actions.name_owner(
            running.case, get_object_or_404(Person, pk=int(data["owner"])), by=request.user,
            at=timezone.now(),
        ),
    )  # fmt: skip


def _confirmed(
    request: SignedInRequest,
    running: Running,
    form: FieldsForm,
    title: str,
    lead: str,
    button: str,
    act: Any,
) -> HttpResponse:
    """A small page of its own for what is done once, with its reason."""
    if request.method == "POST" and form.is_valid() and _done(
        form, lambda: act(form.cleaned_data)
    ):  # fmt: skip
        saved(request, "记下了。")
        return redirect(running.case)
    context = {"case": running.case, "form": form, "title": title, "lead": lead, "button": button}
    return render(request, "cases/confirm.html", context)
