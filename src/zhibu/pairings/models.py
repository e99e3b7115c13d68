from datetime import date, timedelta
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.cases.models import Case
from zhibu.core import standing
from zhibu.core.dates import Duration
from zhibu.core.encryption import Secret
from zhibu.core.intervals import on_day
from zhibu.ledger.models import Protected
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.pair_kinds import LinkRule, PairKind, Shift
from zhibu.people.models import Person
from zhibu.registers.models import Row

if TYPE_CHECKING:
    from zhibu.accounts.models import User

WHO, WHOM = "who", "whom"
COLUMNS = {"person": "person", "organization": "organization", "register-row": "row"}


def kind_of(reference: str, wording: date) -> PairKind:
    """``pack:kind`` as worded from ``wording`` on."""
    pack_id, _, name = reference.partition(":")
    found = library.packs()[pack_id].wording_on("pair-kinds", name, wording)
    assert found is not None and isinstance(found.item, PairKind)
    return found.item


def latest(reference: str) -> PairKind | None:
    """Its latest wording of all; None where there is no such kind."""
    pack_id, _, name = reference.partition(":")
    pack = library.packs().get(pack_id)
    wordings = pack.items.get(("pair-kinds", name)) if pack else None
    if not wordings:
        return None
    assert isinstance(wordings[-1].item, PairKind)
    return wordings[-1].item


# --- links


class LinkQuerySet(models.QuerySet["Link"]):
    def visible_to(self, user: "User") -> Self:
        """Links kept within reach, those of organisations within reach, and one's own on either
        side."""
        me = user.person_id or 0
        found = Q(who_person=me) | Q(whom_person=me)
        for path in ("organization__path", "who_organization__path", "whom_organization__path"):
            found |= standing.reach_q(user, "pairings.view", path)
        return self.filter(found)

    def counted(self) -> Self:
        """Those that were not voided."""
        return self.exclude(state=Link.State.VOIDED)

    def held_on(self, day: date) -> Self:
        return self.counted().filter(on_day(day))

    def overlapping(self, since: date, until: date | None) -> Self:
        """Links that share a day with ``[since, until)``; voided ones hold on none."""
        rows = self.counted().filter(Q(until__isnull=True) | Q(until__gt=since))
        return rows if until is None else rows.filter(since__lt=until)

    def named(self) -> Self:
        """With what both sides are called."""
        return self.select_related(
            "organization", "who_person", "who_organization", "who_row", "whom_person",
            "whom_organization", "whom_row",
        )  # fmt: skip

    def in_order(self) -> Self:
        """By organisation, then by day: no order by figures."""
        return self.order_by("organization__code", "since", "pk")


def _one_of(side: str) -> Q:
    """Exactly one column of a side is set."""
    columns = ("person", "organization", "row")
    found = Q()
    for one in columns:
        found |= Q(**{f"{side}_{name}__isnull": name != one for name in columns})
    return found


class Link(Protected):
    """Two sides linked over ``[since, until)``, kept by ``organization``.

    ``kind`` is ``pack:kind`` as worded on ``wording``. Of each side exactly one column is set.
    ``contacted_on`` is a copy: the day of the last contact that counts. ``key`` is what no two
    links share on one day; ``follows`` is the link that this one goes on from.
    """

    class State(models.TextChoices):
        OPEN = "open", "联系中"
        ENDED = "ended", "结束"
        VOIDED = "voided", "作废"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="links_kept")
    kind = models.CharField(max_length=120)
    wording = models.DateField()
    who_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="links_made")
    who_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="links_made"
    )
    who_row = models.ForeignKey(Row, models.PROTECT, null=True, related_name="+")
    whom_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="links_had")
    whom_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="links_had"
    )
    whom_row = models.ForeignKey(Row, models.PROTECT, null=True, related_name="links_had")
    since = models.DateField("从哪天")
    until = models.DateField("到哪天", null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    reason = models.CharField("原因", max_length=200, default="", blank=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    contacted_on = models.DateField(null=True, editable=False)
    key = models.CharField(max_length=64, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pairings_link_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.CheckConstraint(
                name="pairings_link_ended_with_day_and_reason",
                condition=Q(state="open", reason="")
                | (Q(state="ended", until__isnull=False) & ~Q(reason=""))
                | (Q(state="voided") & ~Q(reason="")),
            ),
            models.CheckConstraint(name="pairings_link_one_who", condition=_one_of(WHO)),
            models.CheckConstraint(name="pairings_link_one_whom", condition=_one_of(WHOM)),
        ]
        indexes = [
            models.Index(fields=["kind", "organization", "since"], name="pairings_link_kind"),
            models.Index(fields=["key"], name="pairings_link_key"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"

    def get_absolute_url(self) -> str:
        return reverse("pairings:link", args=[self.pk])

    @property
    def rule(self) -> PairKind:
        """The kind as it was worded when the link was begun."""
        return kind_of(self.kind, self.wording)

    @property
    def link_rule(self) -> LinkRule:
        found = self.rule.link
        assert found is not None
        return found

    @property
    def registers(self) -> bool:
        """Whether it is somebody's reporting in (``pairings.registering``)."""
        return self.link_rule.registers

    @property
    def who_called(self) -> str:
        return _called(self.who_person, self.who_organization, self.who_row)

    @property
    def whom_called(self) -> str:
        return _called(self.whom_person, self.whom_organization, self.whom_row)

    @property
    def title(self) -> str:
        if self.registers:
            return f"{self.who_called}到{self.whom_called}报到"
        return f"{self.who_called}联系{self.whom_called}"

    @property
    def due_on(self) -> date | None:
        """The last day of the next contact; None where the kind asks for none or it is over."""
        every = self.link_rule.contact_every
        if every is None or self.state != self.State.OPEN:
            return None
        return Duration.parse(every).after(self.contacted_on or self.since)

    def is_overdue(self, day: date) -> bool:
        due = self.due_on
        is_held = self.since <= day and (self.until is None or day < self.until)
        return is_held and due is not None and due < day

    def standing_on(self, day: date) -> str:
        """联系中, 还没开始, 到期, 结束 or 作废, as of ``day``."""
        if self.state == self.State.VOIDED:
            return "作废"
        if day < self.since:
            return "还没开始"
        if self.until is not None and self.until <= day:
            return "结束" if self.state == self.State.ENDED else "到期"
        return "联系中"

    def side(self, name: str) -> tuple[str, int]:
        """The column of a side that is set, and its number."""
        for column in ("person", "organization", "row"):
            pk = getattr(self, f"{name}_{column}_id")
            if pk is not None:
                return column, pk
        raise AssertionError(f"{self} 的 {name} 是空的")


def _called(person: Person | None, organization: Organization | None, row: Row | None) -> str:
    if person is not None:
        return person.name
    if organization is not None:
        return organization.called
    return row.title if row else ""


def key_of(kind: str, who: tuple[str, int], whom: tuple[str, int]) -> str:
    return sha256(dumps([kind, who, whom]).encode()).hexdigest()


def random_key() -> str:
    return f"one:{uuid4().hex}"


class ContactQuerySet(models.QuerySet["Contact"]):
    def counted(self) -> Self:
        return self.filter(struck_at=None)


class Contact(Protected):
    """A contact of a link: on which day, by which channel of the pack, and what was needed.

    ``needs`` is sealed, "" where nothing was needed or once it was erased (``erased_at``). What was
    no contact is struck and stays. ``case`` is what it became.
    """

    link = models.ForeignKey(Link, models.PROTECT, related_name="contacts")
    held_on = models.DateField("哪天联系的")
    channel = models.CharField("怎么联系的", max_length=60)
    needs_sealed = models.BinaryField(default=b"", editable=False)
    erased_at = models.DateTimeField(null=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="contacts")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    struck_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    struck_at = models.DateTimeField(null=True)
    struck_because = models.CharField("为什么划去", max_length=200, default="", blank=True)

    needs = Secret("needs_sealed")

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pairings_contact_struck_whole",
                condition=Q(struck_at=None, struck_by=None, struck_because="")
                | (Q(struck_at__isnull=False, struck_by__isnull=False) & ~Q(struck_because="")),
            ),
        ]
        indexes = [models.Index(fields=["held_on"], name="pairings_contact_day")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.link_id} {self.held_on}"

    def get_absolute_url(self) -> str:
        return reverse("pairings:link", args=[self.link_id])

    @property
    def has_needs(self) -> bool:
        return bool(self.needs_sealed)


# --- rotas


class RotaQuerySet(models.QuerySet["Rota"]):
    def visible_to(self, user: "User") -> Self:
        """Rotas within reach, and those one is on the roll of."""
        mine = RollPlace.objects.filter(person=user.person_id or 0)
        reach = standing.reach_q(user, "pairings.view", "organization__path")
        return self.filter(reach | Q(pk__in=mine.values("rota")))

    def in_order(self) -> Self:
        return self.order_by("-since", "-pk")


class Rota(Protected):
    """Shifts of the days ``[since, until)`` and the people who take turns at them.

    ``kind`` is ``pack:kind`` as worded on ``wording``. ``shifts``, ``per_shift`` and ``rest`` (ISO
    8601, "" for none) are those it was dealt with, whatever the pack says later.
    """

    class State(models.TextChoices):
        OPEN = "open", "在用"
        CANCELLED = "cancelled", "停用"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="rotas")
    kind = models.CharField(max_length=120)
    wording = models.DateField()
    title = models.CharField("名称", max_length=40)
    since = models.DateField("从哪天")
    until = models.DateField("到哪天")
    shifts = models.JSONField(default=list)
    per_shift = models.PositiveSmallIntegerField("一班几个人")
    rest = models.CharField(max_length=20, default="", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField("原因", max_length=200, default="", blank=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = RotaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="pairings_rota_forward", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(
                name="pairings_rota_cancelled_with_reason",
                condition=Q(state="open", reason="") | (Q(state="cancelled") & ~Q(reason="")),
            ),
        ]
        indexes = [models.Index(fields=["organization", "since"], name="pairings_rota_org")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("pairings:rota", args=[self.pk])

    @property
    def rule(self) -> PairKind:
        return kind_of(self.kind, self.wording)

    @property
    def shift_list(self) -> list[Shift]:
        return [Shift.model_validate(one) for one in self.shifts]

    @property
    def rest_time(self) -> timedelta:
        return as_time(self.rest)


def as_time(rest: str | None) -> timedelta:
    """A pack's rest as elapsed time; a month counts thirty days. Nothing for ""."""
    if not rest:
        return timedelta()
    found = Duration.parse(rest)
    return timedelta(days=found.months * 30 + found.days, minutes=found.minutes)


class RollPlace(models.Model):
    """Somebody on the roll of a rota; turns were dealt in the order of ``place``."""

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="roll")
    person = models.ForeignKey(Person, models.PROTECT, related_name="rolls")
    place = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rota", "person"], name="pairings_roll_once"),
            models.UniqueConstraint(fields=["rota", "place"], name="pairings_roll_place"),
        ]

    def __str__(self) -> str:
        return f"{self.rota_id} {self.place}"


class RotaTurnQuerySet(models.QuerySet["Turn"]):
    def in_use(self) -> Self:
        """Of rotas that were not cancelled."""
        return self.filter(rota__state=Rota.State.OPEN)

    def in_order(self) -> Self:
        return self.order_by("starts_at", "ends_at", "seat", "pk")


class Turn(models.Model):
    """Somebody's turn at a shift of a day. ``seat`` tells apart those of one shift.

    ``offered_at``: whoever has it cannot come; with ``wanted`` it is to be exchanged for that turn.
    ``came`` says what the recorder saw: nothing, came, or did not.
    """

    class Came(models.TextChoices):
        UNKNOWN = "", "没有记"
        CAME = "came", "来了"
        AWAY = "away", "没来"

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="turns")
    on = models.DateField("哪天")
    shift = models.CharField("班次", max_length=60)
    seat = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, related_name="turns_on_duty")
    offered_at = models.DateTimeField(null=True)
    wanted = models.ForeignKey("self", models.PROTECT, null=True, related_name="wanted_by")
    came = models.CharField(max_length=5, choices=Came.choices, default="", blank=True)

    objects = RotaTurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rota", "on", "shift", "seat"], name="pairings_turn_seat"
            ),
            models.UniqueConstraint(
                fields=["rota", "on", "shift", "person"], name="pairings_turn_once"
            ),
            models.CheckConstraint(
                name="pairings_turn_wanted_when_offered",
                condition=Q(wanted=None) | Q(offered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="pairings_turn_forward", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes = [
            models.Index(fields=["person", "starts_at"], name="pairings_turn_person"),
            models.Index(fields=["starts_at"], name="pairings_turn_day"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.on} {self.shift}"

    def get_absolute_url(self) -> str:
        return f"{reverse('pairings:rota', args=[self.rota_id])}?on={self.on}"

    @property
    def span(self) -> tuple[Any, Any]:
        return self.starts_at, self.ends_at

    @property
    def is_offered(self) -> bool:
        return self.offered_at is not None

    @property
    def shift_rule(self) -> Shift:
        return next(one for one in self.rota.shift_list if one.id == self.shift)


class Change(models.Model):
    """A turn passed from one to another: by hand, taken, or exchanged."""

    class Kind(models.TextChoices):
        BY_HAND = "by-hand", "换人"
        TAKEN = "taken", "替班"
        EXCHANGED = "exchanged", "对换"

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="changes")
    turn = models.ForeignKey(Turn, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    before = models.ForeignKey(Person, models.PROTECT, related_name="+")
    after = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["turn"], name="pairings_change_turn")]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.kind}"


LINK_FIELDS = (
    "organization_id", "kind", "wording", "who_person_id", "who_organization_id", "who_row_id",
    "whom_person_id", "whom_organization_id", "whom_row_id", "since", "until", "state", "reason",
    "follows_id", "opened_by_id", "opened_at",
)  # fmt: skip
CONTACT_FIELDS = (
    "link_id", "held_on", "channel", "needs", "erased_at", "case_id", "by_id", "at", "struck_by_id",
    "struck_at", "struck_because",
)  # fmt: skip
ROTA_FIELDS = (
    "organization_id", "kind", "wording", "title", "since", "until", "shifts", "per_shift", "rest",
    "state", "reason", "made_by_id", "made_at",
)  # fmt: skip
ROLL_FIELDS = ("person_id", "place")
TURN_FIELDS = (
    "on", "shift", "seat", "starts_at", "ends_at", "person_id", "offered_at", "wanted_id", "came",
)  # fmt: skip
CHANGE_FIELDS = ("turn_id", "kind", "before_id", "after_id", "by_id", "at")
