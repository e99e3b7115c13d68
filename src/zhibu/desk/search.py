"""The one search box: what people type, answered section by section."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhibu.core import searching
from zhibu.core.http import SignedInRequest
from zhibu.desk.forms import WordsForm
from zhibu.people import rules as people


@login_required
@require_safe
def search(request: SignedInRequest) -> HttpResponse:
    """What fits the words. Somebody's number does not stay in the address: it leads on to
    where it may be asked for, without being looked at."""
    form = WordsForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    if searching.is_withheld(words):
        return redirect(f"{reverse('desk:search')}?number=1")
    found = searching.find(request.user, words, timezone.localdate())
    context: dict[str, Any] = {
        "words": words,
        "found": found,
        "sections": [section.title for section in searching.sections(request.user)],
        "longest": searching.LONGEST,
        "is_number": "number" in request.GET and not words,
        "is_too_long": not form.is_valid(),
        "may_list": bool(people.may_list(request.user)),
    }
    return render(request, "desk/search.html", context)
