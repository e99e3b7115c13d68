from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import paths, standing
from zhibu.core.codes import Codes
from zhibu.core.disclosures import LONGEST
from zhibu.core.encryption import Secret
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

_CODES = Codes(groups=3, drawn="publishing-code", kept="publishing-voice")  # 59 bits
new_code, code_for, hash_of = _CODES.new, _CODES.of, _CODES.hash_of


class Edition(models.Model):
    """The number of what is seen in public of one organisation and all below it; ``place`` is its
    key, ``WHOLE`` for everything. Whatever changes that advances both in its own transaction; a
    page kept under another number is no longer true."""

    WHOLE = 0

    place = models.BigIntegerField(primary_key=True)
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.place}: {self.number}"


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: "User") -> Self:
        """Those of organisations within reach, at every step; of what was published, also what
        is for everybody, for every Party member, for the units one stands in or below, and what
        names oneself."""
        staff = standing.reach_q(user, "publishing.view", "organization__path")
        out = Q(state__in=Publication.OUT)
        society = Q(scope=Publication.Scope.SOCIETY)
        found = staff | out & society
        if user.is_authenticated and user.person_id:
            named = Audience.objects.filter(person=user.person_id)
            found |= out & Q(pk__in=named.values("publication"))
        own = [held for held in standing.with_permission(user, "publishing.shared") if held.path]
        if own:
            above = {path for held in own for path in paths.ancestors(held.path)}
            unit = Q(scope=Publication.Scope.UNIT, organization__path__in=above)
            found |= out & (Q(scope=Publication.Scope.PARTY) | unit)
        return self.filter(found)

    def published(self) -> Self:
        """Those that stand, neither withdrawn nor replaced by a later version."""
        return self.filter(state=Publication.State.PUBLISHED)

    def open(self) -> Self:
        """On their way: neither published nor sent back for good."""
        return self.filter(state__in=Publication.UNDER_WAY)

    def running(self, today: date) -> Self:
        """Notices that hang on ``today``, the last day counted in."""
        return self.published().filter(published_on__lte=today, hang_until__gte=today)

    def newest_first(self) -> Self:
        return self.order_by("-published_on", "-pk")


class Publication(Protected):
    """One thing made public by an organisation: ``topic`` (``pack:catalogue/entry`` as worded on
    ``wording``), frozen when it was published.

    ``source`` is the name of the disclosure that drew it from ``record``, or from what that
    record says of ``[since, until)``; "" and None where it was written by hand. ``lines`` are
    ``{label, text, masked}`` as outsiders see them; ``note`` is free text. It has to hang until
    ``hang_until``, that day counted in. A later version ``replaces`` an earlier one and names the
    ``first`` of them all. One that ``is_followed`` tells in which state the record is now.
    ``review_on``: by when a posted rule is looked at again. ``looked_at`` names what the checker
    looked at.
    """

    class State(models.TextChoices):
        DRAFTED = "drafted", "等审核"
        CHECKED = "checked", "等审批"
        APPROVED = "approved", "等公开"
        PUBLISHED = "published", "公开"
        REPLACED = "replaced", "有了新版"
        WITHDRAWN = "withdrawn", "撤下"
        RETURNED = "returned", "退回"

    class Scope(models.TextChoices):
        SOCIETY = "society", "向社会公开"
        PARTY = "party", "向全党公开"
        UNIT = "unit", "向本地区、本单位公开"
        PEOPLE = "people", "向有关的人公开"

    UNDER_WAY = (State.DRAFTED, State.CHECKED, State.APPROVED)
    OUT = (State.PUBLISHED, State.REPLACED, State.WITHDRAWN)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="publications")
    topic = models.CharField(max_length=200)
    wording = models.DateField()
    title = models.CharField("标题", max_length=100)
    since = models.DateField("说的是从哪天", null=True)
    until = models.DateField("到哪天（不含）", null=True)
    source = models.CharField(max_length=LONGEST, default="", blank=True)
    record = models.BigIntegerField(null=True)
    lines = models.JSONField(default=list)
    note = models.TextField("说明", default="", blank=True)
    scope = models.CharField("给谁看", max_length=8, choices=Scope.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFTED)
    version = models.PositiveSmallIntegerField(default=1)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="versions", editable=False
    )
    first = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="later_versions", editable=False
    )
    is_followed = models.BooleanField("跟着记录走", default=False)
    review_on = models.DateField("哪天前再看一遍", null=True)
    hang_until = models.DateField("至少挂到哪天", null=True)
    looked_at = models.JSONField(default=list)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    checked_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_on = models.DateField("哪天公开", null=True)
    stopped_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField("为什么退回、撤下", max_length=200, default="", blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="publishing_drawn_whole",
                condition=Q(source="", record=None) | (~Q(source="") & Q(record__isnull=False)),
            ),
            models.CheckConstraint(
                name="publishing_period_whole",
                condition=Q(since=None, until=None)
                | Q(since__isnull=False, until__gt=F("since")),
            ),
            models.CheckConstraint(
                name="publishing_checked_by_another",
                condition=Q(checked_by=None, checked_at=None)
                | (Q(checked_at__isnull=False) & ~Q(checked_by=F("proposed_by"))),
            ),
            models.CheckConstraint(
                name="publishing_published_whole",
                condition=Q(
                    state__in=["published", "replaced", "withdrawn"],
                    checked_by__isnull=False, approved_by__isnull=False,
                    approved_at__isnull=False, published_by__isnull=False,
                    published_at__isnull=False, published_on__isnull=False,
                )
                | Q(
                    state__in=["drafted", "checked", "approved", "returned"],
                    published_by=None, published_at=None, published_on=None,
                ),
            ),
            models.CheckConstraint(
                name="publishing_stopped_with_reason",
                condition=Q(
                    state__in=["withdrawn", "returned"],
                    stopped_by__isnull=False, stopped_at__isnull=False,
                )
                & ~Q(stopped_because="")
                | Q(
                    state__in=["drafted", "checked", "approved", "published", "replaced"],
                    stopped_by=None, stopped_at=None, stopped_because="",
                ),
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(replaces__isnull=False) & ~Q(state="returned"),
                name="publishing_replaced_once",
            ),
            models.UniqueConstraint(
                fields=["topic", "organization", "source", "record", "since"],
                condition=Q(state="published", record__isnull=False, since__isnull=False),
                name="publishing_period_stands_once",
            ),
            models.UniqueConstraint(
                fields=["topic", "organization", "source", "record"],
                condition=Q(state="published", record__isnull=False, since=None),
                name="publishing_record_stands_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["state", "scope", "-published_on", "-id"], name="publishing_shown"
            ),
            models.Index(fields=["organization", "state"], name="publishing_org"),
            models.Index(fields=["topic", "published_on"], name="publishing_topic"),
            models.Index(fields=["source", "record"], name="publishing_record"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("publishing:detail", args=[self.pk])

    @property
    def is_out(self) -> bool:
        return self.state in self.OUT

    @property
    def is_standing(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it."""
        return self.scope == self.Scope.SOCIETY

    def hangs_on(self, day: date) -> bool:
        return (
            self.is_standing
            and self.published_on is not None
            and self.hang_until is not None
            and self.published_on <= day <= self.hang_until
        )


class Audience(models.Model):
    """Somebody whom a publication with scope ``people`` is for."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="audience")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "person"], name="publishing_audience_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.person_id}"


class Channel(models.TextChoices):
    PAGE = "page", "公开网页"
    BOARD = "board", "公开栏"
    MEETING = "meeting", "会议"
    PAPER = "paper", "文件"
    TELEVISION = "television", "电视"
    BROADCAST = "broadcast", "广播"
    WEBSITE = "website", "其他网站"
    BANNER = "banner", "横幅、宣传册"


class Posting(models.Model):
    """A publication at one place, ``[posted_on, until]`` both counted in; still there where
    ``until`` is None."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="postings")
    channel = models.CharField("怎么公开", max_length=10, choices=Channel.choices)
    place = models.CharField("在哪里", max_length=100, default="", blank=True)
    posted_on = models.DateField("从哪天")
    until = models.DateField("到哪天", null=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="publishing_posted_forward",
                condition=Q(until=None) | Q(until__gte=F("posted_on")),
            ),
            models.CheckConstraint(
                name="publishing_posted_somewhere", condition=Q(channel="page") | ~Q(place="")
            ),
        ]
        indexes = [models.Index(fields=["channel", "posted_on"], name="publishing_posting_channel")]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.channel} {self.posted_on}"


class VoiceQuerySet(models.QuerySet["Voice"]):
    def visible_to(self, user: "User") -> Self:
        """Those of organisations within reach: they hold what visitors wrote."""
        return self.filter(
            standing.reach_q(user, "publishing.answer", "publication__organization__path")
        )

    def open(self) -> Self:
        return self.filter(answered_at=None)


class Voice(Protected):
    """A question or an objection of a visitor, and what came of it.

    What was said and how to reach whoever said it are sealed; ``code_hash`` is the keyed hash of
    the code they follow it with. ``in_public``: the answer stands beside the publication, with
    ``asked``, the question as it was put into words that anybody may read. ``stands`` says of an
    objection whether it was right.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", "问一问"
        OBJECTION = "objection", "提异议"

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="voices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    said_sealed = models.BinaryField(default=b"", editable=False)
    contact_sealed = models.BinaryField(default=b"", editable=False)
    code_hash = models.CharField(max_length=32, unique=True, editable=False)
    at = models.DateTimeField()
    asked = models.TextField("公开的问题", default="", blank=True)
    answer = models.TextField("答复", default="", blank=True)
    in_public = models.BooleanField("公开答复", null=True)
    stands = models.BooleanField("成立", null=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    said = Secret("said_sealed")
    contact = Secret("contact_sealed")
    objects = VoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="publishing_answered_whole",
                condition=Q(
                    answered_at=None, answered_by=None, in_public=None, stands=None, answer="",
                    asked="",
                )
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False)
                    & Q(in_public__isnull=False)
                    & ~Q(answer="")
                ),
            ),
            models.CheckConstraint(
                name="publishing_objection_stands_or_not",
                condition=Q(answered_at=None)
                | Q(kind="question", stands=None)
                | Q(kind="objection", stands__isnull=False),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["publication", "answered_at"], name="publishing_voice_open")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.publication_id}"

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    def says(self, *, kind: str, said: str, contact: str) -> bool:
        """Whether this is what was said, word for word."""
        told = (kind, said.strip(), contact.strip())
        return (self.kind, self.said, self.contact) == told


class Receipt(Protected):
    """That somebody read this version of a publication, themselves, once."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="receipts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="reading_receipts")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "person"], name="publishing_read_once"),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.person_id}"


OWN_FIELDS = (
    "organization_id", "topic", "wording", "title", "since", "until", "source", "record", "lines",
    "note", "scope", "state", "version", "replaces_id", "first_id", "is_followed", "review_on",
    "hang_until",
    "looked_at", "proposed_by_id", "proposed_at", "checked_by_id", "checked_at", "approved_by_id",
    "approved_at", "published_by_id", "published_at", "published_on", "stopped_by_id",
    "stopped_at", "stopped_because",
)  # fmt: skip
PARTS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "audience": (Audience, ("person_id",)),
    "postings": (Posting, ("channel", "place", "posted_on", "until", "by_id", "at")),
}
VOICE_FIELDS = (
    "publication_id", "kind", "said", "code_hash", "at", "asked", "answer", "in_public", "stands",
    "answered_by_id", "answered_at",
)  # fmt: skip
RECEIPT_FIELDS = ("publication_id", "person_id", "by_id", "at")


def stored_lines(lines: Any) -> list[dict[str, Any]]:
    """The lines of a draft as they are kept."""
    return [line.frozen() for line in lines]
