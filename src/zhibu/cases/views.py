from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.adoptions.queries import HeldItem
from zhibu.cases import actions, clusters, disclosing, money, queries, rules, steps
from zhibu.cases.forms import (
    ActForm,
    AnswerForm,
    ExtendForm,
    FieldsForm,
    LinkForm,
    ListFilter,
    NoForm,
    ObjectForm,
    OwnerForm,
    PostForm,
    StartForm,
    WhyForm,
    act_form,
    start_form,
)
from zhibu.cases.models import Case, Turn, stands_at
from zhibu.cases.steps import Faulty, Running, Step
from zhibu.core import excel, hats, panels, standing
from zhibu.core.effects import Foreseen
from zhibu.core.forms import attempt
from zhibu.core.http import (
    SignedInRequest,
    download_file,
    page_number,
    query_without,
    saved,
)
from zhibu.core.verdicts import no, require
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Outcome, Procedure
from zhibu.people.models import Person
from zhibu.people.queries import choosable

PAGE = 30
COLUMNS = (("事情", 36), ("哪一种", 12), ("组织", 24), ("责任人", 12), ("到哪一步", 20),
           ("轮到谁", 20), ("到期日", 12), ("开始", 12), ("状态", 10), ("天数", 8))  # fmt: skip


@login_required
@require_safe
def case_list(request: SignedInRequest) -> HttpResponseBase:
    """Cases within reach: whose turn it is, what waits, what is late; to Excel."""
    today, user = timezone.localdate(), request.user
    form = ListFilter(queries.titles(user), request.GET)
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
        "is_above": bool(hat and hat.organization_id and hat.may("cases.view")),
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
            line.case.started_on, line.case.get_state_display(), line.days,
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
    known = queries.titles(request.user)
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
    """Choose a procedure in force there, then say what it asks at its beginning.

    Whoever may not see cases there finds what one begins oneself, in one's own branch.
    """
    found = get_object_or_404(
        Organization.objects.visible_to(request.user).select_related("parent"), pk=organization
    )
    today = timezone.localdate()
    if standing.may(request.user, "cases.view", found.path):
        offered = queries.procedures(found, today)
    else:
        own = queries.begun_oneself(request.user, found, today)
        if own is None or not {*request.GET.getlist("procedure")} <= set(own):
            raise Http404
        offered = own
    held = offered.get(request.GET.get("procedure", ""))
    if held is None:
        return _choose(request, found, offered)
    rule = held.wording.item
    assert isinstance(rule, Procedure)
    require(rules.may_start(request.user, found, rule))
    form = _start_form(request, found, rule)
    made: list[Case] = []
    if (
        request.method == "POST"
        and form.is_valid()
        and attempted(form, lambda: made.append(_begin(request, found, held, form)))
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


def _start_form(request: SignedInRequest, organization: Organization, rule: Procedure) -> StartForm:
    initial = {
        "subject": request.GET.get("subject", "")[:12],
        "title": rule.title if rule.is_begun_by_subject else "",
    }
    return start_form(
        organization, rule, timezone.localdate(), request.POST or None, request.FILES or None,
        initial=initial,
    )  # fmt: skip


def _begin(
    request: SignedInRequest, organization: Organization, held: HeldItem, form: StartForm
) -> Case:
    data = form.cleaned_data
    owner, person = (
        get_object_or_404(Person, pk=int(data[name])) if data.get(name) else None
        for name in ("owner", "subject")
    )
    return actions.start(
        organization,
        procedure=held.reference,
        wording=held.wording.since,
        title=data["title"],
        values=form.values(),
        owner=owner,
        person=person,
        stricter=[{"field": one.field, "value": one.value} for one in held.stricter],
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
        if rule.is_confidential and not _sees_confidential(request, organization):
            continue
        lines.append((reference, held, rules.may_start(request.user, organization, rule)))
    context = {
        "organization": organization,
        "lines": lines,
        "may_many": standing.may(request.user, "cases.start", organization.path),
        "subject": request.GET.get("subject", "")[:12],
    }
    return render(request, "cases/choose.html", context)


def _sees_confidential(request: SignedInRequest, organization: Organization) -> bool:
    return standing.may(request.user, "cases.confidential", organization.path)


def attempted(form: FieldsForm, act: Any) -> bool:
    """Run the action; what it refuses stands on the form, each fault in its place."""
    try:
        if attempt(form, act):
            return True
    except Faulty as faulty:
        form.show(faulty)
    form.ask_again()
    return False


# --- one case


def _case_for(request: SignedInRequest, pk: int) -> Case:
    rows = Case.objects.visible_to(request.user)
    found: Case = get_object_or_404(
        rows.select_related("organization__parent", "owner", "person", "partner", "started_by"),
        pk=pk,
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
    links = queries.links(case)
    is_closed = bool(running.procedure.closed_fields) and not queries.sees_closed(
        request.user, case
    )
    newer = steps.newer(case, today)
    now = _now(request, running, failed, at)
    _set_first(now)
    context = {
        "case": case,
        "procedure": running.procedure,
        "cited": running.cited([]),
        "now": now,
        "story": queries.folded(running, queries.story(running, today, is_closed=is_closed)),
        "facts": queries.shown_facts(running, is_closed=is_closed),
        "rewritten": queries.rewritten(running, is_closed=is_closed),
        "linked": queries.linked(request.user, case, links),
        **clusters.beside(request.user, case, running.procedure, links),
        "newer": newer,
        "may_reword": newer and rules.may_reword(request.user, case, newer.since),
        "may_void": not case.is_open and rules.may_void(request.user, case, running.procedure),
        "may_link": standing.may(request.user, "cases.act", case.organization.path),
        "may_disclose": running.procedure.is_open
        and not disclosing.not_there(running)
        and standing.may(request.user, "publishing.propose", case.organization.path),
        "later": _later(running),
        "papers": queries.paper_lines(
            list(queries.papers_of(running)),
            {case.pk},
            today,
            lambda paper: bool(rules.may_annul(request.user, paper)),
        ),
        "today": today,
        "book": money.book_of(case, running.procedure),
        "is_stale": queries.is_stale(case, running.procedure, today),
        "may_cancel": rules.may_cancel(request.user, case, running.procedure),
        "may_reopen": rules.may_reopen(request.user, case, running.procedure),
        "may_name": bool(case.owner_id) and bool(rules.may_name(request.user, case)),
        "number": queries.number(case),
        "panels": panels.draw("case", request, case, today),
    }
    return render(request, "cases/case_detail.html", context)


def _now(
    request: SignedInRequest, running: Running, failed: ActForm | None, at: int
) -> list[dict[str, Any]]:
    """What is open, as the page asks for it. Those that everyone was asked with stand in one:
    at one's own turn, or at that of whom one writes for (``?turn=``)."""
    found, seen = [], set()
    wanted = str(at or request.GET.get("turn", ""))
    for turn in running.open:
        if turn.round is None:
            found.append(_asked(request, running, turn, failed if turn.pk == at else None))
        elif turn.round not in seen:
            seen.add(turn.round)
            beside = [one for one in running.turns if one.round == turn.round]
            found.append(_asked_together(request, running, beside, wanted, failed))
    return found


def _asked_together(
    request: SignedInRequest, running: Running, beside: list[Turn], wanted: str,
    failed: ActForm | None,
) -> dict[str, Any]:  # fmt: skip
    """``beside`` are all turns of one round. Nobody's form stands there for somebody else
    unless it was asked for."""
    waiting = [turn for turn in beside if turn.is_open]
    own = [turn for turn in waiting if turn.person_id == request.user.person_id]
    chosen = [turn for turn in waiting if str(turn.pk) == wanted]
    turn = (chosen or own or waiting)[0]
    one = _asked(request, running, turn, failed if chosen else None)
    one["round"] = {
        "waiting": len(waiting),
        "others": [other for other in waiting if other is not turn or not (chosen or own)],
        "answered": sum(other.state == Turn.State.DONE for other in beside),
        "asked": len(beside),
        "chosen": bool(chosen) and turn not in own,
        "may_write": rules.may_excuse(request.user, turn),
    }
    if not (chosen or own):
        one["verdict"] = no("每个人各办各的，都办了才接着办。")
    return one


def _set_first(now: list[dict[str, Any]]) -> None:
    """One solid button a page: that of the first turn at which the reader can do something."""
    first = next((one for one in now if one["verdict"] or one["may_claim"]), None)
    for one in now:
        one["is_first"] = one is first


def _asked(
    request: SignedInRequest, running: Running, turn: Turn, failed: ActForm | None
) -> dict[str, Any]:
    """One open turn as the page asks for it, or why it is not this reader's."""
    today = timezone.localdate()
    turn.case = running.case
    stage = running.stage(turn)
    verdict = rules.may_act(request.user, turn, stage.actor)
    outcomes = steps.available(running, turn)
    limit = running.limit(stage)
    may_extend = rules.may_extend(
        request.user, turn, is_extendable=limit is not None and limit.extendable
    )
    postings = running.postings(turn)
    hung = queries.hung(postings, today)
    waits = turn.not_before is not None and turn.not_before > today
    return {
        "turn": turn,
        "stage": stage,
        "verdict": verdict,
        "form": failed or _form(running, turn),
        "outcomes": outcomes,
        "yields": _yields(running, outcomes),
        "foreseen": _foreseen(request, running, turn, outcomes) if verdict else [],
        "cited": running.cited(stage.cites),
        "is_late": turn.is_late(today),
        "late_by": (today - turn.due_on).days if turn.due_on else 0,
        "left": (turn.due_on - today).days if turn.due_on else None,
        "waits": waits,
        "wait_words": [
            (running.word_wait(wait), running.cited(wait.cites)) for wait in stage.waits
        ],
        "may_extend": may_extend,
        "vote": stage.vote and queries.word_vote(running, stage.vote.rule),
        "hung": hung,
        "held": queries.held(hung),
        "notice": stage.notice and queries.word_notice(running, stage.notice),
        "postings": postings,
        "may_object": bool(postings) and rules.may_object(request.user, turn),
        "may_claim": stage.actor.claimed
        and not turn.is_claimed
        and rules.may_claim(request.user, turn, stage.actor),
        "may_release": turn.is_claimed and rules.may_release(request.user, turn),
        "extensions": list(turn.extensions.select_related("by").order_by("pk")),
    }


def _foreseen(
    request: SignedInRequest, running: Running, turn: Turn, outcomes: list[tuple[Outcome, str]]
) -> list[Foreseen]:
    possible = [outcome for outcome, barred in outcomes if not barred]
    return actions.foreseen(running, turn, possible, request.user)


def _yields(running: Running, outcomes: list[tuple[Outcome, str]]) -> list[tuple[str, str]]:
    """What each outcome that can be will issue, in words."""
    titles = {paper.id: paper.title for paper in running.procedure.papers}
    return [
        (outcome.title, "、".join(titles[name] for name in outcome.issues))
        for outcome, barred in outcomes
        if outcome.issues and not barred
    ]


def _form(running: Running, turn: Turn, *typed: Any) -> ActForm:
    """The form of a turn; its ids carry the turn's number, for there may be two on a page."""
    return act_form(running, turn, timezone.localdate(), *typed, auto_id=f"id_{turn.number}_%s")


def _later(running: Running) -> list[str]:
    """What comes if all goes well: the first outcome of each stage that is open, and on; what
    asks a reason is not meant to happen."""
    found: dict[str, str] = {}
    waiting = [running.stage(turn) for turn in running.open]
    seen = {stage.id for stage in waiting}
    while waiting:
        first = waiting.pop(0).outcomes[0]
        for name in [] if first.reason else first.to:
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
            reason=data.get("reason", ""), totals=form.totals(),
        )  # fmt: skip
        if attempted(form, lambda: actions.act(found, step, by=request.user, at=timezone.now())):
            outcome = stage.outcome(step.outcome)
            saved(request, f"{stage.title}：{outcome.title if outcome else ''}，记下了。",
                  draft=f"case:{pk}:{turn}")  # fmt: skip
            if running.case.is_kept_apart and _is_shut_out(request, pk):
                return redirect("cases:list")
            return redirect(running.case)
    return _page(request, running, form, found.pk)


def _is_shut_out(request: SignedInRequest, pk: int) -> bool:
    """Whether whoever sorted it out sees it no more, as they are told: where it went, or that
    others here go on with it."""
    if Case.objects.visible_to(request.user).filter(pk=pk).exists():
        return False
    is_here = Case.objects.filter(pk=pk, organization__in=stands_at(request.user)).exists()
    text = "说的是这里或者上面的，已经交给再上一级"
    if is_here:
        text = "说的人和您在一个单位，由这里别的人接着办"
    messages.info(request, f"{text}。这件事您以后看不到。")
    return True


@login_required
@require_http_methods(["GET", "POST"])
def extend(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    running, found = _turn_for(request, pk, turn)
    limit = running.limit(running.stage(found))
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
    people = choosable(running.case.organization_id, timezone.localdate())
    form = OwnerForm(people, request.POST or None)
    return _confirmed(
        request, running, form, "换责任人", "", "换人",
        lambda data: actions.name_owner(
            running.case, get_object_or_404(Person, pk=int(data["owner"])), by=request.user,
            at=timezone.now(),
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def void(request: SignedInRequest, pk: int) -> HttpResponse:
    running = Running(_case_for(request, pk))
    require(rules.may_void(request.user, running.case, running.procedure))
    return _confirmed(
        request, running, WhyForm(request.POST or None), "作废这件事",
        "记录还看得到，不再算数。", "作废",
        lambda data: actions.void(
            running.case, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def reword(request: SignedInRequest, pk: int) -> HttpResponse:
    running = Running(_case_for(request, pk))
    newer = steps.newer(running.case, timezone.localdate())
    require(rules.may_reword(request.user, running.case, newer.since if newer else None))
    assert newer is not None
    form = NoForm(request.POST if request.method == "POST" else None)
    return _confirmed(
        request, running, form, "转到新的规定",
        f"{newer.since} 起的写法。办过的步骤不变，没办的步骤按新的办，期限重新算。", "转到新的规定",
        lambda data: actions.reword(running.case, by=request.user, at=timezone.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def link(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that this case belongs to another that one may see."""
    running = Running(_case_for(request, pk))
    among = Case.objects.visible_to(request.user).exclude(pk=running.case.pk)
    form = LinkForm(running.case, among, request.POST or None)

    def connect(data: dict[str, Any]) -> None:
        actions.link(
            running.case, data["other"], kind=data["kind"], by=request.user, at=timezone.now()
        )

    if not standing.may(request.user, "cases.act", running.case.organization.path):
        require(rules.may_link(request.user, running.case, Case()))
    return _confirmed(
        request, running, form, "连到另一件事", "这件事和那件事互相看得到。", "连上", connect
    )


@login_required
@require_POST
def claim(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    running, found = _turn_for(request, pk, turn)
    if found.is_claimed and found.person_id == request.user.person_id:
        return redirect(running.case)  # the second of two clicks
    require(rules.may_claim(request.user, found, running.stage(found).actor))
    actions.claim(found, by=request.user, at=timezone.now())
    saved(request, "认领了，现在轮到您办。")
    return redirect(running.case)


@login_required
@require_http_methods(["GET", "POST"])
def release(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    running, found = _turn_for(request, pk, turn)
    require(rules.may_release(request.user, found))
    return _confirmed(
        request, running, WhyForm(request.POST or None), "退回认领",
        "退回以后，别人可以再认领。", "退回",
        lambda data: actions.release(
            found, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def excuse(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    """Wait no more for one of those who were all asked."""
    running, found = _turn_for(request, pk, turn)
    require(rules.may_excuse(request.user, found))
    name = found.person.name if found.person else ""
    return _confirmed(
        request, running, WhyForm(request.POST or None), f"不再等{name}",
        "例如已经转走、长期联系不上。别人办的都在，都办了就接着办。", "不再等",
        lambda data: actions.excuse(
            found, reason=data["reason"], by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


# --- notices


@login_required
@require_http_methods(["GET", "POST"])
def post(request: SignedInRequest, pk: int, turn: int) -> HttpResponse:
    """Write a notice down that hangs."""
    running, found = _turn_for(request, pk, turn)
    stage = running.stage(found)
    require(rules.may_act(request.user, found, stage.actor))
    require(rules.may_post(stage))
    assert stage.notice is not None
    return _confirmed(
        request, running,
        PostForm(
            request.POST or None, channels=stage.notice.channels,
            initial={"posted_on": timezone.localdate()},
        ),
        "登记公示", queries.word_notice(running, stage.notice), "登记",
        lambda data: actions.post(found, **data, by=request.user, at=timezone.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def object_to(request: SignedInRequest, pk: int, posting: int) -> HttpResponse:
    """Take down what somebody objects to a notice."""
    running = Running(_case_for(request, pk))
    found = get_object_or_404(
        running.case.postings.select_related("turn__organization"), pk=posting
    )
    found.turn.case = running.case
    require(rules.may_object(request.user, found.turn))
    return _confirmed(
        request, running,
        ObjectForm(request.POST or None, initial={"raised_on": timezone.localdate()}),
        "记下异议", "有人对公示提意见，照原话记。答复以前，这一步办不了。", "记下",
        lambda data: actions.object_to(found, **data, by=request.user, at=timezone.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, pk: int, objection: int) -> HttpResponse:
    """Say what came of an objection."""
    running = Running(_case_for(request, pk))
    rows = running.case.objections.select_related("posting__turn__organization")
    found = get_object_or_404(rows, pk=objection)
    turn = found.posting.turn
    turn.case = running.case
    require(rules.may_act(request.user, turn, running.stage(turn).actor))
    require(rules.may_answer(found))
    return _confirmed(
        request, running,
        AnswerForm(request.POST or None, initial={"answered_on": timezone.localdate()}),
        "答复异议", found.said, "答复",
        lambda data: actions.answer(found, **data, by=request.user, at=timezone.now()),
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
    if request.method == "POST" and form.is_valid() and attempted(
        form, lambda: act(form.cleaned_data)
    ):  # fmt: skip
        saved(request, "记下了。")
        return redirect(running.case)
    context = {"case": running.case, "form": form, "title": title, "lead": lead, "button": button}
    return render(request, "cases/confirm.html", context)
