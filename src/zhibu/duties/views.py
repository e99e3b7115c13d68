from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.adoptions.addresses import item_url
from zhibu.core import standing
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, saved
from zhibu.core.verdicts import require
from zhibu.duties import actions, queries, rules
from zhibu.duties.forms import ExemptForm, ExplainForm, TalkForm
from zhibu.duties.models import Exemption, HolderKind, Obligation, Talk
from zhibu.organizations.models import Organization
from zhibu.people.models import Person


def _obligation_for(request: SignedInRequest, pk: int) -> Obligation:
    rows = Obligation.objects.visible_to(request.user).select_related("organization")
    return get_object_or_404(rows, pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def exempt(request: SignedInRequest, pk: int) -> HttpResponse:
    obligation = _obligation_for(request, pk)
    require(rules.may_exempt(request.user, obligation))
    form = ExemptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.exempt(
            obligation, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        )
        messages.success(request, "已免办，不再算应办。")
        return redirect("insight:obligation", pk=obligation.pk)
    return _form(request, obligation, form, "免办")


@login_required
@require_POST
def withdraw_exemption(request: SignedInRequest, pk: int) -> HttpResponse:
    """``pk`` is the obligation's."""
    obligation = _obligation_for(request, pk)
    exemption = get_object_or_404(
        Exemption,
        holder_kind=obligation.holder_kind,
        holder_id=obligation.holder_id,
        pack=obligation.pack,
        duty=obligation.duty,
        period_since=obligation.period_since,
        withdrawn_at=None,
    )
    actions.withdraw_exemption(exemption, by=request.user, at=timezone.now())
    messages.success(request, "已取消免办。")
    return redirect("insight:obligation", pk=obligation.pk)


@login_required
@require_http_methods(["GET", "POST"])
def explain(request: SignedInRequest, pk: int) -> HttpResponse:
    obligation = _obligation_for(request, pk)
    require(rules.may_explain(request.user, obligation, timezone.localdate()))
    form = ExplainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.explain(
            obligation, text=form.cleaned_data["text"], by=request.user, at=timezone.now()
        )
        messages.success(request, "说明已记下，上级看得到。")
        return redirect("desk:home")
    return _form(request, obligation, form, "说明情况")


def _form(
    request: SignedInRequest, obligation: Obligation, form: ExemptForm | ExplainForm, verb: str
) -> HttpResponse:
    worded = queries.worded([obligation], timezone.localdate())
    context = {"obligation": obligation, "owed": worded[0], "form": form, "verb": verb}
    return render(request, "duties/obligation_form.html", context)


# --- talks: a day and two people, nothing of what was said


def _talk_for(request: SignedInRequest, pk: int) -> Talk:
    rows = Talk.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("first", "second", "organization"), pk=pk)


def _branches_helped(request: SignedInRequest) -> list[Organization]:
    """Branches where one records and may help those without an account."""
    helping = {
        s.organization_id
        for s in standing.with_permission(request.user, "activities.record")
        if s.reach == "own" and s.organization_id
    }
    return list(Organization.objects.filter(pk__in=helping).order_by("path"))


@login_required
@require_safe
def talk_list(request: SignedInRequest) -> HttpResponse:
    """谈心谈话: what waits for one's word, one's talks, and whom one could help."""
    person = _own_person(request)
    today = timezone.localdate()
    owed = queries.of_person(person.pk, today).filter(holder_kind=HolderKind.PAIR)
    helped = [(o, queries.talks_to_help_with(o)) for o in _branches_helped(request)]
    context = {
        "person": person,
        "on": today,
        "owed": queries.worded(list(owed), today),
        "waiting": queries.talks_to_confirm(person.pk),
        "talks": queries.talks_of(person.pk, date(today.year - 1, 1, 1)),
        "helped": [(o, rows) for o, rows in helped if rows],
    }
    return render(request, "duties/talk_list.html", context)


def _own_person(request: SignedInRequest) -> Person:
    return get_object_or_404(
        Person.objects.select_related("home"), pk=request.user.person_id or 0, home__isnull=False
    )


@login_required
@require_http_methods(["GET", "POST"])
def record_talk(request: SignedInRequest) -> HttpResponse:
    """Write down that one talked with somebody; the other side confirms."""
    person, today = _own_person(request), timezone.localdate()
    home = person.home
    assert home is not None
    kinds = queries.talk_kinds(home, today)
    form = TalkForm(
        request.POST or None,
        kinds=kinds,
        people=queries.to_talk_with(person, home, today),
        today=today,
    )
    if form.is_valid() and attempt(form, lambda: _record(request, person, form)):
        saved(request, "已记下，等对方确认。")
        return redirect("duties:talks")
    basis = [
        (item.pack.cited(item.wording), item_url("activities", item.reference)) for item in kinds
    ]
    return render(request, "duties/talk_form.html", {"form": form, "basis": basis})


def _record(request: SignedInRequest, person: Person, form: TalkForm) -> Talk:
    return actions.record_talk(
        first=person,
        second=Person.objects.get(pk=form.cleaned_data["other"]),
        kind=form.cleaned_data["kind"],
        held_on=form.cleaned_data["held_on"],
        by=request.user,
        at=timezone.now(),
    )


@login_required
@require_POST
def confirm_talk(request: SignedInRequest, pk: int) -> HttpResponse:
    """For oneself, or with ``person`` for somebody without an account."""
    talk = _talk_for(request, pk)
    asked = request.POST.get("person", "")
    sides = {str(side.pk): side for side in (talk.first, talk.second)}
    person = sides.get(asked or str(request.user.person_id))
    if person is None:
        raise Http404
    actions.confirm_talk(talk, person=person, by=request.user, at=timezone.now())
    saved(request, "已确认。")
    return redirect("duties:talks")


@login_required
@require_POST
def withdraw_talk(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.withdraw_talk(_talk_for(request, pk), by=request.user, at=timezone.now())
    saved(request, "已撤回，不算了。")
    return redirect("duties:talks")
