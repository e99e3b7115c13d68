from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.adoptions.queries import HeldItem
from zhibu.cases.models import Case
from zhibu.core import excel, hats, standing
from zhibu.core.dates import period_of
from zhibu.core.forms import FieldsForm
from zhibu.core.http import SignedInRequest, download_file, page_number, query_without, saved
from zhibu.core.verdicts import require
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization
from zhibu.packs.schema.pair_kinds import PairKind
from zhibu.pairings import actions, queries, registering, rules
from zhibu.pairings.forms import (
    BecomeForm,
    ContactForm,
    EndForm,
    LinkForm,
    LinksFilter,
    ReasonForm,
    attempted,
)
from zhibu.pairings.models import Contact, Link, LinkQuerySet, latest
from zhibu.pairings.queries import Scope, rule_of

PAGE = 30
COLUMNS = (
    ("哪一种", 20), ("组织", 24), ("谁联系", 20), ("联系谁", 24), ("从哪天", 12),
    ("到哪天（不含）", 14), ("上次联系", 12), ("最迟再联系", 12), ("怎样了", 12),
)  # fmt: skip


def reference_of(publisher: str, pack: str, item: str) -> str:
    return f"{publisher}/{pack}:{item}"


def address(reference: str, page: str, *more: int) -> str:
    """Where a page of a kind is."""
    pack, _, item = reference.partition(":")
    return reverse(f"pairings:{page}", args=[*pack.split("/"), item, *more])


def place_of(request: SignedInRequest) -> Organization:
    """The organisation asked for, else that of the hat one wears; 404 for one that is not seen."""
    asked = request.GET.get("organization", "")
    hat = hats.worn(request)
    if not asked:
        number = (hat.organization_id if hat else None) or 0
    else:
        number = int(asked) if asked.isdecimal() and len(asked) <= 12 else 0
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=number)


def typed(request: SignedInRequest) -> list[Any]:
    return [request.POST] if request.method == "POST" else []


# --- all links


@login_required
@require_safe
def link_list(request: SignedInRequest) -> HttpResponseBase:
    """Links kept at a place and below it on a day, narrowed; who is owed a contact; to Excel."""
    place, today, user = place_of(request), timezone.localdate(), request.user
    may_see = standing.may(user, "pairings.view", place.path)
    if not may_see and not Link.objects.visible_to(user).exists():
        raise Http404
    counts = queries.counted(user, place, today)
    form = LinksFilter([(one.kind, one.rule.title) for one in counts], request.GET)
    form.is_valid()
    asked = form.cleaned_data
    on, kind = asked.get("on") or today, asked.get("kind") or ""
    view = asked.get("view") or "held"
    scope = Scope(user, on, kind, place)
    rows = scope.looked_at(view, asked.get("q") or "").named()
    if "export" in request.GET:
        return long_file(request, rows) or _exported(place, rows, on)
    year = period_of(on, "year")
    channels = queries.by_channel(scope.rows(), kind, year.since, year.until) if kind else []
    context = {
        "place": place,
        "counts": [
            (one, address(one.kind, "begin", place.pk) if _offers(one, user, place) else "",
             address(one.kind, "gaps") if one.rule.link and _has_gaps(one.rule) else "")
            for one in counts
        ],
        "channels": channels,
        "contacts": sum(count for _, count in channels),
        "registers": any(one.rule.link and one.rule.link.registers for one in counts),
        "year": on.year,
        "page": Paginator(rows, PAGE).get_page(page_number(request)),
        "form": form,
        "view": view,
        "view_title": queries.VIEWS[view],
        "on": on,
        "is_asked": bool(asked.get("q") or kind),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
    }  # fmt: skip
    return render(request, "pairings/link_list.html", context)


def _offers(one: queries.Counted, user: Any, place: Organization) -> bool:
    return one.is_in_force and bool(rules.may_begin(user, place, one.rule))


def _has_gaps(rule: PairKind) -> bool:
    return rule.link is not None and bool(rule.link.who.gap or rule.link.whom.gap)


def _exported(place: Organization, rows: LinkQuerySet, on: date) -> HttpResponseBase:
    def cells() -> Iterator[tuple[Any, ...]]:
        for link in rows.iterator(500):
            yield (
                link.rule.title, link.organization.called, link.who_called, link.whom_called,
                link.since, link.until, link.contacted_on, link.due_on, link.standing_on(on),
            )  # fmt: skip

    title = f"{place.name}联系"
    columns = [excel.Column(name, width) for name, width in COLUMNS]
    file = excel.file(title, columns, cells(), note=f"截至 {on}")
    return download_file(file, name=f"{title}{on}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def gap_list(request: SignedInRequest, publisher: str, pack: str, item: str) -> HttpResponseBase:
    """Who has no link of a kind, on either side: a list with n of m, in the order of the tree."""
    kind, place = reference_of(publisher, pack, item), place_of(request)
    rule = latest(kind)
    if rule is None or not _has_gaps(rule):
        raise Http404
    if not standing.may(request.user, "pairings.view", place.path):
        raise Http404
    today = timezone.localdate()
    gaps = queries.gaps(request.user, kind, place, today)
    if "export" in request.GET:
        cells = [
            (gap.title, name, unit.called, unit.code) for gap in gaps for name, unit in gap.lacking
        ]
        columns = [excel.Column(*one) for one in (("缺什么", 24), ("谁", 24), ("组织", 24),
                                                  ("代码", 16))]  # fmt: skip
        title = f"{place.name}{rule.title}缺口"
        file = excel.file(title, columns, cells, note=f"截至 {today}")
        return download_file(file, name=f"{title}{today}.xlsx", content_type=excel.TYPE)
    pages = [(gap, Paginator(gap.lacking, PAGE).get_page(page_number(request))) for gap in gaps]
    context = {
        "rule": rule,
        "place": place,
        "gaps": pages,
        "today": today,
        "back": f"{reverse('pairings:list')}?organization={place.pk}",
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "cited": queries.cited(kind),
    }
    return render(request, "pairings/gaps.html", context)


# --- one link


def held_kind(place: Organization, kind: str, of: str, today: date) -> tuple[HeldItem, PairKind]:
    """A kind in force there today; 404 where it is not."""
    held = queries.in_force(place, today, of).get(kind)
    if held is None:
        raise Http404
    return held, rule_of(held)


@login_required
@require_http_methods(["GET", "POST"])
def begin_link(
    request: SignedInRequest, publisher: str, pack: str, item: str, organization: int
) -> HttpResponse:
    kind, today = reference_of(publisher, pack, item), timezone.localdate()
    visible = Organization.objects.visible_to(request.user)
    place = get_object_or_404(visible.select_related("parent"), pk=organization)
    if not standing.may(request.user, "pairings.view", place.path):
        raise Http404
    held, rule = held_kind(place, kind, "link", today)
    require(rules.may_begin(request.user, place, rule))
    assert rule.link is not None
    form = LinkForm(rule.link, place, today, *typed(request), initial={"since": today})
    made: list[Link] = []

    def act() -> None:
        made.append(
            actions.begin_link(
                place, form.draft(), kind=kind, wording=held.wording.since, rule=rule,
                by=request.user, at=timezone.now(),
            )
        )  # fmt: skip

    draft = f"link:{kind}:{place.pk}"
    if form.is_bound and form.is_valid() and attempted(form, act):
        saved(request, "结好了。", draft=draft)
        return redirect(made[0])
    context = {
        "title": f"结{rule.title}",
        "place": place,
        "about": rule.about,
        "form": form,
        "draft": draft,
        "button": "结上",
        "cited": held.pack.cited(held.wording),
        "back": f"{reverse('pairings:list')}?organization={place.pk}",
        "back_title": "联系",
    }
    return render(request, "pairings/begin.html", context)


def _link_for(request: SignedInRequest, pk: int) -> Link:
    rows = Link.objects.visible_to(request.user).named().select_related("opened_by", "follows")
    found: Link = get_object_or_404(rows, pk=pk)
    return found


@login_required
@require_safe
def show_link(request: SignedInRequest, pk: int) -> HttpResponse:
    """One link: both sides, its days, its contacts, what one may do."""
    link, today, user = _link_for(request, pk), timezone.localdate(), request.user
    may_log = rules.may_log(user, link)
    logged = [
        (one, bool(rules.may_strike(user, one.contact)), bool(rules.may_become(user, one.contact)))
        for one in _with(link, queries.log(user, link))
    ]
    context = {
        "link": link,
        "rule": link.rule,
        "standing": link.standing_on(today),
        "is_overdue": link.is_overdue(today),
        "logged": logged,
        "form": ContactForm(link, initial={"held_on": today}) if may_log else None,
        "draft": f"contact:{link.pk}",
        "cited": queries.cited(link.kind),
        "sees_list": standing.may(user, "pairings.view", link.organization.path),
        "may_end": rules.may_end(user, link),
        "may_void": rules.may_void(user, link),
        "served": (served := _served(link, today)),
        "claimed": _seen(request, served.claimed) if served else [],
    }
    return render(request, "pairings/link.html", context)


def _served(link: Link, today: date) -> registering.Served | None:
    """What somebody who reported in did until today; None where the link is none of those."""
    if not link.registers:
        return None
    (found,) = registering.served([link], date.min, today + queries.ONE)
    return found


def _seen(request: SignedInRequest, cases: list[Case]) -> list[Case]:
    """Those of ``cases`` that the reader may open. One query."""
    rows = Case.objects.visible_to(request.user).filter(pk__in=[one.pk for one in cases])
    seen = set(rows.values_list("pk", flat=True))
    return [one for one in cases if one.pk in seen]


def _with(link: Link, logged: list[queries.Logged]) -> list[queries.Logged]:
    for one in logged:
        one.contact.link = link
    return logged


@login_required
@require_http_methods(["GET", "POST"])
def log_contact(request: SignedInRequest, pk: int) -> HttpResponse:
    link = _link_for(request, pk)
    require(rules.may_log(request.user, link))
    form = ContactForm(link, *typed(request), initial={"held_on": timezone.localdate()})
    return confirmed(
        request, form, link.get_absolute_url(), link.title, "记一次联系",
        "只写要办的，没有不写。", "记下",
        lambda: actions.log_contact(
            link, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
        draft=f"contact:{link.pk}",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def end_link(request: SignedInRequest, pk: int) -> HttpResponse:
    link = _link_for(request, pk)
    require(rules.may_end(request.user, link))
    data = request.POST if request.method == "POST" else None
    form = EndForm(data, initial={"until": timezone.localdate()})
    return confirmed(
        request, form, link.get_absolute_url(), link.title, "结束联系",
        "记录还在；换人联系的，另结一个。", "结束",
        lambda: actions.end_link(link, **form.cleaned_data, by=request.user, at=timezone.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def void_link(request: SignedInRequest, pk: int) -> HttpResponse:
    link = _link_for(request, pk)
    require(rules.may_void(request.user, link))
    form = ReasonForm(*typed(request))
    return confirmed(
        request, form, link.get_absolute_url(), link.title, "作废联系",
        "从来不该有的才作废；还看得到，哪一天都不算。", "作废",
        lambda: actions.void_link(link, **form.cleaned_data, by=request.user, at=timezone.now()),
    )  # fmt: skip


def _contact_for(request: SignedInRequest, pk: int) -> Contact:
    links = Link.objects.visible_to(request.user)
    found: Contact = get_object_or_404(
        Contact.objects.filter(link__in=links.values("pk")).select_related("case"), pk=pk
    )
    found.link = _link_for(request, found.link_id)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def strike_contact(request: SignedInRequest, pk: int) -> HttpResponse:
    contact = _contact_for(request, pk)
    require(rules.may_strike(request.user, contact))
    form, link = ReasonForm(*typed(request)), contact.link
    return confirmed(
        request, form, link.get_absolute_url(), link.title, f"划去 {contact.held_on} 的联系",
        "记错了才划去；还看得到，不算联系过。", "划去",
        lambda: actions.strike_contact(
            contact, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def become(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say which case a contact became; the case itself is begun on the page of cases."""
    contact = _contact_for(request, pk)
    require(rules.may_become(request.user, contact))
    link = contact.link
    form = BecomeForm(queries.cases_to_name(request.user, link), *typed(request))

    def act() -> None:
        case = Case.objects.get(pk=form.cleaned_data["case"])
        actions.become(contact, case=case, by=request.user, at=timezone.now())

    return confirmed(
        request, form, link.get_absolute_url(), link.title, f"{contact.held_on} 的联系成了哪件事",
        "事情先在“事项”里开始，再回来选它。", "写上", act,
    )  # fmt: skip


def confirmed(
    request: SignedInRequest, form: FieldsForm, back: str, back_title: str, title: str, lead: str,
    button: str, act: Callable[[], object], *, draft: str = "",
) -> HttpResponse:  # fmt: skip
    """A page of its own for what is done once."""
    if request.method == "POST" and form.is_valid() and attempted(form, act):
        saved(request, "记下了。", draft=draft)
        return redirect(back)
    context = {
        "form": form, "title": title, "lead": lead, "button": button, "back": back,
        "back_title": back_title, "draft": draft,
    }  # fmt: skip
    return render(request, "pairings/confirm.html", context)
