from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure, Stage
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: "User") -> Self:
        """Cases of organisations within reach, and those one answers for."""
        reach = standing.reach_q(user, "cases.view", "organization__path")
        return self.filter(reach | Q(owner=user.person_id or 0))

    def open(self) -> Self:
        return self.filter(state=Case.State.OPEN)

    def waiting_for(self, user: "User") -> Self:
        """Open ones in which it is this user's turn: by name, or where they stand themselves."""
        return self.open().filter(pk__in=Turn.objects.waiting_for(user).values("case"))

    def overdue(self, today: date) -> Self:
        """Open ones with a turn whose last day has passed."""
        return self.open().filter(due_on__lt=today)


class Case(Protected):
    """One run of a procedure: ``pack:procedure`` as worded on ``wording``, to its end.

    ``facts`` is the latest stored value of each field. ``number`` counts within organisation,
    procedure and the year of ``started_on``. Where it stands is told by its turns; ``due_on``,
    the nearest last day among the open ones, is derived from them, for lists.
    """

    class State(models.TextChoices):
        OPEN = "open", "在办"
        ENDED = "ended", "办结"
        CANCELLED = "cancelled", "取消"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="cases")
    procedure = models.CharField(max_length=120)
    wording = models.DateField()
    title = models.CharField("事情", max_length=100)
    number = models.PositiveIntegerField()
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases")
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    started_on = models.DateField("开始的日子")
    started_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    ended_as = models.CharField(max_length=12, default="", blank=True)
    reason = models.CharField("为什么取消", max_length=200, default="", blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField("最近有进展")
    due_on = models.DateField("最近的期限", null=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_ended_with_day",
                condition=Q(state="open", ended_on=None, ended_as="")
                | (~Q(state="open") & Q(ended_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="cases_cancelled_with_reason",
                condition=~Q(state="cancelled") | ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_on"], name="cases_org"),
            models.Index(fields=["owner", "state"], name="cases_owner"),
            models.Index(fields=["procedure", "state"], name="cases_procedure"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("cases:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def rule(self) -> Procedure:
        """The procedure as it was worded when the case began."""
        pack_id, _, name = self.procedure.partition(":")
        wording = library.packs()[pack_id].wording_on("procedures", name, self.wording)
        assert wording is not None and isinstance(wording.item, Procedure)
        return wording.item


class TurnQuerySet(models.QuerySet["Turn"]):
    def open(self) -> Self:
        return self.filter(state=Turn.State.OPEN)

    def waiting_for(self, user: "User") -> Self:
        """Open turns of this very person, and those of the organisations they stand in."""
        at = {
            held.organization_id
            for held in standing.with_permission(user, "cases.act")
            if held.organization_id
        }
        named = Q(person=user.person_id or 0)
        return self.open().filter(named | Q(person=None, organization__in=at))


class Turn(models.Model):
    """One stage once, by number in its case. See ADR 0012.

    ``organization`` is where it is answered, ``person`` who answers if it is one.
    ``happened_on`` is the day it was done, ``at`` when that was entered; ``content`` what was
    written, as ``core.fields`` stores it.
    """

    class State(models.TextChoices):
        OPEN = "open", "轮到"
        DONE = "done", "办了"
        DROPPED = "dropped", "不用办了"

    case = models.ForeignKey(Case, models.CASCADE, related_name="turns")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    opened_on = models.DateField()
    not_before = models.DateField(null=True)
    due_on = models.DateField(null=True)
    happened_on = models.DateField(null=True)
    outcome = models.CharField(max_length=60, default="", blank=True)
    content = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, default="", blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_turn_number"),
            models.UniqueConstraint(
                fields=["case", "stage"],
                condition=Q(state="open"),
                name="cases_one_open_turn_a_stage",
            ),
            models.CheckConstraint(
                name="cases_done_with_day_and_person",
                condition=Q(state="open", happened_on=None, by=None, at=None, outcome="")
                | Q(state="dropped")
                | (
                    Q(state="done", happened_on__isnull=False, by__isnull=False)
                    & Q(at__isnull=False)
                    & ~Q(outcome="")
                ),
            ),
            models.CheckConstraint(
                name="cases_turn_forward",
                condition=Q(happened_on=None) | Q(happened_on__gte=F("opened_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_on"], name="cases_turn_org"),
            models.Index(fields=["person", "state", "due_on"], name="cases_turn_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number} {self.stage}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def is_late(self, today: date) -> bool:
        """Past its last day: open on ``today``, or done after it."""
        return self.due_on is not None and (self.happened_on or today) > self.due_on

    def rule(self, procedure: Procedure) -> Stage:
        """Its stage; a wording never loses one."""
        found = procedure.stage(self.stage)
        assert found is not None
        return found


class Extension(models.Model):
    """The last day of a turn put off by the level above, with the day before and the reason."""

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="extensions")
    case = models.ForeignKey(Case, models.CASCADE, related_name="extensions")
    before = models.DateField()
    until = models.DateField("延到哪天")
    reason = models.CharField("为什么延", max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_extended_forward", condition=Q(until__gt=F("before"))
            ),
            models.CheckConstraint(name="cases_extended_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.until}"


def stored_values(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` without those that say nothing."""
    return {name: value for name, value in values.items() if value not in (None, "", [])}
