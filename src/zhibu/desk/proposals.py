"""The pages by which a pack gets in: the same two steps as ``install-pack``."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.adoptions import showing
from zhibu.adoptions.models import Adoption
from zhibu.core import standing
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, saved
from zhibu.core.verdicts import require
from zhibu.desk import actions, rules
from zhibu.desk.forms import PackForm
from zhibu.desk.models import Trial
from zhibu.packs import actions as packs
from zhibu.packs import checking, library
from zhibu.packs import rules as pack_rules
from zhibu.packs.models import StoredPack
from zhibu.packs.reading import Fault, Pack, read
from zhibu.packs.schema import KIND_WORDS

MOST = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """What a proposed pack has that the one in the library has not."""

    kind: str
    title: str
    what: str
    since: date


def compared(pack: Pack, current: Pack | None) -> list[Difference]:
    """New items, and new wordings of items there are; what stays the same is left out."""
    there = {w.file: w.raw for ws in current.items.values() for w in ws} if current else {}
    known = set(current.items) if current else set()
    found = []
    for (kind, id_), wordings in sorted(pack.items.items()):
        for wording in wordings:
            if wording.file in there and there[wording.file] == wording.raw:
                continue
            if (kind, id_) not in known:
                what = "新的一条"
            elif wording.file in there:
                what = "改了写法"
            else:
                what = "从这天起换新写法"
            title = wording.item.title
            found.append(Difference(KIND_WORDS[kind], title, what, wording.since))
    return found


def _proposals(request: SignedInRequest) -> QuerySet[StoredPack]:
    """For the hands that propose and confirm; 404 for everybody else."""
    hands = ("packs.propose", "packs.confirm")
    if not any(standing.may_anywhere(request.user, hand) for hand in hands):
        raise Http404
    return StoredPack.objects.select_related("proposed_by", "settled_by", "trial")


@login_required
@require_http_methods(["GET", "POST"])
def proposal_list(request: SignedInRequest) -> HttpResponse:
    """What was proposed, and a place to propose: all faults at once, nothing half-way."""
    rows = _proposals(request).order_by("-pk")[:MOST]
    may_propose = pack_rules.may_propose(request.user)
    if request.method == "POST":
        require(may_propose)
    form = PackForm(request.POST or None, request.FILES or None)
    faults: list[Fault] = []
    if request.method == "POST" and form.is_valid():
        pack, faults = _read(form.cleaned_data["file"])
        if pack is not None and not faults:
            made: list[StoredPack] = []
            if attempt(form, lambda: made.append(_propose(request, pack))):
                saved(request, "没有错，已经提出。例子正在走，走完由安全管理员确认。")
                return redirect("desk:proposal", pk=made[0].pk)
    context = {"rows": rows, "form": form, "faults": faults, "may_propose": may_propose}
    return render(request, "desk/proposal_list.html", context)


def _read(files: dict[str, str]) -> tuple[Pack | None, list[Fault]]:
    pack, faults = read(files)
    if pack is not None:
        faults = [*faults, *checking.problems(pack, library.packs())]
    return pack, faults


def _propose(request: SignedInRequest, pack: Pack) -> StoredPack:
    return actions.propose_pack(pack, by=request.user, at=timezone.now())


@login_required
@require_safe
def proposal(request: SignedInRequest, pk: int) -> HttpResponse:
    """One proposed pack: what would change, how its examples come out, and the decision."""
    stored = get_object_or_404(_proposals(request), pk=pk)
    pack, _ = read(stored.files)
    if pack is None:
        raise Http404
    trial = Trial.objects.filter(stored=stored).first()
    is_held = stored.state == StoredPack.State.HELD
    context = {
        "stored": stored,
        "pack": pack,
        "trial": trial,
        "is_held": is_held,
        "differences": compared(pack, library.packs().get(pack.id)) if is_held else [],
        "changes": showing.changes(pack),
        "adopted": Adoption.objects.filter(pack=pack.id, until=None).count(),
        "may_confirm": rules.may_confirm(request.user, stored, trial),
        "may_refuse": pack_rules.may_confirm(request.user, stored),
    }
    return render(request, "desk/proposal.html", context)


@login_required
@require_POST
def confirm_proposal(request: SignedInRequest, pk: int) -> HttpResponse:
    stored = get_object_or_404(_proposals(request), pk=pk)
    actions.confirm_pack(stored, by=request.user, at=timezone.now())
    saved(request, "已安装，可以采用了。")
    return redirect("desk:proposal", pk=pk)


@login_required
@require_POST
def refuse_proposal(request: SignedInRequest, pk: int) -> HttpResponse:
    stored = get_object_or_404(_proposals(request), pk=pk)
    packs.refuse(stored, by=request.user, at=timezone.now())
    saved(request, "没有通过，记录还在。")
    return redirect("desk:proposal", pk=pk)
