"""Freeing many holders of one duty in one period, for one reason."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhibu.core import many, standing
from zhibu.core.http import SignedInRequest
from zhibu.core.verdicts import no, require
from zhibu.duties import actions as duties
from zhibu.duties import queries
from zhibu.duties.forms import ExemptForm
from zhibu.insight.views.owed import column_asked


@login_required
@require_http_methods(["GET", "POST"])
def exempt_many(request: SignedInRequest) -> HttpResponse:
    """Choose among those who have not done it, look, free them."""
    top, rows = column_asked(request)
    if not standing.may(request.user, "duties.exempt", top.path):
        require(no("不能免办：由上级党委免。请向上级说明情况。"))
    on = timezone.localdate()
    waiting = rows.filter(applies=True, is_exempt=False, done_on=None)
    found = queries.worded(list(waiting[: many.MOST + 1]), on)
    if not found and not rows.exists():
        raise Http404
    now = timezone.now()
    title = f"免办：{found[0].title} {found[0].period}" if found else "免办"
    errand: many.Errand[Any] = many.Errand(
        title=title,
        offers=[_offer(row, on) for row in found[: many.MOST]],
        form=ExemptForm(request.POST or None),
        act=lambda row, values: duties.exempt(
            row, reason=values["reason"], by=request.user, at=now
        ),
        change=lambda values: f"这一期不算应办，理由：{values['reason']}",
        back=f"{reverse('insight:column')}?{request.GET.urlencode()}",
        context={
            "crumb": "名单",
            "unit": "项",
            "about": "支部和上级都看得到理由。",
            "is_cut": len(found) > many.MOST,
        },
    )
    return many.answer(request, errand)


def _offer(row: queries.Owed, on: Any) -> many.Offer[Any]:
    owed = row.obligation
    title = f"{owed.organization.called} {row.holder}".strip()
    return many.Offer(owed.pk, owed, title, f"{owed.due_on}到期")
