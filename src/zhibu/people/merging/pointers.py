"""The columns of people and accounts that point to a person, and what a merge does with each.

States, branches and party groups are lines in time that the merge itself chooses between.
"""

from django.db.models import Q

from zhibu.accounts.models import User
from zhibu.core.merging import Gone, points_to_person
from zhibu.people.models import (
    Belonging,
    Consent,
    Correction,
    GroupMembership,
    Handover,
    Holding,
    MemberGrouping,
    MembershipState,
    Merge,
    NameToken,
    NotSame,
    Opening,
    Person,
    Reveal,
)


def _stays(kept: int, gone: int) -> Gone:
    """The merge has seen to it, or the rows go with the record."""
    return []


def _holdings(kept: int, gone: int) -> Gone:
    """A post held twice at a time by the two was held once."""
    for row in Holding.objects.filter(person=gone):
        same = Holding.objects.filter(person=kept, post=row.post_id)
        same = same.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=row.since))
        if row.ended_on is not None:
            same = same.filter(since__lt=row.ended_on)
        twin = same.first()
        if twin is None:
            Holding.objects.filter(pk=row.pk).update(person=kept)
        else:
            Handover.objects.filter(holding=row).update(holding=twin)
            row.delete()
    return []


def _member_groups(kept: int, gone: int) -> Gone:
    """What would overlap in one group falls away."""
    fallen: Gone = []
    for row in MemberGrouping.objects.filter(person=gone):
        same = MemberGrouping.objects.filter(person=kept, group=row.group)
        same = same.filter(Q(until__isnull=True) | Q(until__gt=row.since))
        if row.until is not None:
            same = same.filter(since__lt=row.until)
        if same.exists():
            fallen.append(("people.membergrouping", row.pk))
            row.delete()
        else:
            MemberGrouping.objects.filter(pk=row.pk).update(person=kept)
    return fallen


def _openings(kept: int, gone: int) -> Gone:
    """One who opened both on one day opened one."""
    twice = Opening.objects.filter(person=kept).values_list("by", "opened_on")
    known = set(twice)
    rows = list(Opening.objects.filter(person=gone))
    fallen = [row for row in rows if (row.by_id, row.opened_on) in known]
    Opening.objects.filter(pk__in=[row.pk for row in fallen]).delete()
    Opening.objects.filter(person=gone).update(person=kept)
    return [("people.opening", row.pk) for row in fallen if row.is_recorded]


def _consents(kept: int, gone: int) -> Gone:
    """Of two consents to one purpose that hold, the kept record's stands."""
    held = Consent.objects.filter(person=kept, withdrawn_at=None).values("purpose")
    twice = Consent.objects.filter(person=gone, withdrawn_at=None, purpose__in=held)
    fallen = list(twice.values_list("pk", flat=True))
    Consent.objects.filter(pk__in=fallen).delete()
    Consent.objects.filter(person=gone).update(person=kept)
    return [("people.consent", pk) for pk in fallen]


def _not_same(kept: int, gone: int) -> Gone:
    """Who was told apart from the one that is no more has to be looked at anew."""
    rows = NotSame.objects.filter(Q(one=gone) | Q(other=gone))
    fallen = list(rows.values_list("pk", flat=True))
    rows.delete()
    return [("people.notsame", pk) for pk in fallen]


def _account(kept: int, gone: int) -> Gone:
    """The kept record's account goes on; a second one is stopped and is nobody's."""
    rows = User.objects.filter(person_id=gone)
    if User.objects.filter(person_id=kept).exists():
        rows.update(person_id=None, is_active=False, code_hash="", code_expires_at=None)
    else:
        rows.update(person_id=kept)
    return []


points_to_person(NameToken, "person_id", move=_stays)
points_to_person(MembershipState, "person_id", move=_stays)
points_to_person(Belonging, "person_id", move=_stays)
points_to_person(GroupMembership, "person_id", move=_stays)
points_to_person(Holding, "person_id", record=(Person, "person_id"), move=_holdings)
points_to_person(Reveal, "person_id")
points_to_person(MemberGrouping, "person_id", record=(MemberGrouping, "pk"), move=_member_groups)
points_to_person(Opening, "person_id", record=(Opening, "pk"), move=_openings)
points_to_person(Consent, "person_id", record=(Consent, "pk"), move=_consents)
points_to_person(Correction, "person_id", record=(Correction, "pk"))
points_to_person(Handover, "successor_id", record=(Handover, "pk"))
points_to_person(Merge, "kept_id", record=(Merge, "pk"))
points_to_person(NotSame, "one_id", move=_not_same)
points_to_person(NotSame, "other_id", move=_not_same)
points_to_person(User, "person_id", record=(User, "pk"), move=_account)
