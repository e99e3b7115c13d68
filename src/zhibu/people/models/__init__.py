"""Rows of people, by subject: who they are, and what is kept beside it."""

from zhibu.people.models.handover import Handover
from zhibu.people.models.membergroups import MemberGrouping
from zhibu.people.models.merging import Merge, NotSame
from zhibu.people.models.persons import (
    MEMBERS,
    Belonging,
    GroupMembership,
    Holding,
    HoldingQuerySet,
    MembershipState,
    NameToken,
    Person,
    PersonManager,
    PersonQuerySet,
    Reveal,
    Sex,
    State,
)
from zhibu.people.models.rights import Consent, Correction, Opening

__all__ = [
    "MEMBERS",
    "Belonging",
    "Consent",
    "Correction",
    "GroupMembership",
    "Handover",
    "Holding",
    "HoldingQuerySet",
    "MemberGrouping",
    "MembershipState",
    "Merge",
    "NameToken",
    "NotSame",
    "Opening",
    "Person",
    "PersonManager",
    "PersonQuerySet",
    "Reveal",
    "Sex",
    "State",
]
