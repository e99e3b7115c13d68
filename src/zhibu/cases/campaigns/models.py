from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.campaigns import Campaign as Rule
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

SEE = "campaigns.view"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: "User") -> Self:
        """Led within reach, or with a unit within reach."""
        led = standing.reach_q(user, SEE, "organization__path")
        units = Unit.objects.filter(standing.reach_q(user, SEE, "organization__path"))
        return self.filter(led | Q(pk__in=units.values("campaign")))

    def open(self) -> Self:
        return self.filter(state=Campaign.State.OPEN)


class Campaign(Protected):
    """One launch of ``pack:campaign`` as worded on ``wording``, by ``organization`` for units
    below it. What was done in it is not stored here: it is found in the records."""

    class State(models.TextChoices):
        OPEN = "open", "正在开展"
        ENDED = "ended", "结束了"
        CANCELLED = "cancelled", "取消了"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="campaigns")
    reference = models.CharField(max_length=140)
    wording = models.DateField()
    title = models.CharField("名称", max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    launched_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    launched_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    reason = models.CharField("为什么取消", max_length=200, default="", blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_campaign_ended_with_day",
                condition=Q(state="open", ended_on=None)
                | (~Q(state="open") & Q(ended_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="cases_campaign_cancelled_with_reason",
                condition=~Q(state="cancelled") | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["organization", "state"], name="cases_campaign_org")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("campaigns:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def pack(self) -> Pack:
        return library.packs()[self.reference.partition(":")[0]]

    @property
    def rule(self) -> Rule:
        """The campaign as it was worded when it was launched."""
        name = self.reference.partition(":")[2]
        wording = self.pack.wording_on("campaigns", name, self.wording)
        assert wording is not None and isinstance(wording.item, Rule)
        return wording.item


class Batch(models.Model):
    """One batch of a campaign; ``batch`` is its id in the pack, ``number`` its place there."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="batches")
    batch = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=20)
    starts_on = models.DateField("哪天开始")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "batch"], name="cases_batch_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Span(models.Model):
    """The days of one phase of one batch, both counted in, as the pack gave them at launch."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="spans")
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="spans")
    phase = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    since = models.DateField()
    last_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "phase"], name="cases_span_once"),
            models.CheckConstraint(name="cases_span_forward", condition=Q(last_on__gte=F("since"))),
        ]
        indexes = [models.Index(fields=["since", "last_on"], name="cases_span_days")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.phase} {self.since}"


def counted_on(day: date, prefix: str = "") -> Q:
    """Units whose tallies are right on ``day``."""
    lasts = Q(**{f"{prefix}holds_until": None}) | Q(**{f"{prefix}holds_until__gt": day})
    return Q(**{f"{prefix}tallied_on__lte": day}) & lasts


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, user: "User") -> Self:
        """Of organisations within reach, and all of those whose campaign one leads."""
        led = standing.reach_q(user, "campaigns.lead", "campaign__organization__path")
        return self.filter(standing.reach_q(user, SEE, "organization__path") | led)

    def taking_part(self) -> Self:
        """Those not taken out."""
        return self.filter(removed_on=None)

    def counted(self, on: date) -> Self:
        """Those whose tallies are right on a day."""
        return self.filter(counted_on(on))

    def uncounted(self, on: date) -> Self:
        return self.exclude(counted_on(on))


class Unit(Protected):
    """An organisation in a batch of a campaign. Taken out, it stays on record with the reason.

    Its ``tallies`` are what the records say on every day of ``[tallied_on, holds_until)``; None
    for never counted, and for no end. Both are derived, as the tallies are.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="units")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="units")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="campaign_units")
    added_on = models.DateField()
    added_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_reason = models.CharField("为什么加进来", max_length=200, default="", blank=True)
    removed_on = models.DateField(null=True)
    removed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_reason = models.CharField("为什么去掉", max_length=200, default="", blank=True)
    tallied_on = models.DateField(null=True, editable=False)
    holds_until = models.DateField(null=True, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "organization"],
                condition=Q(removed_on=None),
                name="cases_unit_once",
            ),
            models.CheckConstraint(
                name="cases_unit_removed_with_reason",
                condition=Q(removed_on=None, removed_by=None, removed_at=None, removed_reason="")
                | (Q(removed_on__isnull=False, removed_at__isnull=False) & ~Q(removed_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["organization", "removed_on"], name="cases_unit_org")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.organization_id}"

    def get_absolute_url(self) -> str:
        return reverse("campaigns:unit", args=[self.pk])


OVER = F("in_time") + F("made_up") + F("late")


class TallyQuerySet(models.QuerySet["Tally"]):
    def short(self) -> Self:
        """Of items that somebody has not done."""
        return self.filter(asked__gt=OVER)


class Tally(models.Model):
    """How many did an item at a unit: derived from the records, never written by hand.

    What the clock changes is not here: ``since`` and ``last_on`` are the window of the item there
    (None while its gate is closed), and tell on any day what those stand at who have not done it.
    ``asked`` is 1 for an item of the unit itself; then ``done_on`` is when it was done.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="tallies")
    item = models.CharField(max_length=60)
    since = models.DateField(null=True)
    last_on = models.DateField(null=True)
    asked = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    made_up = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    done_on = models.DateField(null=True)
    is_entered_later = models.BooleanField(default=False)

    objects = TallyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "item"], name="cases_tally_once"),
            models.CheckConstraint(
                name="cases_tally_no_more_than_asked", condition=Q(asked__gte=OVER)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.item} {self.over}/{self.asked}"

    @property
    def over(self) -> int:
        return self.in_time + self.made_up + self.late


class Opening(models.Model):
    """A gate that somebody opened: of a batch's phase, or of one unit where it opens itself.

    ``campaign`` or ``unit``: the record it is a part of.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="openings")
    span = models.ForeignKey(Span, models.CASCADE, related_name="openings")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="openings")
    opened_on = models.DateField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["span"], condition=Q(unit=None), name="cases_opening_of_batch_once"
            ),
            models.CheckConstraint(
                name="cases_opening_of_campaign_or_unit",
                condition=Q(campaign=None, unit__isnull=False)
                | Q(campaign__isnull=False, unit=None),
            ),
            models.UniqueConstraint(
                fields=["span", "unit"],
                condition=Q(unit__isnull=False),
                name="cases_opening_of_unit_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.span_id} {self.opened_on}"


class Staff(models.Model):
    """A body of the campaign (办公室, 秘书组) over ``[since, until)``; ``body`` is its id."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="staff")
    body = models.CharField(max_length=60)
    title = models.CharField(max_length=30)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "body"], name="cases_staff_once"),
            models.CheckConstraint(
                name="cases_staff_forward",
                condition=Q(until=None) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class EntryQuerySet(models.QuerySet["Entry"]):
    def counting(self) -> Self:
        """Those not taken back."""
        return self.filter(voided_at=None)


class Entry(Protected):
    """A word that an item was done on a day, by a unit or by one person of it, where no other
    record says so. ``is_make_up``: entered as a make-up. ``content`` as ``core.fields`` stores."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="entries")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="entries")
    item = models.CharField(max_length=60)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    happened_on = models.DateField("哪天办的")
    is_make_up = models.BooleanField(default=False)
    content = models.JSONField(default=dict)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    voided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField("为什么收回", max_length=200, default="", blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "item"],
                condition=Q(person=None, voided_at=None),
                name="cases_entry_of_unit_once",
            ),
            models.UniqueConstraint(
                fields=["unit", "item", "person"],
                condition=Q(person__isnull=False, voided_at=None),
                name="cases_entry_of_person_once",
            ),
            models.CheckConstraint(
                name="cases_entry_voided_with_reason",
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "item"], name="cases_entry_item"),
            models.Index(fields=["person"], name="cases_entry_person"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.item} {self.happened_on}"


def day_words(day: date) -> str:
    """11月30日, for sentences."""
    return f"{day.month}月{day.day}日"


PROTECTED: dict[type[Protected], tuple[str, ...]] = {
    Campaign: ("organization_id", "reference", "wording", "title", "state", "launched_by_id",
               "launched_at", "ended_on", "reason"),
    Unit: ("campaign_id", "batch_id", "organization_id", "added_on", "added_by_id", "added_at",
           "added_reason", "removed_on", "removed_by_id", "removed_at", "removed_reason"),
    Entry: ("campaign_id", "unit_id", "item", "person_id", "happened_on", "is_make_up", "content",
            "by_id", "at", "voided_by_id", "voided_at", "void_reason"),
}  # fmt: skip
OPENED = ("span_id", "opened_on", "by_id", "at")
PARTS: dict[type[Protected], dict[str, tuple[type[models.Model], str, tuple[str, ...]]]] = {
    Campaign: {
        "batches": (Batch, "campaign_id", ("batch", "number", "title", "starts_on")),
        "spans": (Span, "campaign_id", ("batch_id", "phase", "number", "since", "last_on")),
        "openings": (Opening, "campaign_id", OPENED),
        "staff": (Staff, "campaign_id", ("body", "title", "since", "until")),
    },
    Unit: {"openings": (Opening, "unit_id", OPENED)},
    Entry: {},
}
