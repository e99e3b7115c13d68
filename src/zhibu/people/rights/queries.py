"""Who looked, what was agreed to, what was asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.core import standing
from zhibu.packs import catalogues
from zhibu.packs.catalogues import Listed
from zhibu.people.models import Consent, Correction, Holding, Opening, Person

if TYPE_CHECKING:
    from zhibu.organizations.models import Organization

OF = "consent-purposes"
PAGE = "资料页"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a person: who, when, at what, and why or in which capacity."""

    at: datetime
    who: str
    what: str
    why: str


def looks(person_id: int, *, most: int | None = None) -> list[Look]:
    """Reveals and openings together, newest first; all of them where ``most`` is None.

    Two queries.
    """
    person = Person(pk=person_id)
    reveals = person.reveals.select_related("by").order_by("-at", "-pk")[:most]
    openings = person.openings.select_related("by").order_by("-at", "-pk")[:most]
    found = [
        Look(row.at, row.by.display_name, row.get_field_display(), row.reason) for row in reveals
    ]
    found += [Look(row.at, row.by.display_name, PAGE, row.standing) for row in openings]
    return sorted(found, key=lambda look: look.at, reverse=True)[:most]


def noted(user: User, on: date) -> Exists:
    """For a query of people: whether ``user`` opened the page on ``on`` already."""
    rows = Opening.objects.filter(person=OuterRef("pk"), by=user.pk, opened_on=on)
    return Exists(rows)


def capacity(user: User, person: Person) -> str:
    """By which post or standing ``user`` sees the person: 郭村镇党委 组织干事."""
    for held in standing.with_permission(user, "people.view"):
        for path in filter(None, (person.path, person.host_path)):
            if held.covers(path):
                return f"{held.organization_name}{held.post}"
    return "本人"


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose with what the person said of it: the open consent, or None."""

    listed: Listed
    consent: Consent | None


def purposes(person_id: int, on: date) -> list[Purpose]:
    """Every purpose that needs the person's consent, with what holds now. One query."""
    rows = Consent.objects.filter(person=person_id, withdrawn_at=None).select_related("given_by")
    held = {row.purpose: row for row in rows}
    listed = catalogues.listed(OF, on).values()
    return [Purpose(one, held.get(one.token)) for one in listed]


def past_consents(person_id: int) -> QuerySet[Consent]:
    """What was taken back, newest first, with who noted it. One query."""
    rows = Consent.objects.filter(person=person_id, withdrawn_at__isnull=False)
    return rows.select_related("given_by", "withdrawn_by").order_by("-withdrawn_at", "-pk")


def corrections_of(person_id: int) -> QuerySet[Correction]:
    """What somebody asked to be put right, newest first. One query."""
    rows = Correction.objects.filter(person=person_id).select_related("answered_by")
    return rows.order_by("-asked_at", "-pk")


def deciders(home: "Organization", on: date) -> list[int]:
    """Accounts of whoever decides on corrections there: of the branch, else of its parent.

    Two queries, three where the branch has nobody.
    """
    granting = [role.id for role in roles.catalogue().values() if "people.change" in role.grants]
    for organization in filter(None, (home.pk, home.parent_id)):
        people = Holding.objects.in_post_on(on).filter(
            post__organization=organization, post__role__in=granting
        )
        found = User.objects.filter(person_id__in=people.values("person"), is_active=True)
        ids = list(found.values_list("pk", flat=True))
        if ids:
            return ids
    return []
