from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.core.paths import nothing
from zhibu.ledger.models import Protected

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: "User") -> Self:
        """One's own; nobody sees what another was told."""
        return self.filter(user=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message to one user. ``key`` makes it come exactly once, however often it is sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    key = models.CharField(max_length=120)
    title = models.CharField(max_length=100)
    body = models.CharField(max_length=500, default="", blank=True)
    url = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notices_notice_once"),
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notices_unread"),
            models.Index(fields=["user", "-at"], name="notices_latest"),
        ]

    def __str__(self) -> str:
        return self.title


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def visible_to(self, user: "User") -> Self:
        """Everything for whoever answers; otherwise one's own."""
        if standing.may_anywhere(user, "feedback.answer"):
            return self.all()
        return self.filter(by=user) if user.is_authenticated else self.filter(nothing())

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)


class Feedback(Protected):
    """What a user told the operators about a page, and the answer."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    page = models.CharField("页面", max_length=200, default="", blank=True)
    text = models.TextField("意见")
    at = models.DateTimeField()
    answer = models.TextField("答复", default="", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            models.CheckConstraint(
                name="notices_answer_with_time_and_person",
                condition=Q(answer="", answered_at=None, answered_by=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["by", "-at"], name="notices_feedback_by")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.page}"

    def get_absolute_url(self) -> str:
        return reverse("notices:feedback_detail", args=[self.pk])
