"""A procedure as its pack draws it, and where one case is on it: in words, then as a picture.

The picture has an address of its own, as charts have: nothing in it may load or run.
"""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from zhibu.cases import diagram, outline, pages, svg
from zhibu.cases.models import Case
from zhibu.cases.steps import Running
from zhibu.core import charts, standing
from zhibu.core.http import SignedInRequest
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.packs.schema.procedures import Procedure


def _asked(request: SignedInRequest) -> tuple[Pack, Wording]:
    """The procedure of the address in the wording of a day, or its latest.

    Raises:
        Http404: nobody who may see cases anywhere, or nothing of that name.
    """
    if not standing.may_anywhere(request.user, "cases.view"):
        raise Http404
    pack_id, _, name = request.GET.get("procedure", "").partition(":")
    pack = library.packs().get(pack_id)
    wordings = pack.items.get(("procedures", name), ()) if pack else ()
    asked = request.GET.get("wording", "")
    found = [one for one in wordings if not asked or one.since.isoformat() == asked]
    if pack is None or not found:
        raise Http404
    return pack, found[-1]


def _rule(wording: Wording) -> Procedure:
    assert isinstance(wording.item, Procedure)
    return wording.item


def _width(request: SignedInRequest) -> int:
    return diagram.WIDE if request.GET.get("size") == "wide" else diagram.NARROW


@login_required
@require_safe
def procedure(request: SignedInRequest) -> HttpResponse:
    """How a procedure goes: a table of its steps, then the drawing."""
    pack, wording = _asked(request)
    rule, posts = _rule(wording), pages.post_titles(library.packs())
    asked = {"procedure": f"{pack.id}:{wording.id}", "wording": wording.since.isoformat()}
    address = f"{reverse('cases:procedure_picture')}?{urlencode(asked)}"
    context = {
        "procedure": rule,
        "since": wording.since,
        "cited": pack.cited(wording),
        "rows": outline.table(rule, posts=posts),
        "beginning": outline.beginning(rule, posts),
        "reopening": outline.reopening(rule, posts),
        "narrow": address,
        "wide": f"{address}&size=wide",
        "board": f"{reverse('cases:board')}?{urlencode({'procedure': asked['procedure']})}",
    }
    return render(request, "cases/diagram.html", context)


@login_required
@require_safe
def procedure_picture(request: SignedInRequest) -> HttpResponse:
    """The drawing of a procedure."""
    rule = _rule(_asked(request)[1])
    drawing = diagram.lay_out(rule, width=_width(request), posts=pages.post_titles(library.packs()))
    return charts.answer(svg.written(drawing, rule.title).encode())


def _running(request: SignedInRequest, pk: int) -> Running:
    rows = Case.objects.visible_to(request.user).select_related("organization")
    return Running(get_object_or_404(rows, pk=pk))


@login_required
@require_safe
def of_case(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where a case is on the way of its procedure, by the wording it began under."""
    running = _running(request, pk)
    rule, posts, case = running.procedure, pages.post_titles(library.packs()), running.case
    address = reverse("cases:picture", args=[pk])
    context = {
        "case": case,
        "procedure": rule,
        "since": case.wording,
        "cited": running.cited([]),
        "rows": outline.table(rule, posts=posts, marks=outline.marks_of(running.turns)),
        "beginning": outline.beginning(rule, posts),
        "reopening": outline.reopening(rule, posts),
        "narrow": address,
        "wide": f"{address}?size=wide",
    }
    return render(request, "cases/diagram.html", context)


@login_required
@require_safe
def picture(request: SignedInRequest, pk: int) -> HttpResponse:
    """The drawing of a procedure with the place of a case on it."""
    running = _running(request, pk)
    rule, marks = running.procedure, outline.marks_of(running.turns)
    drawing = diagram.lay_out(
        rule, width=_width(request), posts=pages.post_titles(library.packs()), marks=marks
    )
    return charts.answer(svg.written(drawing, rule.title).encode())
