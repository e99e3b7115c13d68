"""What the ledger has had sealed since: the order in which changes can be read without a gap.

Numbers of entries are handed out before their transactions end, so a higher one may be seen
before a lower one. Places in the sealed tree are given to what is there already.
"""

from dataclasses import dataclass

from zhibu.ledger.models import Entry, Sealed

MOST = 2000


@dataclass(frozen=True, slots=True)
class Changed:
    """Where something was done: ``organization`` None where it is nobody's alone."""

    organization: int | None
    kind: str


def end() -> int:
    """The place in the tree that is sealed next. One query."""
    last = Sealed.objects.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def since(position: int) -> set[Changed] | None:
    """What was sealed at ``position`` and after; None where that is more than ``MOST``. One
    query."""
    rows = Entry.objects.filter(sealed__position__gte=position).order_by("sealed__position")
    found = list(rows.values_list("organization_id", "kind")[: MOST + 1])
    return {Changed(*row) for row in found} if len(found) <= MOST else None
