"""What a request asks to be counted: 404 where one may not, the usual for what is wrong."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.http import Http404
from django.shortcuts import get_object_or_404

from zhibu.core import hats
from zhibu.core.http import SignedInRequest, day_asked
from zhibu.core.paths import AFTER
from zhibu.insight import rules
from zhibu.insight.queries import windows
from zhibu.insight.questions import Question
from zhibu.insight.scopes import Scope
from zhibu.insight.subjects import SUBJECTS, Subject
from zhibu.organizations.models import BRANCHES, Organization
from zhibu.organizations.queries import as_of

VIEW = "insight.view"


def top_asked(request: SignedInRequest, on: date) -> Any:
    """The organisation asked for, else that of the hat worn, else of the first that counts.

    With ``path_on``, where it stood on ``on``, and ``size``, how many lie under it. One query.
    """
    asked = request.GET.get("organization", "")
    if asked:
        pk = int(asked) if asked.isdecimal() and len(asked) < 12 else 0
    else:
        worn = hats.worn(request)
        fitting = [hat for hat in hats.of(request) if hat.may(VIEW)]
        if not fitting:
            raise Http404
        pk = (worn if worn in fitting and worn else fitting[0]).organization_id or 0
    rows = Organization.objects.reached_by(request.user, VIEW)
    return get_object_or_404(as_of(rows, on).annotate(size=_size()), pk=pk)


def _size() -> Any:
    """How many organisations lie under one, itself included, counted in its own query."""
    below = Organization.all_rows.filter(
        path__gte=OuterRef("path"), path__lt=Concat(OuterRef("path"), Value(AFTER))
    )
    counted = below.order_by().annotate(n=Func("pk", function="COUNT")).values("n")
    return Subquery(counted, output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Asked:
    """A scope and the id of its window."""

    scope: Scope
    window_id: str


def scope_asked(request: SignedInRequest, today: date, *, usual: str = "year") -> Asked:
    """One query beyond the standings'."""
    known = windows(day_asked(request, today))
    window_id = request.GET.get("window", "")
    if window_id not in known:
        window_id = usual
    window = known[window_id]
    top = top_asked(request, window.on)
    whole = rules.counts_below(request.user, top)
    return Asked(Scope(top, whole, window, top.path_on, top.size), window_id)


def subject_asked(request: SignedInRequest) -> Subject:
    return SUBJECTS.get(request.GET.get("subject", ""), SUBJECTS["duties"])


def question_asked(request: SignedInRequest, today: date) -> Question:
    """The table asked for; a dimension the subject has not falls back, as does one twice."""
    asked, subject = scope_asked(request, today), subject_asked(request)
    row = subject.dimension(request.GET.get("row", "")) or subject.dimensions[0]
    wanted = request.GET.get("column", "")
    column = subject.dimension(wanted) if wanted else subject.dimensions[1]
    if column is not None and column.id == row.id:
        column = None
    return Question(subject, row, column, asked.scope, asked.window_id)


def scopes(request: SignedInRequest, top: Organization) -> list[Organization]:
    """What the range may be changed to: ``top``, its parent, what lies right below. One query."""
    near = Q(pk=top.pk) | Q(pk=top.parent_id) | (Q(parent=top) & ~Q(kind__in=BRANCHES))
    found = Organization.objects.reached_by(request.user, VIEW).filter(near, dissolved_on=None)
    return sorted(found.in_order(), key=lambda row: (row.pk != top.pk, row.pk != top.parent_id))
