"""Refreshing obligations, crediting activities, exempting, explaining."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhibu.core import bulk
from zhibu.core.pacing import Pacer
from zhibu.core.verdicts import Refused, no, require
from zhibu.duties import counting, crediting, derive, queries, rules
from zhibu.duties.models import (
    PERSONAL,
    Credit,
    Exemption,
    Explanation,
    HolderKind,
    Lapsed,
    Obligation,
    Talk,
)
from zhibu.ledger import actions as ledger
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.duties import Duty
from zhibu.people.models import Holding, Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

EARLIEST = date(2000, 1, 1)
BATCH = 200
PEOPLE = 10_000  # named in one query


class Kind(StrEnum):
    EXEMPTED = "duties:obligation:exempted"
    EXEMPTION_WITHDRAWN = "duties:exemption:withdrawn"
    EXPLAINED = "duties:obligation:explained"
    TALK_RECORDED = "duties:talk:recorded"
    TALK_CONFIRMED = "duties:talk:confirmed"
    TALK_WITHDRAWN = "duties:talk:withdrawn"


WORDS = {
    Kind.EXEMPTED: "免了一项应办",
    Kind.EXEMPTION_WITHDRAWN: "取消了免办",
    Kind.EXPLAINED: "说明了情况",
    Kind.TALK_RECORDED: "记了一次谈心谈话",
    Kind.TALK_CONFIRMED: "确认了谈心谈话",
    Kind.TALK_WITHDRAWN: "撤回了谈心谈话的记录",
}

_DERIVED = (
    "organization_id", "wording", "period_until", "ground_on", "due_on", "closes_on", "required",
    "applies", "is_exempt",
)  # fmt: skip
_COUNTED = ("done", "done_on", "held_late", "entered_late", "credited_by", "incomplete_by")


def horizon(at: datetime) -> date:
    """Obligations are kept up to the end of the year ``at`` falls in."""
    return date(timezone.localdate(at).year + 1, 1, 1)


@transaction.atomic
def refresh(organizations: Collection[int], *, at: datetime, since: date = EARLIEST) -> int:
    """Bring the obligations of ``organizations`` up to date; how many rows changed.

    Periods that begin before ``since`` are left alone. Nothing is recorded in the ledger:
    obligations are derived.
    """
    ids = sorted(set(organizations))
    changed = 0
    for start in range(0, len(ids), BATCH):
        changed += _refresh_batch(ids[start : start + BATCH], since=since, until=horizon(at), at=at)
    return changed


def _lock(ids: Sequence[int]) -> None:
    """Let nobody count for these organisations until this transaction ends.

    Otherwise a credit and a refresh at the same moment would each miss the other's rows.
    """
    rows = Organization.all_rows.select_for_update(no_key=True).filter(pk__in=ids)
    list(rows.order_by("pk").values_list("pk"))


def _refresh_batch(ids: Sequence[int], *, since: date, until: date, at: datetime) -> int:
    _lock(ids)
    wanted = derive.expected(ids, since=since, until=until)
    stored = _stored(ids, wanted, since)
    gone = [row for key, row in stored.items() if key not in wanted and row.organization_id in ids]
    _say_what_lapsed(gone, at)
    Obligation.objects.filter(pk__in=[row.pk for row in gone]).delete()
    rows = []
    for key, expected in wanted.items():
        row = stored.get(key) or Obligation(
            holder_kind=expected.holder_kind,
            holder_id=expected.holder_id,
            pack=expected.pack,
            duty=expected.duty,
            period_since=expected.period_since,
        )
        before = _state(row) if row.pk else None
        for name in _DERIVED:
            setattr(row, name, getattr(expected, name))
        rows.append((row, before))
    _count([row for row, _ in rows])
    new = [row for row, before in rows if before is None]
    changed = [row for row, before in rows if before is not None and before != _state(row)]
    Obligation.objects.bulk_create(new, batch_size=500)
    Obligation.objects.bulk_update(changed, [*_DERIVED_COLUMNS, *_COUNTED], batch_size=200)
    _owed_again(new)
    return len(gone) + len(new) + len(changed)


def _stored(
    ids: Sequence[int], wanted: Mapping[derive.Key, derive.Expected], since: date
) -> dict[derive.Key, Obligation]:
    """Rows of ``ids`` from ``since`` on, and those of people who owed them elsewhere before."""
    rows = Obligation.objects.filter(period_since__gte=since)
    found = {_key(row): row for row in rows.filter(organization__in=ids)}
    moved = {key[1] for key in wanted.keys() - found.keys() if key[0] in PERSONAL}
    if moved:
        for row in rows.personal().filter(holder_id__in=moved):
            found.setdefault(_key(row), row)
    return found


def _say_what_lapsed(gone: Sequence[Obligation], at: datetime) -> None:
    """Keep that something done was owed by a day that no longer is one."""
    Lapsed.objects.bulk_create(
        [
            Lapsed(
                organization_id=row.organization_id,
                holder_kind=row.holder_kind,
                holder_id=row.holder_id,
                pack=row.pack,
                duty=row.duty,
                period_since=row.period_since,
                period_until=row.period_until,
                ground_on=row.ground_on,
                done_on=row.done_on,
                credited_by=row.credited_by,
                lapsed_at=at,
            )
            for row in gone
            if row.ground_on is not None and row.done_on is not None
        ]
    )


def _owed_again(new: Sequence[Obligation]) -> None:
    """What is owed again has not lapsed. No query where nothing new is reckoned from a day."""
    keys = {_key(row) for row in new if row.ground_on is not None}
    if keys:
        rows = Lapsed.objects.filter(organization__in={row.organization_id for row in new})
        again = [row.pk for row in rows if _key(row) in keys]
        Lapsed.objects.filter(pk__in=again).delete()


_DERIVED_COLUMNS = ["organization", *_DERIVED[1:]]


def _key(row: Obligation | Lapsed) -> derive.Key:
    return (row.holder_kind, row.holder_id, row.pack, row.duty, row.period_since)


def _state(row: Obligation) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in (*_DERIVED, *_COUNTED))


def _count(rows: Sequence[Obligation]) -> None:
    """Set the counted fields of ``rows`` from what is on record. See ``crediting.found``."""
    known = library.packs()
    duties = [_duty(known, row) for row in rows]
    for row, duty, found in zip(rows, duties, crediting.found(rows, duties), strict=True):
        result = counting.count(
            duty,
            row.reference,
            found,
            required=row.required,
            due_on=row.due_on,
            closes_on=row.closes_on,
        )
        for name in _COUNTED:
            setattr(row, name, getattr(result, name))


def _duty(known: dict[str, Pack], row: Obligation) -> Duty:
    wording = known[row.pack].wording_on("duties", row.duty, row.wording)
    assert wording is not None and isinstance(wording.item, Duty)
    return wording.item


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind of an activity that took place, as the activity reports it."""

    kind: str
    held_on: date
    entered_on: date
    makes_up: date | None = None
    items: tuple[str, ...] = ()
    speaker_id: int | None = None
    chair_id: int | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """An activity and what it may count towards; no facts: it counts for nothing (void).

    ``people``: everybody who is on record as present, or was before it was corrected.
    """

    source_id: int
    organization_id: int
    group_id: int | None
    facts: tuple[Fact, ...] = field(default=())
    people: frozenset[int] = frozenset()


def credit(occasion: Occasion, *, at: datetime) -> list[Obligation]:
    """Replace what an activity counts towards, in the activity's transaction.

    Returns the obligations it counts towards now. A handful of queries, whatever the
    number of duties and people; a refresh of the organisation where something is owed
    after an activity of its kind.
    """
    return credit_many([occasion], at=at)[0]


def credit_many(occasions: Sequence[Occasion], *, at: datetime) -> list[list[Obligation]]:
    """``credit`` for many activities at once, each named once; what each counts towards now."""
    _lock(_organizations_of(occasions))
    sources = [occasion.source_id for occasion in occasions]
    before: list[Credit] = []
    for start in range(0, len(sources), BATCH):
        rows = Credit.objects.filter(source_id__in=sources[start : start + BATCH])
        found = list(rows)
        if found:
            rows.delete()
        before += found
    after = [row for occasion in occasions for row in _credits_for(occasion)]
    bulk.create(Credit, after)
    reported = [*before, *after]
    _follow(reported, sorted({occasion.organization_id for occasion in occasions}), at)
    touched = _touched(reported, {o.source_id: o.people for o in occasions})
    _recount(touched)
    ticked: dict[int, list[Obligation]] = defaultdict(list)
    for obligation in touched:
        if obligation.holder_kind != HolderKind.PAIR:  # a talk's number is no activity's
            for source in obligation.credited_by:
                ticked[source].append(obligation)
    return [ticked[source] for source in sources]


def _credits_for(occasion: Occasion) -> list[Credit]:
    return [
        Credit(
            source_id=occasion.source_id,
            organization_id=occasion.organization_id,
            group_id=occasion.group_id,
            kind=fact.kind,
            held_on=fact.held_on,
            credited_on=fact.makes_up or fact.held_on,
            entered_on=fact.entered_on,
            items=sorted(fact.items),
            speaker_id=fact.speaker_id,
            chair_id=fact.chair_id,
        )
        for fact in occasion.facts
    ]


def _organizations_of(occasions: Sequence[Occasion]) -> list[int]:
    """Where they were held, and where the people present are at home."""
    found = {occasion.organization_id for occasion in occasions}
    people = sorted({pk for occasion in occasions for pk in occasion.people})
    for start in range(0, len(people), PEOPLE):
        some = people[start : start + PEOPLE]
        homes = Person.all_rows.filter(pk__in=some, home__isnull=False)
        found |= set(homes.values_list("home", flat=True))
    return sorted(found)


def _follow(reported: Sequence[Credit], organizations: list[int], at: datetime) -> None:
    """Bring up to date what is owed after an activity of one of these kinds, where anything is."""
    kinds = {item.kind for item in reported}
    if kinds & _kinds_that_oblige():
        since = min(item.held_on for item in reported)
        for start in range(0, len(organizations), BATCH):
            some = organizations[start : start + BATCH]
            _refresh_batch(some, since=since, until=horizon(at), at=at)


def _kinds_that_oblige() -> set[str]:
    """Kinds of activity after which something is owed, in any pack."""
    return {
        kind
        for pack in library.packs().values()
        for wordings in pack.wordings("duties")
        for wording in wordings
        if isinstance(wording.item, Duty) and wording.item.after
        for kind in wording.item.after.kinds
    }


def _touched(
    reported: Sequence[Credit], present: Mapping[int, Collection[int]]
) -> list[Obligation]:
    """Obligations in whose period one of ``reported`` falls: by organisation, post, person.

    ``present`` names the people at each activity. A few queries, one more for every
    ``PEOPLE`` people: what is read too much is left out here.
    """
    if not reported:
        return []
    days: dict[tuple[str, int], set[date]] = defaultdict(set)
    speaking: dict[int, set[date]] = defaultdict(set)
    for found in reported:
        days["", found.organization_id].add(found.credited_on)
        said = {pk for pk in (found.speaker_id, found.chair_id) if pk}
        for person in said:
            speaking[person].add(found.credited_on)
        for person in {*present.get(found.source_id, ()), *said}:
            days[HolderKind.PERSON.value, person].add(found.credited_on)
    held = Holding.objects.filter(person__in=speaking).values_list("post", "person")
    for post, person in held if speaking else ():
        days[HolderKind.POST.value, post] |= speaking[person]
    first, last = min(map(min, days.values())), max(map(max, days.values()))
    near = Obligation.objects.select_for_update().filter(
        period_since__lte=last, period_until__gt=first
    )
    rows = list(near.filter(_impersonal_scope(days)).order_by("pk"))
    people = sorted(pk for kind, pk in days if kind == HolderKind.PERSON)
    for start in range(0, len(people), PEOPLE):
        some = people[start : start + PEOPLE]
        own = near.filter(holder_kind=HolderKind.PERSON, holder_id__in=some)
        rows += list(own.order_by("pk"))
    return [row for row in rows if _falls_in(row, days)]


def _impersonal_scope(days: Mapping[tuple[str, int], set[date]]) -> Q:
    of_own = Q(organization__in={pk for kind, pk in days if not kind})
    of_own &= ~Q(holder_kind__in=PERSONAL)
    posts = {pk for kind, pk in days if kind == HolderKind.POST}
    return of_own | Q(holder_kind=HolderKind.POST, holder_id__in=posts)


def _falls_in(row: Obligation, days: Mapping[tuple[str, int], set[date]]) -> bool:
    """Whether a day of its own, or of its organisation where it is no person's, is in it."""
    keys = [(row.holder_kind, row.holder_id)]
    if row.holder_kind not in PERSONAL:
        keys.append(("", row.organization_id))
    return any(
        row.period_since <= day < row.period_until for key in keys for day in days.get(key, ())
    )


def _recount(rows: Sequence[Obligation]) -> None:
    before = {row.pk: _state(row) for row in rows}
    _count(rows)
    changed = [row for row in rows if before[row.pk] != _state(row)]
    bulk.update(Obligation, _COUNTED, changed)


@transaction.atomic
def exempt(obligation: Obligation, *, reason: str, by: "User", at: datetime) -> Exemption:
    """Free a holder from one obligation; it leaves the denominator and says why.

    Raises:
        Refused: ``rules.may_exempt`` refuses, or no reason is given.
    """
    obligation = (
        Obligation.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=obligation.pk)
    )
    require(rules.may_exempt(by, obligation))
    if not reason.strip():
        raise Refused(no("要写明为什么免。支部和上级都看得到。"))
    exemption = Exemption.objects.create(
        organization=obligation.organization,
        holder_kind=obligation.holder_kind,
        holder_id=obligation.holder_id,
        pack=obligation.pack,
        duty=obligation.duty,
        period_since=obligation.period_since,
        reason=reason.strip(),
        given_by=by,
        given_at=at,
    )
    ledger.record(Kind.EXEMPTED, exemption, organization=obligation.organization_id, by=by, at=at)
    Obligation.objects.filter(pk=obligation.pk).update(is_exempt=True)
    return exemption


@transaction.atomic
def withdraw_exemption(exemption: Exemption, *, by: "User", at: datetime) -> Exemption:
    exemption = (
        Exemption.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=exemption.pk)
    )
    require(rules.may_withdraw_exemption(by, exemption))
    exemption.withdrawn_at = at
    exemption.save(update_fields=["withdrawn_at"])
    ledger.record(
        Kind.EXEMPTION_WITHDRAWN, exemption, organization=exemption.organization_id, by=by, at=at
    )
    refresh([exemption.organization_id], at=at, since=exemption.period_since)
    return exemption


@transaction.atomic
def explain(obligation: Obligation, *, text: str, by: "User", at: datetime) -> Explanation:
    """Put the holder's own word beside an obligation that is open or overdue.

    Raises:
        Refused: ``rules.may_explain`` refuses, or nothing is said.
    """
    obligation = (
        Obligation.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=obligation.pk)
    )
    require(rules.may_explain(by, obligation, timezone.localdate(at)))
    if not text.strip():
        raise Refused(no("说明不能是空的，请写一两句。"))
    explanation = Explanation.objects.create(
        organization=obligation.organization,
        holder_kind=obligation.holder_kind,
        holder_id=obligation.holder_id,
        pack=obligation.pack,
        duty=obligation.duty,
        period_since=obligation.period_since,
        text=text.strip(),
        given_by=by,
        given_at=at,
    )
    ledger.record(
        Kind.EXPLAINED, explanation, organization=obligation.organization_id, by=by, at=at
    )
    return explanation


@transaction.atomic
def record_talk(
    *, first: Person, second: Person, kind: str, held_on: date, by: "User", at: datetime
) -> Talk:
    """Say that two people talked on a day; whoever of them says so has confirmed it.

    Raises:
        Refused: ``rules.may_record_talk`` refuses, the day is to come, or such talks are
            not in force where ``first`` is at home.
    """
    require(rules.may_record_talk(by, first, second))
    if held_on > timezone.localdate(at):
        raise Refused(no("日期在以后。谈过以后再记。"))
    organization = first.home
    assert organization is not None
    if kind not in {item.reference for item in queries.talk_kinds(organization, held_on)}:
        raise Refused(no("那天这里没有采用这一种谈心谈话，请换一种，或改日期。"))
    talk = Talk(
        organization=organization,
        kind=kind,
        first=first,
        second=second,
        held_on=held_on,
        recorded_by=by,
        recorded_at=at,
    )
    _say_yes(talk, by.person_id, by=by, at=at)
    talk.save(force_insert=True)
    ledger.record(
        Kind.TALK_RECORDED, talk, organization=organization.pk, by=by, at=at, occurred=held_on
    )
    return talk


def _say_yes(talk: Talk, person_id: int | None, *, by: "User", at: datetime) -> None:
    if person_id == talk.first_id:
        talk.first_confirmed_by, talk.first_confirmed_at = by, at
    elif person_id == talk.second_id:
        talk.second_confirmed_by, talk.second_confirmed_at = by, at


@transaction.atomic
def confirm_talk(talk: Talk, *, person: Person, by: "User", at: datetime) -> Talk:
    """One side says yes; with both the talk counts for everybody whose duty it fits."""
    talk = _locked_talk(talk)
    require(rules.may_confirm_talk(by, talk, person))
    _say_yes(talk, person.pk, by=by, at=at)
    talk.save()
    ledger.record(Kind.TALK_CONFIRMED, talk, organization=talk.organization_id, by=by, at=at)
    _recount_talk(talk)
    return talk


@transaction.atomic
def withdraw_talk(talk: Talk, *, by: "User", at: datetime) -> Talk:
    """Either side takes back what was written down wrongly; it stays on record and counts
    for nothing."""
    talk = _locked_talk(talk)
    require(rules.may_withdraw_talk(by, talk))
    talk.withdrawn_at = at
    talk.save(update_fields=["withdrawn_at"])
    ledger.record(Kind.TALK_WITHDRAWN, talk, organization=talk.organization_id, by=by, at=at)
    _recount_talk(talk)
    return talk


def _locked_talk(talk: Talk) -> Talk:
    return (
        Talk.objects.select_for_update(of=("self",))
        .select_related("first", "second", "organization")
        .get(pk=talk.pk)
    )


def _recount_talk(talk: Talk) -> None:
    """Both sides' obligations of that day. The same few queries for any talk."""
    homes = {pk for pk in (talk.first.home_id, talk.second.home_id) if pk}
    _lock(sorted(homes))
    rows = Obligation.objects.select_for_update().filter(
        holder_kind=HolderKind.PAIR,
        holder_id__in=[talk.first_id, talk.second_id],
        period_since__lte=talk.held_on,
        period_until__gt=talk.held_on,
    )
    _recount(list(rows.order_by("pk")))


def extend(at: datetime) -> None:
    """Nightly: obligations of every organisation up to the horizon, from this year on."""
    since = date(timezone.localdate(at).year, 1, 1)
    ids = list(Organization.objects.order_by("pk").values_list("pk", flat=True))
    pacer, start, size = Pacer(), 0, BATCH // 4
    while start < len(ids):
        with pacer.turn():
            refresh(ids[start : start + size], at=at, since=since)
        start += size
        size = pacer.next_size(size, smallest=1)
