from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from zhibu.accounts.models import User
from zhibu.ledger.models import Protected


class TokenQuerySet(models.QuerySet["Token"]):
    def visible_to(self, user: User) -> Self:
        """One's own; nobody sees another's."""
        return self.filter(user=user)

    def open(self, today: date) -> Self:
        return self.filter(revoked_at=None, expires_on__gt=today)


class Token(Protected):
    """A secret by which a program acts as ``user``, until ``expires_on`` or it is revoked.

    Only the secret's keyed hash is kept. ``made_under`` is the keyed hash of the password
    it was made under: with another password, as with a reset, it ends like a session does.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField("用在哪里", max_length=40)
    secret_hash = models.CharField(max_length=32, unique=True)
    made_under = models.CharField(max_length=32)
    may_act = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    expires_on = models.DateField("到期日")
    last_used_on = models.DateField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="api_token_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"

    def is_open(self, today: date) -> bool:
        return self.revoked_at is None and today < self.expires_on


class Receipt(models.Model):
    """What was done once under a key of the caller's, so that a second try does nothing.

    ``asked`` is a keyed hash of the address and the body; ``answer`` names the row that was
    made or changed and nothing of what it says.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    asked = models.CharField(max_length=32)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="api_one_receipt_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
