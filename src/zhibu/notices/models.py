import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.core import mail, standing
from zhibu.core.encryption import Secret, new_salt
from zhibu.core.paths import nothing
from zhibu.ledger.models import Protected
from zhibu.notices import kinds
from zhibu.notices.pace import Rhythm

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


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)


class Preference(models.Model):
    """That somebody wants notices by mail too, where to and how often. No row: in-app only.

    Nothing but the code is sent to the address before ``confirmed_at``.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preference"
    )
    salt = models.BinaryField(max_length=16, default=new_salt, editable=False)
    address_sealed = models.BinaryField(max_length=600)
    confirmed_at = models.DateTimeField(null=True)
    code_sealed = models.BinaryField(max_length=100, default=b"")
    code_until = models.DateTimeField(null=True)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.QUARTER)
    hour = models.PositiveSmallIntegerField(default=8)
    chosen_at = models.DateTimeField()

    address = Secret("address_sealed")
    code = Secret("code_sealed")
    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="notices_hour_of_a_day", condition=Q(hour__lt=24)),
            models.CheckConstraint(
                name="notices_code_or_confirmed",
                condition=Q(confirmed_at=None) | Q(code_until=None),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def masked(self) -> str:
        return mail.mask(self.address)

    def code_is_open(self, at: datetime) -> bool:
        return self.code_until is not None and at < self.code_until


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: "User") -> Self:
        """All of them for whoever looks after them, none for others."""
        is_theirs = standing.may_anywhere(user, "deliveries.manage")
        return self.all() if is_theirs else self.filter(nothing())


class Webhook(Protected):
    """A program elsewhere that is told of notices of some kinds. Stopped, never deleted."""

    title = models.CharField("名称", max_length=40)
    address_sealed = models.BinaryField(max_length=600)
    secret_sealed = models.BinaryField(max_length=200)
    kinds = models.JSONField(default=list)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.NOW)
    hour = models.PositiveSmallIntegerField(default=8)
    is_active = models.BooleanField(default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    address = Secret("address_sealed")
    secret = Secret("secret_sealed")
    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="notices_webhook_hour", condition=Q(hour__lt=24)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("notices:webhook", args=[self.pk])

    @property
    def host(self) -> str:
        """Where it is, without the path, which may hold a token."""
        return urlsplit(self.address).netloc

    @property
    def kinds_in_words(self) -> str:
        return "、".join(kinds.words(kind) for kind in self.kinds)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: "User") -> Self:
        """All of them for whoever looks after them, none for others."""
        is_theirs = standing.may_anywhere(user, "deliveries.manage")
        return self.all() if is_theirs else self.filter(nothing())

    def waiting(self) -> Self:
        return self.filter(state=Delivery.State.WAITING)

    def failing(self) -> Self:
        """Given up, or waiting after a try that failed."""
        return self.filter(
            Q(state=Delivery.State.GIVEN_UP) | Q(state=Delivery.State.WAITING) & ~Q(error="")
        )


class Delivery(models.Model):
    """One message that leaves the platform: to a user by mail, or to a webhook.

    ``key`` is its name outside, the same at every try: whoever gets it twice can tell.
    What stands in it is made of its rows of ``Outgoing`` when it is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等着发"
        SENT = "sent", "发出了"
        GIVEN_UP = "given-up", "没发成"
        DROPPED = "dropped", "不用发了"

    class Purpose(models.TextChoices):
        NOTICES = "notices", "消息"
        CODE = "code", "确认码"
        TRIAL = "trial", "试发"

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="deliveries"
    )
    webhook = models.ForeignKey(Webhook, models.PROTECT, null=True, related_name="deliveries")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.NOTICES)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    made_at = models.DateTimeField()
    trying_since = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, default="", blank=True)
    done_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                name="notices_delivery_to_one",
                condition=Q(user__isnull=False, webhook=None) | Q(user=None, webhook__isnull=False),
            ),
            models.CheckConstraint(
                name="notices_delivery_done_or_waiting",
                condition=Q(state="waiting", done_at=None)
                | (~Q(state="waiting") & Q(done_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state="waiting"), name="notices_delivery_waiting"
            ),
            models.Index(fields=["-made_at"], name="notices_delivery_latest"),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def is_failing(self) -> bool:
        return self.state == self.State.GIVEN_UP or (
            self.state == self.State.WAITING and self.error != ""
        )


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    def gathering(self) -> Self:
        """Not yet part of a message."""
        return self.filter(delivery=None)


class Outgoing(models.Model):
    """The outbox: one notice that is to leave, by mail to its user or to ``webhook``.

    Written with the notice, in one transaction. ``delivery`` is the message it went into.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="outgoing")
    webhook = models.ForeignKey(Webhook, models.PROTECT, null=True, related_name="outgoing")
    ready_at = models.DateTimeField()
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, related_name="items")

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outgoing"
        constraints = [
            models.UniqueConstraint(
                fields=["notice"], condition=Q(webhook=None), name="notices_mailed_once"
            ),
            models.UniqueConstraint(
                fields=["notice", "webhook"],
                condition=Q(webhook__isnull=False),
                name="notices_hooked_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ready_at"], condition=Q(delivery=None), name="notices_outgoing_gathering"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def visible_to(self, user: "User") -> Self:
        """Everything for whoever answers; otherwise one's own."""
        if standing.may_anywhere(user, "feedback.answer"):
            return self.all()
        return self.filter(by=user) if user.is_authenticated else self.filter(nothing())

    def unanswered(self) -> Self:
        return self.filter(answered_at=None)


class Feedback(Protected):
    """What a user told the operators about a page, and the answer.

    ``by`` is None where a resident said it on a public page, without an account.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
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
