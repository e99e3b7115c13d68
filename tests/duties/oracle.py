"""Every obligation recomputed by hand, from models and packs alone.

A second opinion on ``zhibu.duties``: it shares no code with it, walks rows and days in
plain loops, and reads each duty as the pack wrote it. Slow on purpose.
"""

from calendar import monthrange
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
from dateutil.relativedelta import relativedelta

from zhibu.activities.models import Activity, KindOf, Participation
from zhibu.adoptions.models import Adoption
from zhibu.duties.models import Exemption, Obligation, Talk
from zhibu.organizations.models import Organization, PartyGroup, Placement, Post, Term
from zhibu.packs import library
from zhibu.packs.reading import Pack, Wording
from zhibu.people.models import Belonging, Holding, MembershipState, Person

Key = tuple[str, int, str, str, date]
KEY = ("holder_kind", "holder_id", "pack", "duty", "period_since")
VALUES = ("organization_id", "wording", "period_until", "ground_on", "due_on", "closes_on",
          "required", "applies", "is_exempt", "done", "done_on", "held_late", "entered_late",
          "credited_by",
          "incomplete_by")  # fmt: skip

HERE = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_statutory = holidays.country_holidays("CN")


# --- days


def periods(every: str, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Periods ``[since, until)`` that hold a day of ``first`` to ``last``, oldest first."""
    if every == "week":
        since, length = first - timedelta(days=first.weekday()), relativedelta(days=7)
    else:
        months = MONTHS[every]
        since = date(first.year, (first.month - 1) // months * months + 1, 1)
        length = relativedelta(months=months)
    while since <= last:
        yield since, since + length
        since += length


def is_working_day(day: date) -> bool:
    """As published; where a year is not published yet, by weekday and statutory holiday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and day not in _statutory


def due_day(duty: dict[str, Any], since: date, until: date) -> date:
    rule = duty.get("day")
    if rule is None:
        return until - ONE_DAY
    days = [since + timedelta(days=n) for n in range((until - since).days)]
    fitting = [day for day in days if WEEKDAYS[day.weekday()] == rule["weekday"]]
    if len(fitting) < abs(rule["nth"]):
        day = until - ONE_DAY
    else:
        day = fitting[rule["nth"] - 1 if rule["nth"] > 0 else rule["nth"]]
    if rule.get("shift") == "next-working-day":
        while not is_working_day(day):
            day += ONE_DAY
    return day


def after(day: date, duration: str) -> date:
    """``day`` and an ISO 8601 duration of whole days; months clip at the month's end."""
    number, unit = int(duration[1:-1]), duration[-1]
    if unit in "DW":
        return day + timedelta(days=number * (7 if unit == "W" else 1))
    month = day.year * 12 + day.month - 1 + number * (12 if unit == "Y" else 1)
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def before(day: date, duration: str) -> date:
    """``day`` less a duration of whole days, clipped in the same way."""
    number, unit = int(duration[1:-1]), duration[-1]
    if unit in "DW":
        return day - timedelta(days=number * (7 if unit == "W" else 1))
    month = day.year * 12 + day.month - 1 - number * (12 if unit == "Y" else 1)
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def in_season(season: dict[str, str], day: date) -> bool:
    here, since, until = f"{day:%m-%d}", season["since"], season["until"]
    return since <= here < until if since < until else not until <= here < since


def rounds(duty: dict[str, Any], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Periods of a duty that comes round, its season kept."""
    season = duty.get("season")
    if season and duty["every"] == "year":
        for year in range(first.year - 1, last.year + 1):
            since = date.fromisoformat(f"{year}-{season['since']}")
            later = year if season["since"] < season["until"] else year + 1
            until = date.fromisoformat(f"{later}-{season['until']}")
            if since <= last and until > first:
                yield since, until
        return
    for since, until in periods(duty["every"], first, last):
        if season is None or in_season(season, since):
            yield since, until


def spans(duty: dict[str, Any], ground: date, last: date) -> Iterator[tuple[date, date]]:
    """Periods reckoned from a day, up to those that begin on ``last``."""
    if "anniversary" in duty:
        for year in range(ground.year + 1, last.year + 2):
            leap = (ground.month, ground.day) == (2, 29) and monthrange(year, 2)[1] == 28
            day = date(year, 2, 28) if leap else ground.replace(year=year)
            yield next(periods(duty["anniversary"]["held_in"], day, day))
    elif "before" in duty:
        yield before(ground, duty["before"]["notice"]), ground + ONE_DAY
    else:
        yield ground, after(ground, duty["after"]["within"]) + ONE_DAY


def holds_on(row: Any, day: date) -> bool:
    """Whether a dated row is in force: ``[since, until)``."""
    return row.since <= day and (row.until is None or day < row.until)


# --- rows


@dataclass
class World:
    """Every row that matters, read once."""

    organizations: dict[int, Organization]
    placements: list[Placement]
    terms: list[Term]
    groups: list[PartyGroup]
    posts: list[Post]
    holdings: list[Holding]
    adoptions: list[Adoption]
    exemptions: list[Exemption]
    activities: list[Activity]
    kinds: list[KindOf]
    participations: list[Participation]
    talks: list[Talk]
    people: list[Person]
    belongings: list[Belonging]
    states: list[MembershipState]
    packs: dict[str, Pack]
    adopted: dict[tuple[int, date], set[str]] = field(default_factory=dict)


def read() -> World:
    return World(
        organizations={row.pk: row for row in Organization.objects.all()},
        placements=list(Placement.objects.all()),
        terms=list(Term.objects.all()),
        groups=list(PartyGroup.objects.all()),
        posts=list(Post.objects.all()),
        holdings=list(Holding.objects.all()),
        adoptions=list(Adoption.objects.all()),
        exemptions=list(Exemption.objects.filter(withdrawn_at=None)),
        activities=[a for a in Activity.objects.all() if a.status in ("held", "confirmed")],
        kinds=list(KindOf.objects.all()),
        participations=[p for p in Participation.objects.all() if p.person_id],
        talks=list(Talk.objects.all()),
        people=list(Person.objects.all()),
        belongings=[b for b in Belonging.objects.all() if b.kind == "home"],
        states=list(MembershipState.objects.all()),
        packs=library.packs(),
    )


def standing_above(world: World, organization: int, day: date) -> list[int]:
    """The organisation and those above it on ``day``, by parents; [] where it did not stand.

    One above that did not stand that day (founded later than what it took in) is passed
    over: the way up goes by its nearest place.
    """
    found = []
    at: int | None = organization
    while at is not None:
        rows = [p for p in world.placements if p.organization_id == at]
        placement = next((p for p in rows if holds_on(p, day)), None)
        if placement is not None:
            found.append(at)
        elif at == organization:
            return []
        else:
            earlier = [p for p in rows if p.since <= day]
            nearest = earlier or rows
            placement = (max if earlier else min)(nearest, key=lambda p: p.since)
        at = placement.parent_id
    return found


def adopted(world: World, organization: Organization, day: date) -> set[str]:
    key = (organization.pk, day)
    if key not in world.adopted:
        above = standing_above(world, organization.pk, day)
        world.adopted[key] = {
            row.pack
            for row in world.adoptions
            if row.organization_id in above
            and holds_on(row, day)
            and (not row.fields or organization.field in row.fields)
            and row.pack in world.packs
        }
    return world.adopted[key]


# --- what is owed


def has_committee(world: World, organization: Organization, day: date) -> bool:
    return any(
        t.organization_id == organization.pk and holds_on(t, day) and t.has_committee
        for t in world.terms
    )


def has_groups(world: World, organization: Organization, day: date) -> bool:
    return any(g.organization_id == organization.pk and holds_on(g, day) for g in world.groups)


def is_temporary(world: World, organization: Organization, day: date) -> bool:
    return organization.kind == "temporary-branch"


def term_ends_within(world: World, organization: Organization, day: date, within: str) -> bool:
    return any(
        t.organization_id == organization.pk
        and holds_on(t, day)
        and t.ends_on is not None
        and before(t.ends_on, within) <= day
        for t in world.terms
    )


def state_of(world: World, person: int, day: date) -> str:
    return next((s.state for s in world.states if s.person_id == person and holds_on(s, day)), "")


def is_full_member(world: World, person: int, day: date) -> bool:
    return state_of(world, person, day) == "full"


def is_probationary_member(world: World, person: int, day: date) -> bool:
    return state_of(world, person, day) == "probationary"


def age_at_least(world: World, person: int, day: date, years: int) -> bool:
    born = next(p.born_on for p in world.people if p.pk == person)
    return born is not None and born <= day - relativedelta(years=years)


def posts_of(world: World, person: int, day: date) -> list[Post]:
    held = {
        h.post_id
        for h in world.holdings
        if h.person_id == person and h.since <= day and (h.ended_on is None or day < h.ended_on)
    }
    return [post for post in world.posts if post.pk in held]


def holds_post(world: World, person: int, day: date, posts: list[str]) -> bool:
    return any(post.kind in posts for post in posts_of(world, person, day))


def is_in_committee(world: World, person: int, day: date) -> bool:
    return any(post.in_committee for post in posts_of(world, person, day))


PREDICATES: dict[str, Any] = {
    "has_committee": has_committee,
    "has_groups": has_groups,
    "is_temporary": is_temporary,
    "term_ends_within": term_ends_within,
    "is_full_member": is_full_member,
    "is_probationary_member": is_probationary_member,
    "age_at_least": age_at_least,
    "holds_post": holds_post,
    "is_in_committee": is_in_committee,
}


def is_true(world: World, test: Any, subject: Any, day: date) -> bool:
    written = {"is": test} if isinstance(test, str) else dict(test)
    return bool(PREDICATES[written.pop("is")](world, subject, day, **written))


def meets(world: World, condition: dict[str, list[Any]], subject: Any, day: date) -> bool:
    answers = {
        how: [is_true(world, test, subject, day) for test in condition.get(how, [])]
        for how in ("all", "any", "none")
    }
    some = any(answers["any"]) if answers["any"] else True
    return all(answers["all"]) and some and not any(answers["none"])


def is_seen(duty: dict[str, Any]) -> bool:
    return any(cite["seen"] != "memory" for cite in duty["cites"])


def wording_on(pack: Pack, duty: str, day: date) -> Wording | None:
    wordings = [w for w in pack.items[("duties", duty)] if w.since <= day]
    return max(wordings, key=lambda w: w.since) if wordings else None


def duties_of(pack: Pack) -> list[str]:
    return [item for kind, item in pack.items if kind == "duties"]


def is_refined(world: World, organization: Organization, reference: str, day: date) -> bool:
    """Whether another duty in force for this organisation takes the place of ``reference``."""
    for name in adopted(world, organization, day):
        pack = world.packs[name]
        for duty in duties_of(pack):
            wording = wording_on(pack, duty, day)
            if wording is None or not is_seen(dict(wording.raw)):
                continue
            fits = organization.kind in wording.raw["applies_to"]
            if fits and wording.raw.get("refines") == reference:
                return True
    return False


def holders(
    world: World, duty: dict[str, Any], organization: Organization, judged: date, until: date
) -> list[int]:
    """Ids of those who owe ``duty``; judged at the start, they must last to the end."""
    if duty["holder"] == "organization":
        return [organization.pk]
    if duty["holder"] in ("person", "pair"):
        last = until - ONE_DAY
        return [
            row.person_id
            for row in world.belongings
            if row.organization_id == organization.pk
            and holds_on(row, judged)
            and holds_on(row, last)
            and meets(world, duty["who"], row.person_id, judged)
            and meets(world, duty["who"], row.person_id, last)
        ]
    if duty["holder"] == "party-group":
        rows: list[Any] = list(world.groups)
    else:
        rows = [p for p in world.posts if p.kind == duty["post"] and p.group_id is None]
    return [
        row.pk
        for row in rows
        if row.organization_id == organization.pk
        and holds_on(row, judged)
        and (duty.get("judged_on", "start") == "end" or row.until is None or row.until >= until)
    ]


def tightened(
    world: World, organization: Organization, reference: str, duty: dict[str, Any], day: date
) -> dict[str, Any]:
    """The duty with what packs in force that day ask for beyond it: the strictest."""
    found = deepcopy(duty)
    for name in sorted(adopted(world, organization, day)):
        pack = world.packs[name]
        for kind, item in pack.items:
            wording = None
            if kind == "tightenings":
                begun = [w for w in pack.items[kind, item] if w.since <= day]
                wording = max(begun, key=lambda w: w.since) if begun else None
            for one in wording.raw["tighten"] if wording else []:
                if one["item"] != reference:
                    continue
                *above, last = one["field"].split(".")
                part = found
                for step in above:
                    part = part[step]
                there, value = part.get(last, 1 if last == "times" else "P0D"), one["value"]
                if last == "times":
                    part[last] = max(there, value)
                elif last == "notice":
                    part[last] = min((there, value), key=lambda d: before(EARLY, d))
                else:
                    part[last] = min((there, value), key=lambda d: after(EARLY, d))
    return found


EARLY = date(2001, 1, 1)


def grounds(
    world: World, duty: dict[str, Any], organization: Organization
) -> Iterator[tuple[int | None, date]]:
    """Days the duty is reckoned from, with the holder each concerns; None for all."""
    trigger = duty.get("anniversary") or duty.get("before") or duty["after"]
    for activity in world.activities if "kinds" in trigger else []:
        kinds = {k.reference for k in world.kinds if k.activity_id == activity.pk}
        if activity.organization_id == organization.pk and kinds & set(trigger["kinds"]):
            if duty["holder"] == "party-group" and activity.group_id:
                yield activity.group_id, activity.held_on
            if duty["holder"] != "party-group" and not activity.group_id:
                yield None, activity.held_on
    name = trigger.get("fact")
    if name == "term_ends_on":
        for term in world.terms:
            if term.organization_id == organization.pk and term.ends_on:
                yield None, term.ends_on
    if name == "established_on" and organization.established_on:
        yield None, organization.established_on
    here = {b.person_id for b in world.belongings if b.organization_id == organization.pk}
    for person in [person for person in world.people if person.pk in here]:
        if name == "born_on" and person.born_on:
            yield person.pk, person.born_on
        wanted = {"joined_on": ("probationary", "full"), "became_full_on": ("full",)}.get(name, ())
        days = [s.since for s in world.states if s.person_id == person.pk and s.state in wanted]
        if days:
            yield person.pk, min(days)


def occasions(
    world: World, duty: dict[str, Any], organization: Organization, today: date
) -> Iterator[tuple[date, date, int | None, date | None]]:
    """Period, the one holder it concerns, and the day it is reckoned from."""
    horizon = date(today.year, 12, 31)
    first = min(row.since for row in world.adoptions)
    if "every" in duty:
        for since, until in rounds(duty, first, horizon):
            yield since, until, None, None
        return
    for holder, ground in sorted(
        grounds(world, duty, organization), key=lambda g: (g[1], g[0] or 0)
    ):
        for since, until in spans(duty, ground, horizon):
            if until > first:  # nothing was in force before
                yield since, until, holder, ground


def owed(
    world: World, organization: Organization, pack: Pack, wording: Wording, today: date
) -> Iterator[tuple[Key, dict[str, Any]]]:
    duty = dict(wording.raw)
    if organization.kind not in duty["applies_to"] or not is_seen(duty):
        return
    for since, until, only, ground in occasions(world, duty, organization, today):
        at_start = duty.get("judged_on", "start") == "start"
        judged = since if at_start else until - ONE_DAY
        dissolved = organization.dissolved_on
        if at_start and dissolved is not None and dissolved < until:
            continue
        if pack.id not in adopted(world, organization, judged):
            continue
        if wording_on(pack, wording.id, judged) != wording:
            continue
        strict = tightened(world, organization, f"{pack.id}:{wording.id}", duty, judged)
        begins, ends = since, until
        if "before" in duty or "after" in duty:
            assert ground is not None
            begins, ends = next(spans(strict, ground, today))
        if begins > date(today.year, 12, 31):
            continue
        if is_refined(world, organization, f"{pack.id}:{wording.id}", judged):
            continue
        for holder in holders(world, duty, organization, judged, until):
            if only is not None and holder != only:
                continue
            key = (duty["holder"], holder, pack.id, wording.id, begins)
            due_on = due_day(strict, begins, ends)
            window = after(max(ends - ONE_DAY, due_on), strict.get("entered_within", "P0D"))
            yield (
                key,
                {
                    "organization_id": organization.pk,
                    "wording": wording.since,
                    "period_until": ends,
                    "ground_on": ground,
                    "due_on": due_on,
                    "closes_on": window,
                    "required": strict.get("times", 1),
                    "applies": meets(world, duty.get("when", {}), organization, judged),
                    "is_exempt": any(
                        tuple(getattr(row, name) for name in KEY) == key for row in world.exemptions
                    ),
                },
            )


# --- what was done


def belongs(world: World, activity: Activity, duty: dict[str, Any], key: Key) -> bool:
    """Whether the activity is this holder's."""
    kind, holder = key[0], key[1]
    if kind == "organization":
        return activity.group_id is None and activity.organization_id == holder
    if kind == "party-group":
        return activity.group_id == holder
    if kind == "person" and duty.get("credited_through", "present") == "present":
        return any(
            p.activity_id == activity.pk
            and p.person_id == holder
            and p.status in ("present", "observer")
            for p in world.participations
        )
    if kind == "person":
        return getattr(activity, f"{duty['credited_through']}_id") == holder
    person = getattr(activity, f"{duty['credited_through']}_id")
    return person is not None and any(
        row.post_id == holder
        and row.person_id == person
        and row.since <= activity.held_on
        and (row.ended_on is None or activity.held_on < row.ended_on)
        for row in world.holdings
    )


def is_partner(
    world: World, duty: dict[str, Any], other: int, organization: int, day: date
) -> bool:
    """Whether the other side was somebody to talk with on the day."""
    partner = duty["with_one_of"]
    if not partner.get("posts"):
        home = any(
            b.person_id == other and b.organization_id == organization and holds_on(b, day)
            for b in world.belongings
        )
        return home and state_of(world, other, day) in ("full", "probationary")
    above = standing_above(world, organization, day)
    within = (
        {organization} if partner.get("of", "organization") == "organization" else set(above[1:])
    )
    return any(
        post.kind in partner["posts"] and post.organization_id in within
        for post in posts_of(world, other, day)
    )


def talked(world: World, duty: dict[str, Any], key: Key, values: dict[str, Any]) -> dict[str, Any]:
    """What a pair's obligation comes to: confirmed talks of its period with one of those."""
    _, holder, _, _, since = key
    whole = []
    for talk in world.talks:
        if talk.withdrawn_at or not (talk.first_confirmed_at and talk.second_confirmed_at):
            continue
        sides = (talk.first_id, talk.second_id)
        if holder not in sides or talk.kind not in duty["fulfilled_by"]:
            continue
        other = sides[0] if holder == sides[1] else sides[1]
        inside = since <= talk.held_on < values["period_until"]
        if inside and is_partner(world, duty, other, values["organization_id"], talk.held_on):
            whole.append(talk)
    held = sorted(talk.held_on for talk in whole)
    entered = sorted(talk.recorded_at.astimezone(HERE).date() for talk in whole)
    return outcome(values, [talk.pk for talk in whole], [], held, entered)


def outcome(
    values: dict[str, Any],
    whole: list[int],
    lacking: list[int],
    held: list[date],
    entered: list[date],
) -> dict[str, Any]:
    required = values["required"]
    is_done = len(whole) >= required
    done_on = held[required - 1] if is_done else None
    return {
        "done": len(whole),
        "done_on": done_on,
        "held_late": done_on is not None and done_on > values["due_on"],
        "entered_late": is_done and entered[required - 1] > values["closes_on"],
        "credited_by": sorted(whole),
        "incomplete_by": sorted(lacking),
    }


def counted(world: World, duty: dict[str, Any], key: Key, values: dict[str, Any]) -> dict[str, Any]:
    if key[0] == "pair":
        return talked(world, duty, key, values)
    _, _, pack, name, since = key
    until = values["period_until"]
    needed = {f"{pack}:{name}/{i['id']}" for i in duty.get("items", []) if i["required"]}
    whole: list[Activity] = []
    lacking: list[Activity] = []
    for activity in world.activities:
        if not belongs(world, activity, duty, key):
            continue
        days = [
            kind.makes_up or activity.held_on
            for kind in world.kinds
            if kind.activity_id == activity.pk and kind.reference in duty["fulfilled_by"]
        ]
        if any(since <= day < until for day in days):
            (whole if needed <= set(activity.items) else lacking).append(activity)
    held = sorted(activity.held_on for activity in whole)
    entered = sorted(
        a.held_on if a.is_brought_in else a.recorded_at.astimezone(HERE).date()
        for a in whole
        if a.recorded_at
    )
    return outcome(values, [a.pk for a in whole], [a.pk for a in lacking], held, entered)


# --- the two questions


def expected_obligations(today: date) -> dict[Key, dict[str, Any]]:
    """Every obligation of periods that begin by the end of this year, as it must be stored."""
    world = read()
    found: dict[Key, dict[str, Any]] = {}
    for organization in world.organizations.values():
        for name in sorted({row.pack for row in world.adoptions} & set(world.packs)):
            pack = world.packs[name]
            for duty in duties_of(pack):
                for wording in pack.items[("duties", duty)]:
                    for key, values in owed(world, organization, pack, wording, today):
                        if key not in found:  # reckoned from the earliest day
                            found[key] = values | counted(world, dict(wording.raw), key, values)
    return found


def stored_obligations() -> dict[Key, dict[str, Any]]:
    found = {}
    for row in Obligation.objects.all():
        values = {name: getattr(row, name) for name in VALUES}
        for name in ("credited_by", "incomplete_by"):
            values[name] = sorted(values[name])
        found[tuple(getattr(row, name) for name in KEY)] = values
    return found  # type: ignore[return-value]


def differences(today: date) -> list[str]:
    """What is stored and should not be, is not and should be, or says something else."""
    expected, stored = expected_obligations(today), stored_obligations()
    lines = []
    for key in sorted(expected.keys() | stored.keys()):
        said = ":".join(map(str, key))
        if key not in stored:
            lines.append(f"missing {said} {expected[key]}")
        elif key not in expected:
            lines.append(f"unexpected {said} {stored[key]}")
        else:
            lines += [
                f"{said} {name}: {stored[key][name]!r}, expected {expected[key][name]!r}"
                for name in VALUES
                if stored[key][name] != expected[key][name]
            ]
    return lines
