from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.cases.models import Case
from zhibu.core.codes import Codes
from zhibu.core.encryption import Secret
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import CHANNELS

if TYPE_CHECKING:
    from zhibu.accounts.models import User

_CODES = Codes(groups=4, drawn="ticket code", kept="ticket")  # 78 bits
new_code, code_for, hash_of = _CODES.new, _CODES.of, _CODES.hash_of


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: "User") -> Self:
        """Tickets of the cases that ``user`` may see."""
        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))


class Ticket(Protected):
    """What whoever asked for a case has in hand: which way they came, the code they follow it
    by, how to reach them.

    ``organization`` is where they asked, which need not be who answers. Only a keyed hash of the
    code is kept; name and phone are sealed, and erased with ``erased_on``. ``taken_by``: who
    wrote it down, None where it came by the page.
    """

    case = models.OneToOneField(Case, models.CASCADE, related_name="ticket")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    channel = models.CharField("渠道", max_length=20, choices=list(CHANNELS.items()))
    code_hash = models.CharField(max_length=32, unique=True, editable=False)
    name_sealed = models.BinaryField(default=b"", editable=False)
    phone_sealed = models.BinaryField(default=b"", editable=False)
    taken_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("哪天提的")
    erased_on = models.DateField(null=True, editable=False)

    name = Secret("name_sealed")
    phone = Secret("phone_sealed")

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="portal_taken_down_by_somebody",
                condition=Q(channel="online", taken_by=None)
                | (~Q(channel="online") & Q(taken_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="portal_erased_whole",
                condition=Q(erased_on=None) | Q(name_sealed=b"", phone_sealed=b""),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-asked_at"], name="portal_ticket_org"),
            models.Index(fields=["-asked_at"], name="portal_ticket_asked"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.channel}"

    def get_absolute_url(self) -> str:
        return reverse("cases:detail", args=[self.case_id])

    @property
    def has_contact(self) -> bool:
        return bool(self.name_sealed or self.phone_sealed)


class Look(models.Model):
    """Somebody looked at the contact of whoever asked, and why."""

    class Field(models.TextChoices):
        NAME = "name", "姓名"
        PHONE = "phone", "电话"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="looks")
    field = models.CharField("看了什么", max_length=8, choices=Field.choices)
    reason = models.CharField("为什么看", max_length=100)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.field}"
