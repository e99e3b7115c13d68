from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.ledger.models import Protected
from zhibu.people.models.persons import Holding, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: "User") -> Self:
        """Those of the two people, and of posts of organisations within reach."""
        reach = standing.reach_q(user, "people.view", "holding__post__organization__path")
        mine = Q(holding__person=user.person_id or 0) | Q(successor=user.person_id or 0)
        return self.filter(reach | mine)

    def open(self) -> Self:
        return self.filter(state=Handover.State.OPEN)


class Handover(Protected):
    """A post goes from one holder to the next: one list, signed by both, then the post itself.

    ``items`` is the list as frozen when it was drawn up: area, title, where, due day.
    """

    class State(models.TextChoices):
        OPEN = "open", "等签字"
        DONE = "done", "已交接"
        CANCELLED = "cancelled", "不办了"

    class How(models.TextChoices):
        SYSTEM = "system", "本人在系统里确认"
        PAPER = "paper", "在纸上签了字"

    holding = models.ForeignKey(Holding, models.PROTECT, related_name="handovers")
    successor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    since = models.DateField("交接日")
    items = models.JSONField(default=list)
    papers = models.JSONField(default=list)
    note = models.CharField("说明", max_length=400, default="", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    drawn_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    given_how = models.CharField(max_length=6, choices=How.choices, default="", blank=True)
    given_at = models.DateTimeField(null=True)
    taken_how = models.CharField(max_length=6, choices=How.choices, default="", blank=True)
    taken_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=200, default="", blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holding"], condition=Q(state="open"), name="people_one_open_handover"
            ),
            models.CheckConstraint(
                name="people_handover_signed_whole",
                condition=(
                    Q(given_how="", given_at=None) | (~Q(given_how="") & Q(given_at__isnull=False))
                )
                & (Q(taken_how="", taken_at=None) | (~Q(taken_how="") & Q(taken_at__isnull=False))),
            ),
            models.CheckConstraint(
                name="people_handover_ended_whole",
                condition=Q(state="open", ended_at=None, ended_by=None)
                | (~Q(state="open") & Q(ended_at__isnull=False, ended_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.holding_id}"

    def get_absolute_url(self) -> str:
        return reverse("people:handover", args=[self.pk])

    @property
    def is_signed(self) -> bool:
        """Whether both have signed; a post without a successor needs one hand."""
        return bool(self.given_at and (self.taken_at or self.successor_id is None))
