from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.core.encryption import Secret, mask_id_number
from zhibu.core.exact import ExactField, YuanField
from zhibu.core.paths import PathField, carries_copy
from zhibu.ledger.models import Protected
from zhibu.money import chart, subjects

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class BookQuerySet(models.QuerySet["Book"]):
    def visible_to(self, user: "User") -> Self:
        """Books of organisations within reach, and those about something that one sees."""
        return self.filter(standing.reach_q(user, "money.view") | subjects.seen_by(user))

    def open(self) -> Self:
        return self.filter(closed_on=None)

    def newest_first(self) -> Self:
        return self.order_by("-opened_on", "-pk")


class Book(Protected):
    """The money of one purpose in one organisation, from ``opened_on`` on.

    ``subject_type`` and ``subject_id`` name what it is about (``cases.case``), one book each;
    "" and None where it stands for itself. ``scheme`` is the round or programme that several
    books belong to. The terms hold for every entry and are written at the opening, with the
    ``basis`` they rest on: ``needs_plan`` nothing is paid before a ceiling is set;
    ``is_voluntary`` no pledge may be apportioned; ``most_a_head`` yuan pledged by one giver in
    a calendar year; ``days_a_head`` days of labour likewise. Entries of days up to
    ``closed_through`` are settled: nothing is posted into them any more.
    """

    organization_id = models.BigIntegerField()
    path = PathField()
    subject_type = models.CharField(max_length=60, default="", blank=True)
    subject_id = models.BigIntegerField(null=True)
    title = models.CharField("名称", max_length=100)
    scheme = models.CharField("哪一轮、哪个项目", max_length=80, default="", blank=True)
    needs_plan = models.BooleanField(default=False)
    is_voluntary = models.BooleanField(default=False)
    most_a_head = YuanField(null=True)
    days_a_head = ExactField(places=3, null=True)
    basis = models.CharField("依据", max_length=200, default="", blank=True)
    opened_on = models.DateField("从哪天起")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_through = models.DateField("结账到哪天", null=True)
    closed_on = models.DateField("封账的日子", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    closed_note = models.CharField("余款怎么办", max_length=200, default="", blank=True)

    objects = BookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(subject_id__isnull=False),
                name="money_one_book_a_subject",
            ),
            models.CheckConstraint(
                name="money_subject_whole",
                condition=Q(subject_type="", subject_id=None)
                | (~Q(subject_type="") & Q(subject_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="money_closed_by_somebody",
                condition=Q(closed_on=None, closed_by=None)
                | Q(closed_on__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="money_limits_positive",
                condition=(Q(most_a_head=None) | Q(most_a_head__gt=0))
                & (Q(days_a_head=None) | Q(days_a_head__gt=0)),
            ),
        ]
        indexes = [
            models.Index(fields=["path", "-opened_on"], name="money_book_path"),
            models.Index(fields=["organization_id"], name="money_book_org"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("money:book", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    @property
    def most_days(self) -> str:
        return "" if self.days_a_head is None else plain(self.days_a_head)

    def is_settled(self, day: date) -> bool:
        return self.closed_through is not None and day <= self.closed_through


carries_copy(Book)


class Account(models.Model):
    """One account of a book, made when something is first posted to it. Its kind and whether
    it may go negative are the chart's, by ``code``."""

    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts")
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="money_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.book_id} {self.code}"

    @property
    def known(self) -> chart.Known:
        return chart.get(self.code)


class Entry(Protected):
    """One thing that happened to the money of a book; never changed, never removed.

    ``occurred`` is the day it took place, ``at`` when it was entered. ``party`` is who gave or
    got, ``paper`` the number of the receipt or voucher. ``source`` names what made it, where
    that could run twice. ``reverses`` is the entry that this one takes back, whole.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", "定预算"
        PROMISE = "promise", "认捐"
        RECEIPT = "receipt", "收款"
        PAYMENT = "payment", "付款"
        TRANSFER = "transfer", "转账"
        REVERSAL = "reversal", "冲正"

    book = models.ForeignKey(Book, models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    occurred = models.DateField("日期")
    party = models.CharField("谁", max_length=60, default="", blank=True)
    memo = models.CharField("说明", max_length=200, default="", blank=True)
    paper = models.CharField("票据、凭证号", max_length=60, default="", blank=True)
    source = models.CharField(max_length=120, default="", blank=True, editable=False)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", editable=False
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["book", "number"], name="money_entry_number"),
            models.UniqueConstraint(
                fields=["source"], condition=~Q(source=""), name="money_entry_posted_once"
            ),
            models.CheckConstraint(
                name="money_reversal_of_something",
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses=None)),
            ),
        ]
        indexes = [models.Index(fields=["book", "occurred"], name="money_entry_day")]

    def __str__(self) -> str:
        return f"{self.book_id} {self.number}"


class Line(models.Model):
    """``amount`` yuan out of the account ``credit`` into the account ``debit``.

    A line has both sides, so that what does not balance cannot be written down.
    """

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines")
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits")
    amount = YuanField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="money_line_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="money_line_between_two", condition=~Q(debit=F("credit"))),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.amount}"


class Quantity(Protected):
    """Work done, in its unit: 26 条 roads, 24.8 公里 of them, 12 工日 of labour.

    ``what`` and ``unit`` together are one quantity; ``title`` is what it was called then.
    ``worker`` is who gave the labour. Never changed: one that ``reverses`` another has its
    amount with the other sign, so that sums are sums.
    """

    book = models.ForeignKey(Book, models.PROTECT, related_name="quantities")
    what = models.CharField(max_length=40)
    title = models.CharField("做了什么", max_length=40)
    unit = models.CharField("单位", max_length=12)
    amount = ExactField(places=3)
    occurred = models.DateField("日期")
    worker = models.CharField("谁出的工", max_length=60, default="", blank=True)
    memo = models.CharField("说明", max_length=200, default="", blank=True)
    paper = models.CharField("验收单、记工单号", max_length=60, default="", blank=True)
    source = models.CharField(max_length=120, default="", blank=True, editable=False)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", editable=False
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "quantities"
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=~Q(source=""), name="money_quantity_posted_once"
            ),
            models.CheckConstraint(
                name="money_quantity_sign",
                condition=Q(reverses=None, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
            ),
        ]
        indexes = [models.Index(fields=["book", "what", "unit"], name="money_quantity_what")]

    def __str__(self) -> str:
        return f"{self.book_id} {self.title} {self.amount} {self.unit}"

    @property
    def measured(self) -> str:
        return f"{plain(self.amount)} {self.unit}"


def plain(amount: Decimal) -> str:
    """A quantity as people write it: 24.8, 5,194."""
    return f"{amount.normalize():,f}"


LABOUR, LABOUR_UNIT = "labour", "工日"


class Claim(Protected):
    """Somebody to be paid from a book: a line of the list that is posted before the money goes.

    ``number`` is an identity number, ``account`` a bank account: sealed, found by keyed hash
    only. Nobody stands twice with either in one ``scheme`` for one ``item``, in whichever book:
    the database keeps it. ``entry`` is the payment; a withdrawn one says why, and was not paid
    or the payment was taken back.
    """

    book = models.ForeignKey(Book, models.PROTECT, related_name="claims")
    scheme = models.CharField(max_length=80)
    item = models.CharField("补什么", max_length=40)
    name = models.CharField("姓名", max_length=60)
    household = models.CharField("哪一组、哪一户", max_length=60, default="", blank=True)
    number_sealed = models.BinaryField(max_length=200, default=b"")
    number_hash = models.CharField(max_length=32, default="", blank=True)
    account_sealed = models.BinaryField(max_length=200, default=b"")
    account_hash = models.CharField(max_length=32, default="", blank=True)
    amount = YuanField()
    measure = models.CharField("按什么算", max_length=100, default="", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="claim")
    withdrawn_because = models.CharField("为什么撤下", max_length=200, default="", blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)

    number = Secret("number_sealed", "number_hash")
    account = Secret("account_sealed", "account_hash")

    class Meta:
        constraints = [
            models.CheckConstraint(name="money_claim_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="money_claim_identified",
                condition=~Q(number_hash="") | ~Q(account_hash=""),
            ),
            models.UniqueConstraint(
                fields=["scheme", "item", "number_hash"],
                condition=Q(withdrawn_at=None) & ~Q(number_hash=""),
                name="money_number_claims_once",
            ),
            models.UniqueConstraint(
                fields=["scheme", "item", "account_hash"],
                condition=Q(withdrawn_at=None) & ~Q(account_hash=""),
                name="money_account_claims_once",
            ),
            models.CheckConstraint(
                name="money_withdrawn_whole",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                    & ~Q(withdrawn_because="")
                ),
            ),
        ]
        indexes = [models.Index(fields=["book", "withdrawn_at"], name="money_claim_book")]

    def __str__(self) -> str:
        return f"{self.book_id} #{self.pk}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def masked_number(self) -> str:
        return mask_id_number(self.number)

    @property
    def masked_account(self) -> str:
        account = self.account
        return f"****{account[-4:]}" if account else ""

    @property
    def in_words(self) -> str:
        if self.is_withdrawn:
            return f"撤下：{self.withdrawn_because}"
        return "发放了" if self.entry_id else "待发放"


ZERO = Decimal("0.00")
