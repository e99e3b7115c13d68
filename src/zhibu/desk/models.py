from django.db import models
from django.db.models import Q

from zhibu.ledger.models import Protected
from zhibu.packs.models import StoredPack


class CalendarFeed(Protected):
    """A secret address under which somebody's own calendar program asks for their meetings.

    Only the address's keyed hash is kept: it is shown once, and revoked at any time.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    address_hash = models.CharField(max_length=32, unique=True)
    opened_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="desk_one_open_feed"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.opened_at}"


class Trial(models.Model):
    """The worked examples of a proposed pack, played one after the other by the worker.

    ``differences`` holds a title and a sentence for each that came out otherwise; ``story`` a
    title and the lines of how it went, for examples in which something goes through steps.
    """

    stored = models.OneToOneField(StoredPack, models.CASCADE, related_name="trial")
    total = models.PositiveSmallIntegerField()
    done = models.PositiveSmallIntegerField(default=0)
    differences = models.JSONField(default=list)
    story = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.stored_id} {self.done}/{self.total}"

    @property
    def has_passed(self) -> bool:
        return self.finished_at is not None and not self.differences
