from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.core import excel, standing
from zhibu.core.http import SignedInRequest, download_file, query_without, saved
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.pairings import queries, rotas, rules
from zhibu.pairings import rota_queries as found_in
from zhibu.pairings.forms import (
    NoteForm,
    OfferForm,
    PersonForm,
    ReasonForm,
    RotaForm,
    TakeForm,
    attempted,
)
from zhibu.pairings.models import Rota, Turn
from zhibu.pairings.queries import rule_of
from zhibu.pairings.rotas import word_turn
from zhibu.pairings.views import (
    address,
    confirmed,
    held_kind,
    place_of,
    reference_of,
    typed,
)
from zhibu.people.models import Person

COLUMNS = (("日期", 12), ("班次", 12), ("几点", 18), ("谁", 14), ("来没来", 10))


@login_required
@require_safe
def rota_list(request: SignedInRequest) -> HttpResponse:
    """Rotas of a place, newest first; what may be drawn up there; one's own next turns."""
    place, today, user = place_of(request), timezone.localdate(), request.user
    rotas_there = list(found_in.rotas(user, place))
    may_see = standing.may(user, "pairings.view", place.path)
    me = user.person_id
    mine = found_in.mine(me, today, today + timedelta(days=60)) if me else []
    if not may_see and not rotas_there and not mine:
        raise Http404
    kinds = queries.in_force(place, today, "rota") if may_see else {}
    context = {
        "place": place,
        "today": today,
        "current": [one for one in rotas_there if _runs(one, today)],
        "past": [one for one in rotas_there if not _runs(one, today)],
        "mine": mine,
        "kinds": [
            (rule_of(held), address(kind, "draw", place.pk))
            for kind, held in kinds.items()
            if rules.may_begin(user, place, rule_of(held))
        ],
    }
    return render(request, "pairings/rota_list.html", context)


def _runs(rota: Rota, today: date) -> bool:
    return rota.state == Rota.State.OPEN and today < rota.until


@login_required
@require_http_methods(["GET", "POST"])
def draw_up(
    request: SignedInRequest, publisher: str, pack: str, item: str, organization: int
) -> HttpResponse:
    kind, today = reference_of(publisher, pack, item), timezone.localdate()
    visible = Organization.objects.visible_to(request.user)
    place = get_object_or_404(visible.select_related("parent"), pk=organization)
    if not standing.may(request.user, "pairings.view", place.path):
        raise Http404
    held, rule = held_kind(place, kind, "rota", today)
    require(rules.may_begin(request.user, place, rule))
    assert rule.rota is not None
    people = found_in.people_to_choose(place, today)
    monday = today + timedelta(days=7 - today.weekday())
    initial = {"since": monday, "until": monday + timedelta(days=28)}
    form = RotaForm(rule.rota, people, *typed(request), initial=initial)
    made: list[Rota] = []

    def act() -> None:
        made.append(
            rotas.draw_up(
                place, form.draft(), kind=kind, wording=held.wording.since, rule=rule,
                by=request.user, at=timezone.now(),
            )
        )  # fmt: skip

    draft = f"rota:{kind}:{place.pk}"
    if form.is_bound and form.is_valid() and attempted(form, act):
        saved(request, "排好了，按名单轮着来。", draft=draft)
        return redirect(made[0])
    context = {
        "title": f"排{rule.title}",
        "place": place,
        "about": rule.about,
        "form": form,
        "draft": draft,
        "button": "排班",
        "cited": held.pack.cited(held.wording),
        "back": f"{reverse('pairings:rotas')}?organization={place.pk}",
        "back_title": "轮值",
    }
    return render(request, "pairings/begin.html", context)


def _rota_for(request: SignedInRequest, pk: int) -> Rota:
    rows = Rota.objects.visible_to(request.user).select_related("organization", "made_by")
    found: Rota = get_object_or_404(rows, pk=pk)
    return found


def _day_asked(request: SignedInRequest, today: date) -> date:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today


@login_required
@require_safe
def show_rota(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """A week of a rota, a day a block; the whole of it to Excel."""
    rota, user, now = _rota_for(request, pk), request.user, timezone.now()
    if "export" in request.GET:
        return _exported(request, rota)
    since, until = found_in.week_of(rota, _day_asked(request, timezone.localdate()))
    before, after = found_in.neighbours(rota, since, until)
    context = {
        "rota": rota,
        "days": found_in.week(user, rota, since, until, now),
        "since": since,
        "last": until - timedelta(days=1),
        "before": before,
        "after": after,
        "roll": found_in.roll(rota),
        "changes": found_in.changes(rota, since, until),
        "may_cancel": rules.may_cancel(user, rota),
        "cited": queries.cited(rota.kind),
        "sees_list": standing.may(user, "pairings.view", rota.organization.path),
        "export": f"?{query_without(request, 'export')}&export=1",
    }
    return render(request, "pairings/rota.html", context)


def _exported(request: SignedInRequest, rota: Rota) -> HttpResponseBase:
    days = found_in.week(request.user, rota, rota.since, rota.until, timezone.now())
    columns = [excel.Column(name, width) for name, width in COLUMNS]
    title = f"{rota.organization.name}{rota.title}"
    file = excel.file(title, columns, found_in.cells(days), note=f"{rota.since} 起")
    return download_file(file, name=f"{title}{rota.since}.xlsx", content_type=excel.TYPE)


@login_required
@require_http_methods(["GET", "POST"])
def cancel_rota(request: SignedInRequest, pk: int) -> HttpResponse:
    rota = _rota_for(request, pk)
    require(rules.may_cancel(request.user, rota))
    form = ReasonForm(*typed(request))
    return confirmed(
        request, form, rota.get_absolute_url(), rota.title, "停用这张轮值表",
        "排过的班还看得到，不再提醒。", "停用",
        lambda: rotas.cancel_rota(rota, **form.cleaned_data, by=request.user, at=timezone.now()),
    )  # fmt: skip


# --- turns


def _turn_for(request: SignedInRequest, pk: int) -> Turn:
    rows = Turn.objects.filter(rota__in=Rota.objects.visible_to(request.user).values("pk"))
    found: Turn = get_object_or_404(
        rows.select_related("person", "wanted", "rota__organization"), pk=pk
    )
    return found


def _done(request: SignedInRequest, turn: Turn, text: str) -> HttpResponse:
    saved(request, text)
    return redirect(turn)


@login_required
@require_http_methods(["GET", "POST"])
def offer_turn(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer a turn: at once with one tap on the week; the page is for an exchange."""
    turn, now = _turn_for(request, pk), timezone.now()
    require(rules.may_offer(request.user, turn, now))
    others = found_in.others(turn, now)
    for one in others:
        one.rota = turn.rota
    choices = [(one.pk, f"{one.person.name} {word_turn(one)}") for one in others]
    form = OfferForm(choices, *typed(request))

    def act() -> None:
        wanted = next((one for one in others if one.pk == form.cleaned_data["wanted"]), None)
        rotas.offer_turn(turn, wanted=wanted, by=request.user, at=timezone.now())

    return confirmed(
        request, form, turn.get_absolute_url(), turn.rota.title, f"让出{word_turn(turn)}",
        "让出以后，有人接了才算换了；没有人接还是您的。", "让出", act,
    )  # fmt: skip


@login_required
@require_POST
def withdraw_offer(request: SignedInRequest, pk: int) -> HttpResponse:
    turn = _turn_for(request, pk)
    turn = rotas.withdraw_offer(turn, by=request.user, at=timezone.now())
    return _done(request, turn, "收回了，这一班还是原来的人。")


@login_required
@require_POST
def take_turn(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an offered turn oneself; whoever keeps the rota may say for whom."""
    turn = _turn_for(request, pk)
    form = TakeForm(request.POST)
    number = form.cleaned_data["person"] if form.is_valid() else None
    person = get_object_or_404(Person, pk=number or request.user.person_id or 0)
    turn = rotas.take_turn(turn, person=person, by=request.user, at=timezone.now())
    return _done(request, turn, f"{person.name}接了这一班。")


@login_required
@require_http_methods(["GET", "POST"])
def change_turn(request: SignedInRequest, pk: int) -> HttpResponse:
    turn = _turn_for(request, pk)
    require(rules.may_change(request.user, turn, timezone.now()))
    people = found_in.roll(turn.rota)
    form = PersonForm([(one.pk, one.name) for one in people], *typed(request))

    def act() -> None:
        person = next(one for one in people if one.pk == form.cleaned_data["person"])
        rotas.change_turn(turn, person=person, by=request.user, at=timezone.now())

    return confirmed(
        request, form, turn.get_absolute_url(), turn.rota.title, f"换人：{word_turn(turn)}",
        f"现在是{turn.person.name}。", "换", act,
    )  # fmt: skip


@login_required
@require_POST
def note_turn(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note whether somebody came; a wrong word counts as not noted."""
    turn, form = _turn_for(request, pk), NoteForm(request.POST)
    came: Any = form.cleaned_data["came"] if form.is_valid() else ""
    turn = rotas.note_turn(turn, came=came, by=request.user, at=timezone.now())
    return _done(request, turn, "记下了。")
