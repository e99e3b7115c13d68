from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from zhibu.ledger.models import Protected


class StoredPackQuerySet(models.QuerySet["StoredPack"]):
    def confirmed(self) -> Self:
        return self.filter(state=StoredPack.State.CONFIRMED)


class StoredPack(Protected):
    """An installed pack, whole: its files and their digest. A new version is a new row."""

    class State(models.TextChoices):
        HELD = "held", "等待确认"
        CONFIRMED = "confirmed", "已安装"
        REFUSED = "refused", "未通过"

    pack = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    files = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True)

    objects = StoredPackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "version"], name="packs_version_once"),
            models.CheckConstraint(
                name="packs_settled_with_time_and_person",
                condition=Q(state="held", settled_at=None, settled_by=None)
                | (~Q(state="held") & Q(settled_at__isnull=False, settled_by__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"
