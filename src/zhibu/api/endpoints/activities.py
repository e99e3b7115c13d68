from datetime import date, datetime
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Prefetch
from django.http import Http404
from django.utils import timezone
from ninja import Schema

from zhibu.activities import actions, drafts, queries, rules, situations, views
from zhibu.activities.forms import (
    DECISIONS,
    FOLLOW_UPS,
    CorrectForm,
    LeaveForm,
    ListFilter,
    ReasonForm,
    RecordForm,
    Situation,
)
from zhibu.activities.models import Activity, Filing, KindOf, Leave
from zhibu.api.calling import Call, Faults, faults_of
from zhibu.api.endpoints.shared import (
    WORD,
    Asked,
    May,
    OfOrganization,
    Ref,
    may,
    organization_for,
    page_of,
)
from zhibu.api.sections import Section
from zhibu.core.verdicts import require
from zhibu.files import actions as files
from zhibu.files import owners
from zhibu.files import queries as attached
from zhibu.files import views as file_views
from zhibu.files.models import Attachment
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.people.models import Person

section = Section("活动")


class ActivityFilter(ListFilter, OfOrganization):
    """The filters of the page, and one organisation."""


class ActivityLine(Schema):
    id: int
    organization: Ref
    group: int | None
    kinds: list[str]
    theme: str
    held_on: date
    starts_at: datetime
    place: str
    status: str
    due: int | None
    present: int | None


class Decision(Schema):
    text: str
    yes: int | None
    no: int | None
    abstain: int | None
    passed: bool | None


class File(Schema):
    id: int
    name: str
    url: str


class ActivityOut(ActivityLine):
    """Who was there by name, what was decided; ``version`` counts its corrections."""

    agenda: str
    chair: Ref | None
    recorder: Ref | None
    speaker: Ref | None
    present_people: list[str]
    absent_people: list[str]
    leaves: list[Ref]
    decisions: list[Decision]
    files: list[File]
    version: int
    may: dict[str, May]


def _line(activity: Activity, due: int | None, present: int | None) -> dict[str, Any]:
    return {
        "id": activity.pk, "organization": Ref.to(activity.organization),
        "group": activity.group_id, "kinds": [kind.title for kind in activity.kinds_in_order()],
        "theme": activity.theme, "held_on": activity.held_on,
        "starts_at": timezone.localtime(activity.starts_at), "place": activity.place,
        "status": activity.status, "due": due, "present": present,
    }  # fmt: skip


@section.listing("/activities", "活动，新的在前", ActivityLine, ActivityFilter)
def activities(call: Call) -> dict[str, Any]:
    asked = call.filled(ActivityFilter(queries.kinds_to_choose(), data=call.query))
    rows = views.filtered(Activity.objects.visible_to(call.user), asked)
    if asked["organization"]:
        rows = rows.filter(organization=organization_for(call, asked["organization"]))
    rows = rows.select_related("organization", "group").prefetch_related(
        Prefetch("kinds", KindOf.objects.order_by("pk"))
    )
    return call.page(
        rows.latest_first(),
        lambda some: [
            ActivityLine(
                **_line(
                    one.activity,
                    one.due if one.is_counted else None,
                    one.present if one.is_counted else None,
                )
            )
            for one in queries.attended(some)
        ],
    )


def activity_for(call: Call, pk: int) -> Activity:
    rows = Activity.objects.visible_to(call.user).select_related(
        "organization", "group", "chair", "recorder", "speaker", "recorded_by", "confirmed_by"
    )
    return call.find(rows.prefetch_related("kinds"), pk=pk)


@section.one("/activities/{int:pk}", "一次活动", ActivityOut, Activity)
def activity(call: Call, pk: int) -> ActivityOut:
    row, user = activity_for(call, pk), call.user
    people = list(row.participations.select_related("person").order_by("pk"))
    (one,) = queries.attended([row])
    found = attached.of(actions.SOURCE, [row.pk]).get(row.pk, [])
    leaves = row.leaves.select_related("person").order_by("pk") if row.is_planned else []
    return ActivityOut(
        **_line(
            row,
            one.due if one.is_counted else None,
            one.present if one.is_counted else None,
        ),
        agenda=row.agenda,
        chair=Ref.of(row.chair),
        recorder=Ref.of(row.recorder),
        speaker=Ref.of(row.speaker),
        present_people=[_name(p) for p in people if p.status in ("present", "observer")],
        absent_people=[_name(p) for p in people if p.status == "absent"],
        leaves=[Ref.to(leave.person) for leave in leaves],
        decisions=[
            Decision(text=d.text, yes=d.yes, no=d.no, abstain=d.abstain, passed=d.passed)
            for d in row.decisions.order_by("number")
        ],
        files=[File(id=f.pk, name=f.original_name, url=f"/api/v1/files/{f.pk}") for f in found],
        version=row.version,
        may=may(
            record_planned=rules.may_record_plan(user, row),
            correct_activity=rules.may_correct(user, row),
            confirm_activity=rules.may_confirm(user, row),
            cancel_activity=rules.may_cancel(user, row),
            void_activity=rules.may_void(user, row),
            ask_leave=rules.may_ask_leave(user, row, user.person_id or 0),
        ),
    )


def _name(row: Any) -> str:
    return row.person.name if row.person else str(row.guest_name)


@section.file("/activities/{int:pk}/minutes", "会议记录的 Word 文件", WORD)
def activity_minutes(call: Call, pk: int) -> Any:
    return page_of(views.minutes_file, call, pk=pk)


@section.file("/files/{int:pk}", "附件", "application/octet-stream")
def file(call: Call, pk: int) -> Any:
    return page_of(file_views.download, call, pk=pk)


@section.act("/files/{int:pk}/remove", "去掉附件", files.remove)
def remove_file(call: Call, pk: int) -> Attachment:
    attachment = call.find(Attachment.objects.live(), pk=pk)
    owner = owners.get(attachment.owner_type)
    if attachment.owner_id not in owner.visible(call.user, [attachment.owner_id]):
        raise Http404
    require(owner.may_change(call.user, attachment.owner_id))
    return files.remove(attachment, by=call.user, at=call.at)


# --- recording


class What(Schema):
    """``value`` is what ``what`` takes: k and a kind, or o and the number of an obligation."""

    value: str
    title: str


class Recording(Schema):
    """What the form of a sitting may say there on that day; fields beyond it are refused."""

    what: list[What]
    roll: list[Ref]
    items: list[What]
    outcomes: list[Asked]


@section.one("/organizations/{int:pk}/recording", "在这里记活动，能填什么", Recording)
def recording(call: Call, pk: int, day: date | None = None, group: int | None = None,
              what: str = "") -> Recording:  # fmt: skip
    found = organization_for(call, pk)
    of_group = _group_for(call, found, group)
    require(rules.may_record(call.user, found, of_group))
    made = situations.situation(found, of_group, day or call.today, what=what[:160])
    return Recording(
        what=[
            *(What(value=owed.value, title=owed.label) for owed in made.owed),
            *(What(value=f"k{c.reference}", title=c.title) for c in made.choices),
        ],
        roll=[Ref.to(expected.person) for expected in made.roll],
        items=[What(value=token, title=title) for token, title, _ in made.items()],
        outcomes=[
            asked.model_copy(update={"id": f"outcome_{index}"})
            for index, asked in enumerate(Asked.of(spec for _, spec in made.outcomes()))
        ],
    )


def _group_for(call: Call, organization: Organization, asked: int | None) -> PartyGroup | None:
    rows = PartyGroup.objects.filter(organization=organization, until=None)
    return call.find(rows, pk=asked) if asked else None


def _situation(
    call: Call, organization: Organization, group: PartyGroup | None, planned: Activity | None
) -> Situation:
    """The situation that what was sent is judged in, as the screen builds it."""
    data = call.data
    return situations.situation(
        organization,
        group,
        views.day_written(data.get("starts_at", ""), planned.held_on if planned else call.today),
        what=data.get("what", ""),
        also=data.getlist("also"),
        planned=planned,
        decisions=situations.repeated(data, "decision_", DECISIONS),
        follow_ups=situations.repeated(data, "task_", FOLLOW_UPS),
    )


def _saved(call: Call, form: RecordForm, save: Any) -> Activity:
    """What ``save`` makes of the draft; its faults stand under the fields of the form."""
    draft = call.valid(form).draft()
    try:
        with transaction.atomic():
            made: Activity = save(draft)
            return made
    except drafts.Faulty as faulty:
        form.blame(faulty)
        raise Faults(faults_of(form)) from faulty


class NewForm(RecordForm):
    """The screen of a sitting, and which party group it is of."""

    group = forms.IntegerField(
        label="哪个党小组", required=False, min_value=1, help_text="党小组的会写它的编号。"
    )


def _place(call: Call, pk: int) -> tuple[Organization, PartyGroup | None]:
    found = organization_for(call, pk)
    asked = call.data.get("group", "")
    group = _group_for(call, found, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    require(rules.may_record(call.user, found, group))
    return found, group


@section.act(
    "/organizations/{int:pk}/activities", "记一次活动", actions.record, form=NewForm, is_open=True
)
def record_activity(call: Call, pk: int) -> Activity:
    """Sent twice within minutes it is the same sitting, as on the screen."""
    found, group = _place(call, pk)
    form = NewForm(_situation(call, found, group, None), data=call.data)

    def save(draft: drafts.Draft) -> Activity:
        Organization.objects.select_for_update().get(pk=found.pk)
        before = queries.sent_before(found, group, draft, by=call.user, at=call.at)
        if before is not None:
            return before
        return actions.record(found, draft, group=group, by=call.user, at=call.at).activity

    return _saved(call, form, save)


@section.act(
    "/organizations/{int:pk}/activities/plan", "计划一次活动", actions.plan, form=NewForm,
    is_open=True,
)  # fmt: skip
def plan_activity(call: Call, pk: int) -> Activity:
    found, group = _place(call, pk)
    form = NewForm(_situation(call, found, group, None), data=call.data)
    return _saved(
        call,
        form,
        lambda draft: actions.plan(found, draft, group=group, by=call.user, at=call.at),
    )


@section.act(
    "/activities/{int:pk}/record", "记计划过的活动", actions.record, form=RecordForm, is_open=True
)
def record_planned(call: Call, pk: int) -> Activity:
    row = activity_for(call, pk)
    require(rules.may_record_plan(call.user, row))
    form = RecordForm(_situation(call, row.organization, row.group, row), data=call.data)
    return _saved(
        call,
        form,
        lambda draft: (
            actions.record(
                row.organization, draft, group=row.group, planned=row, by=call.user, at=call.at
            ).activity
        ),
    )


@section.act(
    "/activities/{int:pk}/replan", "改计划", actions.replan, form=RecordForm, is_open=True
)  # fmt: skip
def replan_activity(call: Call, pk: int) -> Activity:
    row = activity_for(call, pk)
    require(rules.may_record_plan(call.user, row))
    form = RecordForm(_situation(call, row.organization, row.group, row), data=call.data)
    return _saved(
        call, form, lambda draft: actions.replan(row, draft, by=call.user, at=call.at)
    )  # fmt: skip


@section.act(
    "/activities/{int:pk}/correct", "更正记录", actions.correct, form=CorrectForm, is_open=True
)
def correct_activity(call: Call, pk: int) -> Activity:
    row = activity_for(call, pk)
    require(rules.may_correct(call.user, row))
    form = CorrectForm(_situation(call, row.organization, row.group, row), data=call.data)
    return _saved(
        call,
        form,
        lambda draft: (
            actions.correct(
                row, draft, reason=form.cleaned_data["reason"], by=call.user, at=call.at
            ).activity
        ),
    )


# --- one-touch verbs


@section.act("/activities/{int:pk}/confirm", "确认记录", actions.confirm)
def confirm_activity(call: Call, pk: int) -> Activity:
    row = activity_for(call, pk)
    require(rules.may_confirm(call.user, row))
    return actions.confirm(row, by=call.user, at=call.at)


@section.act("/activities/{int:pk}/cancel", "取消活动", actions.cancel, form=ReasonForm)
def cancel_activity(call: Call, pk: int) -> Activity:
    row = activity_for(call, pk)
    require(rules.may_cancel(call.user, row))
    asked = call.filled(ReasonForm(data=call.data))
    return actions.cancel(row, **asked, by=call.user, at=call.at)


@section.act("/activities/{int:pk}/void", "作废记录", actions.void, form=ReasonForm)
def void_activity(call: Call, pk: int) -> Activity:
    row = activity_for(call, pk)
    require(rules.may_void(call.user, row))
    asked = call.filled(ReasonForm(data=call.data))
    return actions.void(row, **asked, by=call.user, at=call.at)


@section.act("/activities/{int:pk}/leave", "请假", actions.ask_leave, form=LeaveForm)
def ask_leave(call: Call, pk: int) -> Leave:
    row, user = activity_for(call, pk), call.user
    helps = bool(rules.may_record(user, row.organization, row.group))
    require(rules.may_ask_leave(user, row, user.person_id or 0))
    people = views.roll_of(row) if helps else []
    asked = call.filled(LeaveForm(people, data=call.data, own=user.person_id))
    person = call.find(Person.objects.all(), pk=asked["person_id"])
    return actions.ask_leave(row, person=person, reason=asked["reason"], by=user, at=call.at)


# --- themes filed above


class FilingOut(Schema):
    id: int
    activity: int
    organization: Ref
    theme: str
    filed_at: datetime
    received_at: datetime | None


@section.listing("/filings", "报来的主题，没签收的在前", FilingOut)
def filings(call: Call) -> dict[str, Any]:
    rows = Filing.objects.received_where(call.user).select_related("activity__organization")
    return call.page(
        rows.order_by("received_at", "-filed_at", "pk"),
        lambda some: [
            FilingOut(
                id=row.pk, activity=row.activity_id, theme=row.theme,
                organization=Ref.to(row.activity.organization), filed_at=row.filed_at,
                received_at=row.received_at,
            )
            for row in some
        ],
    )  # fmt: skip


@section.act("/activities/{int:pk}/file", "报主题", actions.file_theme)
def file_theme(call: Call, pk: int) -> Filing:
    row = activity_for(call, pk)
    require(rules.may_file(call.user, row, actions.filing_asked(row) is not None))
    return actions.file_theme(row, by=call.user, at=call.at)


@section.act("/filings/{int:pk}/receive", "签收主题", actions.receive_theme)
def receive_theme(call: Call, pk: int) -> Filing:
    row = call.find(Filing.objects.visible_to(call.user).select_related("to"), pk=pk)
    require(rules.may_receive(call.user, row))
    return actions.receive_theme(row, by=call.user, at=call.at)
