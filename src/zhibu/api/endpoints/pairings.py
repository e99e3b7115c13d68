from datetime import date, datetime
from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Schema

from zhibu.adoptions.queries import HeldItem
from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import May, OfOrganization, Ref, may, organization_for
from zhibu.api.sections import Section
from zhibu.cases.models import Case
from zhibu.core import standing
from zhibu.core.forms import day, line
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization
from zhibu.packs.schema.pair_kinds import PairKind
from zhibu.pairings import actions, queries, rotas, rules
from zhibu.pairings import rota_queries as found_in
from zhibu.pairings.forms import (
    BecomeForm,
    ContactForm,
    EndForm,
    LinkForm,
    NoteForm,
    OfferForm,
    PersonForm,
    ReasonForm,
    RotaForm,
    TakeForm,
)
from zhibu.pairings.models import Contact, Link, Rota, Turn, latest
from zhibu.pairings.queries import VIEWS, Scope, rule_of
from zhibu.people.models import Person

section = Section("联系和轮值")


class LinksFilter(OfOrganization):
    """Links on a day, of one kind and below an organisation where given."""

    kind = line("哪一种", longest=160, required=False, hint="包编号:编号。")
    view = forms.ChoiceField(label="看哪些", required=False, choices=list(VIEWS.items()))
    q = line("谁", longest=60, required=False)
    on = day("哪天", required=False)


class GapsFilter(forms.Form):
    is_filter = True
    organization = forms.IntegerField(label="哪个组织", min_value=1)
    kind = line("哪一种", longest=160, hint="包编号:编号。")
    on = day("哪天", required=False)


class RotasFilter(forms.Form):
    is_filter = True
    organization = forms.IntegerField(label="哪个组织", min_value=1)


class TurnsFilter(forms.Form):
    """The week that a day lies in; today's where none is given."""

    is_filter = True
    on = day("哪天", required=False)


class LinkLine(Schema):
    id: int
    kind: str
    title: str
    organization: Ref
    who: str
    whom: str
    since: date
    until: date | None
    contacted_on: date | None
    due_on: date | None
    standing: str
    is_overdue: bool


class ContactOut(Schema):
    """``needs`` is 不公开 to those who may not read it."""

    id: int
    held_on: date
    channel: str
    needs: str
    case: int | None
    struck: str


class LinkOut(LinkLine):
    reason: str
    contacts: list[ContactOut]
    may: dict[str, May]


class GapLine(Schema):
    side: str
    title: str
    linked: int
    total: int
    lacking: list[str]


class RotaLine(Schema):
    id: int
    kind: str
    title: str
    organization: Ref
    since: date
    until: date
    per_shift: int
    state: str


class RotaOut(RotaLine):
    reason: str
    roll: list[Ref]
    may: dict[str, May]


class TurnLine(Schema):
    id: int
    on: date
    shift: str
    starts_at: datetime
    ends_at: datetime
    person: Ref
    is_offered: bool
    wanted: int | None
    came: str
    may: dict[str, May]


# --- links


def _line(link: Link, on: date) -> dict[str, Any]:
    return {
        "id": link.pk, "kind": link.kind, "title": link.title,
        "organization": Ref.to(link.organization), "who": link.who_called,
        "whom": link.whom_called, "since": link.since, "until": link.until,
        "contacted_on": link.contacted_on, "due_on": link.due_on,
        "standing": link.standing_on(on), "is_overdue": link.is_overdue(on),
    }  # fmt: skip


@section.listing("/links", "联系，按组织先后", LinkLine, LinksFilter)
def links(call: Call) -> dict[str, Any]:
    asked = call.filled(LinksFilter(data=call.query))
    place = organization_for(call, asked["organization"]) if asked["organization"] else None
    on = asked["on"] or call.today
    rows = Scope(call.user, on, asked["kind"], place).looked_at(asked["view"] or "held", asked["q"])
    return call.page(rows.named(), lambda some: [LinkLine(**_line(link, on)) for link in some])


@section.listing("/links/gaps", "还没有结上的，每一方 n / m", GapLine, GapsFilter)
def link_gaps(call: Call) -> dict[str, Any]:
    asked = call.filled(GapsFilter(data=call.query))
    place, rule = organization_for(call, asked["organization"]), latest(asked["kind"])
    if rule is None or not standing.may(call.user, "pairings.view", place.path):
        raise Http404
    gaps = queries.gaps(call.user, asked["kind"], place, asked["on"] or call.today)
    return call.page(
        gaps,
        lambda some: [
            GapLine(side=gap.side, title=gap.title, linked=gap.linked, total=gap.total,
                    lacking=[name for name, _ in gap.lacking])
            for gap in some
        ],
    )  # fmt: skip


def _link_for(call: Call, pk: int) -> Link:
    return call.find(Link.objects.visible_to(call.user).named(), pk=pk)


@section.one("/links/{int:pk}", "一个联系：哪天怎么联系的", LinkOut, Link)
def link(call: Call, pk: int) -> LinkOut:
    found, user = _link_for(call, pk), call.user
    return LinkOut(
        **_line(found, call.today),
        reason=found.reason,
        contacts=[
            ContactOut(
                id=one.contact.pk, held_on=one.contact.held_on, channel=one.channel,
                needs=one.needs, case=one.case.pk if one.case else None,
                struck=one.contact.struck_because,
            )
            for one in queries.log(user, found)
        ],
        may=may(
            log_contact=rules.may_log(user, found), end_link=rules.may_end(user, found),
            void_link=rules.may_void(user, found),
        ),
    )  # fmt: skip


def _kind(call: Call, pk: int, of: str, named: str) -> tuple[Organization, HeldItem, PairKind]:
    """An organisation and a kind in force there; 404 where either is nothing to this user."""
    place = organization_for(call, pk)
    held = queries.in_force(place, call.today, of).get(named)
    if held is None or not standing.may(call.user, "pairings.view", place.path):
        raise Http404
    rule = rule_of(held)
    require(rules.may_begin(call.user, place, rule))
    return place, held, rule


@section.act(
    "/organizations/{int:pk}/links/{publisher}/{slug}/{name}", "结一个联系", actions.begin_link,
    form=LinkForm, is_open=True,
)  # fmt: skip
def begin_link(call: Call, pk: int, publisher: str, slug: str, name: str) -> Link:
    """``who`` and ``whom`` as the kind asks them, ``since`` and ``until``."""
    named = f"{publisher}/{slug}:{name}"
    place, held, rule = _kind(call, pk, "link", named)
    assert rule.link is not None
    form = call.valid(LinkForm(rule.link, place, call.today, data=call.data))
    return actions.begin_link(
        place, form.draft(), kind=named, wording=held.wording.since, rule=rule, by=call.user,
        at=call.at,
    )  # fmt: skip


@section.act(
    "/links/{int:pk}/contact", "记一次联系", actions.log_contact, form=ContactForm, is_open=True
)
def log_contact(call: Call, pk: int) -> Link:
    found = _link_for(call, pk)
    require(rules.may_log(call.user, found))
    asked = call.filled(ContactForm(found, data=call.data))
    actions.log_contact(found, **asked, by=call.user, at=call.at)
    return found


@section.act("/links/{int:pk}/end", "结束联系", actions.end_link, form=EndForm)
def end_link(call: Call, pk: int) -> Link:
    found = _link_for(call, pk)
    require(rules.may_end(call.user, found))
    asked = call.filled(EndForm(data=call.data))
    return actions.end_link(found, **asked, by=call.user, at=call.at)


@section.act("/links/{int:pk}/void", "作废联系", actions.void_link, form=ReasonForm)
def void_link(call: Call, pk: int) -> Link:
    found = _link_for(call, pk)
    require(rules.may_void(call.user, found))
    asked = call.filled(ReasonForm(data=call.data))
    return actions.void_link(found, **asked, by=call.user, at=call.at)


def _contact_for(call: Call, pk: int) -> Contact:
    visible = Link.objects.visible_to(call.user)
    contact = call.find(Contact.objects.filter(link__in=visible.values("pk")), pk=pk)
    contact.link = _link_for(call, contact.link_id)
    return contact


@section.act("/contacts/{int:pk}/strike", "划去一次联系", actions.strike_contact, form=ReasonForm)
def strike_contact(call: Call, pk: int) -> Link:
    contact = _contact_for(call, pk)
    require(rules.may_strike(call.user, contact))
    asked = call.filled(ReasonForm(data=call.data))
    actions.strike_contact(contact, **asked, by=call.user, at=call.at)
    return contact.link


@section.act(
    "/contacts/{int:pk}/become", "写联系成了哪件事", actions.become, form=BecomeForm, is_open=True
)
def become(call: Call, pk: int) -> Link:
    contact = _contact_for(call, pk)
    require(rules.may_become(call.user, contact))
    offered = queries.cases_to_name(call.user, contact.link)
    asked = call.filled(BecomeForm(offered, data=call.data))
    case = Case.objects.get(pk=asked["case"])
    actions.become(contact, case=case, by=call.user, at=call.at)
    return contact.link


# --- rotas


def _rota_line(rota: Rota) -> dict[str, Any]:
    return {
        "id": rota.pk, "kind": rota.kind, "title": rota.title,
        "organization": Ref.to(rota.organization), "since": rota.since, "until": rota.until,
        "per_shift": rota.per_shift, "state": rota.state,
    }  # fmt: skip


@section.listing("/rotas", "轮值表，新的在前", RotaLine, RotasFilter)
def rota_list(call: Call) -> dict[str, Any]:
    asked = call.filled(RotasFilter(data=call.query))
    place = organization_for(call, asked["organization"])
    rows = found_in.rotas(call.user, place).select_related("organization")
    return call.page(rows, lambda some: [RotaLine(**_rota_line(rota)) for rota in some])


def _rota_for(call: Call, pk: int) -> Rota:
    return call.find(Rota.objects.visible_to(call.user).select_related("organization"), pk=pk)


@section.one("/rotas/{int:pk}", "一张轮值表：名单", RotaOut, Rota)
def rota(call: Call, pk: int) -> RotaOut:
    found = _rota_for(call, pk)
    return RotaOut(
        **_rota_line(found),
        reason=found.reason,
        roll=[Ref.to(person) for person in found_in.roll(found)],
        may=may(cancel_rota=rules.may_cancel(call.user, found)),
    )


@section.listing("/rotas/{int:pk}/turns", "轮值表一个星期的班", TurnLine, TurnsFilter)
def turns(call: Call, pk: int) -> dict[str, Any]:
    found = _rota_for(call, pk)
    asked = call.filled(TurnsFilter(data=call.query))
    since, until = found_in.week_of(found, asked["on"] or call.today)

    def line(turn: Turn) -> TurnLine:
        turn.rota, user = found, call.user
        return TurnLine(
            id=turn.pk, on=turn.on, shift=turn.shift, starts_at=turn.starts_at,
            ends_at=turn.ends_at, person=Ref.to(turn.person), is_offered=turn.is_offered,
            wanted=turn.wanted_id, came=turn.came,
            may=may(
                offer_turn=rules.may_offer(user, turn, call.at),
                withdraw_offer=rules.may_withdraw(user, turn, call.at),
                take_turn=rules.may_take(user, turn, user.person_id, call.at),
                change_turn=rules.may_change(user, turn, call.at),
                note_turn=rules.may_note(user, turn, call.at),
            ),
        )  # fmt: skip

    return call.page(found_in.turns(found, since, until), lambda some: [line(one) for one in some])


@section.act(
    "/organizations/{int:pk}/rotas/{publisher}/{slug}/{name}", "排一张轮值表", rotas.draw_up,
    form=RotaForm, is_open=True,
)  # fmt: skip
def draw_up(call: Call, pk: int, publisher: str, slug: str, name: str) -> Rota:
    """``roll`` are people of the organisation by number; they take turns in the order of its
    list, from ``first`` on."""
    named = f"{publisher}/{slug}:{name}"
    place, held, rule = _kind(call, pk, "rota", named)
    assert rule.rota is not None
    people = found_in.people_to_choose(place, call.today)
    form = call.valid(RotaForm(rule.rota, people, data=call.data))
    return rotas.draw_up(
        place, form.draft(), kind=named, wording=held.wording.since, rule=rule, by=call.user,
        at=call.at,
    )  # fmt: skip


@section.act("/rotas/{int:pk}/cancel", "停用一张轮值表", rotas.cancel_rota, form=ReasonForm)
def cancel_rota(call: Call, pk: int) -> Rota:
    found = _rota_for(call, pk)
    require(rules.may_cancel(call.user, found))
    asked = call.filled(ReasonForm(data=call.data))
    return rotas.cancel_rota(found, **asked, by=call.user, at=call.at)


def _turn_for(call: Call, pk: int) -> Turn:
    visible = Rota.objects.visible_to(call.user)
    rows = Turn.objects.filter(rota__in=visible.values("pk"))
    return call.find(rows.select_related("person", "wanted", "rota__organization"), pk=pk)


@section.act("/turns/{int:pk}/offer", "让出一班", rotas.offer_turn, form=OfferForm, is_open=True)
def offer_turn(call: Call, pk: int) -> Rota:
    """``wanted`` is a turn to have in exchange; left out, anybody on the roll may take it."""
    turn = _turn_for(call, pk)
    require(rules.may_offer(call.user, turn, call.at))
    others = found_in.others(turn, call.at)
    asked = call.filled(OfferForm([(one.pk, str(one.pk)) for one in others], data=call.data))
    wanted = next((one for one in others if one.pk == asked["wanted"]), None)
    return rotas.offer_turn(turn, wanted=wanted, by=call.user, at=call.at).rota


@section.act("/turns/{int:pk}/withdraw", "收回让出的一班", rotas.withdraw_offer)
def withdraw_offer(call: Call, pk: int) -> Rota:
    return rotas.withdraw_offer(_turn_for(call, pk), by=call.user, at=call.at).rota


@section.act("/turns/{int:pk}/take", "接一班", rotas.take_turn, form=TakeForm)
def take_turn(call: Call, pk: int) -> Rota:
    turn = _turn_for(call, pk)
    asked = call.filled(TakeForm(data=call.data))
    person = get_object_or_404(Person, pk=asked["person"] or call.user.person_id or 0)
    return rotas.take_turn(turn, person=person, by=call.user, at=call.at).rota


@section.act(
    "/turns/{int:pk}/change", "换一班的人", rotas.change_turn, form=PersonForm, is_open=True
)
def change_turn(call: Call, pk: int) -> Rota:
    turn = _turn_for(call, pk)
    require(rules.may_change(call.user, turn, call.at))
    people = found_in.roll(turn.rota)
    names = [(one.pk, one.name) for one in people]
    asked = call.filled(PersonForm(names, data=call.data))
    person = next(one for one in people if one.pk == asked["person"])
    return rotas.change_turn(turn, person=person, by=call.user, at=call.at).rota


@section.act("/turns/{int:pk}/note", "记来没来", rotas.note_turn, form=NoteForm)
def note_turn(call: Call, pk: int) -> Rota:
    asked = call.filled(NoteForm(data=call.data))
    return rotas.note_turn(_turn_for(call, pk), **asked, by=call.user, at=call.at).rota
