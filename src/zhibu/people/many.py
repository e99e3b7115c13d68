"""What may be done to many people at once; each is the single action of that name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms

from zhibu.core import many, standing
from zhibu.core.many import Offer
from zhibu.core.verdicts import YES, Verdict, no
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people import actions, queries
from zhibu.people.forms import EndHostingForm, GroupForm, HostForm, PlaceForm
from zhibu.people.models import Person, State

if TYPE_CHECKING:
    from zhibu.accounts.models import User

STATES: dict[str, str] = {state.value: str(state.label) for state in State}
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """One thing to do: its form for a user at an organisation, the action, what it says.

    ``form`` gives None where there is nothing to choose from.
    """

    title: str
    about: str
    form: Callable[["User", Organization | None, Any], forms.Form | None]
    act: Callable[[Person, Values, "User", datetime], object]
    change: Callable[[Values], str]


def may_do_many(user: "User") -> Verdict:
    if standing.may_anywhere(user, "people.change"):
        return YES
    return no("不能批量办：由支部书记或上级党委来办。")


def offers(
    user: "User", words: Values, at: Organization | None, on: Any
) -> tuple[Sequence[Offer[Person]], bool]:
    """People of the list whom ``user`` may change, the first ``many.MOST``; whether there are
    more. One query."""
    text = words.get("q", "")
    people = queries.search(
        user,
        "" if queries.is_number(text) else text,
        organization=at,
        state=words.get("state") or None,
        on=on,
    ).filter(standing.reach_q(user, "people.change"))
    found: list[Any] = list(people[: many.MOST + 1])
    made = [Offer(p.pk, p, p.name, _line(p)) for p in found[: many.MOST]]
    return made, len(found) > many.MOST


def _line(person: Any) -> str:
    state = STATES.get(person.state_on or "", "没有党员身份")
    return f"{state} · {person.home.called if person.home else '没有支部'}"


def _place_form(user: "User", at: Organization | None, data: Any) -> forms.Form:
    form = PlaceForm(data)
    reached = Organization.objects.reached_by(user, "people.change")
    form.fields["organization"].among = reached.branches().filter(dissolved_on=None)  # type: ignore[attr-defined]
    return form


def _host_form(user: "User", at: Organization | None, data: Any) -> forms.Form:
    form = HostForm(data)
    form.fields["organization"].among = Organization.objects.branches().filter(dissolved_on=None)  # type: ignore[attr-defined]
    return form


def _group_form(user: "User", at: Organization | None, data: Any) -> forms.Form | None:
    """Groups are one branch's: asked for where the list is of one branch."""
    if at is None or not standing.may(user, "organizations.groups", at.path):
        return None
    groups = PartyGroup.objects.filter(organization=at, until=None).order_by("since", "pk")
    rows = list(groups.values_list("pk", "name"))
    return GroupForm(rows, data) if rows else None


def _group(person: Person, values: Values, by: "User", at: datetime) -> object:
    group = PartyGroup.objects.select_related("organization").get(pk=int(values["group"]))
    return actions.join_group(person, group=group, since=values["since"], by=by, at=at)


WAYS: dict[str, Way] = {
    "place": Way(
        "转到另一个支部",
        "从那天起组织关系在那边，党小组同时退出。",
        _place_form,
        lambda person, values, by, at: actions.place(person, **values, by=by, at=at),
        lambda v: f"{v['since']} 起，组织关系转到{v['organization'].called}，原来的党小组退出。",
    ),
    "host": Way(
        "登记流入地支部",
        "组织关系和人数仍在本支部。",
        _host_form,
        lambda person, values, by, at: actions.host(person, **values, by=by, at=at),
        lambda v: f"{v['since']} 起，在{v['organization'].called}参加组织生活，人数仍算在本支部。",
    ),
    "end-hosting": Way(
        "结束流入登记",
        "回来了的，或者组织关系已经转过去的。",
        lambda user, at, data: EndHostingForm(data),
        lambda person, values, by, at: actions.end_hosting(person, **values, by=by, at=at),
        lambda v: f"{v['on']} 起，不再在流入地支部参加组织生活。",
    ),
    "group": Way(
        "编党小组",
        "从那天起进新的小组，退出原来的。",
        _group_form,
        _group,
        lambda v: f"{v['since']} 起，编到选定的党小组，退出原来的。",
    ),
}
