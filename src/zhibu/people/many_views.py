"""Many people at once: whom the list shows, what is to be done, a look at it, done."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhibu.core import many
from zhibu.core.http import SignedInRequest
from zhibu.core.many import Errand
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.people.forms import SearchForm
from zhibu.people.many import WAYS, may_do_many, offers


@login_required
@require_http_methods(["GET", "POST"])
def do_many(request: SignedInRequest, way: str) -> HttpResponse:
    """``way`` for people of the list with the same words in the address."""
    require(may_do_many(request.user))
    at = _at(request)
    chosen = WAYS.get(way)
    form = chosen.form(request.user, at, request.POST or None) if chosen else None
    if chosen is None or form is None:
        raise Http404
    filters = SearchForm(request.GET)
    filters.is_valid()
    now = timezone.now()
    rows, is_cut = offers(request.user, filters.cleaned_data, at, timezone.localdate())
    query = _query(request)
    errand = Errand(
        title=chosen.title,
        offers=rows,
        form=form,
        act=lambda person, values: chosen.act(person, values, request.user, now),
        change=chosen.change,
        back=f"{reverse('people:list')}{query}",
        context={
            "crumb": "人员",
            "unit": "人",
            "about": chosen.about,
            "is_cut": is_cut,
            "way": way,
            "ways": [
                (key, one.title, f"{reverse('people:many', args=[key])}{query}")
                for key, one in WAYS.items()
                if one.form(request.user, at, None) is not None
            ],
        },
    )
    return many.answer(request, errand)


def _at(request: SignedInRequest) -> Organization | None:
    asked = request.GET.get("at", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    return get_object_or_404(Organization.objects.visible_to(request.user), pk=int(asked))


def _query(request: SignedInRequest) -> str:
    """The list's words, for the way back and for the other things to do."""
    kept = {name: value for name in ("q", "state", "at") if (value := request.GET.get(name))}
    return f"?{urlencode(kept)}" if kept else ""
