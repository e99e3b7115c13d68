from datetime import date
from typing import Any

from ninja import Schema

from zhibu.adoptions import actions, queries, rules
from zhibu.adoptions.forms import AdoptForm, WithdrawForm
from zhibu.adoptions.models import Adoption
from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import May, Ref, may, organization_for
from zhibu.api.sections import Section
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.packs import library

section = Section("制度")


class PackOut(Schema):
    id: str
    title: str
    version: str
    kind: str


class HeldOut(Schema):
    """A pack that holds for an organisation, and by which adoption."""

    pack: PackOut
    adoption: int
    adopted_by: Ref
    since: date
    paper: str


class AdoptionLine(Schema):
    id: int
    pack: str
    organization: Ref
    reach: str
    fields: list[str]
    since: date
    until: date | None
    paper: str


class AdoptionOut(AdoptionLine):
    may: dict[str, May]


def _pack(pack: Any) -> PackOut:
    return PackOut(
        id=pack.id, title=pack.meta.title, version=str(pack.meta.version), kind=pack.meta.kind
    )


@section.listing("/packs", "制度包", PackOut)
def packs(call: Call) -> dict[str, Any]:
    require(rules.may_view_packs(call.user))
    known = library.packs()
    return call.page([known[id_] for id_ in sorted(known)], lambda some: map(_pack, some))


@section.one("/organizations/{int:pk}/rules", "在这里施行的制度", list[HeldOut])
def rules_in_force(call: Call, pk: int) -> list[HeldOut]:
    require(rules.may_view_packs(call.user))
    found = organization_for(call, pk)
    return [
        HeldOut(
            pack=_pack(held.pack), adoption=held.adoption.pk,
            adopted_by=Ref.to(held.adoption.organization), since=held.adoption.since,
            paper=held.adoption.paper,
        )
        for held in queries.in_force(found, call.today)
    ]  # fmt: skip


def _line(row: Adoption) -> dict[str, Any]:
    return {
        "id": row.pk, "pack": row.pack, "organization": Ref.to(row.organization),
        "reach": row.reach, "fields": row.fields, "since": row.since, "until": row.until,
        "paper": row.paper,
    }  # fmt: skip


@section.listing("/adoptions", "采用的制度，新的在前", AdoptionLine)
def adoptions(call: Call) -> dict[str, Any]:
    require(rules.may_view_packs(call.user))
    rows = Adoption.objects.visible_to(call.user).select_related("organization")
    return call.page(
        rows.order_by("-since", "-pk"), lambda some: [AdoptionLine(**_line(row)) for row in some]
    )


def _adoption_for(call: Call, pk: int) -> Adoption:
    return call.find(Adoption.objects.visible_to(call.user).select_related("organization"), pk=pk)


@section.one("/adoptions/{int:pk}", "一次采用", AdoptionOut, Adoption)
def adoption(call: Call, pk: int) -> AdoptionOut:
    row = _adoption_for(call, pk)
    verdict = rules.may_withdraw(call.user, row, queries.leaning_on(row))
    return AdoptionOut(**_line(row), may=may(withdraw_adoption=verdict))


@section.act("/adoptions", "采用制度", actions.adopt, form=AdoptForm)
def adopt(call: Call) -> Adoption:
    """What it means for whom is shown on the page before it is confirmed; here it is not."""
    require(rules.may_decide(call.user))
    form: Any = AdoptForm(library.packs(), data=call.data)
    reached = Organization.objects.reached_by(call.user, "adoptions.change")
    form.fields["organization"].among = reached.filter(dissolved_on=None)
    asked = call.filled(form)
    fields = asked.pop("domains")
    return actions.adopt(**asked, fields=fields, by=call.user, at=call.at)


@section.act("/adoptions/{int:pk}/withdraw", "停用制度", actions.withdraw, form=WithdrawForm)
def withdraw_adoption(call: Call, pk: int) -> Adoption:
    row = _adoption_for(call, pk)
    require(rules.may_withdraw(call.user, row, queries.leaning_on(row)))
    asked = call.filled(WithdrawForm(row.since, data=call.data))
    return actions.withdraw(row, **asked, by=call.user, at=call.at)
