"""Who may see and change the files of a record: answered by the area that owns it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhibu.core.verdicts import Verdict

if TYPE_CHECKING:
    from zhibu.accounts.models import User


@dataclass(frozen=True, slots=True)
class Owner:
    """A kind of record that files belong to; ``type`` is its ``area.model``.

    ``visible(user, ids)`` gives those of ``ids`` that the user may see, in one query.
    ``may_change(user, id)`` is the rule for adding and, unless ``may_remove`` says otherwise,
    for removing. ``address(id)`` is the record's page. ``most`` files belong to one record.
    """

    type: str
    visible: Callable[["User", Collection[int]], set[int]]
    may_change: Callable[["User", int], Verdict]
    address: Callable[[int], str]
    may_remove: Callable[["User", int], Verdict]
    most: int


MOST = 20
_registry: dict[str, Owner] = {}


def register(
    type: str,  # noqa: A002 - the record's type, as everywhere in the ledger
    *,
    visible: Callable[["User", Collection[int]], set[int]],
    may_change: Callable[["User", int], Verdict],
    address: Callable[[int], str],
    may_remove: Callable[["User", int], Verdict] | None = None,
    most: int = MOST,
) -> None:
    if type in _registry:
        raise ValueError(f"{type} 登记了两次")
    _registry[type] = Owner(type, visible, may_change, address, may_remove or may_change, most)


def get(type: str) -> Owner:  # noqa: A002
    """Raises ``KeyError`` for a type nobody registered."""
    return _registry[type]
