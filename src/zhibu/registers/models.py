from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.core.dates import Duration
from zhibu.core.fields import FieldSpec
from zhibu.core.intervals import on_day
from zhibu.imports.models import Imported, settled
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.registers import HOLDER, Register
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

NAMING = ("person", "organization")


class RowQuerySet(models.QuerySet["Row"]):
    def visible_to(self, user: "User") -> Self:
        """Rows of organisations within reach; those a pack shows to members, in one's own; and
        those about oneself."""
        staff = standing.reach_q(user, "registers.view", "organization__path")
        members = standing.reach_q(user, "registers.shared", "organization__path")
        mine = Mention.objects.filter(person=user.person_id or 0, is_subject=True)
        return self.filter(staff | Q(is_shared=True) & members | Q(pk__in=mine.values("row")))

    def counted(self) -> Self:
        """Those that were not voided."""
        return self.exclude(state=Row.State.VOIDED)

    def valid_on(self, day: date) -> Self:
        """Rows that hold on ``day``, as is known now."""
        return self.counted().filter(on_day(day))

    def overlapping(self, since: date, until: date | None) -> Self:
        """Rows that share a day with ``[since, until)``; voided ones hold on none."""
        rows = self.counted().filter(Q(until__isnull=True) | Q(until__gt=since))
        return rows if until is None else rows.filter(since__lt=until)

    def in_order(self) -> Self:
        """By organisation, then by day: no order by figures."""
        return self.order_by("organization__code", "since", "pk")


class RowManager(models.Manager["Row"]):
    """Only rows that may be seen: those of an unsettled import are not there."""

    def get_queryset(self) -> RowQuerySet:
        return RowQuerySet(self.model, using=self._db).filter(settled())


class Row(Protected, Imported):
    """One row of ``register`` (``pack:register`` as worded on ``wording``)
    over ``[since, until)``.

    ``values`` are as ``core.fields`` stores them, by column. ``title`` and ``counted`` are copies
    of the columns the pack names for that, ``is_shared`` of who reads; ``key`` is what no two rows
    share on one day. ``version`` counts what was changed: see ``Revision``.
    """

    class State(models.TextChoices):
        OPEN = "open", "在册"
        ENDED = "ended", "结束"
        VOIDED = "voided", "作废"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="register_rows")
    register = models.CharField(max_length=120)
    wording = models.DateField()
    values = models.JSONField(default=dict)
    since = models.DateField("从哪天")
    until = models.DateField("到哪天", null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    ended_as = models.CharField(max_length=60, default="", blank=True)
    reason = models.CharField("原因", max_length=200, default="", blank=True)
    numbered_in = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    year = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    version = models.PositiveSmallIntegerField(default=1)
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    key = models.CharField(max_length=64, editable=False)
    title = models.CharField(max_length=200, editable=False)
    counted = models.CharField(max_length=60, default="", blank=True, editable=False)
    is_shared = models.BooleanField(default=False, editable=False)

    all_rows = RowQuerySet.as_manager()
    objects = RowManager.from_queryset(RowQuerySet)()

    class Meta:
        base_manager_name = "all_rows"
        default_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                name="registers_row_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.CheckConstraint(
                name="registers_ended_with_day_and_reason",
                condition=Q(state="open", reason="", ended_as="")
                | (Q(state="ended", until__isnull=False) & ~Q(reason=""))
                | (Q(state="voided", ended_as="") & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="registers_numbered_whole",
                condition=Q(number=None, numbered_in=None, year=None)
                | Q(number__isnull=False, numbered_in__isnull=False, year__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["register", "numbered_in", "year", "number"],
                condition=Q(number__isnull=False),
                name="registers_number_once",
            ),
        ]
        indexes = [
            models.Index(fields=["register", "organization", "since"], name="registers_register"),
            models.Index(fields=["organization", "state"], name="registers_org"),
            models.Index(fields=["key"], name="registers_key"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("registers:row", args=[self.pk])

    @property
    def is_voided(self) -> bool:
        return self.state == self.State.VOIDED

    @property
    def rule(self) -> Register:
        """The register as it was worded when the row was opened."""
        return worded(self.register, self.wording)

    @property
    def called_number(self) -> str:
        """合同〔2026〕3号, 合同3号 where years do not count; "" without a number."""
        numbering = self.rule.numbering
        if self.number is None or numbering is None:
            return ""
        year = f"〔{self.year}〕" if self.year else ""
        return f"{numbering.code}{year}{self.number}号"

    def standing_on(self, day: date) -> str:
        """One of ``STANDINGS`` as of ``day``, as is known now."""
        if self.is_voided:
            return "voided"
        if day < self.since:
            return "not-yet"
        if self.until is not None and self.until <= day:
            return "ended" if self.state == self.State.ENDED else "run-out"
        return "running-out" if self.runs_out_by(day) else "valid"

    def runs_out_by(self, day: date) -> bool:
        """Whether ``day`` lies within the time before the end in which the pack warns. Of what
        somebody has ended nobody need be warned."""
        warn = self.rule.warn_before
        if self.state != self.State.OPEN or self.until is None or warn is None:
            return False
        return warned_from(self.until, warn) <= day < self.until


STANDINGS = {
    "valid": "有效",
    "running-out": "快到期",
    "run-out": "过期",
    "ended": "结束",
    "not-yet": "还没开始",
    "voided": "作废",
}


def warned_from(until: date, warn: str) -> date:
    """The first day on which an end on ``until`` (the first day that does not count) is near."""
    return Duration.parse(warn).before(until)


class Mention(models.Model):
    """A person or an organisation that a row names in ``column``; ``is_subject``: it is about
    that person."""

    row = models.ForeignKey(Row, models.CASCADE, related_name="mentions")
    column = models.CharField(max_length=60)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="register_mentions")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    is_subject = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row", "column"], name="registers_mention_once"),
            models.CheckConstraint(
                name="registers_mention_of_one",
                condition=Q(person__isnull=False, organization=None)
                | Q(person=None, organization__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["person", "is_subject"], name="registers_mention_person")]

    def __str__(self) -> str:
        return f"{self.row_id} {self.column}"


class Revision(models.Model):
    """A row as it stood before it was changed, whole: how it was changed, why and by whom."""

    class Kind(models.TextChoices):
        CORRECTED = "corrected", "更正"
        ENDED = "ended", "结束"
        VOIDED = "voided", "作废"
        MOVED = "moved", "转到接续的组织"

    row = models.ForeignKey(Row, models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    content = models.JSONField()
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row", "number"], name="registers_revision_number"),
        ]

    def __str__(self) -> str:
        return f"{self.row_id} v{self.number}"


OWN_FIELDS = (
    "organization_id", "register", "wording", "values", "since", "until", "state", "ended_as",
    "reason", "numbered_in_id", "year", "number", "version",
    "opened_by_id", "opened_at",
)  # fmt: skip
PARTS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "mentions": (Mention, ("column", "person_id", "organization_id", "is_subject")),
    "revisions": (Revision, ("number", "kind", "content", "reason", "by_id", "at")),
}


def worded(register: str, since: date) -> Register:
    """``pack:register`` as worded from ``since`` on."""
    pack_id, _, name = register.partition(":")
    wording = library.packs()[pack_id].wording_on("registers", name, since)
    assert wording is not None and isinstance(wording.item, Register)
    return wording.item


def latest(register: str) -> Register | None:
    """Its latest wording of all; None where there is no such register."""
    pack_id, _, name = register.partition(":")
    pack = library.packs().get(pack_id)
    wordings = pack.items.get(("registers", name)) if pack else None
    if not wordings:
        return None
    assert isinstance(wordings[-1].item, Register)
    return wordings[-1].item


def key_of(register: str, rule: Register, organization: int, values: Mapping[str, Any]) -> str:
    """What no two rows share on one day; something nobody has where the pack names no columns.

    A person or organisation counts by number, text without the blanks around it; a column that
    says nothing counts as that.
    """
    if not rule.key:
        return random_key()
    said = [
        organization if name == HOLDER else _plain(rule.column(name), values.get(name))
        for name in rule.key
    ]
    told = dumps([register, rule.key, said], ensure_ascii=False, sort_keys=True)
    return sha256(told.encode()).hexdigest()


def random_key() -> str:
    return f"one:{uuid4().hex}"


def _plain(spec: FieldSpec | None, stored: Any) -> Any:
    if spec is not None and spec.type in NAMING and stored:
        return stored["id"]
    return stored.strip() if isinstance(stored, str) else stored
