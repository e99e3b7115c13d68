from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, download, page_number, saved
from zhibu.core.verdicts import require
from zhibu.ledger import printed
from zhibu.organizations.models import Organization
from zhibu.people import rules as people_rules
from zhibu.people.handover import actions, paper, queries, rules
from zhibu.people.handover.forms import DrawForm, EndForm
from zhibu.people.models import Handover, Holding, Person

PAGE = 30
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SIDES: dict[str, actions.Side] = {"given": "given", "taken": "taken"}


def _handover_for(request: SignedInRequest, pk: int) -> Handover:
    """The list, or 404 where this user is none of the two and the post is out of reach."""
    rows = Handover.objects.visible_to(request.user).select_related(
        "holding__person", "holding__post__organization", "holding__post__group", "successor",
        "drawn_by", "ended_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


@login_required
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    """Hand-overs, and posts whose term is over and that nobody handed over."""
    user, today = request.user, timezone.localdate()
    page = Paginator(queries.listed(user), PAGE).get_page(page_number(request))
    expired = list(queries.expired(user, today)[: PAGE * 2])
    rows = [(holding, rules.may_draw_up(user, holding)) for holding in expired]
    return render(request, "people/handover_list.html", {"page": page, "expired": rows})


@login_required
@require_http_methods(["GET", "POST"])
def draw_up(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is open on a post now; write down the papers and make the one list."""
    seen = Organization.objects.visible_to(request.user)
    mine = Q(person=request.user.person_id or 0) | Q(post__organization__in=seen)
    rows = Holding.objects.filter(mine, ended_on=None)
    rows = rows.select_related("person", "post__organization", "post__group")
    holding = get_object_or_404(rows, pk=pk)
    require(rules.may_draw_up(request.user, holding))
    today = timezone.localdate()
    form = DrawForm(request.POST or None, initial={"since": today})
    form.fields["successor"].among = _candidates(request, holding)  # type: ignore[attr-defined]
    made: list[Handover] = []
    if form.is_valid() and attempt(
        form,
        lambda: made.append(
            actions.draw_up(holding, **_drawn(form), by=request.user, at=timezone.now())
        ),
    ):
        saved(request, "清单做好了，请两边核对签字。")
        return redirect(made[0])
    items = [item.frozen() for item in queries.open_items(holding, today)]
    waiting = holding.handovers.open().first()
    context = {"holding": holding, "form": form, "parts": queries.parts(items), "waiting": waiting}
    return render(request, "people/handover_form.html", context)


def _drawn(form: DrawForm) -> dict[str, Any]:
    asked = form.cleaned_data
    return {name: asked[name] for name in ("successor", "since", "papers", "note")}


def _candidates(request: SignedInRequest, holding: Holding) -> Any:
    """Whom the user may see; the holder themselves at least their own branch's members."""
    own = Q(home=holding.post.organization_id)
    rows = Person.objects.filter(own) | Person.objects.visible_to(request.user)
    return rows.exclude(pk=holding.person_id)


@login_required
@require_safe
def detail(request: SignedInRequest, pk: int) -> HttpResponse:
    return _page(request, _handover_for(request, pk), EndForm())


def _page(request: SignedInRequest, handover: Handover, form: EndForm) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    is_overseer = bool(people_rules.may_appoint(user, handover.holding.post))
    sides = [
        {
            "side": side,
            "title": title,
            "person": person,
            "how": getattr(handover, f"get_{side}_how_display")(),
            "at": getattr(handover, f"{side}_at"),
            "may_self": rules.may_sign(user, handover, side, "system"),
            "may_paper": rules.may_sign(user, handover, side, "paper"),
        }
        for side, title, person in (
            ("given", "交出人", handover.holding.person),
            ("taken", "接手人", handover.successor),
        )
    ]
    context = {
        "handover": handover,
        "parts": queries.parts(handover.items),
        "sides": sides,
        "form": form,
        "is_overseer": is_overseer,
        "may_finish": rules.may_finish(user, handover, today),
        "may_cancel": rules.may_cancel(user, handover),
    }
    return render(request, "people/handover_detail.html", context)


@login_required
@require_POST
def sign(request: SignedInRequest, pk: int) -> HttpResponse:
    handover = _handover_for(request, pk)
    side = SIDES.get(request.POST.get("side", ""))
    how = request.POST.get("how", "")
    if side is None or how not in Handover.How.values:
        raise Http404
    actions.sign(handover, side=side, how=how, by=request.user, at=timezone.now())
    saved(request, "已签。")
    return redirect(handover)


@login_required
@require_POST
def finish(request: SignedInRequest, pk: int) -> HttpResponse:
    handover = _handover_for(request, pk)
    require(rules.may_finish(request.user, handover, timezone.localdate()))
    form = EndForm(request.POST)
    if form.is_valid() and attempt(
        form,
        lambda: actions.finish(
            handover, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        ),
    ):
        saved(request, "已交接：原任的权限停了，接手的起了。")
        return redirect(handover)
    return _page(request, handover, form)


@login_required
@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    handover = _handover_for(request, pk)
    require(rules.may_cancel(request.user, handover))
    form = EndForm(request.POST)
    if form.is_valid() and attempt(
        form,
        lambda: actions.cancel(
            handover, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        ),
    ):
        saved(request, "不办了，已记下。")
        return redirect(handover)
    return _page(request, handover, form)


@login_required
@require_safe
def word_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The list as a Word file to be signed on paper."""
    handover = _handover_for(request, pk)
    code = printed.code(handover._meta.label_lower, handover.pk, request)
    content = paper.compose(handover, at=timezone.now(), code=code)
    return download(content, name=f"{paper.title(handover)}.docx", content_type=WORD)
