"""Merging, dividing, guidance and turns to chair, on the screen."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import excel, succession
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, saved
from zhibu.core.verdicts import require
from zhibu.organizations import guiding, plans, rotating, rules, succeeding
from zhibu.organizations.models import Guidance, Organization, OrganizationQuerySet, PartyGroup
from zhibu.organizations.succeeding import Fault, Merger
from zhibu.organizations.successor_forms import (
    EndGuidanceForm,
    GuideForm,
    MergeForm,
    PartsForm,
    PlanForm,
    RotateForm,
    WhereToForm,
)
from zhibu.organizations.views import form_page, organization_for, today

TEMPLATE = "organizations/succession_form.html"
BLANK = [
    excel.Column("原代码", 16),
    excel.Column("原名称", 36),
    excel.Column("新代码", 16),
    excel.Column("新名称", 36),
    excel.Column("新简称", 20),
]


def _among(request: SignedInRequest) -> OrganizationQuerySet:
    rows: Any = Organization.objects.reached_by(request.user, "organizations.change")
    found: OrganizationQuerySet = rows.filter(dissolved_on=None)
    return found


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Several into one: say which, see who and what goes along, then confirm."""
    organization = organization_for(request, pk)
    require(rules.may_change(request.user, organization))
    form = MergeForm(request.POST or None, initial={"predecessors": str(organization)})
    for name in ("predecessors", "into"):
        form.fields[name].among = _among(request)  # type: ignore[attr-defined]
    preview = None
    if form.is_valid():
        asked = form.cleaned_data
        merger = Merger(tuple(asked["predecessors"]), asked["target"])
        found = succeeding.faults([merger], on=asked["on"], by=request.user, today=today())
        for fault in found:
            form.add_error(None, fault.reason)
        if not found and "confirm" not in request.POST:
            preview = succeeding.preview([merger], asked["on"])
        elif not found:
            made: list[Organization] = []
            if attempt(
                form,
                lambda: made.append(
                    succeeding.merge(
                        merger.predecessors,
                        into=merger.into,
                        on=asked["on"],
                        paper=asked["paper"],
                        by=request.user,
                        at=timezone.now(),
                    )
                ),
            ):
                saved(request, f"{len(merger.predecessors)} 个组织已并到{made[0].called}。")
                return redirect(made[0])
    return _page(request, organization, form, "合并组织", "看看会带走什么", preview=preview)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """A whole plan of mergers below this one: all its faults at once, or a preview."""
    within = organization_for(request, pk)
    require(rules.may_change(request.user, within))
    form = PlanForm(request.POST or None, request.FILES or None)
    preview, faults = None, list[Fault]()
    if form.is_valid():
        lines, on = form.cleaned_data["plan"], form.cleaned_data["on"]
        mergers, faults = plans.mergers(lines, within, request.user)
        mergers = [merger for merger in mergers if merger.predecessors]
        faults += succeeding.faults(mergers, on=on, by=request.user, today=today())
        if not faults and not mergers:
            form.add_error("lines", "名单里没有要合并的组织。")
        elif not faults and "confirm" not in request.POST:
            preview = succeeding.preview(mergers, on)
            form = PlanForm(
                initial={**form.cleaned_data, "lines": "\n".join(each.text for each in lines)}
            )
            del form.fields["file"]
        elif not faults and attempt(
            form,
            lambda: succeeding.merge_many(
                mergers,
                within=within,
                on=on,
                paper=form.cleaned_data["paper"],
                by=request.user,
                at=timezone.now(),
            ),
        ):
            count = sum(len(merger.predecessors) for merger in mergers)
            saved(request, f"{count} 个组织已并成 {len(mergers)} 个。")
            return redirect(within)
    return _page(
        request, within, form, "按方案合并", "核对方案", preview=preview,
        faults=sorted(faults, key=lambda fault: fault.line), is_plan=True,
    )  # fmt: skip


@login_required
@require_safe
def plan_blank(request: SignedInRequest, pk: int) -> HttpResponse:
    """The organisations below as a workbook with room for what they become."""
    within = organization_for(request, pk)
    require(rules.may_change(request.user, within))
    rows = _among(request).under(within.path).exclude(pk=within.pk).order_by("path")
    lines = ((row.code, row.name, "", "", "") for row in rows.iterator(1000))
    content = excel.workbook(
        f"{within.called}下面的组织", BLANK, lines, note="填新代码、新名称；不动的空着。"
    )
    return download(content, name=f"合并方案 {within.called}.xlsx", content_type=excel.TYPE)


@login_required
@require_http_methods(["GET", "POST"])
def split(request: SignedInRequest, pk: int) -> HttpResponse:
    """One into several: the parts, then who goes where, then confirm."""
    old = organization_for(request, pk)
    require(rules.may_change(request.user, old))
    parts = PartsForm(old, _among(request), request.POST or None)
    if not parts.is_valid():
        return _page(request, old, parts, f"分设{old.called}", "下一步：谁去哪里")
    on = parts.cleaned_data["on"]
    for into in parts.intos:
        merger = Merger((old,), into)
        for fault in succeeding.faults([merger], on=on, by=request.user, today=today()):
            parts.add_error(None, fault.reason)
    if parts.errors:
        return _page(request, old, parts, f"分设{old.called}", "下一步：谁去哪里")
    is_told = "told" in request.POST
    where = WhereToForm(
        parts.intos,
        list(old.children.filter(dissolved_on=None).order_by("path")),
        list(PartyGroup.objects.filter(organization=old, until=None).order_by("since", "pk")),
        succession.members(old.pk, on),
        request.POST if is_told else None,
    )
    if (
        is_told
        and where.is_valid()
        and attempt(
            where,
            lambda: succeeding.split(
                old,
                where.division(parts.intos),
                on=on,
                paper=parts.cleaned_data["paper"],
                by=request.user,
                at=timezone.now(),
            ),
        )
    ):
        saved(request, f"{old.called}已分成 {len(parts.intos)} 个组织。")
        return redirect(old.parent or old)
    preview = succeeding.preview([Merger((old,), parts.intos[0])], on)
    return _page(
        request, old, where, f"分设{old.called}", "分设", preview=preview, before=parts,
        parts=parts.intos,
    )  # fmt: skip


def _page(
    request: SignedInRequest,
    organization: Organization,
    form: Any,
    title: str,
    verb: str,
    **more: Any,
) -> HttpResponse:
    context = {"organization": organization, "form": form, "title": title, "verb": verb, **more}
    return render(request, TEMPLATE, context)


@login_required
@require_http_methods(["GET", "POST"])
def guide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter who leads the trade of this organisation."""
    organization = organization_for(request, pk)
    require(rules.may_change(request.user, organization))
    form = GuideForm(request.POST or None)
    rows: Any = Organization.objects.filter(dissolved_on=None)
    form.fields["guide"].among = rows  # type: ignore[attr-defined]
    if form.is_valid() and attempt(
        form,
        lambda: guiding.guide(
            organization, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"已登记：{form.cleaned_data['guide'].called}指导{organization.called}。")
        return redirect(organization)
    return form_page(
        request, organization, form, title="登记业务指导", verb="登记",
        about="领导线不变。两条线都采用同一个制度包的，以领导线为准。",
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def end_guidance(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Organization.objects.visible_to(request.user)
    rows = Guidance.objects.select_related("organization", "guide")
    guidance = get_object_or_404(rows.filter(organization__in=seen), pk=pk)
    require(rules.may_end_guidance(request.user, guidance))
    form = EndGuidanceForm(request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: guiding.end_guidance(
            guidance, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"{guidance.guide.called}不再指导，以前该办的还留着。")
        return redirect(guidance.organization)
    return form_page(
        request, guidance.organization, form, title=f"{guidance.guide.called}不再指导",
        verb="停止指导", is_grave=True,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def rotate(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set in which order the units of a joint meeting chair it."""
    organization = organization_for(request, pk)
    require(rules.may_rotate(request.user, organization))
    latest = organization.turns.select_related("unit").order_by("since")
    units = "\n".join(dict.fromkeys(str(turn.unit) for turn in latest))
    form = RotateForm(request.POST or None, initial={"units": units})
    rows: Any = Organization.objects.visible_to(request.user)
    form.fields["units"].among = rows.filter(dissolved_on=None)  # type: ignore[attr-defined]
    if form.is_valid() and attempt(
        form,
        lambda: rotating.rotate(
            organization, **form.cleaned_data, by=request.user, at=timezone.now()
        ),
    ):
        saved(request, "轮值已排好。")
        return redirect(organization)
    return form_page(
        request, organization, form, title="排轮值主席", verb="排好",
        about="到了日子自动换，不用再登记。",
    )  # fmt: skip
