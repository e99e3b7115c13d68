from typing import Any

from django import forms
from django.http import Http404
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import Ref, organization_for
from zhibu.api.sections import Section
from zhibu.burden import queries
from zhibu.core import standing
from zhibu.core.forms import day

section = Section("上限")


class CapsFilter(forms.Form):
    """Whose caps: at the organisation and below it."""

    is_filter = True
    organization = forms.IntegerField(label="哪个组织", min_value=1)
    on = day("哪天", required=False)


class UseLine(Schema):
    """How much of one cap one organisation has used in the period of the day; ``group`` tells
    which rows are counted together, "" where all are."""

    cap: str
    title: str
    book: str
    organization: Ref
    group: str
    period: str
    used: int
    most: int
    basis: str


@section.listing("/caps", "上限：一个组织和下面各用了多少", UseLine, CapsFilter)
def caps(call: Call) -> dict[str, Any]:
    asked = call.filled(CapsFilter(data=call.query))
    place = organization_for(call, asked["organization"])
    if not standing.may(call.user, "registers.view", place.path):
        raise Http404
    found = queries.told(call.user, place, asked["on"] or call.today)
    pairs = [(one, use) for one in found for use in (*one.own, *one.others)]
    return call.page(
        pairs,
        lambda some: [
            UseLine(
                cap=one.reference, title=one.cap.title, book=one.cap.book,
                organization=Ref.to(use.organization), group=use.title, period=one.period,
                used=use.used, most=use.most, basis=one.cited,
            )
            for one, use in some
        ],
    )  # fmt: skip
