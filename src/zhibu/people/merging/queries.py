"""Who may be in the list twice, and the two side by side."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet

from zhibu.core import merging, standing
from zhibu.organizations.models import Organization
from zhibu.people.models import Belonging, NameToken, NotSame, Person
from zhibu.people.queries import Record

if TYPE_CHECKING:
    from zhibu.accounts.models import User

Group = list[tuple[int, bool]]  # people that are alike: number, and whether identity is known

MOST_PAIRS = 200
MOST_ALIKE = 6  # a group larger than that is no group of duplicates
FIELDS = (
    ("name", "姓名"),
    ("sex", "性别"),
    ("born_on", "出生日期"),
    ("ethnicity", "民族"),
    ("education", "学历"),
    ("occupation", "工作岗位"),
    ("id_number", "身份证号"),
    ("phone", "电话"),
    ("address", "住址"),
)
SEALED = ("id_number", "phone", "address")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people that may be one, and what is alike; ``one`` has the lower number."""

    one: Person
    other: Person
    why: tuple[str, ...]


def duplicates(user: "User", *, at: Organization | None = None) -> list[Pair]:
    """Pairs within reach of ``people.change`` that are alike, by branch; at most 200.

    Alike: name and day of birth; phone; or, within one branch, how the name sounds. Sounds
    are compared below ``at`` only: over a county they would read every name. Two who both
    have an identity number are two, since no number is there twice; whoever was told apart
    is left out too. Six queries, seven with ``at``.
    """
    people = Person.objects.filter(standing.reach_q(user, "people.change"))
    if at is not None:
        people = people.under(at.path)
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for why, groups in (
        ("姓名、出生日期一样", _alike(people.exclude(born_on=None), "name", "born_on")),
        ("电话一样", _alike(people.exclude(phone_hash=""), "phone_hash")),
        ("同一支部，姓名同音", _sounding_alike(people) if at is not None else ()),
    ):
        for group in groups:
            for (one, has_number), (other, has_too) in combinations(sorted(group), 2):
                if not (has_number and has_too):
                    found[one, other].append(why)
    for pair in NotSame.objects.filter(one__in={one for one, _ in found}).values_list(
        "one", "other"
    ):
        found.pop(pair, None)
    first = dict(islice(found.items(), MOST_PAIRS))
    known = Person.objects.select_related("home").in_bulk({pk for pair in first for pk in pair})
    pairs = [Pair(known[one], known[other], tuple(why)) for (one, other), why in first.items()]
    return sorted(pairs, key=lambda pair: (pair.one.path, pair.one.pk, pair.other.pk))


def _alike(people: QuerySet[Person], *fields: str) -> Iterator[Group]:
    """People equal in ``fields``, group by group. Two queries."""
    twice = people.values(*fields).annotate(n=Count("pk")).filter(n__gt=1, n__lte=MOST_ALIKE)
    keys = list(twice.order_by(*fields).values_list(*fields)[:MOST_PAIRS])
    rows: Any = people.filter(**{f"{fields[0]}__in": {key[0] for key in keys}})
    grouped: dict[tuple[Any, ...], Group] = {key: [] for key in keys}
    for pk, number, *values in rows.values_list("pk", "id_number_hash", *fields):
        if tuple(values) in grouped:
            grouped[tuple(values)].append((pk, bool(number)))
    yield from grouped.values()


def _sounding_alike(people: QuerySet[Person]) -> Iterator[Group]:
    """People of one branch whose whole pinyin is the same. One query."""
    rows: Any = NameToken.objects.filter(person__in=people).values_list(
        "person", "person__id_number_hash", "person__home", "token"
    )
    whole: dict[tuple[int, bool], tuple[int, str]] = {}
    for pk, number, home, token in rows:
        person = (pk, bool(number))
        if token.isascii() and len(token) > len(whole.get(person, (0, ""))[1]):
            whole[person] = (home, token)
    grouped: dict[tuple[int, str], Group] = defaultdict(list)
    for person, key in whole.items():
        grouped[key].append(person)
    yield from (group for group in grouped.values() if 1 < len(group) <= MOST_ALIKE)


@dataclass(frozen=True, slots=True)
class Difference:
    """A particular of both; ``is_choice`` where both know it and differ."""

    field: str
    title: str
    one: str
    other: str
    is_choice: bool
    taken: str


def differences(one: Person, other: Person) -> list[Difference]:
    """Every particular side by side, sealed ones covered. What only one knows is taken."""
    found = []
    for field, title in FIELDS:
        values = getattr(one, field), getattr(other, field)
        is_choice = all(values) and values[0] != values[1]
        taken = "one" if values[0] or not values[1] else "other"
        shown = [_shown(person, field) for person in (one, other)]
        found.append(Difference(field, title, shown[0], shown[1], is_choice, taken))
    return found


def _shown(person: Person, field: str) -> str:
    if field in SEALED:
        return str(getattr(person, f"masked_{field}"))
    if field == "sex":
        return person.get_sex_display()
    value = getattr(person, field)
    return str(value) if value else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line in time of both: what each says, and whether both can stand together."""

    name: str
    title: str
    one: Sequence[str]
    other: Sequence[str]
    clashes: Sequence[str]

    @property
    def is_choice(self) -> bool:
        return bool(self.clashes)


def lines(one: Record, other: Record) -> list[Line]:
    """States, branches and party groups side by side; clashes say which days overlap."""
    states = [[(row.get_state_display(), "", row) for row in r.states] for r in (one, other)]
    places = [
        [(row.organization.called, row.kind, row) for row in r.belongings] for r in (one, other)
    ]
    groups = [[(row.group.name, "", row) for row in r.groups] for r in (one, other)]
    named = (("states", "党员身份", states), ("belongings", "支部", places),
             ("groups", "党小组", groups))  # fmt: skip
    return [
        Line(
            name,
            title,
            [_told(*row) for row in rows[0]],
            [_told(*row) for row in rows[1]],
            list(_clashes(rows[0], rows[1])),
        )
        for name, title, rows in named
    ]


Dated = tuple[str, str, Any]


def _told(title: str, key: str, row: Any) -> str:
    host = "（流入地）" if key == Belonging.Kind.HOST else ""
    return f"{title}{host} {row.since} 起" + (f"，到 {row.until}" if row.until else "")


def _clashes(mine: Iterable[Dated], theirs: Sequence[Dated]) -> Iterator[str]:
    for title, key, row in mine:
        for other_title, other_key, other in theirs:
            until, other_until = row.until or date.max, other.until or date.max
            if key == other_key and row.since < other_until and other.since < until:
                since, last = max(row.since, other.since), min(until, other_until)
                to = "以后" if last == date.max else f"到 {last}"
                yield f"{since} {to}，一边是{title}，一边是{other_title}"


def weight(person: Person) -> list[tuple[str, int]]:
    """How many rows of each table name the person: what a merge would move."""
    found = []
    for pointer in merging.pointers():
        count = pointer.rows(person.pk).count()
        if count:
            found.append((str(pointer.model._meta.label_lower), count))
    return found
