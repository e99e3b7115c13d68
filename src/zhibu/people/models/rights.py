from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.core.bytewise import BytewiseCharField
from zhibu.core.encryption import Secret
from zhibu.ledger.models import Protected
from zhibu.people.models.persons import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Opening(Protected):
    """Somebody opened a person's page; once a person, viewer and day. Shown to the person.

    ``standing`` says in which capacity they could. ``is_recorded``: an entry of the ledger
    vouches for it, which a nightly job sees to for the day before.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="openings")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    opened_on = models.DateField()
    at = models.DateTimeField()
    standing = models.CharField(max_length=120)
    is_recorded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "by", "opened_on"], name="people_opening_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_on"],
                condition=Q(is_recorded=False),
                name="people_opening_unrecorded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.by_id} {self.opened_on}"


class Consent(Protected):
    """What somebody agreed to, by a pack's purpose; given once, and perhaps taken back."""

    class How(models.TextChoices):
        SELF = "self", "本人在系统里"
        PAPER = "paper", "书面"
        SPOKEN = "spoken", "当面或电话说的"

    person = models.ForeignKey(Person, models.PROTECT, related_name="consents")
    purpose = BytewiseCharField(max_length=200)
    given_how = models.CharField(max_length=6, choices=How.choices)
    given_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_how = models.CharField(max_length=6, choices=How.choices, default="", blank=True)
    withdrawn_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
                name="people_one_open_consent",
            ),
            models.CheckConstraint(
                name="people_consent_withdrawn_whole",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_how="")
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_how="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.purpose}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def open(self) -> Self:
        return self.filter(state=Correction.State.OPEN)

    def to_decide(self, user: "User") -> Self:
        """Requests of people whose particulars ``user`` may change; one's own never."""
        reach = standing.reach_q(user, "people.change", "person__path")
        return self.filter(reach).exclude(person=user.person_id or 0)


class Correction(Protected):
    """Somebody asks that what is held on them be put right; the change is an action of its own.

    What they write may hold a number: it is sealed.
    """

    class About(models.TextChoices):
        NAME = "name", "姓名"
        SEX = "sex", "性别"
        BORN_ON = "born_on", "出生日期"
        ETHNICITY = "ethnicity", "民族"
        EDUCATION = "education", "学历"
        OCCUPATION = "occupation", "工作岗位"
        ID_NUMBER = "id_number", "身份证号"
        PHONE = "phone", "电话"
        ADDRESS = "address", "住址"
        STATE = "state", "党员身份和日期"
        BRANCH = "branch", "支部和小组"
        POST = "post", "任职"
        ATTENDANCE = "attendance", "到会记录"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        OPEN = "open", "等答复"
        ACCEPTED = "accepted", "已更正"
        REFUSED = "refused", "没有更正"
        TAKEN_BACK = "taken-back", "本人撤回"

    person = models.ForeignKey(Person, models.PROTECT, related_name="corrections")
    about = models.CharField(max_length=12, choices=About.choices)
    text_sealed = models.BinaryField(default=b"", editable=False)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=200, default="", blank=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    text = Secret("text_sealed")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_correction_answered_whole",
                condition=Q(state="open", answered_at=None, answered_by=None)
                | (~Q(state="open") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="people_correction_decided_with_reason",
                condition=~Q(state__in=["accepted", "refused"]) | ~Q(answer=""),
            ),
        ]
        indexes = [models.Index(fields=["person", "-asked_at"], name="people_correction_person")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.person_id} {self.about}"

    def get_absolute_url(self) -> str:
        return reverse("people:correction", args=[self.pk])
