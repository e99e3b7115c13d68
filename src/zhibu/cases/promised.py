"""Promises and whether they were kept, over all kinds whose pack says what counts as kept."""

from datetime import date

from django.db.models import Q

from zhibu.cases.models import Case
from zhibu.core import paths
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure


def kept_as() -> dict[str, frozenset[str]]:
    """``pack:procedure`` → what a kept one may be called at its end, by any of its wordings."""
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            words: set[str] = set()
            for wording in wordings:
                assert isinstance(wording.item, Procedure)
                words |= set(wording.item.kept_as)
            if words and not wordings[-1].item.is_confidential:  # type: ignore[attr-defined]
                found[f"{pack.id}:{wordings[0].id}"] = frozenset(words)
    return found


def titles() -> dict[str, str]:
    """``pack:procedure`` → title, of those that make promises."""
    found = {}
    for reference in kept_as():
        pack_id, _, name = reference.partition(":")
        found[reference] = library.packs()[pack_id].items["procedures", name][-1].item.title
    return found


def is_kept(on: date) -> Q:
    """Cases that were kept by the evening of ``on``; none where no pack makes promises."""
    found = paths.nothing()
    for reference, words in kept_as().items():
        found |= Q(procedure=reference, ended_as__in=words)
    return found & Q(state=Case.State.ENDED, ended_on__lte=on)
