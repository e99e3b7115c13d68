"""Which turns there are, day by day, and what somebody may do about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from zhibu.organizations.models import Organization
from zhibu.packs.schema.pair_kinds import Shift
from zhibu.pairings import rules
from zhibu.pairings.models import Change, Rota, RotaQuerySet, RotaTurnQuerySet, Turn
from zhibu.people.models import Person
from zhibu.people.queries import choosable

if TYPE_CHECKING:
    from zhibu.accounts.models import User

WEEK = timedelta(days=7)
AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Place:
    """A turn on the week, with what the reader may do about it."""

    turn: Turn
    is_mine: bool
    may_offer: bool
    may_withdraw: bool
    may_take: bool
    may_change: bool
    may_note: bool
    wanted: str = ""

    @property
    def has_buttons(self) -> bool:
        """Whether there is anything to do about it."""
        own = self.is_mine and self.may_offer
        return own or self.may_withdraw or self.may_take or self.may_change or self.may_note


@dataclass(frozen=True, slots=True)
class OneShift:
    """A shift of a day and whose turn it is."""

    shift: Shift
    hours: str
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    shifts: list[OneShift]


def rotas(user: "User", place: Organization) -> RotaQuerySet:
    """Rotas of an organisation that ``user`` may see, newest first."""
    return Rota.objects.visible_to(user).filter(organization=place).in_order()


def week_of(rota: Rota, asked: date) -> tuple[date, date]:
    """``[since, until)``: the week from Monday that ``asked`` lies in, within the rota's days."""
    last = rota.until - timedelta(days=1)
    day = min(max(asked, rota.since), last)
    monday = day - timedelta(days=day.weekday())
    return monday, monday + WEEK


def turns(rota: Rota, since: date, until: date) -> RotaTurnQuerySet:
    found = Turn.objects.filter(rota=rota, on__gte=since, on__lt=until)
    return found.select_related("person", "wanted__person").in_order()


def week(user: "User", rota: Rota, since: date, until: date, now: datetime) -> list[Day]:
    """The days of a week that the rota has, with every turn. Two queries."""
    is_on_roll = user.person_id is not None and rota.roll.filter(person=user.person_id).exists()
    shifts = rota.shift_list
    titles = {one.id: one.title for one in shifts}
    days: dict[date, Day] = {}
    for turn in turns(rota, since, until):
        turn.rota = rota
        if turn.on not in days:
            days[turn.on] = Day(turn.on, [OneShift(one, hours(one)) for one in shifts])
        here = next(one for one in days[turn.on].shifts if one.shift.id == turn.shift)
        here.places.append(_place(user, turn, titles, now, is_on_roll=is_on_roll))
    return [days[on] for on in sorted(days)]


def _place(
    user: "User", turn: Turn, titles: dict[str, str], now: datetime, *, is_on_roll: bool
) -> Place:
    wanted = ""
    if turn.wanted is not None:
        turn.wanted.rota = turn.rota
        on = turn.wanted.on
        shift = titles[turn.wanted.shift]
        wanted = f"想换{turn.wanted.person.name} {on.month}月{on.day}日 {shift}"
    return Place(
        turn=turn,
        is_mine=user.person_id is not None and turn.person_id == user.person_id,
        may_offer=bool(rules.may_offer(user, turn, now)),
        may_withdraw=bool(rules.may_withdraw(user, turn, now)),
        may_take=is_on_roll and bool(rules.may_take(user, turn, user.person_id, now)),
        may_change=bool(rules.may_change(user, turn, now)),
        may_note=bool(rules.may_note(user, turn, now)),
        wanted=wanted,
    )


def hours(shift: Shift) -> str:
    """19:00-01:00, with 次日 where it passes midnight."""
    is_next = shift.ends <= shift.starts
    return f"{shift.starts}-{'次日 ' if is_next else ''}{shift.ends}"


def neighbours(rota: Rota, since: date, until: date) -> tuple[date | None, date | None]:
    """A day of the week before and of the one after; None where the rota has none."""
    before = since - WEEK if since > rota.since else None
    return before, (until if until < rota.until else None)


def changes(rota: Rota, since: date, until: date) -> list[Change]:
    """Who took whose place in turns of those days, newest first. One query."""
    rows = Change.objects.filter(rota=rota, turn__on__gte=since, turn__on__lt=until)
    return list(rows.select_related("turn", "before", "after", "by").order_by("-at", "-pk"))


def mine(person: int, on: date, until: date | None = None) -> list[Turn]:
    """Turns of somebody from ``on`` on, for a week or until ``until``, oldest first. One query."""
    rows = Turn.objects.in_use().filter(person=person, on__gte=on, on__lt=until or on + AHEAD)
    return list(rows.select_related("rota__organization").in_order())


def offered_to(person: int, now: datetime) -> list[Turn]:
    """Turns that wait for somebody to take them, of whom ``person`` may be one. One query."""
    rows = Turn.objects.in_use().filter(
        offered_at__isnull=False, starts_at__gt=now, rota__roll__person=person
    ).exclude(person=person)  # fmt: skip
    found = rows.select_related("rota__organization", "person", "wanted").in_order()
    return [one for one in found if one.wanted is None or one.wanted.person_id == person]


def others(turn: Turn, now: datetime) -> list[Turn]:
    """Turns of others that ``turn`` could be exchanged for, oldest first. One query."""
    rows = Turn.objects.filter(rota=turn.rota_id, starts_at__gt=now).exclude(person=turn.person_id)
    found = rows.exclude(on=turn.on, shift=turn.shift).select_related("person").in_order()
    return list(found)


def roll(rota: Rota) -> list[Person]:
    """The people of a rota, in the order in which turns were dealt. One query."""
    return [one.person for one in rota.roll.select_related("person").order_by("place")]


def people_to_choose(organization: Organization, on: date) -> list[tuple[int, str]]:
    """Whom a rota's roll is chosen from: its own people, those who take part there, and holders of
    its posts. Number and name, by name. A few queries."""
    found = dict(choosable(organization.pk, on))
    hosted = Person.objects.filter(host_path=organization.path).exclude(host_path="")
    found |= dict(hosted.values_list("pk", "name"))
    return sorted(found.items(), key=lambda one: (one[1], one[0]))


def cells(some: Iterable[Day]) -> list[Sequence[object]]:
    """The days as rows of a sheet: day, shift, hours, who, came or not."""
    return [
        (
            day.on, one.shift.title, one.hours, place.turn.person.name,
            place.turn.get_came_display() if place.turn.came else "",
        )
        for day in some
        for one in day.shifts
        for place in one.places
    ]  # fmt: skip
