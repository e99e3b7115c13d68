from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from zhibu.accounts.models import User
from zhibu.cases import queries as cases
from zhibu.cases.queries import hidden_from
from zhibu.core import excel, hats, standing
from zhibu.core.dates import Period, period_of
from zhibu.core.encryption import keyed_hash
from zhibu.core.hats import Hat
from zhibu.core.http import SignedInRequest, day_asked, download, page_number, query_without, saved
from zhibu.desk import actions, calendar, queries
from zhibu.desk.forms import OverviewFilter
from zhibu.desk.models import CalendarFeed
from zhibu.duties.models import Obligation
from zhibu.insight import help as helping
from zhibu.insight import queries as insight
from zhibu.insight.dimensions import STATES
from zhibu.ledger import kinds, proofs
from zhibu.ledger.models import Entry, Head
from zhibu.organizations.models import Organization
from zhibu.organizations.queries import ancestors, subtree_on
from zhibu.pairings import queries as pairings
from zhibu.pairings import rota_queries as rotas
from zhibu.people.models import Person
from zhibu.people.queries import headcount_on

PAGE = 50
CALLS = 10


# --- where one lands


@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """The first screen of the hat one wears."""
    hat = hats.worn(request)
    return redirect(_home_of(hat))


def _home_of(hat: Hat | None) -> str:
    if hat is None:
        return "people:me"
    if hat.organization_id is None:
        return "desk:admin"
    if hat.may("overview.view"):
        return "desk:overview"
    if hat.may("activities.record"):
        return "desk:workbench"
    return "desk:today"


def _hat_with(request: SignedInRequest, test: Callable[[Hat], bool]) -> Hat:
    """The hat worn if it fits, else the first that does; 404 where none does."""
    worn = hats.worn(request)
    fitting = [hat for hat in hats.of(request) if test(hat)]
    if worn and worn in fitting:
        return worn
    if not fitting:
        raise Http404
    return fitting[0]


@login_required
@require_safe
def today(request: SignedInRequest) -> HttpResponse:
    """今日: what waits for a member."""
    user = request.user
    if user.person_id is None:
        raise Http404
    on = timezone.localdate()
    here = [s.organization_id for s in standing.of(user) if s.organization_id]
    made = queries.today(user.person_id, here, on)
    waiting = cases.waiting(user, on)
    turns = rotas.mine(user.person_id, on)
    context = {
        "today": made, "waiting": waiting, "on": on,
        "to_do": len(made.tasks) + len(waiting) + sum(turn.on == on for turn in turns),
        "turns": turns,
        "offered": rotas.offered_to(user.person_id, timezone.now()),
        "links": pairings.made_by(user.person_id, on),
    }  # fmt: skip
    return render(request, "desk/today.html", context)


@login_required
@require_safe
def workbench(request: SignedInRequest) -> HttpResponse:
    """支部工作台: this month's duties, follow-ups, who has not come lately."""
    hat = _hat_with(request, lambda h: h.may("activities.record") and not h.may("overview.view"))
    organization = get_object_or_404(Organization, pk=hat.organization_id)
    recording = [s for s in hat.standings if "activities.record" in s.grants]
    groups = [s.group_id for s in recording if s.group_id]
    only_groups = groups if all(s.reach == "group" for s in recording) else []
    on = timezone.localdate()
    context = {
        "desk": queries.workbench(organization, on, groups=only_groups),
        "waiting": cases.waiting(request.user, on, at=organization),
        "on": on,
        "may_explain": hat.may("duties.explain"),
        "older": queries.unfinished_before(organization, on) if not only_groups else 0,
    }
    return render(request, "desk/workbench.html", context)


# --- 日历


@login_required
@require_safe
def calendar_page(request: SignedInRequest) -> HttpResponse:
    """What is due when, a month as a list: one's own, or an organisation's."""
    on = timezone.localdate()
    month = _month_asked(request, on)
    organization = _calendar_of(request)
    if organization is not None:
        days = calendar.of_organization(organization, month, on, seen_by=request.user)
    elif request.user.person_id is not None:
        days = calendar.of_person(request.user.person_id, _homes(request.user), month, on)
    else:
        raise Http404
    if "export" in request.GET:
        return _calendar_exported(days, organization, month)
    before, after = calendar.neighbours(month)
    context = {
        "days": days,
        "month": month,
        "on": on,
        "before": before,
        "after": after,
        "organization": organization,
        "choices": _calendars(request),
        "export": f"?{query_without(request, 'export')}&export=1",
        "feed": CalendarFeed.objects.filter(user=request.user, revoked_at=None).first(),
    }
    return render(request, "desk/calendar.html", context)


def _calendar_exported(
    days: list[calendar.Day], organization: Organization | None, month: Period
) -> HttpResponse:
    title = f"{organization.called if organization else '我的'}日历 {month.since:%Y-%m}"
    columns = [
        excel.Column("日期", 12),
        excel.Column("是什么", 20),
        excel.Column("事项", 40),
        excel.Column("情况", 20),
    ]
    content = excel.workbook(title, columns, list(calendar.lines(days)))
    return download(content, name=f"{title}.xlsx", content_type=excel.TYPE)


def _homes(user: User) -> list[int]:
    return [s.organization_id for s in standing.of(user) if s.organization_id]


def _calendars(request: SignedInRequest) -> list[Organization]:
    """Organisations of one's own hats whose duties one may see."""
    may = {
        s.organization_id
        for s in standing.with_permission(request.user, "duties.view")
        if s.organization_id
    }
    return list(Organization.objects.filter(pk__in=may).order_by("path"))


def _calendar_of(request: SignedInRequest) -> Organization | None:
    asked = request.GET.get("organization", "")
    if not asked:
        return None
    if not asked.isdecimal() or len(asked) > 12:
        raise Http404
    reached = Organization.objects.reached_by(request.user, "duties.view")
    return get_object_or_404(reached, pk=int(asked))


def _month_asked(request: SignedInRequest, today: date) -> Period:
    try:
        day = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        day = today
    return period_of(day if 2000 <= day.year < 2100 else today, "month")


@login_required
@require_POST
def open_feed(request: SignedInRequest) -> HttpResponse:
    """Show the new secret address, once."""
    secret = actions.open_feed(by=request.user, at=timezone.now())
    address = request.build_absolute_uri(reverse("desk:feed", args=[secret]))
    return render(request, "desk/calendar_feed.html", {"address": address})


@login_required
@require_POST
def revoke_feed(request: SignedInRequest) -> HttpResponse:
    feed = get_object_or_404(CalendarFeed, user=request.user, revoked_at=None)
    actions.revoke_feed(feed, by=request.user, at=timezone.now())
    saved(request, "日历订阅已停，原来的地址打不开了。")
    return redirect("desk:calendar")


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """For calendar programs, without signing in: whoever has the address reads it."""
    hashed = keyed_hash(secret, purpose=actions.PURPOSE)
    found = get_object_or_404(
        CalendarFeed.objects.select_related("user"),
        address_hash=hashed,
        revoked_at=None,
        user__is_active=True,
    )
    content = calendar.feed(found, _homes(found.user), timezone.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


# --- 辖区总览


def _scopes(hat: Hat) -> list[Organization]:
    """Where the overview may be taken: the hat's organisation and those right below it."""
    below = Organization.objects.filter(parent=hat.organization_id, dissolved_on=None).exclude(
        kind__in=("branch", "joint-branch", "temporary-branch")
    )
    rows = Organization.objects.filter(pk=hat.organization_id) | below
    return sorted(rows.in_order(), key=lambda row: row.pk != hat.organization_id)


@login_required
@require_safe
def overview(request: SignedInRequest) -> HttpResponse:
    """辖区总览: who may need a hand, then organisations by duties."""
    hat = _hat_with(request, lambda h: h.may("overview.view"))
    scopes = _scopes(hat)
    top = _scope_asked(request, hat, scopes)
    today_ = timezone.localdate()
    on = day_asked(request, today_)
    windows = insight.windows(on)
    if top not in scopes:
        scopes.append(top)
    asked = _asked(request, windows, top, on)
    form = OverviewFilter(scopes, windows, on, initial=asked)
    window = windows[asked["window"]]
    fields = [asked["field"]] if asked["field"] else []
    is_today = on == today_
    obligations = (
        insight.scope(top.path, window, fields=fields)
        if is_today
        else insight.scope_on(top, window, on, fields=fields)
    )
    organizations = insight.organizations(obligations, state=asked["state"], on=window.on)
    if "export" in request.GET:
        return _exported(obligations, organizations, top, window)
    page = Paginator(organizations, PAGE).get_page(page_number(request))
    shows_all = "calls" in request.GET
    context = {
        **_below(top, on),
        "top": top,
        "above": [o for o in ancestors(top) if o.path.startswith(hat.path)],
        "form": form,
        "matrix": insight.matrix(obligations, list(page), window.on),
        "page": page,
        "on": window.on,
        "window": window,
        **(_calls(top, obligations, on, shows_all=shows_all) if is_today else {}),
        "asked_on": on,
        "is_today": is_today,
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "has_adopted": bool(page.paginator.count),
    }
    return render(request, "desk/overview.html", context)


def _below(top: Organization, on: date) -> dict[str, int]:
    """How many branches and members stand below on a day."""
    if on == timezone.localdate():
        branches = Organization.objects.under(top.path).branches().standing_on(on)
        members = Person.objects.under(top.path).members_on(on).count()
    else:
        branches = subtree_on([top.pk], on).branches().standing_on(on)
        members = headcount_on(top, on).members
    return {"branches": branches.count(), "members": members}


def _calls(
    top: Organization, obligations: QuerySet[Obligation], today: date, *, shows_all: bool
) -> dict[str, Any]:
    """Who may need a hand, the first few or all, and whether there are more."""
    branches = Organization.objects.under(top.path).branches().standing_on(today).in_order()
    most = None if shows_all else CALLS + 1
    calls = helping.calls(obligations, branches, today, most=most)
    return {
        "calls": calls if shows_all else calls[:CALLS],
        "more_calls": not shows_all and len(calls) > CALLS,
    }


def _scope_asked(
    request: SignedInRequest, hat: Hat, scopes: Sequence[Organization]
) -> Organization:
    """The organisation asked for or the hat's; no query for one of ``scopes``."""
    asked = request.GET.get("organization", "")
    pk = int(asked) if asked.isdecimal() and len(asked) < 12 else hat.organization_id
    for row in scopes:
        if row.pk == pk and standing.may(request.user, "overview.view", row.path):
            return row
    return get_object_or_404(Organization.objects.reached_by(request.user, "overview.view"), pk=pk)


def _asked(
    request: SignedInRequest, windows: dict[str, Any], top: Organization, on: date
) -> dict[str, Any]:
    """The filter as asked, unknown values replaced by the usual ones."""
    given = request.GET
    known_fields = dict(OverviewFilter.base_fields["field"].choices)  # type: ignore[attr-defined]
    known_states = dict(OverviewFilter.base_fields["state"].choices)  # type: ignore[attr-defined]
    window, field, state = given.get("window", ""), given.get("field", ""), given.get("state", "")
    return {
        "organization": str(top.pk),
        "window": window if window in windows else "quarter",
        "field": field if field in known_fields else "",
        "state": state if state in known_states else "",
        "on": on,
    }


def _exported(
    obligations: QuerySet[Obligation],
    organizations: QuerySet[Organization],
    top: Organization,
    window: insight.Window,
) -> HttpResponse:
    """Every row of the page, whatever the page's number."""
    made = insight.matrix(obligations, list(organizations), window.on)
    columns = [excel.Column("组织代码", 14), excel.Column("组织", 26)]
    columns += [excel.Column(f"{c.title} {c.period} {c.done}/{c.owed}", 12) for c in made.columns]
    cells = (
        (
            row.organization.code,
            row.organization.name,
            *(f"{STATES[cell.shape]} {cell.word}".strip() for cell in row.cells),
        )
        for row in made.rows
    )
    name = f"{top.called}应办 {window.label}"
    note = (
        f"已办 {made.done} / 应办 {made.owed}，截至 {window.on}。"
        "补记、逾期算已办；免的、不适用的不算应办。"
    )
    content = excel.workbook(name, columns, cells, note=note)
    return download(content, name=f"{name}.xlsx", content_type=excel.TYPE)


# --- 存证


@login_required
@require_safe
def ledger(request: SignedInRequest) -> HttpResponse:
    """An organisation's ledger page: what was done, by whom, when; sealed or not yet.

    Without confidential cases that the reader does not see; the audit hand sees that there is
    a row, and not of what.
    """
    organization = _ledger_scope(request)
    rows = Entry.objects.select_related("sealed").order_by("-pk")
    hidden: set[str] = set()
    if organization is not None:
        rows = rows.exclude(subject_type=CASE, subject_id__in=hidden_from(request.user))
        shown = Organization.objects.filter(pk=organization.pk)
        if "below" in request.GET:
            shown = Organization.objects.under(organization.path)
        rows = rows.filter(organization_id__in=shown.values_list("pk", flat=True))
    page = Paginator(rows, PAGE).get_page(page_number(request))
    entries = list(page)
    if organization is None:
        cases = [entry.subject_id for entry in entries if entry.subject_type == CASE]
        hidden = set(hidden_from(request.user).filter(pk__in=cases)) if cases else set()
    names = dict(
        User.objects.filter(pk__in={e.by_id for e in entries}).values_list("pk", "display_name")
    )
    organizations = {
        o.pk: o for o in Organization.all_rows.filter(pk__in={e.organization_id for e in entries})
    }
    lines = [
        {
            "entry": entry,
            "words": UNSEEN if _is_hidden(entry, hidden) else kinds.describe(entry.kind),
            "basis": "" if _is_hidden(entry, hidden) else entry.basis,
            "by": names.get(entry.by_id or 0, "系统"),
            "organization": organizations.get(entry.organization_id or 0),
            "address": _address(entry),
        }
        for entry in entries
    ]
    context = {
        "organization": organization,
        "page": page,
        "lines": lines,
        "head": Head.objects.order_by("-number").first(),
        "outside": queries.outside(),
        "below": "below" in request.GET,
        "query": query_without(request, "page"),
    }
    return render(request, "desk/ledger.html", context)


@login_required
@require_safe
def entry_proof(request: SignedInRequest, pk: int) -> HttpResponse:
    """The proof of what an entry recorded, as a file for ``tools/check_proof.py``."""
    entry = get_object_or_404(_entries_seen(request), pk=pk)
    try:
        made = proofs.of_entry(entry)
    except proofs.NoProof as error:
        raise Http404 from error
    name = f"存证证明-{entry.key.hex[:8]}.json"
    return download(proofs.as_text(made).encode(), name=name, content_type="application/json")


def _entries_seen(request: SignedInRequest) -> QuerySet[Entry]:
    """Entries of the organisations whose ledger one may see; all for the audit hand."""
    hat = _hat_with(request, lambda h: h.may("ledger.view"))
    if hat.organization_id is None:
        return Entry.objects.all()
    reached = Organization.objects.reached_by(request.user, "ledger.view")
    rows = Entry.objects.filter(organization_id__in=reached.values_list("pk", flat=True))
    return rows.exclude(subject_type=CASE, subject_id__in=hidden_from(request.user))


def _is_hidden(entry: Entry, hidden: set[str]) -> bool:
    return entry.subject_type == CASE and entry.subject_id in hidden


def _ledger_scope(request: SignedInRequest) -> Organization | None:
    """The organisation asked for or the hat's; None, meaning all, for the audit hand."""
    asked = request.GET.get("organization", "")
    reached = Organization.objects.reached_by(request.user, "ledger.view")
    if asked.isdecimal() and len(asked) < 12:
        return get_object_or_404(reached, pk=int(asked))
    hat = _hat_with(request, lambda h: h.may("ledger.view"))
    if hat.organization_id is None:
        return None
    return get_object_or_404(reached, pk=hat.organization_id)


CASE = "cases.case"
UNSEEN = "办了一件不公开的事"
_PAGES = {
    "activities.activity": "/activities/{}/",
    "organizations.organization": "/organizations/{}/",
    "people.person": "/people/{}/",
    "assignments.assignment": "/tasks/{}/",
}


def _address(entry: Entry) -> str:
    pattern = _PAGES.get(entry.subject_type, "")
    return pattern.format(entry.subject_id) if pattern else ""


# --- 管理


@login_required
@require_safe
def admin(request: SignedInRequest) -> HttpResponse:
    """The administrators' first screen: only what their own hand does."""
    hat = _hat_with(request, lambda h: h.organization_id is None)
    grants = _grants(hat)
    keeps = {"ledger.view", "installation.backup", "installation.keys"}
    context = {
        "role": hat.role,
        "hat_grants": grants,
        "outside": queries.outside() if grants & keeps else None,
    }
    return render(request, "desk/admin.html", context)


def _grants(hat: Hat) -> set[str]:
    return {grant for held in hat.standings for grant in held.grants}
