"""Whether parts add up to their whole, and which rows break it.

A figure is told apart by columns and dated rows; a row that has none of them drops out of
the parts and stays in the whole, or the other way round. Each check counts both on its own
and names such rows. Nothing is mended here. ``zhibu doctor`` may ask ``run`` as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.urls import reverse

from zhibu.activities.models import Activity, KindOf
from zhibu.core.intervals import on_day
from zhibu.core.paths import nothing
from zhibu.duties.models import Obligation
from zhibu.insight.scopes import Scope
from zhibu.insight.subjects import HELD, SUBJECTS
from zhibu.organizations.models import CLASS_OF, Class, Organization, Placement
from zhibu.people.models import Person

MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that breaks a total: what it is, its number, why."""

    what: str
    pk: int
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Check:
    """``whole`` and ``parts`` are counted apart. ``broken`` names at most ``MOST_NAMED`` rows."""

    id: str
    title: str
    says: str
    unit: str
    whole: int
    parts: int
    broken: list[Broken]

    @property
    def is_sound(self) -> bool:
        return self.whole == self.parts and not self.broken


def run(scope: Scope) -> list[Check]:
    """Every check over a scope as of its day. Three queries a check at most; where nothing is
    broken mostly one, which reads every row of the scope."""
    return [check(scope) for check in (_members, _organizations, _paths, _obligations, _activities)]


def _split(rows: QuerySet[Any], is_sound: Any) -> tuple[int, int, QuerySet[Any]]:
    """How many rows, how many sound ones, and those that are not. One query, another where
    there are any."""
    told = rows.annotate(is_sound=Case(When(is_sound, then=True), default=False))
    found = told.aggregate(whole=Count("pk"), sound=Count("pk", filter=Q(is_sound=True)))
    whole, sound = found["whole"], found["sound"]
    return whole, sound, told.filter(is_sound=False) if whole > sound else rows.none()


def _named(
    rows: QuerySet[Any], why: Callable[[Any], str], what: Callable[[Any], str]
) -> list[Broken]:
    return [
        Broken(what(row), row.pk, row.get_absolute_url(), why(row))
        for row in rows.order_by("pk")[:MOST_NAMED]
    ]


def _members(scope: Scope) -> Check:
    """Members today by the copied path of lists, against home branch and state of tables."""
    rows = Person.objects.members_on(scope.on).filter(scope.now("path"))
    if scope.top.parent_id is None and scope.is_whole:
        rows = Person.objects.members_on(scope.on)
    counted = SUBJECTS["members"].rows(scope)
    broken = rows.exclude(pk__in=counted.values("pk"))
    return Check(
        "members", "党员名单和按支部、状态数的党员",
        "名单里有、哪个支部都数不到的党员，列在下面。", "人",
        rows.count(), counted.values("pk", "states__state").distinct().count(),
        _named(broken, lambda row: "没有组织关系，或者所在组织那天不在隶属关系里",
               lambda row: str(row.name)),
    )  # fmt: skip


def _organizations(scope: Scope) -> Check:
    """Organisations that stand, against those of each kind that fits its class."""
    rows = Organization.objects.standing_on(scope.on).filter(scope.now("path"))
    placed = Placement.objects.filter(on_day(scope.on), organization=OuterRef("pk"))
    fits = nothing()
    for kind in Organization._meta.get_field("kind").flatchoices:
        fits |= Q(kind=kind[0], organization_class=CLASS_OF.get(kind[0], Class.BODY))
    whole, sound, broken = _split(rows, fits & Q(Exists(placed)))
    return Check(
        "organizations", "组织和按类别数的组织",
        "类别和性质对不上，或者那天没有上级的组织，列在下面。", "个",
        whole, sound,
        _named(broken, lambda row: "类别和性质对不上，或者那天没有隶属关系",
               lambda row: str(row.name)),
    )  # fmt: skip


def _paths(scope: Scope) -> Check:
    """Today's place of each organisation, against the open row of its history."""
    rows = Organization.objects.filter(scope.now("path"), dissolved_on=None)
    open_rows = Placement.objects.filter(
        organization=OuterRef("pk"), until=None, path=OuterRef("path")
    )
    whole, sound, broken = _split(rows, Q(Exists(open_rows)))
    return Check(
        "places", "组织现在的位置和隶属关系",
        "现在的位置和隶属关系里写的不一样的组织，列在下面。", "个",
        whole, sound,
        _named(broken, lambda row: "现在的位置和隶属关系不一样", lambda row: str(row.name)),
    )  # fmt: skip


def _obligations(scope: Scope) -> Check:
    """All obligations, against those whose state follows from what was counted."""
    rows = SUBJECTS["duty-states"].rows(scope)
    is_done = Q(done_on__isnull=False, done__gte=F("required"))
    is_open = Q(done_on__isnull=True, done__lt=F("required"))
    whole, sound, broken = _split(rows, is_done | is_open)
    broken = broken.select_related("organization").order_by("pk")
    return Check(
        "obligations", "应办和按状态数的应办",
        "办了几次和办成的日期对不上的应办，列在下面。", "项",
        whole, sound,
        [_broken_obligation(row) for row in broken[:MOST_NAMED]],
    )  # fmt: skip


def _broken_obligation(row: Obligation) -> Broken:
    done = f"办成日期 {row.done_on}" if row.done_on else "没有办成日期"
    return Broken(
        f"{row.organization.called} {row.duty} {row.period_since}",
        row.pk,
        reverse("insight:obligation", args=[row.pk]),
        f"应办 {row.required} 次，记了 {row.done} 次，{done}",
    )


def _activities(scope: Scope) -> Check:
    """Activities that took place, against those that have a kind to be counted under."""
    at = Organization.objects.filter(scope.now("path"))
    rows = Activity.objects.filter(
        organization__in=at,
        status__in=HELD,
        held_on__gte=scope.window.since,
        held_on__lte=scope.on,
    )
    whole, sound, broken = _split(rows, Q(Exists(KindOf.objects.filter(activity=OuterRef("pk")))))
    return Check(
        "activities", "活动和按类别数的活动",
        "一个类别也没有的活动，列在下面。", "场",
        whole, sound, _named(broken, lambda row: "没有类别", str),
    )  # fmt: skip
