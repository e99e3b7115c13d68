"""What happens in an example, step by step, for whoever writes a pack.

The same play as a replay: each step on a case is told with its day, who, the outcome, what
opened until when, what was refused with which words, and where it is otherwise than expected.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from zhibu.activities.replay import played
from zhibu.activities.replay.cases import Cases
from zhibu.cases.models import Case, Turn
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.examples import ExpectCase, GivenCase, GivenStep
from zhibu.packs.schema.procedures import Procedure

_HEAD = re.compile(r"\s*\[\[\s*(given\.case|given\.case\.step|case)\s*\]\]")


@dataclass(frozen=True, slots=True)
class Said:
    """One step, or one look. ``place`` is where it stands in the example, ``line`` in its file
    (0 where the file does not say it on lines of its own). ``differences``: what came out
    otherwise than the example says."""

    place: str
    day: date
    what: str
    who: str = ""
    opened: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """An example as it went; ``differences`` are those of no single step."""

    name: str
    title: str
    file: str
    steps: tuple[Said, ...]
    differences: tuple[str, ...]

    @property
    def is_as_expected(self) -> bool:
        return not self.every_difference

    @property
    def every_difference(self) -> list[str]:
        return [*(text for step in self.steps for text in step.differences), *self.differences]


def tell(pack: Pack, name: str) -> Told:
    """Play one example and tell how it went. Writes nothing that lasts, as ``replay``."""
    example, file = pack.examples[name], f"examples/{name}.toml"
    differences, play = played(pack, example, Telling)
    found = play.cases.told if play and isinstance(play.cases, Telling) else []
    numbers = lines_of(pack.files.get(file, ""))
    steps = tuple(replace(said, line=_line(numbers, said.place)) for said in found)
    theirs = [text for step in steps for text in step.differences]
    rest = tuple(text for text in differences if text not in theirs)
    return Told(name, example.title, file, steps, rest)


DEEDS = {
    "outcome": "", "post": "登记公示", "object": "记下异议", "answer": "答复异议",
    "claim": "认领", "release": "退回认领", "extend": "延期", "reopen": "重开",
    "reword": "转到新的写法", "excuse": "不再等一个人", "lapse": "到期没有来的，按期限算",
}  # fmt: skip


WHO = {"requester": "提出的人", "keeper": "收的组织的人", "deputy": "收的组织的另一个人"}


class Telling(Cases):
    """Cases of an example that remember how each step went."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.told: list[Said] = []
        self._answer: Mapping[str, str] = {}

    def begin(self, number: int, given: GivenCase) -> None:
        pack_id, _, name = given.procedure.partition(":")
        pack = library.packs().get(pack_id)
        wording = pack.wording_on("procedures", name, given.started_on) if pack else None
        title = wording.item.title if wording else given.procedure
        place = self._place(number)
        said = Said(place, given.started_on, f"开始：{title}", self._called(given.by))
        self._tell(said, number, lambda: super(Telling, self).begin(number, given))

    def act(self, number: int, index: int, given: GivenStep) -> None:
        case = self.begun.get(number)
        stage = case.rule.stage(given.stage or "") if case else None
        outcome = stage.outcome(given.outcome or "") if stage else None
        done = outcome.title if outcome else given.outcome or DEEDS[given.does]
        what = "：".join(filter(None, [stage.title if stage else given.stage, done]))
        if given.happened_on:
            what += f"（{given.happened_on} 办的）"
        said = Said(f"{self._place(number)}.step[{index - 1}]", given.on, what,
                    self._called(given.by))  # fmt: skip
        self._tell(said, number, lambda: super(Telling, self).act(number, index, given))

    def _place(self, number: int) -> str:
        """Where the n-th case stands in the file; one given several times says which."""
        given = [
            (index, time)
            for index, case in enumerate(self.example.given.case)
            for time in range(case.times)
        ]
        index, time = given[number - 1]
        place = f"given.case[{index}]"
        return f"{place}#{time + 1}" if self.example.given.case[index].times > 1 else place

    def look(self, expected: ExpectCase) -> None:
        index = next(i for i, one in enumerate(self.example.case) if one is expected)
        case = self.begun.get(expected.case)
        what = f"看第 {expected.case} 件事：{_stands(case, expected.on) if case else '没有开始'}"
        said = Said(f"case[{index}]", expected.on, what)
        self._tell(said, expected.case, lambda: super(Telling, self).look(expected))

    def _tell(self, said: Said, number: int, run: Callable[[], None]) -> None:
        """``run`` with what it opened, what it was told, what it found otherwise."""
        before, known = self._open(number), len(self.differences)
        self._answer = {}
        run()
        case = self.begun.get(number)
        opened = [turn for pk, turn in self._open(number).items() if pk not in before]
        told = [_word(turn, case.rule) for turn in opened] if case else []
        if case and said.place.startswith("given"):
            case.refresh_from_db()
            told += [f"整件事结束：{case.ended_as}"] if case.ended_as else []
        refused = tuple(f"{name}：{text}" for name, text in self._answer.items())
        self.told.append(
            replace(said, opened=tuple(told), refused=refused,
                    differences=tuple(self.differences[known:]))
        )  # fmt: skip

    def _open(self, number: int) -> dict[int, Turn]:
        case = self.begun.get(number)
        rows = case.turns.open().select_related("organization", "person") if case else ()
        return {turn.pk: turn for turn in rows}

    def _compare(self, where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> None:
        self._answer = told
        super()._compare(where, expected, told)

    def _called(self, by: str) -> str:
        if by in WHO:
            return WHO[by]
        return f"{'上级' if by == 'above' else '本组织'}的{self._user(by).display_name}"


def _word(turn: Turn, rule: Procedure) -> str:
    """A turn that opened: 整改，轮到示例党员2，2026-12-31 前."""
    who = turn.person.name if turn.person else turn.organization.called
    who = WHO["requester"] if turn.is_requesters else who
    since = f"，{turn.not_before} 起才能办" if turn.not_before else ""
    until = f"，{turn.due_on} 前" if turn.due_on else ""
    return f"{turn.rule(rule).title}，轮到{who}{since}{until}"


def _stands(case: Case, on: date) -> str:
    """Where a case is in the evening of a day, in words."""
    case.refresh_from_db()
    rows = case.turns.open().select_related("organization", "person").order_by("number")
    words = [f"{_word(turn, case.rule)}{'，超期' if turn.is_late(on) else ''}" for turn in rows]
    return "；".join(words) or case.ended_as or case.get_state_display()


def lines_of(text: str) -> dict[str, int]:
    """The line on which each case, step and look of an example's file begins, by place."""
    found: dict[str, int] = {}
    cases = steps = looks = -1
    for number, line in enumerate(text.splitlines(), 1):
        match = _HEAD.match(line)
        kind = match.group(1) if match else ""
        if kind == "given.case":
            cases, steps = cases + 1, -1
            found[f"given.case[{cases}]"] = number
        elif kind == "given.case.step":
            steps += 1
            found[f"given.case[{cases}].step[{steps}]"] = number
        elif kind == "case":
            looks += 1
            found[f"case[{looks}]"] = number
    return found


def _line(lines: Mapping[str, int], place: str) -> int:
    """Of a step that is written within the line of its case, that of the case."""
    return lines.get(place) or lines.get(place.partition(".step")[0], 0)


def written(told: Told) -> Iterator[str]:
    """An example as lines for a terminal."""
    yield f"例子 {told.name}：{told.title}"
    yield from (f"  {line}" for line in lines(told))
    yield f"  {'和写的一样' if told.is_as_expected else '有和写的不一样的'}"


def lines(told: Told) -> Iterator[str]:
    """How an example went, what belongs to a step set in under it."""
    for step in told.steps:
        who = f"，{step.who}" if step.who else ""
        where = f"{told.file}:{step.line}" if step.line else f"{told.file} {step.place}"
        yield f"{step.day} {step.what}{who}　[{where}]"
        yield from _set_in("接着", step.opened)
        yield from _set_in("没办成", step.refused)
        yield from _set_in("不一样！", (f"{text}　[{step.place}]" for text in step.differences))
    yield from _set_in("不一样！", told.differences)


def _set_in(head: str, texts: Iterable[str]) -> Iterator[str]:
    yield from (f"    {head}：{text}" for text in texts)
