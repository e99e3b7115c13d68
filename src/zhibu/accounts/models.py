from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.accounts import roles
from zhibu.core import filters
from zhibu.ledger.models import Protected

ADMIN_CHOICES = [(role, roles.get(role).title) for role in roles.ADMIN_ROLES]


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").strip().lower())


class UserQuerySet(models.QuerySet["User"]):
    def able_to_sign_in(self) -> Self:
        return self.filter(is_active=True, is_system=False)


class User(Protected, AbstractBaseUser):
    """Somebody who may sign in, or the system account, which may not.

    One of the three administrator roles at most, by construction: the field holds one.
    """

    username = models.CharField("登录名", max_length=40, unique=True)
    display_name = models.CharField("姓名", max_length=60)
    person_id = models.BigIntegerField(null=True, unique=True)
    admin_role = models.CharField(max_length=20, choices=ADMIN_CHOICES, default="", blank=True)
    is_active = models.BooleanField(default=True)
    is_system = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=128, default="", blank=True)
    code_expires_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    signed_out_at = models.DateTimeField(null=True, editable=False)
    wants_large_print = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accounts_admin_is_no_officer",
                condition=Q(admin_role="") | Q(person_id=None),
            ),
            models.CheckConstraint(
                name="accounts_code_with_expiry",
                condition=Q(code_hash="", code_expires_at=None)
                | (~Q(code_hash="") & Q(code_expires_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.display_name}（{self.username}）"

    def code_is_open(self, at: datetime) -> bool:
        """Whether an activation code is waiting to be used."""
        return self.code_expires_at is not None and at < self.code_expires_at


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: User) -> Self:
        """One's own; nobody sees another's."""
        return self.filter(user=user)

    def in_order(self) -> Self:
        return self.order_by("page", "name", "pk")


class SavedFilter(models.Model):
    """A filter of a list that somebody kept for themselves. ``page`` names the list in
    ``core.filters``, ``query`` is what stands behind its address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=60)
    name = models.CharField("名称", max_length=30)
    query = models.CharField(max_length=500)
    saved_at = models.DateTimeField()

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"], name="accounts_saved_filter_name_once"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.page}"

    @property
    def kept(self) -> filters.Kept | None:
        """The list it belongs to; None where the list can no longer keep filters."""
        return filters.of(self.page)

    @property
    def url(self) -> str:
        """The list with the filter in its address."""
        return f"{reverse(self.page)}?{self.query}"
