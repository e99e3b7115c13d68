"""Every tally of campaign units recomputed by hand, from models and packs alone.

A second opinion on ``zhibu.cases.campaigns``: it shares no code with it, walks rows and days in
plain loops, and reads each campaign as the pack wrote it. Slow on purpose. Of ``who`` it knows
正式党员 only.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from zhibu.activities.models import Activity, KindOf, Participation
from zhibu.cases.campaigns.models import Entry, Opening, Span, Tally, Unit
from zhibu.cases.models import Case
from zhibu.people.models import Belonging, MembershipState

HERE = ZoneInfo("Asia/Shanghai")
VALUES = ("since", "last_on", "asked", "in_time", "made_up", "late", "done_on", "is_entered_later")


@dataclass(frozen=True)
class Deed:
    day: date
    entered_on: date | None
    is_make_up: bool


class World:
    """Every row that matters, read once."""

    def __init__(self) -> None:
        self.spans = list(Span.objects.all())
        self.openings = list(Opening.objects.all())
        self.homes = list(Belonging.objects.filter(kind="home"))
        self.states = list(MembershipState.objects.all())
        self.activities = list(Activity.objects.filter(status__in=["held", "confirmed"]))
        self.kinds = set(KindOf.objects.values_list("activity", "reference"))
        there = Participation.objects.filter(status__in=["present", "observer"])
        self.there = set(there.values_list("activity", "person"))
        self.entries = list(Entry.objects.filter(voided_at=None))
        self.cases = list(Case.objects.filter(state="ended"))


def holds_on(row: Any, day: date) -> bool:
    return row.since <= day and (row.until is None or day < row.until)


def after(day: date, duration: str) -> date:
    """``day`` and an ISO 8601 duration of whole days; months clip at the month's end."""
    number, unit = int(duration[1:-1]), duration[-1]
    if unit in "DW":
        return day + timedelta(days=number * (7 if unit == "W" else 1))
    month = day.year * 12 + day.month - 1 + number * (12 if unit == "Y" else 1)
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def phase_days(world: World, rule: dict[str, Any], unit: Unit) -> dict[str, tuple[date, date]]:
    """First and last day of each phase of a unit's batch that has been opened to it."""
    found = {}
    for span in world.spans:
        if span.batch_id != unit.batch_id:
            continue
        phase = next(one for one in rule["phases"] if one["id"] == span.phase)
        since, last_on = span.since, span.last_on
        if phase["gate"] is not None:
            theirs = unit.pk if phase["gate"]["opener"] == "unit" else None
            opening = next(
                (x for x in world.openings if (x.span_id, x.unit_id) == (span.pk, theirs)), None
            )
            if opening is None:
                continue
            late = (opening.opened_on - since).days
            if late > 0:
                since = opening.opened_on
                last_on = last_on + timedelta(days=late) if phase["lasts"] else max(last_on, since)
        found[span.phase] = (since, last_on)
    return found


def roll(world: World, rule: dict[str, Any], unit: Unit, today: date) -> list[int]:
    """Members at home there when the ordinary phases end, or today before that."""
    ordinary = [one["id"] for one in rule["phases"] if not one["look_back"]]
    spans = [span for span in world.spans if span.batch_id == unit.batch_id]
    day = min(today, max(span.last_on for span in spans if span.phase in ordinary))
    states = ("full",) if rule["who"] else ("full", "probationary")
    return [
        row.person_id
        for row in world.homes
        if row.organization_id == unit.organization_id
        and holds_on(row, day)
        and any(
            state.person_id == row.person_id and holds_on(state, day) and state.state in states
            for state in world.states
        )
    ]


def deeds(
    world: World, unit: Unit, rule: dict[str, Any], item: dict[str, Any], person: int
) -> list[Deed]:
    """All that is on record of one holder for one item, on whatever day."""
    found = []
    of_make_up = make_up_of(rule, item["id"])
    extra = of_make_up["activities"] if of_make_up else []
    for activity in world.activities:
        if person:
            is_theirs = (activity.pk, person) in world.there
        else:
            is_theirs = activity.organization_id == unit.organization_id and not activity.group_id
        if not is_theirs:
            continue
        if any((activity.pk, kind) in world.kinds for kind in item["activities"]):
            found.append(Deed(activity.held_on, None, False))
        elif any((activity.pk, kind) in world.kinds for kind in extra):
            found.append(Deed(activity.held_on, None, True))
    for entry in world.entries:
        if (entry.unit_id, entry.item, entry.person_id or 0) == (unit.pk, item["id"], person):
            entered = entry.at.astimezone(HERE).date()
            found.append(Deed(entry.happened_on, entered, item["entered"] is None))
    for case in world.cases if item["case"] else []:
        named = item["case"]["ended_as"]
        theirs = case.owner_id == person if person else case.organization_id == unit.organization_id
        is_of = case.procedure == item["case"]["procedure"]
        if is_of and theirs and (not named or case.ended_as in named):
            found.append(Deed(case.ended_on, None, False))
    return sorted(found, key=lambda deed: (deed.day, deed.entered_on or date.min))


def make_up_of(rule: dict[str, Any], item: str) -> dict[str, Any] | None:
    return next((one for one in rule["make_ups"] if item in one["items"]), None)


def ending(
    deeds_: list[Deed],
    item: dict[str, Any],
    rule: dict[str, Any],
    days: dict[str, tuple[date, date]],
    today: date,
) -> Deed | None:
    """The deed with which it was done, None where it is not."""
    if item["phase"] not in days:
        return None
    since, last_on = days[item["phase"]]
    taken = [
        days[other["phase"]]
        for other in rule["items"]
        if other["per"] == item["per"]
        and other["phase"] != item["phase"]
        and other["phase"] in days
        and set(other["activities"]) & set(item["activities"])
    ]
    proper, make_ups = [], []
    for deed in deeds_:
        if not since <= deed.day <= today:
            continue
        if deed.day > last_on and any(first <= deed.day <= last for first, last in taken):
            continue
        if not deed.is_make_up:
            proper.append(deed)
        elif deed.day > last_on:
            make_ups.append(deed)
    ends = proper[item["times"] - 1 : item["times"]] + make_ups[:1]
    return min(ends, key=lambda deed: deed.day) if ends else None


def expected(world: World, unit: Unit, today: date) -> dict[str, tuple[Any, ...]]:
    """What the tallies of a unit should say today, by item, in the order of ``VALUES``."""
    rule = unit.campaign.rule.model_dump()
    days, members = phase_days(world, rule, unit), roll(world, rule, unit, today)
    found = {}
    for item in rule["items"]:
        holders = members if item["per"] == "person" else [0]
        counts = {"in_time": 0, "made_up": 0, "late": 0}
        since, last_on = days.get(item["phase"], (None, None))
        done_on, is_entered_later = None, False
        for holder in holders:
            deed = ending(deeds(world, unit, rule, item, holder), item, rule, days, today)
            if deed is None:
                continue
            make_up = make_up_of(rule, item["id"])
            if deed.day <= last_on:
                word = "in_time"
            elif make_up and deed.day <= after(last_on, make_up["within"]):
                word = "made_up"
            else:
                word = "late"
            counts[word] += 1
            if not holder:
                done_on = deed.day
                entered = deed.entered_on
                is_entered_later = word == "in_time" and bool(entered and entered > last_on)
        found[item["id"]] = (
            since, last_on, len(holders), *counts.values(), done_on, is_entered_later
        )  # fmt: skip
    return found


def vouched_for(unit: Unit, day: date) -> bool:
    """Whether what is stored claims to be right on ``day``."""
    return (
        unit.tallied_on is not None
        and unit.tallied_on <= day
        and (unit.holds_until is None or day < unit.holds_until)
    )


def differences(today: date) -> list[str]:
    """Where what is stored for today is not what comes out, or stands where nothing should."""
    found, world = [], World()
    for unit in Unit.objects.select_related("campaign").order_by("pk"):
        stored = {
            row.item: tuple(getattr(row, name) for name in VALUES)
            for row in Tally.objects.filter(unit=unit)
        }
        if unit.removed_on:
            found += [f"{unit}: taken out, has {stored}"] if stored else []
        elif vouched_for(unit, today) and stored != (wanted := expected(world, unit, today)):
            found += [
                f"{unit} {item}: stored {stored.get(item)}, should be {wanted.get(item)}"
                for item in sorted({*stored, *wanted})
                if stored.get(item) != wanted.get(item)
            ]
    return found


def counted(today: date) -> int:
    """Units that take part and vouch for themselves."""
    rows = Unit.objects.filter(removed_on=None)
    return sum(vouched_for(unit, today) for unit in rows)
