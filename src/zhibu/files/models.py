from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.ledger.models import Protected


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def live(self) -> Self:
        """Attachments that have not been removed."""
        return self.filter(removed_at=None)


class Attachment(Protected):
    """A file that belongs to a record of some area.

    The row stays when the file is removed, so that the ledger can say so; the bytes go.
    ``stored_name`` is the place under ``MEDIA_ROOT``, derived from the digest.
    """

    sha256 = models.CharField(max_length=64)
    stored_name = models.CharField(max_length=80, db_index=True)
    original_name = models.CharField("文件名", max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    owner_type = models.CharField(max_length=60)
    owner_id = models.BigIntegerField()
    organization_id = models.BigIntegerField(null=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="files_removed_with_time_and_person",
                condition=Q(removed_at=None, removed_by=None)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["owner_type", "owner_id"], name="files_owner")]

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        return reverse("files:download", args=[self.pk])

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")
