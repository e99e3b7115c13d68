from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from zhibu.adoptions import actions, addresses, queries, rules, searching, showing, words
from zhibu.adoptions.forms import AdoptForm, DayForm, PackFilter, WithdrawForm
from zhibu.adoptions.models import Adoption
from zhibu.core import excel, hats, standing
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, saved
from zhibu.core.verdicts import require
from zhibu.organizations import queries as tree
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema import KIND_WORDS

COLUMNS = [
    excel.Column("类别", 10),
    excel.Column("要求", 26),
    excel.Column("内容", 40),
    excel.Column("对本组织", 16),
    excel.Column("依据", 34),
    excel.Column("怎么核的", 36),
    excel.Column("谁采用", 24),
    excel.Column("哪条线", 12),
    excel.Column("采用起", 12),
    excel.Column("文号", 18),
    excel.Column("制度包", 26),
    excel.Column("版本", 8),
    excel.Column("施行起", 12),
]


def _day(request: SignedInRequest) -> date:
    """The day asked for, past or to come; today where none or a wrong one is given."""
    form = DayForm(request.GET)
    return form.cleaned_data["on"] if form.is_valid() else timezone.localdate()


def _organization(request: SignedInRequest, on: date) -> Any:
    """The organisation in the query string, else the hat's, as it was on ``on``.

    404 for one that is not shown to this user, None where there is neither.
    """
    rows = tree.as_of(Organization.objects.visible_to(request.user), on)
    asked = request.GET.get("organization", "")
    if asked:
        pk = int(asked) if asked.isdecimal() and len(asked) < 19 else 0
        return get_object_or_404(rows, pk=pk)
    hat = hats.worn(request)
    if hat is None or hat.organization_id is None:
        return None
    return rows.filter(pk=hat.organization_id).first()


def _above(request: SignedInRequest, organization: Any, on: date) -> list[tuple[Any, bool]]:
    """Who stands above, top first, and whether their page is open to this user."""
    if not organization.path_on:
        return []
    rows = tree.around_on(organization, organization.path_on, on).above
    return [(row, standing.may(request.user, "organizations.view", row.path)) for row in rows]


@login_required
@require_safe
def in_force(request: SignedInRequest) -> HttpResponse:
    """What holds for an organisation on a day, by whose adoption, by which article."""
    require(rules.may_view_packs(request.user))
    on = _day(request)
    organization = _organization(request, on)
    if organization is None:
        return redirect("adoptions:packs")
    here = showing.here(organization, on, path=organization.path_on or "")
    chosen = next((r for r in here.rows if r.anchor == request.GET.get("item")), None)
    chosen = chosen or next((r for r in here.rows if r.applies), None)
    adopters = {one.adoption.organization_id for one in here.held}
    context = {
        "organization": organization,
        "above": _above(request, organization, on),
        "rules": here,
        "on": on,
        "is_today": on == timezone.localdate(),
        "day_form": DayForm(initial={"on": on}),
        "chosen": chosen,
        "why": showing.why(chosen, here.held) if chosen else [],
        "has_added": organization.pk in adopters,
        "drives": words.drives(chosen.item) if chosen else "",
        "may_adopt": standing.may(request.user, "adoptions.change", organization.path),
    }
    return render(request, "adoptions/adoption_in_force.html", context)


@login_required
@require_safe
def export(request: SignedInRequest) -> HttpResponse:
    """The same rows as an Excel file, with every citation and how it was seen."""
    require(rules.may_view_packs(request.user))
    on = _day(request)
    organization = _organization(request, on)
    if organization is None:
        raise Http404
    lines = []
    for section in showing.here(organization, on, path=organization.path_on or "").sections:
        for row in section.rows:
            cited = showing.citations(row.held.pack, row.held.wording)
            adoption = row.held.adoption
            lines.append(
                (
                    section.title,
                    row.title,
                    "；".join([row.brief, *row.stricter]),
                    row.note,
                    "；".join(f"{c.text}{f'（{c.mark}）' if c.mark else ''}" for c in cited),
                    cited[0].evidence,
                    row.adopter,
                    row.line,
                    adoption.since,
                    adoption.paper,
                    row.held.pack.meta.title,
                    row.held.pack.meta.version,
                    row.held.wording.since,
                )
            )
    title = f"{organization.called}现在按哪些规定办"
    content = excel.workbook(title, COLUMNS, lines, note=f"{on} 这一天")
    name = f"制度 {organization.called} {on}.xlsx"
    return download(content, name=name, content_type=excel.TYPE)


@login_required
@require_safe
def item_detail(
    request: SignedInRequest, publisher: str, slug: str, kind: str, item_id: str
) -> HttpResponse:
    """One item: its wording, every citation, earlier wordings, worked examples."""
    require(rules.may_view_packs(request.user))
    known = library.packs()
    pack = known.get(f"{publisher}/{slug}")
    wordings = pack.items.get((kind, item_id), ()) if pack else ()
    if pack is None or not wordings:
        raise Http404
    on = _day(request)
    organization = _organization(request, on) if "organization" in request.GET else None
    in_force_then = pack.wording_on(kind, item_id, on)
    wording = in_force_then or wordings[0]
    context: dict[str, Any] = {
        "pack": pack,
        "kind_word": KIND_WORDS[kind],
        "pack_url": addresses.pack_url(pack.id),
        "wording": wording,
        "on": on,
        "is_in_force": in_force_then is not None,
        "facts": words.facts(wording.item, known),
        "citations": showing.citations(pack, wording),
        "wordings": list(reversed(wordings)),
        "examples": showing.examples(pack, kind, f"{pack.id}:{item_id}"),
        "organization": organization,
    }
    if organization:
        here = showing.here(organization, on, path=organization.path_on or "")
        row = next((r for r in here.rows if r.is_of(pack, wording)), None)
        context["row"] = row
        context["why"] = showing.why(row, here.held) if row else []
    return render(request, "adoptions/item_detail.html", context)


@login_required
@require_safe
def pack_list(request: SignedInRequest) -> HttpResponse:
    """Every pack there is, and whether it holds for the organisation one is about."""
    require(rules.may_view_packs(request.user))
    today = timezone.localdate()
    organization = _organization(request, today)
    form = PackFilter(request.GET)
    form.is_valid()
    words_asked = form.cleaned_data.get("q", "")
    hits = searching.called(words_asked, today) if words_asked else []
    held = queries.in_force(organization, today) if organization else []
    adopted = {one.pack.id: one.adoption for one in held}
    rows = [
        (
            pack.meta,
            addresses.pack_url(pack.id),
            words.PACK_KINDS[pack.meta.kind],
            adopted.get(pack.id),
        )
        for pack in library.packs().values()
    ]
    context = {
        "rows": rows,
        "form": form,
        "is_asked": bool(words_asked),
        "hits": [searching.hit(row) for row in hits],
        "organization": organization,
        "may_decide": rules.may_decide(request.user),
    }
    return render(request, "adoptions/pack_list.html", context)


@login_required
@require_safe
def pack_detail(request: SignedInRequest, publisher: str, slug: str) -> HttpResponse:
    """A pack: what it is about, its items, sources, changes and worked examples."""
    require(rules.may_view_packs(request.user))
    known = library.packs()
    found = known.get(f"{publisher}/{slug}")
    if found is None:
        raise Http404
    adoptions = Adoption.objects.visible_to(request.user).filter(pack=found.id)
    context = {
        "pack": found,
        "kind_word": words.PACK_KINDS[found.meta.kind],
        "requires": [known[id_] for id_ in found.meta.requires if id_ in known],
        "sections": showing.contents(found),
        "changes": showing.changes(found),
        "adoptions": list(adoptions.select_related("organization").order_by("-since", "-pk")[:50]),
        "may_decide": rules.may_decide(request.user),
    }
    return render(request, "adoptions/pack_detail.html", context)


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One adoption on record: who, from when, for whom, by which paper."""
    rows = Adoption.objects.visible_to(request.user).select_related("organization", "adopted_by")
    adoption = get_object_or_404(rows, pk=pk)
    pack = library.packs().get(adoption.pack)
    context = {
        "adoption": adoption,
        "pack": pack,
        "title": pack.meta.title if pack else adoption.pack,
        "pack_url": addresses.pack_url(adoption.pack),
        "scope": showing.scope(adoption),
        "may_withdraw": rules.may_withdraw(request.user, adoption, queries.leaning_on(adoption)),
        "may_change": standing.may(request.user, "adoptions.change", adoption.organization.path),
    }
    return render(request, "adoptions/adoption_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def adopt(request: SignedInRequest) -> HttpResponse:
    """Choose a pack, see for how many organisations it means what, then confirm."""
    require(rules.may_decide(request.user))
    asked = _organization(request, timezone.localdate())
    initial = {
        "pack": request.GET.get("pack", ""),
        "organization": str(asked) if asked else "",
        "since": timezone.localdate(),
    }
    form = AdoptForm(library.packs(), request.POST or None, initial=initial)
    form.fields["organization"].among = (  # type: ignore[attr-defined]
        Organization.objects.reached_by(request.user, "adoptions.change").filter(dissolved_on=None)
    )
    preview: showing.Preview | None = None
    if form.is_valid():
        chosen = form.cleaned_data
        pack_, organization = library.packs()[chosen["pack"]], chosen["organization"]
        reach = chosen["reach"]
        held = actions.held_already(organization, chosen["since"], reach)
        verdict = rules.may_adopt(request.user, organization, pack_, held, reach)
        if not verdict:
            form.add_error(None, verdict.reason)
        elif "confirm" not in request.POST:
            preview = showing.preview(
                pack_,
                organization,
                since=chosen["since"],
                fields=chosen["domains"],
                reach=reach,
            )
        elif attempt(form, lambda: _adopt(request, form)):
            saved(request, f"{organization.called}已采用{pack_.meta.title}，应办已经排好。")
            return redirect("adoptions:pack", *pack_.id.split("/"))
    context = {"form": form, "preview": preview, "organization": asked}
    return render(request, "adoptions/adoption_form.html", context)


def _adopt(request: SignedInRequest, form: AdoptForm) -> Adoption:
    chosen = form.cleaned_data
    return actions.adopt(
        pack=chosen["pack"],
        organization=chosen["organization"],
        since=chosen["since"],
        fields=chosen["domains"],
        paper=chosen["paper"],
        reach=chosen["reach"],
        by=request.user,
        at=timezone.now(),
    )


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    rows = Adoption.objects.visible_to(request.user).select_related("organization")
    adoption = get_object_or_404(rows, pk=pk)
    require(rules.may_withdraw(request.user, adoption, queries.leaning_on(adoption)))
    form = WithdrawForm(
        adoption.since, request.POST or None, initial={"until": timezone.localdate()}
    )
    if form.is_valid() and attempt(
        form,
        lambda: actions.withdraw(
            adoption, until=form.cleaned_data["until"], by=request.user, at=timezone.now()
        ),
    ):
        saved(request, "已停用，以前该办的还留着。")
        return redirect(adoption)
    pack = library.packs().get(adoption.pack)
    title = pack.meta.title if pack else adoption.pack
    context = {"adoption": adoption, "title": title, "form": form}
    return render(request, "adoptions/adoption_withdraw.html", context)


def panel(request: HttpRequest, organization: Organization, on: date) -> dict[str, Any] | None:
    """The way from an organisation's page to its rules. No query."""
    user: Any = request.user
    if not rules.may_view_packs(user):
        return None
    return {"organization": organization, "on": on}
