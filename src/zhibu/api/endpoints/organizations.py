from datetime import date
from typing import Any

from django import forms
from ninja import Schema

from zhibu.api.calling import Call
from zhibu.api.endpoints.shared import May, Ref, may, organization_for
from zhibu.api.sections import Section
from zhibu.core.verdicts import require
from zhibu.organizations import actions, guiding, queries, rotating, rules
from zhibu.organizations.forms import (
    ChangeForm,
    CloseGroupForm,
    DissolveForm,
    FormGroupForm,
    FoundForm,
    ListForm,
    MoveForm,
    PostForm,
    RenameForm,
    TermForm,
)
from zhibu.organizations.models import (
    BRANCHES,
    Guidance,
    Organization,
    PartyGroup,
    Post,
    Term,
)
from zhibu.organizations.successor_forms import EndGuidanceForm, GuideForm, RotateForm
from zhibu.people import queries as people
from zhibu.people import rules as people_rules

section = Section("组织")


class OrganizationFilter(ListForm):
    """The filters of the page, and whom to list what is below."""

    under = forms.IntegerField(label="在哪个组织下面", required=False, min_value=1)


class OrganizationLine(Schema):
    id: int
    code: str
    name: str
    short_name: str
    kind: str
    field: str
    place: str
    parent: Ref | None
    established_on: date | None
    dissolved_on: date | None


class Seat(Schema):
    """A post with who holds it; the numbers are those to appoint and to end with."""

    post: int
    title: str
    group: int | None
    holding: int | None
    person: Ref | None
    since: date | None
    until: date | None
    is_expired: bool


class Group(Schema):
    id: int
    name: str
    members: int


class OrganizationOut(OrganizationLine):
    """``members`` and the other figures are of today."""

    members: int
    term_since: date | None
    term_ends_on: date | None
    above: list[Ref]
    below: list[Ref]
    seats: list[Seat]
    groups: list[Group]
    guides: list[Ref]
    may: dict[str, May]


def _line(row: Organization, *, name: str, short: str, parent: Ref | None) -> dict[str, Any]:
    return {
        "id": row.pk, "code": row.code, "name": name, "short_name": short, "kind": row.kind,
        "field": row.field, "place": row.place, "parent": parent,
        "established_on": row.established_on, "dissolved_on": row.dissolved_on,
    }  # fmt: skip


@section.listing("/organizations", "组织，按树的先后", OrganizationLine, OrganizationFilter)
def organizations(call: Call) -> dict[str, Any]:
    asked = call.filled(OrganizationFilter(data=call.query))
    on = min(asked["on"] or call.today, call.today)
    under = organization_for(call, asked["under"]) if asked["under"] else None
    rows = queries.listed(
        call.user, on=on, text=asked["q"], kind=asked["kind"], field=asked["field"], under=under
    )
    return call.page(
        rows,
        lambda found: [
            OrganizationLine(
                **_line(
                    row.organization,
                    name=row.name_on or "",
                    short=row.short_on or "",
                    parent=Ref(id=row.parent_id, name=row.parent_name_on or "")
                    if row.parent_id
                    else None,
                )
            )
            for row in found
        ],
    )


@section.one(
    "/organizations/{int:pk}", "一个组织：上下级、职务、党小组、届期", OrganizationOut, Organization
)
def organization(call: Call, pk: int) -> OrganizationOut:
    """Who holds its posts is shown to whoever sees the organisation, as on its page."""
    seen = Organization.objects.visible_to(call.user).select_related("parent")
    rows = queries.with_term(queries.as_of(seen, call.today), call.today)
    row: Any = call.find(rows, pk=pk)
    around = queries.around_on(row, row.path_on or "", call.today)
    seats = people.seats_on(row, call.today)
    groups: list[Any] = people.groups_on(row, call.today) if row.is_branch else []
    open_below = sum(not each.dissolved_on for each in around.below)
    changes = rules.may_change(call.user, row)
    return OrganizationOut(
        **_line(row, name=row.name, short=row.short_name, parent=Ref.of(row.parent)),
        members=people.headcount(row.path_on, call.today).members if row.path_on else 0,
        term_since=row.term_since,
        term_ends_on=row.term_ends_on,
        above=[Ref.to(each) for each in around.above],
        below=[Ref.to(each) for each in around.below],
        seats=[_seat(each) for each in seats],
        groups=[Group(id=g.pk, name=g.name, members=getattr(g, "size", 0)) for g in groups],
        guides=[Ref.to(g.guide) for g in queries.line_on(row, call.today).guides],
        may=may(
            found_organization=changes, rename_organization=changes, change_organization=changes,
            move_organization=changes, begin_term=changes, make_post=changes,
            dissolve_organization=rules.may_dissolve(call.user, row, open_below=open_below),
            form_group=rules.may_group(call.user, row),
            register_person=people_rules.may_register(call.user, row),
        ),
    )  # fmt: skip


def _seat(seat: people.Seat) -> Seat:
    who = Ref(id=seat.person_id, name=seat.name) if seat.person_id else None
    return Seat(
        post=seat.post.pk, title=seat.post.title, group=seat.post.group_id,
        holding=seat.holding_id, person=who, since=seat.since, until=seat.until,
        is_expired=seat.is_expired,
    )  # fmt: skip


# --- changing the tree


def _to_change(call: Call, pk: int) -> Organization:
    found = organization_for(call, pk)
    require(rules.may_change(call.user, found))
    return found


@section.act("/organizations/{int:pk}/found", "在下面成立组织", actions.found, form=FoundForm)
def found_organization(call: Call, pk: int) -> Organization:
    parent = _to_change(call, pk)
    asked = call.filled(FoundForm(data=call.data))
    return actions.found(**asked, parent=parent, by=call.user, at=call.at)


@section.act("/organizations/{int:pk}/rename", "改名", actions.rename, form=RenameForm)
def rename_organization(call: Call, pk: int) -> Organization:
    found = _to_change(call, pk)
    asked = call.filled(RenameForm(data=call.data))
    actions.rename(found, **asked, by=call.user, at=call.at)
    return found


@section.act("/organizations/{int:pk}/change", "改资料", actions.change, form=ChangeForm)
def change_organization(call: Call, pk: int) -> Organization:
    found = _to_change(call, pk)
    asked = call.filled(ChangeForm(data=call.data))
    actions.change(found, **asked, by=call.user, at=call.at)
    return found


@section.act("/organizations/{int:pk}/move", "换上级", actions.move, form=MoveForm)
def move_organization(call: Call, pk: int) -> Organization:
    found = _to_change(call, pk)
    form: Any = MoveForm(data=call.data)
    reached: Any = Organization.objects.reached_by(call.user, "organizations.change")
    form.fields["parent"].among = reached.exclude(kind__in=BRANCHES).filter(dissolved_on=None)
    actions.move(found, **call.filled(form), by=call.user, at=call.at)
    return found


@section.act("/organizations/{int:pk}/dissolve", "撤销组织", actions.dissolve, form=DissolveForm)
def dissolve_organization(call: Call, pk: int) -> Organization:
    found = organization_for(call, pk)
    open_below = found.children.filter(dissolved_on=None).count()
    require(rules.may_dissolve(call.user, found, open_below=open_below))
    asked = call.filled(DissolveForm(data=call.data))
    actions.dissolve(found, **asked, by=call.user, at=call.at)
    return found


@section.act("/organizations/{int:pk}/term", "登记新一届", actions.begin_term, form=TermForm)
def begin_term(call: Call, pk: int) -> Term:
    found = _to_change(call, pk)
    asked = call.filled(TermForm(data=call.data))
    return actions.begin_term(found, **asked, by=call.user, at=call.at)


@section.act("/organizations/{int:pk}/groups", "成立党小组", actions.form_group, form=FormGroupForm)
def form_group(call: Call, pk: int) -> PartyGroup:
    found = organization_for(call, pk)
    require(rules.may_group(call.user, found))
    asked = call.filled(FormGroupForm(data=call.data))
    return actions.form_group(found, **asked, by=call.user, at=call.at)


@section.act("/groups/{int:pk}/close", "撤销党小组", actions.close_group, form=CloseGroupForm)
def close_group(call: Call, pk: int) -> PartyGroup:
    seen = Organization.objects.visible_to(call.user)
    rows = PartyGroup.objects.select_related("organization").filter(organization__in=seen)
    group = call.find(rows, pk=pk)
    require(rules.may_close_group(call.user, group))
    asked = call.filled(CloseGroupForm(data=call.data))
    return actions.close_group(group, **asked, by=call.user, at=call.at)


def _make_post(call: Call, found: Organization, group: PartyGroup | None) -> Post:
    """A post that packs know and that does not stand there yet."""
    standing_kinds = found.posts.filter(until=None, group=group).values_list("kind", flat=True)
    known = queries.post_kinds("party-group" if group else found.kind, call.today)
    kinds = {id_: kind for id_, kind in known.items() if id_ not in set(standing_kinds)}
    asked = call.filled(PostForm(kinds.items(), data=call.data))
    kind = kinds[asked["kind"]]
    return actions.make_post(
        found, kind=asked["kind"], title=kind.title, role=kind.role, since=asked["since"],
        group=group, in_committee=kind.in_committee, rank=kind.rank, seats=kind.seats,
        by=call.user, at=call.at,
    )  # fmt: skip


@section.act("/organizations/{int:pk}/posts", "设职务", actions.make_post, form=PostForm)
def make_post(call: Call, pk: int) -> Post:
    return _make_post(call, _to_change(call, pk), None)


@section.act("/groups/{int:pk}/posts", "给党小组设职务", actions.make_post, form=PostForm)
def make_groups_post(call: Call, pk: int) -> Post:
    seen = Organization.objects.visible_to(call.user)
    rows = PartyGroup.objects.select_related("organization").filter(organization__in=seen)
    group = call.find(rows.filter(until=None), pk=pk)
    require(rules.may_group(call.user, group.organization))
    return _make_post(call, group.organization, group)


# --- guidance and turns to chair


@section.act("/organizations/{int:pk}/guide", "登记业务指导", guiding.guide, form=GuideForm)
def guide_organization(call: Call, pk: int) -> Guidance:
    found = _to_change(call, pk)
    form: Any = GuideForm(data=call.data)
    form.fields["guide"].among = Organization.objects.filter(dissolved_on=None)
    return guiding.guide(found, **call.filled(form), by=call.user, at=call.at)


@section.act("/guidances/{int:pk}/end", "不再指导", guiding.end_guidance, form=EndGuidanceForm)
def end_guidance(call: Call, pk: int) -> Guidance:
    seen = Organization.objects.visible_to(call.user)
    rows = Guidance.objects.select_related("organization", "guide").filter(organization__in=seen)
    guidance = call.find(rows, pk=pk)
    require(rules.may_end_guidance(call.user, guidance))
    asked = call.filled(EndGuidanceForm(data=call.data))
    return guiding.end_guidance(guidance, **asked, by=call.user, at=call.at)


@section.act("/organizations/{int:pk}/turns", "排轮值主席", rotating.rotate, form=RotateForm)
def rotate_chair(call: Call, pk: int) -> Organization:
    found = organization_for(call, pk)
    require(rules.may_rotate(call.user, found))
    form: Any = RotateForm(data=call.data)
    form.fields["units"].among = Organization.objects.visible_to(call.user).filter(
        dissolved_on=None
    )
    rotating.rotate(found, **call.filled(form), by=call.user, at=call.at)
    return found
