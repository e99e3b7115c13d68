"""A procedure in words, from its pack: its steps, whose turn, until when, how each ends and
what begins then; and where a case is on it. What the diagram draws, and its text alternative.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from zhibu.cases import days
from zhibu.cases.models import Turn
from zhibu.core.dates import Duration
from zhibu.organizations.models import Kind
from zhibu.packs.schema.procedures import Actor, Counts, Limit, Outcome, Procedure, Stage, Wait

WHO = {"owner": "责任人", "organization": "本组织", "requester": "提出的人"}
EVERYONE = {"full-members": "本组织的每一名正式党员", "committee": "本组织的每一名委员"}


class State(StrEnum):
    """Where a running case is with a stage."""

    DONE = "done"
    NOW = "now"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Mark:
    state: State
    text: str


Marks = Mapping[str, Mark]
Titles = Mapping[str, str]
UNMARKED: Marks = MappingProxyType({})
UNTITLED: Titles = MappingProxyType({})


def marks_of(turns: Iterable[Turn]) -> dict[str, Mark]:
    """Where a case is by its turns: what the latest of each stage says, and of those asked
    together one that is still open."""
    found = sorted(turns, key=lambda one: (one.round or one.number, one.is_open, one.number))
    return {turn.stage: _mark(turn) for turn in found}


def _mark(turn: Turn) -> Mark:
    match turn.state:
        case Turn.State.OPEN:
            until = f"，{_day(turn.due_on)}前" if turn.due_on else ""
            return Mark(State.NOW, f"现在在这一步{until}")
        case Turn.State.DONE:
            assert turn.happened_on
            return Mark(State.DONE, f"{_day(turn.happened_on)}办了")
        case _:
            return Mark(State.SKIPPED, "不用办了")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class Way:
    """One outcome: what it is called, what comes then; whether all ends there."""

    outcome: str
    then: str
    ends: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A stage in words."""

    stage: str
    title: str
    who: str
    terms: tuple[str, ...]
    ways: tuple[Way, ...]
    mark: Mark | None = None


def table(procedure: Procedure, *, posts: Titles = UNTITLED, marks: Marks = UNMARKED) -> list[Row]:
    """Every stage in the order of the pack. ``posts``: titles of posts by id."""
    return [
        Row(
            stage.id, stage.title, who(procedure, stage.actor, posts), terms(procedure, stage),
            tuple(_ways(procedure, stage)), marks.get(stage.id),
        )
        for stage in procedure.stages
    ]  # fmt: skip


def _ways(procedure: Procedure, stage: Stage) -> Iterable[Way]:
    for outcome in stage.outcomes:
        then = "、".join(title(procedure, to) for to in outcome.to)
        yield Way(outcome.title, then or _end(outcome), not outcome.to)


def _end(outcome: Outcome) -> str:
    """What is said where nothing begins: all may not be over yet, if another way is open."""
    called = f"：{outcome.ends_as}" if outcome.ends_as not in ("", outcome.title) else ""
    if outcome.closes:
        return f"全部结束{called}"
    return f"办结{called}" if outcome.ends_as else "到此为止"


def beginning(procedure: Procedure, posts: Titles = UNTITLED) -> str:
    """Who begins it, and with what."""
    first = "、".join(title(procedure, name) for name in procedure.start)
    return f"由{who(procedure, procedure.starter, posts)}开始，先办{first}。"


def reopening(procedure: Procedure, posts: Titles = UNTITLED) -> str:
    """Who takes it up again, and where it goes on; "" where nobody does."""
    if procedure.reopening is None:
        return ""
    names = "、".join(title(procedure, name) for name in procedure.reopening.to)
    return f"办结以后能由{who(procedure, procedure.reopening.actor, posts)}重开，接着办{names}。"


def who(procedure: Procedure, actor: Actor, posts: Titles = UNTITLED) -> str:
    """Whose turn it is: 本组织的书记，不能是办过“整改”的人."""
    found = _who(procedure, actor)
    if actor.posts:
        found += f"的{'、'.join(posts.get(post, post) for post in actor.posts)}"
    if actor.apart_from:
        names = "、".join(f"“{title(procedure, name)}”" for name in actor.apart_from)
        found += f"，不能是办过{names}的人"
    return found


def _who(procedure: Procedure, actor: Actor) -> str:
    """上级党委里认领的人."""
    match actor.who:
        case "above":
            kinds = "、".join(Kind(kind).label for kind in actor.kinds) or "组织"
            found = f"上级{kinds}" if actor.levels == 1 else f"往上第 {actor.levels} 级{kinds}"
        case "subject":
            found = procedure.subject.title if procedure.subject else "本人"
        case "field":
            found = f"“{_field(procedure, actor.field)}”写的组织"
        case "body":
            found = f"本组织的{Kind(str(actor.kind)).label}"
        case "everyone":
            found = EVERYONE[str(actor.roll)]
        case _:
            found = WHO[actor.who]
    if not actor.claimed:
        return found
    return f"{found}里认领的人{'，或者报到的党员、单位' if actor.registered_too else ''}"


def terms(procedure: Procedure, stage: Stage) -> tuple[str, ...]:
    """What it waits for, not before, until when, no more than what."""
    joined = "、".join(f"“{title(procedure, name)}”" for name in stage.joins)
    return (
        *([f"{joined}都办了才开始"] if joined else []),
        *(_wait(procedure, wait) for wait in stage.waits),
        *(said for limit in stage.limits for said in _limits(procedure, limit)),
        *([_lapse(stage)] if stage.lapses else []),
        *(
            f"“{_field(procedure, one.field)}”不能多于“{_field(procedure, one.than)}”"
            for one in stage.no_more
        ),
    )


def _wait(procedure: Procedure, wait: Wait) -> str:
    length = _length(wait.at_least, wait.counts)
    since = title(procedure, wait.after) if wait.after else _field(procedure, wait.after_field)
    if Duration.parse(wait.at_least).is_nothing:
        return f"不能早于“{since}”"
    return f"“{since}”后满 {length}才能办"


def _field(procedure: Procedure, name: str | None) -> str:
    spec = procedure.specs().get(name or "")
    return spec.title if spec else name or ""


def _limits(procedure: Procedure, limit: Limit) -> Iterable[str]:
    """A sentence a limit; one for each choice where it goes by a choice."""
    if limit.by_choice is None:
        yield _limit(procedure, limit)
        return
    for choice in procedure.specs()[limit.by_choice.field].choices:
        one = limit.for_facts({limit.by_choice.field: choice.id})
        if one is not None:
            yield f"“{choice.title}”{_limit(procedure, one)}"


def _lapse(stage: Stage) -> str:
    """What a turn comes to that the requester does not use."""
    outcome = stage.outcome(stage.lapses or "")
    return f"过了期限没有来，按“{outcome.title if outcome else ''}”算"


def _limit(procedure: Procedure, limit: Limit) -> str:
    if limit.by_field:
        return f"期限是“{_field(procedure, limit.by_field)}”"
    assert limit.within is not None
    after = f"“{title(procedure, limit.after)}”后 " if limit.after else ""
    return f"{after}{_length(limit.within, limit.counts)}内办"


def _length(text: str, counts: Counts) -> str:
    duration = Duration.parse(text)
    return f"{duration.days} 个工作日" if counts == "working-days" else duration.in_words()


def title(procedure: Procedure, name: str) -> str:
    stage = procedure.stage(name)
    return stage.title if stage else ("开始" if name == days.START else name)
