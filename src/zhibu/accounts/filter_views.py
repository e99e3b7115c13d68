"""One's own filters: kept from a list, renamed, deleted, all of them on one page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhibu.accounts import saving
from zhibu.accounts.forms import RenameForm, SaveForm
from zhibu.accounts.models import SavedFilter
from zhibu.core import filters
from zhibu.core.filters import Kept
from zhibu.core.forms import attempt
from zhibu.core.http import SignedInRequest, saved

FORM = "accounts/filter_form.html"


def _filter_for(request: SignedInRequest, pk: int) -> tuple[SavedFilter, Kept]:
    """One's own filter and its list; 404 for another's, or where the list keeps none."""
    found = get_object_or_404(SavedFilter.objects.visible_to(request.user), pk=pk)
    if found.kept is None:
        raise Http404
    return found, found.kept


@login_required
@require_safe
def listing(request: SignedInRequest) -> HttpResponse:
    rows = SavedFilter.objects.visible_to(request.user).in_order()
    context = {"rows": [row for row in rows if row.kept], "most": saving.MOST}
    return render(request, "accounts/filter_list.html", context)


@login_required
@require_POST
def save(request: SignedInRequest) -> HttpResponse:
    """Keep the filter of the page it is sent from, and go back to it."""
    kept = filters.of(request.POST.get("page", ""))
    if kept is None:
        raise Http404
    query = kept.query(QueryDict(request.POST.get("query", "")).dict(), timezone.localdate())
    form = SaveForm({**request.POST.dict(), "query": query or "-"})
    address = f"{reverse(kept.url_name)}?{query}"
    if form.is_valid() and attempt(
        form,
        lambda: saving.save(
            kept, query, name=form.cleaned_data["name"], by=request.user, at=timezone.now()
        ),
    ):
        saved(request, f"已存下“{form.cleaned_data['name']}”，在这一页和“我的”里都能打开。")
        return redirect(address)
    context: dict[str, Any] = {
        "form": form,
        "title": "保存这个筛选",
        "action": reverse("accounts:save_filter"),
        "back": address,
        "where": kept.title,
    }
    return render(request, FORM, context)


@login_required
@require_http_methods(["GET", "POST"])
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    row, kept = _filter_for(request, pk)
    form = RenameForm(request.POST or None, initial={"name": row.name})
    if form.is_valid() and attempt(
        form,
        lambda: saving.rename(row, kept, name=form.cleaned_data["name"], by=request.user),
    ):
        saved(request, f"现在叫“{form.cleaned_data['name']}”。")
        return redirect("accounts:filters")
    context: dict[str, Any] = {
        "form": form,
        "title": f"“{row.name}”改个名字",
        "action": "",
        "back": reverse("accounts:filters"),
        "where": kept.title,
    }
    return render(request, FORM, context)


@login_required
@require_POST
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    row, _ = _filter_for(request, pk)
    saving.delete(row, by=request.user)
    saved(request, f"“{row.name}”已删掉。")
    return redirect("accounts:filters")
