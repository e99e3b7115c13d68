"""The rows behind a figure, as a page and a sheet show them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.urls import reverse

from zhibu.cases import promised
from zhibu.cases.models import Case
from zhibu.duties import queries as duties
from zhibu.duties.models import Obligation
from zhibu.insight.dimensions import STATES
from zhibu.insight.scopes import Scope
from zhibu.people.models import Person, State

if TYPE_CHECKING:
    from zhibu.accounts.models import User

HIDDEN = "（现在不在您的范围内）"
AT_ONCE = 1000  # rows worded together; a database bears no more ids in one question


@dataclass(frozen=True, slots=True)
class Listed:
    """One row: what it is called, where it opens ("" where it does not), its other cells."""

    title: str
    url: str
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """``order`` prepares the query set; ``listed`` words some of its rows, a few queries."""

    headings: tuple[str, ...]
    order: Callable[[QuerySet[Any]], QuerySet[Any]]
    listed: "Callable[[Sequence[Any], Scope, User], list[Listed]]"

    def all(self, rows: QuerySet[Any], scope: Scope, user: "User") -> Iterator[Listed]:
        """Every row in order, ``AT_ONCE`` in memory at a time."""
        found = self.order(rows).iterator(AT_ONCE)
        while some := list(islice(found, AT_ONCE)):
            yield from self.listed(some, scope, user)


def _seen(model: Any, ids: Collection[int], user: "User") -> set[int]:
    """Those the user may know of: others are counted and not named. One query."""
    return set(model.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def _obligations(rows: Sequence[Any], scope: Scope, user: "User") -> list[Listed]:
    seen = _seen(Obligation, [row.pk for row in rows], user)
    found = []
    for owed in duties.worded(rows, scope.on):
        row = owed.obligation
        who = " ".join(filter(None, [row.organization.called, owed.holder]))
        url = reverse("insight:obligation", args=[row.pk]) + f"?on={scope.on}"
        title = owed.duty.short or owed.duty.title
        cells = (title, owed.period, row.due_on, owed.word or STATES[owed.shape], row.done_on)
        is_seen = row.pk in seen
        found.append(Listed(who if is_seen else HIDDEN, url if is_seen else "", cells))
    return found


def _members(rows: Sequence[Any], scope: Scope, user: "User") -> list[Listed]:
    """Who has moved out of the user's reach since the day is counted and not named."""
    seen = _seen(Person, [row.pk for row in rows], user)
    return [
        Listed(
            row.name if row.pk in seen else HIDDEN,
            row.get_absolute_url() if row.pk in seen else "",
            (row.at_name, State(row.at_state).label),
        )
        for row in rows
    ]


def _steps(rows: Sequence[Any], scope: Scope, user: "User") -> list[Listed]:
    seen = _seen(Person, [row.person_id for row in rows], user)
    return [
        Listed(
            row.person.name if row.person_id in seen else HIDDEN,
            row.person.get_absolute_url() if row.person_id in seen else "",
            (row.at_name, State(row.state).label, row.since),
        )
        for row in rows
    ]


def _by_step(rows: QuerySet[Any]) -> QuerySet[Any]:
    named: QuerySet[Any] = rows.select_related("person").annotate(
        at_name=F("person__belongings__organization__name"),
        at_code=F("person__belongings__organization__code"),
    )
    return named.order_by("at_code", "since", "pk")


def _organizations(rows: Sequence[Any], scope: Scope, user: "User") -> list[Listed]:
    return [
        Listed(
            row.called, row.get_absolute_url(),
            (row.code, row.get_kind_display(), row.get_field_display()),
        )
        for row in rows
    ]  # fmt: skip


def _activities(rows: Sequence[Any], scope: Scope, user: "User") -> list[Listed]:
    return [
        Listed(
            row.title, row.activity.get_absolute_url(),
            (row.activity.held_on, row.activity.organization.called, row.activity.theme),
        )
        for row in rows
    ]  # fmt: skip


def _promises(rows: Sequence[Any], scope: Scope, user: "User") -> list[Listed]:
    seen, kinds = _seen(Case, [row.pk for row in rows], user), promised.titles()
    return [
        Listed(
            row.title if row.pk in seen else HIDDEN,
            row.get_absolute_url() if row.pk in seen else "",
            (kinds[row.procedure], row.organization.called, row.started_on,
             row.ended_as or row.get_state_display(), row.ended_on),
        )
        for row in rows
    ]  # fmt: skip


def _by_member(rows: QuerySet[Any]) -> QuerySet[Any]:
    named: QuerySet[Any] = rows.annotate(
        at_name=F("belongings__organization__name"),
        at_code=F("belongings__organization__code"),
        at_state=F("states__state"),
    )
    return named.order_by("at_code", "pk")


_OWED = Listing(
    ("谁", "应办", "时段", "到期日", "状态", "办的日期"),
    lambda rows: rows.select_related("organization").order_by(
        "organization__code", "due_on", "duty", "holder_id"
    ),
    _obligations,
)
LISTINGS = {
    "duties": _OWED,
    "duty-states": _OWED,
    "members": Listing(("姓名", "组织", "状态"), _by_member, _members),
    "pool": Listing(("姓名", "组织", "到了哪一步"), _by_member, _members),
    "steps": Listing(("姓名", "组织", "到了哪一步", "哪天"), _by_step, _steps),
    "organizations": Listing(
        ("组织", "代码", "类别", "领域"), lambda rows: rows.order_by("code"), _organizations
    ),
    "activities": Listing(
        ("类别", "日期", "组织", "主题"),
        lambda rows: rows.select_related("activity__organization").order_by(
            "activity__organization__code", "activity__held_on", "pk"
        ),
        _activities,
    ),
    "promises": Listing(
        ("承诺", "哪一种", "组织", "哪天作出", "现在怎样", "哪天办结"),
        lambda rows: rows.select_related("organization").order_by(
            "organization__code", "started_on", "pk"
        ),
        _promises,
    ),
}
