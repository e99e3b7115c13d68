"""What the outcome of a procedure changes of people. The procedure's own steps have judged who
may; these keep what must hold whoever asks."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from zhibu.core.effects import Params, effect
from zhibu.core.verdicts import Refused, no
from zhibu.organizations.actions import hold
from zhibu.people import actions
from zhibu.people.models import Belonging, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User


class SetMembership(Params):
    """``state``: what the person becomes on ``since``. ``basis``: what it rests on."""

    person: int
    state: str
    since: date
    basis: str = ""


class Place(Params):
    """``organization``: the branch that is home from ``since`` on."""

    person: int
    organization: int
    since: date


class Host(Params):
    """``organization``: the branch where the person takes part from ``since`` on."""

    person: int
    organization: int
    since: date


class EndHosting(Params):
    person: int
    on: date


def _locked(pk: int) -> Person:
    return Person.objects.select_for_update().get(pk=pk)


@effect("people.set_membership", title="登记党员身份变动", params=SetMembership, for_packs=True)
def set_membership(params: SetMembership, by: "User | None", at: datetime) -> None:
    actions.become(
        _locked(params.person), state=params.state, since=params.since, basis=params.basis,
        by=by, at=at,
    )  # fmt: skip


@effect("people.place", title="登记组织关系到哪个支部", params=Place, for_packs=True)
def place(params: Place, by: "User | None", at: datetime) -> None:
    organization = hold(params.organization)
    actions.settle(_locked(params.person), organization, since=params.since, by=by, at=at)


@effect("people.host", title="登记流入地支部", params=Host, for_packs=True)
def host(params: Host, by: "User | None", at: datetime) -> None:
    """Refused where it is no branch that stands, or the home branch itself."""
    organization = hold(params.organization)
    person = _locked(params.person)
    if not organization.is_branch or organization.dissolved_on:
        raise Refused(no(f"不能登记在{organization.called}：流入地要是还在的党支部。"))
    if organization.pk == person.home_id:
        raise Refused(no(f"不用登记：{person.name}的组织关系就在{organization.called}。"))
    actions.receive(person, organization, since=params.since, by=by, at=at)


@effect("people.end_hosting", title="登记流动结束", params=EndHosting, for_packs=True)
def end_hosting(params: EndHosting, by: "User | None", at: datetime) -> None:
    """Nothing to end is nothing to do."""
    person = _locked(params.person)
    current = person.belongings.filter(until=None, kind=Belonging.Kind.HOST).first()
    if current is not None:
        actions.see_off(person, current, on=params.on, by=by, at=at)
