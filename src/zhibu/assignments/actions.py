from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.assignments import asked, queries, rules
from zhibu.assignments.commissions import Draft, Target
from zhibu.assignments.models import Answer, Assignment, Commission
from zhibu.core import bulk, fields
from zhibu.core.verdicts import Refused, no, require
from zhibu.files import actions as files
from zhibu.files.intake import Prepared
from zhibu.ledger import actions as ledger
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.organizations.models import Organization
from zhibu.people.models import Person


class Kind(StrEnum):
    MADE = "assignments:assignment:made"
    DONE = "assignments:assignment:done"
    CANCELLED = "assignments:assignment:cancelled"
    ISSUED = "assignments:commission:issued"
    WITHDRAWN = "assignments:commission:withdrawn"
    REMINDED = "assignments:commission:reminded"
    NAMED = "assignments:assignment:named"
    KEPT = "assignments:answer:kept"
    GIVEN = "assignments:answer:given"
    TAKEN = "assignments:answer:taken"
    SENT_BACK = "assignments:answer:sent back"
    HANDED_OVER = "assignments:assignment:handed-over"
    FOLLOWED = "assignments:assignment:followed"
    CHANGED = "assignments:assignment:changed"


WORDS = {
    Kind.MADE: "派了任务",
    Kind.DONE: "办好了任务",
    Kind.CANCELLED: "取消了任务",
    Kind.ISSUED: "交办了一件事",
    Kind.WITHDRAWN: "撤回了交办",
    Kind.REMINDED: "催了还没办的",
    Kind.NAMED: "定了负责人和办的人",
    Kind.KEPT: "存了回执，还没交",
    Kind.GIVEN: "交了回执",
    Kind.TAKEN: "收下了回执",
    Kind.SENT_BACK: "退回了回执",
    Kind.HANDED_OVER: "把任务交给了接任的人",
    Kind.FOLLOWED: "随组织合并、分设转了任务",
    Kind.CHANGED: "改了任务的日子或办的人",
}

notice_kinds.register("commission", "上级有交办")
notice_kinds.register("answer", "有回执退回了")
SOURCE = "assignments.assignment"
LONGEST_TITLE = 100


@transaction.atomic
def assign(
    organization: Organization,
    *,
    title: str,
    owner: Person,
    due_on: date,
    source_type: str = "",
    source_id: int | None = None,
    by: User,
    at: datetime,
) -> Assignment:
    """Give a task to one person, with a day. ``source`` names what it came from."""
    require(rules.may_assign(by, organization))
    return _make(organization, title, owner, due_on, source_type, source_id, by, at)


@transaction.atomic
def follow_up(
    organization: Organization,
    *,
    title: str,
    owner: Person,
    due_on: date,
    source_type: str,
    source_id: int,
    by: User,
    at: datetime,
) -> Assignment:
    """A task that a record yields; whoever may make that record may make its tasks.

    Called by the record's own action, which has judged ``by`` already.
    """
    return _make(organization, title, owner, due_on, source_type, source_id, by, at)


def _make(
    organization: Organization,
    title: str,
    owner: Person,
    due_on: date,
    source_type: str,
    source_id: int | None,
    by: User,
    at: datetime,
) -> Assignment:
    made = Assignment(
        organization=organization,
        title=title,
        owner=owner,
        due_on=due_on,
        source_type=source_type,
        source_id=source_id,
        made_by=by,
        made_at=at,
    )
    made.save(force_insert=True)
    ledger.record(Kind.MADE, made, organization=organization.pk, by=by, at=at)
    return made


def follow_up_many(rows: Sequence[Assignment]) -> list[ledger.Note]:
    """``follow_up`` for many, not saved yet; their entries, for the caller to record."""
    bulk.create(Assignment, rows)
    return [
        ledger.Note(Kind.MADE, row, row.organization_id, row.made_by, row.made_at) for row in rows
    ]


@transaction.atomic
def complete(assignment: Assignment, *, note: str = "", by: User, at: datetime) -> Assignment:
    assignment = _locked(assignment)
    require(rules.may_close(by, assignment))
    return _close(assignment, Assignment.State.DONE, Kind.DONE, note, by, at)


@transaction.atomic
def cancel(assignment: Assignment, *, note: str, by: User, at: datetime) -> Assignment:
    assignment = _locked(assignment)
    require(rules.may_cancel(by, assignment))
    return _close(assignment, Assignment.State.CANCELLED, Kind.CANCELLED, note, by, at)


@transaction.atomic
def change(
    assignment: Assignment,
    *,
    owner: Person | None = None,
    due_on: date | None = None,
    by: User,
    at: datetime,
) -> Assignment:
    """Give an open task to somebody else, another day, or both; None leaves it as it is.

    Raises:
        Refused: ``rules.may_change`` refuses, or nothing would be different.
    """
    assignment = _locked(assignment)
    require(rules.may_change(by, assignment))
    before = (assignment.owner_id, assignment.due_on)
    if owner is not None:
        assignment.owner = owner
    if due_on is not None:
        assignment.due_on = due_on
    if (assignment.owner_id, assignment.due_on) == before:
        raise Refused(no("不用改：本来就是这样。"))
    assignment.save(update_fields=["owner", "due_on"])
    ledger.record(Kind.CHANGED, assignment, organization=assignment.organization_id, by=by, at=at)
    return assignment


def _locked(assignment: Assignment) -> Assignment:
    rows = Assignment.objects.select_for_update(of=("self",))
    return rows.select_related("organization", "commission__organization").get(pk=assignment.pk)


@transaction.atomic
def hand_over(ids: Collection[int], owner: int, by: "User", at: datetime) -> None:
    """Pass open tasks on with a post; what is closed by now stays with whoever closed it.

    Called by the hand-over's own action, which has judged ``by`` already.
    """
    rows = Assignment.objects.select_for_update(of=("self",)).open().filter(pk__in=ids)
    for row in rows.order_by("pk"):
        if row.accountable_id == row.owner_id and row.accountable_id is not None:
            row.accountable_id = owner
        row.owner_id = owner
        row.save(update_fields=["owner", "accountable"])
        ledger.record(Kind.HANDED_OVER, row, organization=row.organization_id, by=by, at=at)


def _close(
    assignment: Assignment, state: str, kind: Kind, note: str, by: User, at: datetime
) -> Assignment:
    assignment.state, assignment.note = state, note
    assignment.closed_by, assignment.closed_at = by, at
    assignment.save(update_fields=["state", "note", "closed_by", "closed_at"])
    ledger.record(kind, assignment, organization=assignment.organization_id, by=by, at=at)
    return assignment


# --- handed down


@transaction.atomic
def issue(
    organization: Organization, draft: Draft, targets: Sequence[Target], *, by: User, at: datetime
) -> Commission:
    """Hand something down: one commission, one assignment a target, one ledger entry.

    Whoever holds the first post of a unit, or the post itself, is named at once; the unit
    may name others. Everybody named is told. Fourteen queries, whatever the number.

    Raises:
        Refused: ``rules.may_issue`` or ``rules.may_reach`` refuses.
        ValueError: the fields are not ones a return may have; forms check that before.
    """
    require(rules.may_issue(by, organization))
    require(rules.may_reach(organization, [target.unit for target in targets]))
    if problems := asked.faults(draft.asked):
        raise ValueError("；".join(problems))
    commission = Commission.objects.create(
        organization=organization, title=draft.title, text=draft.text, basis=draft.basis,
        form=draft.form, fields=[spec.model_dump(mode="json") for spec in draft.asked],
        minutes=draft.minutes, stale_after=draft.stale_after, due_on=draft.due_on, made_by=by,
        made_at=at,
    )  # fmt: skip
    holders = queries.holders(targets, timezone.localdate(at))
    made = Assignment.objects.bulk_create(
        [_handed(commission, target, holders.get(target), by, at) for target in targets],
        batch_size=500,
    )
    ledger.record(Kind.ISSUED, commission, organization=organization.pk, by=by, at=at, touched=made)
    _tell(commission, made, key="issued", said="上级交办", at=at)
    return commission


def _handed(
    commission: Commission, target: Target, person: int | None, by: User, at: datetime
) -> Assignment:
    return Assignment(
        organization=target.unit, post=target.post, commission=commission, title=commission.title,
        due_on=commission.due_on, owner_id=person, accountable_id=person, made_by=by, made_at=at,
    )  # fmt: skip


def _tell(
    commission: Commission, rows: Iterable[Assignment], *, key: str, said: str, at: datetime
) -> int:
    """Tell whoever is named in ``rows``; how many users."""
    people = {pk for row in rows for pk in (row.owner_id, row.accountable_id) if pk}
    users = list(
        User.objects.filter(person_id__in=people, is_active=True).values_list("pk", flat=True)
    )
    due = commission.due_on
    notify(
        users,
        key=f"commission:{commission.pk}:{key}",
        title=f"{said}：{commission.title}",
        body=f"{due.month}月{due.day}日前办。{commission.organization.called}交办。",
        url=reverse("assignments:list"),
        at=at,
    )
    return len(users)


@transaction.atomic
def name(
    assignment: Assignment, *, accountable: Person, owner: Person, by: User, at: datetime
) -> Assignment:
    """Name who answers for it and who does it; one person may be both."""
    assignment = _locked(assignment)
    require(rules.may_name(by, assignment))
    assignment.accountable, assignment.owner = accountable, owner
    assignment.save(update_fields=["accountable", "owner"])
    ledger.record(Kind.NAMED, assignment, organization=assignment.organization_id, by=by, at=at)
    return assignment


@transaction.atomic
def keep(assignment: Assignment, values: Mapping[str, Any], *, by: User, at: datetime) -> Answer:
    """Keep a part of the return for later; it may lack fields."""
    assignment = _locked(assignment)
    require(rules.may_answer(by, assignment))
    answer = _write(assignment, values, Answer.State.DRAFT, by, at)
    ledger.record(Kind.KEPT, assignment, organization=assignment.organization_id, by=by, at=at)
    return answer


@transaction.atomic
def give(assignment: Assignment, values: Mapping[str, Any], *, by: User, at: datetime) -> Answer:
    """Give the return; whoever handed it down is told.

    Raises:
        Refused: ``rules.may_answer`` refuses.
        ValueError: a required field is missing; forms check that before.
    """
    assignment = _locked(assignment)
    require(rules.may_answer(by, assignment))
    answer = _write(assignment, values, Answer.State.GIVEN, by, at)
    commission = assignment.commission
    assert commission is not None
    missing = [s.title for s in commission.asked if s.required and s.id not in answer.content]
    if missing:
        raise ValueError(f"还没有填：{'、'.join(missing)}")
    assignment.state = Assignment.State.ANSWERED
    assignment.save(update_fields=["state"])
    ledger.record(Kind.GIVEN, assignment, organization=assignment.organization_id, by=by, at=at)
    return answer


def _write(
    assignment: Assignment, values: Mapping[str, Any], state: str, by: User, at: datetime
) -> Answer:
    """The answer on its way, or the next number; files are attached, their names kept."""
    commission = assignment.commission
    assert commission is not None
    answer = assignment.answers.filter(state=Answer.State.DRAFT).first()
    if answer is None:
        last = assignment.answers.aggregate(last=Max("number"))["last"] or 0
        answer = Answer(assignment=assignment, number=last + 1)
    stored = {}
    for spec in commission.asked:
        value = values.get(spec.id)
        if value in (None, "", []):
            continue
        if isinstance(value, Prepared):
            value = files.attach(
                value, owner_type=SOURCE, owner_id=assignment.pk,
                organization=assignment.organization_id, by=by, at=at,
            )  # fmt: skip
        stored[spec.id] = fields.get(spec.type).store(value)
    answer.content, answer.state, answer.by, answer.at = stored, state, by, at
    answer.save()
    return answer


@transaction.atomic
def take(assignment: Assignment, *, by: User, at: datetime) -> Assignment:
    """Take the return: the task is done."""
    assignment, _ = _judged(assignment, Answer.State.TAKEN, "", by, at)
    return _close(assignment, Assignment.State.DONE, Kind.TAKEN, "", by, at)


@transaction.atomic
def send_back(assignment: Assignment, *, reason: str, by: User, at: datetime) -> Assignment:
    """Send the return back with the reason; the task is open again, its giver told."""
    assignment, answer = _judged(assignment, Answer.State.SENT_BACK, reason, by, at)
    assignment.state = Assignment.State.OPEN
    assignment.save(update_fields=["state"])
    ledger.record(Kind.SENT_BACK, assignment, organization=assignment.organization_id, by=by, at=at)
    notify(
        [answer.by_id],
        key=f"answer:{answer.pk}:sent-back",
        title=f"回执退回了：{assignment.title}"[:LONGEST_TITLE],
        body=reason,
        url=assignment.get_absolute_url(),
        at=at,
    )
    return assignment


def _judged(
    assignment: Assignment, state: str, reason: str, by: User, at: datetime
) -> tuple[Assignment, Answer]:
    assignment = _locked(assignment)
    require(rules.may_judge(by, assignment))
    answer = assignment.answers.get(state=Answer.State.GIVEN)
    answer.state, answer.reason, answer.judged_by, answer.judged_at = state, reason, by, at
    answer.save(update_fields=["state", "reason", "judged_by", "judged_at"])
    return assignment, answer


@transaction.atomic
def withdraw(commission: Commission, *, reason: str, by: User, at: datetime) -> Commission:
    """Call the whole thing off: what is not done yet need not be done any more."""
    commission = (
        Commission.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=commission.pk)
    )
    require(rules.may_withdraw(by, commission))
    commission.withdrawn_by, commission.withdrawn_at, commission.reason = by, at, reason
    commission.save(update_fields=["withdrawn_by", "withdrawn_at", "reason"])
    rows = commission.assignments.select_for_update(of=("self",)).unfinished()
    touched = list(rows.order_by("pk"))
    Answer.objects.filter(assignment__in=touched, state=Answer.State.GIVEN).update(
        state=Answer.State.DRAFT
    )
    rows.update(state=Assignment.State.CANCELLED, note=reason, closed_by=by, closed_at=at)
    ledger.record(
        Kind.WITHDRAWN, commission, organization=commission.organization_id, by=by, at=at,
        touched=touched,
    )  # fmt: skip
    _tell(commission, touched, key="withdrawn", said="不用办了", at=at)
    return commission


@transaction.atomic
def remind(commission: Commission, *, by: User, at: datetime) -> int:
    """Remind those who have not answered, once a day; how many users are told."""
    require(rules.may_withdraw(by, commission))
    rows = list(commission.assignments.open())
    told = _tell(commission, rows, key=f"{timezone.localdate(at)}", said="还没办", at=at)
    ledger.record(Kind.REMINDED, commission, organization=commission.organization_id, by=by, at=at)
    return told
