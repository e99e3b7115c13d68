"""What is public, what hangs, what could and ought to be made public."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from zhibu.core import disclosures
from zhibu.core.disclosures import Status
from zhibu.publishing.models import (
    Edition,
    Publication,
    PublicationQuerySet,
    Voice,
    hash_of,
)

# --- what anybody sees


def edition() -> int:
    """The number of what is seen in public; 0 before anything was. One query."""
    return Edition.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def shown(today: date) -> PublicationQuerySet:
    """What anybody may read: for everybody, published by ``today``, neither withdrawn nor
    replaced by a later version, with their organisations; newest first. One query."""
    found = Publication.objects.published().filter(
        scope=Publication.Scope.SOCIETY, published_on__lte=today
    )
    return found.select_related("organization").newest_first()


def running(today: date) -> PublicationQuerySet:
    """Of these, the notices that hang on ``today``: first those that come down first. One query."""
    found = Publication.objects.running(today).filter(scope=Publication.Scope.SOCIETY)
    return found.select_related("organization").order_by("hang_until", "-pk")


def statuses(publications: Iterable[Publication]) -> dict[int, Status]:
    """By publication, how the record behind it stands now, of those that are followed and whose
    record is still known. One query a kind of record, whatever their number."""
    asked: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for one in publications:
        if one.is_followed and one.record is not None:
            asked[one.source][one.record].append(one.pk)
    found = {}
    for source, records in asked.items():
        if source not in disclosures.names():
            continue
        for record, status in disclosures.get(source).status(list(records)).items():
            found |= dict.fromkeys(records[record], status)
    return found


def voice_by_code(code: str) -> Voice | None:
    """What was asked or objected with this code, with the publication and its organisation.
    One query."""
    if not code.strip():
        return None
    rows = Voice.objects.select_related("publication__organization")
    return rows.filter(code_hash=hash_of(code)).first()


def answered_in_public(publication: Publication) -> list[Voice]:
    """Questions and objections that were answered for everybody, oldest first. One query."""
    return list(publication.voices.filter(in_public=True).order_by("answered_at", "pk"))
