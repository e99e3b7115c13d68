"""What records already say was done: answered by the areas that keep them, asked by lower ones.

Somebody who asks whether units or people did something looks here before asking anybody to
type it. Every source answers for many subjects in one query.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import QuerySet

Subject = Literal["organization", "person"]
Ids = Collection[int] | QuerySet[Any]
Row = tuple[int, str, date, int]
Answer = Callable[[Ids, Collection[str], date, date], Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Source:
    """``organizations`` and ``people`` take ids (or a query that gives them), kinds, the first
    and the last day; each row is subject, kind, day and the record's own number.

    ``address`` gives the page of a record.
    """

    name: str
    organizations: Answer
    people: Answer
    address: Callable[[int], str]


_sources: dict[str, Source] = {}


def provides(source: Source) -> None:
    """Register an area's records; a second registration under a name is an error."""
    if source.name in _sources:
        raise ValueError(f"{source.name} 登记了两次")
    _sources[source.name] = source


def of(
    subject: Subject, ids: Ids, kinds: Collection[str], since: date, last_on: date
) -> list[tuple[str, int, str, date, int]]:
    """Source, subject, kind, day, record: what took place and counts between two days.

    One query a source; none where nobody or nothing is asked for.
    """
    if not kinds or since > last_on or (not isinstance(ids, QuerySet) and not ids):
        return []
    return [
        (source.name, *row)
        for source in _sources.values()
        for row in (source.organizations if subject == "organization" else source.people)(
            ids, kinds, since, last_on
        )
    ]


def address(source: str, record: int) -> str:
    return _sources[source].address(record)
