import re
import secrets
import unicodedata
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.cases.models import Case
from zhibu.core.encryption import Secret, keyed_hash
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.packs.schema.procedures import CHANNELS

if TYPE_CHECKING:
    from zhibu.accounts.models import User

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that looks like another
GROUPS, IN_GROUP = 4, 4  # 16 letters: 78 bits


def new_code() -> str:
    """A code that cannot be guessed, in groups: 7K4M-92QX-3HTD-W6BE."""
    drawn = ["".join(secrets.choice(LETTERS) for _ in range(IN_GROUP)) for _ in range(GROUPS)]
    return "-".join(drawn)


def code_for(seal: str) -> str:
    """The code of what is asked with one question answered: the same for the same seal, so that
    a form sent twice by a double click leads to the one code. Only the ring can compute it."""
    number, letters = int(keyed_hash(seal, purpose="ticket code"), 16), []
    for _ in range(GROUPS * IN_GROUP):
        number, left = divmod(number, len(LETTERS))
        letters.append(LETTERS[left])
    groups = range(0, len(letters), IN_GROUP)
    return "-".join("".join(letters[at : at + IN_GROUP]) for at in groups)


def hash_of(code: str) -> str:
    """What a code is looked up by, however it was typed: small letters, full width, spaces. ""
    for what is no code."""
    typed = unicodedata.normalize("NFKC", code).upper()
    letters = re.sub(r"[\s\-—–_.]", "", typed)
    if len(letters) != GROUPS * IN_GROUP or set(letters) - set(LETTERS):
        return ""
    return keyed_hash(letters, purpose="ticket")


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
