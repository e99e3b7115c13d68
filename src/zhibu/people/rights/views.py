import json
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.core import dossier, excel
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, page_number, saved
from zhibu.core.verdicts import require
from zhibu.people import rules as people_rules
from zhibu.people.models import Consent, Correction, Person
from zhibu.people.rights import actions, queries, rules
from zhibu.people.rights.forms import AskForm, DecideForm, NoteForm

PAGE = 30
LOOKS_SHOWN = 20
LOOKS = [
    excel.Column("什么时候", 17),
    excel.Column("谁", 12),
    excel.Column("看了什么", 12),
    excel.Column("为什么、以什么身份", 40),
]


def _own(request: SignedInRequest) -> Person:
    """The person whose account this is; administrators have none."""
    if request.user.person_id is None:
        raise Http404
    return get_object_or_404(Person.objects.select_related("home"), pk=request.user.person_id)


# --- my information


@login_required
@require_safe
def own(request: SignedInRequest) -> HttpResponse:
    """我的信息: who looked, what I agreed to, what I asked for, a copy to take along."""
    person = _own(request)
    purposes = queries.purposes(person.pk, timezone.localdate())
    context = {
        "person": person,
        "looks": queries.looks(person.pk, most=LOOKS_SHOWN),
        "purposes": purposes,
        "past": queries.past_consents(person.pk),
        "titles": {one.listed.token: one.listed.title for one in purposes},
        "corrections": queries.corrections_of(person.pk),
    }
    return render(request, "people/rights.html", context)


@login_required
@require_safe
def looks_export(request: SignedInRequest) -> HttpResponse:
    """Everybody who looked at oneself, as an Excel file."""
    person = _own(request)
    rows = (
        (timezone.localtime(look.at), look.who, look.what, look.why)
        for look in queries.looks(person.pk)
    )
    today = timezone.localdate()
    content = excel.workbook("谁看过我的信息", LOOKS, rows, note=f"{person.name}，截至 {today}")
    return download(content, name=f"谁看过我的信息 {today}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
@sensitive_variables()
def own_data(request: SignedInRequest, form: str) -> HttpResponse:
    """Everything held on oneself, to read (xlsx) or to take elsewhere (json)."""
    person, today = _own(request), timezone.localdate()
    name = f"{person.name}的全部资料 {today}"
    if form == "json":
        found = {
            section.title: [
                dict(zip(section.columns, map(_plain, row), strict=True))
                for row in section.rows(person.pk)
            ]
            for section in dossier.sections()
        }
        text = json.dumps(found, ensure_ascii=False, indent=1)
        return download(text.encode(), name=f"{name}.json", content_type="application/json")
    if form != "xlsx":
        raise Http404
    sheets = [
        excel.Sheet(
            name=section.title[:31],
            title=section.title,
            columns=[excel.Column(title, 22) for title in section.columns],
            rows=section.rows(person.pk),
            note=f"{person.name}，截至 {today}",
        )
        for section in dossier.sections()
    ]
    return download(excel.book(sheets), name=f"{name}.xlsx", content_type=excel.TYPE)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


# --- consent


@login_required
@require_POST
def own_consent(request: SignedInRequest) -> HttpResponse:
    """Agree to a purpose, or take it back, for oneself."""
    person = _own(request)
    how, purpose = Consent.How.SELF.value, request.POST.get("purpose", "")
    if "withdraw" in request.POST:
        row = get_object_or_404(person.consents, purpose=purpose, withdrawn_at=None)
        actions.withdraw(row, how=how, by=request.user, at=timezone.now())
        saved(request, "已撤回，从现在起不再这样用。")
    else:
        actions.consent(person, purpose=purpose, how=how, by=request.user, at=timezone.now())
        saved(request, "已同意，随时可以撤回。")
    return redirect("people:rights")


@login_required
@require_http_methods(["GET", "POST"])
def consents(request: SignedInRequest, pk: int) -> HttpResponse:
    """Note what somebody said or wrote: for those who use no account."""
    seen = Person.objects.visible_to(request.user).select_related("home")
    person = get_object_or_404(seen, pk=pk)
    require(people_rules.may_change(request.user, person))
    purposes = queries.purposes(person.pk, timezone.localdate())
    choices = [
        (one.listed.token, f"{'撤回：' if one.consent else '同意：'}{one.listed.title}")
        for one in purposes
    ]
    form = NoteForm(choices, request.POST or None)
    if form.is_valid():
        held = {one.listed.token: one.consent for one in purposes}
        purpose, how = form.cleaned_data["purpose"], form.cleaned_data["how"]
        row = held[purpose]
        noted = {"how": how, "by": request.user, "at": timezone.now()}
        if attempt(
            form,
            lambda: (
                actions.withdraw(row, **noted)
                if row
                else actions.consent(person, purpose=purpose, **noted)
            ),
        ):
            saved(request, f"{person.name}的意思已记下，本人看得到。")
            return redirect("people:consents", person.pk)
    context = {"person": person, "purposes": purposes, "form": form}
    return render(request, "people/consents.html", context)


# --- corrections


@login_required
@sensitive_post_parameters("text")
@require_http_methods(["GET", "POST"])
def ask_correction(request: SignedInRequest) -> HttpResponse:
    person = _own(request)
    form = AskForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: actions.ask_correction(
            person, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, "已提出，支部书记答复后会告诉您。")
        return redirect("people:rights")
    context = {"person": person, "form": form}
    return render(request, "people/correction_ask.html", context)


@login_required
@require_safe
def corrections(request: SignedInRequest) -> HttpResponse:
    """Requests that wait for an answer, oldest first; answered ones with ?all=1."""
    require(rules.may_decide_somewhere(request.user))
    rows = Correction.objects.to_decide(request.user).select_related("person__home")
    is_all = request.GET.get("all") == "1"
    rows = rows.order_by("-asked_at") if is_all else rows.open().order_by("asked_at")
    page = Paginator(rows, PAGE).get_page(page_number(request))
    context = {"page": page, "is_all": is_all, "query": "all=1" if is_all else ""}
    return render(request, "people/correction_list.html", context)


def _correction_for(request: SignedInRequest, pk: int) -> Correction:
    """The request, or 404 for whoever neither asked it nor decides on it."""
    mine = Correction.objects.filter(person=request.user.person_id or 0)
    found = mine | Correction.objects.to_decide(request.user)
    return get_object_or_404(found.select_related("person__home", "answered_by"), pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def correction(request: SignedInRequest, pk: int) -> HttpResponse:
    """One request: its person follows it, whoever decides answers it here."""
    row = _correction_for(request, pk)
    may_decide = rules.may_decide(request.user, row)
    form = DecideForm(request.POST or None) if may_decide else None
    if request.method == "POST":
        require(may_decide)
        assert form is not None
        if form.is_valid() and attempt(
            form,
            lambda: actions.decide(
                row,
                is_accepted=form.cleaned_data["decision"] == "accepted",
                answer=form.cleaned_data["answer"],
                by=request.user,
                at=timezone.now(),
            ),
        ):
            saved(request, "已答复，本人收到消息。")
            return redirect("people:corrections")
    context = {
        "row": row,
        "form": form,
        "is_own": request.user.person_id == row.person_id,
        "may_take_back": rules.may_take_back(request.user, row),
    }
    return render(request, "people/correction_detail.html", context)


@login_required
@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _correction_for(request, pk)
    require(rules.may_take_back(request.user, row))
    actions.take_back(row, by=request.user, at=timezone.now())
    saved(request, "已撤回。")
    return redirect("people:rights")
