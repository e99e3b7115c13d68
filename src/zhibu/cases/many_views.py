"""Many cases at once: which stage, which of them, a look at what becomes of each, done."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhibu.cases.many import (
    Group,
    TogetherForm,
    change,
    chosen,
    end,
    groups,
    may_together,
    offers,
    rule_of,
)
from zhibu.core import many, searching
from zhibu.core.http import SignedInRequest
from zhibu.core.many import Errand
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import Outcome, Procedure, Stage


@login_required
@require_http_methods(["GET", "POST"])
def do_many(request: SignedInRequest) -> HttpResponse:
    """End open turns of one stage with one outcome; without a stage, choose one."""
    found = groups(request.user)
    asked = {name: request.GET.get(name, "")[:120] for name in ("procedure", "wording", "stage")}
    group = chosen(found, asked)
    words = _words(request)
    if group is None:
        ways = [(one, _address(one, words)) for one in found]
        context = {"ways": ways, "back": reverse("cases:list")}
        return render(request, "cases/many.html", context)
    rule = rule_of(group.procedure, group.wording)
    stage = rule.stage(group.stage)
    assert stage is not None
    outcome = _outcome(request, rule, stage)
    require(may_together(rule, stage, outcome))
    return many.answer(request, _errand(request, group, rule, stage, outcome, words))


def _errand(
    request: SignedInRequest,
    group: Group,
    rule: Procedure,
    stage: Stage,
    outcome: Outcome,
    words: dict[str, Any],
) -> Errand[Any]:
    today, now = timezone.localdate(), timezone.now()
    rows, is_cut = offers(request.user, group, words, today)
    barred = [no for one in stage.outcomes if not (no := may_together(rule, stage, one))]
    about = "不填的，各件原来写的不变。各办各的，办不了的不影响别的。"
    return Errand(
        title=f"{group.title}，{outcome.title}",
        offers=rows,
        form=TogetherForm(stage, outcome, request.POST or None, today=today),
        act=lambda turn, values: end(turn, stage, outcome, values, by=request.user, at=now),
        change=lambda values: change(stage, outcome, values),
        back=_list(group, words),
        context={
            "crumb": "事项",
            "unit": "件",
            "what": "怎么办",
            "about": about + "".join(verdict.reason for verdict in barred),
            "is_cut": is_cut,
            "way": outcome.id,
            "ways": [
                (one.id, one.title, _address(group, words, one.id))
                for one in stage.outcomes
                if may_together(rule, stage, one)
            ],
        },
        is_each=True,
    )


def _outcome(request: SignedInRequest, rule: Procedure, stage: Stage) -> Outcome:
    """The one asked for, or the first that may be given together, or the first."""
    asked = stage.outcome(request.GET.get("outcome", ""))
    free = (one for one in stage.outcomes if may_together(rule, stage, one))
    return asked or next(free, stage.outcomes[0])


def _words(request: SignedInRequest) -> dict[str, Any]:
    """What the list was narrowed by."""
    found: dict[str, Any] = {"q": request.GET.get("q", "")[: searching.LONGEST]}
    place = request.GET.get("organization", "")
    if place.isdecimal() and len(place) <= 12:
        seen = Organization.objects.visible_to(request.user)
        found["organization"] = get_object_or_404(seen, pk=int(place)).pk
    return {name: value for name, value in found.items() if value}


def _address(group: Group, words: dict[str, Any], outcome: str = "") -> str:
    asked = group.query | words | ({"outcome": outcome} if outcome else {})
    return f"{reverse('cases:many')}?{urlencode(asked)}"


def _list(group: Group, words: dict[str, Any]) -> str:
    """Back to the list of what is left at this stage."""
    asked = {"view": "all", "procedure": group.procedure, "stage": group.stage} | words
    return f"{reverse('cases:list')}?{urlencode(asked)}"
