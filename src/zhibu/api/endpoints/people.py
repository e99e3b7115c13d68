from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import Http404
from ninja import Schema

from zhibu.api.calling import Call, Faults
from zhibu.api.endpoints.shared import May, Ref, may, organization_for
from zhibu.api.sections import Section
from zhibu.core.verdicts import require
from zhibu.organizations.models import Organization, Post
from zhibu.packs import catalogues
from zhibu.people import actions, queries, rules
from zhibu.people.forms import (
    ChangeForm,
    EndForm,
    EndHostingForm,
    GroupForm,
    HoldForm,
    HostForm,
    MembershipForm,
    PlaceForm,
    RegisterForm,
    SearchForm,
)
from zhibu.people.membergroups import actions as grouping
from zhibu.people.membergroups import queries as groups
from zhibu.people.membergroups import rules as group_rules
from zhibu.people.membergroups.forms import RegroupForm
from zhibu.people.merging import actions as merging
from zhibu.people.merging import rules as merging_rules
from zhibu.people.models import Belonging, Consent, Correction, Holding, NotSame, Person
from zhibu.people.rights import actions as rights
from zhibu.people.rights import queries as rights_queries
from zhibu.people.rights import rules as rights_rules
from zhibu.people.rights.forms import AskForm, DecideForm, NoteForm
from zhibu.people.rights.queries import noted

section = Section("人员")


class PeopleFilter(SearchForm):
    """The filters of the page, and at which organisation or below."""

    at = forms.IntegerField(label="在哪个组织", required=False, min_value=1)


class PersonLine(Schema):
    """``id_number`` and ``phone`` are covered; the API uncovers nothing."""

    id: int
    name: str
    sex: str
    born_on: date | None
    ethnicity: str
    education: str
    occupation: str
    state: str
    home: Ref | None
    id_number: str
    phone: str


class Dated(Schema):
    """Something that holds over ``[since, until)``."""

    id: int
    what: str
    since: date
    until: date | None


class PersonOut(PersonLine):
    address: str
    states: list[Dated]
    branches: list[Dated]
    groups: list[Dated]
    posts: list[Dated]
    may: dict[str, May]


class CorrectionOut(Schema):
    """A request to put something right. What it says is read on the page, where it is sealed."""

    id: int
    person: Ref
    about: str
    state: str
    asked_on: date
    answer: str


def person_for(call: Call, pk: int) -> Person:
    """The person, or 404 where this user may not even know of them."""
    return call.find(Person.objects.visible_to(call.user).select_related("home"), pk=pk)


def _line(call: Call, person: Any, state: str) -> dict[str, Any]:
    is_whole = rules.may_see_whole(call.user, person)
    return {
        "id": person.pk, "name": person.name, "sex": person.sex, "born_on": person.born_on,
        "ethnicity": person.ethnicity, "education": person.education,
        "occupation": person.occupation, "state": state, "home": Ref.of(person.home),
        "id_number": person.masked_id_number if is_whole else "", "phone": person.masked_phone,
    }  # fmt: skip


@section.listing("/people", "人员，号码都遮住", PersonLine, PeopleFilter)
def people(call: Call) -> dict[str, Any]:
    """By name, pinyin or initials. A whole number is asked on the page: here it would stand
    in an address."""
    require(rules.may_list(call.user))
    asked = call.filled(PeopleFilter(data=call.query))
    if queries.is_number(asked["q"]):
        raise Faults({"q": ["这里不能按号码找：地址会被记下来。请在网页上找。"]})
    at = organization_for(call, asked["at"]) if asked["at"] else None
    rows = queries.search(
        call.user, asked["q"], organization=at, state=asked["state"] or None, on=call.today
    )
    return call.page(
        rows,
        lambda found: [PersonLine(**_line(call, row, row.state_on or "")) for row in found],
    )


@section.one("/people/{int:pk}", "一个人：身份、支部、小组、任职", PersonOut, Person)
def person(call: Call, pk: int) -> PersonOut:
    """Noted as on the page: the person sees who looked."""
    seen = Person.objects.visible_to(call.user).select_related("home")
    row: Any = call.find(seen.annotate(is_noted=noted(call.user, call.today)), pk=pk)
    if not row.is_noted:
        rights.note_opening(row, by=call.user, at=call.at)
    found = queries.record(row)
    is_whole = rules.may_see_whole(call.user, row)
    changes = rules.may_change(call.user, row)
    return PersonOut(
        **_line(call, row, found.state.state if found.state else ""),
        address=row.masked_address if is_whole else "",
        states=[Dated(id=s.pk, what=s.state, since=s.since, until=s.until) for s in found.states],
        branches=[
            Dated(id=b.pk, what=b.organization.called, since=b.since, until=b.until)
            for b in found.belongings
        ],
        groups=[
            Dated(id=g.pk, what=g.group.name, since=g.since, until=g.until) for g in found.groups
        ],
        posts=[
            Dated(
                id=h.pk, what=f"{h.post.organization.called}{h.post.title}", since=h.since,
                until=h.ended_on,
            )
            for h in found.holdings
        ],
        may=may(
            change_person=changes, set_membership=changes, place_person=changes,
            host_person=changes,
            end_hosting=rules.may_end_hosting(call.user, row, found.host),
        ),
    )  # fmt: skip


# --- about a person


@section.act(
    "/organizations/{int:pk}/people", "在支部登记人员", actions.register, form=RegisterForm
)
def register_person(call: Call, pk: int) -> Person:
    home = organization_for(call, pk)
    require(rules.may_register(call.user, home))
    asked = call.filled(RegisterForm(data=call.data))
    asked["state"] = asked["state"] or None
    return actions.register(**asked, home=home, by=call.user, at=call.at)


PLAIN = ("name", "sex", "born_on", "ethnicity", "education", "occupation")


@section.act("/people/{int:pk}/change", "改资料", actions.change, form=ChangeForm)
def change_person(call: Call, pk: int) -> Person:
    """As on the page everything plain is sent; an empty sealed value stays as it is."""
    found = person_for(call, pk)
    require(rules.may_change(call.user, found))
    form = call.valid(ChangeForm(data=call.data, person=found))
    values: dict[str, Any] = {name: form.cleaned_data[name] for name in PLAIN}
    actions.change(found, **(values | form.sealed_values()), by=call.user, at=call.at)
    return found


@section.act(
    "/people/{int:pk}/membership", "登记身份变动", actions.set_membership, form=MembershipForm
)
def set_membership(call: Call, pk: int) -> Person:
    found = person_for(call, pk)
    require(rules.may_change(call.user, found))
    current = found.states.filter(until=None).first()
    asked = call.filled(MembershipForm(current.state if current else None, data=call.data))
    actions.set_membership(found, **asked, by=call.user, at=call.at)
    return found


@section.act("/people/{int:pk}/place", "转组织关系", actions.place, form=PlaceForm)
def place_person(call: Call, pk: int) -> Person:
    found = person_for(call, pk)
    require(rules.may_change(call.user, found))
    form: Any = PlaceForm(data=call.data)
    reached: Any = Organization.objects.reached_by(call.user, "people.change")
    form.fields["organization"].among = reached.branches().filter(dissolved_on=None)
    actions.place(found, **call.filled(form), by=call.user, at=call.at)
    return found


@section.act("/people/{int:pk}/host", "登记流入地支部", actions.host, form=HostForm)
def host_person(call: Call, pk: int) -> Person:
    found = person_for(call, pk)
    require(rules.may_change(call.user, found))
    form: Any = HostForm(data=call.data)
    form.fields["organization"].among = Organization.objects.branches().filter(dissolved_on=None)
    actions.host(found, **call.filled(form), by=call.user, at=call.at)
    return found


@section.act("/people/{int:pk}/host/end", "流动结束", actions.end_hosting, form=EndHostingForm)
def end_hosting(call: Call, pk: int) -> Person:
    found = person_for(call, pk)
    hosting = found.belongings.filter(until=None, kind=Belonging.Kind.HOST).first()
    require(rules.may_end_hosting(call.user, found, hosting))
    asked = call.filled(EndHostingForm(data=call.data))
    actions.end_hosting(found, **asked, by=call.user, at=call.at)
    return found


@section.act("/people/{int:pk}/group", "编党小组", actions.join_group, form=GroupForm)
def join_group(call: Call, pk: int) -> Person:
    found = person_for(call, pk)
    if found.home is None:
        raise Http404
    require(rules.may_lead_group(call.user, found.home))
    known = {group.pk: group for group in found.home.groups.filter(until=None)}
    named = ((pk, group.name) for pk, group in known.items())
    asked = call.filled(GroupForm(named, data=call.data))
    group = known[int(asked["group"])]
    actions.join_group(found, group=group, since=asked["since"], by=call.user, at=call.at)
    return found


class RegroupManyForm(RegroupForm):
    """The chosen people and the day; the preview of the page is not asked here."""

    person = forms.TypedMultipleChoiceField(label="人", coerce=int, help_text="人的编号。")
    group = forms.ChoiceField(label="类别", help_text="类别的编号，制度包里的。")
    way = forms.ChoiceField(
        label="编进还是编出",
        choices=[("in", "编进"), ("out", "编出")],
        help_text="从那天起进去，还是出来。",
    )
    step = None  # type: ignore[assignment]

    def __init__(self, offered: Sequence[int], listed: Any, today: date, **more: Any) -> None:
        super().__init__(list(offered), today, **more)
        choices: Any = self.fields["group"]
        choices.choices = [(token, one.title) for token, one in listed.items()]


@section.act("/people/regroup", "编进、编出党员类别", grouping.regroup, form=RegroupManyForm)
def regroup(call: Call) -> int:
    """Those named whom this user may change; anybody else is not known here."""
    require(group_rules.may_group_somebody(call.user))
    named = [
        int(text) for text in call.data.getlist("person") if text.isdecimal() and len(text) < 19
    ]
    mine = groups.changeable(call.user, groups.Wanted(), call.today).filter(pk__in=named)
    listed = catalogues.listed(groups.OF, call.today)
    form = RegroupManyForm([row.pk for row in mine], listed, call.today, data=call.data)
    asked = call.filled(form)
    made = grouping.regroup(
        asked["person"], group=asked["group"], way=asked["way"], since=asked["since"],
        by=call.user, at=call.at,
    )  # fmt: skip
    return len(made.touched)


@section.act("/people/{int:pk}/apart/{int:other}", "不是同一个人", merging.tell_apart)
def tell_apart(call: Call, pk: int, other: int) -> NotSame:
    one, two = (person_for(call, each) for each in sorted((pk, other)))
    require(merging_rules.may_merge(call.user, one, two))
    return merging.tell_apart(one, two, by=call.user, at=call.at)


# --- posts


@section.act("/posts/{int:pk}/appoint", "登记谁任职", actions.hold_post, form=HoldForm)
def appoint(call: Call, pk: int) -> Holding:
    seen = Organization.objects.visible_to(call.user)
    rows = Post.objects.filter(until=None, organization__in=seen)
    post = call.find(rows.select_related("organization", "group"), pk=pk)
    require(rules.may_appoint(call.user, post))
    form: Any = HoldForm(data=call.data)
    candidates = Person.objects.visible_to(call.user)
    if post.group_id:
        candidates = candidates.filter(home=post.organization)
    form.fields["person"].among = candidates
    asked = call.filled(form)
    person = asked.pop("person")
    return actions.hold_post(person, post=post, **asked, by=call.user, at=call.at)


@section.act("/holdings/{int:pk}/end", "不再任职", actions.end_holding, form=EndForm)
def end_holding(call: Call, pk: int) -> Holding:
    seen = Organization.objects.visible_to(call.user)
    rows = Holding.objects.filter(ended_on=None, post__organization__in=seen)
    holding = call.find(rows.select_related("person", "post__organization", "post__group"), pk=pk)
    require(rules.may_appoint(call.user, holding.post))
    asked = call.filled(EndForm(data=call.data))
    return actions.end_holding(holding, **asked, by=call.user, at=call.at)


# --- consent and corrections


@section.act(
    "/people/{int:pk}/consents", "代记同意和撤回", rights.consent, rights.withdraw, form=NoteForm
)
def note_consent(call: Call, pk: int) -> Consent:
    """What somebody said or wrote: a purpose that is agreed to already is taken back."""
    found = person_for(call, pk)
    require(rules.may_change(call.user, found))
    purposes = rights_queries.purposes(found.pk, call.today)
    form = NoteForm([(one.listed.token, one.listed.title) for one in purposes], data=call.data)
    asked = call.filled(form)
    row = {one.listed.token: one.consent for one in purposes}[asked["purpose"]]
    if row:
        return rights.withdraw(row, how=asked["how"], by=call.user, at=call.at)
    return rights.consent(found, **asked, by=call.user, at=call.at)


class CorrectionFilter(forms.Form):
    """What waits for an answer; with ``all`` what is answered too."""

    is_filter = True
    all = forms.ChoiceField(
        label="答复过的也要", choices=[("", "不要"), ("1", "要")], required=False
    )


@section.listing("/corrections", "请更正的，等答复的在前", CorrectionOut, CorrectionFilter)
def corrections(call: Call) -> dict[str, Any]:
    require(rights_rules.may_decide_somewhere(call.user))
    asked = call.filled(CorrectionFilter(data=call.query))
    rows = Correction.objects.to_decide(call.user).select_related("person__home")
    found = (
        rows.order_by("-asked_at", "-pk")
        if asked["all"]
        else rows.open().order_by("asked_at", "pk")
    )
    return call.page(found, lambda some: [_correction(row) for row in some])


def _correction(row: Correction) -> CorrectionOut:
    return CorrectionOut(
        id=row.pk, person=Ref.to(row.person), about=row.about, state=row.state,
        asked_on=row.asked_at.date(), answer=row.answer,
    )  # fmt: skip


@section.act("/me/corrections", "请更正自己的资料", rights.ask_correction, form=AskForm)
def ask_correction(call: Call) -> Correction:
    own = call.find(Person.objects.select_related("home"), pk=call.user.person_id or 0)
    asked = call.filled(AskForm(data=call.data))
    return rights.ask_correction(own, **asked, by=call.user, at=call.at)


def _correction_for(call: Call, pk: int) -> Correction:
    """The request, or 404 for whoever neither asked it nor decides on it."""
    mine = Correction.objects.filter(person=call.user.person_id or 0)
    rows = mine | Correction.objects.to_decide(call.user)
    return call.find(rows.select_related("person__home"), pk=pk)


@section.act("/corrections/{int:pk}/decide", "答复更正", rights.decide, form=DecideForm)
def decide_correction(call: Call, pk: int) -> Correction:
    row = _correction_for(call, pk)
    require(rights_rules.may_decide(call.user, row))
    asked = call.filled(DecideForm(data=call.data))
    is_accepted = asked["decision"] == "accepted"
    return rights.decide(
        row, is_accepted=is_accepted, answer=asked["answer"], by=call.user, at=call.at
    )


@section.act("/corrections/{int:pk}/take-back", "撤回更正", rights.take_back)
def take_back_correction(call: Call, pk: int) -> Correction:
    row = _correction_for(call, pk)
    require(rights_rules.may_take_back(call.user, row))
    return rights.take_back(row, by=call.user, at=call.at)
