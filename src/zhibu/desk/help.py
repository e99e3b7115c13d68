"""The handbook in the product: for everybody signed in, one's own chapter first."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhibu.core import standing
from zhibu.core.http import SignedInRequest
from zhibu.desk import reading


def _roles(request: SignedInRequest) -> set[str]:
    return {held.role for held in standing.of(request.user)}


@login_required
@require_safe
def contents(request: SignedInRequest) -> HttpResponse:
    """What there is to read; with ``page``, the name of a page, straight to what is told of it."""
    roles = _roles(request)
    if found := reading.about(request.GET.get("page", ""), roles):
        chapter, task = found
        return redirect(f"{reverse('desk:chapter', args=[chapter.name])}#{task.id}")
    own = reading.own(roles)
    others = [one for one in reading.chapters() if one not in own]
    return render(request, "desk/help.html", {"own": own, "others": others})


@login_required
@require_safe
def chapter(request: SignedInRequest, name: str) -> HttpResponse:
    found = reading.chapter(name)
    if found is None:
        raise Http404
    return render(request, "desk/chapter.html", {"chapter": found})
