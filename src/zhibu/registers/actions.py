from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from zhibu.accounts.models import User
from zhibu.core import caps
from zhibu.core.verdicts import require
from zhibu.ledger import actions as ledger
from zhibu.organizations.actions import hold
from zhibu.organizations.models import Organization
from zhibu.packs.schema.registers import Register
from zhibu.registers import rules
from zhibu.registers.drafts import (
    ENDED_AS,
    REASON,
    UNTIL,
    Draft,
    Faulty,
    faults,
    key_place,
    shown,
    stored,
    word_key,
)
from zhibu.registers.models import NAMING, Mention, Revision, Row, key_of, random_key, worded


class Kind(StrEnum):
    OPENED = "registers:row:opened"
    CORRECTED = "registers:row:corrected"
    ENDED = "registers:row:ended"
    VOIDED = "registers:row:voided"
    FOLLOWED = "registers:row:followed"


WORDS = {
    Kind.OPENED: "登记了台账",
    Kind.CORRECTED: "更正了台账",
    Kind.ENDED: "结束了台账的一行",
    Kind.VOIDED: "作废了台账的一行",
    Kind.FOLLOWED: "随组织合并、分设转了台账",
}
SERIES = {"county": 4}  # characters of a path: one step, the top of the tree


@transaction.atomic
def open_row(
    organization: Organization,
    draft: Draft,
    *,
    register: str,
    wording: date,
    by: User,
    at: datetime,
) -> Row:
    """Write a row of ``pack:register`` as worded on ``wording``.

    Raises:
        Refused: ``rules.may_open`` refuses.
        Faulty: a column lacks, the days are none, or the key is taken on one of them.
    """
    rule = worded(register, wording)
    organization = held(organization.pk, rule, register, draft.since)
    require(rules.may_open(by, organization, rule))
    return begin(
        organization, stored(rule, draft.values), (draft.since, draft.until),
        register=register, wording=wording, by=by, at=at,
    )  # fmt: skip


def begin(
    organization: Organization,
    values: Mapping[str, Any],
    days: tuple[date, date | None],
    *,
    register: str,
    wording: date,
    by: User | None,
    at: datetime,
) -> Row:
    """Write a row with stored ``values``; whoever calls has judged ``by`` and holds the places.

    Raises:
        Faulty: as for ``open_row``.
    """
    rule, (since, until) = worded(register, wording), days
    if found := faults(rule, organization, register, values, since, until):
        raise Faulty(found)
    row = Row(
        organization=organization, register=register, wording=wording, values=dict(values),
        since=since, until=until, opened_by=by, opened_at=at, is_shared=rule.readers == "members",
    )  # fmt: skip
    _number(row, rule)
    _save(row, rule)
    ledger.record(Kind.OPENED, row, organization=organization.pk, by=by, at=at, occurred=row.since)
    return row


def held(pk: int, rule: Register, register: str, on: date) -> Organization:
    """The organisation as it stands now, locked; before it, from the top down, the places its
    numbers and a row from ``on`` are counted in."""
    here = Organization.objects.select_related("parent").get(pk=pk)
    counted = set(caps.counted_in(caps.Entry(register, here, on, {})))
    if rule.numbering and rule.numbering.scope == "county":
        counted.add(Organization.all_rows.get(path=here.path[: SERIES["county"]]).pk)
    places = Organization.all_rows.filter(pk__in=counted - {pk}).order_by("path")
    for place in places.values_list("pk", flat=True) if counted else ():
        hold(place)
    return hold(pk)


def _number(row: Row, rule: Register) -> None:
    """The next number where the row is counted, which is locked."""
    numbering = rule.numbering
    if numbering is None:
        return
    place = row.organization
    if numbering.scope == "county":
        place = Organization.all_rows.get(path=place.path[: SERIES["county"]])
    row.numbered_in, row.year = place, row.since.year if numbering.by_year else 0
    same = Row.all_rows.filter(register=row.register, numbered_in=place, year=row.year)
    row.number = (same.aggregate(last=Max("number"))["last"] or 0) + 1


def fill(row: Row, rule: Register) -> None:
    """The columns that are derived from a row's values."""
    row.key = (
        random_key()
        if row.is_voided
        else key_of(row.register, rule, row.organization_id, row.values)
    )
    name = rule.name_column
    row.title = shown(name, row.values.get(name.id))[:200] or rule.row
    row.counted = str(row.values.get(rule.counted_by) or "")[:60] if rule.counted_by else ""


def _save(row: Row, rule: Register) -> None:
    """The row with its mentions. Another that takes the key at the same moment is told of."""
    fill(row, rule)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "overlap" not in str(error):
            raise
        said = f"{word_key(rule)}一样的一行刚刚有人登记了，同一天不能有两行。请回去看看。"
        raise Faulty({key_place(rule): said}) from error
    row.mentions.all().delete()
    Mention.objects.bulk_create(mentions(row, rule))


def mentions(row: Row, rule: Register) -> list[Mention]:
    """Who and what the row names, as rows of their own."""
    found = []
    for spec in rule.columns:
        value = row.values.get(spec.id)
        if spec.type in NAMING and value:
            named = {f"{spec.type}_id": value["id"]}
            is_subject = spec.id == rule.subject
            found.append(Mention(row=row, column=spec.id, is_subject=is_subject, **named))
    return found


def content_of(row: Row) -> dict[str, Any]:
    """A row as a revision keeps it."""
    return {
        "organization": row.organization_id,
        "values": row.values,
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else None,
        "state": row.state,
        "ended_as": row.ended_as,
        "reason": row.reason,
    }


def keep(row: Row, kind: Revision.Kind, reason: str, by: User | None, at: datetime) -> None:
    """Keep the row as it stands before it is changed."""
    Revision.objects.create(
        row=row, number=row.version, kind=kind, content=content_of(row), reason=reason, by=by, at=at
    )
    row.version += 1


def _locked(row: Row, on: date | None = None) -> Row:
    """The row and its organisation, locked in that order everywhere: the organisation first.
    ``on``: the day the row is to hold from, where that may change what it is counted with."""
    place = Row.objects.values_list("organization", flat=True).get(pk=row.pk)
    if on is None:
        hold(place)
    else:
        held(place, row.rule, row.register, on)
    rows = Row.objects.select_for_update(of=("self",)).select_related("organization__parent")
    return rows.get(pk=row.pk)


def _reason(text: str, asked: str) -> dict[str, str]:
    return {} if text.strip() else {REASON: asked}


@transaction.atomic
def correct_row(row: Row, draft: Draft, *, reason: str, by: User, at: datetime) -> Row:
    """Mend what was written wrongly; the row as it stood is kept, with the reason.

    Raises:
        Refused: ``rules.may_correct`` refuses.
        Faulty: no reason, or the row cannot stand so.
    """
    row = _locked(row, draft.since)
    require(rules.may_correct(by, row))
    rule, values = row.rule, stored(row.rule, draft.values)
    found = faults(
        rule, row.organization, row.register, values, draft.since, draft.until, apart_from=row
    )
    found |= _reason(reason, "请写为什么更正。")
    if found:
        raise Faulty(found)
    keep(row, Revision.Kind.CORRECTED, reason.strip(), by, at)
    row.values, row.since, row.until = values, draft.since, draft.until
    _save(row, rule)
    ledger.record(
        Kind.CORRECTED, row, organization=row.organization_id, by=by, at=at, occurred=row.since
    )
    return row


@transaction.atomic
def close_row(
    row: Row, *, until: date, reason: str, ended_as: str = "", by: User, at: datetime
) -> Row:
    """End a row: ``until`` is the first day that does not count any more.

    Raises:
        Refused: ``rules.may_close`` refuses.
        Faulty: the day is not within the row, or the reason or the way it ended lacks.
    """
    row = _locked(row)
    require(rules.may_close(by, row))
    return end(row, until=until, reason=reason, ended_as=ended_as, by=by, at=at)


def end(
    row: Row, *, until: date, reason: str, ended_as: str = "", by: User | None, at: datetime
) -> Row:
    """End a row that is locked; whoever calls has judged ``by``.

    Raises:
        Faulty: as for ``close_row``.
    """
    rule, found = row.rule, _reason(reason, "请写为什么结束。")
    if until <= row.since:
        found[UNTIL] = f"要晚于开始的那天（{row.since}）；写错了、不该有的，请作废。"
    elif row.until is not None and until > row.until:
        found[UNTIL] = f"不能晚于原来的到期日（{row.until}）；要接着算，请另写一行。"
    ways = [choice.id for choice in rule.ended_as]
    if ways and ended_as not in ways:
        found[ENDED_AS] = "选一种怎么结束的。"
    if found:
        raise Faulty(found)
    keep(row, Revision.Kind.ENDED, reason.strip(), by, at)
    row.state, row.until, row.reason = Row.State.ENDED, until, reason.strip()
    row.ended_as = ended_as if ways else ""
    row.save()
    ledger.record(Kind.ENDED, row, organization=row.organization_id, by=by, at=at, occurred=until)
    return row


@transaction.atomic
def void_row(row: Row, *, reason: str, by: User, at: datetime) -> Row:
    """Say that a row never counted; it stays readable, its number is not given again.

    Raises:
        Refused: ``rules.may_void`` refuses.
        Faulty: no reason is given.
    """
    row = _locked(row)
    require(rules.may_void(by, row))
    if found := _reason(reason, "请写为什么作废。"):
        raise Faulty(found)
    keep(row, Revision.Kind.VOIDED, reason.strip(), by, at)
    row.state, row.reason, row.ended_as = Row.State.VOIDED, reason.strip(), ""
    row.key = random_key()
    row.save()
    ledger.record(Kind.VOIDED, row, organization=row.organization_id, by=by, at=at)
    return row
