"""Those on the way into the Party, and how many were planned."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.core import excel
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, query_without, saved
from zhibu.core.verdicts import require
from zhibu.insight import actions, pool, rules
from zhibu.insight.asking import scope_asked, scopes
from zhibu.insight.forms import PlanForm, ScopeFilter
from zhibu.organizations.models import Organization

HEADS = ("哪一步", "人数", "去年同一天", "增减")


@login_required
@require_safe
def pool_page(request: SignedInRequest) -> HttpResponse:
    """By stage, this year beside the last; the plan of the year and how much of it is used."""
    asked = scope_asked(request, timezone.localdate())
    scope = asked.scope
    found = pool.pool(scope)
    if "export" in request.GET:
        cells = ((line.title, line.count, line.before, line.change)
                 for line in (*found.there, *found.steps))  # fmt: skip
        name = f"{scope.top.called} 发展党员"
        note = f"截至 {scope.on}，和去年同一天比。各步不是同一批人，不能相除。"
        content = excel.workbook(name, [excel.Column(head, 18) for head in HEADS], cells, note=note)
        return download(content, name=f"{name}{scope.on}.xlsx", content_type=excel.TYPE)
    form = ScopeFilter(
        scopes(request, scope.top), {}, initial={"organization": str(scope.top.pk), "on": scope.on}
    )
    del form.fields["window"]
    context = {
        "scope": scope,
        "pool": found,
        "form": form,
        "may_plan": rules.may_plan(request.user, scope.top),
        "export": f"?{query_without(request, 'export')}&export=1",
    }
    return render(request, "insight/pool.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: SignedInRequest, organization: int) -> HttpResponse:
    """Set the plan of a year."""
    rows = Organization.objects.reached_by(request.user, "insight.view").select_related("parent")
    found = get_object_or_404(rows, pk=organization)
    require(rules.may_plan(request.user, found))
    form = PlanForm(request.POST or None, initial={"year": timezone.localdate().year})
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form,
            lambda: actions.plan_admissions(
                found, **form.cleaned_data, by=request.user, at=timezone.now()
            ),
        )
    ):
        saved(request, "计划定好了。")
        return redirect(f"{reverse('insight:pool')}?organization={found.pk}")
    return render(request, "insight/plan.html", {"organization": found, "form": form})
