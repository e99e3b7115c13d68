from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.core import excel
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, saved
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.people import queries as people
from zhibu.people.merging import actions, queries, rules
from zhibu.people.merging.forms import MergeForm
from zhibu.people.models import Person

COLUMNS = [
    excel.Column("姓名", 12),
    excel.Column("所在支部", 30),
    excel.Column("姓名", 12),
    excel.Column("所在支部", 30),
    excel.Column("哪里一样", 30),
]


def _pair(request: SignedInRequest, one: int, other: int) -> tuple[Person, Person]:
    """Two people this user may know of, the first registered first; 404 for any other."""
    seen = Person.objects.visible_to(request.user).select_related("home")
    first, second = sorted((one, other))
    return get_object_or_404(seen, pk=first), get_object_or_404(seen, pk=second)


def _at(request: SignedInRequest) -> Organization | None:
    asked = request.GET.get("at", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))


@login_required
@require_safe
def duplicates(request: SignedInRequest) -> HttpResponse:
    """Who may be in the list twice; to Excel with ?export=1."""
    require(rules.may_look_for_duplicates(request.user))
    at = _at(request)
    pairs = queries.duplicates(request.user, at=at)
    if "export" in request.GET:
        rows = (
            (p.one.name, _where(p.one), p.other.name, _where(p.other), "；".join(p.why))
            for p in pairs
        )
        today = timezone.localdate()
        content = excel.workbook("可能重复的人", COLUMNS, rows, note=f"截至 {today}")
        return download(content, name=f"可能重复的人 {today}.xlsx", content_type=excel.TYPE)
    context = {"pairs": pairs, "at": at, "most": queries.MOST_PAIRS}
    return render(request, "people/duplicates.html", context)


def _where(person: Person) -> str:
    return person.home.name if person.home else ""


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, one: int, other: int) -> HttpResponse:
    """Two records side by side; choose, and make them one."""
    first, second = _pair(request, one, other)
    require(rules.may_merge(request.user, first, second))
    differences = queries.differences(first, second)
    lines = queries.lines(people.record(first), people.record(second))
    form = MergeForm(differences, lines, request.POST or None)
    if form.is_valid() and attempt(
        form,
        lambda: actions.merge(
            first,
            second,
            fields=form.chosen("field_"),
            lines=form.chosen("line_"),
            reason=form.cleaned_data["reason"],
            by=request.user,
            at=timezone.now(),
        ),
    ):
        saved(request, f"已并成一份，编号 #{first.pk}；#{second.pk} 不再用。")
        return redirect(first)
    context = {
        "one": first,
        "other": second,
        "differences": differences,
        "lines": lines,
        "accounts": [people.account_of(first), people.account_of(second)],
        "form": form,
    }
    return render(request, "people/merge.html", context)


@login_required
@require_POST
def tell_apart(request: SignedInRequest, one: int, other: int) -> HttpResponse:
    first, second = _pair(request, one, other)
    actions.tell_apart(first, second, by=request.user, at=timezone.now())
    saved(request, "记下了：不是同一个人，以后不再列出。")
    return redirect("people:duplicates")
