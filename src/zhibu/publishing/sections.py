"""What this area tells of a person in the file they may take along, and when two become one."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from zhibu.core.dossier import section
from zhibu.core.merging import Gone, points_to_person
from zhibu.publishing.models import Audience, Publication, Receipt


@section(
    "签收的制度", order=75, columns=("标题", "第几版", "哪个组织", "什么时候"), covers=(Receipt,)
)
def receipts(person_id: int) -> Iterator[tuple[Any, ...]]:
    rows = Receipt.objects.filter(person=person_id)
    for row in rows.select_related("publication__organization").order_by("at", "pk"):
        one = row.publication
        yield one.title, one.version, one.organization.name, timezone.localtime(row.at)


@section("向本人公开的", order=76, columns=("标题", "哪个组织", "哪天"), covers=(Audience,))
def audiences(person_id: int) -> Iterator[tuple[Any, ...]]:
    """What was made public to the person by name, once it was."""
    rows = Audience.objects.filter(person=person_id, publication__state__in=Publication.OUT)
    for row in rows.select_related("publication__organization").order_by("pk"):
        one = row.publication
        yield one.title, one.organization.name, one.published_on


def _receipts(kept: int, gone: int) -> Gone:
    """Who read it under both records read it once."""
    read = Receipt.objects.filter(person=kept).values("publication")
    twice = Receipt.objects.filter(person=gone, publication__in=read)
    removed = [(Receipt._meta.label_lower, pk) for pk in twice.values_list("pk", flat=True)]
    Receipt.objects.filter(pk__in=[pk for _, pk in removed]).delete()
    Receipt.objects.filter(person=gone).update(person=kept)
    return removed


def _audiences(kept: int, gone: int) -> Gone:
    named = Audience.objects.filter(person=kept).values("publication")
    twice = Audience.objects.filter(person=gone, publication__in=named).values_list("pk", flat=True)
    Audience.objects.filter(pk__in=list(twice)).delete()
    Audience.objects.filter(person=gone).update(person=kept)
    return []


points_to_person(Receipt, "person_id", record=(Receipt, "pk"), move=_receipts)
points_to_person(Audience, "person_id", record=(Publication, "publication_id"), move=_audiences)
