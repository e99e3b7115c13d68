"""What somebody writes for a row, and what is wrong with it. Nothing here writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zhibu.core import caps, fields
from zhibu.core.dates import Duration, period_of
from zhibu.core.fields import FieldSpec
from zhibu.organizations.models import Organization
from zhibu.packs.schema.registers import HOLDER, Register
from zhibu.registers.models import Row, RowQuerySet, key_of

SINCE, UNTIL, REASON, ENDED_AS = "since", "until", "reason", "ended_as"
OWN = frozenset({SINCE, UNTIL, REASON, ENDED_AS, HOLDER})  # no column may be called so
PUT_IN = 3  # named in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Cleaned values by column, over ``[since, until)``; ``until`` None: no end is known."""

    since: date
    until: date | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


class Faulty(Exception):
    """A row that cannot stand so; ``faults`` maps a column to what to mend."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("；".join(faults.values()))
        self.faults = dict(faults)


def stored(rule: Register, values: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values as they are kept; what says nothing is left out."""
    return {
        spec.id: fields.get(spec.type).store(values[spec.id])
        for spec in rule.columns
        if values.get(spec.id) not in (None, "", [])
    }


def shown(spec: FieldSpec, value: Any) -> str:
    """A stored value as a page shows it; "" where there is none."""
    if value in (None, "", []):
        return ""
    kind = fields.get(spec.type)
    return kind.show(spec, kind.load(value))


def faults(
    rule: Register,
    organization: Organization,
    register: str,
    kept: Mapping[str, Any],
    since: date,
    until: date | None,
    *,
    apart_from: Row | None = None,
) -> dict[str, str]:
    """Everything that keeps a row from standing so; {} where nothing does. One query where the
    register has a key. ``apart_from`` is the row itself, where it is there already."""
    is_ended = apart_from is not None and apart_from.state == Row.State.ENDED
    found = own_faults(rule, kept, since, until, is_ended=is_ended)
    if not found and rule.key:
        key = key_of(register, rule, organization.pk, kept)
        if twin := twins(key, since, until, apart_from=apart_from):
            found[key_place(rule)] = word_twin(rule, twin)
    if not found:
        entry = caps.Entry(
            register, organization, since, kept, apart_from.pk if apart_from else None
        )
        found = _over(rule, entry, apart_from)
    return found


def _over(rule: Register, entry: caps.Entry, before: Row | None) -> dict[str, str]:
    """Caps that the row would go beyond; not those under which it was counted already."""
    full = [room for room in caps.rooms(entry) if room.is_full and not room.is_excused]
    if full and before is not None:
        old = caps.Entry(entry.book, entry.organization, before.since, before.values, before.pk)
        known = {(room.cap, room.group) for room in caps.rooms(old)}
        full = [room for room in full if (room.cap, room.group) not in known]
    return dict(word_full(rule, room) for room in full)


def word_full(rule: Register, room: caps.Room) -> tuple[str, str]:
    """Where it is said that a cap is reached, the column that would let it be, and how."""
    column = rule.column(room.over_with)
    remedy = f"要超的，写明“{column.title}”。" if column else "不能再多；登错的先作废。"
    place = column.id if column else SINCE
    return place, f"{room.in_words()}。{remedy}依据 {room.cited}。"


def own_faults(
    rule: Register,
    kept: Mapping[str, Any],
    since: date,
    until: date | None,
    *,
    is_ended: bool = False,
) -> dict[str, str]:
    """What is wrong with a row beside no other: columns that lack, days that are none. No query."""
    found = {
        spec.id: f"“{spec.title}”要填。"
        for spec in rule.columns
        if spec.required and spec.id not in kept
    }
    return found | _days(rule, since, until, is_ended=is_ended)


def _days(rule: Register, since: date, until: date | None, *, is_ended: bool) -> dict[str, str]:
    if until is None:
        if is_ended:
            return {UNTIL: "这一行结束了，要写从哪天起不算。"}
        return {UNTIL: f"“{rule.title}”要写到哪天。"} if rule.ends == "required" else {}
    if until <= since:
        return {UNTIL: f"要晚于开始的那天（{since}）。"}
    if rule.ends == "open" and not is_ended:
        return {UNTIL: f"“{rule.title}”登记时不写到哪天，结束时再写。"}
    if rule.longest:
        last = Duration.parse(rule.longest).after(since)
        if until > last:
            words = Duration.parse(rule.longest).in_words()
            return {UNTIL: f"最长{words}，从 {since} 起最迟到 {last}。"}
    return {}


def twins(
    key: str, since: date, until: date | None, *, apart_from: Row | None = None
) -> Row | None:
    """A row of the same key that holds on one of the days. One query; rows of an import that
    nobody sees yet count, as they do for the database."""
    rows = Row.all_rows.overlapping(since, until).filter(key=key).select_related("organization")
    if apart_from is not None:
        rows = rows.exclude(pk=apart_from.pk)
    return rows.order_by("since", "pk").first()


def key_place(rule: Register) -> str:
    """Where a form shows that a key is taken: the first column of it, else the day."""
    return next((name for name in rule.key if name != HOLDER), SINCE)


def word_key(rule: Register) -> str:
    """组织、编号: what the key is made of, in words."""
    return "、".join(_titles(rule))


def _titles(rule: Register) -> Iterator[str]:
    for name in rule.key:
        spec = rule.column(name)
        yield spec.title if spec else "组织"


def alike(rule: Register, entry: caps.Entry) -> RowQuerySet:
    """Other rows that look as if they belonged together with the entry, newest first."""
    asked = rule.alike
    said = {name: entry.values.get(name) for name in asked.columns} if asked else {}
    if asked is None or any(value in (None, "", []) for value in said.values()):
        return Row.objects.none()
    found = Row.objects.counted().filter(register=entry.book).exclude(pk=entry.row or 0)
    found = found.filter(**{f"values__{name}": value for name, value in said.items()})
    if asked.per:
        period = period_of(entry.on, asked.per)
        found = found.filter(since__gte=period.since, since__lt=period.until)
    return found.order_by("-since", "-pk")


def word_twin(rule: Register, twin: Row) -> str:
    until = f"到 {twin.until}（不含）" if twin.until else "还没有结束"
    return (
        f"{word_key(rule)}一样的已经有一行：{twin.organization.called}“{twin.title}”，"
        f"从 {twin.since} 起，{until}。同一天不能有两行，先结束那一行，或者改日子。"
    )
