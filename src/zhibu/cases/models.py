import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from zhibu.core import standing
from zhibu.core.encryption import Secret
from zhibu.core.sealing import WordsField
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure, Stage
from zhibu.packs.schema.tightenings import Tighten
from zhibu.packs.tightening import Asked, tightened
from zhibu.people.models import Belonging, Holding, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

MEMBER = "member"  # the role of whoever simply belongs to a branch


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: "User") -> Self:
        """Cases of organisations within reach, or passed on to one; those one answers for, those
        one was asked in as everyone on a roll or claimed from elsewhere, and those about oneself
        where the pack shows them.
        Confidential ones ask for a permission of their own; what is kept apart is seen by those
        who stand at its very organisation, but for whom and where it is about."""
        me = user.person_id or 0
        asked = Turn.objects.filter(
            Q(round__isnull=False) | Q(claimed_for__isnull=False), person=me
        )
        within = (
            Q(is_confidential=False) & _within(user, "cases.view")
            | Q(is_confidential=True) & _within(user, "cases.confidential")
            | Q(owner=me)
            | Q(person=me, is_shown_to_person=True)
            | Q(pk__in=asked.values("case"))
        )
        return self.filter(Q(is_kept_apart=False) & within | kept_apart_for(user))

    def open(self) -> Self:
        return self.filter(state=Case.State.OPEN)

    def waiting_for(self, user: "User") -> Self:
        """Open ones in which it is this user's turn: by name, or where they stand themselves."""
        return self.open().filter(pk__in=Turn.objects.waiting_for(user).values("case"))

    def overdue(self, today: date) -> Self:
        """Open ones with a turn whose last day, or hour, has passed."""
        return self.open().filter(is_past(today))


def stands_at(user: "User", permission: str = "cases.confidential") -> set[int]:
    """Organisations at which ``user`` holds a standing with ``permission`` themselves: no reach
    from above, nothing inherited."""
    found = standing.of(user)
    return {s.organization_id for s in found if permission in s.grants and s.organization_id}


def kept_apart_for(user: "User", prefix: str = "") -> Q:
    """Cases kept apart that ``user`` may know of, of rows that reach them by ``prefix``. Neither
    whom they are about is among those, whatever else they hold, nor anybody who stands in the
    unit they are about or in one of whom they are about."""
    keeping = stands_at(user)
    if not keeping:
        return Q((f"{prefix}pk__in", []))
    anywhere = {s.organization_id for s in standing.of(user) if s.organization_id}

    def where(name: str, value: object) -> Q:
        return Q((f"{prefix}{name}", value))

    return (
        where("is_kept_apart", True)
        & where("organization__in", keeping)
        & (where("person", None) | ~where("person", user.person_id or 0))
        & (where("unit", None) | ~where("unit__in", anywhere))
        & ~_shares_a_unit(user, anywhere, prefix)
    )


def _shares_a_unit(user: "User", anywhere: set[int], prefix: str) -> Q:
    """Whom a case is about has, or had since it came in, a post in one of ``anywhere``, or
    belongs to a branch in which ``user`` has one: members of one branch who only pay their dues
    there are no unit.

    Not counted is the organisation that keeps it: where nobody above could take it over, those
    who sit there with whom it is about are all there are.
    """
    led = {s.organization_id for s in standing.of(user) if s.role != MEMBER}
    named, kept = OuterRef(f"{prefix}person"), OuterRef(f"{prefix}organization")
    came = OuterRef(f"{prefix}started_on")
    posts = Holding.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=came), person=named, post__organization__in=anywhere
    )
    rolls = Belonging.objects.filter(
        Q(until=None) | Q(until__gt=came), person=named, organization__in=led
    )
    return Q(Exists(posts.exclude(post__organization=kept))) | Q(
        Exists(rolls.exclude(organization=kept))
    )


def _within(user: "User", permission: str) -> Q:
    there = standing.reach_q(user, permission, "organization__path")
    return there | standing.reach_q(user, permission, "partner__path")


def is_past(today: date) -> Q:
    """Rows whose last day lies before ``today``, or whose hour has struck."""
    return Q(due_on__lt=today) | Q(due_at__lt=timezone.now())


class Case(Protected):
    """One run of a procedure: ``pack:procedure`` as worded on ``wording``, to its end.

    ``person`` is whom it is about, ``partner`` the other organisation that has a hand in it.
    ``facts`` is the latest stored value of each field, ``began_with`` what was written at the
    beginning, which stays; words of what was asked for at a door are kept sealed in both, and in
    its turns (``steps.store``). ``stricter`` is what was tightened then: fields and values.
    ``number`` counts within organisation, procedure and the year of ``started_on``. Where it
    stands is told by its turns; ``due_on``, the nearest last day among the open ones, is derived
    from them, for lists. ``started_by`` is None where somebody without an account asked for it.
    What ``is_kept_apart`` is seen at its very organisation alone, never in ``unit``, which it is
    about, nor in a unit of ``person``.
    ``erased_on``: the day on which what the requester wrote was erased.
    """

    class State(models.TextChoices):
        OPEN = "open", "在办"
        ENDED = "ended", "办结"
        CANCELLED = "cancelled", "取消"
        VOIDED = "voided", "作废"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="cases")
    procedure = models.CharField(max_length=120)
    wording = models.DateField()
    title = models.CharField("事情", max_length=100)
    number = models.PositiveIntegerField()
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="cases_about")
    partner = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="cases_passed_on"
    )
    is_confidential = models.BooleanField(default=False)
    is_shown_to_person = models.BooleanField(default=False)
    is_kept_apart = models.BooleanField(default=False)
    unit = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    erased_on = models.DateField("写的内容哪天删的", null=True, editable=False)
    facts = WordsField(default=dict)
    began_with = WordsField(default=dict, editable=False)
    stricter = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    started_on = models.DateField("开始的日子")
    started_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    ended_as = models.CharField(max_length=12, default="", blank=True)
    reason = models.CharField("为什么取消、作废", max_length=200, default="", blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField("最近有进展")
    due_on = models.DateField("最近的期限", null=True, editable=False)
    due_at = models.DateTimeField("最近的期限，到几点", null=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_ended_with_day",
                condition=Q(state="open", ended_on=None, ended_as="")
                | (~Q(state="open") & Q(ended_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="cases_cancelled_with_reason",
                condition=~Q(state__in=["cancelled", "voided"]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="cases_kept_apart_is_confidential",
                condition=Q(is_kept_apart=False) | Q(is_confidential=True),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_on"], name="cases_org"),
            models.Index(fields=["owner", "state"], name="cases_owner"),
            models.Index(fields=["procedure", "state"], name="cases_procedure"),
            models.Index(fields=["person", "state"], name="cases_person"),
            models.Index(fields=["partner", "state"], name="cases_partner"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("cases:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def rule(self) -> Procedure:
        """The procedure as it was worded, and tightened, when the case began."""
        asked = [Asked(_tighten(self.procedure, one)) for one in self.stricter]
        return tightened(worded(self.procedure, self.wording), asked)


def worded(procedure: str, since: date) -> Procedure:
    """``pack:procedure`` as worded from ``since`` on."""
    pack_id, _, name = procedure.partition(":")
    wording = library.packs()[pack_id].wording_on("procedures", name, since)
    assert wording is not None and isinstance(wording.item, Procedure)
    return wording.item


def _tighten(procedure: str, said: dict[str, Any]) -> Tighten:
    return Tighten(of="procedures", item=procedure, field=said["field"], value=said["value"])


class TurnQuerySet(models.QuerySet["Turn"]):
    def open(self) -> Self:
        return self.filter(state=Turn.State.OPEN)

    def waiting_for(self, user: "User") -> Self:
        """Open turns of this very person, and those of the organisations they stand in."""
        at = {
            held.organization_id
            for held in standing.with_permission(user, "cases.act")
            if held.organization_id
        }
        closed = {
            held.organization_id
            for held in standing.with_permission(user, "cases.confidential")
            if held.organization_id
        }
        named = Q(person=user.person_id or 0)
        there = Q(person=None, organization__in=at)
        if at - closed:
            there &= Q(case__is_confidential=False) | Q(organization__in=closed)
        known = Q(case__is_kept_apart=False) | kept_apart_for(user, "case__")
        return self.open().filter(named | there, known, is_requesters=False)


class Turn(models.Model):
    """One stage once, by number in its case. See ADR 0012.

    ``organization`` is where it is answered, ``person`` who answers if it is one, or claimed
    it; ``claimed_for`` is the unit they came from, where they are not of the place but reported
    in there (``claiming``); ``is_requesters``: whoever asked for the case, who has no account.
    ``way`` is how it was ended where not simply ``by`` somebody: the requester by the code,
    somebody who wrote down what the requester told them, or the time that passed. ``round`` is
    the number of the first of those that everyone on a roll was asked with, None where one turn
    is the whole stage.
    ``wording`` is the day of the wording it was done under where that is not the case's.
    ``happened_on`` is the day it was done, ``at`` when that was entered; ``content`` what was
    written, as ``core.fields`` stores it.
    """

    class State(models.TextChoices):
        OPEN = "open", "轮到"
        DONE = "done", "办了"
        DROPPED = "dropped", "不用办了"

    class Way(models.TextChoices):
        CODE = "code", "本人凭查询码办的"
        TOLD = "told", "本人电话里说的，工作人员记的"
        LAPSED = "lapsed", "过了期限，没有来办"

    case = models.ForeignKey(Case, models.CASCADE, related_name="turns")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    round = models.PositiveSmallIntegerField(null=True)
    wording = models.DateField(null=True)
    opened_on = models.DateField()
    not_before = models.DateField(null=True)
    due_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    is_claimed = models.BooleanField(default=False)
    claimed_for = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    is_requesters = models.BooleanField(default=False)
    way = models.CharField(max_length=8, choices=Way.choices, default="", blank=True)
    happened_on = models.DateField(null=True)
    outcome = models.CharField(max_length=60, default="", blank=True)
    content = WordsField(default=dict)
    reason = models.CharField(max_length=200, default="", blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_turn_number"),
            models.UniqueConstraint(
                fields=["case", "stage"],
                condition=Q(state="open", round=None),
                name="cases_one_open_turn_a_stage",
            ),
            models.CheckConstraint(
                name="cases_round_is_of_people", condition=Q(round=None) | Q(person__isnull=False)
            ),
            models.CheckConstraint(
                name="cases_done_with_day_and_person",
                condition=Q(state="open", happened_on=None, by=None, at=None, outcome="")
                | Q(state="dropped")
                | (
                    Q(state="done", happened_on__isnull=False, at__isnull=False)
                    & (
                        Q(by__isnull=False, way__in=["", "told"])
                        | Q(by=None, way__in=["code", "lapsed"])
                    )
                    & ~Q(outcome="")
                ),
            ),
            models.CheckConstraint(
                name="cases_way_is_the_requesters", condition=Q(way="") | Q(is_requesters=True)
            ),
            models.CheckConstraint(
                name="cases_turn_forward",
                condition=Q(happened_on=None) | Q(happened_on__gte=F("opened_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_on"], name="cases_turn_org"),
            models.Index(fields=["person", "state", "due_on"], name="cases_turn_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number} {self.stage}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def is_late(self, today: date, now: datetime | None = None) -> bool:
        """Past its last day, or its hour: open on ``today``, at ``now``, or done after it.
        Whoever asked is never late: what is not used lapses."""
        if self.is_requesters:
            return False
        if self.due_at is not None:
            return (self.at or now or timezone.now()) > self.due_at
        return self.due_on is not None and (self.happened_on or today) > self.due_on

    def rule(self, procedure: Procedure) -> Stage:
        """Its stage; a wording never loses one."""
        if self.wording is not None:
            procedure = worded(self.case.procedure, self.wording)
        found = procedure.stage(self.stage)
        assert found is not None
        return found


class Ballot(models.Model):
    """Totals of a vote held on paper. ``roll``: who had a vote that day, frozen; never who
    voted how. ``written``: opinions lodged in writing before the count, among ``yes`` and
    ``no``, by people who were not present. Signed by two tellers."""

    turn = models.OneToOneField(Turn, models.CASCADE, related_name="ballot")
    case = models.ForeignKey(Case, models.CASCADE, related_name="ballots")
    roll = models.JSONField(default=list)
    entitled = models.PositiveSmallIntegerField("应到有表决权的")
    present = models.PositiveSmallIntegerField("实到有表决权的")
    written = models.PositiveSmallIntegerField("会前书面意见", default=0)
    yes = models.PositiveSmallIntegerField("赞成")
    no = models.PositiveSmallIntegerField("反对")
    abstain = models.PositiveSmallIntegerField("弃权")
    why_fewer = models.CharField("应到和名册不一样的原因", max_length=200, default="", blank=True)
    teller_one = models.ForeignKey(Person, models.PROTECT, related_name="+")
    teller_two = models.ForeignKey(Person, models.PROTECT, related_name="+")
    has_passed = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_two_tellers", condition=~Q(teller_one=F("teller_two"))
            ),
            models.CheckConstraint(
                name="cases_no_more_present", condition=Q(present__lte=F("entitled"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.yes}:{self.no}:{self.abstain}"


class Posting(models.Model):
    """A public notice at one place, ``[posted_on, until]`` both counted in."""

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="postings")
    case = models.ForeignKey(Case, models.CASCADE, related_name="postings")
    channel = models.CharField("怎么公示", max_length=40)
    place = models.CharField("在哪里", max_length=100)
    posted_on = models.DateField("从哪天")
    until = models.DateField("到哪天")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_posted_forward", condition=Q(until__gte=F("posted_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.place}"


class Objection(models.Model):
    """What somebody objected while a notice hung, and what came of it.

    ``source`` names no one unless they wish it; ``stands`` is None until it is answered.
    """

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="objections")
    case = models.ForeignKey(Case, models.CASCADE, related_name="objections")
    raised_on = models.DateField("哪天提的")
    source = models.CharField("谁提的", max_length=60, default="", blank=True)
    said = models.TextField("提了什么")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    stands = models.BooleanField("成立", null=True)
    answer = models.TextField("怎么答复", default="", blank=True)
    answered_on = models.DateField("哪天答复", null=True)
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_objection_answered_whole",
                condition=Q(stands=None, answered_on=None, answered_by=None, answered_at=None)
                | (
                    Q(stands__isnull=False, answered_on__isnull=False)
                    & Q(answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(answer="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.posting_id} {self.raised_on}"


class Link(models.Model):
    """Two cases that belong together; ``case`` is the ``kind`` of ``other``."""

    class Kind(models.TextChoices):
        PART = "part", "是它的一部分"
        FOLLOWS = "follows", "接着它办"
        CLUSTERED = "clustered", "归到它一起办"
        SPLIT = "split", "从它分出来"

    case = models.ForeignKey(Case, models.CASCADE, related_name="links")
    other = models.ForeignKey(Case, models.CASCADE, related_name="linked")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    turn = models.ForeignKey(Turn, models.CASCADE, null=True, related_name="begun")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "kind"], name="cases_linked_once"),
            models.CheckConstraint(name="cases_linked_to_another", condition=~Q(case=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"

    @classmethod
    def by_hand(cls) -> list[tuple[str, str]]:
        """Kinds that people say; the others come with what a step begins or a problem gathers."""
        return [(str(kind), str(kind.label)) for kind in (cls.Kind.FOLLOWS, cls.Kind.SPLIT)]


class Extension(models.Model):
    """The last day of a turn put off by the level above, with the day before and the reason."""

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="extensions")
    case = models.ForeignKey(Case, models.CASCADE, related_name="extensions")
    before = models.DateField()
    until = models.DateField("延到哪天")
    reason = models.CharField("为什么延", max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cases_extended_forward", condition=Q(until__gt=F("before"))
            ),
            models.CheckConstraint(name="cases_extended_with_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.until}"


_NUMBERED = re.compile(r"(.{0,12})[〔\[(（](\d{4})[〕\])）](?:第)?(\d{1,6})号?")


class KeptTemplate(models.Model):
    """A template as it was when a paper was first drawn from it, by its digest; never changed.

    ``content`` is the file as the pack has it; one made in Word stands there in base64.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    is_word = models.BooleanField(default=False)
    content = models.TextField()

    def __str__(self) -> str:
        return self.digest[:12]


class IssuedPaperQuerySet(models.QuerySet["IssuedPaper"]):
    def visible_to(self, user: "User") -> Self:
        """Papers issued within reach, confidential ones as their cases; and those of cases that
        may be seen."""
        at, path = standing.reach_q, "organization__path"
        return self.filter(
            Q(case__in=Case.objects.visible_to(user).values("pk"))
            | Q(case__is_confidential=False) & at(user, "cases.view", path)
            | Q(case__is_confidential=True) & at(user, "cases.confidential", path)
        )

    def matching(self, text: str) -> Self:
        """By the words of the paper or its case, or by number as it is written on it."""
        numbered = _NUMBERED.fullmatch(text.strip())
        if numbered:
            code, year, number = numbered.groups()
            return self.filter(code__icontains=code, year=int(year), number=int(number))
        return self.filter(Q(title__icontains=text) | Q(case__title__icontains=text))

    def valid_on(self, day: date) -> Self:
        rows = self.filter(issued_on__lte=day, annulled_at=None)
        return rows.filter(Q(valid_until=None) | Q(valid_until__gte=day))


class IssuedPaper(Protected):
    """A numbered paper as it went out: the number, the day, and the words it named, for good.

    ``paper`` is its id in the procedure as worded on ``wording``; ``number`` counts within
    organisation, ``register`` and ``year``, from 1 and without a gap; an annulled one is never
    given again. ``values`` (sealed: names and numbers of people stand in them) is JSON of what
    ``documents.papers`` fills in.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="papers")
    turn = models.ForeignKey(Turn, models.PROTECT, related_name="papers")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    paper = models.CharField(max_length=60)
    wording = models.DateField()
    template = models.ForeignKey(KeptTemplate, models.PROTECT, related_name="+")
    title = models.CharField("文书", max_length=20)
    register = models.CharField(max_length=60)
    register_title = models.CharField("登记", max_length=20)
    code = models.CharField("代字", max_length=12)
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveIntegerField("序号")
    issued_on = models.DateField("出具日期")
    valid_until = models.DateField("有效到", null=True)
    values_sealed = models.BinaryField(default=b"", editable=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    annulled_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    annulled_at = models.DateTimeField(null=True)
    annulled_because = models.CharField("为什么作废", max_length=200, default="", blank=True)

    values = Secret("values_sealed")

    objects = IssuedPaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "register", "year", "number"],
                name="cases_paper_number",
            ),
            models.CheckConstraint(
                name="cases_paper_numbered_from_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(
                name="cases_paper_valid_forward",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("issued_on")),
            ),
            models.CheckConstraint(
                name="cases_paper_annulled_whole",
                condition=Q(annulled_at=None, annulled_by=None, annulled_because="")
                | (
                    Q(annulled_at__isnull=False, annulled_by__isnull=False)
                    & ~Q(annulled_because="")
                ),
            ),
        ]
        indexes = [models.Index(fields=["-issued_on", "-id"], name="cases_paper_day")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.called}"

    def get_absolute_url(self) -> str:
        return f"{self.case.get_absolute_url()}#papers"

    @property
    def called(self) -> str:
        """接转〔2026〕3号."""
        return f"{self.code}〔{self.year}〕{self.number}号"

    def stands(self, today: date) -> str:
        """作废, 过期 or 有效, in words."""
        if self.annulled_at:
            return "作废"
        return "过期" if self.valid_until and self.valid_until < today else "有效"


def stored_values(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` without those that say nothing."""
    return {name: value for name, value in values.items() if value not in (None, "", [])}
