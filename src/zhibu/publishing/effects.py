"""What becomes of what is to be made public when its organisation ends and another takes over."""

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from zhibu.core.effects import effect
from zhibu.core.succession import Follow, Following, follows
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization
from zhibu.publishing import telling
from zhibu.publishing.actions import Kind
from zhibu.publishing.models import Publication, Voice

if TYPE_CHECKING:
    from zhibu.accounts.models import User

FOLLOW = "publishing.follow"


@effect(FOLLOW, title="在办的公开由接续的组织来办", params=Follow)
def follow(params: Follow, by: "User | None", at: datetime) -> None:
    """What is on its way goes on in the successor; what was let out stays with whoever let it out,
    and whoever is above answers what was asked about it. They are told."""
    rows = Publication.objects.select_for_update(of=("self",)).open()
    moved = list(rows.filter(organization__in=params.homes).order_by("pk"))
    places = Organization.objects.in_bulk({params.homes[one.organization_id] for one in moved})
    for one in moved:
        one.organization = places[params.homes[one.organization_id]]
    Publication.objects.bulk_update(moved, ["organization"], batch_size=500)
    if moved:
        about = Organization.all_rows.get(pk=params.about)
        ledger.record(
            Kind.FOLLOWED, about, organization=about.pk, by=by, at=at, occurred=params.on,
            touched=moved,
        )  # fmt: skip
    for one in moved:
        telling.tell_next(one, by=by, at=at, is_again=True)
    asked = Voice.objects.open().filter(publication__organization__in=params.homes)
    for voice in asked.select_related("publication__organization").order_by("pk"):
        telling.tell_of_voice(voice, at=at, is_again=True)


def _underway(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Publication.objects.open().filter(organization__in=ids)
    counts = rows.values("organization").annotate(rows=Count("pk")).order_by()
    return dict(counts.values_list("organization", "rows"))


def _asked(ids: Collection[int], on: date) -> dict[int, int]:
    rows = Voice.objects.open().filter(publication__organization__in=ids)
    counts = rows.values("publication__organization").annotate(rows=Count("pk")).order_by()
    return dict(counts.values_list("publication__organization", "rows"))


def register() -> None:
    follows(Following(FOLLOW, "在办的公开", "条", "由接续的组织来办", _underway, 47))
    follows(Following(FOLLOW, "没答复的问题、异议", "条", "由上级答复", _asked, 47))
