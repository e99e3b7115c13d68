"""Common problems: the list of them, one begun from many, more gathered into one."""

from collections.abc import Mapping, Sequence
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
from zhibu.cases import actions, clusters, queries, rules
from zhibu.cases.forms import FieldsForm, StartForm
from zhibu.cases.models import Case
from zhibu.cases.steps import Faulty
from zhibu.core import excel, hats, many, searching, standing
from zhibu.core.forms import line
from zhibu.core.http import SignedInRequest, download_file, page_number, query_without
from zhibu.core.verdicts import no, require
from zhibu.core.waiting import long_file
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Procedure
from zhibu.people.models import Person
from zhibu.people.queries import choosable

PAGE = 30
LISTED = 60  # to choose from on one page; words narrow them. 100 took 1.2 s under load
COLUMNS = (("共性问题", 36), ("组织", 24), ("责任人", 12), ("归到它的", 10), ("还在办", 10),
           ("超期", 10), ("到哪一步", 20), ("到期日", 12), ("状态", 10))  # fmt: skip


class NarrowForm(FieldsForm):
    """Which problems to choose from."""

    is_filter = True
    q = line("问题", longest=searching.LONGEST, required=False, hint="事情里有的字。")


@login_required
@require_safe
def commons(request: SignedInRequest) -> HttpResponseBase:
    """Common problems within reach and how many lie under each; to Excel."""
    today = timezone.localdate()
    rows = clusters.listed(request.user, today)
    if "export" in request.GET:
        return long_file(request, rows) or _exported(rows)
    page = Paginator(rows, PAGE).get_page(page_number(request))
    hat = hats.worn(request)
    context = {
        "page": page,
        "lines": _lines(list(page)),
        "query": query_without(request, "page"),
        "export": f"?{query_without(request, 'page', 'export')}&export=1",
        "organization": hat and hat.organization_id,
        "may_start": bool(hat and hat.organization_id and hat.may("cases.start")),
        "form": NarrowForm(),
        "today": today,
    }
    return render(request, "cases/commons.html", context)


def _lines(cases: Sequence[Any]) -> list[tuple[Any, queries.Line]]:
    """Rows of ``clusters.listed``, each with where it stands. Two queries."""
    known = {case.pk: case for case in cases}
    held = queries.with_turns(Case.objects.filter(pk__in=known))
    told = {one.case.pk: one for one in queries.lines(list(held), timezone.localdate())}
    return [(case, told[pk]) for pk, case in known.items()]


def _exported(rows: Any) -> HttpResponseBase:
    today = timezone.localdate()
    cells = (
        (
            case.title, case.organization.name, case.owner.name if case.owner else "", case.under,
            case.still, case.late, told.stands, case.due_on, case.get_state_display(),
        )
        for case, told in _lines(list(rows))
    )  # fmt: skip
    columns = [excel.Column(title, width) for title, width in COLUMNS]
    file = excel.file("共性问题", columns, cells, note=f"截至 {today}")
    return download_file(file, name=f"共性问题{today}.xlsx", content_type=excel.TYPE)


@login_required
@require_safe
def gather_here(request: SignedInRequest) -> HttpResponse:
    """A common problem of the organisation whose hat one wears."""
    hat = hats.worn(request)
    if hat is None or hat.organization_id is None or not hat.may("cases.start"):
        raise Http404
    query = request.GET.urlencode()
    address = reverse("cases:gather", args=[hat.organization_id])
    return redirect(f"{address}?{query}" if query else address)


@login_required
@require_http_methods(["GET", "POST"])
def gather(request: SignedInRequest, organization: int) -> HttpResponse:
    """Choose among the problems below, look, begin one common case of ``organization``."""
    found = get_object_or_404(
        Organization.objects.visible_to(request.user).select_related("parent"), pk=organization
    )
    if not standing.may(request.user, "cases.view", found.path):
        raise Http404
    held = _held(request, found)
    rule = held.wording.item
    assert isinstance(rule, Procedure)
    require(rules.may_start(request.user, found, rule))
    form = _start_form(request, found, rule)
    errand = many.Errand(
        title=f"归成一件：{rule.title}",
        offers=_offers(request, found, held.reference, rule),
        form=form,
        act=_Beginning(request, found, held, form).put,
        change=lambda values: f"归到“{values['title']}”一起办，由{found.called}办。答复回到各处。",
        back=reverse("cases:commons"),
        context={"crumb": "共性问题", "unit": "件", "about": _about(request), "what": "归成什么"},
    )
    return _answered(request, errand)


@login_required
@require_http_methods(["GET", "POST"])
def gather_more(request: SignedInRequest, pk: int) -> HttpResponse:
    """More problems into a common one that is open."""
    common = get_object_or_404(
        Case.objects.visible_to(request.user).select_related("organization__parent"), pk=pk
    )
    rule = common.rule
    if not rule.gathers:
        raise Http404
    if not common.is_open:
        require(no(f"不能归：“{common.title}”{common.get_state_display()}了。"))
    if not standing.may(request.user, "cases.act", common.organization.path):
        require(no(f"不能归：由{common.organization.called}或上级来归。"))
    now = timezone.now()
    errand = many.Errand(
        title=f"归到：{common.title}",
        offers=_offers(request, common.organization, common.procedure, rule),
        form=FieldsForm(request.POST or None),
        act=lambda source, values: clusters.put_under(source, common, by=request.user, at=now),
        change=lambda values: f"归到“{common.title}”一起办。答复回到各处。",
        back=common.get_absolute_url(),
        context={"crumb": common.title, "unit": "件", "about": _about(request)},
    )
    return _answered(request, errand)


def _about(request: SignedInRequest) -> str:
    asked = request.GET.get("q", "")
    return f"列的是有“{asked}”的。" if asked else f"最多列 {LISTED} 件，多了先按字找。"


def _answered(request: SignedInRequest, errand: many.Errand[Case]) -> HttpResponse:
    """As for every errand; what the beginning lacks stands on its form."""
    try:
        return many.answer(request, errand)
    except Faulty as faulty:
        assert isinstance(errand.form, FieldsForm)
        errand.form.show(faulty)
        return many.answer(request, errand)


class _Beginning:
    """The common case, begun with the first source that can be put under it."""

    def __init__(
        self, request: SignedInRequest, organization: Organization, held: HeldItem, form: StartForm
    ) -> None:
        self.request, self.organization, self.held, self.form = request, organization, held, form
        self.made: Case | None = None
        self.now = timezone.now()

    def put(self, source: Case, values: Mapping[str, Any]) -> None:
        made = self.made or self._begin(values)
        clusters.put_under(source, made, by=self.request.user, at=self.now)
        self.made = made

    def _begin(self, data: Mapping[str, Any]) -> Case:
        owner = get_object_or_404(Person, pk=int(data["owner"])) if data.get("owner") else None
        return actions.start(
            self.organization, procedure=self.held.reference, wording=self.held.wording.since,
            title=data["title"], values=self.form.values(), owner=owner,
            stricter=[{"field": one.field, "value": one.value} for one in self.held.stricter],
            on=data["happened_on"], by=self.request.user, at=self.now,
        )  # fmt: skip


def _held(request: SignedInRequest, organization: Organization) -> HeldItem:
    """The procedure in force there that gathers others: the one asked for, else the first."""
    offered = {
        reference: held
        for reference, held in queries.procedures(organization, timezone.localdate()).items()
        if isinstance(held.wording.item, Procedure) and held.wording.item.gathers
    }
    asked = request.GET.get("procedure", "")
    found = offered.get(asked) if asked else next(iter(offered.values()), None)
    if found is None:
        raise Http404
    return found


def _start_form(request: SignedInRequest, organization: Organization, rule: Procedure) -> StartForm:
    today = timezone.localdate()
    return StartForm(
        rule, choosable(organization.pk, today), request.POST or None,
        organization=organization.pk, today=today, initial={"happened_on": today},
    )  # fmt: skip


def _offers(
    request: SignedInRequest, organization: Organization, reference: str, rule: Procedure
) -> list[many.Offer[Case]]:
    rows = clusters.may_be_gathered(request.user, organization, reference, rule)
    narrow = NarrowForm(request.GET)
    if narrow.is_valid() and narrow.cleaned_data["q"]:
        rows = rows.filter(title__icontains=narrow.cleaned_data["q"])
    return [
        many.Offer(row.pk, row, row.title, row.organization.called + _until(row))
        for row in rows[:LISTED]
    ]


def _until(case: Case) -> str:
    return f"，{case.due_on} 前" if case.due_on else ""
