from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.accounts import rules as account_rules
from zhibu.accounts.models import User
from zhibu.core import beside, excel, panels, standing
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download_file, page_number, saved
from zhibu.core.verdicts import require
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization, Post
from zhibu.people import actions, queries, rules
from zhibu.people.forms import (
    ChangeForm,
    EndForm,
    EndHostingForm,
    GroupForm,
    HoldForm,
    HostForm,
    MembershipForm,
    PlaceForm,
    RegisterForm,
    RevealForm,
    SearchForm,
)
from zhibu.people.models import Belonging, Holding, Merge, Person, Reveal, Sex, State
from zhibu.people.rights.actions import note_opening
from zhibu.people.rights.queries import looks, noted

PAGE = 30
LIST = "people/person_list.html"
FORM = "people/person_form.html"
LOOKS_SHOWN = 50
STATES: dict[str, str] = {state.value: str(state.label) for state in State}
SEXES: dict[str, str] = {sex.value: str(sex.label) for sex in Sex}
COLUMNS = [
    excel.Column("姓名", 12),
    excel.Column("性别", 6),
    excel.Column("出生日期", 12),
    excel.Column("民族", 10),
    excel.Column("学历", 10),
    excel.Column("工作岗位", 18),
    excel.Column("身份", 14),
    excel.Column("所在支部", 30),
    excel.Column("身份证号", 14),
    excel.Column("电话", 16),
]


def _person_for(request: SignedInRequest, pk: int) -> Person:
    """The person, or 404 where this user may not even know of them."""
    people = Person.objects.visible_to(request.user).select_related("home")
    return get_object_or_404(people.annotate(is_noted=noted(request.user, _today())), pk=pk)


def _today() -> date:
    return timezone.localdate()


# --- list and search


def _at(request: SignedInRequest, data: QueryDict) -> Organization | None:
    asked = data.get("at", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))


def _found(
    request: SignedInRequest, data: QueryDict
) -> tuple[SearchForm, Organization | None, QuerySet[Person]]:
    form = SearchForm(data)
    form.is_valid()
    at = _at(request, data)
    people = queries.search(
        request.user,
        form.cleaned_data.get("q", ""),
        organization=at,
        state=form.cleaned_data.get("state") or None,
        on=_today(),
    )
    return form, at, people


@login_required
@require_http_methods(["GET", "POST"])
def listing(request: SignedInRequest) -> HttpResponse:
    """People within reach. The search is posted, so that no number stands in an address:
    a name then leads to an address that can be kept, a number is answered at once."""
    user = request.user
    require(rules.may_list(user))
    data = request.POST if request.method == "POST" else request.GET
    form, at, people = _found(request, data)
    address = _address(data)
    is_number = queries.is_number(form.cleaned_data.get("q", ""))
    if request.method == "POST" and not request.htmx and not is_number:
        return redirect(address)
    page = Paginator(people, PAGE).get_page(page_number(request))
    context = {
        "form": form,
        "at": at,
        "page": page,
        "people": [
            (person, STATES.get(person.state_on or "", ""), rules.may_see_whole(user, person))  # type: ignore[attr-defined]
            for person in page
        ],
        "query": "" if is_number else QueryDict(address.partition("?")[2]).urlencode(),
        "is_asked": any(form.cleaned_data.values()),
        "may_decide": standing.may_anywhere(user, "people.change"),
        "may_register": at is not None and rules.may_register(request.user, at),
    }
    response = render(request, f"{LIST}#results" if request.htmx else LIST, context)
    if request.htmx:
        response["HX-Push-Url"] = reverse("people:list") if is_number else address
    return response


def _address(data: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for name in ("q", "state", "at"):
        if value := data.get(name):
            kept[name] = str(value)
    query = kept.urlencode()
    return reverse("people:list") + (f"?{query}" if query else "")


@login_required
@require_safe
def export(request: SignedInRequest) -> HttpResponseBase:
    """The same people as an Excel file, covered values covered."""
    require(rules.may_list(request.user))
    _, at, people = _found(request, request.GET)
    if said := long_file(request, people):
        return said
    today = _today()
    title = f"{at.called} 人员" if at else "人员"
    file = excel.file(
        title, COLUMNS, _lines(request.user, people), note=f"截至 {today}。身份证号、电话已遮住。"
    )
    return download_file(file, name=f"{title} {today}.xlsx", content_type=excel.TYPE)


def _lines(user: User, people: QuerySet[Person]) -> Iterator[tuple[Any, ...]]:
    for person in people.iterator(1000):
        yield (
            person.name,
            SEXES.get(person.sex, ""),
            person.born_on,
            person.ethnicity,
            person.education,
            person.occupation,
            STATES.get(person.state_on or "", ""),  # type: ignore[attr-defined]
            person.home.name if person.home else "",
            person.masked_id_number if rules.may_see_whole(user, person) else "",
            person.masked_phone,
        )


# --- one person


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    merged = Merge.objects.filter(gone_id=pk).values_list("kept", flat=True)
    try:
        person = _person_for(request, pk)
    except Http404:
        seen = get_object_or_404(Person.objects.visible_to(request.user), pk__in=merged)
        return redirect(seen)
    user, today = request.user, _today()
    if not person.is_noted:  # type: ignore[attr-defined]
        note_opening(person, by=user, at=timezone.now())
    may_issue = account_rules.may_issue(user, person.path)
    may_see_reveals = rules.may_see_reveals(user, person)
    record = queries.record(person)
    context = {
        "person": person,
        "record": record,
        "is_whole": rules.may_see_whole(user, person),
        "may_reveal": rules.may_reveal(user, person, Reveal.Field.PHONE),
        "may_end_hosting": rules.may_end_hosting(user, person, record.host),
        "may_change": rules.may_change(user, person),
        "may_group": bool(person.home and rules.may_lead_group(user, person.home)),
        "may_issue": may_issue,
        "account": queries.account_of(person) if may_issue else None,
        "now": timezone.now(),
        "may_see_reveals": may_see_reveals,
        "looks": looks(person.pk, most=LOOKS_SHOWN) if may_see_reveals else (),
        "panels": panels.draw("person", request, person, today),
    }
    return render(request, "people/person_detail.html", context)


@login_required
@require_safe
def me(request: SignedInRequest) -> HttpResponse:
    """我的: one's own record, who looked at it, the account. For administrators the account."""
    people = Person.objects.select_related("home")
    person = people.filter(pk=request.user.person_id).first() if request.user.person_id else None
    context: dict[str, Any] = {"person": person, "held": standing.of(request.user)}
    if person:
        context |= {
            "record": queries.record(person),
            "looks": looks(person.pk, most=LOOKS_SHOWN),
            "may_reveal": True,
            "panels": panels.draw("person", request, person, _today()),
        }
    return render(request, "people/me.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@sensitive_variables("value")
def reveal(request: SignedInRequest, pk: int, field: str) -> HttpResponse:
    """A covered value, after a reason; one's own at once."""
    person = _person_for(request, pk)
    if field not in Reveal.Field.values:
        raise Http404
    require(rules.may_reveal(request.user, person, field))
    is_own = request.user.person_id == person.pk
    form = RevealForm(request.POST if request.method == "POST" else None)
    value = ""
    if is_own or form.is_valid():
        value = actions.reveal(
            person,
            field=field,  # type: ignore[arg-type]
            reason="" if is_own else form.reason,
            by=request.user,
            at=timezone.now(),
        )
    context = {
        "person": person,
        "what": Reveal.Field(field).label,
        "form": form,
        "value": value,
        "is_shown": is_own or form.is_valid(),
        "is_own": is_own,
        "back": reverse("people:me") if is_own else person.get_absolute_url(),
    }
    return render(request, "people/reveal.html", context)


# --- forms about a person


def _page(
    request: SignedInRequest,
    form: forms.BaseForm,
    *,
    title: str,
    verb: str,
    back: str,
    whose: str,
    about: str = "",
    is_grave: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "verb": verb,
        "back": back,
        "whose": whose,
        "about": about,
        "is_grave": is_grave,
    }
    return render(request, FORM, context)


@login_required
@sensitive_post_parameters("id_number", "phone", "address")
@require_http_methods(["GET", "POST"])
def register(request: SignedInRequest, pk: int) -> HttpResponse:
    """Register a person in the branch ``pk``."""
    home = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    require(rules.may_register(request.user, home))
    form = RegisterForm(request.POST or None)
    beside.put(form, "people.register", home, _today())
    made: list[Person] = []
    if form.is_valid():
        values = form.cleaned_data | {"state": form.cleaned_data["state"] or None}
        if attempt(
            form,
            lambda: made.append(
                actions.register(**values, home=home, by=request.user, at=timezone.now())
            ),
        ):
            saved(request, f"{made[0].name}已登记在{home.called}。")
            return redirect(made[0])
    return _page(
        request,
        form,
        title="登记人员",
        verb="登记",
        back=home.get_absolute_url(),
        whose=home.called,
        about=f"登记在{home.called}。身份证号、电话、住址加密保存，平时遮住。",
    )


@login_required
@sensitive_post_parameters("id_number", "phone", "address")
@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    person = _person_for(request, pk)
    require(rules.may_change(request.user, person))
    plain = ("name", "sex", "born_on", "ethnicity", "education", "occupation")
    form = ChangeForm(
        request.POST or None,
        person=person,
        initial={name: getattr(person, name) for name in plain},
    )
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in plain} | form.sealed_values()
        if attempt(
            form, lambda: actions.change(person, **values, by=request.user, at=timezone.now())
        ):
            saved(request, "资料已改。")
            return redirect(person)
    return _page(
        request,
        form,
        title="改资料",
        verb="保存",
        back=person.get_absolute_url(),
        whose=person.name,
        about="党员身份、所在支部的变动另外登记。",
    )


@login_required
@require_http_methods(["GET", "POST"])
def set_membership(request: SignedInRequest, pk: int) -> HttpResponse:
    person = _person_for(request, pk)
    require(rules.may_change(request.user, person))
    current = person.states.filter(until=None).first()
    form = MembershipForm(current.state if current else None, request.POST or None)
    beside.put(form, "people.membership", person.home, _today())
    if form.is_valid() and attempt(
        form,
        lambda: actions.set_membership(
            person, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"{person.name}的身份已登记为{STATES[form.cleaned_data['state']]}。")
        return redirect(person)
    return _page(
        request,
        form,
        title="登记身份变动",
        verb="登记",
        back=person.get_absolute_url(),
        whose=person.name,
        about=f"现在是{current.get_state_display()}。" if current else "现在没有党员身份的记录。",
    )


@login_required
@require_http_methods(["GET", "POST"])
def place(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let another branch be the person's home from a day on."""
    person = _person_for(request, pk)
    require(rules.may_change(request.user, person))
    form = PlaceForm(request.POST or None)
    beside.put(form, "people.place", person.home, _today())
    form.fields["organization"].among = (  # type: ignore[attr-defined]
        Organization.objects.reached_by(request.user, "people.change")
        .branches()
        .filter(dissolved_on=None)
    )
    if form.is_valid() and attempt(
        form,
        lambda: actions.place(person, **form.cleaned_data, by=request.user, at=timezone.now()),
    ):
        saved(request, f"{person.name}转到{form.cleaned_data['organization'].called}，已登记。")
        return redirect(_still_seen(request, person))
    return _page(
        request,
        form,
        title="转组织关系",
        verb="登记",
        back=person.get_absolute_url(),
        whose=person.name,
        about=f"现在在{person.home.called}。" if person.home else "现在不在哪个支部。",
    )


def _still_seen(request: SignedInRequest, person: Person) -> str:
    """The person's page, or the list where they moved out of sight."""
    seen = Person.objects.visible_to(request.user).filter(pk=person.pk).exists()
    return person.get_absolute_url() if seen else reverse("people:list")


@login_required
@require_http_methods(["GET", "POST"])
def host(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say in which branch somebody takes part while away."""
    person = _person_for(request, pk)
    require(rules.may_change(request.user, person))
    form = HostForm(request.POST or None)
    beside.put(form, "people.host", person.home, _today())
    form.fields["organization"].among = (  # type: ignore[attr-defined]
        Organization.objects.branches().filter(dissolved_on=None)
    )
    if form.is_valid() and attempt(
        form,
        lambda: actions.host(person, **form.cleaned_data, by=request.user, at=timezone.now()),
    ):
        saved(
            request,
            f"{person.name}在{form.cleaned_data['organization'].called}参加组织生活，已登记。",
        )
        return redirect(person)
    home = f"组织关系仍在{person.home.called}，人数只算在那里。" if person.home else ""
    return _page(
        request,
        form,
        title="登记流入地支部",
        verb="登记",
        back=person.get_absolute_url(),
        whose=person.name,
        about=f"组织关系没有转、人在外地的，登记他在哪个支部参加组织生活。{home}",
    )


@login_required
@require_http_methods(["GET", "POST"])
def end_hosting(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that somebody is no guest in the other branch any more."""
    person = _person_for(request, pk)
    hosting = person.belongings.filter(until=None, kind=Belonging.Kind.HOST).first()
    require(rules.may_end_hosting(request.user, person, hosting))
    form = EndHostingForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: actions.end_hosting(
            person, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"{person.name}不再流动，已登记。")
        return redirect(_still_seen(request, person))
    return _page(
        request,
        form,
        title="流动结束",
        verb="登记",
        back=person.get_absolute_url(),
        whose=person.name,
        about=f"现在在{hosting.organization.called}参加组织生活。" if hosting else "",
    )


@login_required
@require_http_methods(["GET", "POST"])
def join_group(request: SignedInRequest, pk: int) -> HttpResponse:
    person = _person_for(request, pk)
    if person.home is None:
        raise Http404
    require(rules.may_lead_group(request.user, person.home))
    groups = {group.pk: group for group in person.home.groups.filter(until=None)}
    form = GroupForm(((pk, g.name) for pk, g in groups.items()), request.POST or None)
    if form.is_valid():
        group = groups[int(form.cleaned_data["group"])]
        since = form.cleaned_data["since"]
        if attempt(
            form,
            lambda: actions.join_group(
                person, group=group, since=since, by=request.user, at=timezone.now()
            ),
        ):
            saved(request, f"{person.name}已编入{group.name}。")
            return redirect(person)
    return _page(
        request,
        form,
        title="编党小组",
        verb="保存",
        back=person.get_absolute_url(),
        whose=person.name,
        about="" if groups else f"{person.home.called}还没有党小组，请先在组织页上成立。",
    )


# --- posts


@login_required
@require_http_methods(["GET", "POST"])
def appoint(request: SignedInRequest, pk: int) -> HttpResponse:
    """Register who takes the post ``pk``."""
    seen = Organization.objects.visible_to(request.user)
    posts = Post.objects.filter(until=None, organization__in=seen)
    post = get_object_or_404(posts.select_related("organization", "group"), pk=pk)
    organization = post.organization
    require(rules.may_appoint(request.user, post))
    form = HoldForm(request.POST or None)
    beside.put(form, "people.hold", post.organization, _today())
    candidates = Person.objects.visible_to(request.user)
    if post.group_id:
        candidates = candidates.filter(home=organization)
    form.fields["person"].among = candidates  # type: ignore[attr-defined]
    if form.is_valid():
        values = {k: v for k, v in form.cleaned_data.items() if k != "person"}
        person = form.cleaned_data["person"]
        if attempt(
            form,
            lambda: actions.hold_post(
                person, post=post, **values, by=request.user, at=timezone.now()
            ),
        ):
            saved(request, f"{person.name}任{post.title}，已登记；权限从那天起。")
            return redirect(organization)
    where = post.group.name if post.group else organization.called
    return _page(
        request,
        form,
        title=f"谁任{where}{post.title}",
        verb="登记",
        back=organization.get_absolute_url(),
        whose=organization.called,
        about="任职带着权限，谁能做什么见说明。",
    )


@login_required
@require_http_methods(["GET", "POST"])
def end_holding(request: SignedInRequest, pk: int) -> HttpResponse:
    """Register that somebody leaves a post."""
    seen = Organization.objects.visible_to(request.user)
    rows = Holding.objects.filter(ended_on=None, post__organization__in=seen)
    rows = rows.select_related("person", "post__organization", "post__group")
    holding = get_object_or_404(rows, pk=pk)
    post = holding.post
    require(rules.may_appoint(request.user, post))
    form = EndForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: actions.end_holding(
            holding, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"{holding.person.name}不再任{post.title}，已登记。")
        return redirect(post.organization)
    return _page(
        request,
        form,
        title=f"{holding.person.name}不再任{post.title}",
        verb="登记",
        back=post.organization.get_absolute_url(),
        whose=post.organization.called,
        is_grave=True,
    )


# --- accounts


@login_required
@require_http_methods(["GET", "POST"])
@sensitive_variables("code")
def account(request: SignedInRequest, pk: int) -> HttpResponse:
    """The person's account; POST makes a code and shows the slip, this once."""
    person = _person_for(request, pk)
    serves = queries.posts_held_at(person, _today())
    require(rules.may_issue_to(request.user, person, serves))
    if request.method == "POST":
        user, code = actions.issue_account(person, by=request.user, at=timezone.now())
        site = request.build_absolute_uri(reverse("accounts:activate"))
        slip = {"person": person, "account": user, "code": code, "site": site}
        return render(request, "people/slip.html", slip)
    context = {
        "person": person,
        "account": queries.account_of(person),
        "now": timezone.now(),
    }
    return render(request, "people/account.html", context)


@login_required
@require_POST
def stop_account(request: SignedInRequest, pk: int) -> HttpResponse:
    person = _person_for(request, pk)
    actions.stop_account(person, by=request.user, at=timezone.now())
    saved(request, f"{person.name}的账号已停用，马上退出。")
    return redirect("people:account", person.pk)
