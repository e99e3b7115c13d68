"""Writing the members of a workbook: sealed values, names, states, places, posts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter
from typing import cast

from django.db.models import Model

from zhibu.core import bulk
from zhibu.core.verdicts import Refused, no
from zhibu.imports.targets import Check
from zhibu.imports.writing import Lines, Writer, lines_of
from zhibu.ledger import protection
from zhibu.organizations.importing.units import Unit
from zhibu.organizations.models import Organization
from zhibu.people import names
from zhibu.people.importing.checking import NAME, Roster
from zhibu.people.importing.members import Member
from zhibu.people.models import (
    Belonging,
    GroupMembership,
    Holding,
    MembershipState,
    NameToken,
    Person,
)

HELD_SINCE_UNKNOWN = "名册导入，起任日不详"


Child = tuple[object, ...]


@dataclass(slots=True)
class _Ready:
    """Members made ready outside the turn: sealed, and with the tokens of their names.

    ``children`` are the rows of their records' parts: (id, owner, values …); those that a
    standing branch would show are numbered now and written last.
    """

    members: Sequence[Member]
    people: list[Person]
    tokens: list[list[str]]
    children: dict[str, list[Child]] = field(default_factory=dict)


@dataclass
class Late:
    """What would be seen at once in branches that stand already: it comes with the last turn.

    ``rows`` are numbered rows by part; ``people`` hold posts that may be made only then.
    """

    rows: dict[str, list[Child]] = field(default_factory=lambda: defaultdict(list))
    people: list[tuple[Member, Person]] = field(default_factory=list)


def count(check: Check) -> int:
    roster: Roster = check.made[NAME]
    return len(roster.kept())


def write(check: Check, writer: Writer) -> None:
    """Write the members branch by branch, in the order of the workbook."""
    roster: Roster = check.made[NAME]
    late = check.made[f"{NAME}:late"] = Late()
    new_year = date(check.today.year, 1, 1)
    writer.run(
        roster.kept(),
        prepare=lambda piece: _prepared(piece, writer),
        write=lambda ready: _write(ready, late, writer, new_year),
        after=lambda ready: _digests(ready, late),
        first=300,
    )


def _home(member: Member) -> Unit:
    if member.home is None:
        raise ValueError(f"第 {member.row} 行没有支部")
    return member.home


def _places(member: Member) -> list[Unit]:
    return [_home(member), *([member.host] if member.host else [])]


def _prepared(piece: Sequence[Member], writer: Writer) -> _Ready:
    people = [_person(member, writer) for member in piece]
    return _Ready(piece, people, [sorted(names.tokens(member.name)) for member in piece])


def _person(member: Member, writer: Writer) -> Person:
    person = Person(
        name=member.name,
        sex=member.sex,
        born_on=member.born_on,
        ethnicity=member.ethnicity,
        education=member.education,
        occupation=member.occupation,
        home_id=_home(member).number,
        registered_at=writer.at,
        batch=writer.batch.pk,
    )
    person.id_number, person.phone, person.address = (
        member.id_number,
        member.phone,
        member.address,
    )
    return person


# Parts of a person's record: model and columns after the person's own.
_PARTS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "states": (MembershipState, ("state", "since", "until", "basis")),
    "belongings": (
        Belonging,
        ("organization_id", "kind", "since", "until", "is_since_known"),
    ),
    "groups": (GroupMembership, ("group_id", "since", "until")),
    "holdings": (Holding, ("post_id", "since", "until", "ended_on", "manner", "reason")),
}


def _write(ready: _Ready, late: Late, writer: Writer, new_year: date) -> None:
    """Some members in the current transaction; where their branch stands now is asked now."""
    homes = {unit.number for member in ready.members for unit in _places(member)}
    paths = dict(Organization.all_rows.filter(pk__in=homes).values_list("pk", "path"))
    numbers = bulk.reserve(Person, len(ready.people))
    for number, member, person in zip(numbers, ready.members, ready.people, strict=True):
        person.pk, person.path = number, paths[person.home_id or 0]
        person.host_path = paths[member.host.number] if member.host else ""
    columns = [column.attname for column in Person._meta.concrete_fields]
    bulk.insert(Person, columns, list(map(attrgetter(*columns), ready.people)))
    tokens = [
        (person.pk, token)
        for person, tokens in zip(ready.people, ready.tokens, strict=True)
        for token in tokens
    ]
    bulk.insert(NameToken, ("person_id", "token"), tokens)
    shown = {p.pk for m, p in zip(ready.members, ready.people, strict=True) if _is_shown(m)}
    for name, rows in _children(ready, new_year).items():
        numbered = _numbered(name, rows)
        ready.children[name] = numbered
        waits = shown if name != "states" else frozenset()
        _insert_part(name, [row for row in numbered if row[1] not in waits])
        late.rows[name] += [row for row in numbered if row[1] in waits]
    writer.refresh |= homes


def _children(ready: _Ready, new_year: date) -> dict[str, list[Child]]:
    """Rows of every part, (person, values …), person by person."""
    found: dict[str, list[Child]] = {name: [] for name in _PARTS}
    kind = Belonging.Kind.HOME.value
    for member, person in zip(ready.members, ready.people, strict=True):
        since = _here_since(member, new_year)
        found["states"] += [(person.pk, *spell) for spell in member.spells]
        found["belongings"].append((person.pk, person.home_id, kind, since, None, False))
        if member.host:
            begun = max(since, member.host.since)
            away = (person.pk, member.host.number, Belonging.Kind.HOST.value, begun, None, False)
            found["belongings"].append(away)
        if member.group:
            found["groups"].append((person.pk, member.group.pk, since, None))
        if not _is_shown(member):
            found["holdings"] += _holdings(member, person, new_year)
    return found


def _numbered(name: str, rows: Sequence[Child]) -> list[Child]:
    """Rows of a part under ids of their own, whenever they are written."""
    model, _ = _PARTS[name]
    return [(n, *row) for n, row in zip(bulk.reserve(model, len(rows)), rows, strict=True)]


def _insert_part(name: str, numbered: Sequence[Child]) -> None:
    model, columns = _PARTS[name]
    bulk.insert(model, ("id", "person_id", *columns), numbered)


def _here_since(member: Member, new_year: date) -> date:
    """A roster says that somebody is there now: this year's first day, or when they joined."""
    days = [new_year, _home(member).since, *([member.joined_on] if member.joined_on else [])]
    return max(days)


def _is_shown(member: Member) -> bool:
    """Whether the branch, or the host, is there already and would show the member at once."""
    return not all(unit.is_new for unit in _places(member))


def _holdings(member: Member, person: Person, new_year: date) -> list[Child]:
    """Holdings whose beginning nobody noted; one that has run out keeps its end, marked."""
    found: list[Child] = []
    for post in member.posts:
        until = _home(member).term_ends_on if post.in_committee else None
        since = _here_since(member, new_year)
        if until is not None and until <= since:
            since = until - timedelta(days=1)
        full = Holding.Manner.FULL.value
        found.append((person.pk, post.pk, since, until, None, full, HELD_SINCE_UNKNOWN))
    return found


def _digests(ready: _Ready, late: Late) -> Lines:
    """Digests of those whose record is known; posts of standing branches come last."""
    pairs = list(zip(ready.members, ready.people, strict=True))
    waiting = [(m, p) for m, p in pairs if m.posts and _is_shown(m)]
    late.people += waiting
    left_out = {person.pk for _, person in waiting}
    people = [person for person in ready.people if person.pk not in left_out]
    return lines_of(people, {name: _known(name, rows) for name, rows in ready.children.items()})


def _known(name: str, rows: Sequence[Child]) -> dict[int, list[list[object]]]:
    """Rows of a part by person, values in the order in which the ledger asks for them."""
    part = next(part for part in protection.of(Person).parts if part.name == name)
    _, columns = _PARTS[name]
    order = [columns.index(column) + 2 for column in part.fields]
    found: dict[int, list[list[object]]] = defaultdict(list)
    for row in rows:
        found[cast(int, row[1])].append([row[0], *(row[at] for at in order)])
    return found


def conclude(check: Check, writer: Writer) -> None:
    """Let standing branches have their new people, and posts their holders, at once."""
    late: Late = check.made[f"{NAME}:late"]
    new_year = date(check.today.year, 1, 1)
    _require_standing({cast(int, row[2]) for row in late.rows["belongings"]})
    for name, rows in late.rows.items():
        _insert_part(name, rows)
    held = [row for member, person in late.people for row in _holdings(member, person, new_year)]
    _insert_part("holdings", _numbered("holdings", held))
    writer.digest([person for _, person in late.people])


def _require_standing(homes: set[int]) -> None:
    """Raises ``Refused`` where a branch was dissolved while its people were being written."""
    rows = Organization.all_rows.select_for_update().filter(pk__in=homes)
    gone = [row.called for row in rows if row.dissolved_on]
    if gone:
        raise Refused(no(f"没有导入：{'、'.join(gone[:3])}刚刚撤销了。请再核对一次。"))


def hide(batch: int) -> None:
    """Take people who are being taken back out of branches and posts that stay."""
    mine = Person.all_rows.filter(batch=batch).values("pk")
    inside = Organization.all_rows.filter(batch=batch).values("pk")
    Belonging.objects.filter(person__in=mine).exclude(organization__in=inside).delete()
    GroupMembership.objects.filter(person__in=mine).exclude(group__organization__in=inside).delete()
    Holding.objects.filter(person__in=mine).exclude(post__organization__in=inside).delete()
