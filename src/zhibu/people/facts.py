"""Days of people that duties may be reckoned from."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Min

from zhibu.core.facts import fact
from zhibu.people.models import MEMBERS, MembershipState, Person, State


def _first(
    ids: Collection[int], since: date, until: date, states: tuple[str, ...]
) -> dict[int, list[date]]:
    """The first day in one of ``states``, where it falls in the window. One query."""
    rows: Any = (
        MembershipState.objects.filter(person__in=ids, state__in=states)
        .values("person")
        .annotate(first=Min("since"))
        .filter(first__gte=since, first__lt=until)
    )
    return {pk: [day] for pk, day in rows.values_list("person", "first")}


@fact("born_on", subject="person", title="出生日期")
def born_on(ids: Collection[int], since: date, until: date) -> dict[int, list[date]]:
    rows: Any = Person.objects.filter(pk__in=ids, born_on__gte=since, born_on__lt=until)
    return {pk: [day] for pk, day in rows.values_list("pk", "born_on")}


@fact("joined_on", subject="person", title="入党日期")
def joined_on(ids: Collection[int], since: date, until: date) -> dict[int, list[date]]:
    """The day somebody became a probationary member, or a full one where only that is known."""
    return _first(ids, since, until, MEMBERS)


@fact("became_full_on", subject="person", title="转正日期")
def became_full_on(ids: Collection[int], since: date, until: date) -> dict[int, list[date]]:
    return _first(ids, since, until, (State.FULL,))
