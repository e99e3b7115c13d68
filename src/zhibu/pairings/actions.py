"""Beginning, ending and contacting: what is done with links."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.cases.models import Case
from zhibu.core.dates import Duration
from zhibu.core.jobs import every
from zhibu.core.pacing import Pacer
from zhibu.core.verdicts import require
from zhibu.ledger import actions as ledger
from zhibu.organizations.actions import hold
from zhibu.organizations.models import Organization
from zhibu.packs.schema.pair_kinds import PairKind
from zhibu.pairings import rules
from zhibu.pairings.drafts import REASON, UNTIL, Faulty, LinkDraft, link_faults, sides
from zhibu.pairings.models import (
    WHO,
    WHOM,
    Contact,
    Link,
    LinkQuerySet,
    key_of,
    kind_of,
    random_key,
)
from zhibu.people.models import Person

BATCH = 100


class Kind(StrEnum):
    BEGUN = "pairings:link:begun"
    ENDED = "pairings:link:ended"
    VOIDED = "pairings:link:voided"
    HANDED_OVER = "pairings:link:handed-over"
    FOLLOWED = "pairings:links:followed"
    CONTACTED = "pairings:contact:logged"
    STRUCK = "pairings:contact:struck"
    BECAME = "pairings:contact:became"
    ERASED = "pairings:needs:erased"


WORDS = {
    Kind.BEGUN: "结了联系",
    Kind.ENDED: "结束了联系",
    Kind.VOIDED: "作废了联系",
    Kind.HANDED_OVER: "随职务交接转了联系",
    Kind.FOLLOWED: "随组织合并、分设转了联系和轮值",
    Kind.CONTACTED: "记了一次联系",
    Kind.STRUCK: "划去了一次联系",
    Kind.BECAME: "写了联系成了哪件事",
    Kind.ERASED: "到期删了联系里需要办的话",
}


@transaction.atomic
def begin_link(
    organization: Organization,
    draft: LinkDraft,
    *,
    kind: str,
    wording: date,
    rule: PairKind,
    by: User,
    at: datetime,
) -> Link:
    """Link two sides by ``pack:kind`` as worded on ``wording``; ``rule`` is that as strict as it
    is in force there.

    Raises:
        Refused: ``rules.may_begin`` refuses.
        Faulty: the days are none, the two are linked on one of them, or a side has as many as it
            may.
    """
    place = _hold(organization.pk, rule, draft)
    require(rules.may_begin(by, place, rule))
    assert rule.link is not None
    if found := link_faults(rule.link, kind, draft):
        raise Faulty(found)
    both = sides(rule.link, draft)
    link = Link(
        organization=place, kind=kind, wording=wording, since=draft.since, until=draft.until,
        opened_by=by, opened_at=at,
        key=key_of(kind, both[WHO], both[WHOM]),
        **{f"{name}_{column}_id": pk for name, (column, pk) in both.items()},
    )  # fmt: skip
    _save(link)
    ledger.record(Kind.BEGUN, link, organization=place.pk, by=by, at=at, occurred=link.since)
    return link


def _hold(keeper: int, rule: PairKind, draft: LinkDraft) -> Organization:
    """The keeper and what the sides name, locked: organisations by number, then people, so that
    what is counted of a side stays so."""
    assert rule.link is not None
    both = sides(rule.link, draft).values()
    named = {pk for column, pk in both if column == "organization"}
    held = {pk: hold(pk) for pk in sorted({keeper, *named})}
    people = [pk for column, pk in both if column == "person"]
    list(Person.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    return held[keeper]


def _save(link: Link) -> None:
    """The link; another of the same two that was saved at the same moment is told of."""
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError as error:
        if "overlap" not in str(error):
            raise
        said = "这两方的联系刚刚有人结了，同一天不能有两个。请回去看看。"
        raise Faulty({WHOM: said}) from error


def _locked(link: Link) -> Link:
    """The link and its keeper, locked, the keeper first."""
    hold(Link.objects.values_list("organization", flat=True).get(pk=link.pk))
    return Link.objects.select_for_update(of=("self",)).named().get(pk=link.pk)


@transaction.atomic
def end_link(link: Link, *, until: date, reason: str, by: User, at: datetime) -> Link:
    """End a link: ``until`` is the first day that does not count any more.

    Raises:
        Refused: ``rules.may_end`` refuses.
        Faulty: the day is not within the link, or there is no reason.
    """
    link = _locked(link)
    require(rules.may_end(by, link))
    found = _reason(reason, "请写为什么结束。")
    if until <= link.since:
        found[UNTIL] = f"要晚于开始的那天（{link.since}）；不该有的，请作废。"
    elif link.until is not None and until > link.until:
        found[UNTIL] = f"不能晚于原来写的那天（{link.until}）。"
    if found:
        raise Faulty(found)
    _end(link, until, reason.strip())
    ledger.record(Kind.ENDED, link, organization=link.organization_id, by=by, at=at, occurred=until)
    return link


def _end(link: Link, until: date, reason: str) -> None:
    link.state, link.until, link.reason = Link.State.ENDED, until, reason[:200]
    link.save()


def _reason(text: str, asked: str) -> dict[str, str]:
    return {} if text.strip() else {REASON: asked}


@transaction.atomic
def void_link(link: Link, *, reason: str, by: User, at: datetime) -> Link:
    """Say that there never was such a link; it stays readable and counts on no day.

    Raises:
        Refused: ``rules.may_void`` refuses.
        Faulty: no reason is given.
    """
    link = _locked(link)
    require(rules.may_void(by, link))
    if found := _reason(reason, "请写为什么作废。"):
        raise Faulty(found)
    _void(link, reason.strip())
    ledger.record(Kind.VOIDED, link, organization=link.organization_id, by=by, at=at)
    return link


def _void(link: Link, reason: str) -> None:
    link.state, link.reason, link.key = Link.State.VOIDED, reason[:200], random_key()
    link.save()


# --- contacts


@transaction.atomic
def log_contact(
    link: Link, *, held_on: date, channel: str, needs: str = "", by: User, at: datetime
) -> Contact:
    """Log a contact: its day, a channel of the kind, and what was needed, "" for nothing.

    Raises:
        Refused: ``rules.may_log`` refuses.
        Faulty: the day lies outside the link or ahead, or there is no such channel.
    """
    link = _locked(link)
    require(rules.may_log(by, link))
    found = {}
    if held_on > timezone.localdate(at):
        found["held_on"] = "还没有到这一天。"
    elif held_on < link.since:
        found["held_on"] = f"{link.since} 才开始联系。"
    elif link.until is not None and held_on >= link.until:
        found["held_on"] = f"到 {link.until} 就不联系了。"
    if channel not in {one.id for one in link.link_rule.channels}:
        found["channel"] = "选一种联系的方式。"
    if found:
        raise Faulty(found)
    contact = Contact(link=link, held_on=held_on, channel=channel, by=by, at=at)
    contact.needs = needs.strip()
    contact.save()
    _recount(link)
    ledger.record(
        Kind.CONTACTED, contact, organization=link.organization_id, by=by, at=at, occurred=held_on
    )
    return contact


def _recount(link: Link) -> None:
    """The day of the last contact that counts, from the contacts."""
    link.contacted_on = link.contacts.counted().aggregate(last=Max("held_on"))["last"]
    link.save(update_fields=["contacted_on"])


def _locked_contact(contact: Contact) -> Contact:
    link = _locked(contact.link)
    found = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    found.link = link
    return found


@transaction.atomic
def strike_contact(contact: Contact, *, reason: str, by: User, at: datetime) -> Contact:
    """Say that a contact was none: it stays, struck, and counts no more.

    Raises:
        Refused: ``rules.may_strike`` refuses.
        Faulty: no reason is given.
    """
    contact = _locked_contact(contact)
    require(rules.may_strike(by, contact))
    if found := _reason(reason, "请写为什么划去。"):
        raise Faulty(found)
    contact.struck_by, contact.struck_at, contact.struck_because = by, at, reason.strip()
    contact.save()
    link = contact.link
    _recount(link)
    ledger.record(Kind.STRUCK, contact, organization=link.organization_id, by=by, at=at)
    return contact


@transaction.atomic
def become(contact: Contact, *, case: Case, by: User, at: datetime) -> Contact:
    """Say which case a contact became.

    Raises:
        Refused: ``rules.may_become`` refuses.
    """
    contact = _locked_contact(contact)
    require(rules.may_become(by, contact, case))
    contact.case = case
    contact.save()
    link = contact.link
    ledger.record(Kind.BECAME, contact, organization=link.organization_id, by=by, at=at)
    return contact


@every("50 3 * * *", name="pairings.erase_needs")
def erase_needs(at: datetime) -> int:
    """Erase what was needed once the pack's time is over; how many. The day after the last day."""
    today, pacer, erased = timezone.localdate(at), Pacer(), 0
    kept = Contact.objects.exclude(needs_sealed=b"")
    worded = kept.order_by().values_list("link__kind", "link__wording").distinct()
    for kind, wording in list(worded):
        rule = kind_of(kind, wording).link
        assert rule is not None
        keep = Duration.parse(rule.keep_needs)
        rows = kept.filter(link__kind=kind, link__wording=wording, held_on__lt=today)
        over = [pk for pk, day in rows.values_list("pk", "held_on") if keep.after(day) < today]
        for start in range(0, len(over), BATCH):
            with pacer.turn():
                erased += _erase(over[start : start + BATCH], at)
    return erased


def _erase(ids: Collection[int], at: datetime) -> int:
    """In the turn's transaction."""
    found = Contact.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    contacts = list(found.exclude(needs_sealed=b"").select_related("link").order_by("pk"))
    for contact in contacts:
        contact.needs_sealed, contact.erased_at = b"", at
        contact.save(update_fields=["needs_sealed", "erased_at"])
        place = contact.link.organization_id
        ledger.record(Kind.ERASED, contact, organization=place, by=None, at=at)
    return len(contacts)


# --- going on


def hand_over(ids: Collection[int], successor: int, by: User, at: datetime) -> None:
    """Links of a post's holder go on with the successor from today; in the caller's transaction,
    which has judged who may. Where the successor has the same link already, or would be linked to
    themselves, the old one only ends."""
    today = timezone.localdate(at)
    rows = Link.objects.select_for_update(of=("self",)).filter(pk__in=ids, state=Link.State.OPEN)
    for link in list(rows.named().order_by("pk")):
        go_on(link, today, who=("person", successor), reason="随职务交接", by=by, at=at)
        ledger.record(
            Kind.HANDED_OVER, link, organization=link.organization_id, by=by, at=at,
            occurred=today, touched=_followed(link),
        )  # fmt: skip


def _followed(link: Link) -> LinkQuerySet:
    return Link.objects.filter(follows=link)


def go_on(
    link: Link,
    on: date,
    *,
    who: tuple[str, int] | None = None,
    whom: tuple[str, int] | None = None,
    keeper: int | None = None,
    reason: str,
    by: User | None,
    at: datetime,
) -> Link | None:
    """End a locked link on a day and begin the one that follows it; None where nothing does: the
    same two are linked already. One that had not begun is voided."""
    who, whom = who or link.side(WHO), whom or link.side(WHOM)
    until, since = link.until, max(link.since, on)
    if link.since < on:
        _end(link, on, reason)
    else:
        _void(link, reason)
    key = key_of(link.kind, who, whom)
    taken = Link.objects.overlapping(since, until).filter(key=key).exists()
    if who == whom or taken:
        return None
    next_ = Link(
        organization_id=keeper or link.organization_id, kind=link.kind, wording=link.wording,
        since=since, until=until, opened_by=by, opened_at=at, key=key, follows=link,
        **{f"{name}_{column}_id": pk for name, (column, pk) in ((WHO, who), (WHOM, whom))},
    )  # fmt: skip
    next_.save()
    return next_
