from django.db import models
from django.db.models import F, Q

from zhibu.ledger.models import Protected
from zhibu.people.models.persons import Person


class Merge(Protected):
    """Two records of one person became one. ``gone_id`` is the number that is no more.

    ``chosen`` names from which record each field came, ``moved`` counts rows by table. What
    they held is not kept a second time: a merge cannot be undone.
    """

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges")
    gone_id = models.BigIntegerField(unique=True)
    chosen = models.JSONField()
    moved = models.JSONField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"


class NotSame(Protected):
    """Somebody looked at two that are alike and says that they are two. ``one`` < ``other``."""

    one = models.ForeignKey(Person, models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="people_not_same_once"),
            models.CheckConstraint(
                name="people_not_same_in_order", condition=Q(one__lt=F("other"))
            ),
        ]
        verbose_name_plural = "not same"

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"
