"""Days of organisations that duties may be reckoned from."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from zhibu.core.facts import fact
from zhibu.organizations.models import Organization, Term


def _by_id(rows: Iterable[tuple[int, date]]) -> dict[int, list[date]]:
    found: dict[int, list[date]] = defaultdict(list)
    for pk, day in sorted(set(rows)):
        found[pk].append(day)
    return found


@fact("established_on", subject="organization", title="成立日期")
def established_on(ids: Collection[int], since: date, until: date) -> dict[int, list[date]]:
    rows: Any = Organization.objects.filter(
        pk__in=ids, established_on__gte=since, established_on__lt=until
    )
    return _by_id(rows.values_list("pk", "established_on"))


@fact("term_ends_on", subject="organization", title="届满日")
def term_ends_on(ids: Collection[int], since: date, until: date) -> dict[int, list[date]]:
    """The day each term was set to end, past terms included; terms without one are left out."""
    rows: Any = Term.objects.filter(organization__in=ids, ends_on__gte=since, ends_on__lt=until)
    return _by_id(rows.values_list("organization", "ends_on"))
