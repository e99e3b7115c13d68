"""What a step on a case says before it is done, and what is wrong with it.

Nothing here writes. Faults are by field, so that a form shows each where it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from zhibu.cases import days
from zhibu.cases.models import Case, Turn, stored_values
from zhibu.core import fields
from zhibu.core.dates import Duration
from zhibu.core.fields import FieldSpec
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.base import Cite
from zhibu.packs.schema.procedures import Need, Outcome, Procedure, Stage, Wait, all_hold

OUTCOME, REASON, DAY, OWNER = "outcome", "reason", "happened_on", "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a turn ends: the outcome's id, cleaned values by field id, a reason, the day."""

    outcome: str
    happened_on: date
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


class Faulty(Exception):
    """A step that cannot be done; ``faults`` maps a field to what to mend."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("；".join(faults.values()))
        self.faults = dict(faults)


class Running:
    """A case with its procedure, its turns and what they say together. One query."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.pack: Pack = library.packs()[case.procedure.partition(":")[0]]
        self.procedure: Procedure = case.rule

    @cached_property
    def turns(self) -> list[Turn]:
        """By number, each with its organisation, person and whoever did it."""
        rows = self.case.turns.select_related("organization", "person", "by")
        return list(rows.order_by("number"))

    @property
    def open(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.is_open]

    def stage(self, turn: Turn) -> Stage:
        return turn.rule(self.procedure)

    @cached_property
    def done(self) -> dict[str, date]:
        """The day of the latest turn of each stage that was done, and of the start."""
        found = {days.START: self.case.started_on}
        for turn in self.turns:
            if turn.state == Turn.State.DONE and turn.happened_on:
                found[turn.stage] = turn.happened_on
        return found

    def is_joined(self, stage: Stage) -> bool:
        """Whether every stage that this one waits for is done and none of them open."""
        waiting = {turn.stage for turn in self.open}
        return all(name in self.done and name not in waiting for name in stage.joins)

    def due(self, stage: Stage, opened_on: date) -> date | None:
        limit = stage.limit
        named = self.case.facts.get(limit.by_field) if limit and limit.by_field else None
        return days.due(limit, self.done, opened_on, date.fromisoformat(named) if named else None)

    def cited(self, cites: Iterable[Cite]) -> str:
        """The first citation as a page writes it; that of the whole where a part has none."""
        cite = next(iter(cites), None) or self.procedure.cites[0]
        return self.pack.citation(cite)

    def word_wait(self, wait: Wait) -> str:
        """满 1年，从列为积极分子算起。"""
        stage = self.procedure.stage(wait.after)
        since = stage.title if stage else "开始"
        unit = "个工作日" if wait.counts == "working-days" else ""
        length = Duration.parse(wait.at_least)
        said = f"{length.days} {unit}" if unit else length.in_words()
        return f"要满 {said}，从“{since}”那天算起"


def store(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, Any]:
    """Cleaned values as they are kept; what says nothing is left out."""
    known = stored_values({spec.id: values.get(spec.id) for spec in specs})
    return {spec.id: fields.get(spec.type).store(known[spec.id])
            for spec in specs if spec.id in known}  # fmt: skip


def facts_after(
    before: Mapping[str, Any],
    specs: Sequence[FieldSpec],
    stored: Mapping[str, Any],
    outcome: Outcome,
) -> dict[str, Any]:
    """The facts of a case once a turn has ended so: what was emptied is gone, and an outcome
    that does without the fields (a refusal) changes none."""
    if outcome.skips_fields:
        return dict(before)
    asked = {spec.id for spec in specs}
    return {name: value for name, value in before.items() if name not in asked} | dict(stored)


def faults(running: Running, turn: Turn, step: Step, today: date) -> dict[str, str]:
    """Everything that keeps ``step`` from being done on ``turn``; {} where nothing does."""
    stage = running.stage(turn)
    outcome = stage.outcome(step.outcome)
    if outcome is None:
        return {OUTCOME: "选一个结果。"}
    found = _wrong_day(running, turn, stage, step.happened_on, today)
    stored = store(stage.fields, step.values)
    facts = facts_after(running.case.facts, stage.fields, stored, outcome)
    if not all_hold(outcome.when, facts):
        found[OUTCOME] = f"{outcome.says}依据 {running.cited(outcome.cites)}。"
    if outcome.reason and not step.reason.strip():
        found[REASON] = f"写明为什么{outcome.title}。"
    if not outcome.skips_fields:
        found |= missing(running, stage.fields, stage.needs, stored, facts)
    return found


def missing(
    running: Running,
    specs: Sequence[FieldSpec],
    needs: Sequence[Need],
    stored: Mapping[str, Any],
    facts: dict[str, Any],
) -> dict[str, str]:
    """Required fields that say nothing, and those that something else makes required."""
    found = {
        spec.id: f"“{spec.title}”要填。"
        for spec in specs
        if spec.required and spec.id not in stored
    }
    for need in needs:
        if all_hold(need.when, facts):
            cited = running.cited(need.cites)
            found |= {
                name: f"{need.says}依据 {cited}。" for name in need.fields if name not in facts
            }
    return found


def _wrong_day(
    running: Running, turn: Turn, stage: Stage, day: date, today: date
) -> dict[str, str]:
    if day > today:
        return {DAY: "日期在以后，办了再记。"}
    if day < turn.opened_on:
        return {DAY: f"早于上一步（{turn.opened_on}），请核对日期。"}
    for one in days.earliest(stage.waits, running.done):
        if one.day and day < one.day:
            return {
                DAY: f"{one.day} 起才能办：{running.word_wait(one.wait)}。"
                f"依据 {running.cited(one.wait.cites)}。"
            }
    return {}


def available(running: Running, turn: Turn) -> list[tuple[Outcome, str]]:
    """The outcomes of a turn, each with why it cannot be, "" where it can, by what is known."""
    stage = running.stage(turn)
    own = {spec.id for spec in stage.fields}
    return [
        (
            outcome,
            ""
            if all_hold(outcome.when, running.case.facts)
            or any(test.field in own for test in outcome.when)
            else f"{outcome.says}依据 {running.cited(outcome.cites)}。",
        )
        for outcome in stage.outcomes
    ]
