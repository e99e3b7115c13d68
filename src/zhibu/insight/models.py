from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: "User") -> Self:
        """Reports of organisations where ``user`` may see figures."""
        return self.filter(standing.reach_q(user, "insight.view", "organization__path"))


class AdmissionPlan(Protected):
    """How many an organisation and all below it may admit in a year, as the level above set it."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("哪一年")
    planned = models.PositiveIntegerField("计划发展几人")
    set_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "year"], name="insight_one_admission_plan_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.year}: {self.planned}"


class Report(Protected):
    """A cross-table frozen once and never changed: its rows, and the workbook made of them.

    ``true_on`` is the day the figures are of, ``known_on`` the day they were taken: what was
    entered later is not in them. ``question`` is the query string that asks for the same
    today. ``headings`` are the columns; ``workbook_digest`` the SHA-256 of ``workbook``, in
    hexadecimal, through which the ledger vouches for its bytes; ``chart_digest`` that of
    ``chart``, an SVG with what it says in ``chart_says``, both empty where none was drawn.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    title = models.CharField("报表名称", max_length=100)
    question = models.CharField(max_length=600)
    explanation = models.CharField(max_length=300)
    unit = models.CharField(max_length=10)
    true_on = models.DateField("数字截至")
    known_on = models.DateField("当时知道的")
    headings = models.JSONField(default=list)
    workbook = models.BinaryField()
    workbook_digest = models.CharField(max_length=64)
    chart = models.BinaryField(default=b"")
    chart_digest = models.CharField(max_length=64, default="", blank=True)
    chart_says = models.CharField(max_length=300, default="", blank=True)
    frozen_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="insight_known_after_true", condition=Q(known_on__gte=F("true_on"))
            ),
        ]
        indexes = [models.Index(fields=["organization", "-frozen_at"], name="insight_report_org")]

    def __str__(self) -> str:
        return f"{self.title} {self.true_on}"

    def get_absolute_url(self) -> str:
        return reverse("insight:report", args=[self.pk])


class ReportRow(models.Model):
    """One row of a frozen report. ``cells`` are ``[count, total]``, ``total`` null if none."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="rows")
    number = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=120)
    is_sum = models.BooleanField(default=False)
    cells = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="insight_report_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.number}"


class State(models.TextChoices):
    """How far the worker is with something it was asked to count."""

    WAITING = "waiting", "排队等着"
    COUNTING = "counting", "正在算"
    READY = "ready", "算好了"
    FAILED = "failed", "没有算成"


class Counted(models.Model):
    """Something the worker counts when asked. ``true_on`` and ``made_at`` are the day and the
    moment of the latest count, null before the first."""

    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    true_on = models.DateField(null=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_busy(self) -> bool:
        return self.state in (State.WAITING, State.COUNTING)


class KeptTable(Counted):
    """A cross-table over many organisations, counted by the worker. Derived; see ``keeping``.

    It belongs to a scope: ``organization``, with all below it where ``is_whole``. ``spec`` is
    the question as a query string, without a day where it asks for today. ``figures`` were
    true on ``true_on``, known at ``made_at`` and counted when ``entry`` was the newest of the
    ledger. ``done`` of ``steps`` tells how far the counting is.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    is_whole = models.BooleanField()
    spec = models.CharField(max_length=200)
    done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    figures = models.JSONField(null=True)
    entry = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "is_whole", "spec"], name="insight_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.spec}"

    @property
    def asks_for_today(self) -> bool:
        return self.spec.endswith("&on=")


class Recount(Counted):
    """An evaluation of the whole tree beside the stored obligations. Derived; see ``recounting``.

    ``outcome`` is what came out, null before. It names organisations and duties, no people.
    """

    outcome = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.true_on} {self.state}"
