"""The issuer's side: handing down, with its cost shown first; who answered what."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.assignments import actions, papers, queries, rules
from zhibu.assignments.commissions import Target
from zhibu.assignments.forms import CommissionFilter, IssueForm, ReasonForm
from zhibu.assignments.models import Assignment, Commission
from zhibu.core import excel, hats
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, page_number, query_without, saved
from zhibu.core.paths import under
from zhibu.core.verdicts import require
from zhibu.documents.pages import TYPE as WORD
from zhibu.ledger import printed
from zhibu.organizations.models import Organization, Post

PAGE = 30
LISTED = 300  # units that the sender can still look through and leave out
STATES = (("", "全部"), ("waiting", "等我收"), ("missing", "还没交"), ("done", "办好了"))
SHAPES = {"waiting": {"late"}, "missing": {"open", "overdue"}, "done": {"done", "after"}}


def _commission_for(request: SignedInRequest, pk: int) -> Commission:
    rows = Commission.objects.visible_to(request.user).select_related("organization", "made_by")
    return get_object_or_404(rows, pk=pk)


@login_required
@require_safe
def commission_list(request: SignedInRequest) -> HttpResponse:
    """What was handed down within reach, newest first, with how much is back. Two queries."""
    rows = Commission.objects.visible_to(request.user).select_related("organization")
    form = CommissionFilter(request.GET)
    form.is_valid()
    if words := form.cleaned_data.get("q"):
        rows = rows.filter(title__icontains=words)
    states = Assignment.State
    back = Q(assignments__state__in=(states.ANSWERED, states.DONE))
    rows = rows.annotate(
        units=Count("assignments", filter=~Q(assignments__state=states.CANCELLED)),
        back=Count("assignments", filter=back),
    ).order_by("-made_at", "-pk")
    if "export" in request.GET:
        return _exported_list(rows)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    hat = hats.worn(request)
    context = {
        "page": page,
        "form": form,
        "is_asked": bool(words),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "today": timezone.localdate(),
        "query": query_without(request, "page"),
        "may_issue": bool(hat and hat.organization_id and hat.may("assignments.issue")),
    }
    return render(request, "assignments/commission_list.html", context)


def _exported_list(rows: Any) -> HttpResponse:
    columns = [
        excel.Column("事情", 36), excel.Column("交办的组织", 24), excel.Column("交办日期", 12),
        excel.Column("哪天前", 12), excel.Column("已交", 8), excel.Column("应交", 8),
        excel.Column("撤回", 8),
    ]  # fmt: skip
    cells = (
        (
            row.title, row.organization.name, timezone.localdate(row.made_at), row.due_on,
            row.back, row.units, "" if row.is_open else "撤回了",
        )
        for row in rows
    )  # fmt: skip
    today = timezone.localdate()
    content = excel.workbook("交办", columns, cells, note=f"截至 {today}")
    return download(content, name=f"交办{today}.xlsx", content_type=excel.TYPE)


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: SignedInRequest) -> HttpResponse:
    """Say what is to be done; look at what it costs those below; then send it."""
    hat = hats.worn(request)
    organization = get_object_or_404(
        Organization.objects.visible_to(request.user), pk=hat.organization_id if hat else None
    )
    require(rules.may_issue(request.user, organization))
    form = IssueForm(
        queries.forms_offered(organization, timezone.localdate()),
        posts_below(organization),
        request.POST or None,
    )
    is_going_back = "back" in request.POST
    if request.method != "POST" or is_going_back or not form.is_valid():
        return _issue_page(request, organization, form)
    targets = targets_of(organization, form)
    if not targets:
        form.add_error("kinds", "下面没有这样的组织。换一类，或者去掉领域、职务。")
        return _issue_page(request, organization, form)
    chosen = _chosen(request, targets)
    if "send" in request.POST and chosen:
        return _send(request, organization, form, chosen)
    draft = form.draft()
    burden = queries.burden(
        organization, draft.asked, units=len(chosen or targets), minutes=draft.minutes,
        on=timezone.localdate(),
    )  # fmt: skip
    context = {
        "organization": organization,
        "form": form,
        "draft": draft,
        "burden": burden,
        "targets": targets if len(targets) <= LISTED else None,
        "chosen": {target.unit.pk for target in chosen},
        "nobody": "send" in request.POST,
    }
    return render(request, "assignments/issue_preview.html", context)


def _issue_page(
    request: SignedInRequest, organization: Organization, form: IssueForm
) -> HttpResponse:
    context = {"organization": organization, "form": form}
    return render(request, "assignments/issue.html", context)


def _send(
    request: SignedInRequest, organization: Organization, form: IssueForm, chosen: list[Target]
) -> HttpResponse:
    made: list[Commission] = []

    def act() -> None:
        made.append(
            actions.issue(organization, form.draft(), chosen, by=request.user, at=timezone.now())
        )

    if not attempt(form, act):
        return _issue_page(request, organization, form)
    saved(request, f"交办给了 {len(chosen)} 个单位。", draft="issue")
    return redirect(made[0])


def posts_below(organization: Organization) -> list[tuple[str, str]]:
    """Kinds of post that units below have, by rank."""
    rows = (
        Post.objects.standing_on(timezone.localdate())
        .filter(under(organization.path, "organization__path"), group=None)
        .order_by("rank", "kind")
        .values_list("kind", "title")
    )
    found: dict[str, str] = {}
    for kind, title in rows.distinct():
        found.setdefault(kind, title)
    return list(found.items())


def targets_of(organization: Organization, form: IssueForm) -> list[Target]:
    on = timezone.localdate()
    units = list(
        queries.units(
            organization, kinds=form.kinds_chosen(), in_fields=form.cleaned_data["fields_"], on=on
        )
    )
    post = form.cleaned_data["post"]
    return queries.posts(units, post, on) if post else [Target(unit) for unit in units]


def _chosen(request: SignedInRequest, targets: Sequence[Target]) -> list[Target]:
    """Those still ticked; all where the list was too long to be looked through."""
    if "send" not in request.POST or len(targets) > LISTED:
        return list(targets)
    ticked = set(request.POST.getlist("unit"))
    return [target for target in targets if str(target.unit.pk) in ticked]


@login_required
@require_safe
def commission(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who answered what, by the code of the unit; every unit's row opens."""
    found = _commission_for(request, pk)
    today = timezone.localdate()
    rows = queries.rows(found, today)
    state = request.GET.get("state", "")
    shown = [row for row in rows if row.shape in SHAPES[state]] if state in SHAPES else rows
    if "export" in request.GET:
        return _exported(found, shown)
    page = Paginator(shown, PAGE).get_page(page_number(request))
    context = {
        "commission": found,
        "page": page,
        "back": sum(row.is_back for row in rows),
        "owed": sum(row.is_owed for row in rows),
        "waiting": any(row.shape == "late" for row in page),
        "totals": queries.totals(found, rows),
        "states": STATES,
        "state": state,
        "query": query_without(request, "page"),
        "today": today,
        "may_withdraw": rules.may_withdraw(request.user, found),
    }
    return render(request, "assignments/commission.html", context)


def _exported(found: Commission, rows: Sequence[queries.Row]) -> HttpResponse:
    columns = [
        excel.Column("组织代码", 14), excel.Column("组织", 26), excel.Column("负责人", 12),
        excel.Column("办的人", 12), excel.Column("状态", 14), excel.Column("交的日期", 12),
        *(excel.Column(f"{s.title}（{s.unit}）" if s.unit else s.title, 20) for s in found.asked),
    ]  # fmt: skip
    cells = (queries.exported(found, row) for row in rows)
    content = excel.workbook(found.title, columns, cells, note=f"截至 {timezone.localdate()}")
    return download(content, name=f"{found.title}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """The answers merged, as a Word file."""
    found = _commission_for(request, pk)
    today = timezone.localdate()
    code = printed.code(found._meta.label_lower, found.pk, request)
    content = papers.merged(found, queries.rows(found, today), at=timezone.now(), code=code)
    return download(content, name=f"{found.title}汇总.docx", content_type=WORD)


@login_required
@require_POST
def take_many(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take the returns that are ticked; those that are not waiting any more are left."""
    found = _commission_for(request, pk)
    ticked = [int(one) for one in request.POST.getlist("task") if one.isdecimal()]
    rows = found.assignments.filter(pk__in=ticked, state=Assignment.State.ANSWERED)
    for task in rows:
        actions.take(task, by=request.user, at=timezone.now())
    messages.success(request, f"收下了 {len(rows)} 份回执。" if rows else "没有选回执。")
    return redirect(found)


@login_required
@require_POST
def remind(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _commission_for(request, pk)
    told = actions.remind(found, by=request.user, at=timezone.now())
    messages.success(request, f"提醒了 {told} 个人。同一天只提醒一次。")
    return redirect(found)


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _commission_for(request, pk)
    require(rules.may_withdraw(request.user, found))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.withdraw(found, reason=reason, by=request.user, at=timezone.now())
        messages.success(request, "撤回了，没办的都不用办了。")
        return redirect(found)
    return render(request, "assignments/withdraw.html", {"commission": found, "form": form})
