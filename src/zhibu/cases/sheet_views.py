"""Beginning many cases from a table: the empty table, a look at a filled one, and doing it."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhibu.cases import at_once, queries, sheet
from zhibu.cases.at_once import AT_ONCE, FaultyRows
from zhibu.cases.sheet import Fault, Read
from zhibu.core import excel, pacing, standing
from zhibu.core.forms import day
from zhibu.core.http import SignedInRequest, download, saved
from zhibu.imports.forms import WorkbookForm
from zhibu.imports.reading import UnreadableFile
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Procedure

SHOWN = 200  # faults a page


class SheetForm(WorkbookForm):
    """A filled table, and the day all its cases begin."""

    happened_on = day("哪天开始的", hint="都是这一天。日子不同的分成几张表。")
    file = forms.FileField(
        label="填好的表", allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv"}),
        help_text=f".xlsx 或 .csv，一行一件，最多 {sheet.MOST} 行。有一行不对，一件也不开始。",
    )  # fmt: skip


def _offered(place: Organization) -> dict[str, Procedure]:
    """Procedures in force there that a table can begin."""
    found = {}
    for reference, held in queries.procedures(place, timezone.localdate()).items():
        rule = held.wording.item
        if isinstance(rule, Procedure) and sheet.fits(rule) and not rule.is_confidential:
            found[reference] = rule
    return found


@login_required
@require_http_methods(["GET", "POST"])
def begin_many(request: SignedInRequest, organization: int) -> HttpResponse:
    """A case for every row, below ``organization``; all faults at once, and then none begins."""
    place = get_object_or_404(Organization.objects.visible_to(request.user), pk=organization)
    if not standing.may(request.user, "cases.start", place.path):
        raise Http404
    offered = _offered(place)
    reference = request.GET.get("procedure", "")
    rule = offered.get(reference)
    if "blank" in request.GET and rule is not None:
        name = f"{rule.title}样表.xlsx"
        return download(sheet.blank(rule), name=name, content_type=excel.TYPE)
    context: dict[str, Any] = {"organization": place, "reference": reference, "procedure": rule}
    if rule is None:
        return render(request, "cases/many_sheet.html", context | {"offered": offered})
    form = SheetForm(
        request.POST or None, request.FILES or None, initial={"happened_on": timezone.localdate()}
    )
    is_look = request.POST.get("step") == "look"
    if request.method == "POST" and form.is_valid():
        found = _looked_at(request, form, rule, reference, place)
        if found and not found.faults and not is_look:
            made = _begin(request, form, reference, found)
            if made is not None:
                passed = f"，{found.known} 件以前开始过，没有重复" if found.known else ""
                saved(request, f"开始了 {made} 件{passed}。")
                return redirect(f"{reverse('cases:list')}?view=all&procedure={reference}")
        if found:
            context |= {"found": found, "faults": found.faults[:SHOWN],
                        "more": max(0, len(found.faults) - SHOWN)}  # fmt: skip
    return render(request, "cases/many_sheet.html", context | {"form": form})


def _looked_at(
    request: SignedInRequest, form: SheetForm, rule: Procedure, reference: str,
    place: Organization,
) -> Read | None:  # fmt: skip
    """What the table says, judged as a whole; None where it cannot be read, said on the form."""
    on = form.cleaned_data["happened_on"]
    content = form.cleaned_data["file"].read()
    try:
        found = sheet.read(content, rule, reference, place, user=request.user, on=on)
    except UnreadableFile as error:
        form.add_error("file", error.message)
        return None
    if not found.faults:
        said = at_once.judged(reference, found.drafts, on=on, by=request.user, at=timezone.now())
        _say(found, found.rows, said, rule)
    return found


def _say(found: Read, rows: list[int], said: dict[int, dict[str, str]], rule: Procedure) -> None:
    titles = {spec.id: spec.title for spec in rule.fields}
    titles |= {"organization": sheet.CODE, "owner": sheet.OWNER}
    titles |= {"subject": rule.subject.title} if rule.subject else {}
    found.faults += [
        Fault(rows[place], titles.get(name, ""), text)
        for place, told in said.items() for name, text in told.items()
    ]  # fmt: skip


def _begin(request: SignedInRequest, form: SheetForm, reference: str, found: Read) -> int | None:
    """How many began; a part at a time, so that nobody waits for the lock. None where somebody
    was quicker with one of them: what began before stays, and the table may be sent again."""
    on, drafts, now = form.cleaned_data["happened_on"], found.drafts, timezone.now()
    made = 0
    for first in range(0, len(drafts), AT_ONCE):
        some = drafts[first : first + AT_ONCE]
        try:
            made += len(at_once.start_many(reference, some, on=on, by=request.user, at=now))
        except FaultyRows as faulty:
            found.faults += [
                Fault(found.rows[first + place], "", "".join(told.values()))
                for place, told in faulty.faults.items()
            ]
            if made:
                found.faults.insert(0, Fault(found.rows[first], "", f"前面的 {made} 件开始了。"))
            return None
        pacing.pause()
    return made
