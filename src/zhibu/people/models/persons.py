from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.core.bytewise import BytewiseCharField
from zhibu.core.encryption import Secret, mask_address, mask_id_number, mask_phone
from zhibu.core.intervals import on_day
from zhibu.core.paths import PathField, carries_copy, under
from zhibu.imports.models import Imported, settled
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization, PartyGroup, Post

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Sex(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


class State(models.TextChoices):
    """States of membership. What may follow what is in ``people.rules``."""

    APPLICANT = "applicant", "入党申请人"
    ACTIVIST = "activist", "入党积极分子"
    DEVELOPMENT_OBJECT = "development-object", "发展对象"
    PROBATIONARY = "probationary", "预备党员"
    FULL = "full", "正式党员"
    SUSPENDED = "suspended", "停止党籍"
    TRANSFERRED_OUT = "transferred-out", "组织关系已转出"
    ENDED = "ended", "不再是党员"
    DECEASED = "deceased", "已去世"


MEMBERS = (State.PROBATIONARY, State.FULL)


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: "User") -> Self:
        """People within reach of ``people.view``, at home or as guests, and oneself."""
        at_home = standing.reach_q(user, "people.view")
        as_guests = standing.reach_q(user, "people.view", "host_path")
        return self.filter(at_home | as_guests | Q(pk=user.person_id))

    def under(self, path: str) -> Self:
        return self.filter(under(path))

    def in_state(self, states: tuple[str, ...], day: date) -> Self:
        rows = MembershipState.objects.filter(on_day(day), state__in=states)
        return self.filter(pk__in=rows.values("person"))

    def members_on(self, day: date) -> Self:
        """Full and probationary members on that day."""
        return self.in_state(MEMBERS, day)

    def belonging_to(self, organization_id: int, day: date) -> Self:
        """People whose home branch it was on that day."""
        rows = Belonging.objects.filter(
            on_day(day), organization=organization_id, kind=Belonging.Kind.HOME
        )
        return self.filter(pk__in=rows.values("person"))


class PersonManager(models.Manager["Person"]):
    """Only people that may be seen: rows of an unsettled import are not there."""

    def get_queryset(self) -> PersonQuerySet:
        return PersonQuerySet(self.model, using=self._db).filter(settled())


class Person(Protected, Imported):
    """A person. ``home`` and ``path`` are copies of today's home branch, ``host_path`` of
    today's host branch, "" where they are not away; a nightly job keeps up with the day."""

    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=6, choices=Sex.choices, default="", blank=True)
    born_on = models.DateField("出生日期", null=True, blank=True)
    ethnicity = models.CharField("民族", max_length=20, default="", blank=True)
    education = models.CharField("学历", max_length=20, default="", blank=True)
    occupation = models.CharField("工作岗位", max_length=60, default="", blank=True)
    id_number_sealed = models.BinaryField(default=b"", editable=False)
    id_number_hash = models.CharField(max_length=32, default="", blank=True, editable=False)
    phone_sealed = models.BinaryField(default=b"", editable=False)
    phone_hash = models.CharField(max_length=32, default="", blank=True, editable=False)
    address_sealed = models.BinaryField(default=b"", editable=False)
    home = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    path = PathField(default="", editable=False, db_index=True)
    host_path = PathField(default="", db_default="", editable=False, db_index=True)
    registered_at = models.DateTimeField(editable=False)

    id_number = Secret("id_number_sealed", "id_number_hash")
    phone = Secret("phone_sealed", "phone_hash")
    address = Secret("address_sealed")

    all_rows = PersonQuerySet.as_manager()
    objects = PersonManager.from_queryset(PersonQuerySet)()

    class Meta:
        base_manager_name = "all_rows"
        default_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["id_number_hash"],
                condition=~Q(id_number_hash=""),
                name="people_id_number_once",
            ),
        ]
        # not ``db_index``: PostgreSQL would keep a second one for patterns nobody asks for
        indexes = [models.Index(fields=["phone_hash"], name="people_person_phone")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("people:detail", args=[self.pk])

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_address(self) -> str:
        return mask_address(self.address)


carries_copy(Person)
carries_copy(Person, "host_path")


class NameToken(models.Model):
    """One way of looking a person up by name: a suffix, pinyin, initials. Derived."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="name_tokens")
    token = BytewiseCharField(max_length=80, db_index=True)

    def __str__(self) -> str:
        return str(self.token)


class MembershipState(models.Model):
    """What a person was towards the Party over ``[since, until)``. Never overlapping."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="states")
    state = models.CharField(max_length=20, choices=State.choices)
    since = models.DateField()
    until = models.DateField(null=True)
    basis = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="people_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="people_state_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(until__isnull=True), name="people_one_open_state"
            ),
        ]
        indexes = [models.Index(fields=["person", "since"], name="people_state_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state} {self.since}"


class Belonging(models.Model):
    """Which branch a person belongs to over ``[since, until)``: home, or host while away.

    ``is_since_known`` is false where a roster only says that somebody is there now.
    """

    class Kind(models.TextChoices):
        HOME = "home", "组织关系所在支部"
        HOST = "host", "流入地支部"

    person = models.ForeignKey(Person, models.CASCADE, related_name="belongings")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="belongings")
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.HOME)
    since = models.DateField()
    until = models.DateField(null=True)
    is_since_known = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_belonging_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(until__isnull=True),
                name="people_one_open_belonging",
            ),
        ]
        indexes = [models.Index(fields=["organization", "since"], name="people_belonging_org")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.organization_id} {self.since}"


class GroupMembership(models.Model):
    """Which party group of the branch a person is in over ``[since, until)``."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="group_memberships")
    group = models.ForeignKey(PartyGroup, models.PROTECT, related_name="memberships")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_group_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(until__isnull=True), name="people_one_open_group"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.group_id}"


class HoldingQuerySet(models.QuerySet["Holding"]):
    def in_post_on(self, day: date) -> Self:
        """Begun and not handed over, whether or not the term has ended."""
        still = Q(ended_on__isnull=True) | Q(ended_on__gt=day)
        return self.filter(still, since__lte=day)


class Holding(models.Model):
    """A person in a post. ``until`` is when the term ends, ``ended_on`` when it really did.

    A holding past ``until`` keeps its role, marked, until hand-over.
    """

    class Manner(models.TextChoices):
        FULL = "full", "任职"
        ACTING = "acting", "主持工作"
        DEPUTY = "deputy", "代理"

    person = models.ForeignKey(Person, models.CASCADE, related_name="holdings")
    post = models.ForeignKey(Post, models.PROTECT, related_name="holdings")
    since = models.DateField()
    until = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    manner = models.CharField(max_length=6, choices=Manner.choices, default=Manner.FULL)
    reason = models.CharField(max_length=100, default="", blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_holding_forward",
                condition=(Q(until__isnull=True) | Q(until__gt=F("since")))
                & (Q(ended_on__isnull=True) | Q(ended_on__gt=F("since"))),
            ),
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=Q(ended_on__isnull=True),
                name="people_one_open_holding",
            ),
            models.CheckConstraint(
                name="people_stand_in_has_reason",
                condition=Q(manner="full") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.post_id} {self.since}"


class Reveal(models.Model):
    """Somebody looked at a sealed value, and why. Shown to the person it is about."""

    class Field(models.TextChoices):
        ID_NUMBER = "id_number", "身份证号"
        PHONE = "phone", "手机号"
        ADDRESS = "address", "住址"

    person = models.ForeignKey(Person, models.CASCADE, related_name="reveals")
    field = models.CharField(max_length=10, choices=Field.choices)
    reason = models.CharField(max_length=100)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="people_reveal_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field} {self.at}"
