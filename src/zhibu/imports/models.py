import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.accounts.models import User
from zhibu.core import standing
from zhibu.core.paths import PathField, carries_copy

SILENT_AFTER = timedelta(minutes=2)


_seen: dict[str, Callable[[User], Q]] = {}


def sees(prefix: str, seen: Callable[[User], Q]) -> None:
    """Register who may look at batches of subjects that begin so."""
    _seen[prefix] = seen


class BatchQuerySet(models.QuerySet["Batch"]):
    def unsettled(self) -> Self:
        """Batches whose rows must not be seen: being written, or being taken back."""
        return self.filter(state__in=[Batch.State.WRITING, Batch.State.UNDOING])

    def visible_to(self, user: User) -> Self:
        """Rosters below the places where ``user`` may import; of what has to be asked for, what
        its area lets one see."""
        found = Q(subject="") & standing.reach_q(user, "imports.run")
        for prefix, seen in _seen.items():
            found |= Q(subject__startswith=prefix) & seen(user)
        return self.filter(found)

    def newest_first(self) -> Self:
        return self.order_by("-pk")


class Batch(models.Model):
    """One import: one undoable action. Its rows carry its number and appear all at once.

    ``subject`` is what the file was handed in as, ``registers:pack:register``; "" for a roster.
    ``worker`` is who is at it, ``beat_at`` when it last was; ``undo_key`` is the key of the
    ledger entry that takes it back. ``counts`` are figures for pages, ``report`` what to
    say, ``to_refresh`` organisations whose derived rows are still to be brought up to date,
    ``to_follow`` models (by label) whose rows still have something derived from them, with
    the number of the last row that has it.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "正在核对"
        CHECKED = "checked", "等您决定"
        QUEUED = "queued", "排队等导入"
        WRITING = "writing", "正在导入"
        APPLIED = "applied", "已导入"
        TAKING_BACK = "taking-back", "正在准备撤销"
        UNDOING = "undoing", "正在撤销"
        UNDONE = "undone", "已撤销"
        FAILED = "failed", "没有导入"
        DISCARDED = "discarded", "没有导入，已放弃"

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WRITING)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    subject = models.CharField(max_length=160, default="", blank=True)
    organization_id = models.BigIntegerField(null=True)
    path = PathField(default="", db_index=True)
    by_id = models.BigIntegerField()
    started_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    clean_only = models.BooleanField(default=False)
    worker = models.CharField(max_length=80, default="", blank=True)
    beat_at = models.DateTimeField(null=True)
    progress = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    undo_key = models.UUIDField(null=True, editable=False)
    undone_by_id = models.BigIntegerField(null=True)
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    to_refresh = models.JSONField(default=list)
    to_follow = models.JSONField(default=dict)

    objects = BatchQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state"], name="imports_batch_state")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.file_name}"

    def get_absolute_url(self) -> str:
        return reverse("imports:detail", args=[self.pk])

    @property
    def is_busy(self) -> bool:
        """Whether somebody is at work on it, or will be without being asked again."""
        return self.state in BUSY

    def is_silent(self, at: datetime) -> bool:
        """Whether whoever is at work has not been heard of for a while."""
        return self.beat_at is None or at - self.beat_at > SILENT_AFTER


BUSY = (
    Batch.State.CHECKING,
    Batch.State.QUEUED,
    Batch.State.WRITING,
    Batch.State.TAKING_BACK,
    Batch.State.UNDOING,
)
carries_copy(Batch)


def unfinished_keys() -> set[uuid.UUID]:
    """Keys under which digests may lie before the entry that says what was done."""
    writing = Batch.objects.filter(state=Batch.State.WRITING).values_list("key", flat=True)
    undoing = Batch.objects.filter(state=Batch.State.TAKING_BACK)
    return {*writing, *filter(None, undoing.values_list("undo_key", flat=True))}


class Imported(models.Model):
    """Base of rows an import may create: ``batch`` is the batch's number, 0 for none.

    ``live()`` leaves out the rows of batches that are not settled. Every list, search,
    count and check reads through it.
    """

    batch = models.BigIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


def settled(prefix: str = "") -> Q:
    """Rows that may be seen. The subquery is uncorrelated and nearly always empty."""
    hidden = Batch.objects.unsettled().values("pk")
    return ~Q(**{f"{prefix}batch__in": hidden})


class LiveManager(models.Manager[Any]):
    """The default manager of imported rows: what may be seen."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(settled())
