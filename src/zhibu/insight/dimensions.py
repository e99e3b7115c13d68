"""By what figures are told apart: each key of a dimension has its word and its place."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Cast, Concat, Substr

from zhibu.cases import promised
from zhibu.core.dates import add_months
from zhibu.core.intervals import on_day
from zhibu.core.paths import STEP
from zhibu.duties import queries as duties
from zhibu.duties.models import HolderKind
from zhibu.insight.scopes import Scope
from zhibu.organizations.models import Class, Field, Kind, Organization
from zhibu.people.models import Sex, State

UNKNOWN = "不清楚"
YEAR = "year"
Words = Callable[[Collection[str], Scope], dict[str, str]]


class Unit(NamedTuple):
    """What an organisation is told apart by: its path (of the day, where rows are dated), its
    kind, 领域 and class."""

    path: str
    kind: str
    field: str
    organization_class: str


Fold = Callable[[Scope], Callable[[Unit], str]]
STATES = {
    "done": "已办", "late": "补记", "after": "逾期", "open": "待办", "overdue": "未办",
    "exempt": "免", "not_applicable": "不适用",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dimension:
    """``key(scope)`` is the column to group by; ``words`` gives the words of keys, in order.

    ``fold(scope)`` gives the same key from an organisation, for what hangs on it alone: such
    rows are grouped by organisation, without a join, and added up afterwards.
    """

    id: str
    title: str
    key: Callable[[Scope], Any]
    words: Words
    fold: Fold | None = None


def _listed(labels: Mapping[Any, str]) -> Words:
    """Words out of a fixed list, in its order; what is not in it stands last."""
    known = {str(key): word for key, word in labels.items()}

    def words(keys: Collection[str], scope: Scope) -> dict[str, str]:
        order = list(known)
        rank = {key: order.index(key) if key in known else len(order) for key in keys}
        found = sorted(keys, key=lambda key: (rank[key], key))
        return {key: known.get(key) or key or UNKNOWN for key in found}

    return words


def _months(keys: Collection[str], scope: Scope) -> dict[str, str]:
    found = {}
    for key in sorted(keys):
        day = date.fromisoformat(f"{key}-01")
        found[key] = f"{day.year}年{day.month}月" if day.year != scope.on.year else f"{day.month}月"
    return found


def _as_is(keys: Collection[str], scope: Scope) -> dict[str, str]:
    return {key: key or UNKNOWN for key in sorted(keys)}


def _places(keys: Collection[str], scope: Scope) -> dict[str, str]:
    """Names of the organisations that stood at paths that day, by code. One query.

    A path of today that nobody had that day is looked up as it is now: one query more.
    """
    rows = Organization.objects.filter(
        on_day(scope.on, "placements__"), placements__path__in=keys
    ).order_by("code")
    then = rows.annotate(stood_at=F("placements__path")).values_list(
        "stood_at", "name", "short_name"
    )
    named = {path: short or name for path, name, short in then}
    own = {scope.top.path, scope.path_on}
    words = {key: f"{scope.top.called}本级" for key in keys if key in own}
    missing = {key for key in keys if key not in named and key not in own}
    if missing:
        found = Organization.objects.filter(path__in=missing).order_by("code")
        named |= {row.path: row.called for row in found}
    words |= {key: word for key, word in named.items() if key not in own}
    return words | {key: UNKNOWN for key in sorted(keys) if key not in words}


def _duties(keys: Collection[str], scope: Scope) -> dict[str, str]:
    """Titles of duties, by pack and duty. One query."""
    return duties.titles(sorted(keys))


def place(path: str, *, is_dated: bool) -> Dimension:
    """The organisation right below the top; ``is_dated``: ``path`` holds that day's path."""

    def length(scope: Scope) -> int:
        top = scope.path_on if is_dated else scope.top.path
        return len(top or "") + STEP

    def fold(scope: Scope) -> Callable[[Unit], str]:
        end = length(scope)
        return lambda unit: unit.path[:end]

    return Dimension(
        "place", "下一级组织", lambda scope: Substr(path, 1, length(scope)), _places, fold
    )


def of_organization(prefix: str) -> tuple[Dimension, ...]:
    """What an organisation is: its kind, its 领域, its class. As it is today."""
    parts = (("kind", "组织类别", Kind, "kind"), ("field", "领域", Field, "field"),
             ("class", "党组织还是其他", Class, "organization_class"))  # fmt: skip
    return tuple(
        _column(id_, title, f"{prefix}{name}", labels, _folding(name))
        for id_, title, labels, name in parts
    )


def _folding(name: str) -> Fold:
    return lambda scope: attrgetter(name)


def _column(id_: str, title: str, name: str, labels: Any, fold: Fold | None = None) -> Dimension:
    return Dimension(id_, title, lambda scope: F(name), _listed(dict(labels.choices)), fold)


def month(column: str, title: str) -> Dimension:
    """The month a day falls in, as its first seven characters.

    SQLite truncates dates in Python, row by row: over a county's year that was half the time.
    """
    key = Substr(Cast(column, CharField()), 1, 7)
    return Dimension("month", title, lambda scope: key, _months)


def _state_key(scope: Scope) -> Any:
    """The state of an obligation on the day, as ``Obligation.state_on`` and its tag say it."""
    done = Q(done_on__lte=scope.on)
    return Case(
        When(applies=False, then=Value("not_applicable")),
        When(is_exempt=True, then=Value("exempt")),
        When(done & Q(entered_late=True), then=Value("late")),
        When(done & Q(held_late=True), then=Value("after")),
        When(done, then=Value("done")),
        When(due_on__lt=scope.on, then=Value("overdue")),
        default=Value("open"),
        output_field=CharField(),
    )


AGES = {"35": "35岁以下", "45": "36至45岁", "60": "46至60岁", "more": "61岁以上"}


def age_group(born_on: str) -> Dimension:
    """The age on the day, in groups; who was born on an unknown day stands last."""

    def key(scope: Scope) -> Any:
        def older_than(years: int) -> Q:
            return Q(**{f"{born_on}__lte": add_months(scope.on, -12 * (years + 1))})

        return Case(
            When(**{f"{born_on}__isnull": True}, then=Value("")),
            When(older_than(60), then=Value("more")),
            When(older_than(45), then=Value("60")),
            When(older_than(35), then=Value("45")),
            default=Value("35"),
            output_field=CharField(),
        )

    return Dimension("age", "年龄段", key, _listed(AGES))


DUTY = Dimension("duty", "应办事项", lambda scope: Concat("pack", Value(":"), "duty"), _duties)
HOLDER = _column("holder", "谁的应办", "holder_kind", HolderKind)
DUTY_STATE = Dimension("state", "状态", _state_key, _listed(STATES))
MEMBER_STATE = _column("state", "党员状态", "states__state", State)
SEX = _column("sex", "性别", "sex", Sex)
STEP_STATE = _column("state", "到了哪一步", "state", State)
PROMISES = {
    "kept": "兑现了",
    "ended": "没有兑现就办结了",
    "late": "过了期限，还在办",
    "open": "在办",
}


def _promise_key(scope: Scope) -> Any:
    """How a promise stood in the evening of the day; late is by today's last day."""
    over = Q(ended_on__lte=scope.on)
    return Case(
        When(promised.is_kept(scope.on), then=Value("kept")),
        When(over, then=Value("ended")),
        When(due_on__lt=scope.on, then=Value("late")),
        default=Value("open"),
        output_field=CharField(),
    )


def _promise_titles(keys: Collection[str], scope: Scope) -> dict[str, str]:
    known = promised.titles()
    return {key: known.get(key, key) for key in sorted(keys)}


PROMISE = Dimension("what", "哪一种承诺", lambda scope: F("procedure"), _promise_titles)
PROMISE_STATE = Dimension("state", "怎么样了", _promise_key, _listed(PROMISES))
ACTIVITY_KIND = Dimension("what", "活动类别", lambda scope: F("title"), _as_is)
YEARS = Dimension(YEAR, "年（各年同一天）", lambda scope: Value(str(scope.on.year)), _as_is)
