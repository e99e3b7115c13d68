from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import excel
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, query_without, saved
from zhibu.core.verdicts import Refused, require
from zhibu.organizations.models import Organization
from zhibu.packs import catalogues
from zhibu.packs.catalogues import Listed
from zhibu.people.membergroups import actions, queries, rules
from zhibu.people.membergroups.actions import MOST, Outlook
from zhibu.people.membergroups.forms import RegroupForm, WantedForm
from zhibu.people.models import Person, State
from zhibu.people.rules import may_see_whole

CHANGE = "people/member_groups_change.html"
STATES: dict[str, str] = {state.value: str(state.label) for state in State}
COLUMNS = [
    excel.Column("姓名", 12),
    excel.Column("身份", 14),
    excel.Column("所在支部", 30),
    excel.Column("出生日期", 12),
    excel.Column("学历", 10),
    excel.Column("工作岗位", 18),
    excel.Column("所在类别", 40),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, read once."""

    form: WantedForm
    group: Listed
    way: actions.Way
    at: Organization | None


def _asked(request: SignedInRequest, on: date) -> Asked:
    """The filter; a group nobody lists is 404, a wrong number counts as not given."""
    listed = catalogues.listed(queries.OF, on)
    form = WantedForm(listed, request.GET)
    form.is_valid()
    token = form.cleaned_data.get("group")
    if token is None:
        raise Http404
    asked = request.GET.get("at", "")
    at = None
    if asked.isdecimal() and len(asked) < 19:
        at = get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))
    return Asked(form, listed[token], "out" if form.asked_way == "out" else "in", at)


@login_required
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Every member group there is, with how many of one's people are in it."""
    require(rules.may_group_somebody(request.user))
    on = timezone.localdate()
    context = {"shelves": queries.shelves(request.user, on), "on": on}
    return render(request, "people/member_groups.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest) -> HttpResponse:
    """List people by filter, choose, see what would change, do it."""
    require(rules.may_group_somebody(request.user))
    on = timezone.localdate()
    asked = _asked(request, on)
    rows = queries.changeable(request.user, asked.form.wanted(asked.at), on)
    found = rows.count()
    people = list(rows[:MOST])
    form = RegroupForm([p.pk for p in people], on, request.POST or None)
    outlook: Outlook | None = None
    if form.is_valid():
        chosen = [person for person in people if person.pk in set(form.cleaned_data["person"])]
        if form.cleaned_data["step"] == "apply":
            if answer := _apply(request, form, asked, chosen):
                return answer
        else:
            outlook = _outlook(form, asked, chosen)
    context = _context(request, asked, people, on) | {
        "found": found,
        "most": MOST,
        "form": form,
        "outlook": outlook,
        "chosen": set(form.cleaned_data.get("person", ())) if form.is_bound else None,
    }
    return render(request, CHANGE, context)


def _outlook(form: RegroupForm, asked: Asked, chosen: Sequence[Person]) -> Outlook | None:
    try:
        return actions.outlook(
            chosen, group=asked.group.token, way=asked.way, on=form.cleaned_data["since"]
        )
    except Refused as refusal:
        form.add_error(None, refusal.verdict.reason)
        return None


def _apply(
    request: SignedInRequest, form: RegroupForm, asked: Asked, chosen: Sequence[Person]
) -> HttpResponse | None:
    made: list[Outlook] = []
    done = attempt(
        form,
        lambda: made.append(
            actions.regroup(
                [person.pk for person in chosen],
                group=asked.group.token,
                way=asked.way,
                since=form.cleaned_data["since"],
                by=request.user,
                at=timezone.now(),
            )
        ),
    )
    if not done:
        return None
    verb = "编进" if asked.way == "in" else "编出"
    saved(request, f"{len(made[0].touched)} 人{verb}“{asked.group.title}”，已登记。")
    return redirect("people:member_groups")


def _context(
    request: SignedInRequest, asked: Asked, people: Sequence[Person], on: date
) -> dict[str, Any]:
    groups = queries.groups_of([person.pk for person in people], on)
    return {
        "asked": asked,
        "verb": "编进" if asked.way == "in" else "编出",
        "people": [
            (person, STATES.get(person.state_on or "", ""), groups.get(person.pk, []))  # type: ignore[attr-defined]
            for person in people
        ],
        "query": query_without(request, "page"),
        "on": on,
    }


@login_required
@require_safe
def of_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """The groups of one person over time, for whoever sees the person whole."""
    seen = Person.objects.visible_to(request.user).select_related("home")
    person = get_object_or_404(seen, pk=pk)
    if not may_see_whole(request.user, person):
        raise Http404
    is_own = request.user.person_id == person.pk
    context = {
        "person": person,
        "is_own": is_own,
        "back": reverse("people:me") if is_own else person.get_absolute_url(),
        "rows": queries.history(person, timezone.localdate()),
    }
    return render(request, "people/member_groups_of.html", context)


@login_required
@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """The people the filter finds, as an Excel file."""
    require(rules.may_group_somebody(request.user))
    on = timezone.localdate()
    asked = _asked(request, on)
    people = list(queries.changeable(request.user, asked.form.wanted(asked.at), on))
    groups = queries.groups_of([person.pk for person in people], on)
    rows = (
        (
            person.name,
            STATES.get(person.state_on or "", ""),  # type: ignore[attr-defined]
            person.home.name if person.home else "",
            person.born_on,
            person.education,
            person.occupation,
            "、".join(groups.get(person.pk, [])),
        )
        for person in people
    )
    inside = "里的人" if asked.way == "out" else "还没有编进的人"
    title = f"{asked.group.title}{inside}"
    content = excel.workbook(title, COLUMNS, rows, note=f"截至 {on}。依据 {asked.group.cited}。")
    return download(content, name=f"{title} {on}.xlsx", content_type=excel.TYPE)
