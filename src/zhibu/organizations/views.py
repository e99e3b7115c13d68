from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import beside, excel, hats, measures, panels, paths, standing
from zhibu.core.forms import attempt
from zhibu.core.http import (
    SignedInRequest,
    day_asked,
    download,
    page_number,
    query_without,
    saved,
)
from zhibu.core.verdicts import require
from zhibu.organizations import actions, queries, rules
from zhibu.organizations.forms import (
    ChangeForm,
    CloseGroupForm,
    DissolveForm,
    FormGroupForm,
    FoundForm,
    ListForm,
    MoveForm,
    PostForm,
    RenameForm,
    TermForm,
)
from zhibu.organizations.models import BRANCHES, Kind, Organization, PartyGroup, Placement

PAGE = 50
LIST = "organizations/organization_list.html"
FORM = "organizations/organization_form.html"
COLUMNS = [
    excel.Column("代码", 14),
    excel.Column("名称", 36),
    excel.Column("简称", 20),
    excel.Column("上级", 30),
    excel.Column("类别", 12),
    excel.Column("领域", 10),
    excel.Column("所在地", 24),
    excel.Column("成立日期", 12),
]


def organization_for(request: SignedInRequest, pk: int) -> Organization:
    """The organisation, or 404 where this user may not see it."""
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)


def today() -> date:
    return timezone.localdate()


def asked_under(request: SignedInRequest) -> Organization | None:
    asked = request.GET.get("under", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    return organization_for(request, int(asked))


def _asked(request: SignedInRequest) -> tuple[ListForm, date, Organization | None, Any]:
    """The filters, the day, the top and the rows that the query string asks for."""
    on = day_asked(request, today())
    form = ListForm({**request.GET.dict(), "on": on.isoformat()})
    form.is_valid()
    asked = form.cleaned_data
    under = asked_under(request)
    rows = queries.listed(
        request.user,
        on=on,
        text=asked.get("q", ""),
        kind=asked.get("kind", ""),
        field=asked.get("field", ""),
        under=under,
    )
    return form, on, under, rows


@login_required
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Organisations within reach, as a tree; filtered, as of a day."""
    form, on, under, rows = _asked(request)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    shown: list[Placement] = list(page.object_list)
    members = measures.get("people.members")
    counts = members.compute([row.organization_id for row in shown], on, on, on, members.params())
    top = min((paths.depth(row.path) for row in shown), default=0)
    context = {
        "form": form,
        "on": on,
        "under": under,
        "page": page,
        "rows": [
            (row, min(paths.depth(row.path) - top, 5), counts.get(row.organization_id))
            for row in shown
        ],
        "is_searched": bool(form.cleaned_data.get("q")),
        "is_today": on == today(),
        "query": query_without(request, "page"),
    }
    return render(request, f"{LIST}#results" if request.htmx else LIST, context)


@login_required
@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """The same rows as an Excel file."""
    _, on, _, rows = _asked(request)
    lines = (
        (
            row.organization.code,
            row.name_on,
            row.short_on,
            row.parent_name_on,
            row.organization.get_kind_display(),
            row.organization.get_field_display(),
            row.organization.place,
            row.organization.established_on,
        )
        for row in rows.iterator(1000)
    )
    content = excel.workbook("组织", COLUMNS, lines, note=f"截至 {on}")
    return download(content, name=f"组织 {on}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def mine(request: SignedInRequest) -> HttpResponse:
    """The organisation of the hat one wears; without one, what one may see."""
    hat = hats.worn(request)
    if hat is None or hat.organization_id is None:
        return redirect("organizations:list")
    return redirect("organizations:detail", hat.organization_id)


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    on = day_asked(request, today())
    seen = Organization.objects.visible_to(request.user)
    row: Any = get_object_or_404(queries.with_term(queries.as_of(seen, on), on), pk=pk)
    organization: Organization = row
    context = {
        "organization": organization,
        "on": on,
        "is_today": on == today(),
        "around": queries.around_on(organization, row.path_on or "", on),
        "term_is_over": bool(row.term_ends_on and row.term_ends_on <= on),
        "panels": panels.draw("organization", request, organization, on),
        "may_change": rules.may_change(request.user, organization),
        "may_group": rules.may_group(request.user, organization),
        "may_view_all": standing.may(request.user, "organizations.view", organization.path),
        "is_party_branch": organization.kind in BRANCHES,
        "line": queries.line_on(organization, on),
        "heirs": queries.heirs(organization) if organization.dissolved_on else [],
        "turns": queries.turns(organization) if organization.kind == Kind.JOINT_MEETING else [],
    }
    return render(request, "organizations/organization_detail.html", context)


@login_required
@require_safe
def history(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the organisation was called, where it stood, which terms it had; all dated."""
    organization = organization_for(request, pk)
    context = {
        "organization": organization,
        "history": queries.history(organization),
        "guidances": queries.guidances(organization),
        "successions": queries.successions(organization),
    }
    return render(request, "organizations/organization_history.html", context)


def form_page(
    request: SignedInRequest,
    organization: Organization,
    form: forms.BaseForm,
    *,
    title: str,
    verb: str,
    about: str = "",
    is_grave: bool = False,
    preview: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "organization": organization,
        "form": form,
        "title": title,
        "verb": verb,
        "about": about,
        "is_grave": is_grave,
        "preview": preview,
    }
    return render(request, FORM, context)


@login_required
@require_http_methods(["GET", "POST"])
def found(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set up an organisation below this one."""
    parent = organization_for(request, pk)
    require(rules.may_change(request.user, parent))
    form = FoundForm(request.POST or None, initial={"field": parent.field})
    made: list[Organization] = []
    if form.is_valid() and attempt(
        form,
        lambda: made.append(
            actions.found(**form.cleaned_data, parent=parent, by=request.user, at=timezone.now())
        ),
    ):
        saved(request, f"{made[0].called}已登记，在{parent.called}下面。")
        return redirect(made[0])
    return form_page(request, parent, form, title=f"在{parent.called}下面成立组织", verb="登记")


@login_required
@require_http_methods(["GET", "POST"])
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = organization_for(request, pk)
    require(rules.may_change(request.user, organization))
    form = RenameForm(
        request.POST or None,
        initial={"name": organization.name, "short_name": organization.short_name},
    )
    if form.is_valid() and attempt(
        form,
        lambda: actions.rename(
            organization, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"已改名为{form.cleaned_data['name']}。")
        return redirect(organization)
    return form_page(
        request,
        organization,
        form,
        title="改名",
        verb="保存",
        about=f"现在叫{organization.name}。",
    )


@login_required
@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = organization_for(request, pk)
    require(rules.may_change(request.user, organization))
    initial = {name: getattr(organization, name) for name in ("field", "place", "established_on")}
    form = ChangeForm(request.POST or None, initial=initial)
    if form.is_valid() and attempt(
        form,
        lambda: actions.change(
            organization, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, "资料已改。")
        return redirect(organization)
    return form_page(
        request,
        organization,
        form,
        title="改资料",
        verb="保存",
        about="改名、换上级、撤销另有办法，在组织页上。",
    )


@login_required
@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose the new parent, see what moves along, then confirm."""
    organization = organization_for(request, pk)
    require(rules.may_change(request.user, organization))
    form = MoveForm(request.POST or None)
    form.fields["parent"].among = (  # type: ignore[attr-defined]
        Organization.objects.reached_by(request.user, "organizations.change")
        .exclude(kind__in=BRANCHES)
        .filter(dissolved_on=None)
    )
    preview: dict[str, Any] = {}
    if form.is_valid():
        parent, since = form.cleaned_data["parent"], form.cleaned_data["since"]
        verdict = rules.may_move(request.user, organization, parent, since=since, today=today())
        if not verdict:
            form.add_error(None, verdict.reason)
        elif "confirm" not in request.POST:
            preview = _what_moves(organization) | {"parent": parent, "since": since}
        elif attempt(
            form,
            lambda: actions.move(
                organization, parent=parent, since=since, by=request.user, at=timezone.now()
            ),
        ):
            saved(request, f"已划到{parent.called}下面，历史里留着原来的上级。")
            return redirect(organization)
    return form_page(
        request,
        organization,
        form,
        title="换上级",
        verb="看看会带走什么",
        about=f"现在在{organization.parent.called}下面。" if organization.parent else "",
        preview=preview,
    )


def _what_moves(organization: Organization) -> dict[str, Any]:
    """How many organisations and people go along. Two queries."""
    ids = list(Organization.objects.under(organization.path).values_list("pk", flat=True))
    on = today()
    persons = measures.get("people.persons")
    found = persons.compute(ids, on, on, on, persons.params())
    return {
        "below": len(ids) - 1,
        "people": sum(figure.count or 0 for figure in found.values()),
    }


@login_required
@require_http_methods(["GET", "POST"])
def dissolve(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = organization_for(request, pk)
    open_below = organization.children.filter(dissolved_on=None).count()
    require(rules.may_dissolve(request.user, organization, open_below=open_below))
    form = DissolveForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: actions.dissolve(
            organization, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"{organization.called}已撤销，记录都留着。")
        return redirect(organization)
    return form_page(
        request,
        organization,
        form,
        title=f"撤销{organization.called}",
        verb="撤销",
        about="撤销后不能再改，也不能恢复。人员请先转到别的支部。",
        is_grave=True,
    )


@login_required
@require_http_methods(["GET", "POST"])
def begin_term(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = organization_for(request, pk)
    require(rules.may_change(request.user, organization))
    form = TermForm(request.POST or None)
    beside.put(form, "organizations.term", organization, today())
    if form.is_valid() and attempt(
        form,
        lambda: actions.begin_term(
            organization, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, "新一届已登记，上一届到那天为止。")
        return redirect(organization)
    return form_page(
        request, organization, form, title="登记新一届", verb="登记", about="换届以后登记一次。"
    )


@login_required
@require_http_methods(["GET", "POST"])
def form_group(request: SignedInRequest, pk: int) -> HttpResponse:
    organization = organization_for(request, pk)
    require(rules.may_group(request.user, organization))
    form = FormGroupForm(request.POST or None)
    beside.put(form, "organizations.group", organization, today())
    if form.is_valid() and attempt(
        form,
        lambda: actions.form_group(
            organization, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"{form.cleaned_data['name']}已成立，下一步编人、定组长。")
        return redirect(organization)
    return form_page(request, organization, form, title="成立党小组", verb="成立")


@login_required
@require_http_methods(["GET", "POST"])
def close_group(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Organization.objects.visible_to(request.user)
    rows = PartyGroup.objects.select_related("organization")
    group = get_object_or_404(rows.filter(organization__in=seen), pk=pk)
    require(rules.may_close_group(request.user, group))
    form = CloseGroupForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: actions.close_group(group, **form.cleaned_data, by=request.user, at=timezone.now()),
    ):
        saved(request, f"{group.name}已撤销。")
        return redirect(group.organization)
    return form_page(
        request,
        group.organization,
        form,
        title=f"撤销{group.name}",
        verb="撤销",
        about="组员还在支部，可以编到别的小组。",
        is_grave=True,
    )


@login_required
@require_http_methods(["GET", "POST"])
def make_post(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make a post that packs know for this kind of organisation, or for one of its groups."""
    organization = organization_for(request, pk)
    asked = request.GET.get("group", "")
    group = (
        get_object_or_404(organization.groups.filter(until=None), pk=int(asked))
        if asked.isdecimal() and len(asked) < 19
        else None
    )
    require((rules.may_group if group else rules.may_change)(request.user, organization))
    standing_kinds = organization.posts.filter(until=None, group=group).values_list(
        "kind", flat=True
    )
    known = queries.post_kinds("party-group" if group else organization.kind, today())
    kinds = {id_: kind for id_, kind in known.items() if id_ not in set(standing_kinds)}
    form = PostForm(kinds.items(), request.POST or None)
    if form.is_valid():
        id_, since = form.cleaned_data["kind"], form.cleaned_data["since"]
        kind = kinds[id_]
        if attempt(
            form,
            lambda: actions.make_post(
                organization,
                kind=id_,
                title=kind.title,
                role=kind.role,
                since=since,
                group=group,
                in_committee=kind.in_committee,
                rank=kind.rank,
                seats=kind.seats,
                by=request.user,
                at=timezone.now(),
            ),
        ):
            saved(request, f"{kind.title}已设，下一步登记谁来任职。")
            return redirect(organization)
    title = f"给{group.name}设职务" if group else "设职务"
    return form_page(
        request,
        organization,
        form,
        title=title,
        verb="设立",
        about="" if kinds else "制度里这一类组织的职务都已经设了。",
    )
