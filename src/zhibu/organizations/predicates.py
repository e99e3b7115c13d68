"""Conditions about organisations that packs may use. Each is one query for any number."""

from collections.abc import Collection
from datetime import date
from typing import Any

from pydantic import Field as Parameter
from pydantic import field_validator

from zhibu.core.dates import Duration
from zhibu.core.intervals import on_day
from zhibu.core.predicates import Params, predicate, shared, turned
from zhibu.organizations.models import Field, Organization, PartyGroup, Term
from zhibu.packs.schema.base import Days


def _ids(rows: Any, column: str = "pk") -> set[int]:
    return set(rows.values_list(column, flat=True))


def _terms(ids: Collection[int], on: date) -> list[Term]:
    """The terms running on ``on``. One query."""
    read = Term.objects.filter(on_day(on), organization__in=ids)
    return shared("organizations.terms", lambda: list(read))


@predicate("has_committee", subject="organization", title="设支部委员会")
def has_committee(ids: Collection[int], on: date, params: Params) -> set[int]:
    """The term running on that day is one with a committee."""
    return {term.organization_id for term in _terms(ids, on) if term.has_committee}


@predicate("has_groups", subject="organization", title="设党小组")
def has_groups(ids: Collection[int], on: date, params: Params) -> set[int]:
    """At least one party group exists on that day."""
    return _ids(PartyGroup.objects.filter(on_day(on), organization__in=ids), "organization")


@predicate("is_temporary", subject="organization", title="临时党支部")
def is_temporary(ids: Collection[int], on: date, params: Params) -> set[int]:
    return _ids(Organization.objects.filter(pk__in=ids, kind="temporary-branch"))


class Within(Params):
    """``within``: an ISO 8601 duration of days, months or years."""

    within: Days


@predicate("term_ends_within", subject="organization", title="离届满不到{within}", params=Within)
def term_ends_within(ids: Collection[int], on: date, params: Within) -> set[int]:
    """Counted back from the end of the term running on that day, the first day included.

    Six months before 31 December is 30 June.
    """
    span = Duration.parse(params.within)
    return {
        term.organization_id
        for term in _terms(ids, on)
        if term.ends_on and span.before(term.ends_on) <= on
    }


@predicate("term_is_over", subject="organization", title="已经届满")
def term_is_over(ids: Collection[int], on: date, params: Params) -> set[int]:
    """The term running on that day was due to end before it."""
    return {t.organization_id for t in _terms(ids, on) if t.ends_on and t.ends_on < on}


@turned("term_is_over")
def term_over_since(ids: Collection[int], on: date, params: Params) -> dict[int, date]:
    """The day the running term was due to end."""
    rows: Any = Term.objects.filter(on_day(on), organization__in=ids, ends_on__lt=on)
    return dict(rows.values_list("organization", "ends_on"))


class Length(Params):
    """``length``: an ISO 8601 duration of days, months or years."""

    length: Days


@predicate("term_is_longer_than", subject="organization", title="任期长于{length}", params=Length)
def term_is_longer_than(ids: Collection[int], on: date, params: Length) -> set[int]:
    """The term running on that day is set to last longer; a term without an end is not."""
    span = Duration.parse(params.length)
    return {
        term.organization_id
        for term in _terms(ids, on)
        if term.ends_on and span.after(term.since) < term.ends_on
    }


class Fields(Params):
    """``fields``: ids of 领域."""

    fields: list[str] = Parameter(min_length=1)

    @field_validator("fields")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        unknown = set(value) - set(Field.values)
        if unknown:
            raise ValueError(f"没有领域 {'、'.join(sorted(unknown))}")
        return value


def _fields(ids: Collection[int]) -> dict[int, str]:
    rows = Organization.objects.filter(pk__in=ids).values_list("pk", "field")
    return shared("organizations.fields", lambda: dict(rows))


@predicate("in_field", subject="organization", title="属于{fields}领域", params=Fields)
def in_field(ids: Collection[int], on: date, params: Fields) -> set[int]:
    """By today's 领域: an organisation's former ones are not kept."""
    return {pk for pk, field in _fields(ids).items() if field in params.fields}
