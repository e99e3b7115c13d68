from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zhibu.core import standing
from zhibu.core.intervals import on_day
from zhibu.core.paths import PathField, carries_copy, under
from zhibu.imports.models import Imported, LiveManager, settled
from zhibu.ledger.models import Protected

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class Class(models.TextChoices):
    """``party`` counts in the Party's figures, ``body`` and ``unit`` never do."""

    PARTY = "party", "党组织"
    BODY = "body", "其他组织"
    UNIT = "unit", "单位"


class Kind(models.TextChoices):
    COMMITTEE = "committee", "党委"
    WORK_COMMITTEE = "work-committee", "党工委"
    LEADING_GROUP = "leading-group", "党组"
    GENERAL_BRANCH = "general-branch", "党总支"
    BRANCH = "branch", "党支部"
    JOINT_BRANCH = "joint-branch", "联合党支部"
    TEMPORARY_BRANCH = "temporary-branch", "临时党支部"
    VILLAGE_COMMITTEE = "village-committee", "村（居）委会"
    SUPERVISION_COMMITTEE = "supervision-committee", "村务监督委员会"
    SUPERVISION_GROUP = "supervision-group", "监督小组"
    JOINT_MEETING = "joint-meeting", "联席会议"
    TEAM = "team", "工作队"
    UNION = "union", "工会"
    LEAGUE = "league", "共青团"
    WOMEN = "women", "妇联"
    DISCIPLINE = "discipline", "纪检组织"
    COUNCIL = "council", "议事会"
    DEPARTMENT = "department", "部门"
    FIRM = "firm", "企业"
    ESTATE = "estate", "小区"


BRANCHES = (Kind.BRANCH, Kind.JOINT_BRANCH, Kind.TEMPORARY_BRANCH)
COMMITTEES = (Kind.COMMITTEE, Kind.WORK_COMMITTEE, Kind.LEADING_GROUP)
PARTY_KINDS = (*COMMITTEES, Kind.GENERAL_BRANCH, *BRANCHES)
CLASS_OF: dict[str, Class] = {
    **dict.fromkeys(PARTY_KINDS, Class.PARTY),
    **dict.fromkeys((Kind.DEPARTMENT, Kind.FIRM, Kind.ESTATE), Class.UNIT),
}


class Field(models.TextChoices):
    """领域, by which units are grouped in figures and adoptions."""

    RURAL = "rural", "农村"
    COMMUNITY = "community", "社区"
    OFFICE = "office", "机关"
    INSTITUTION = "institution", "事业单位"
    STATE_FIRM = "state-firm", "国有企业"
    PRIVATE_FIRM = "private-firm", "非公企业"
    SOCIAL = "social", "社会组织"
    SCHOOL = "school", "学校"
    HOSPITAL = "hospital", "医院"
    OTHER = "other", "其他"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, user: "User") -> Self:
        """Organisations where ``user`` may see more than a name: own, and below one's reach."""
        seen = standing.reach_q(user, "organizations.view")
        own = standing.reach_q(user, "activities.view")
        return self.filter(seen | own)

    def reached_by(self, user: "User", permission: str) -> Self:
        """Organisations where ``user`` has ``permission``."""
        return self.filter(standing.reach_q(user, permission))

    def under(self, path: str) -> Self:
        """The organisation at ``path`` and all below it, today."""
        return self.filter(under(path))

    def standing_on(self, day: date) -> Self:
        """Established by ``day`` and not dissolved by then; an unknown founding day counts."""
        founded = Q(established_on__isnull=True) | Q(established_on__lte=day)
        return self.filter(founded, Q(dissolved_on__isnull=True) | Q(dissolved_on__gt=day))

    def party(self) -> Self:
        return self.filter(organization_class=Class.PARTY)

    def branches(self) -> Self:
        return self.filter(kind__in=BRANCHES)

    def in_order(self) -> Self:
        """By code: the order of the divisions, never of figures."""
        return self.order_by("code")


class OrganizationManager(models.Manager["Organization"]):
    """Only organisations that may be seen: rows of an unsettled import are not there."""

    def get_queryset(self) -> OrganizationQuerySet:
        return OrganizationQuerySet(self.model, using=self._db).filter(settled())


class Organization(Protected, Imported):
    """An organisation of any class. Name, parent and path are today's; history lies beside."""

    code = models.CharField("代码", max_length=30, unique=True)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, default="", blank=True)
    organization_class = models.CharField(max_length=8, choices=Class.choices)
    kind = models.CharField("类别", max_length=24, choices=Kind.choices)
    field = models.CharField("领域", max_length=16, choices=Field.choices, default="other")
    place = models.CharField("所在地", max_length=100, default="", blank=True)
    established_on = models.DateField("成立日期", null=True, blank=True)
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", editable=False
    )
    path = PathField(editable=False, db_index=True)

    all_rows = OrganizationQuerySet.as_manager()
    objects = OrganizationManager.from_queryset(OrganizationQuerySet)()

    class Meta:
        base_manager_name = "all_rows"
        default_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                name="organizations_dissolved_after_founding",
                condition=Q(dissolved_on__isnull=True)
                | Q(established_on__isnull=True)
                | Q(dissolved_on__gte=F("established_on")),
            ),
            models.CheckConstraint(
                name="organizations_root_has_no_parent",
                condition=~Q(path="") & ~Q(parent=F("id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    def get_absolute_url(self) -> str:
        return reverse("organizations:detail", args=[self.pk])

    @property
    def called(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def is_branch(self) -> bool:
        return self.kind in BRANCHES

    @property
    def is_temporary(self) -> bool:
        return self.kind == Kind.TEMPORARY_BRANCH


carries_copy(Organization)


class Placement(models.Model):
    """Where an organisation stood over ``[since, until)``. Never overlapping, by constraint."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="placements")
    parent = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    path = PathField(db_index=True)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organizations_placement_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(until__isnull=True),
                name="organizations_one_open_placement",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.path} {self.since}"


class Name(models.Model):
    """What an organisation was called over ``[since, until)``."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="names")
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=40, default="", blank=True)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organizations_name_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Term(models.Model):
    """A term of office of the leading body. ``ends_on`` is when it is due to end,
    ``until`` when it really did; a term that outlives ``ends_on`` goes on, marked."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="terms")
    since = models.DateField()
    ends_on = models.DateField(null=True)
    until = models.DateField(null=True)
    has_committee = models.BooleanField("设委员会")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organizations_term_forward",
                condition=(Q(until__isnull=True) | Q(until__gt=F("since")))
                & (Q(ends_on__isnull=True) | Q(ends_on__gte=F("since"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.since}"


class Succession(Protected):
    """``successor`` took the place of ``predecessor`` on a day.

    Records stay with the predecessor; whoever may look at the successor's may look at them.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", "合并"
        SPLIT = "split", "分设"
        CONTINUE = "continue", "改设"

    predecessor = models.ForeignKey(Organization, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Organization, models.PROTECT, related_name="inheritances")
    on = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    paper = models.CharField("文号", max_length=80, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor"], name="organizations_succession_once"
            ),
            models.CheckConstraint(
                name="organizations_succession_of_two", condition=~Q(predecessor=F("successor"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} {self.successor_id} {self.on}"


class Guidance(Protected):
    """业务指导: ``guide`` leads the work of ``organization`` in its own trade over
    ``[since, until)``, beside the line of the tree."""

    guide = models.ForeignKey(Organization, models.PROTECT, related_name="guided")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="guidances")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organizations_guidance_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
            models.CheckConstraint(
                name="organizations_guidance_of_two", condition=~Q(guide=F("organization"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guide_id} {self.organization_id} {self.since}"


class Turn(Protected):
    """``unit`` chairs the joint meeting ``organization`` over ``[since, until)``."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="turns")
    unit = models.ForeignKey(Organization, models.PROTECT, related_name="turns_to_chair")
    since = models.DateField()
    until = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organizations_turn_forward", condition=Q(until__gt=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.unit_id} {self.since}"


class PartyGroup(Protected, Imported):
    """党小组: a group of a branch, not a level of the tree."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="groups")
    name = models.CharField("名称", max_length=40)
    since = models.DateField()
    until = models.DateField(null=True)

    all_rows = models.Manager["PartyGroup"]()
    objects = LiveManager()

    class Meta:
        base_manager_name = "all_rows"
        default_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(until__isnull=True),
                name="organizations_group_name_once",
            ),
            models.CheckConstraint(
                name="organizations_group_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    def standing_on(self, day: date) -> Self:
        return self.filter(on_day(day))


class Post(models.Model):
    """A post of an organisation or of a party group; ``kind`` is a pack's post id.

    ``role`` is copied from the pack when the post is made: what its holder may do.
    ``rank`` orders posts on a page: secretary first.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="posts")
    group = models.ForeignKey(PartyGroup, models.CASCADE, null=True, related_name="posts")
    kind = models.CharField(max_length=60)
    title = models.CharField("职务", max_length=40)
    role = models.CharField(max_length=24)
    in_committee = models.BooleanField(default=False)
    rank = models.PositiveSmallIntegerField(default=50)
    seats = models.PositiveSmallIntegerField(default=1)
    since = models.DateField()
    until = models.DateField(null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="organizations_post_forward",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.organization_id}"
