"""Conditions about where a case stands and whose it is, for outcomes of its own procedure."""

from collections.abc import Collection
from datetime import date

from pydantic import Field

from zhibu.cases.models import Case, Turn
from zhibu.core.predicates import Params, predicate
from zhibu.organizations.predicates import has_committee


class Steps(Params):
    """``stages``: ids of steps of the case's own procedure."""

    stages: list[str] = Field(min_length=1)


@predicate("step_is_open", subject="case", title="轮到{stages}，还没有办", params=Steps)
def step_is_open(ids: Collection[int], on: date, params: Steps) -> set[int]:
    """One of these steps is open now, whatever the day. One query."""
    rows = Turn.objects.open().filter(case__in=ids, stage__in=params.stages)
    return set(rows.values_list("case", flat=True))


@predicate("place_has_committee", subject="case", title="办的组织设支部委员会")
def place_has_committee(ids: Collection[int], on: date, params: Params) -> set[int]:
    """The organisation of the case has one in the term of that day. Two queries."""
    places = dict(Case.objects.filter(pk__in=ids).values_list("pk", "organization"))
    found = has_committee(set(places.values()), on, params)
    return {case for case, place in places.items() if place in found}
