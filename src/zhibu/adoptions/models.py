from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import paths, standing
from zhibu.core.intervals import on_day
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Guidance, Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class AdoptionQuerySet(models.QuerySet["Adoption"]):
    def in_force_on(self, day: date) -> Self:
        return self.filter(on_day(day))

    def visible_to(self, user: "User") -> Self:
        """Adoptions that hold, or held, for something ``user`` may see: above it and below."""
        found = standing.reach_q(user, "packs.view", "organization__path")
        guided = standing.reach_q(user, "packs.view", "organization__path")
        for held in standing.with_permission(user, "packs.view"):
            above = Q(organization__path__in=paths.ancestors(held.path))
            found |= above
            guided |= above
        guides = Guidance.objects.filter(guided).values("guide")
        return self.filter(found | Q(reach=Adoption.Reach.GUIDED, organization__in=guides))


class Adoption(Protected):
    """An organisation takes up a pack over ``[since, until)``: for its subtree, or for the
    organisations it guides that day and what lies below them.

    ``fields`` narrows it to some 领域, [] means all. ``paper`` names the document by which
    it was decided, where there is one.
    """

    class Reach(models.TextChoices):
        SUBTREE = "subtree", "本组织和下面的全部组织"
        GUIDED = "guided", "所指导的组织和下面的全部组织"

    pack = models.CharField("制度包", max_length=80)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="adoptions")
    reach = models.CharField(max_length=8, choices=Reach.choices, default=Reach.SUBTREE)
    fields = models.JSONField(default=list, blank=True)
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    paper = models.CharField("文号", max_length=80, default="", blank=True)
    adopted_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField()

    objects = AdoptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "organization", "reach"],
                condition=Q(until__isnull=True),
                name="adoptions_once_open",
            ),
            models.CheckConstraint(
                name="adoptions_forward", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
            models.CheckConstraint(
                name="adoptions_reach_known", condition=Q(reach__in=["subtree", "guided"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.organization_id} {self.since}"

    def get_absolute_url(self) -> str:
        return reverse("adoptions:detail", args=[self.pk])
