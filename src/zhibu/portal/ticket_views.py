"""Asking, following and hearing back without an account; and the staff's side of it.

A code stands in no address: it is typed into a form, and what was found by it is kept for half an
hour in a signed cookie that only these pages are sent.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.adoptions.queries import HeldItem
from zhibu.cases import queries as cases
from zhibu.cases import rules as case_rules
from zhibu.cases.models import Case
from zhibu.cases.steps import Faulty, Running, Step
from zhibu.core import excel, hats, rate, standing
from zhibu.core.dates import Duration
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download_file, page_number, query_without, saved
from zhibu.core.verdicts import Refused, no, require
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import CHANNELS, Procedure
from zhibu.portal import actions, queries, rules
from zhibu.portal.forms import AnswerForm, AskForm, CodeForm, LookForm, TakeForm, TicketFilter
from zhibu.portal.models import Look, Ticket, TicketQuerySet, code_for

PAGE = 30
HOUR = timedelta(hours=1)
MOST_ASKED = 6  # of one address an hour
MOST_ASKED_HERE = 600  # of all an hour
MOST_TRIED = 30  # codes of one address an hour
FOUND, CODE, SENT = "zhibu_ticket", "zhibu_code", "zhibu_sent"
FOUND_FOR, CODE_FOR, SENT_FOR = 30 * 60, 10 * 60, 10 * 60
AGAIN = (
    "刚才已经收到了一样的，没有再记一遍。请用刚才给您的查询码查；"
    "真是另一件的，写上哪里不一样再提交。"
)
COLUMNS = (("事情", 36), ("哪一种", 12), ("怎么来的", 12), ("在哪里提的", 24), ("谁在办", 24),
           ("到哪一步", 20), ("到期日", 12), ("哪天提的", 12), ("状态", 12))  # fmt: skip


# --- asking


@never_cache
@require_safe
def doors(request: HttpRequest, organization: int) -> HttpResponse:
    """The doors of one organisation; the only one at once."""
    place = _place(organization)
    found = _doors(place)
    plain = [one for one in found.values() if not _rule(one).is_kept_apart]
    if len(plain) == 1:
        return redirect("portal:ask", place.pk, *plain[0].reference.split(":"))
    context = {
        "place": place, "doors": [_door(place, one) for one in plain],
    } | _apart(place, found.values())  # fmt: skip
    return render(request, "portal/ask_doors.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, organization: int, pack: str, procedure: str) -> HttpResponse:
    """Say what one asks for: what was typed stays until it is taken in.

    The browser may keep the form and its answer with errors, so that going back brings them with
    what was typed. On a shared device somebody else can go back to them as well, until 关上 is
    chosen or the window closed; of what is kept apart nothing stays, there safety comes first.
    """
    place = _place(organization)
    found = _doors(place)
    held = found.get(f"{pack}:{procedure}")
    if held is None or "online" not in _doorway(held).channels:
        raise Http404
    rule = _rule(held)
    if case_rules.proper_place(place, rule) is None:
        closed = render(request, "portal/ask_closed.html", {"place": place, "rule": rule})
        return _kept_nowhere(closed)
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AskForm(rule, Duration.parse(_doorway(held).keeps).in_words(), *typed)
    made: list[str] = []
    if request.method == "POST":
        if form.is_valid() and _may_go_on(request, form):
            _take_in(request, place, held, form, made)
        if not made:
            form.ask_the_sum_again()
    if made:
        taken = redirect("portal:receipt")
        _keep(taken, CODE, made[0], CODE_FOR)
        _keep(taken, SENT, _sent_with(request, place, held, form), SENT_FOR)
        return _kept_nowhere(taken)
    context = {
        "place": place, "rule": rule, "door": _doorway(held), "form": form,
        "others": len(found) > 1, "limits": _limits(rule),
    }  # fmt: skip
    if not rule.is_kept_apart:
        context |= _apart(place, found.values())
    answer = render(request, "portal/ask.html", context)
    if rule.is_kept_apart:
        return _kept_nowhere(answer)
    patch_cache_control(answer, private=True, no_cache=True, max_age=0)
    return answer


def _kept_nowhere(answer: HttpResponse) -> HttpResponse:
    add_never_cache_headers(answer)
    return answer


def _sent(request: HttpRequest) -> dict[str, int]:
    """What this browser sent within ten minutes: by digest, at which second."""
    now, found = int(timezone.now().timestamp()), {}
    for one in _kept(request, SENT, SENT_FOR).split():
        digest, _, second = one.partition("@")
        if now - int(second) < SENT_FOR:
            found[digest] = int(second)
    return found


def _sent_with(request: HttpRequest, place: Organization, held: HeldItem, form: AskForm) -> str:
    """The same with what was sent just now, no more than an address may ask within the hour."""
    digest = queries.digest_of(place, held, form.values())
    sent = _sent(request) | {digest: int(timezone.now().timestamp())}
    return " ".join(f"{one}@{second}" for one, second in [*sent.items()][-MOST_ASKED:])


def _take_in(
    request: HttpRequest, place: Organization, held: HeldItem, form: AskForm, made: list[str]
) -> None:
    """The code of the very form that came before is given again; whoever sends the same in a
    new one within ten minutes is told so. That it was they is known from their own browser, so
    that nobody learns what others asked."""

    def act() -> None:
        data = form.cleaned_data
        _, code = actions.ask(
            place, held=held, values=form.values(), name=data["contact_name"],
            phone=data["contact_phone"], seal=form.seal, at=timezone.now(),
        )  # fmt: skip
        made.append(code)

    rule = _rule(held)
    if queries.asked_before(form.seal, rule, form.values()):
        made.append(code_for(form.seal))
        return
    if queries.digest_of(place, held, form.values()) in _sent(request):
        form.add_error(None, AGAIN)
        return
    try:
        attempt(form, act)
    except Faulty as faulty:
        form.show(faulty)
    if not made and queries.asked_before(form.seal, rule, form.values()):
        made.append(code_for(form.seal))  # the other click came first


def _may_go_on(request: HttpRequest, form: AskForm) -> bool:
    """Whether this address, and all together, may ask once more within the hour."""
    now, address = timezone.now(), request.META.get("REMOTE_ADDR", "")
    if not rate.is_within("ask", address, limit=MOST_ASKED, within=HOUR, at=now):
        form.add_error(None, "这个网络一小时里提得太多了，请过一会儿再提，或者打电话。")
        return False
    if not rate.is_within("ask-all", limit=MOST_ASKED_HERE, within=HOUR, at=now):
        form.add_error(None, "现在提的人太多，请过一会儿再提。写的还在这一页上。")
        return False
    return True


@never_cache
@require_safe
def receipt(request: HttpRequest) -> HttpResponse:
    """The code, to write down or print; shown for ten minutes to whoever asked."""
    code = _kept(request, CODE, CODE_FOR)
    if not code:
        return redirect("portal:track")
    return render(request, "portal/ask_receipt.html", {"code": code})


# --- following


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Type the code in."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ticket = None
        if _may_try(request):
            ticket = Ticket.objects.filter(code_hash=form.cleaned_data["code"]).first()
            if ticket is None:
                form.add_error("code", "没有这个查询码，请核对。办结很久的，已经到期删了。")
        else:
            form.add_error(None, "试得太多了，请过一小时再查，或者打电话问。")
        if ticket is not None:
            answer = redirect("portal:mine")
            _keep(answer, FOUND, str(ticket.pk), FOUND_FOR)
            return answer
    return render(request, "portal/track.html", {"form": form})


def _may_try(request: HttpRequest) -> bool:
    address = request.META.get("REMOTE_ADDR", "")
    return rate.is_within("track", address, limit=MOST_TRIED, within=HOUR, at=timezone.now())


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """How the request stands, in plain words; what waits for whoever asked is answered here."""
    ticket = _followed(request)
    if ticket is None:
        return redirect("portal:track")
    running = Running(ticket.case)
    told = queries.story(running)
    form = None
    if told.mine is not None and told.stage is not None:
        form = AnswerForm(told.stage, told.outcomes, request.POST or None)
        if request.method == "POST" and form.is_valid() and _answered(ticket, told, form):
            saved(request, "记下了，谢谢您。")
            return redirect("portal:mine")
    context = {
        "ticket": ticket, "rule": running.procedure, "told": told, "form": form,
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "portal/track_mine.html", context)


def _answered(ticket: Ticket, told: queries.Story, form: AnswerForm) -> bool:
    turn = told.mine
    assert turn is not None
    step = Step(
        outcome=form.cleaned_data["outcome"], happened_on=timezone.localdate(),
        values=form.values(),
    )  # fmt: skip
    try:
        return attempt(form, lambda: actions.answer_back(ticket, turn, step, at=timezone.now()))
    except Faulty as faulty:
        form.show(faulty)
    return False


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Close what was looked up: on somebody else's phone. Forms that the browser kept go too."""
    answer = redirect("portal:track")
    answer["Clear-Site-Data"] = '"cache"'
    for name in (FOUND, CODE, SENT):
        answer.delete_cookie(name, path=reverse("portal:track").removesuffix("track/"))
    return answer


def _followed(request: HttpRequest) -> Ticket | None:
    """The ticket that was found by its code a while ago; None where it was not."""
    kept = _kept(request, FOUND, FOUND_FOR)
    if not kept.isdecimal():
        return None
    rows = Ticket.objects.filter(erased_on=None, pk=int(kept))
    return rows.select_related("case__organization__parent").first()


def _keep(answer: HttpResponse, name: str, value: str, seconds: int) -> None:
    answer.set_signed_cookie(
        name, value, salt=name, max_age=seconds, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=reverse("portal:track").removesuffix("track/"),
    )  # fmt: skip


def _kept(request: HttpRequest, name: str, seconds: int) -> str:
    return request.get_signed_cookie(name, default="", salt=name, max_age=seconds) or ""


def _place(organization: int) -> Organization:
    found: Organization = get_object_or_404(
        Organization.objects.filter(dissolved_on=None).select_related("parent"), pk=organization
    )
    return found


def _doors(place: Organization) -> dict[str, HeldItem]:
    found = queries.doors(place, timezone.localdate())
    if not found:
        raise Http404
    return found


def _rule(held: HeldItem) -> Procedure:
    assert isinstance(held.wording.item, Procedure)
    return held.wording.item


def _doorway(held: HeldItem) -> Any:
    return _rule(held).doorway


def _door(place: Organization, held: HeldItem) -> dict[str, Any]:
    pack, _, name = held.reference.partition(":")
    return {
        "rule": _rule(held), "door": _doorway(held),
        "url": reverse("portal:ask", args=[place.pk, pack, name]),
        "take": reverse("requests:take_down", args=[place.pk, pack, name]),
    }  # fmt: skip


def _apart(place: Organization, found: Iterable[HeldItem]) -> dict[str, Any]:
    """The entrances apart that lead somewhere; ``closed``, the first for which nobody above is
    registered to receive it. One query each."""
    kept = [one for one in found if _rule(one).is_kept_apart]
    is_received = [case_rules.proper_place(place, _rule(one)) is not None for one in kept]
    doors = [_door(place, one) for one in kept]
    closed = [door for door, is_there in zip(doors, is_received, strict=True) if not is_there]
    return {
        "apart": [door for door in doors if door not in closed],
        "closed": closed[0] if closed else None,
    }


def _limits(rule: Procedure) -> list[tuple[str, str]]:
    """What each kind of matter takes at most, in words: the promise on the door."""
    for stage in rule.stages:
        by_choice = stage.limit.by_choice if stage.limit else None
        if by_choice:
            choices = rule.specs()[by_choice.field].choices
            return [
                (one.title, Duration.parse(by_choice.lengths[one.id]).in_words()) for one in choices
            ]
    return []


# --- the staff's side


@login_required
@require_safe
def ticket_list(request: SignedInRequest) -> HttpResponseBase:
    """Requests within reach: which way they came, where they stand; to Excel without contacts."""
    if not standing.may_anywhere(request.user, "cases.view"):
        raise Http404
    today = timezone.localdate()
    form = TicketFilter(request.GET)
    form.is_valid()
    view = form.cleaned_data.get("view") or "open"
    rows = _narrowed(queries.listed(request.user, view, today), form.cleaned_data, request)
    if "export" in request.GET:
        return long_file(request, rows) or _exported(rows, today)
    page = Paginator(rows.select_related("case", "organization"), PAGE)
    shown = page.get_page(page_number(request))
    context = {
        "page": shown,
        "lines": _lines(list(shown), today),
        "shares": queries.by_channel(rows),
        "form": form,
        "view": view,
        "take_at": _takes_at(request, today),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "today": today,
    }
    return render(request, "portal/take_list.html", context)


def _takes_at(request: SignedInRequest, today: date) -> int | None:
    """The organisation of the hat worn where one may write a request down there, else None. Five
    queries at most."""
    hat = hats.worn(request)
    if hat is None or not (hat.may("cases.view") and hat.may("cases.act")):
        return None
    rows = Organization.objects.filter(pk=hat.organization_id, dissolved_on=None)
    place = rows.select_related("parent").first()
    if place is None:
        return None
    held = queries.doors(place, today).values()
    return place.pk if any(_is_taken(request, place, one) for one in held) else None


def _is_taken(request: SignedInRequest, place: Organization, held: HeldItem) -> bool:
    """Whether one may write down what comes in there by this procedure."""
    rule = _rule(held)
    return set(_doorway(held).channels) != {"online"} and _may_take(request, place, rule)


def _narrowed(
    rows: TicketQuerySet, asked: dict[str, Any], request: SignedInRequest
) -> TicketQuerySet:
    if asked.get("q"):
        rows = rows.filter(case__title__icontains=asked["q"])
    if asked.get("channel"):
        rows = rows.filter(channel=asked["channel"])
    place = request.GET.get("organization", "")
    if place.isdecimal() and len(place) <= 12:
        rows = rows.filter(organization=int(place))
    span = queries.quarter(asked.get("quarter") or "")
    if span:
        rows = rows.filter(case__started_on__gte=span[0], case__started_on__lt=span[1])
    return rows


def _lines(tickets: list[Ticket], today: date) -> list[tuple[Ticket, cases.Line]]:
    """Each with where its case stands. Three queries."""
    known = cases.with_turns(Case.objects.filter(pk__in=[one.case_id for one in tickets]))
    lines = {line.case.pk: line for line in cases.lines(list(known), today)}
    return [(one, lines[one.case_id]) for one in tickets]


def _exported(rows: TicketQuerySet, today: date) -> HttpResponseBase:
    def cells() -> Any:
        tickets = rows.select_related("organization")
        for start in range(0, tickets.count(), 500):
            for ticket, line in _lines(list(tickets[start : start + 500]), today):
                yield (
                    line.case.title, line.procedure, ticket.get_channel_display(),
                    ticket.organization.name, line.who, line.stands, line.due_on,
                    line.case.started_on, line.case.ended_as or line.case.get_state_display(),
                )  # fmt: skip

    columns = [excel.Column(title, width) for title, width in COLUMNS]
    file = excel.file("诉求", columns, cells(), note=f"截至 {today}")
    return download_file(file, name=f"诉求{today}.xlsx", content_type=excel.TYPE)


def _taking_place(request: SignedInRequest, organization: int) -> Organization:
    """Where one may see cases; others hear of no such page."""
    found: Organization = get_object_or_404(
        Organization.objects.visible_to(request.user).filter(dissolved_on=None)
        .select_related("parent"), pk=organization,
    )  # fmt: skip
    if not standing.may(request.user, "cases.view", found.path):
        raise Http404
    return found


@login_required
@require_safe
def take(request: SignedInRequest, organization: int) -> HttpResponse:
    """Choose which kind of request to write down there."""
    place = _taking_place(request, organization)
    found = [one for one in _doors(place).values() if _is_taken(request, place, one)]
    if not found:
        raise Refused(no(f"不能记：由{place.called}的书记、委员或上级党委记。"))
    context = {"place": place, "doors": [_door(place, one) for one in found]}
    return render(request, "portal/take.html", context)


def _may_take(request: SignedInRequest, place: Organization, rule: Procedure) -> bool:
    kept_at = place if rule.is_kept_apart else case_rules.proper_place(place, rule)
    return kept_at is not None and bool(rules.may_take(request.user, place, kept_at, rule))


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def take_down(
    request: SignedInRequest, organization: int, pack: str, procedure: str
) -> HttpResponse:
    """Write down what somebody asks for by phone, in person, by letter or at a meeting; the code
    is read out or printed for them."""
    place = _taking_place(request, organization)
    held = _doors(place).get(f"{pack}:{procedure}")
    if held is None:
        raise Http404
    rule = _rule(held)
    require(rules.may_take(request.user, place, place, rule))
    form = TakeForm(
        rule, Duration.parse(_doorway(held).keeps).in_words(), request.POST or None,
        organization=place.pk, today=timezone.localdate(),
    )  # fmt: skip
    made: list[str] = []

    def act() -> None:
        data = form.cleaned_data
        _, code = actions.ask(
            place, held=held, values=form.values(), name=data["contact_name"],
            phone=data["contact_phone"], channel=data["channel"], by=request.user,
            at=timezone.now(),
        )  # fmt: skip
        made.append(code)

    if request.method == "POST" and form.is_valid():
        try:
            attempt(form, act)
        except Faulty as faulty:
            form.show(faulty)
    if made:
        answer = redirect("portal:receipt")
        _keep(answer, CODE, made[0], CODE_FOR)
        return answer
    context = {"place": place, "rule": rule, "form": form, "channels": CHANNELS}
    return render(request, "portal/take_down.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@sensitive_variables("value")
def look(request: SignedInRequest, pk: int, field: str) -> HttpResponse:
    """The name or phone of whoever asked, after a reason that is kept."""
    rows = Ticket.objects.visible_to(request.user).select_related("case")
    ticket: Ticket = get_object_or_404(rows, pk=pk)
    if field not in Look.Field.values:
        raise Http404
    require(rules.may_look(request.user, ticket))
    form = LookForm(request.POST if request.method == "POST" else None)
    value = ""
    if form.is_valid():
        value = actions.look(
            ticket, field=field, reason=form.reason, by=request.user, at=timezone.now()
        )
    context = {
        "ticket": ticket, "what": Look.Field(field).label, "form": form, "value": value,
        "is_shown": form.is_valid(), "back": ticket.get_absolute_url(),
    }  # fmt: skip
    return render(request, "portal/take_look.html", context)
