"""What a pack's items mean is checked by the areas that run them.

``packs`` knows shapes; ``duties`` knows what a duty may refer to. An area registers one
function per kind of item in its ``apps.ready``.
"""

from collections.abc import Callable, Mapping

from zhibu.packs.reading import Fault, Pack, Wording

Others = Mapping[str, Pack]
Check = Callable[[Pack, Wording, Others], list[Fault]]

_checks: dict[str, list[Check]] = {}
_beside: list[Check] = []


def checks(kind: str) -> Callable[[Check], Check]:
    """Register a check of one kind of item. ``Others`` are all packs, this one included."""

    def register(function: Check) -> Check:
        _checks.setdefault(kind, []).append(function)
        return function

    return register


def checks_every_kind(function: Check) -> Check:
    """Register a check of all items, by an area that owns something they may name."""
    _beside.append(function)
    return function


def owner(kind: str) -> str:
    """The area that runs items of ``kind`` and checks what they mean; "" where none does."""
    return next((check.__module__.split(".")[1] for check in _checks.get(kind, [])), "")


def faults(pack: Pack, others: Others) -> list[Fault]:
    known = {**others, pack.id: pack}
    return [
        fault
        for (kind, _), wordings in sorted(pack.items.items())
        for wording in wordings
        for check in [*_checks.get(kind, []), *_beside]
        for fault in check(pack, wording, known)
    ]


def find(reference: str, kind: str, packs: Others) -> tuple[Wording, ...]:
    """Wordings of ``publisher/slug:item``; () where there is no such thing."""
    pack_id, _, item_id = reference.partition(":")
    pack = packs.get(pack_id)
    return pack.items.get((kind, item_id), ()) if pack else ()
