"""Planning, recording, confirming, correcting; leave, filing, cancelling, voiding."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhibu.activities import queries, rules
from zhibu.activities.drafts import Draft, Faulty
from zhibu.activities.gathering import Gathered
from zhibu.activities.models import (
    LATER,
    OWN_FIELDS,
    PARTS,
    Activity,
    Decision,
    Filing,
    KindOf,
    Leave,
    Outcome,
    Participation,
    Revision,
)
from zhibu.activities.sittings import Sitting, faults_of, judge_vote, sitting_of
from zhibu.assignments import actions as assignments
from zhibu.assignments.models import Assignment
from zhibu.cases.campaigns import counting as campaigns
from zhibu.core import bulk
from zhibu.core.quorum import Tally
from zhibu.core.verdicts import require
from zhibu.duties import actions as duties
from zhibu.duties.models import Obligation
from zhibu.ledger import actions as ledger
from zhibu.ledger.merkle import canonical
from zhibu.ledger.protection import Children
from zhibu.organizations.models import Organization, PartyGroup
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.activities import ActivityKind
from zhibu.people.models import Belonging, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

SOURCE = "activities.activity"
NO_REASON = Participation.Reason.NONE


class Kind(StrEnum):
    PLANNED = "activities:activity:planned"
    REPLANNED = "activities:activity:replanned"
    RECORDED = "activities:activity:recorded"
    CONFIRMED = "activities:activity:confirmed"
    CORRECTED = "activities:activity:corrected"
    CANCELLED = "activities:activity:cancelled"
    VOIDED = "activities:activity:voided"
    LEAVE_ASKED = "activities:leave:asked"
    FILED = "activities:theme:filed"
    RECEIVED = "activities:theme:received"
    FOLLOWED = "activities:activity:followed"


WORDS = {
    Kind.PLANNED: "计划了活动",
    Kind.REPLANNED: "改了活动计划",
    Kind.RECORDED: "记了一次活动",
    Kind.CONFIRMED: "确认了活动记录",
    Kind.CORRECTED: "更正了活动记录",
    Kind.CANCELLED: "取消了活动",
    Kind.VOIDED: "作废了活动记录",
    Kind.LEAVE_ASKED: "请了假",
    Kind.FILED: "报送了主题",
    Kind.RECEIVED: "签收了主题",
    Kind.FOLLOWED: "随组织合并、分设转了计划",
}


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a record: the activity, what it ticks, and how many tasks it made."""

    activity: Activity
    obligations: list[Obligation]
    follow_ups: int


# --- writing


def _require_whole(sitting: Sitting, *, today: date, is_plan: bool) -> None:
    faults = faults_of(sitting, today=today, is_plan=is_plan)
    if faults:
        raise Faulty(faults)


def _fill(activity: Activity, sitting: Sitting) -> None:
    draft = sitting.draft
    activity.theme, activity.place, activity.agenda = draft.theme, draft.place, draft.agenda
    activity.starts_at, activity.held_on = draft.starts_at, sitting.day
    activity.chair_id, activity.recorder_id = draft.chair_id, draft.recorder_id
    activity.speaker_id = draft.speaker_id
    activity.items = sorted(draft.items)


def _write_kinds(activity: Activity, sitting: Sitting, *, is_new: bool) -> None:
    if not is_new:
        activity.kinds.all().delete()
    KindOf.objects.bulk_create(_kinds_of(activity, sitting))


def _kinds_of(activity: Activity, sitting: Sitting) -> list[KindOf]:
    made_up = {k.reference: k.makes_up for k in sitting.draft.kinds}
    return [
        KindOf(
            activity=activity,
            reference=choice.reference,
            title=choice.title,
            wording=choice.wording,
            makes_up=made_up[choice.reference],
        )
        for choice in sitting.choices
    ]


def _write_held(activity: Activity, sitting: Sitting, *, is_new: bool) -> None:
    """Attendance, decisions and outcomes, replacing what was there."""
    _write_kinds(activity, sitting, is_new=is_new)
    asked: set[int] = set()
    if not is_new:
        for rows in (activity.participations, activity.decisions, activity.outcomes):
            rows.all().delete()
        asked = set(activity.leaves.values_list("person", flat=True))
    Participation.objects.bulk_create(_attendance(activity, sitting, asked))
    Decision.objects.bulk_create(_decisions(activity, sitting))
    Outcome.objects.bulk_create(_outcomes(activity, sitting))


def _outcomes(activity: Activity, sitting: Sitting) -> list[Outcome]:
    return [
        Outcome(activity=activity, reference=o.reference, field=o.field, value=o.value)
        for o in sitting.draft.outcomes
    ]


def _attendance(activity: Activity, sitting: Sitting, asked: set[int]) -> list[Participation]:
    draft = sitting.draft
    rows = []
    for expected in sitting.roll:
        absence = draft.absences.get(expected.person.pk)
        rows.append(
            Participation(
                activity_id=activity.pk,
                person_id=expected.person.pk,
                status="absent" if absence else "present",
                reason=(absence.reason or NO_REASON) if absence else "",
                asked_beforehand=absence is not None
                and (absence.asked_beforehand or expected.person.pk in asked),
                is_entitled=expected.is_entitled,
            )
        )
    rows += [
        Participation(activity_id=activity.pk, person_id=pk, status="observer", is_due=False)
        for pk in draft.observers
    ]
    rows += [
        Participation(activity_id=activity.pk, guest_name=name, status="observer", is_due=False)
        for name in draft.guests
    ]
    return rows


def _decisions(activity: Activity, sitting: Sitting) -> list[Decision]:
    rows = []
    for number, decision in enumerate(sitting.draft.decisions, 1):
        row = Decision(activity=activity, number=number, text=decision.text.strip())
        if decision.vote and sitting.rule:
            spec, cited = sitting.rule
            vote, roll = decision.vote, sitting.entitled
            result = judge_vote(spec, roll, Tally(vote.yes, vote.no, vote.abstain))
            row.is_vote = True
            row.entitled, row.present = roll.entitled, roll.present
            row.yes, row.no, row.abstain = vote.yes, vote.no, vote.abstain
            row.present_needed, row.yes_needed = result.present_needed, result.yes_needed
            row.is_quorate, row.passed, row.basis = result.is_quorate, result.passed, cited
        rows.append(row)
    return rows


def _on_record(activity: Activity) -> frozenset[int]:
    """People whose attendance is on record. One query."""
    rows = activity.participations.filter(person__isnull=False)
    return frozenset(rows.values_list("person", flat=True))


def _kinds_on_record(activity: Activity) -> list[str]:
    return list(activity.kinds.values_list("reference", flat=True))


def _occasion(
    activity: Activity, *, counts: bool = True, before: frozenset[int] = frozenset()
) -> duties.Occasion:
    """``before``: who was on record until a correction."""
    kinds = activity.kinds.order_by("pk") if counts else ()
    return _occasion_of(activity, kinds, _on_record(activity) | before)


def _occasion_of(
    activity: Activity, kinds: Iterable[KindOf], people: frozenset[int]
) -> duties.Occasion:
    facts = tuple(
        duties.Fact(
            kind=kind.reference,
            held_on=activity.held_on,
            entered_on=activity.entered_on,
            makes_up=kind.makes_up,
            items=tuple(activity.items),
            speaker_id=activity.speaker_id,
            chair_id=activity.chair_id,
        )
        for kind in kinds
    )
    return duties.Occasion(activity.pk, activity.organization_id, activity.group_id, facts, people)


def occasions_of(activities: Sequence[Activity]) -> list[duties.Occasion]:
    """What activities may count towards as they stand now. Two queries."""
    kinds: dict[int, list[KindOf]] = defaultdict(list)
    numbers = [activity.pk for activity in activities if activity.has_taken_place]
    for kind in KindOf.objects.filter(activity__in=numbers).order_by("pk"):
        kinds[kind.activity_id].append(kind)
    people: dict[int, set[int]] = defaultdict(set)
    known = Participation.objects.filter(activity__in=numbers, person__isnull=False)
    for pk, person in known.values_list("activity", "person"):
        people[pk].add(person)
    return [_occasion_of(row, kinds[row.pk], frozenset(people[row.pk])) for row in activities]


def _credit(
    occasions: Sequence[duties.Occasion], before: Iterable[str] = (), *, at: datetime
) -> list[list[Obligation]]:
    """What rests on activities counts them: obligations, which are given back, and campaigns.

    ``before``: kinds that they were of, until a correction.
    """
    ticked = duties.credit_many(occasions, at=at)
    campaigns.of_activities(
        {occasion.organization_id for occasion in occasions},
        {person for occasion in occasions for person in occasion.people},
        {fact.kind for occasion in occasions for fact in occasion.facts} | set(before),
        at=at,
    )
    return ticked


def _follow_up(activity: Activity, sitting: Sitting, *, by: "User", at: datetime) -> int:
    for task in sitting.draft.follow_ups:
        assignments.follow_up(
            sitting.organization,
            title=task.title,
            owner=Person.objects.get(pk=task.owner_id),
            due_on=task.due_on,
            source_type=SOURCE,
            source_id=activity.pk,
            by=by,
            at=at,
        )
    return len(sitting.draft.follow_ups)


def _locked(activity: Activity) -> Activity:
    return (
        Activity.objects.select_for_update(of=("self",))
        .select_related("organization", "group")
        .get(pk=activity.pk)
    )


def _hold(held_by: Mapping[int, Sequence[Draft]]) -> dict[int, Organization]:
    """Organisations as they stand now: whoever ends or merges one waits until we are done.

    With them, in one order, those whose duties are counted anew afterwards: where guests and
    whoever is named in the drafts are at home. Two queries.
    """
    named = {pk for drafts in held_by.values() for draft in drafts for pk in draft.people}
    guests = Belonging.objects.filter(organization__in=held_by, kind=Belonging.Kind.HOST)
    concerned = Q(pk__in=named) | Q(pk__in=guests.values("person"))
    homes = Person.all_rows.filter(concerned, home__isnull=False)
    ids = {*held_by, *homes.values_list("home", flat=True)}
    rows = Organization.objects.select_for_update(no_key=True).filter(pk__in=ids)
    return {row.pk: row for row in rows.order_by("pk")}


def _basis(sitting: Sitting) -> str:
    return sitting.choices[0].cited if sitting.choices else ""


@transaction.atomic
def plan(
    organization: Organization,
    draft: Draft,
    *,
    group: PartyGroup | None = None,
    by: "User",
    at: datetime,
) -> Activity:
    """Put an activity on the calendar; who came is recorded when it was held.

    Raises:
        Refused: ``rules.may_record`` refuses.
        Faulty: the draft cannot stand; every fault at once.
    """
    organization = _hold({organization.pk: [draft]})[organization.pk]
    require(rules.may_record(by, organization, group))
    sitting = sitting_of(organization, group, draft)
    _require_whole(sitting, today=timezone.localdate(at), is_plan=True)
    activity = Activity(
        organization=organization,
        group=group,
        status=Activity.Status.PLANNED,
        planned_by=by,
        planned_at=at,
    )
    _fill(activity, sitting)
    activity.save(force_insert=True)
    _write_kinds(activity, sitting, is_new=True)
    ledger.record(
        Kind.PLANNED,
        activity,
        organization=organization.pk,
        by=by,
        at=at,
        occurred=sitting.day,
        basis=_basis(sitting),
    )
    return activity


@transaction.atomic
def replan(activity: Activity, draft: Draft, *, by: "User", at: datetime) -> Activity:
    """Change a plan: another day, place, theme or kind."""
    activity = _locked(activity)
    require(rules.may_record_plan(by, activity))
    sitting = sitting_of(activity.organization, activity.group, draft)
    _require_whole(sitting, today=timezone.localdate(at), is_plan=True)
    _fill(activity, sitting)
    activity.save()
    _write_kinds(activity, sitting, is_new=False)
    ledger.record(
        Kind.REPLANNED,
        activity,
        organization=activity.organization_id,
        by=by,
        at=at,
        occurred=sitting.day,
        basis=_basis(sitting),
    )
    return activity


@transaction.atomic
def record(
    organization: Organization,
    draft: Draft,
    *,
    group: PartyGroup | None = None,
    planned: Activity | None = None,
    by: "User",
    at: datetime,
) -> Saved:
    """Record what took place, from scratch or from its plan; the duties tick at once.

    Raises:
        Refused: ``rules.may_record`` or, for a plan, ``may_record_plan`` refuses.
        Faulty: the draft cannot stand; every fault at once.
    """
    held = _hold({planned.organization_id if planned else organization.pk: [draft]})
    if planned is not None:
        activity = _locked(planned)
        organization, group = activity.organization, activity.group
        require(rules.may_record_plan(by, activity))
    else:
        organization = held[organization.pk]
        activity = Activity(organization=organization, group=group)
        require(rules.may_record(by, organization, group))
    sitting = sitting_of(organization, group, draft)
    _require_whole(sitting, today=timezone.localdate(at), is_plan=False)
    _fill(activity, sitting)
    activity.status = Activity.Status.HELD
    activity.recorded_by, activity.recorded_at = by, at
    activity.save()
    _write_held(activity, sitting, is_new=planned is None)
    made = _follow_up(activity, sitting, by=by, at=at)
    ledger.record(
        Kind.RECORDED,
        activity,
        organization=organization.pk,
        by=by,
        at=at,
        occurred=sitting.day,
        basis=_basis(sitting),
    )
    return Saved(activity, _credit([_occasion(activity)], at=at)[0], made)


# --- many at once


@dataclass(frozen=True, slots=True)
class Row:
    """One of many sittings to record. ``by`` and ``at`` where they are not the call's."""

    organization: Organization
    draft: Draft
    group: PartyGroup | None = None
    by: "User | None" = None
    at: datetime | None = None


class FaultyRows(Exception):
    """Some of many drafts cannot stand; ``faults`` are those of each, by its place."""

    def __init__(self, faults: Mapping[int, Mapping[str, str]]) -> None:
        super().__init__(f"{len(faults)} 次活动有错")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class _New:
    """An activity about to be written, with the rows that belong to it."""

    activity: Activity
    sitting: Sitting
    by: "User"
    at: datetime


def faults_of_many(rows: Sequence[Row], *, at: datetime) -> dict[int, dict[str, str]]:
    """What ``record_many`` would find wrong, by place; nothing is written."""
    return _faults_of(rows, _sittings_of(rows), at)


def _sittings_of(rows: Sequence[Row]) -> list[Sitting]:
    if not rows:
        return []
    gathered = Gathered([(row.organization, row.group, row.draft) for row in rows])
    return [gathered.sitting(row.organization, row.group, row.draft) for row in rows]


def _faults_of(
    rows: Sequence[Row], sittings: Sequence[Sitting], at: datetime
) -> dict[int, dict[str, str]]:
    found = {}
    for number, (row, sitting) in enumerate(zip(rows, sittings, strict=True)):
        faults = faults_of(sitting, today=timezone.localdate(row.at or at), is_plan=False)
        if faults:
            found[number] = faults
    return found


@transaction.atomic
def record_many(rows: Sequence[Row], *, by: "User", at: datetime) -> list[Saved]:
    """``record`` for many, in their order: the same rules, rows and entries, all or none.

    Queries grow with how often what holds there has changed, not with the rows. Whoever has
    very many gives them in turns. The obligations of what is given back are as they stand
    after the last row.

    Raises:
        Refused: ``rules.may_record`` refuses one of them.
        FaultyRows: some drafts cannot stand; every fault of each.
    """
    drafts: dict[int, list[Draft]] = defaultdict(list)
    for row in rows:
        drafts[row.organization.pk].append(row.draft)
    held = _hold(drafts)
    rows = [replace(row, organization=held[row.organization.pk]) for row in rows]
    for recorder, organization, group in dict.fromkeys(
        (row.by or by, row.organization, row.group) for row in rows
    ):
        require(rules.may_record(recorder, organization, group))
    sittings = _sittings_of(rows)
    faults = _faults_of(rows, sittings, at)
    if faults:
        raise FaultyRows(faults)
    new = [
        _New(_held(sitting, row.by or by, row.at or at), sitting, row.by or by, row.at or at)
        for row, sitting in zip(rows, sittings, strict=True)
    ]
    bulk.create(Activity, [each.activity for each in new])
    written, counted = _write_many(new)
    notes = _notes_of(new)
    ledger.record_many(notes, {Activity: written})
    occasions = [_occasion_of(each.activity, *counted[each.activity.pk]) for each in new]
    ticked = _credit(occasions, at=at)
    return [
        Saved(each.activity, obligations, len(each.sitting.draft.follow_ups))
        for each, obligations in zip(new, ticked, strict=True)
    ]


def _held(sitting: Sitting, by: "User", at: datetime) -> Activity:
    activity = Activity(
        organization=sitting.organization,
        group=sitting.group,
        status=Activity.Status.HELD,
        recorded_by=by,
        recorded_at=at,
    )
    _fill(activity, sitting)
    return activity


def _write_many(
    new: Sequence[_New],
) -> tuple[dict[str, Children], dict[int, tuple[list[KindOf], frozenset[int]]]]:
    """Write the parts of new activities: as the ledger reads them; kinds and people of each."""
    made: dict[str, Sequence[Any]] = {
        "kinds": [row for each in new for row in _kinds_of(each.activity, each.sitting)],
        "participations": [
            row for each in new for row in _attendance(each.activity, each.sitting, set())
        ],
        "decisions": [row for each in new for row in _decisions(each.activity, each.sitting)],
        "outcomes": [row for each in new for row in _outcomes(each.activity, each.sitting)],
    }
    written: dict[str, Children] = {}
    for name, (model, fields) in PARTS.items():
        rows = made.get(name, ())
        bulk.create(model, rows)
        grouped: dict[int, list[list[Any]]] = defaultdict(list)
        values = attrgetter("pk", *fields)
        for row in rows:
            grouped[row.activity_id].append(list(values(row)))
        written[name] = grouped
    kinds: dict[int, list[KindOf]] = defaultdict(list)
    for kind in made["kinds"]:
        kinds[kind.activity_id].append(kind)
    people: dict[int, set[int]] = defaultdict(set)
    for row in made["participations"]:
        if row.person_id is not None:
            people[row.activity_id].add(row.person_id)
    activities = (each.activity.pk for each in new)
    return written, {pk: (kinds[pk], frozenset(people[pk])) for pk in activities}


def _notes_of(new: Sequence[_New]) -> list[ledger.Note]:
    """The entries as single records would leave them: an activity's tasks, then itself."""
    tasks = [
        Assignment(
            organization=each.sitting.organization,
            title=task.title,
            owner_id=task.owner_id,
            due_on=task.due_on,
            source_type=SOURCE,
            source_id=each.activity.pk,
            made_by=each.by,
            made_at=each.at,
        )
        for each in new
        for task in each.sitting.draft.follow_ups
    ]
    waiting = iter(assignments.follow_up_many(tasks))
    notes = []
    for each in new:
        notes += [next(waiting) for _ in each.sitting.draft.follow_ups]
        notes.append(
            ledger.Note(
                Kind.RECORDED,
                each.activity,
                each.sitting.organization.pk,
                each.by,
                each.at,
                occurred=each.sitting.day,
                basis=_basis(each.sitting),
            )
        )
    return notes


@transaction.atomic
def confirm(activity: Activity, *, by: "User", at: datetime) -> Activity:
    """A second pair of eyes says that the record is right."""
    activity = _locked(activity)
    require(rules.may_confirm(by, activity))
    activity.status = Activity.Status.CONFIRMED
    activity.confirmed_by, activity.confirmed_at = by, at
    activity.save(update_fields=["status", "confirmed_by", "confirmed_at"])
    ledger.record(Kind.CONFIRMED, activity, organization=activity.organization_id, by=by, at=at)
    return activity


def content_of(activity: Activity) -> dict[str, Any]:
    """The activity whole, as plain JSON: what a revision keeps."""
    own = {name: getattr(activity, name) for name in (*OWN_FIELDS, *LATER)}
    parts = {
        name: [
            {"id": row.pk, **{field: getattr(row, field) for field in fields}}
            for row in model._base_manager.filter(activity_id=activity.pk).order_by("pk")
        ]
        for name, (model, fields) in PARTS.items()
        if name != "revisions"
    }
    found: dict[str, Any] = json.loads(canonical({**own, **parts}))
    return found


@transaction.atomic
def correct(activity: Activity, draft: Draft, *, reason: str, by: "User", at: datetime) -> Saved:
    """Replace a record by a corrected one; the version before stays, with the reason.

    A confirmed record has to be confirmed again. The day it was first entered stays.

    Raises:
        Refused: ``rules.may_correct`` refuses.
        Faulty: no reason is given, or the draft cannot stand.
    """
    activity = _locked(activity)
    require(rules.may_correct(by, activity))
    sitting = sitting_of(activity.organization, activity.group, draft)
    faults = faults_of(sitting, today=timezone.localdate(at), is_plan=False)
    if not reason.strip():
        faults["reason"] = "请写为什么更正。"
    if faults:
        raise Faulty(faults)
    Revision.objects.create(
        activity=activity,
        number=activity.version,
        content=content_of(activity),
        reason=reason.strip(),
        corrected_by=by,
        corrected_at=at,
    )
    before, kinds = _on_record(activity), _kinds_on_record(activity)
    _fill(activity, sitting)
    activity.version += 1
    activity.status = Activity.Status.HELD
    activity.confirmed_by, activity.confirmed_at = None, None
    activity.recorded_by = by
    activity.stated_due = activity.stated_present = None
    activity.save()
    _write_held(activity, sitting, is_new=False)
    made = _follow_up(activity, sitting, by=by, at=at)
    ledger.record(
        Kind.CORRECTED,
        activity,
        organization=activity.organization_id,
        by=by,
        at=at,
        occurred=sitting.day,
    )
    ticked = _credit([_occasion(activity, before=before)], kinds, at=at)[0]
    return Saved(activity, ticked, made)


@transaction.atomic
def cancel(activity: Activity, *, reason: str, by: "User", at: datetime) -> Activity:
    """Call off what was only planned."""
    activity = _locked(activity)
    require(rules.may_cancel(by, activity))
    return _end(activity, Activity.Status.CANCELLED, Kind.CANCELLED, reason, by, at)


@transaction.atomic
def void(activity: Activity, *, reason: str, by: "User", at: datetime) -> Activity:
    """Say that a record does not count; it stays readable, and ticks nothing any more."""
    activity = _locked(activity)
    require(rules.may_void(by, activity))
    activity.confirmed_by, activity.confirmed_at = None, None
    _end(activity, Activity.Status.VOID, Kind.VOIDED, reason, by, at)
    _credit([_occasion(activity, counts=False)], _kinds_on_record(activity), at=at)
    return activity


def _end(
    activity: Activity, status: str, kind: Kind, reason: str, by: "User", at: datetime
) -> Activity:
    if not reason.strip():
        raise Faulty({"reason": "请写原因。"})
    activity.status, activity.ended_reason = status, reason.strip()
    activity.save(update_fields=["status", "ended_reason", "confirmed_by", "confirmed_at"])
    ledger.record(kind, activity, organization=activity.organization_id, by=by, at=at)
    return activity


@transaction.atomic
def ask_leave(
    activity: Activity, *, person: Person, reason: str, by: "User", at: datetime
) -> Leave:
    """Ask leave for a planned activity, for oneself or for somebody one helps.

    Asking again replaces the reason.
    """
    activity = _locked(activity)
    require(rules.may_ask_leave(by, activity, person.pk))
    leave, _ = Leave.objects.update_or_create(
        activity=activity,
        person=person,
        defaults={"reason": reason, "asked_by": by, "asked_at": at},
    )
    ledger.record(Kind.LEAVE_ASKED, activity, organization=activity.organization_id, by=by, at=at)
    return leave


def filing_asked(activity: Activity) -> int | None:
    """The organisation that asks for this activity's theme: whoever adopted the pack.

    One query where no wording of its kinds ever asks.
    """
    known = library.packs()
    held = [kind.reference for kind in activity.kinds_in_order()]
    if not any(_may_ask_theme(known, reference) for reference in held):
        return None
    choices = queries.kinds_in_force(activity.organization, activity.held_on, group=activity.group)
    asking = [c for c in choices if c.reference in held and c.kind.theme.filed_above]
    return asking[0].adopted_by if asking else None


def _may_ask_theme(known: Mapping[str, Pack], reference: str) -> bool:
    """Whether some wording of the kind asks for themes to be filed."""
    pack_id, _, item_id = reference.partition(":")
    pack = known.get(pack_id)
    wordings = pack.items.get(("activities", item_id), ()) if pack else ()
    kinds = (wording.item for wording in wordings)
    return any(isinstance(kind, ActivityKind) and kind.theme.filed_above for kind in kinds)


@transaction.atomic
def file_theme(activity: Activity, *, by: "User", at: datetime) -> Filing:
    """Send the theme up to the organisation that asks for it: one touch."""
    activity = _locked(activity)
    to = filing_asked(activity)
    require(rules.may_file(by, activity, to is not None))
    assert to is not None
    filing = Filing.objects.create(
        activity=activity, to_id=to, theme=activity.theme, filed_by=by, filed_at=at
    )
    ledger.record(Kind.FILED, activity, organization=activity.organization_id, by=by, at=at)
    return filing


@transaction.atomic
def receive_theme(filing: Filing, *, by: "User", at: datetime) -> Filing:
    """Receipt a filed theme: one touch."""
    filing = (
        Filing.objects.select_for_update(of=("self",))
        .select_related("activity", "to")
        .get(pk=filing.pk)
    )
    require(rules.may_receive(by, filing))
    filing.received_by, filing.received_at = by, at
    filing.save(update_fields=["received_by", "received_at"])
    ledger.record(Kind.RECEIVED, filing.activity, organization=filing.to_id, by=by, at=at)
    return filing
