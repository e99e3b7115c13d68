from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from zhibu.core import paths
from zhibu.core.dates import Duration
from zhibu.core.disclosures import Record
from zhibu.core.verdicts import YES, Refused, no, require
from zhibu.duties import actions as duties
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization
from zhibu.publishing import drafting, rules, telling, topics
from zhibu.publishing.models import (
    Audience,
    Channel,
    Edition,
    Posting,
    Publication,
    Receipt,
    Voice,
    code_for,
    hash_of,
    new_code,
    stored_lines,
)

if TYPE_CHECKING:
    from zhibu.accounts.models import User

LONGEST_SAID, LONGEST_CONTACT, LONGEST_ANSWER, LONGEST_NOTE = 2000, 100, 2000, 5000


class Kind(StrEnum):
    PROPOSED = "publishing:publication:proposed"
    CHECKED = "publishing:publication:checked"
    APPROVED = "publishing:publication:approved"
    PUBLISHED = "publishing:publication:published"
    REPLACED = "publishing:publication:replaced"
    RETURNED = "publishing:publication:returned"
    WITHDRAWN = "publishing:publication:withdrawn"
    LOOKED_AGAIN = "publishing:publication:looked-at-again"
    POSTED = "publishing:publication:posted"
    TAKEN_DOWN = "publishing:posting:ended"
    RAISED = "publishing:voice:raised"
    ANSWERED = "publishing:voice:answered"
    FORGOTTEN = "publishing:voice:erased"
    READ = "publishing:receipt:given"
    FOLLOWED = "publishing:publication:followed"


WORDS = {
    Kind.PROPOSED: "提出公开",
    Kind.CHECKED: "审核了要公开的事",
    Kind.APPROVED: "审批了要公开的事",
    Kind.PUBLISHED: "公开了一件事",
    Kind.REPLACED: "用新的一版代替了公开的事",
    Kind.RETURNED: "退回了要公开的事",
    Kind.WITHDRAWN: "撤下了公开的事",
    Kind.LOOKED_AGAIN: "再看了一遍，还用",
    Kind.POSTED: "登记了公开在哪里",
    Kind.TAKEN_DOWN: "登记了哪天取下",
    Kind.RAISED: "收到一条问题或异议",
    Kind.ANSWERED: "答复了问题或异议",
    Kind.FORGOTTEN: "按期删了群众留的话、联系方式",
    Kind.READ: "签收了公开的制度",
    Kind.FOLLOWED: "随组织合并、分设转了在办的公开",
}
TOPIC, TITLE, NOTE, SOURCE, CHECKS, REASON, AUDIENCE, REPLACES = (
    "topic", "title", "note", "record", "checks", "reason", "audience", "replaces",
)  # fmt: skip
FOLLOWED = "is_followed"
CHANNEL, PLACE, DAY, UNTIL, SAID, CONTACT, ANSWER, STANDS, ASKED = (
    "channel", "place", "posted_on", "until", "said", "contact", "answer", "stands", "asked",
)  # fmt: skip


class Faulty(Exception):
    """Something that cannot stand so; ``faults`` maps a field to what to mend."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("；".join(faults.values()))
        self.faults = dict(faults)


def advance(organization: Organization) -> None:
    """What is seen in public of ``organization`` has changed: call inside the transaction that
    changes it. Five queries.

    The rows, of the whole first, stay locked until that transaction ends, so it is called last.
    """
    above = Organization.objects.filter(path__in=paths.ancestors(organization.path))
    for places in ([Edition.WHOLE], sorted(above.values_list("pk", flat=True))):
        Edition.objects.bulk_create(map(Edition, places), ignore_conflicts=True)
        Edition.objects.filter(pk__in=places).update(number=F("number") + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody proposes: drawn from a record (``source`` and ``record``), or by hand.

    ``until`` is the last day asked for, where longer than the catalogue's. ``audience`` are
    people's numbers, for scope ``people`` alone.
    """

    topic: str
    title: str = ""
    note: str = ""
    source: str = ""
    record: Record | None = None
    since: date | None = None
    until: date | None = None
    is_followed: bool = False
    audience: Collection[int] = ()
    replaces: int | None = None


@transaction.atomic
def propose(
    organization: Organization, proposal: Proposal, *, by: "User", at: datetime
) -> Publication:
    """Draft a publication: what a record says is drawn from it and never typed again.

    Raises:
        Refused: ``rules.may_propose`` refuses.
        Faulty: no such topic, nothing to say, or the record may not leave.
    """
    organization = Organization.objects.get(pk=organization.pk)
    require(rules.may_propose(by, organization))
    topic = topics.in_force(organization, timezone.localdate(at)).get(proposal.topic)
    if topic is None:
        raise Faulty({TOPIC: "这个组织没有在用的公开目录里有这一项。"})
    earlier = _earlier(organization, proposal)
    lines, title, faults = _drawn(organization, topic, proposal, by)
    people = sorted(set(proposal.audience))
    if topic.is_for_named != bool(people):
        faults[AUDIENCE] = (
            "写明公开给哪些人。" if not people else "这一项不是向有关的人公开的，不用选人。"
        )
    if faults:
        raise Faulty(faults)
    record = proposal.record
    note = drafting.seen("", proposal.note).note
    publication = Publication.objects.create(
        organization=organization, topic=topic.token, wording=topic.wording.since, title=title,
        since=record.since if record else proposal.since,
        until=record.until if record else proposal.until,
        source=proposal.source if record else "", record=record.id if record else None,
        lines=lines, note=note, scope=topic.rule.scope,
        is_followed=proposal.is_followed and record is not None,
        version=earlier.version + 1 if earlier else 1, replaces=earlier,
        first_id=(earlier.first_id or earlier.pk) if earlier else None,
        proposed_by=by, proposed_at=at,
    )  # fmt: skip
    Audience.objects.bulk_create(
        [Audience(publication=publication, person_id=person) for person in people]
    )
    ledger.record(Kind.PROPOSED, publication, organization=organization.pk, by=by, at=at)
    telling.tell_next(publication, by=by, at=at)
    return publication


def _earlier(organization: Organization, proposal: Proposal) -> Publication | None:
    """The version that this one is to replace, which stands and has no other to replace it."""
    if proposal.replaces is None:
        return None
    rows = Publication.objects.select_for_update().filter(organization=organization)
    found = rows.filter(pk=proposal.replaces, topic=proposal.topic).first()
    if found is None or not found.is_standing:
        raise Faulty({REPLACES: "要代替的那一条没有在公开。"})
    later = found.versions.exclude(state=Publication.State.RETURNED).first()
    if later is not None:
        raise Faulty({REPLACES: f"已经有新的一版在办（{later.get_state_display()}）。"})
    return found


def _drawn(
    organization: Organization, topic: topics.Topic, proposal: Proposal, by: "User"
) -> tuple[list[dict[str, object]], str, dict[str, str]]:
    """Lines and title as they leave, and what is wrong."""
    faults: dict[str, str] = {}
    note, title = proposal.note.strip(), proposal.title.strip()
    if len(note) > LONGEST_NOTE:
        faults[NOTE] = f"最多 {LONGEST_NOTE} 个字。"
    if proposal.record is None:
        if not title:
            faults[TITLE] = "写标题。"
        if not note:
            faults[NOTE] = "写公开什么。"
        return [], drafting.seen(title, "").title, faults
    offered = drafting.offered(
        by, organization, topic, source=proposal.source, record=proposal.record.id
    )
    known = {one.key for one in offered}
    wanted = drafting.key_of(proposal.source, proposal.record)
    if wanted not in known:
        return [], title, {SOURCE: "这条记录不能从这里公开：看不到，或者不在这一项里。"}
    draft = drafting.compose(proposal.source, proposal.record)
    if draft.refused:
        faults[SOURCE] = draft.refused
    if proposal.is_followed and not draft.may_be_followed:
        faults[FOLLOWED] = "不能跟着写：写出了是谁，后来怎样不公开。"
    title = drafting.seen(title, "", draft.title).title
    if proposal.replaces is None and _stands(organization, topic, proposal):
        faults[SOURCE] = "这条记录已经公开了，内容变了请出新的一版。"
    return stored_lines(draft.lines), title, faults


def _stands(organization: Organization, topic: topics.Topic, proposal: Proposal) -> bool:
    assert proposal.record is not None
    return Publication.objects.filter(
        organization=organization, topic=topic.token, source=proposal.source,
        record=proposal.record.id, since=proposal.record.since,
        state__in=[*Publication.UNDER_WAY, Publication.State.PUBLISHED],
    ).exists()  # fmt: skip


def _locked(publication: Publication) -> Publication:
    rows = Publication.objects.select_for_update(of=("self",))
    return rows.select_related("organization__parent", "proposed_by").get(pk=publication.pk)


@transaction.atomic
def check(
    publication: Publication, *, looked_at: Collection[str], by: "User", at: datetime
) -> Publication:
    """Say that every question of the catalogue was looked at, free words and covered parts too.

    Raises:
        Refused: ``rules.may_check`` refuses.
        Faulty: something was not looked at.
    """
    publication = _locked(publication)
    require(rules.may_check(by, publication))
    asked = [id_ for id_, _ in questions(publication)]
    if missing := [id_ for id_ in asked if id_ not in looked_at]:
        raise Faulty({CHECKS: f"还有 {len(missing)} 条没有看过：都看过、没有问题的才能通过。"})
    publication.state = Publication.State.CHECKED
    publication.looked_at = asked
    publication.checked_by, publication.checked_at = by, at
    publication.save()
    _record(Kind.CHECKED, publication, by, at)
    telling.tell_next(publication, by=by, at=at)
    return publication


def questions(publication: Publication) -> list[tuple[str, str]]:
    """What the checker of a publication is asked, by id. No query."""
    topic = topics.worded(publication.topic, publication.wording)
    if topic is None:
        return []
    return topic.asked(
        has_words=bool(publication.note or publication.lines),
        has_covered=drafting.has_covered(publication.lines),
    )


@transaction.atomic
def approve(publication: Publication, *, by: "User", at: datetime) -> Publication:
    """Raises ``Refused``: ``rules.may_approve`` refuses."""
    publication = _locked(publication)
    require(rules.may_approve(by, publication))
    publication.state = Publication.State.APPROVED
    publication.approved_by, publication.approved_at = by, at
    publication.save()
    _record(Kind.APPROVED, publication, by, at)
    telling.tell_next(publication, by=by, at=at)
    return publication


@transaction.atomic
def publish(
    publication: Publication, *, by: "User", at: datetime, until: date | None = None
) -> Publication:
    """Let it out, frozen; ``until`` is the last day it hangs, no earlier than the catalogue asks.

    What it replaces is replaced in the same moment. It counts towards what is owed.

    Raises:
        Refused: ``rules.may_publish`` refuses, or the same record stands already.
        Faulty: ``until`` is too early.
    """
    publication = _locked(publication)
    require(rules.may_publish(by, publication))
    today = timezone.localdate(at)
    shortest = least(publication, today)
    if until is not None and until < (shortest or today):
        raise Faulty({UNTIL: f"最早挂到 {shortest or today}，公开那天是第一天。"})
    earlier = publication.replaces
    if earlier is not None:
        earlier = Publication.objects.select_for_update().get(pk=earlier.pk)
        if not earlier.is_standing:
            raise Refused(no("不能公开：要代替的那一条已经撤下了，请另提一条。"))
        earlier.state = Publication.State.REPLACED
        earlier.save(update_fields=["state"])
        earlier.postings.filter(channel=Channel.PAGE, until=None).update(until=today)
        _record(Kind.REPLACED, earlier, by, at)
    publication.state = Publication.State.PUBLISHED
    publication.published_by, publication.published_at = by, at
    publication.published_on, publication.hang_until = today, until or shortest
    topic = topics.worded(publication.topic, publication.wording)
    if topic and topic.rule.review_after:
        publication.review_on = Duration.parse(topic.rule.review_after).after(today)
    try:
        with transaction.atomic():
            publication.save()
    except IntegrityError as error:
        raise Refused(no("不能公开：这条记录刚刚已经公开了，内容变了请出新的一版。")) from error
    if publication.is_public:
        Posting.objects.create(
            publication=publication, channel=Channel.PAGE, posted_on=today, by=by, at=at
        )
    _record(Kind.PUBLISHED, publication, by, at)
    telling.tell_proposer(publication, by=by, at=at)
    telling.tell_readers(publication, by=by, at=at)
    _credit(publication, at)
    advance(publication.organization)
    return publication


def least(publication: Publication, today: date) -> date | None:
    """The last day it has to hang: as strict as it is there today, else as it was proposed."""
    there = topics.in_force(publication.organization, today).get(publication.topic)
    topic = there or topics.worded(publication.topic, publication.wording)
    return topic.hangs_until(today) if topic else None


def _credit(publication: Publication, at: datetime) -> None:
    """Tell duties what it counts towards: nothing once it came down before its time.

    Below zero, so that it is never taken for an activity's number.
    """
    facts: tuple[duties.Fact, ...] = ()
    if publication.published_on is not None and not _was_cut_short(publication):
        assert publication.published_at is not None
        entered_on = timezone.localdate(publication.published_at)
        facts = (duties.Fact(publication.topic, publication.published_on, entered_on),)
    occasion = duties.Occasion(-publication.pk, publication.organization_id, None, facts)
    duties.credit(occasion, at=at)


def _was_cut_short(publication: Publication) -> bool:
    if publication.state != Publication.State.WITHDRAWN:
        return False
    assert publication.stopped_at is not None
    until = publication.hang_until
    return until is None or timezone.localdate(publication.stopped_at) <= until


@transaction.atomic
def send_back(publication: Publication, *, reason: str, by: "User", at: datetime) -> Publication:
    """Send back what is on its way, for good: another proposal begins anew.

    Raises:
        Refused: ``rules.may_return`` refuses.
        Faulty: no reason.
    """
    publication = _locked(publication)
    require(rules.may_return(by, publication))
    return _stopped(publication, Publication.State.RETURNED, Kind.RETURNED, reason, by, at)


@transaction.atomic
def withdraw(publication: Publication, *, reason: str, by: "User", at: datetime) -> Publication:
    """Take down what is out; at once, everywhere the platform shows it. What stands on paper is
    noted by whoever takes it down.

    Raises:
        Refused: ``rules.may_withdraw`` refuses.
        Faulty: no reason.
    """
    publication = _locked(publication)
    require(rules.may_withdraw(by, publication))
    today = timezone.localdate(at)
    publication.postings.filter(channel=Channel.PAGE, until=None).update(until=today)
    publication = _stopped(publication, Publication.State.WITHDRAWN, Kind.WITHDRAWN, reason, by, at)
    _credit(publication, at)
    advance(publication.organization)
    return publication


@transaction.atomic
def look_again(publication: Publication, *, by: "User", at: datetime) -> Publication:
    """Say that what is out was looked at again and still holds; the next day for it is counted from
    today.

    Raises:
        Refused: ``rules.may_look_again`` refuses.
    """
    publication = _locked(publication)
    require(rules.may_look_again(by, publication))
    topic = topics.worded(publication.topic, publication.wording)
    assert topic is not None and topic.rule.review_after is not None
    today = timezone.localdate(at)
    publication.review_on = Duration.parse(topic.rule.review_after).after(today)
    publication.save(update_fields=["review_on"])
    _record(Kind.LOOKED_AGAIN, publication, by, at)
    return publication


def _stopped(
    publication: Publication, state: Publication.State, kind: Kind, reason: str, by: "User",
    at: datetime,
) -> Publication:  # fmt: skip
    reason = reason.strip()
    if not reason:
        raise Faulty({REASON: "写为什么。"})
    publication.state = state
    publication.stopped_by, publication.stopped_at = by, at
    publication.stopped_because = reason[:200]
    publication.save()
    _record(kind, publication, by, at)
    telling.tell_proposer(publication, by=by, at=at)
    return publication


def _record(kind: Kind, publication: Publication, by: "User", at: datetime) -> None:
    ledger.record(
        kind, publication, organization=publication.organization_id, by=by, at=at,
        occurred=publication.published_on,
    )  # fmt: skip


@transaction.atomic
def post(
    publication: Publication, *, channel: str, place: str, posted_on: date,
    until: date | None = None, by: "User", at: datetime,
) -> Posting:  # fmt: skip
    """Note where else it was made public, on a board, at a meeting, on television.

    Raises:
        Refused: ``rules.may_post`` refuses.
        Faulty: no such channel, no place, days that cannot be.
    """
    publication = _locked(publication)
    require(rules.may_post(by, publication))
    place, faults, today = place.strip(), {}, timezone.localdate(at)
    if channel not in Channel.values or channel == Channel.PAGE:
        faults[CHANNEL] = "选一种。公开网页由系统登记。"
    if not place:
        faults[PLACE] = "写在哪里，例如 村委会门口公开栏。"
    assert publication.published_on is not None
    if posted_on < publication.published_on:
        faults[DAY] = f"不能早于公开的那天（{publication.published_on}）。"
    elif posted_on > today:
        faults[DAY] = "还没有到的日子不能登记。"
    if until is not None and until < posted_on:
        faults[UNTIL] = "不能早于贴出来的那天。"
    if faults:
        raise Faulty(faults)
    posting = Posting.objects.create(
        publication=publication, channel=channel, place=drafting.covered(place)[0][:100],
        posted_on=posted_on, until=until, by=by, at=at,
    )  # fmt: skip
    ledger.record(
        Kind.POSTED, publication, organization=publication.organization_id, by=by, at=at,
        occurred=posted_on,
    )  # fmt: skip
    advance(publication.organization)
    return posting


@transaction.atomic
def end_posting(posting: Posting, *, until: date, by: "User", at: datetime) -> Posting:
    """Note the last day on which it was seen at a place.

    Raises:
        Refused: ``rules.may_propose`` refuses, or it ended already.
        Faulty: the day cannot be.
    """
    publication = _locked(posting.publication)
    posting = Posting.objects.get(pk=posting.pk)
    require(rules.may_propose(by, publication.organization))
    if posting.until is not None or posting.channel == Channel.PAGE:
        raise Refused(no("不用登记：已经登记了，或者是公开网页。"))
    if until < posting.posted_on or until > timezone.localdate(at):
        raise Faulty({UNTIL: f"在 {posting.posted_on} 到今天之间。"})
    posting.until = until
    posting.save(update_fields=["until"])
    ledger.record(
        Kind.TAKEN_DOWN, publication, organization=publication.organization_id, by=by, at=at,
        occurred=until,
    )  # fmt: skip
    advance(publication.organization)
    return posting


@transaction.atomic
def raise_voice(
    publication: Publication, *, kind: str, said: str, contact: str = "", seal: str = "",
    at: datetime,
) -> str:  # fmt: skip
    """Take down a visitor's question or objection; the code they follow it with, said once.

    Nobody signs in for it, so no rule is asked but that the thing is there for everybody.
    ``seal`` names the sum that was answered: the same said twice with it is said once.

    Raises:
        Refused: it is not made public to everybody, or stands no more; something else was said
            with this sum.
        Faulty: nothing is said, or too much.
    """
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if not (publication.is_standing and publication.is_public):
        raise Refused(no("不能提：这一条已经不在公开。"))
    said, contact, faults = said.strip(), contact.strip(), {}
    if kind not in Voice.Kind.values:
        faults["kind"] = "选一种。"
    if not said or len(said) > LONGEST_SAID:
        faults[SAID] = f"写要问什么，最多 {LONGEST_SAID} 个字。"
    if len(contact) > LONGEST_CONTACT:
        faults[CONTACT] = f"最多 {LONGEST_CONTACT} 个字。"
    if faults:
        raise Faulty(faults)
    code = code_for(seal) if seal else new_code()
    if earlier := _raised_with(code):
        is_again = earlier.publication_id == publication.pk and earlier.says(
            kind=kind, said=said, contact=contact
        )
        require(YES if is_again else no("已经提交过了。要再提一条，请重新打开这一页。"))
        return code
    voice = Voice(publication=publication, kind=kind, code_hash=hash_of(code), at=at)
    voice.said, voice.contact = said, contact
    voice.save()
    ledger.record(Kind.RAISED, voice, organization=publication.organization_id, by=None, at=at)
    telling.tell_of_voice(voice, at=at)
    return code


def _raised_with(code: str) -> Voice | None:
    return Voice.objects.filter(code_hash=hash_of(code)).first()


@transaction.atomic
def answer(
    voice: Voice, *, text: str, in_public: bool, asked: str = "", stands: bool | None = None,
    by: "User", at: datetime,
) -> Voice:  # fmt: skip
    """Answer a question or an objection, for everybody or for whoever has the code alone.

    ``asked`` is the question as everybody may read it; ``stands`` whether an objection was right.

    Raises:
        Refused: ``rules.may_answer`` refuses.
        Faulty: no answer; an objection neither right nor wrong; in public without a question.
    """
    rows = Voice.objects.select_for_update(of=("self",))
    voice = rows.select_related("publication__organization__parent").get(pk=voice.pk)
    require(rules.may_answer(by, voice))
    text, asked, faults = text.strip(), asked.strip(), {}
    if not text or len(text) > LONGEST_ANSWER:
        faults[ANSWER] = f"写答复，最多 {LONGEST_ANSWER} 个字。"
    if in_public and not asked:
        faults[ASKED] = "公开答复的，写问的是什么，不写是谁问的。"
    is_objection = voice.kind == Voice.Kind.OBJECTION
    if is_objection != (stands is not None):
        faults[STANDS] = "写成立不成立。" if is_objection else "不是异议，不写成立不成立。"
    if faults:
        raise Faulty(faults)
    voice.answer = drafting.covered(text)[0] if in_public else text
    voice.asked = drafting.covered(asked)[0] if in_public else ""
    voice.in_public, voice.stands = in_public, stands
    voice.answered_by, voice.answered_at = by, at
    voice.save()
    ledger.record(
        Kind.ANSWERED, voice, organization=voice.publication.organization_id, by=by, at=at
    )
    if in_public:
        advance(voice.publication.organization)
    return voice


KEEP_CONTACT, KEEP_VOICE = Duration.parse("P90D"), Duration.parse("P2Y")


@transaction.atomic
def erase_contacts(*, at: datetime) -> int:
    """Erase how to reach people whose question was answered 90 days ago; how many."""
    before = KEEP_CONTACT.before(at)
    rows = Voice.objects.select_for_update().exclude(contact_sealed=b"")
    gone = list(rows.filter(answered_at__lt=before).select_related("publication"))
    for voice in gone:
        voice.contact = ""
        voice.save(update_fields=["contact_sealed"])
        ledger.record(
            Kind.FORGOTTEN, voice, organization=voice.publication.organization_id, by=None, at=at
        )
    return len(gone)


@transaction.atomic
def erase_voices(*, at: datetime) -> int:
    """Erase what visitors wrote two years after it was answered; how many.

    One answered in private goes whole; of one answered for everybody the public question and the
    answer stay, the words it was asked in go.
    """
    before = KEEP_VOICE.before(at)
    rows = Voice.objects.select_for_update().filter(answered_at__lt=before)
    gone = list(rows.exclude(said_sealed=b"").select_related("publication"))
    for voice in gone:
        organization = voice.publication.organization_id
        if voice.in_public:
            voice.said = ""
            voice.save(update_fields=["said_sealed"])
            ledger.record(Kind.FORGOTTEN, voice, organization=organization, by=None, at=at)
        else:
            name, pk = Voice._meta.label_lower, voice.pk
            voice.delete()
            ledger.record(
                Kind.FORGOTTEN, voice.publication, organization=organization, by=None, at=at,
                removed=[(name, pk)],
            )  # fmt: skip
    return len(gone)


@transaction.atomic
def give_receipt(publication: Publication, *, by: "User", at: datetime) -> Receipt:
    """Say that one has read this version oneself; said twice is said once.

    Raises:
        Refused: ``rules.may_read`` refuses.
    """
    publication = _locked(publication)
    require(rules.may_read(by, publication))
    assert by.person_id is not None
    receipt, is_new = Receipt.objects.get_or_create(
        publication=publication, person_id=by.person_id, defaults={"by": by, "at": at}
    )
    if is_new:
        ledger.record(Kind.READ, receipt, organization=publication.organization_id, by=by, at=at)
    return receipt
