"""Noting who looked; consent given and taken back; corrections asked for and decided."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.core import pacing
from zhibu.core.jobs import every
from zhibu.core.verdicts import Refused, no, require
from zhibu.ledger import actions as ledger
from zhibu.notices import kinds as notice_kinds
from zhibu.notices.actions import notify
from zhibu.people.models import Consent, Correction, Opening, Person
from zhibu.people.rights import queries, rules

KEEP_OPENINGS = timedelta(days=3 * 365)
BATCH = 2000

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(StrEnum):
    OPENED = "people:openings:noted"
    FORGOTTEN = "people:openings:erased"
    CONSENTED = "people:consent:given"
    WITHDREW = "people:consent:withdrawn"
    ASKED = "people:correction:asked"
    DECIDED = "people:correction:decided"
    TAKEN_BACK = "people:correction:withdrawn"


WORDS = {
    Kind.OPENED: "记下了前一天谁打开过资料页",
    Kind.FORGOTTEN: "删去了到期的查看记录",
    Kind.CONSENTED: "登记了本人同意",
    Kind.WITHDREW: "登记了撤回同意",
    Kind.ASKED: "提出了更正申请",
    Kind.DECIDED: "答复了更正申请",
    Kind.TAKEN_BACK: "撤回了更正申请",
}

notice_kinds.register("correction", "有人请更正资料")
notice_kinds.register("correction-answer", "您请更正的有答复了")


def note_opening(person: Person, *, by: User, at: datetime) -> None:
    """Note that ``by`` opened the page, the first time that day; oneself is not noted.

    The ledger hears of it at night, all of a day in one entry.
    """
    if by.person_id == person.pk:
        return
    row = Opening(
        person=person,
        by=by,
        opened_on=timezone.localdate(at),
        at=at,
        standing=queries.capacity(by, person)[:120],
    )
    Opening.objects.bulk_create([row], ignore_conflicts=True)


@every("20 0 * * *", name="people.note_openings")
def record_openings(at: datetime) -> int:
    """Let the ledger vouch for the openings of days that are over; how many."""
    today = timezone.localdate(at)
    noted = 0
    while True:
        with transaction.atomic():
            rows = list(
                Opening.objects.select_for_update()
                .filter(is_recorded=False, opened_on__lt=today)
                .order_by("pk")[:BATCH]
            )
            if not rows:
                return noted
            Opening.objects.filter(pk__in=[row.pk for row in rows]).update(is_recorded=True)
            ledger.record(Kind.OPENED, rows[0], organization=None, by=None, at=at, touched=rows[1:])
        noted += len(rows)
        pacing.pause()


@every("40 0 * * *", name="people.forget_openings")
def forget_openings(at: datetime) -> int:
    """Remove openings that are three years old; the ledger keeps that it was done."""
    gone = 0
    while True:
        with transaction.atomic():
            rows = Opening.objects.filter(at__lt=at - KEEP_OPENINGS).order_by("pk")[:BATCH]
            found: Sequence[Opening] = list(rows)
            if not found:
                return gone
            ids = [row.pk for row in found]
            recorded = [row.pk for row in found if row.is_recorded]
            Opening.objects.filter(pk__in=ids).delete()
            ledger.record(
                Kind.FORGOTTEN,
                found[0],
                organization=None,
                by=None,
                at=at,
                removed=[("people.opening", pk) for pk in recorded],
            )
        gone += len(ids)
        pacing.pause()


@transaction.atomic
def consent(person: Person, *, purpose: str, how: str, by: User, at: datetime) -> Consent:
    """Note that the person agrees to a purpose of some pack.

    Raises:
        Refused: ``rules.may_note_consent`` refuses, no such purpose, or it is given already.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    require(rules.may_note_consent(by, person, how))
    known = {one.listed.token: one for one in queries.purposes(person.pk, timezone.localdate(at))}
    if purpose not in known:
        raise Refused(no("没有这件事，或已经不用了。请重选。"))
    if known[purpose].consent is not None:
        raise Refused(no("不用办：已经同意过。"))
    made = Consent.objects.create(
        person=person, purpose=purpose, given_how=how, given_by=by, given_at=at
    )
    ledger.record(Kind.CONSENTED, made, organization=person.home_id, by=by, at=at)
    return made


@transaction.atomic
def withdraw(row: Consent, *, how: str, by: User, at: datetime) -> Consent:
    """Note that the person takes a consent back; what was done under it stays lawful."""
    row = Consent.objects.select_for_update(of=("self",)).select_related("person").get(pk=row.pk)
    require(rules.may_note_consent(by, row.person, how))
    if row.withdrawn_at:
        raise Refused(no("不用办：已经撤回。"))
    row.withdrawn_how, row.withdrawn_by, row.withdrawn_at = how, by, at
    row.save(update_fields=["withdrawn_how", "withdrawn_by", "withdrawn_at"])
    ledger.record(Kind.WITHDREW, row, organization=row.person.home_id, by=by, at=at)
    return row


@transaction.atomic
def ask_correction(person: Person, *, about: str, text: str, by: User, at: datetime) -> Correction:
    """Ask that what is held on oneself be put right; whoever decides is told.

    Raises:
        Refused: it is not about oneself, or the same is waiting for its answer.
    """
    person = Person.objects.select_for_update(of=("self",)).select_related("home").get(pk=person.pk)
    if by.person_id != person.pk:
        raise Refused(no("更正由本人提；别人发现有错，请直接告诉支部书记。"))
    if person.corrections.open().filter(about=about).exists():
        raise Refused(no("这一项已经提过，正等答复。要改说法，先撤回再提。"))
    made = Correction(person=person, about=about, asked_at=at)
    made.text = text
    made.save(force_insert=True)
    ledger.record(Kind.ASKED, made, organization=person.home_id, by=by, at=at)
    if person.home:
        others = set(queries.deciders(person.home, timezone.localdate(at))) - {by.pk}
        notify(
            others,
            key=f"correction:{made.pk}",
            title=f"{person.name}请更正{made.get_about_display()}",
            body="请核对后答复；要改的，先到资料页改。",
            url=made.get_absolute_url(),
            at=at,
        )
    return made


@transaction.atomic
def decide(
    correction: Correction, *, is_accepted: bool, answer: str, by: User, at: datetime
) -> Correction:
    """Answer once, with the reason; the change itself is made by its own action.

    Raises:
        Refused: ``rules.may_decide`` refuses, or no answer is written.
    """
    correction = _locked(correction)
    require(rules.may_decide(by, correction))
    if not answer.strip():
        raise Refused(no("请写怎么答复：改了什么，或者为什么不改。"))
    state = Correction.State.ACCEPTED if is_accepted else Correction.State.REFUSED
    _end(correction, state, answer.strip(), by, at)
    ledger.record(Kind.DECIDED, correction, organization=correction.person.home_id, by=by, at=at)
    notify(
        User.objects.filter(person_id=correction.person_id).values_list("pk", flat=True),
        key=f"correction-answer:{correction.pk}",
        title=f"您请更正{correction.get_about_display()}，有答复了",
        body=correction.answer,
        url=correction.get_absolute_url(),
        at=at,
    )
    return correction


@transaction.atomic
def take_back(correction: Correction, *, by: User, at: datetime) -> Correction:
    correction = _locked(correction)
    require(rules.may_take_back(by, correction))
    _end(correction, Correction.State.TAKEN_BACK, "", by, at)
    ledger.record(Kind.TAKEN_BACK, correction, organization=correction.person.home_id, by=by, at=at)
    return correction


def _locked(correction: Correction) -> Correction:
    rows = Correction.objects.select_for_update(of=("self",)).select_related("person__home")
    return rows.get(pk=correction.pk)


def _end(correction: Correction, state: str, answer: str, by: User, at: datetime) -> None:
    correction.state, correction.answer = state, answer
    correction.answered_by, correction.answered_at = by, at
    correction.save(update_fields=["state", "answer", "answered_by", "answered_at"])
