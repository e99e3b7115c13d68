from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization, Post
from zhibu.packs.schema.assignment_forms import AskedField
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class CommissionQuerySet(models.QuerySet["Commission"]):
    def visible_to(self, user: "User") -> Self:
        """Commissions of organisations within reach; receivers see their own assignment."""
        return self.filter(standing.reach_q(user, "assignments.issue", "organization__path"))


class Commission(Protected):
    """Something handed down to many at once. ``fields`` are what each returns: see ``asked``.

    ``form`` names the pack item the fields came from, ``publisher/slug:item@day``, or "".
    ``minutes`` is what the issuer reckons one return takes, shown to everyone.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="commissions")
    title = models.CharField("事情", max_length=100)
    text = models.TextField("怎么办", max_length=2000, default="", blank=True)
    basis = models.CharField("依据", max_length=80, default="", blank=True)
    form = models.CharField(max_length=160, default="", blank=True)
    fields = models.JSONField(default=list)
    minutes = models.PositiveSmallIntegerField("一份要几分钟")
    stale_after = models.CharField(max_length=12, default="", blank=True)
    due_on = models.DateField("到期日")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField("为什么撤回", max_length=200, default="", blank=True)

    objects = CommissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assignments_withdrawn_with_reason",
                condition=Q(withdrawn_at=None, withdrawn_by=None, reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(reason="")),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-made_at"], name="assignments_commission_org"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("assignments:commission", args=[self.pk])

    @property
    def asked(self) -> list[AskedField]:
        """The fields of its return, as they were when it was issued."""
        return [AskedField.model_validate(raw) for raw in self.fields]

    @property
    def is_open(self) -> bool:
        return self.withdrawn_at is None


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: "User") -> Self:
        """One's own tasks, and those of organisations within reach."""
        reach = standing.reach_q(user, "assignments.view", "organization__path")
        return self.filter(reach | Q(owner=user.person_id or 0))

    def open(self) -> Self:
        return self.filter(state=Assignment.State.OPEN)

    def unfinished(self) -> Self:
        return self.filter(state__in=(Assignment.State.OPEN, Assignment.State.ANSWERED))

    def by_unit(self) -> Self:
        """Those of one commission, by the code of their unit: no order by figures."""
        return self.order_by("organization__code", "pk")

    def overdue(self, today: date) -> Self:
        """Open tasks whose day has passed; due today is not overdue."""
        return self.open().filter(due_on__lt=today)


class Assignment(Protected):
    """A task with one owner and one day. ``source`` is a typed link to what it came from.

    One of a commission is a unit's, or a ``post``'s; ``accountable`` answers for it and
    ``owner`` does it, both named by the unit, so that either may still be missing.
    """

    class State(models.TextChoices):
        OPEN = "open", "在办"
        ANSWERED = "answered", "交了回执"
        DONE = "done", "办好了"
        CANCELLED = "cancelled", "不办了"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="assignments")
    title = models.CharField("事情", max_length=200)
    commission = models.ForeignKey(
        Commission, models.PROTECT, null=True, related_name="assignments"
    )
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="assignments")
    accountable = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField("到期日")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    source_type = models.CharField(max_length=60, default="", blank=True)
    source_id = models.BigIntegerField(null=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    closed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    note = models.CharField("结果", max_length=200, default="", blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="assignments_closed_with_time_and_person",
                condition=Q(state__in=("open", "answered"), closed_at=None, closed_by=None)
                | (
                    ~Q(state__in=("open", "answered"))
                    & Q(closed_at__isnull=False, closed_by__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="assignments_task_has_owner",
                condition=Q(owner__isnull=False) | Q(commission__isnull=False),
            ),
            models.CheckConstraint(
                name="assignments_answered_to_a_commission",
                condition=~Q(state="answered") | Q(commission__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["commission", "organization"],
                condition=Q(commission__isnull=False, post=None),
                name="assignments_once_a_unit",
            ),
            models.UniqueConstraint(
                fields=["commission", "post"],
                condition=Q(commission__isnull=False, post__isnull=False),
                name="assignments_once_a_post",
            ),
            models.CheckConstraint(
                name="assignments_source_whole",
                condition=Q(source_type="", source_id=None)
                | (~Q(source_type="") & Q(source_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_on"], name="assignments_org"),
            models.Index(fields=["owner", "state", "due_on"], name="assignments_owner"),
            models.Index(fields=["source_type", "source_id"], name="assignments_source"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("assignments:detail", args=[self.pk])


class Answer(models.Model):
    """What a unit gave back, by number: a draft, one waiting, and those judged before it.

    ``content`` is stored as ``core.fields`` stores them, by field id. A draft may lack
    fields; given, it may not.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "存着没交"
        GIVEN = "given", "等上级收"
        TAKEN = "taken", "收下了"
        SENT_BACK = "sent-back", "退回了"

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="answers")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    judged_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    reason = models.CharField("为什么退回", max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "number"], name="assignments_answer_number"
            ),
            models.UniqueConstraint(
                fields=["assignment"],
                condition=Q(state__in=("draft", "given")),
                name="assignments_one_answer_on_its_way",
            ),
            models.CheckConstraint(
                name="assignments_judged_with_time_and_person",
                condition=Q(state__in=("draft", "given"), judged_at=None, judged_by=None)
                | Q(
                    state__in=("taken", "sent-back"),
                    judged_at__isnull=False,
                    judged_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="assignments_sent_back_with_reason",
                condition=~Q(state="sent-back") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.number}"
