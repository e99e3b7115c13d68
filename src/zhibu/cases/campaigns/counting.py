"""Keeping the tallies of units right, in the transaction of whatever changes them.

Whoever changes what a tally rests on says so here: entries and days (``actions``), cases,
activities, and by the effects below people and imports. What is more than a request should
count is forgotten and queued: a unit without tallies is read from its records until the worker
has counted it (``tallies``), so that a page is never wrong, only slower.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django_tasks import task

from zhibu.cases.campaigns import judging
from zhibu.cases.campaigns.models import Campaign, Tally, Unit
from zhibu.cases.campaigns.queries import Run, Sheet
from zhibu.cases.models import Case
from zhibu.core import bulk, effects
from zhibu.core.effects import Params, effect
from zhibu.core.jobs import every, retry
from zhibu.core.pacing import Pacer
from zhibu.organizations.models import Organization
from zhibu.packs.schema.campaigns import Campaign as Rule
from zhibu.packs.schema.campaigns import CampaignItem
from zhibu.people.models import Belonging, MembershipState

if TYPE_CHECKING:
    from zhibu.accounts.models import User

AT_ONCE = 3000  # cells, unit by item, that a request counts
TURN = 20  # units that the worker begins with
PEOPLE = 10_000  # named in one query
EVER = date.max
Items = Callable[[Rule], Sequence[CampaignItem]]


# --- what has changed


def whole(units: Sequence[Unit], *, at: datetime, is_new: bool = False) -> None:
    """Their days have changed, or they are new: then whoever writes down something for one of
    these organisations just now is waited for. A dozen queries a campaign."""
    if is_new:
        ids = [unit.organization_id for unit in units]
        rows = Organization.all_rows.select_for_update(no_key=True).filter(pk__in=ids)
        list(rows.order_by("pk").values_list("pk"))
    _count_or_forget(_held(units), lambda rule: rule.items, at, is_whole=True)


def item(units: Sequence[Unit], asked: CampaignItem, *, at: datetime) -> None:
    """Something was entered for one item, or taken back."""
    _again(units, lambda rule: [one for one in rule.items if one.id == asked.id], at)


def of_people(organizations: Collection[int], *, at: datetime) -> None:
    """Who belongs to some organisations has changed, or what they did."""
    _again(_taking_part(organizations), _of_people, at)


def of_activities(
    organizations: Collection[int], people: Collection[int], kinds: Collection[str], *, at: datetime
) -> None:
    """Activities of these kinds were recorded, corrected or voided: held by some organisations,
    and people were there, or were said to be. One query where no campaign asks for such."""
    asked = set(kinds)

    def items(rule: Rule) -> list[CampaignItem]:
        return [one for one in rule.items if not asked.isdisjoint(_kinds_of(rule, one))]

    if asked and any(items(campaign.rule) for campaign in _counted()):
        _again(_taking_part({*organizations, *_homes(people)}), items, at)


def of_case(case: Case, *, at: datetime) -> None:
    """A case ended, or is no longer one that did. One query where no campaign asks for such."""

    def items(rule: Rule) -> list[CampaignItem]:
        return [one for one in rule.items if one.case and one.case.procedure == case.procedure]

    if any(items(campaign.rule) for campaign in _counted()):
        people = [case.owner_id] if case.owner_id else []
        _again(_taking_part({case.organization_id, *_homes(people)}), items, at)


def leave(units: Sequence[Unit]) -> None:
    """They take part no more, and need no tallies."""
    gone = [unit.pk for unit in units]
    Tally.objects.filter(unit__in=gone).delete()
    Unit.objects.filter(pk__in=gone).update(tallied_on=None, holds_until=None)


def forget(units: Sequence[Unit]) -> None:
    """Their tallies are no longer right; the worker counts them."""
    Unit.objects.filter(pk__in=[unit.pk for unit in units]).update(tallied_on=None)
    count_forgotten.enqueue()


# --- counting


def _of_people(rule: Rule) -> list[CampaignItem]:
    return [one for one in rule.items if one.per == "person"]


def _kinds_of(rule: Rule, asked: CampaignItem) -> list[str]:
    make_up = rule.make_up(asked.id)
    return [*asked.activities, *(make_up.activities if make_up else [])]


def _counted() -> list[Campaign]:
    """Campaigns that have tallies. One query."""
    units = Unit.objects.filter(campaign=OuterRef("pk"), tallied_on__isnull=False)
    return list(Campaign.objects.filter(Exists(units)))


def _homes(people: Collection[int]) -> set[int]:
    """Where people are or were at home. One query for every ``PEOPLE``."""
    found: set[int] = set()
    ids = sorted(people)
    for start in range(0, len(ids), PEOPLE):
        rows = Belonging.objects.filter(
            person__in=ids[start : start + PEOPLE], kind=Belonging.Kind.HOME
        )
        found |= set(rows.values_list("organization", flat=True).distinct())
    return found


def _taking_part(organizations: Collection[int]) -> list[Unit]:
    return list(Unit.objects.taking_part().filter(organization__in=organizations))


def _held(units: Iterable[Unit]) -> list[Unit]:
    """As they are now. Nobody else counts for them meanwhile: what each writes, the later one
    sees. Always in this order, and whatever else is locked before them."""
    rows = Unit.objects.select_for_update(no_key=True).filter(pk__in=[unit.pk for unit in units])
    return list(rows.order_by("pk"))


def _again(units: Sequence[Unit], items: Items, at: datetime) -> None:
    """What is not counted whole stays so."""
    held = [unit for unit in _held(units) if unit.tallied_on] if units else []
    _count_or_forget(held, items, at, is_whole=False)


def _count_or_forget(units: Sequence[Unit], items: Items, at: datetime, *, is_whole: bool) -> None:
    for campaign, some in _by_campaign(units):
        asked = items(campaign.rule)
        if asked and len(some) * len(asked) > AT_ONCE:
            forget(some)
        elif asked:
            _count(campaign, some, asked, timezone.localdate(at), is_whole=is_whole)


def _by_campaign(units: Sequence[Unit]) -> Iterator[tuple[Campaign, list[Unit]]]:
    found: dict[int, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.campaign_id].append(unit)
    campaigns = Campaign.objects.in_bulk(found)
    for pk, some in found.items():
        yield campaigns[pk], some


def _count(
    campaign: Campaign,
    units: Sequence[Unit],
    items: Sequence[CampaignItem],
    day: date,
    *,
    is_whole: bool,
) -> None:
    """Write the tallies of ``items`` as of ``day``, or as of the day they were last counted where
    that is later; all of the units' where ``is_whole``."""
    day = max([day, *(unit.tallied_on for unit in units if unit.tallied_on)])
    sheet = Sheet(Run(campaign), units, day, items, until=EVER)
    fresh = [tally(sheet, unit, one) for unit in units for one in items]
    ends, changed = _ends(sheet), []
    rows = Tally.objects.filter(unit__in=[unit.pk for unit in units])
    (rows if is_whole else rows.filter(item__in=[one.id for one in items])).delete()
    bulk.create(Tally, fresh)
    for unit in units:
        before = (unit.tallied_on, unit.holds_until)
        if is_whole:
            unit.tallied_on, unit.holds_until = day, ends.get(unit.pk)
        else:
            known = [end for end in (unit.holds_until, ends.get(unit.pk)) if end]
            unit.holds_until = min(known, default=None)
        if before != (unit.tallied_on, unit.holds_until):
            changed.append(unit)
    Unit.objects.bulk_update(changed, ["tallied_on", "holds_until"], batch_size=500)


def tally(sheet: Sheet, unit: Unit, item: CampaignItem) -> Tally:
    """What a sheet finds, as it is kept."""
    cell, window = sheet.cell(unit, item), sheet.window(unit, item)
    judged = cell.judged
    counts = cell.counts if judged is None else Counter([judged.state])
    fact = judged.fact if judged else None
    return Tally(
        unit_id=unit.pk, item=item.id,
        since=window.since if window else None, last_on=window.last_on if window else None,
        asked=counts.total(), in_time=counts[judging.DONE], made_up=counts[judging.MADE_UP],
        late=counts[judging.LATE], done_on=fact.day if fact else None,
        is_entered_later=judged is not None and judged.is_entered_later,
    )  # fmt: skip


def _ends(sheet: Sheet) -> dict[int, date]:
    """The first day after the sheet's on which the clock alone makes its tallies wrong, by unit:
    somebody comes or goes, or what is written already for a later day takes place."""
    found: dict[int, list[date]] = defaultdict(list)
    for (unit, _, _), facts in sheet.facts.items():
        found[unit] += [fact.day for fact in facts if fact.day > sheet.on]
    for unit, day in _roll_changes(sheet):
        found[unit].append(day)
    return {unit: min(days) for unit, days in found.items() if days}


def _roll_changes(sheet: Sheet) -> Iterable[tuple[int, date]]:
    """Days after the sheet's, until the roll is closed, on which that of a unit changes. At most
    two queries."""
    open_units = {
        unit.organization_id: unit for unit in sheet.units
        if sheet.on < sheet.run.main_end(unit.batch_id)
    }  # fmt: skip
    if not open_units or all(one.per != "person" for one in sheet.items):
        return
    if sheet.rule.who is not None:  # ages and posts change on days of their own
        for unit in open_units.values():
            yield unit.pk, sheet.on + timedelta(days=1)
        return
    later = Q(since__gt=sheet.on) | Q(until__gt=sheet.on)
    homes = Belonging.objects.filter(organization__in=open_units, kind=Belonging.Kind.HOME)
    own = homes.filter(later).values_list("organization", "since", "until")
    of_home = {"person__belongings__kind": Belonging.Kind.HOME,
               "person__belongings__organization__in": open_units}  # fmt: skip
    states = MembershipState.objects.filter(later, **of_home).values_list(
        "person__belongings__organization", "since", "until"
    )
    for rows in (own, states):
        for place, since, until in rows:
            found = open_units.get(place)
            if found is not None:
                last = sheet.run.main_end(found.batch_id)
                days = [day for day in (since, until) if day and sheet.on < day <= last]
                yield from ((found.pk, day) for day in days)


# --- by the worker


def count_waiting(at: datetime, pacer: Pacer | None = None) -> int:
    """Count every unit whose tallies are not right today, in turns; how many."""
    today, pacer, size, done = timezone.localdate(at), pacer or Pacer(), TURN, 0
    rows = Unit.objects.taking_part().uncounted(today).order_by("campaign", "pk")
    waiting = list(rows.values_list("pk", flat=True))
    while waiting:
        some, waiting = waiting[:size], waiting[size:]
        with pacer.turn():
            units = _held(Unit.objects.taking_part().uncounted(today).filter(pk__in=some))
            for campaign, each in _by_campaign(units):
                _count(campaign, each, campaign.rule.items, today, is_whole=True)
        done += len(units)
        size = pacer.next_size(size, smallest=1)
    return done


@retry(times=5, wait=timedelta(seconds=20))
@task
def count_forgotten() -> int:
    """Bears running twice: what is counted is left as it is."""
    return count_waiting(timezone.now())


@every("5 0 * * *", name="campaigns.count")
def count_daily(at: datetime) -> int:
    """Rolls that changed with the day."""
    return count_waiting(at)


# --- what lower areas call by name


class Recount(Params):
    organizations: list[int]


class RecountPerson(Params):
    person: int
    organizations: list[int] = []


class Forget(Params):
    pass


@effect("campaigns.recount", title="重算集中活动里的人", params=Recount)
def recount_some(params: Recount, by: "User | None", at: datetime) -> None:
    """Now, or once at the end where the caller does many things to the same organisations."""

    def finish(ids: Sequence[int]) -> None:
        of_people(ids, at=at)

    if not effects.put_off("campaigns.recount", params.organizations, finish):
        finish(params.organizations)


@effect("campaigns.recount_person", title="重算一个人在集中活动里的", params=RecountPerson)
def recount_person(params: RecountPerson, by: "User | None", at: datetime) -> None:
    """Wherever the person was at home; ``organizations`` too."""
    places = {*_homes([params.person]), *params.organizations}
    recount_some(Recount(organizations=sorted(places)), by, at)


@effect("campaigns.forget", title="集中活动全部重算", params=Forget)
def forget_all(params: Forget, by: "User | None", at: datetime) -> None:
    """An import, its undoing or another wording of a pack: anything may have changed."""
    if Unit.objects.filter(tallied_on__isnull=False).update(tallied_on=None):
        count_forgotten.enqueue()
