from datetime import date, time
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from zhibu.core import standing
from zhibu.imports.models import Imported, settled
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

REFERENCE = 140  # publisher/slug:item


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: "User") -> Self:
        """Activities of organisations where ``user`` may see them."""
        return self.filter(standing.reach_q(user, "activities.view", "organization__path"))

    def took_place(self) -> Self:
        """Held or confirmed: what counts. Plans, cancelled and void ones do not."""
        return self.filter(status__in=[Activity.Status.HELD, Activity.Status.CONFIRMED])

    def planned(self) -> Self:
        return self.filter(status=Activity.Status.PLANNED)

    def latest_first(self) -> Self:
        return self.order_by("-starts_at", "-pk")


class ActivityManager(models.Manager["Activity"]):
    """Only activities that may be seen: rows of an unsettled import are not there."""

    def get_queryset(self) -> ActivityQuerySet:
        return ActivityQuerySet(self.model, using=self._db).filter(settled())


class Activity(Protected, Imported):
    """One sitting. ``held_on`` is the local day of ``starts_at``; ``recorded_at`` is when it
    was first entered as held, null while it is only planned.

    ``is_brought_in``: 补录, from the books of the years before its organisation recorded
    here; midnight then says that the book gives no time. ``stated_due`` and
    ``stated_present`` are the numbers of such a book where nobody knows the names.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", "已计划"
        HELD = "held", "已记录"
        CONFIRMED = "confirmed", "已确认"
        CANCELLED = "cancelled", "已取消"
        VOID = "void", "已作废"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="activities")
    group = models.ForeignKey(PartyGroup, models.PROTECT, null=True, related_name="activities")
    status = models.CharField(max_length=10, choices=Status.choices)
    theme = models.CharField("主题", max_length=100, default="", blank=True)
    starts_at = models.DateTimeField("时间")
    held_on = models.DateField(editable=False)
    place = models.CharField("地点", max_length=100, default="", blank=True)
    agenda = models.TextField("议题与决定", default="", blank=True)
    chair = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recorder = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    speaker = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    items = models.JSONField(default=list)
    version = models.PositiveSmallIntegerField(default=1)
    planned_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_reason = models.CharField("原因", max_length=200, default="", blank=True)
    is_brought_in = models.BooleanField(default=False, db_default=False, editable=False)
    stated_due = models.PositiveSmallIntegerField(null=True, editable=False)
    stated_present = models.PositiveSmallIntegerField(null=True, editable=False)

    all_rows = ActivityQuerySet.as_manager()
    objects = ActivityManager.from_queryset(ActivityQuerySet)()

    class Meta:
        base_manager_name = "all_rows"
        default_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                name="activities_stated_whole",
                condition=Q(stated_due=None, stated_present=None)
                | Q(
                    is_brought_in=True,
                    stated_due__isnull=False,
                    stated_present__isnull=False,
                    stated_present__lte=F("stated_due"),
                ),
            ),
            models.CheckConstraint(
                name="activities_recorded_with_time_and_person",
                condition=Q(status__in=["planned", "cancelled"])
                | Q(recorded_at__isnull=False, recorded_by__isnull=False),
            ),
            models.CheckConstraint(
                name="activities_confirmed_with_time_and_person",
                condition=(Q(confirmed_at=None, confirmed_by=None) & ~Q(status="confirmed"))
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="activities_ended_with_reason",
                condition=~Q(status__in=["cancelled", "void"]) | ~Q(ended_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-starts_at"], name="activities_org"),
            models.Index(fields=["held_on"], name="activities_held_on"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.held_on}"

    def get_absolute_url(self) -> str:
        return reverse("activities:detail", args=[self.pk])

    @property
    def has_taken_place(self) -> bool:
        return self.status in {self.Status.HELD, self.Status.CONFIRMED}

    @property
    def is_planned(self) -> bool:
        return self.status == self.Status.PLANNED

    @property
    def is_time_known(self) -> bool:
        """Whether it is known at what time of the day it began."""
        return not self.is_brought_in or timezone.localtime(self.starts_at).time() != time.min

    @property
    def entered_on(self) -> date:
        """The day from which lateness of the entry is judged: of what an old book says, the
        day held. It was written down then, and nobody is late with it now."""
        if self.is_brought_in or self.recorded_at is None:
            return self.held_on
        return timezone.localdate(self.recorded_at)

    def kinds_in_order(self) -> "list[KindOf]":
        """The first one first. No query where the kinds are prefetched."""
        return sorted(self.kinds.all(), key=lambda kind: kind.pk)


class KindOf(models.Model):
    """One kind an activity carries. ``wording`` is the first day of the wording in force.

    ``makes_up`` is the first day of the earlier period it is held for, where it is.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="kinds")
    reference = models.CharField(max_length=REFERENCE)
    title = models.CharField(max_length=60)
    wording = models.DateField()
    makes_up = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "reference"], name="activities_kind_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Participation(models.Model):
    """Somebody's attendance, frozen. ``is_due``: on the roll; ``is_entitled``: has a vote.

    A guest has a name instead of a person. ``asked_beforehand``: leave was asked before it.
    """

    class Status(models.TextChoices):
        PRESENT = "present", "到会"
        ABSENT = "absent", "缺席"
        OBSERVER = "observer", "列席"

    class Reason(models.TextChoices):
        ILL = "ill", "生病"
        AWAY = "away", "外出务工"
        DUTY = "duty", "公务"
        CARE = "care", "照顾家人"
        OTHER = "other", "其他"
        NONE = "none", "没有说明"

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="participations")
    guest_name = models.CharField(max_length=60, default="", blank=True)
    status = models.CharField(max_length=8, choices=Status.choices)
    reason = models.CharField(max_length=8, choices=Reason.choices, default="", blank=True)
    asked_beforehand = models.BooleanField(default=False)
    is_due = models.BooleanField(default=True)
    is_entitled = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "person"], name="activities_person_once"),
            models.CheckConstraint(
                name="activities_person_or_guest",
                condition=(Q(person__isnull=False) & Q(guest_name=""))
                | (Q(person=None) & ~Q(guest_name="") & Q(status="observer")),
            ),
            models.CheckConstraint(
                name="activities_reason_for_absent",
                condition=(Q(status="absent") & ~Q(reason=""))
                | (~Q(status="absent") & Q(reason="")),
            ),
            models.CheckConstraint(
                name="activities_entitled_are_due",
                condition=Q(is_entitled=False) | Q(is_due=True),
            ),
        ]
        indexes = [models.Index(fields=["person", "status"], name="activities_person_status")]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.person_id or self.guest_name} {self.status}"


class Decision(models.Model):
    """Something decided. With a vote: totals, the frozen roll, and the judgement by the rule
    in force that day; ``basis`` is the citation as the page writes it."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField("决定", max_length=500)
    is_vote = models.BooleanField(default=False)
    entitled = models.PositiveSmallIntegerField(null=True)
    present = models.PositiveSmallIntegerField(null=True)
    yes = models.PositiveSmallIntegerField(null=True)
    no = models.PositiveSmallIntegerField(null=True)
    abstain = models.PositiveSmallIntegerField(null=True)
    present_needed = models.PositiveSmallIntegerField(null=True)
    yes_needed = models.PositiveSmallIntegerField(null=True)
    is_quorate = models.BooleanField(null=True)
    passed = models.BooleanField(null=True)
    basis = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "number"], name="activities_decision_number"
            ),
            models.CheckConstraint(
                name="activities_vote_whole",
                condition=Q(
                    is_vote=True,
                    entitled__isnull=False,
                    present__isnull=False,
                    yes__isnull=False,
                    no__isnull=False,
                    abstain__isnull=False,
                    passed__isnull=False,
                )
                | Q(is_vote=False, yes=None, no=None, abstain=None, passed=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id}.{self.number}"


class Outcome(models.Model):
    """A typed result, as the pack declares it: a quantity with its unit."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="outcomes")
    reference = models.CharField(max_length=REFERENCE)
    field = models.CharField(max_length=60)
    value = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "reference", "field"], name="activities_outcome_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.field}"


class Leave(models.Model):
    """Leave asked for a planned activity, by the person or somebody helping them."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="leaves")
    person = models.ForeignKey(Person, models.PROTECT, related_name="leaves")
    reason = models.CharField(max_length=8, choices=Participation.Reason.choices)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "person"], name="activities_leave_once"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.person_id}"

    @property
    def was_helped(self) -> bool:
        """Whether somebody else asked for them."""
        return self.asked_by.person_id != self.person_id


class FilingQuerySet(models.QuerySet["Filing"]):
    def visible_to(self, user: "User") -> Self:
        """Filings of activities one may see, and those sent to where one receives them."""
        seen = standing.reach_q(user, "activities.view", "activity__organization__path")
        return self.filter(seen | standing.reach_q(user, "themes.receipt", "to__path"))

    def received_where(self, user: "User") -> Self:
        """Filings sent to organisations where ``user`` gives the receipt."""
        return self.filter(standing.reach_q(user, "themes.receipt", "to__path"))


class Filing(models.Model):
    """A planned theme sent to the organisation that asks for it, and its receipt."""

    activity = models.OneToOneField(Activity, models.CASCADE, related_name="filing")
    to = models.ForeignKey(Organization, models.PROTECT, related_name="filings")
    theme = models.CharField(max_length=100)
    filed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    received_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(null=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="activities_received_with_time_and_person",
                condition=Q(received_at=None, received_by=None)
                | Q(received_at__isnull=False, received_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.theme}"


class Revision(models.Model):
    """An activity as it stood before a correction, whole, with the reason for it."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    reason = models.CharField("更正原因", max_length=200)
    corrected_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "number"], name="activities_revision_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} v{self.number}"


PARTS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "kinds": (KindOf, ("reference", "title", "wording", "makes_up")),
    "participations": (
        Participation,
        ("person_id", "guest_name", "status", "reason", "asked_beforehand", "is_due",
         "is_entitled"),
    ),
    "decisions": (
        Decision,
        ("number", "text", "is_vote", "entitled", "present", "yes", "no", "abstain",
         "present_needed", "yes_needed", "is_quorate", "passed", "basis"),
    ),
    "outcomes": (Outcome, ("reference", "field", "value")),
    "leaves": (Leave, ("person_id", "reason", "asked_by_id", "asked_at")),
    "filing": (
        Filing,
        ("to_id", "theme", "filed_by_id", "filed_at", "received_by_id", "received_at"),
    ),
    "revisions": (Revision, ("number", "content", "reason", "corrected_by_id", "corrected_at")),
}  # fmt: skip
OWN_FIELDS = (
    "organization_id", "group_id", "status", "theme", "starts_at", "held_on", "place", "agenda",
    "chair_id", "recorder_id", "speaker_id", "items", "version", "planned_by_id", "planned_at",
    "recorded_by_id", "recorded_at", "confirmed_by_id", "confirmed_at", "ended_reason",
)  # fmt: skip
LATER = {"is_brought_in": False, "stated_due": None, "stated_present": None}
