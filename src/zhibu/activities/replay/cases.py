"""Cases of an example: begun, acted on and looked at through the real actions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from zhibu.accounts import actions as accounts
from zhibu.accounts.models import User
from zhibu.activities.replay.situation import Situation, noon
from zhibu.activities.replay.typed import typed
from zhibu.cases import actions, queries
from zhibu.cases.forms import FieldsForm
from zhibu.cases.models import Case, Turn
from zhibu.cases.steps import Faulty, Step
from zhibu.core.fields import FieldSpec
from zhibu.core.verdicts import Refused
from zhibu.packs.schema.examples import Example, ExpectCase, GivenCase, GivenStep
from zhibu.packs.schema.procedures import Procedure

WHO = "who"


class Cases:
    """Differences are added to the list that was given."""

    def __init__(self, situation: Situation, example: Example, differences: list[str]) -> None:
        self.situation = situation
        self.example = example
        self.differences = differences
        self.begun: dict[int, Case] = {}
        self._secretary: User | None = None

    def days(self) -> Iterator[tuple[date, Any]]:
        """What happens, each with its day, in the order of the example."""
        for number, case in enumerate(self.example.given.case, 1):
            yield case.started_on, (self.begin, number, case)
            for index, step in enumerate(case.step, 1):
                yield step.on, (self.act, number, index, step)

    def begin(self, number: int, given: GivenCase) -> None:
        organization = self.situation.organization
        held = queries.procedures(organization, given.started_on).get(given.procedure)
        if held is None:
            self.differences.append(f"{given.started_on} 没有在用的程序 {given.procedure}")
            return
        rule = held.wording.item
        assert isinstance(rule, Procedure)
        values, faults = _cleaned(rule.fields, given.values)
        owner = self.situation.people[given.owner - 1] if given.owner else None

        def begin() -> None:
            self.begun[number] = actions.start(
                organization, procedure=given.procedure, wording=held.wording.since,
                title="示例事项", values=values, owner=owner, on=given.started_on,
                by=self._user(given.by), at=noon(given.started_on),
            )  # fmt: skip

        self._compare(f"第 {number} 件事开始", given.refused, faults or _told(begin))

    def act(self, number: int, index: int, given: GivenStep) -> None:
        where = f"第 {number} 件事第 {index} 步"
        case = self.begun.get(number)
        turn = case.turns.open().filter(stage=given.stage).first() if case else None
        if turn is None:
            self.differences.append(f"{where}：{given.on} 没有轮到 {given.stage}")
            return
        stage = turn.rule(turn.case.rule)
        values, faults = _cleaned(stage.fields, given.values)
        step = Step(
            outcome=given.outcome, happened_on=given.happened_on or given.on, values=values,
            reason=given.reason,
        )  # fmt: skip

        def act() -> None:
            actions.act(turn, step, by=self._user(given.by), at=noon(given.on))

        self._compare(where, given.refused, faults or _told(act))

    def look(self, expected: ExpectCase) -> None:
        case = self.begun.get(expected.case)
        where = f"第 {expected.case} 件事，{expected.on} 看"
        if case is None:
            self.differences.append(f"{where}：没有开始")
            return
        case.refresh_from_db()
        turns = {turn.stage: turn for turn in case.turns.open()}
        late = sorted(name for name, turn in turns.items() if turn.is_late(expected.on))
        self._must(f"{where}，轮到", sorted(expected.open), sorted(turns))
        self._must(f"{where}，超期", sorted(expected.overdue), late)
        self._must(f"{where}，办结叫什么", expected.ended_as, case.ended_as)
        self._must_be_days(f"{where}，期限", expected.due_on, turns, "due_on")
        self._must_be_days(f"{where}，哪天起", expected.not_before, turns, "not_before")

    def _must_be_days(
        self, what: str, expected: Mapping[str, date], turns: Mapping[str, Turn], column: str
    ) -> None:
        for name, day in sorted(expected.items()):
            found = getattr(turns[name], column) if name in turns else None
            self._must(f"{what} {name}", day, found)

    def _must(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.differences.append(f"{what}：应是 {expected or '没有'}，实际 {found or '没有'}")

    def _compare(self, where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> None:
        for name in sorted(set(told) - set(expected)):
            self.differences.append(f"{where}办不成：{name} {told[name]}")
        for name, says in sorted(expected.items()):
            said = told.get(name, "")
            if not said or says not in said:
                shown = f"“{said}”" if said else "没有提示"
                self.differences.append(f"{where}在 {name} 应提示“{says}”，实际{shown}")

    def _user(self, by: str) -> User:
        """The officer of the level above, or the secretary, who gets an account once."""
        if by == "above":
            return self.situation.officer
        if self._secretary is None:
            person, since = self.situation.people[0], self.example.given.organization.founded_on
            self._secretary, _ = accounts.issue(
                person_id=person.pk, name=person.name, wanted="shuji",
                path=self.situation.venue.path, organization=self.situation.venue.pk,
                by=self.situation.system, at=noon(since),
            )  # fmt: skip
        return self._secretary


def _cleaned(
    specs: Sequence[FieldSpec], values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Values as a form cleans what one types, and what it says of them."""
    known = {spec.id for spec in specs}
    form = FieldsForm({name: typed(value) for name, value in values.items()})
    form.ask(specs, may_lack=True)
    form.is_valid()
    faults = {name: " ".join(map(str, said)) for name, said in form.errors.items()}
    faults |= {name: "没有这个字段" for name in values if name not in known}
    return form.values(), faults


def _told(act: Any) -> dict[str, str]:
    """What the action said; {} where it went through."""
    try:
        act()
    except Faulty as faulty:
        return faulty.faults
    except Refused as refusal:
        return {WHO: refusal.verdict.reason}
    return {}
