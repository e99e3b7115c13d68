"""Headcounts that organisations, reports and packs may ask for by name."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count

from zhibu.core.intervals import on_day
from zhibu.core.measures import Figure, Params, measure
from zhibu.people.models import MEMBERS, Belonging, MembershipState


def _by_home(rows: Any, ids: Sequence[int], on: date) -> dict[int, Figure]:
    counts = dict(
        rows.filter(on_day(on), organization__in=ids, kind=Belonging.Kind.HOME)
        .values("organization")
        .annotate(people=Count("person", distinct=True))
        .values_list("organization", "people")
    )
    return {pk: Figure(counts.get(pk, 0), None, on) for pk in ids}


@measure("people.persons", title="人员数", unit="人", grain="organization")
def persons(
    ids: Sequence[int], since: date, until: date, on: date, params: Params
) -> dict[int, Figure]:
    """组织关系在这个组织（不含下级）的人，有没有党员身份都算。"""
    return _by_home(Belonging.objects.all(), ids, on)


@measure("people.members", title="党员数", unit="人", grain="organization")
def members(
    ids: Sequence[int], since: date, until: date, on: date, params: Params
) -> dict[int, Figure]:
    """组织关系在这个组织（不含下级）的正式党员和预备党员。"""
    states = MembershipState.objects.filter(on_day(on), state__in=MEMBERS)
    return _by_home(Belonging.objects.filter(person__in=states.values("person")), ids, on)
