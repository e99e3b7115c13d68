from datetime import date
from typing import TYPE_CHECKING, Literal, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from zhibu.core import standing
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

State = Literal["done", "open", "overdue", "exempt", "not_applicable"]


class HolderKind(models.TextChoices):
    """Whose an obligation is: a typed reference, kind and id."""

    ORGANIZATION = "organization", "组织"
    PARTY_GROUP = "party-group", "党小组"
    PERSON = "person", "个人"
    POST = "post", "职务"
    PAIR = "pair", "一对"
    REGISTER_ROW = "register-row", "台账一行"


PERSONAL = (HolderKind.PERSON, HolderKind.PAIR)


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def visible_to(self, user: "User") -> Self:
        """Those of organisations within reach of ``duties.view``; persons' only to
        themselves and to whoever may see people there."""
        shown = standing.reach_q(user, "duties.view", "organization__path")
        people = standing.reach_q(user, "people.view", "organization__path")
        own = Q(holder_kind__in=PERSONAL, holder_id=user.person_id or 0)
        return self.filter((shown & (~Q(holder_kind__in=PERSONAL) | people)) | own)

    def personal(self) -> Self:
        return self.filter(holder_kind__in=PERSONAL)

    def impersonal(self) -> Self:
        """What the organisation, its groups and posts owe."""
        return self.exclude(holder_kind__in=PERSONAL)

    def of_person(self, person_id: int) -> Self:
        return self.personal().filter(holder_id=person_id)

    def begun(self, day: date) -> Self:
        return self.filter(period_since__lte=day)

    def owed(self) -> Self:
        """What counts in a denominator: it applies and nobody is exempt."""
        return self.filter(applies=True, is_exempt=False)

    def done(self, day: date) -> Self:
        return self.owed().filter(done_on__lte=day)

    def overdue(self, day: date) -> Self:
        """Owed, not done by ``day``, and its due day has passed; due today is not overdue."""
        return self.owed().filter(due_on__lt=day).exclude(done_on__lte=day)

    def waiting(self, day: date) -> Self:
        """Owed and not done by ``day``, begun, due today or later."""
        return self.begun(day).owed().filter(due_on__gte=day).exclude(done_on__lte=day)


class Obligation(models.Model):
    """What one holder owes in one period. Derived; see ``duties.derive``.

    ``done_on`` is the day the needed number was reached, null before. ``wording`` is the
    first day of the wording it stands under. ``ground_on`` is the day of the fact or
    activity it is reckoned from, null for calendar periods; ``closes_on`` the last day on
    which an entry is not 补记. ``credited_by`` names the activities that count (the talks,
    for a pair; what was made public, by minus its number), ``incomplete_by`` those that lack a
    required item. ``holder_id`` of a pair is the person who owes the talk.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="obligations")
    holder_kind = models.CharField(max_length=14, choices=HolderKind.choices)
    holder_id = models.BigIntegerField()
    pack = models.CharField(max_length=80)
    duty = models.CharField(max_length=60)
    wording = models.DateField()
    period_since = models.DateField()
    period_until = models.DateField()
    ground_on = models.DateField(null=True)
    due_on = models.DateField()
    closes_on = models.DateField()
    required = models.PositiveSmallIntegerField()
    applies = models.BooleanField()
    is_exempt = models.BooleanField(default=False)
    done = models.PositiveSmallIntegerField(default=0)
    done_on = models.DateField(null=True)
    held_late = models.BooleanField(default=False)
    entered_late = models.BooleanField(default=False)
    credited_by = models.JSONField(default=list)
    incomplete_by = models.JSONField(default=list)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder_kind", "holder_id", "pack", "duty", "period_since"],
                name="duties_obligation_once",
            ),
            models.CheckConstraint(
                name="duties_period_forward", condition=Q(period_until__gt=F("period_since"))
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "period_since"], name="duties_org_period"),
            models.Index(fields=["period_since", "pack", "duty"], name="duties_period_duty"),
            models.Index(fields=["holder_kind", "holder_id"], name="duties_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_kind}:{self.holder_id} {self.duty} {self.period_since}"

    @property
    def reference(self) -> str:
        return f"{self.pack}:{self.duty}"

    @property
    def activities(self) -> list[int]:
        """The activities that count: a talk, or what was made public, has a number of its own."""
        return [] if self.holder_kind == HolderKind.PAIR else [n for n in self.credited_by if n > 0]

    def state_on(self, day: date) -> State:
        """The obligation's state as of ``day``: what had been held by then counts."""
        if not self.applies:
            return "not_applicable"
        if self.is_exempt:
            return "exempt"
        if self.done_on is not None and self.done_on <= day:
            return "done"
        return "overdue" if self.due_on < day else "open"


class Credit(models.Model):
    """What one activity may count towards, one row a kind of it; or something made public, of the
    kind ``pack:catalogue/entry``. Derived from those.

    ``source_id`` is the activity's number; below zero, minus the number of the publication.

    ``credited_on`` is the day that decides the period: the day held, or the first day of
    the period it makes up.
    """

    source_id = models.BigIntegerField(db_index=True)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    group = models.ForeignKey(PartyGroup, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=140)
    held_on = models.DateField()
    credited_on = models.DateField()
    entered_on = models.DateField()
    items = models.JSONField(default=list)
    speaker_id = models.BigIntegerField(null=True)
    chair_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_id", "kind"], name="duties_credit_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "kind", "credited_on"], name="duties_credit_org"),
            models.Index(fields=["speaker_id"], name="duties_credit_speaker"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind}"


class Exemption(Protected):
    """Somebody above freed a holder from a duty in one period, with a reason."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    holder_kind = models.CharField(max_length=14, choices=HolderKind.choices)
    holder_id = models.BigIntegerField()
    pack = models.CharField(max_length=80)
    duty = models.CharField(max_length=60)
    period_since = models.DateField()
    reason = models.CharField("原因", max_length=200)
    given_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder_kind", "holder_id", "pack", "duty", "period_since"],
                condition=Q(withdrawn_at__isnull=True),
                name="duties_exemption_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.period_since}"


class Explanation(Protected):
    """The holder's own word on why something was not done. Shown beside the fact, always."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    holder_kind = models.CharField(max_length=14, choices=HolderKind.choices)
    holder_id = models.BigIntegerField()
    pack = models.CharField(max_length=80)
    duty = models.CharField(max_length=60)
    period_since = models.DateField()
    text = models.CharField("说明", max_length=300)
    given_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["organization", "period_since"], name="duties_explanation_org")
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.period_since}"


class Lapsed(models.Model):
    """A done obligation that is owed no longer: the day it was reckoned from has changed.

    Not derived: it says on the holder's page what became of it.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    holder_kind = models.CharField(max_length=14, choices=HolderKind.choices)
    holder_id = models.BigIntegerField()
    pack = models.CharField(max_length=80)
    duty = models.CharField(max_length=60)
    period_since = models.DateField()
    period_until = models.DateField()
    ground_on = models.DateField()
    done_on = models.DateField()
    credited_by = models.JSONField(default=list)
    lapsed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["holder_kind", "holder_id"], name="duties_lapsed_holder"),
        ]

    def __str__(self) -> str:
        return f"{self.duty} {self.period_since}"


class TalkQuerySet(models.QuerySet["Talk"]):
    def visible_to(self, user: "User") -> Self:
        """One's own, and those of branches where one records; the leader of a party group
        records for the group alone, and talks are no group's."""
        reach = standing.reach_q(user, "activities.record", "organization__path", groups=False)
        own = user.person_id or 0
        return self.filter(reach | Q(first=own) | Q(second=own))

    def of_person(self, person_id: int) -> Self:
        return self.filter(Q(first=person_id) | Q(second=person_id))

    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)

    def confirmed(self) -> Self:
        """Said by both sides to have taken place."""
        return self.standing().filter(
            first_confirmed_at__isnull=False, second_confirmed_at__isnull=False
        )


class Talk(Protected):
    """Two people talked on a day, and both say so. What was said is nobody's business here.

    ``first`` is who wrote it down, or the one it was written down for.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="talks")
    kind = models.CharField(max_length=140)
    first = models.ForeignKey(Person, models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, models.PROTECT, related_name="+")
    held_on = models.DateField("日期")
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    first_confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+"
    )
    first_confirmed_at = models.DateTimeField(null=True)
    second_confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+"
    )
    second_confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = TalkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="duties_talk_of_two", condition=~Q(first=F("second"))),
        ]
        indexes = [
            models.Index(fields=["first", "held_on"], name="duties_talk_first"),
            models.Index(fields=["second", "held_on"], name="duties_talk_second"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.held_on}"

    @property
    def recorded_on(self) -> date:
        return timezone.localdate(self.recorded_at)

    @property
    def is_confirmed(self) -> bool:
        return bool(self.first_confirmed_at and self.second_confirmed_at)
