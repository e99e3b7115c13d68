"""What somebody writes for a link or a rota, and what is wrong with it. Nothing here writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from zhibu.core.dates import Duration
from zhibu.core.fields import Named
from zhibu.packs.schema.pair_kinds import LinkRule, RotaRule, Shift, Side, nested
from zhibu.pairings.drawing import Impossible, Seat, dealt, seats
from zhibu.pairings.models import COLUMNS, WHO, WHOM, Link, LinkQuerySet, as_time, key_of

SINCE, UNTIL, REASON = "since", "until", "reason"
LONGEST = timedelta(days=366)
MOST_SEATS = 2000
SHOWN = 3  # shifts named in one sentence


class Faulty(Exception):
    """What cannot stand so; ``faults`` maps a field to what to mend."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("；".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDraft:
    """Both sides by number, over ``[since, until)``; ``until`` None: no end is known."""

    who: Named
    whom: Named
    since: date
    until: date | None = None


def sides(rule: LinkRule, draft: LinkDraft) -> dict[str, tuple[str, int]]:
    """The column and number of each side."""
    return {
        WHO: (COLUMNS[rule.who.field.type], draft.who.id),
        WHOM: (COLUMNS[rule.whom.field.type], draft.whom.id),
    }


def link_faults(rule: LinkRule, kind: str, draft: LinkDraft) -> dict[str, str]:
    """Everything that keeps a link from standing so; {} where nothing does. Three queries."""
    found: dict[str, str] = {}
    both = sides(rule, draft)
    if draft.until is not None and draft.until <= draft.since:
        found[UNTIL] = f"要晚于开始的那天（{draft.since}）。"
    if both[WHO] == both[WHOM]:
        found[WHOM] = "自己不能联系自己。"
    if found:
        return found
    others = Link.objects.overlapping(draft.since, draft.until).filter(kind=kind)
    twin = others.filter(key=key_of(kind, both[WHO], both[WHOM])).named().first()
    if twin is not None:
        until = f"到 {twin.until}（不含）" if twin.until else "还没有结束"
        return {
            WHOM: f"{twin.organization.called}已经有“{twin.title}”，从 {twin.since} 起，{until}。"
        }
    for name, side in ((WHO, rule.who), (WHOM, rule.whom)):
        if said := _over(side, others, name, both[name]):
            found[name] = said
    return found


def _over(side: Side, others: LinkQuerySet, name: str, at: tuple[str, int]) -> str:
    """That the side has as many as it may; "" where it has not."""
    if side.most is None:
        return ""
    count = others.filter(**{f"{name}_{at[0]}": at[1]}).count()
    if count < side.most:
        return ""
    return f"“{side.field.title}”最多同时有 {side.most} 个，已经有 {count} 个。先结束一个再结。"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaDraft:
    """``roll``: persons by number, in the order in which they take turns."""

    title: str
    since: date
    until: date
    roll: Sequence[int]
    shifts: Sequence[Shift] = ()


def rota_faults(rule: RotaRule, draft: RotaDraft) -> dict[str, str]:
    """Everything that keeps a rota from being dealt; {} where nothing does. No query."""
    found = dict(_rota_faults(rule, draft))
    if not found:
        try:
            dealt(_seats(rule, draft), len(draft.roll), as_time(rule.rest))
        except Impossible as lack:
            rest = f"，两班之间隔 {Duration.parse(rule.rest).in_words()}" if rule.rest else ""
            found["roll"] = (
                f"人不够：一班 {rule.per_shift} 个人{rest}，至少要 {lack.needed} 个人轮，"
                f"现在 {len(draft.roll)} 个。"
            )
    return found


def _seats(rule: RotaRule, draft: RotaDraft) -> list[Seat]:
    return seats(shifts_of(rule, draft), rule.per_shift, draft.since, draft.until)


def shifts_of(rule: RotaRule, draft: RotaDraft) -> list[Shift]:
    """The pack's shifts; those that were written where it has none."""
    return list(rule.shifts or draft.shifts)


def _rota_faults(rule: RotaRule, draft: RotaDraft) -> Iterator[tuple[str, str]]:
    shifts = shifts_of(rule, draft)
    if draft.until <= draft.since:
        yield UNTIL, f"要晚于开始的那天（{draft.since}）。"
    elif draft.until - draft.since > LONGEST:
        yield UNTIL, "一次最多排一年。"
    elif (draft.until - draft.since).days * len(shifts) * rule.per_shift > MOST_SEATS:
        yield UNTIL, f"一次最多排 {MOST_SEATS} 个班次，日子短一点，分几次排。"
    if not draft.roll:
        yield "roll", "选轮值的人。"
    elif len(set(draft.roll)) < len(draft.roll):
        yield "roll", "有人选了两次。"
    if not shifts:
        yield "shifts", "写一天有几班，一行一班，例如：上半夜 19:00-01:00。"
    elif len({one.id for one in shifts}) < len(shifts):
        yield "shifts", "班次的编号重了。"
    elif inside := nested(shifts):
        named = "；".join(f"{one.title}在{other.title}里面" for one, other in inside[:SHOWN])
        yield "shifts", f"一班不能套在另一班里面：{named}。"
