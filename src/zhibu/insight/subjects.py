"""What can be counted, one subject each: its rows, its figure, what tells its rows apart.

Obligations and activities are counted where their organisation stands today, people and
organisations where they stood on the day. Kind and 领域 are today's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from zhibu.activities.models import Activity, KindOf
from zhibu.cases import promised
from zhibu.cases.models import Case
from zhibu.core.intervals import on_day
from zhibu.imports.models import settled
from zhibu.insight import dimensions, queries
from zhibu.insight.dimensions import Dimension, Unit
from zhibu.insight.scopes import Scope
from zhibu.organizations.models import Organization
from zhibu.people.models import MEMBERS, Belonging, MembershipState, Person, State

POOL = (State.APPLICANT, State.ACTIVIST, State.DEVELOPMENT_OBJECT, State.PROBATIONARY)
HELD = (Activity.Status.HELD, Activity.Status.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Subject:
    """``rows(scope)`` are counted; ``total`` says whether the figure has a denominator.

    ``organization`` leads from a row to its organisation. ``is_dated``: rows are those of
    the day itself, the window's beginning does not matter. ``aggregates`` gives what is counted
    out of what where rows are no obligations, and ``counts`` and ``out_of`` are their words.
    """

    id: str
    title: str
    unit: str
    explanation: str
    rows: Callable[[Scope], QuerySet[Any]]
    organization: str
    dimensions: tuple[Dimension, ...]
    has_total: bool = False
    is_dated: bool = False
    aggregates: Callable[[Scope], dict[str, Any]] | None = None
    counts: str = "已办"
    out_of: str = "应办"

    def dimension(self, id_: str) -> Dimension | None:
        return next((d for d in self.dimensions if d.id == id_), None)

    def figure(self, scope: Scope) -> dict[str, Any]:
        """The aggregates of a figure, ``count`` and ``total``."""
        if not self.has_total:
            return {"count": Count("pk")}
        if self.aggregates is not None:
            return self.aggregates(scope)
        found = queries.figure(scope.on)
        return {"count": found["done"], "total": found["owed"]}


def _obligations(scope: Scope) -> QuerySet[Any]:
    """Told apart by the column that points to the organisation: no join."""
    at = Organization.objects.filter(scope.now("path"))
    return queries.begun(scope.window).filter(organization__in=at)


def _members(scope: Scope) -> QuerySet[Any]:
    return _at_home(scope, *MEMBERS)


def _at_home(scope: Scope, *states: str) -> QuerySet[Any]:
    """People at home in the scope on its day in one of ``states``. One row each: the
    conditions stand in one ``filter`` and so on one join each."""
    return Person.objects.filter(
        on_day(scope.on, "belongings__"),
        on_day(scope.on, "belongings__organization__placements__"),
        scope.then("belongings__organization__placements__path"),
        on_day(scope.on, "states__"),
        belongings__kind=Belonging.Kind.HOME,
        states__state__in=states,
    )


def _pool(scope: Scope) -> QuerySet[Any]:
    return _at_home(scope, *POOL)


def _steps(scope: Scope) -> QuerySet[Any]:
    """States that began in the window, where the person was at home that day. Conversion is
    counted of probationers alone: who is registered as a full member has taken no step."""
    until = Q(person__belongings__until__isnull=True) | Q(person__belongings__until__gt=F("since"))
    was_probationary = MembershipState.objects.filter(
        person=OuterRef("person"), state=State.PROBATIONARY, until=OuterRef("since")
    )
    return MembershipState.objects.filter(
        until,
        settled("person__"),
        scope.now("person__belongings__organization__path"),
        Q(state__in=POOL) | Q(Exists(was_probationary), state=State.FULL),
        since__gte=scope.window.since,
        since__lte=scope.on,
        person__belongings__kind=Belonging.Kind.HOME,
        person__belongings__since__lte=F("since"),
    )


def _organizations(scope: Scope) -> QuerySet[Any]:
    return Organization.objects.filter(
        on_day(scope.on, "placements__"), scope.then("placements__path")
    ).standing_on(scope.on)


def _activities(scope: Scope) -> QuerySet[Any]:
    window = Q(activity__held_on__gte=scope.window.since, activity__held_on__lte=scope.on)
    return KindOf.objects.filter(
        settled("activity__"),
        window,
        scope.now("activity__organization__path"),
        activity__status__in=HELD,
    )


def _promises(scope: Scope) -> QuerySet[Any]:
    """Promises begun in the window and not given up by its day, of the kinds that say what is
    kept; confidential ones are of no such kind."""
    gone = (Case.State.CANCELLED, Case.State.VOIDED)
    return Case.objects.filter(
        scope.now("organization__path"),
        procedure__in=promised.kept_as(),
        is_confidential=False,
        started_on__gte=scope.window.since,
        started_on__lte=scope.on,
    ).exclude(state__in=gone, ended_on__lte=scope.on)


def _kept(scope: Scope) -> dict[str, Any]:
    kept = promised.is_kept(scope.on)
    return {"count": Count("pk", filter=kept), "total": Count("pk")}


_OF_DUTY = (
    dimensions.DUTY,
    dimensions.month("due_on", "到期的月"),
    *dimensions.of_organization("organization__"),
    dimensions.HOLDER,
    dimensions.YEARS,
)
_AT = "belongings__organization__"
SUBJECTS = {
    subject.id: subject
    for subject in (
        Subject(
            "duties", "应办", "项",
            "这段时间开始了的应办，截至那天办了几项。补记、逾期都算已办；免的、不适用的不算应办。",
            _obligations, "organization__",
            (dimensions.place("organization__path", is_dated=False), *_OF_DUTY),
            has_total=True,
        ),
        Subject(
            "duty-states", "应办的状态", "项",
            "这段时间开始了的应办，每一项数一次，免的、不适用的也数。",
            _obligations, "organization__",
            (
                dimensions.DUTY_STATE,
                dimensions.place("organization__path", is_dated=False),
                *_OF_DUTY,
            ),
        ),
        Subject(
            "members", "党员", "人",
            "那天组织关系在这里的正式党员和预备党员。",
            _members, _AT,
            (
                dimensions.place(f"{_AT}placements__path", is_dated=True),
                dimensions.MEMBER_STATE, *dimensions.of_organization(_AT), dimensions.SEX,
                dimensions.YEARS,
            ),
            is_dated=True,
        ),
        Subject(
            "pool", "发展党员队伍", "人",
            "那天在这里的入党申请人、积极分子、发展对象和预备党员。",
            _pool, _AT,
            (
                dimensions.MEMBER_STATE,
                dimensions.place(f"{_AT}placements__path", is_dated=True),
                *dimensions.of_organization(_AT), dimensions.SEX,
                dimensions.age_group("born_on"), dimensions.YEARS,
            ),
            is_dated=True,
        ),
        Subject(
            "steps", "发展党员各步", "人次",
            "这段时间申请、确定为积极分子、列为发展对象、接收、转正的，一步数一次，算在那天所在的支部。"
            "几步说的不是同一批人，不能相除。",
            _steps, "person__belongings__organization__",
            (
                dimensions.STEP_STATE, dimensions.month("since", "哪个月"),
                dimensions.place("person__belongings__organization__path", is_dated=False),
                *dimensions.of_organization("person__belongings__organization__"),
                dimensions.age_group("person__born_on"), dimensions.YEARS,
            ),
        ),
        Subject(
            "organizations", "组织", "个",
            "那天在这里的组织，有一个数一个。",
            _organizations, "",
            (
                dimensions.of_organization("")[0],
                dimensions.place("placements__path", is_dated=True),
                *dimensions.of_organization("")[1:], dimensions.YEARS,
            ),
            is_dated=True,
        ),
        Subject(
            "activities", "活动", "场次",
            "这段时间开了的活动，一场活动有几个类别就在每个类别里各数一次。计划、取消、作废的不数。",
            _activities, "activity__organization__",
            (
                dimensions.ACTIVITY_KIND, dimensions.month("activity__held_on", "开的月"),
                dimensions.place("activity__organization__path", is_dated=False),
                *dimensions.of_organization("activity__organization__"), dimensions.YEARS,
            ),
        ),
        Subject(
            "promises", "承诺", "件",
            "这段时间作出的承诺，截至那天兑现了几件。还在把关的也算作出了；取消、作废的不算。"
            "哪一种是承诺、怎样算兑现，由制度包定。",
            _promises, "organization__",
            (
                dimensions.PROMISE, dimensions.PROMISE_STATE,
                dimensions.place("organization__path", is_dated=False),
                dimensions.month("started_on", "作出的月"),
                *dimensions.of_organization("organization__"), dimensions.YEARS,
            ),
            has_total=True, aggregates=_kept, counts="兑现", out_of="作出",
        ),
    )
}  # fmt: skip


def by_key(rows: QuerySet[Any], dimension: Dimension, scope: Scope, key: str) -> QuerySet[Any]:
    """Those of ``rows`` that stand under ``key`` of ``dimension``."""
    name = f"by_{dimension.id}"
    found: QuerySet[Any] = rows.annotate(**{name: dimension.key(scope)}).filter(**{name: key})
    return found


def organization_of(subject: Subject) -> Any:
    """The id of a row's organisation, to group by."""
    return F(f"{subject.organization}pk")


def units(subject: Subject, scope: Scope) -> dict[int, Unit]:
    """Every organisation of the scope, by id; where rows are dated, of its day. One query."""
    path = "placements__path" if subject.is_dated else "path"
    rows = Organization.all_rows.filter(
        scope.then(path) & on_day(scope.on, "placements__") if subject.is_dated else scope.now(path)
    )
    found = rows.values_list("pk", path, "kind", "field", "organization_class")
    return {pk: Unit(*told) for pk, *told in found.iterator(chunk_size=5000)}
