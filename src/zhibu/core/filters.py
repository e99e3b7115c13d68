"""Lists whose filter somebody may keep under a name: each says which words of its address.

The list's own form judges the words again whenever it is opened; here they are only sorted
from what is no part of the filter (page, export) and from what must not be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from zhibu.core import searching

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A list at ``url_name``; ``names`` are the parts of its address that make its filter.

    ``day`` names the part that is the day looked at: today is not kept, so that the filter
    opened tomorrow speaks of tomorrow.
    """

    url_name: str
    title: str
    names: tuple[str, ...]
    day: str = ""

    def query(self, given: Mapping[str, str], today: date) -> str:
        """The address's query for what is worth keeping of ``given``, in fixed order; "" where
        that is nothing, where it holds somebody's number, or where it is too long."""
        query = QueryDict(mutable=True)
        for name in self.names:
            value = given.get(name, "").strip()
            if searching.is_withheld(value):
                return ""
            if value and not (name == self.day and value == today.isoformat()):
                query[name] = value
        text = query.urlencode()
        return text if len(text) <= LONGEST else ""


_lists: dict[str, Kept] = {}


def register(kept: Kept) -> None:
    _lists[kept.url_name] = kept


def of(url_name: str) -> Kept | None:
    """The list of that name; None where its filter cannot be kept."""
    return _lists.get(url_name)


def lists() -> list[Kept]:
    return list(_lists.values())
